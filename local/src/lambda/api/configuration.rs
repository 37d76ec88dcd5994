//! A function's configuration, logging included, and its reserved concurrency.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use imgwatch_shared::arn;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, ok, variables, violation, within};
use crate::common::wire::ApiError;
use crate::lambda::function::{Function, Settings};
use crate::lambda::stream::{APPLICATION, Level, SYSTEM};
use crate::lambda::{Lambda, not_found, with_version};
use crate::options::LogFormat;

/// The concurrency of an account, and how much of it no function may reserve.
const MOST_CONCURRENT: usize = 1000;
const LEAST_UNRESERVED: usize = 100;

/// All versions are the latest one, so that `FunctionVersion` changes nothing.
pub(super) fn list(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    if let Some(version) = call.query("FunctionVersion").filter(|version| *version != "ALL") {
        return Err(violation("functionVersion", version, "Member must satisfy enum value set: [ALL]"));
    }
    let functions: Vec<Value> = lambda.all().iter().map(|function| document(function, &function.settings())).collect();
    Ok(ok(&json!({ "Functions": functions })))
}

pub(super) fn get(function: &Function) -> Response {
    ok(&document(function, &function.settings()))
}

/// `Code` is empty: the code is a program on this machine, and there is no archive to download.
pub(super) fn get_function(function: &Function) -> Response {
    ok(&json!({"Configuration": document(function, &function.settings()), "Code": {}, "Tags": {}}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Update {
    // The AWS SDKs repeat it in the path only, but some clients send it here too.
    #[serde(rename = "FunctionName")]
    _function_name: Option<String>,
    description: Option<String>,
    timeout: Option<u64>,
    memory_size: Option<u32>,
    environment: Option<Environment>,
    logging_config: Option<LoggingConfig>,
    revision_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Environment {
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
}

pub(super) fn update(function: &Function, call: &Call) -> Result<Response, ApiError> {
    let update: Update = call.json()?;
    if let Some(seconds) = update.timeout {
        within("timeout", seconds, 1, 900)?;
    }
    if let Some(megabytes) = update.memory_size {
        within("memorySize", megabytes.into(), 128, 10_240)?;
    }
    if let Some(environment) = &update.environment {
        variables::check(&environment.variables)?;
    }
    let before = function.settings();
    let logging = update.logging_config.map(|config| read_logging(config, &before)).transpose()?;
    if update.revision_id.is_some_and(|id| id != function.settings().revision) {
        let message = "The Revision Id provided does not match the latest Revision Id. Call the \
                       GetFunction/GetAlias API to retrieve the latest Revision Id";
        return Err(ApiError::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailedException", message));
    }
    let settings = function.update(|settings| {
        settings.description = update.description.unwrap_or(std::mem::take(&mut settings.description));
        settings.timeout = update.timeout.map_or(settings.timeout, Duration::from_secs);
        settings.memory_mb = update.memory_size.unwrap_or(settings.memory_mb);
        if let Some(logging) = logging {
            logging.store(settings);
        }
        if let Some(environment) = update.environment {
            settings.environment = environment.variables;
        }
    });
    Ok(ok(&document(function, &settings)))
}

/// AWS has whole seconds only, and at least one.
fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

pub(super) fn document(function: &Function, settings: &Settings) -> Value {
    let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
    json!({
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": function.code.runtime,
        "Role": function.code.role,
        "Handler": function.code.handler,
        "CodeSize": std::fs::metadata(&function.code.command.program).map_or(0, |program| program.len()),
        "Description": settings.description,
        "Timeout": whole_seconds(settings.timeout),
        "MemorySize": settings.memory_mb,
        "LastModified": settings.modified.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string(),
        "Version": "$LATEST",
        "Environment": {"Variables": settings.environment},
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": settings.revision,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": [architecture],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": logging_document(function, settings),
    })
}

/// `GetFunctionConcurrency`.
pub(super) fn concurrency(function: &Function) -> Response {
    ok(&match function.reserved() {
        Some(most) => json!({"ReservedConcurrentExecutions": most}),
        None => json!({}),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Concurrency {
    reserved_concurrent_executions: usize,
}

pub(super) fn put_concurrency(lambda: &Lambda, call: &Call) -> Result<Response, ApiError> {
    let name = call.name(lambda)?;
    let function = lambda.find(&name).ok_or_else(|| not_found(lambda, &with_version(&name)))?;
    let refused = |message: String| Err(ApiError::bad_request("InvalidParameterValueException", message));
    if arn::function(&name).1.is_some() {
        return refused(
            "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. \
             Please specify either a function name or an unqualified function ARN."
                .to_owned(),
        );
    }
    let asked: Concurrency = call.json()?;
    if asked.reserved_concurrent_executions > MOST_CONCURRENT - LEAST_UNRESERVED {
        return refused(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
             below its minimum value of [{LEAST_UNRESERVED}]."
        ));
    }
    function.reserve(Some(asked.reserved_concurrent_executions));
    Ok(self::concurrency(&function))
}

pub(super) fn delete_concurrency(function: &Function) -> Response {
    function.reserve(None);
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct LoggingConfig {
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
    log_group: Option<String>,
}

/// A checked configuration, which is stored once the rest of the request is valid.
pub(super) struct Logging {
    format: LogFormat,
    application: Level,
    system: Level,
    group: Option<String>,
}

/// Reads a configuration; members that are not given keep their values. Only the JSON format has levels.
pub(super) fn read_logging(config: LoggingConfig, before: &Settings) -> Result<Logging, ApiError> {
    let format = config.log_format.map_or(Ok(before.log_format), |name| log_format(&name))?;
    let has_levels = config.application_log_level.is_some() || config.system_log_level.is_some();
    if format == LogFormat::Text && has_levels {
        let message = "Log levels can only be set when the log format is JSON.";
        return Err(ApiError::bad_request("InvalidParameterValueException", message));
    }
    let of = |name: &str, given: Option<String>, known: &[Level], before: Level| match given {
        Some(given) => level(name, &given, known),
        None => Ok(before),
    };
    Ok(Logging {
        format,
        application: of("applicationLogLevel", config.application_log_level, &APPLICATION, before.application_level)?,
        system: of("systemLogLevel", config.system_log_level, &SYSTEM, before.system_level)?,
        group: config.log_group.or_else(|| before.log_group.clone()),
    })
}

impl Logging {
    pub(super) fn store(self, settings: &mut Settings) {
        settings.log_format = self.format;
        settings.application_level = self.application;
        settings.system_level = self.system;
        settings.log_group = self.group;
    }
}

/// As the configuration shows it.
fn logging_document(function: &Function, settings: &Settings) -> Value {
    let group = function.log_group(settings);
    match settings.log_format {
        LogFormat::Text => json!({"LogFormat": "Text", "LogGroup": group}),
        LogFormat::Json => json!({
            "LogFormat": "JSON",
            "ApplicationLogLevel": settings.application_level.name(),
            "SystemLogLevel": settings.system_level.name(),
            "LogGroup": group,
        }),
    }
}

fn log_format(name: &str) -> Result<LogFormat, ApiError> {
    match name {
        "JSON" => Ok(LogFormat::Json),
        "Text" => Ok(LogFormat::Text),
        other => Err(not_in("logFormat", other, &["JSON", "Text"])),
    }
}

fn level(name: &str, given: &str, known: &[Level]) -> Result<Level, ApiError> {
    let names: Vec<&str> = known.iter().map(|level| level.name()).collect();
    known.iter().copied().find(|level| level.name() == given).ok_or_else(|| not_in(name, given, &names))
}

fn not_in(name: &str, given: &str, known: &[&str]) -> ApiError {
    let constraint = format!("Member must satisfy enum value set: [{}]", known.join(", "));
    violation(&format!("loggingConfig.{name}"), given, &constraint)
}
