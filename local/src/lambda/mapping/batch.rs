//! A batch as the function gets it, and what the function's answer says about its messages.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::common::env::Env;
use crate::common::queues::{Attribute, Received};
use crate::lambda::environment::Outcome;

pub(super) fn event(env: &Env, queue_arn: &str, messages: &[&Received]) -> String {
    let records: Vec<Value> = messages.iter().map(|message| record(env, queue_arn, message)).collect();
    json!({ "Records": records }).to_string()
}

fn record(env: &Env, queue_arn: &str, message: &Received) -> Value {
    let system: Map<String, Value> =
        message.system_attributes.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let attributes: Map<String, Value> =
        message.attributes.iter().map(|(name, given)| (name.clone(), attribute(given))).collect();
    let mut record = json!({
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": system,
        "messageAttributes": attributes,
        "md5OfBody": message.md5_of_body,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": env.region,
    });
    if let Some(digest) = &message.md5_of_attributes {
        record["md5OfMessageAttributes"] = digest.as_str().into();
    }
    record
}

fn attribute(given: &Attribute) -> Value {
    let value = if given.is_binary { "binaryValue" } else { "stringValue" };
    json!({value: given.value, "stringListValues": [], "binaryListValues": [], "dataType": given.data_type})
}

/// The record as filter criteria see it: a body of JSON is not text for them.
pub(super) fn filterable(env: &Env, queue_arn: &str, message: &Received) -> Value {
    let mut record = record(env, queue_arn, message);
    if let Ok(body @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&message.body) {
        record["body"] = body;
    }
    record
}

/// The ids of the messages that stay in the queue.
pub(super) fn left<'a>(outcome: &Outcome, reports_failures: bool, ids: &[&'a str]) -> BTreeSet<&'a str> {
    let all = || ids.iter().copied().collect();
    if outcome.failed {
        return all();
    }
    if !reports_failures {
        return BTreeSet::new();
    }
    failures(&outcome.payload, ids).unwrap_or_else(all)
}

/// The messages that an answer reports as failed. `None` where the answer is not valid: all of them have failed then.
fn failures<'a>(answer: &[u8], ids: &[&'a str]) -> Option<BTreeSet<&'a str>> {
    let items = match serde_json::from_slice(answer).ok()? {
        Value::Null => return Some(BTreeSet::new()),
        Value::Array(items) if items.is_empty() => return Some(BTreeSet::new()),
        Value::Object(mut answer) => answer.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    let named = |item: &Value| {
        let name = item.get("itemIdentifier")?.as_str()?;
        ids.iter().copied().find(|id| *id == name)
    };
    match items {
        Value::Null => Some(BTreeSet::new()),
        Value::Array(items) => items.iter().map(named).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_mean_what_aws_recorded() {
        let ids = ["one", "two"];
        for (answer, expected) in [
            ("{}", Some(vec![])),
            ("null", Some(vec![])),
            ("[]", Some(vec![])),
            (r#"{"batchItemFailures":[]}"#, Some(vec![])),
            (r#"{"batchItemFailures":null}"#, Some(vec![])),
            (r#"{"other":1}"#, Some(vec![])),
            (r#"{"batchItemFailures":[{"itemIdentifier":"two"}]}"#, Some(vec!["two"])),
            (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, None),
            (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, None),
            (r#"{"batchItemFailures":[{"foo":"one"}]}"#, None),
            (r#"{"batchItemFailures":[{"itemIdentifier":"one"},{"itemIdentifier":"three"}]}"#, None),
            (r#"{"batchItemFailures":"one"}"#, None),
            (r#""(^_^)""#, None),
            ("{", None),
        ] {
            let found = failures(answer.as_bytes(), &ids).map(|found| found.into_iter().collect());
            assert_eq!(found, expected, "{answer}");
        }
    }

    #[test]
    fn an_error_fails_the_batch_and_an_answer_counts_only_where_it_is_reported() {
        let partial = r#"{"batchItemFailures":[{"itemIdentifier":"one"}]}"#;
        let outcome = |failed| Outcome { payload: partial.into(), failed, tail: String::new() };
        let ids = ["one", "two"];
        let of = |failed, reports| left(&outcome(failed), reports, &ids).into_iter().collect::<Vec<_>>();
        assert_eq!(of(true, true), ["one", "two"]);
        assert_eq!(of(true, false), ["one", "two"]);
        assert_eq!(of(false, true), ["one"]);
        assert_eq!(of(false, false), [""; 0]);
    }
}
