//! `GetFunctionEventInvokeConfig` and `PutFunctionEventInvokeConfig`.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use imgwatch_shared::arn::Arn;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, ok};
use crate::common::wire::ApiError;
use crate::lambda::function::{Asynchronous, Function};
use crate::lambda::queue::{MOST_AGE, MOST_RETRIES};

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

/// Replaces the whole configuration, as AWS does: members that are not given get their defaults.
pub(super) fn put(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let config: Config = call.json()?;
    let (retries, age) = (config.maximum_retry_attempts, config.maximum_event_age_in_seconds.map(Duration::from_secs));
    let is_age = |age: Duration| (Duration::from_secs(60)..=MOST_AGE).contains(&age);
    if retries.is_some_and(|retries| retries > MOST_RETRIES) || !age.is_none_or(is_age) {
        let message = "MaximumRetryAttempts must be 0 to 2, MaximumEventAgeInSeconds 60 to 21600";
        return Err(ApiError::bad_request("ValidationException", message));
    }
    let Destinations { on_success, on_failure } = config.destinations;
    for arn in [&on_success.destination, &on_failure.destination].into_iter().flatten() {
        if Arn::parse(arn).is_none_or(|arn| arn.service != "sqs") {
            let message = format!("not implemented: the destination {arn} is not an SQS queue");
            return Err(ApiError::bad_request("InvalidParameterValueException", message));
        }
    }
    let settings = function.update_asynchronous(|settings| {
        settings.retries = retries;
        settings.max_age = age;
        settings.on_success = on_success.destination;
        settings.on_failure = on_failure.destination;
    });
    Ok(ok(&document(function, &settings)))
}

fn document(function: &Function, settings: &Asynchronous) -> Value {
    let destination = |arn: &Option<String>| arn.as_ref().map_or_else(|| json!({}), |arn| json!({"Destination": arn}));
    let mut document = json!({
        "FunctionArn": format!("{}:$LATEST", function.arn),
        "LastModified": settings.modified.as_second(),
        "DestinationConfig": {
            "OnSuccess": destination(&settings.on_success),
            "OnFailure": destination(&settings.on_failure),
        },
    });
    if let Some(retries) = settings.retries {
        document["MaximumRetryAttempts"] = retries.into();
    }
    if let Some(age) = settings.max_age {
        document["MaximumEventAgeInSeconds"] = age.as_secs().into();
    }
    document
}
