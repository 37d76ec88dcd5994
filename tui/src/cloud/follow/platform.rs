//! What the function's configuration says of its log and its topics. Only where Lambda writes its own lines of each invocation
//! does their absence say something.

use std::time::Duration;

use aws_sdk_lambda::types::{LogFormat, LoggingConfig, SystemLogLevel};

use crate::cloud::connection::Connection;
use crate::cloud::connection::back_off::{self, BackOff};
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::problem;
use crate::cloud::wiring::function;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Waits after a failure that passes, from the first to the longest.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Reads the function's configuration. Where it may not be read, nothing is said: the log itself may still show it.
pub(super) async fn read(connection: &Connection, cloud: &Cloud, function: &str) {
    let lambda = aws_sdk_lambda::Client::new(&cloud.config);
    let mut back_off = BackOff::new(BACK_OFF.0, BACK_OFF.1);
    let answer = loop {
        match Box::pin(lambda.get_function_configuration().function_name(function).send()).await {
            Ok(answer) => break answer,
            Err(error) if problem::kind(&error).is_transient() => {
                tokio::time::sleep(back_off::spread(back_off.wait())).await;
            }
            Err(_) => return,
        }
    };
    let topics = function::topics(&answer).iter().map(|topic| Clean::new(topic)).collect();
    connection.send(Update::PublishesTo(topics)).await;
    if let Some(config) = answer.logging_config() {
        connection.send(Update::PlatformLines(are_written(config))).await;
    }
}

/// Text logs always have them; JSON logs from the level INFO on, which is the default.
fn are_written(config: &LoggingConfig) -> bool {
    config.log_format() != Some(&LogFormat::Json) || config.system_log_level() != Some(&SystemLogLevel::Warn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_logs_from_warn_on_lack_them() {
        let config = |format, level| LoggingConfig::builder().log_format(format).set_system_log_level(level).build();
        for (config, expected) in [
            (config(LogFormat::Text, None), true),
            (config(LogFormat::Json, None), true),
            (config(LogFormat::Json, Some(SystemLogLevel::Info)), true),
            (config(LogFormat::Json, Some(SystemLogLevel::Debug)), true),
            (config(LogFormat::Json, Some(SystemLogLevel::Warn)), false),
        ] {
            assert_eq!(are_written(&config), expected, "{config:?}");
        }
    }
}
