//! How asynchronous invocations are retried and where they end: `GetFunctionEventInvokeConfig` and its `Put`.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, ok};
use crate::lambda::function::{Asynchronous, Function};
use crate::wire::ApiError;

pub(super) fn get(function: &Function) -> Result<Response, ApiError> {
    let settings = function.asynchronous();
    if !settings.configured {
        let message = format!("The function {}:$LATEST doesn't have an EventInvokeConfig", function.arn);
        return Err(ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message));
    }
    Ok(ok(&document(function, &settings)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Config {
    maximum_retry_attempts: Option<usize>,
    maximum_event_age_in_seconds: Option<u64>,
    #[serde(default, rename = "DestinationConfig")]
    destinations: Destinations,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destinations {
    #[serde(default)]
    on_success: Destination,
    #[serde(default)]
    on_failure: Destination,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Destination {
    destination: Option<String>,
}

/// Replaces the whole configuration, as AWS does: what is not given goes back to its default.
pub(super) fn put(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let config: Config = call.json()?;
    let retries = config.maximum_retry_attempts.unwrap_or(2);
    let age = config.maximum_event_age_in_seconds.unwrap_or(21_600);
    if retries > 2 || !(60..=21_600).contains(&age) {
        let message = "MaximumRetryAttempts must be 0 to 2, MaximumEventAgeInSeconds 60 to 21600";
        return Err(ApiError::bad_request("ValidationException", message));
    }
    let Destinations { on_success, on_failure } = config.destinations;
    for arn in [&on_success.destination, &on_failure.destination].into_iter().flatten() {
        if !arn.starts_with("arn:aws:sqs:") {
            let message = format!("not implemented: the destination {arn} is not an SQS queue");
            return Err(ApiError::bad_request("InvalidParameterValueException", message));
        }
    }
    let settings = function.update_asynchronous(|settings| {
        settings.retries = retries;
        settings.max_age = Duration::from_secs(age);
        settings.on_success = on_success.destination;
        settings.on_failure = on_failure.destination;
    });
    Ok(ok(&document(function, &settings)))
}

fn document(function: &Function, settings: &Asynchronous) -> Value {
    let destination = |arn: &Option<String>| arn.as_ref().map_or_else(|| json!({}), |arn| json!({"Destination": arn}));
    json!({
        "FunctionArn": format!("{}:$LATEST", function.arn),
        "LastModified": settings.modified.as_second(),
        "MaximumRetryAttempts": settings.retries,
        "MaximumEventAgeInSeconds": settings.max_age.as_secs(),
        "DestinationConfig": {
            "OnSuccess": destination(&settings.on_success),
            "OnFailure": destination(&settings.on_failure),
        },
    })
}
