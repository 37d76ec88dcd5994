//! A target of a rule: where an event goes, and what of it.

use imgwatch_shared::arn::Arn;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::invalid;
use super::rules::check_name;
use crate::common::wire::ApiError;

/// As it was given, and as it is listed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    /// Sent instead of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<String>,
    /// The part of the event that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    input_path: Option<String>,
    // Nothing here fails for a time, so that nothing is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_policy: Option<RetryPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letter_config: Option<DeadLetterConfig>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RetryPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_retry_attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum_event_age_in_seconds: Option<u32>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeadLetterConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<String>,
}

impl Target {
    /// Everything of an event, with a queue for what cannot be delivered.
    pub(super) fn to(arn: &str, dead_letters: &str) -> Self {
        Self {
            id: arn.rsplit(':').next().unwrap_or_default().to_owned(),
            arn: arn.to_owned(),
            role_arn: None,
            input: None,
            input_path: None,
            retry_policy: None,
            dead_letter_config: Some(DeadLetterConfig { arn: Some(dead_letters.to_owned()) }),
        }
    }

    /// The ARN of the queue for events that could not be delivered.
    pub(super) fn dead_letters(&self) -> Option<&str> {
        self.dead_letter_config.as_ref()?.arn.as_deref()
    }

    pub(super) fn check(&self) -> Result<(), ApiError> {
        let Self { id, arn, .. } = self;
        check_name("targets.1.member.id", id)?;
        match Arn::parse(arn).map(|arn| arn.service) {
            Some("lambda" | "sqs" | "sns") => {}
            Some(service) => {
                return Err(invalid(format!("not implemented: a target of the service {service}: {arn}")));
            }
            None => {
                return Err(invalid("Parameter Arn is not valid. Reason: Provided Arn is not in correct format."));
            }
        }
        if self.input.is_some() && self.input_path.is_some() {
            return Err(invalid(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            )));
        }
        if let Some(input) = &self.input
            && let Err(error) = serde_json::from_str::<Value>(input)
        {
            return Err(invalid(format!("JSON syntax error in input for target {id} : {error}")));
        }
        if self.input_path.as_deref().is_some_and(|path| pointer(path).is_none()) {
            return Err(invalid(format!(
                "Invalid InputPath for target {id}: a path such as $.detail.object is served"
            )));
        }
        if self.dead_letters().is_some_and(|queue| Arn::parse(queue).is_none_or(|arn| arn.service != "sqs")) {
            return Err(invalid(format!("Invalid DeadLetterConfig for target {id}: it must be an SQS queue's ARN")));
        }
        let RetryPolicy { maximum_retry_attempts: attempts, maximum_event_age_in_seconds: age } =
            self.retry_policy.clone().unwrap_or_default();
        if attempts.is_some_and(|attempts| attempts > 185) || age.is_some_and(|age| !(60..=86_400).contains(&age)) {
            return Err(invalid(format!(
                "Invalid RetryPolicy for target {id}: at most 185 retry attempts, and an age of 60 to 86400 seconds"
            )));
        }
        Ok(())
    }

    /// What is sent of an event.
    pub(super) fn content(&self, event: &Value) -> String {
        if let Some(input) = &self.input {
            return input.clone();
        }
        let path = self.input_path.as_deref().and_then(pointer);
        path.map_or_else(|| event.to_string(), |path| event.pointer(&path).unwrap_or(&Value::Null).to_string())
    }
}

/// A path such as `$.detail.list[0]` as a JSON pointer.
fn pointer(path: &str) -> Option<String> {
    let rest = path.strip_prefix('$')?;
    let mut pointer = String::new();
    for part in rest.split('.').skip(1) {
        let (name, indexes) = part.split_once('[').map_or((part, None), |(name, rest)| (name, Some(rest)));
        let is_name = |char: char| char.is_alphanumeric() || char == '-' || char == '_';
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        pointer += &format!("/{name}");
        for index in indexes.into_iter().flat_map(|rest| rest.split('[')) {
            let index: usize = index.strip_suffix(']')?.parse().ok()?;
            pointer += &format!("/{index}");
        }
    }
    (rest.is_empty() || rest.starts_with('.')).then_some(pointer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_place_in_the_event() {
        for (path, expected) in [
            ("$", Some("")),
            ("$.detail", Some("/detail")),
            ("$.detail-type", Some("/detail-type")),
            ("$.detail.list[0].key", Some("/detail/list/0/key")),
            ("detail", None),
            ("$detail", None),
            ("$.detail..key", None),
            ("$.detail[*]", None),
        ] {
            assert_eq!(pointer(path).as_deref(), expected, "{path}");
        }
    }
}
