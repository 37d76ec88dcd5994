//! `CreateFunction` and `DeleteFunction`. A request names one of the programs that the user has named; it brings no code,
//! because every program that can send requests could then run any code here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use imgwatch_shared::arn::{self, Arn};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::configuration::{Environment, LoggingConfig, document, read_logging};
use super::{Call, variables, violation, within};
use crate::common::wire::{self, ApiError};
use crate::lambda::function::{Code, Function};
use crate::lambda::{Lambda, not_found};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Create {
    function_name: String,
    role: String,
    runtime: Option<String>,
    handler: Option<String>,
    // AWS requires it. The program is named by the handler, so that an archive has no effect.
    #[serde(rename = "Code")]
    _code: IgnoredAny,
    description: Option<String>,
    timeout: Option<u64>,
    memory_size: Option<u32>,
    environment: Option<Environment>,
    logging_config: Option<LoggingConfig>,
    package_type: Option<String>,
    publish: Option<bool>,
}

/// The default timeout and memory size of AWS.
const TIMEOUT: u64 = 3;
const MEMORY_MB: u32 = 128;

pub(super) fn create(lambda: &Arc<Lambda>, call: &Call) -> Result<Response, ApiError> {
    let create: Create = call.json()?;
    let invalid = |message: String| Err(ApiError::bad_request("InvalidParameterValueException", message));
    let (name, qualifier) = arn::function(&create.function_name);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if qualifier.is_some() || name.is_empty() || name.len() > 64 || !name.bytes().all(is_allowed) {
        let constraint = "Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}";
        return Err(violation("functionName", &create.function_name, constraint));
    }
    within("timeout", create.timeout.unwrap_or(TIMEOUT), 1, 900)?;
    within("memorySize", create.memory_size.unwrap_or(MEMORY_MB).into(), 128, 10_240)?;
    if Arn::parse(&create.role).is_none_or(|role| role.service != "iam" || !role.resource.starts_with("role/")) {
        let pattern = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
        let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
        return Err(violation("role", &create.role, &constraint));
    }
    if create.package_type.as_deref().is_some_and(|kind| kind != "Zip") || create.publish == Some(true) {
        return invalid("not implemented: container images, and versions".to_owned());
    }
    let environment = create.environment.map(|environment| environment.variables).unwrap_or_default();
    variables::check(&environment)?;
    let handler = create.handler.unwrap_or_default();
    let Some(command) = lambda.program(&handler).or_else(|| lambda.program(name)) else {
        return invalid(format!(
            "this local cloud has no program {handler:?} or {name:?}: the handler, or the function's name, must be that \
             of a program that was given with --handler NAME=PROGRAM"
        ));
    };
    let runtime = create.runtime.unwrap_or_else(|| "provided.al2023".to_owned());
    let code = Code { command, role: create.role, runtime, handler };
    let function = new(lambda, name, code, environment);
    let logging = create.logging_config.map(|config| read_logging(config, &function.settings())).transpose()?;
    let settings = function.update(|settings| {
        settings.description = create.description.unwrap_or_default();
        settings.timeout = Duration::from_secs(create.timeout.unwrap_or(TIMEOUT));
        settings.memory_mb = create.memory_size.unwrap_or(MEMORY_MB);
        if let Some(logging) = logging {
            logging.store(settings);
        }
    });
    if !lambda.add(&function) {
        let message = format!("Function already exist: {name}");
        return Err(ApiError::new(StatusCode::CONFLICT, "ResourceConflictException", message));
    }
    Ok(wire::json(StatusCode::CREATED, &document(&function, &settings)))
}

/// A function with AWS's default log format.
fn new(lambda: &Lambda, name: &str, code: Code, environment: BTreeMap<String, String>) -> Arc<Function> {
    let function = Arc::new(Function::new(lambda, name, code, environment));
    function.update(|settings| settings.log_format = crate::options::LogFormat::Text);
    function
}

pub(super) fn delete(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let name = call.name(lambda)?;
    let (unqualified, qualifier) = arn::function(&name);
    if qualifier.is_some() {
        let message = "$LATEST version cannot be deleted without deleting the function.";
        return Err(ApiError::bad_request("InvalidParameterValueException", message));
    }
    if lambda.remove(unqualified) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Err(not_found(lambda, &name))
}
