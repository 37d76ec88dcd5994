//! `GetFunctionEventInvokeConfig` and `PutFunctionEventInvokeConfig`.

use std::time::Duration;

use axum::response::Response;
use imgwatch_shared::arn::Arn;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, missing, ok, within};
use crate::common::wire::ApiError;
use crate::lambda::function::{Asynchronous, Function};
use crate::lambda::queue::{MOST_AGE, MOST_RETRIES};
use crate::lambda::{Lambda, arn_of, with_version};

pub(super) fn get(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let name = call.name(lambda)?;
    let none = || {
        let arn = arn_of(lambda, &with_version(&name));
        missing(format!("The function {arn} doesn't have an EventInvokeConfig"))
    };
    let function = lambda.find(&name).ok_or_else(none)?;
    let settings = function.asynchronous();
    if !settings.configured {
        return Err(none());
    }
    Ok(ok(&document(&function, &settings)))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Config {
    maximum_retry_attempts: Option<usize>,
    maximum_event_age_in_seconds: Option<u64>,
    #[serde(rename = "DestinationConfig")]
    destinations: Option<Destinations>,
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
pub(super) fn put(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let config: Config = call.json()?;
    let (retries, age) = (config.maximum_retry_attempts, config.maximum_event_age_in_seconds);
    if let Some(retries) = retries {
        within("maximumRetryAttempts", retries as u64, 0, MOST_RETRIES as u64)?;
    }
    if let Some(age) = age {
        within("maximumEventAgeInSeconds", age, 60, MOST_AGE.as_secs())?;
    }
    let function = lambda.find(&call.name(lambda)?).ok_or_else(|| missing("The function doesn't exist."))?;
    let refused = |message: &str| Err(ApiError::bad_request("InvalidParameterValueException", message));
    if retries.is_none() && age.is_none() && config.destinations.is_none() {
        return refused("You must specify at least one of error handling or destination setting.");
    }
    let Destinations { on_success, on_failure } = config.destinations.unwrap_or_default();
    for arn in [&on_success.destination, &on_failure.destination].into_iter().flatten() {
        if *arn == function.arn {
            return refused("You can't specify the function as a destination for itself.");
        }
        if Arn::parse(arn).is_none_or(|arn| arn.service != "sqs") {
            return refused(&format!("not implemented: the destination {arn} is not an SQS queue"));
        }
    }
    let (function, age) = (&*function, age.map(Duration::from_secs));
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
