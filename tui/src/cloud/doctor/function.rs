//! The function: its configuration, who may invoke it, and what becomes of failed events.

use std::collections::BTreeMap;

use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_lambda::types::{ApplicationLogLevel, LastUpdateStatus, LogFormat, Runtime, State, SystemLogLevel};

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::{batch_response, image_types};

use super::lookup::LookupReader;
use crate::domain::diagnosis::findings::{EntryFunction, EventInvoke, Function, Lookup};
use crate::text::clean::Clean;

/// Variables that hold no secrets, and may therefore be shown and written into a command.
const HARMLESS: [&str; 10] = [
    "SNS_TOPIC_ARN",
    image_types::VARIABLE,
    batch_response::VARIABLE,
    "RUST_LOG",
    "RUST_BACKTRACE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SNS",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "TZ",
];

pub(super) async fn configuration(
    reader: LookupReader<'_>,
    lambda: &aws_sdk_lambda::Client,
    name: &str,
    topic_arn: &str,
) -> Lookup<Function> {
    let request = lambda.get_function_configuration().function_name(name).send();
    reader.at("lambda:GetFunctionConfiguration", request).await.map(|answer| read(&answer, topic_arn))
}

/// Whether a variable holds no secret: by its name, or because its value is the ARN of a topic or the watched topic's name.
fn is_harmless(name: &str, value: &str, topic_arn: &str) -> bool {
    let is_topic = Arn::parse(value).is_some_and(|arn| arn.service == "sns");
    HARMLESS.contains(&name) || is_topic || (!topic_arn.is_empty() && value == arn::name(topic_arn))
}

fn read(answer: &GetFunctionConfigurationOutput, topic_arn: &str) -> Function {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Clean::new);
    let environment = answer.environment();
    let given = environment.and_then(|environment| environment.variables());
    let mut variables = BTreeMap::new();
    for (name, value) in given.into_iter().flatten().filter(|(name, value)| is_harmless(name, value, topic_arn)) {
        variables.insert(name.clone(), Clean::new(value));
    }
    let logging = answer.logging_config();
    Function {
        arn: Clean::new(answer.function_arn().unwrap_or_default()),
        state: text(answer.state().map(State::as_str)),
        state_reason: text(answer.state_reason()),
        last_update: text(answer.last_update_status().map(LastUpdateStatus::as_str)),
        last_update_reason: text(answer.last_update_status_reason()),
        description: text(answer.description()),
        runtime: text(answer.runtime().map(Runtime::as_str)),
        handler: text(answer.handler()),
        has_powertools: given.is_some_and(|given| given.keys().any(|name| name.starts_with("POWERTOOLS_"))),
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

/// What matters of a function at its joints. Of its variables only names leave this module.
pub(super) async fn entry(
    reader: LookupReader<'_>,
    lambda: &aws_sdk_lambda::Client,
    name: &str,
    bucket: &str,
) -> Lookup<EntryFunction> {
    let request = lambda.get_function_configuration().function_name(name).send();
    reader.at("lambda:GetFunctionConfiguration", request).await.map(|answer| {
        let given = answer.environment().and_then(|environment| environment.variables());
        let of_bucket = given.into_iter().flatten().filter(|(_, value)| !bucket.is_empty() && *value == bucket);
        let mut bucket_variables: Vec<Clean> = of_bucket.map(|(name, _)| Clean::new(name)).collect();
        bucket_variables.sort();
        let reports = given.and_then(|given| given.get(batch_response::VARIABLE));
        EntryFunction {
            timeout: answer.timeout().and_then(|seconds| u32::try_from(seconds).ok()),
            reports_item_failures: reports.and_then(|value| batch_response::is_reported(value)),
            bucket_variables,
        }
    })
}

/// The function's resource policy.
pub(super) async fn policy(reader: LookupReader<'_>, lambda: &aws_sdk_lambda::Client, name: &str) -> Lookup<Clean> {
    let answer = reader.at("lambda:GetPolicy", lambda.get_policy().function_name(name).send()).await;
    answer.map(|answer| Clean::new(answer.policy().unwrap_or_default()))
}

/// How failed asynchronous invocations are treated.
pub(super) async fn event_invoke(
    reader: LookupReader<'_>,
    lambda: &aws_sdk_lambda::Client,
    name: &str,
) -> Lookup<EventInvoke> {
    let request = lambda.get_function_event_invoke_config().function_name(name).send();
    reader.at("lambda:GetFunctionEventInvokeConfig", request).await.map(|answer| {
        let destinations = answer.destination_config();
        let failure = destinations.and_then(|config| config.on_failure()).and_then(|it| it.destination());
        let success = destinations.and_then(|config| config.on_success()).and_then(|it| it.destination());
        let arn = |arn: Option<&str>| arn.filter(|arn| !arn.is_empty()).map(Clean::new);
        EventInvoke {
            retries: answer.maximum_retry_attempts(),
            max_age: answer.maximum_event_age_in_seconds(),
            on_failure: arn(failure),
            on_success: arn(success),
        }
    })
}

/// The function's reserved concurrency.
pub(super) async fn concurrency(
    reader: LookupReader<'_>,
    lambda: &aws_sdk_lambda::Client,
    name: &str,
) -> Lookup<Option<i32>> {
    let request = lambda.get_function_concurrency().function_name(name).send();
    let answer = reader.at("lambda:GetFunctionConcurrency", request).await;
    answer.map(|answer| answer.reserved_concurrent_executions())
}
