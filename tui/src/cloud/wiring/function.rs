//! What a function's configuration says of where it publishes and logs.
//!
//! Environment variables may hold secrets: of their values, only ARNs of topics leave this module.

use aws_config::SdkConfig;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use imgwatch_shared::arn::{self, Arn};

use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};

/// The permission that reading takes.
pub(super) const PERMISSION: &str = "lambda:GetFunctionConfiguration";

/// The variable that the handler of this project reads its topic from.
const OURS: &str = "SNS_TOPIC_ARN";

/// Where a function publishes and logs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wired {
    pub(super) arn: Option<String>,
    /// The variables that have a topic's ARN, with it: the one to follow first, the others by name.
    pub(super) topics: Vec<(String, String)>,
    /// The log group, where it is not the usual one.
    pub(super) log_group: Option<String>,
    /// The ARN of its dead-letter queue or topic.
    pub(super) dead_letter: Option<String>,
}

/// `lambda:GetFunctionConfiguration`.
pub(super) async fn read(config: &SdkConfig, function: &str) -> Result<Wired, Problem> {
    let request = aws_sdk_lambda::Client::new(config).get_function_configuration().function_name(function).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read function {}", arn::function(function).0);
        problem::of(&error, &OperationContext::new(what, PERMISSION))
    })?;
    Ok(wired(&answer))
}

/// The topics that records of imgwatch's handler may be about: the one that it reads from its own variable, else all.
pub(in crate::cloud) fn topics(answer: &GetFunctionConfigurationOutput) -> Vec<String> {
    let topics = wired(answer).topics;
    match topics.first() {
        Some((variable, topic)) if variable == OURS => vec![topic.clone()],
        _ => topics.into_iter().map(|(_, topic)| topic).collect(),
    }
}

/// The permission that reading destinations takes.
pub(super) const DESTINATIONS: &str = "lambda:GetFunctionEventInvokeConfig";

/// The ARNs to which Lambda sends what came of asynchronous invocations: of those that succeeded, and of the others.
pub(super) async fn destinations(
    config: &SdkConfig,
    function: &str,
) -> Result<(Option<String>, Option<String>), Problem> {
    let request = aws_sdk_lambda::Client::new(config).get_function_event_invoke_config().function_name(function).send();
    let answer = match Box::pin(request).await {
        Ok(answer) => answer,
        Err(error) => {
            let what = format!("cannot read the destinations of function {}", arn::function(function).0);
            let problem = problem::of(&error, &OperationContext::new(what, DESTINATIONS));
            // A function without a configuration of its own has none; neither has one of an endpoint without the operation.
            let has_none = matches!(problem.kind, ProblemKind::NotFound | ProblemKind::NotOffered);
            return if has_none { Ok((None, None)) } else { Err(problem) };
        }
    };
    let config = answer.destination_config;
    let to = |arn: Option<String>| arn.filter(|arn| !arn.is_empty());
    Ok(match config {
        Some(config) => {
            (to(config.on_success.and_then(|it| it.destination)), to(config.on_failure.and_then(|it| it.destination)))
        }
        None => (None, None),
    })
}

fn wired(answer: &GetFunctionConfigurationOutput) -> Wired {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let variables = answer.environment().and_then(|environment| environment.variables());
    // What our own variable names is for SNS to refuse.
    let is_topic = |name: &str, value: &str| {
        (name == OURS && !value.is_empty()) || Arn::parse(value).is_some_and(|arn| arn.service == "sns")
    };
    let named = variables.into_iter().flatten().filter(|(name, value)| is_topic(name, value));
    let mut topics: Vec<(String, String)> = named.map(|(name, value)| (name.clone(), value.clone())).collect();
    topics.sort_by_key(|(name, _)| (name != OURS, name.clone()));
    Wired {
        arn: text(answer.function_arn()),
        topics,
        dead_letter: text(answer.dead_letter_config().and_then(|config| config.target_arn())),
        log_group: text(answer.logging_config().and_then(|logging| logging.log_group())),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::{EnvironmentResponse, LoggingConfig};

    use super::*;

    fn topics(variables: &[(&str, &str)]) -> Vec<String> {
        let mut environment = EnvironmentResponse::builder();
        for (name, value) in variables {
            environment = environment.variables(*name, *value);
        }
        let answer = GetFunctionConfigurationOutput::builder().environment(environment.build()).build();
        wired(&answer).topics.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn every_variable_with_a_topic_counts_and_ours_comes_first() {
        let (topic, queue) = ("arn:aws:sns:eu-west-1:123456789012:done", "arn:aws:sqs:eu-west-1:123456789012:done");
        assert_eq!(topics(&[("A", topic), ("SNS_TOPIC_ARN", topic), ("B", topic)]), ["SNS_TOPIC_ARN", "A", "B"]);
        assert_eq!(topics(&[("QUEUE", queue), ("SECRET", "s3cr3t"), ("NAME", "done")]), [""; 0]);
        assert_eq!(topics(&[("SNS_TOPIC_ARN", "done"), ("A", topic)]), ["SNS_TOPIC_ARN", "A"]);
        assert_eq!(topics(&[("SNS_TOPIC_ARN", ""), ("A", topic)]), ["A"]);
    }

    #[test]
    fn a_log_group_of_its_own_is_read() {
        let logging = LoggingConfig::builder().log_group("/custom/f").build();
        let answer = GetFunctionConfigurationOutput::builder().logging_config(logging).build();
        assert_eq!(wired(&answer).log_group.as_deref(), Some("/custom/f"));
        assert_eq!(wired(&GetFunctionConfigurationOutput::builder().build()), Wired::default());
    }
}
