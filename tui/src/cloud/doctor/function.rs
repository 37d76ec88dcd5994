//! The function: its configuration, who may invoke it, what becomes of failed events, and what its log says.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::LogGroup as SdkLogGroup;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{ApplicationLogLevel, LastUpdateStatus, LogFormat, Runtime, State, SystemLogLevel};
use imgwatch_shared::record::{LogRecord, Outcome};
use jiff::Timestamp;
use serde_json::Value;

use super::look::Looker;
use crate::model::doctor::findings::{EventInvoke, Function, LogGroup, Look};
use crate::text::clean::Clean;

/// Variables that hold no secrets, and may therefore be shown and written into a command.
const HARMLESS: [&str; 9] = [
    "SNS_TOPIC_ARN",
    "IMAGE_TYPES",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SNS",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "TZ",
];

/// How far back the log is searched for failures.
const RECENT: Duration = Duration::from_hours(1);

/// Pages of the log that are searched, empty ones included.
const PAGES: usize = 20;

/// Failures of the last hour that are told.
const FAILURES: usize = 3;

/// The function's configuration.
pub(super) async fn configuration(looker: Looker<'_>, lambda: &aws_sdk_lambda::Client, name: &str) -> Look<Function> {
    let request = lambda.get_function_configuration().function_name(name).send();
    looker.at("lambda:GetFunctionConfiguration", request).await.map(|answer| read(&answer))
}

fn read(answer: &GetFunctionConfigurationOutput) -> Function {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Clean::new);
    let environment = answer.environment();
    let given = environment.and_then(|environment| environment.variables());
    let mut variables = BTreeMap::new();
    for (name, value) in given.into_iter().flatten().filter(|(name, _)| HARMLESS.contains(&name.as_str())) {
        variables.insert(name.clone(), Clean::new(value));
    }
    let logging = answer.logging_config();
    Function {
        arn: Clean::new(answer.function_arn().unwrap_or_default()),
        state: text(answer.state().map(State::as_str)),
        state_reason: text(answer.state_reason()),
        last_update: text(answer.last_update_status().map(LastUpdateStatus::as_str)),
        last_update_reason: text(answer.last_update_status_reason()),
        runtime: text(answer.runtime().map(Runtime::as_str)),
        architectures: answer.architectures().iter().map(|it| Clean::new(it.as_str())).collect(),
        timeout: answer.timeout(),
        memory: answer.memory_size(),
        role: text(answer.role()),
        dead_letter_arn: text(answer.dead_letter_config().and_then(|config| config.target_arn())),
        has_other_variables: given.is_some_and(|given| given.len() > variables.len()),
        variables,
        variables_error: text(environment.and_then(|it| it.error()).and_then(|error| error.message())),
        log_format: text(logging.and_then(|it| it.log_format()).map(LogFormat::as_str)),
        application_level: text(logging.and_then(|it| it.application_log_level()).map(ApplicationLogLevel::as_str)),
        system_level: text(logging.and_then(|it| it.system_log_level()).map(SystemLogLevel::as_str)),
        log_group: text(logging.and_then(|it| it.log_group())),
    }
}

/// The function's resource policy.
pub(super) async fn policy(looker: Looker<'_>, lambda: &aws_sdk_lambda::Client, name: &str) -> Look<Clean> {
    let answer = looker.at("lambda:GetPolicy", lambda.get_policy().function_name(name).send()).await;
    answer.map(|answer| Clean::new(answer.policy().unwrap_or_default()))
}

/// How failed asynchronous invocations are treated.
pub(super) async fn event_invoke(looker: Looker<'_>, lambda: &aws_sdk_lambda::Client, name: &str) -> Look<EventInvoke> {
    let request = lambda.get_function_event_invoke_config().function_name(name).send();
    looker.at("lambda:GetFunctionEventInvokeConfig", request).await.map(|answer| {
        let destination = answer.destination_config().and_then(|config| config.on_failure());
        EventInvoke {
            retries: answer.maximum_retry_attempts(),
            max_age: answer.maximum_event_age_in_seconds(),
            on_failure: destination.and_then(|it| it.destination()).filter(|arn| !arn.is_empty()).map(Clean::new),
        }
    })
}

/// The function's reserved concurrency.
pub(super) async fn concurrency(looker: Looker<'_>, lambda: &aws_sdk_lambda::Client, name: &str) -> Look<Option<i32>> {
    let request = lambda.get_function_concurrency().function_name(name).send();
    let answer = looker.at("lambda:GetFunctionConcurrency", request).await;
    answer.map(|answer| answer.reserved_concurrent_executions())
}

