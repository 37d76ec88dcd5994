//! Whether Lambda writes its own lines of each invocation into the log: only then does their absence say something.

use aws_sdk_lambda::types::{LogFormat, LoggingConfig, SystemLogLevel};

use crate::cloud::connection::Connection;
use crate::cloud::connection::clients::Cloud;
use crate::msg::Update;

/// Reads the function's configuration once. Where it may not be read, nothing is said: the log itself may still show it.
pub(super) async fn read(connection: &Connection, cloud: &Cloud) {
    let lambda = aws_sdk_lambda::Client::new(&cloud.config);
    let answer = Box::pin(lambda.get_function_configuration().function_name(&cloud.function).send()).await;
    if let Some(config) = answer.ok().as_ref().and_then(|answer| answer.logging_config()) {
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
