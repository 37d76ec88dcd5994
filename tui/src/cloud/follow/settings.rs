//! What the function's configuration says of its log and its topics. Where Lambda's own lines are left out, their absence
//! says nothing.

use std::time::Duration;

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{ApplicationLogLevel, LogFormat, Runtime, SystemLogLevel};
use jiff::Timestamp;

use crate::cloud::connection::back_off::{self, BackOff};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem;
use crate::cloud::wiring::function;
use crate::domain::evidence::FunctionTimeout;
use crate::domain::log::LogSettings;
use crate::text::clean::Clean;

/// Waits after a failure that passes, from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// What a function's configuration says of where it publishes, and of its log.
pub(super) struct Configuration {
    pub(super) topics: Vec<Clean>,
    pub(super) log: LogSettings,
    pub(super) timeout: Option<FunctionTimeout>,
}

/// What a function's configuration says of its topics and of its log. Where it may not be read, nothing is known of the log,
/// which may still show it.
pub(super) async fn read(cloud: &Cloud, function: &str) -> Option<Configuration> {
    let at = Timestamp::now();
    let lambda = aws_sdk_lambda::Client::new(&cloud.config);
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    let answer = loop {
        match Box::pin(lambda.get_function_configuration().function_name(function).send()).await {
            Ok(answer) => break answer,
            Err(error) if problem::kind(&error).is_transient() => {
                tokio::time::sleep(back_off::spread(back_off.wait())).await;
            }
            Err(_) => return None,
        }
    };
    let topics = function::topics(&answer).iter().map(|topic| Clean::new(topic)).collect();
    let timeout = answer.timeout().and_then(|seconds| u16::try_from(seconds).ok());
    Some(Configuration {
        topics,
        log: settings(&answer),
        timeout: timeout.map(|seconds| FunctionTimeout { at, seconds }),
    })
}

fn settings(answer: &GetFunctionConfigurationOutput) -> LogSettings {
    let logging = answer.logging_config();
    LogSettings {
        runtime: answer.runtime().map(Runtime::as_str).map(Clean::new),
        format: logging.and_then(|it| it.log_format()).map(LogFormat::as_str).map(Clean::new),
        application_level: logging
            .and_then(|it| it.application_log_level())
            .map(ApplicationLogLevel::as_str)
            .map(Clean::new),
        system_level: logging.and_then(|it| it.system_log_level()).map(SystemLogLevel::as_str).map(Clean::new),
    }
}