/// The log group of exactly this name.
pub(super) async fn log_group(
    looker: Looker<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    name: &Clean,
) -> Look<LogGroup> {
    let request = logs.describe_log_groups().log_group_name_prefix(name.raw()).send();
    let found = match looker.at("logs:DescribeLogGroups", request).await {
        Look::Found(answer) => {
            // Of names that begin alike, the shortest comes first.
            answer.log_groups().iter().find(|group| group.log_group_name() == Some(name.raw())).cloned()
        }
        other => return other.map(|_| LogGroup { name: name.clone(), class: None, retention: None }),
    };
    let read = |group: SdkLogGroup| LogGroup {
        name: name.clone(),
        class: group.log_group_class().map(|class| Clean::new(class.as_str())),
        retention: group.retention_in_days(),
    };
    found.map_or_else(|| Look::Missing("no log group of this name is listed".into()), |group| Look::Found(read(group)))
}

/// What went wrong in the last hour by the function's log, newest first.
pub(super) async fn failures(
    looker: Looker<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    group: &Clean,
) -> Look<Vec<Clean>> {
    let since = Timestamp::now().as_millisecond() - i64::try_from(RECENT.as_millis()).unwrap_or(i64::MAX);
    let mut found: Vec<(i64, String)> = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..PAGES {
        let request = logs
            .filter_log_events()
            .log_group_name(group.raw())
            .start_time(since)
            // The handler's own failures, Lambda's, and the system's word for a program of another machine.
            .filter_pattern(r#"?failed ?"Runtime." ?"timed out" ?"cannot run" ?"exec format""#)
            .set_next_token(token)
            .send();
        let page = match looker.at("logs:FilterLogEvents", request).await {
            Look::Found(page) => page,
            other => return other.map(|_| Vec::new()),
        };
        for event in page.events() {
            if let Some(reason) = reason(event.message().unwrap_or_default()) {
                found.retain(|(_, known)| *known != reason);
                found.push((event.timestamp().unwrap_or_default(), reason));
            }
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    if found.is_empty() && token.is_some() {
        return Look::Failed("the log of the last hour is too long to be searched to its end".into());
    }
    found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    Look::Found(found.into_iter().take(FAILURES).map(|(_, reason)| Clean::log(&reason)).collect())
}

/// Why an invocation failed by this line, if it tells that at all.
fn reason(line: &str) -> Option<String> {
    if let Ok(LogRecord { outcome: Some(Outcome::Failed), error, .. }) = serde_json::from_str(line) {
        return error;
    }
    if let Ok(Value::Object(object)) = serde_json::from_str(line) {
        let text = |path: &str| Some(object.get("record")?.pointer(path)?.as_str()?.to_owned());
        let status = text("/status");
        return match (text("/errorType"), status.as_deref()) {
            (Some(error), Some("error" | "failure")) if error.starts_with("Runtime.") => Some(error),
            (_, Some("timeout")) => Some("the invocation timed out".to_owned()),
            _ => {
                let message = object.get("message").and_then(Value::as_str).or(object.get("record")?.as_str())?;
                tells(message).then(|| message.trim().to_owned())
            }
        };
    }
    tells(line).then(|| line.trim().to_owned())
}

/// Whether a line in plain words tells that an invocation failed.
fn tells(line: &str) -> bool {
    ["Runtime.", "Task timed out", "cannot run", "exec format error"].iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_why() {
        let failed = r#"{"timestamp":"2026-01-01T00:00:00Z","level":"ERROR","message":"failed","outcome":"failed","error":"SNS answered NotFound"}"#;
        assert_eq!(reason(failed).as_deref(), Some("SNS answered NotFound"));
        let report = r#"{"time":"t","type":"platform.report","record":{"requestId":"r","status":"error","errorType":"Runtime.ExitError"}}"#;
        assert_eq!(reason(report).as_deref(), Some("Runtime.ExitError"));
        let init =
            "INIT_REPORT Init Duration: 0.27 ms\tPhase: init\tStatus: error\tError Type: Runtime.InvalidEntrypoint\n";
        assert!(reason(init).is_some_and(|reason| reason.contains("InvalidEntrypoint")));
        assert!(reason("2024-01-01T00:00:00Z 4f Task timed out after 3.00 seconds").is_some());
        for harmless in [
            r#"{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","message":"published","outcome":"published"}"#,
            r#"{"time":"t","type":"platform.report","record":{"requestId":"r","status":"success"}}"#,
            "INIT_START Runtime Version: provided:al2023.v97",
            "nothing failed",
        ] {
            assert_eq!(reason(harmless), None, "{harmless}");
        }
    }
}
