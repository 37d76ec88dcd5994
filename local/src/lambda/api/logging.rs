//! `LoggingConfig`: the log's format, levels and group.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::common::wire::ApiError;
use crate::lambda::function::{Function, Settings};
use crate::lambda::level::{APPLICATION, Level, SYSTEM};
use crate::options::LogFormat;

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
pub(super) fn read(config: LoggingConfig, before: &Settings) -> Result<Logging, ApiError> {
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
pub(super) fn document(function: &Function, settings: &Settings) -> Value {
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
    let message = format!(
        "1 validation error detected: Value '{given}' at 'loggingConfig.{name}' failed to satisfy constraint: Member \
         must satisfy enum value set: [{}]",
        known.join(", ")
    );
    ApiError::bad_request("ValidationException", message)
}
