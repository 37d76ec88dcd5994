//! A function's answer to a batch of SQS messages, and the variable by which it learns that the answer is read.
//!
//! Without `ReportBatchItemFailures` in the event source mapping, whatever a function returns deletes the whole batch. A
//! function cannot see that setting. [`VARIABLE`] repeats it for the function, and `imgwatch doctor` compares the two.

use serde::{Deserialize, Serialize};

/// The function's variable: `true` where each event source mapping of the function has `ReportBatchItemFailures`.
pub const VARIABLE: &str = "REPORT_BATCH_ITEM_FAILURES";

/// What [`VARIABLE`] says; `None` for a value that is neither `true` nor `false`. Without a value it is `false`.
pub fn is_reported(value: &str) -> Option<bool> {
    match value.trim() {
        "true" => Some(true),
        "false" | "" => Some(false),
        _ => None,
    }
}

/// The messages that SQS is to deliver again; it deletes all others of the batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// None for a batch without failures. An answer without this field is a failure of the whole batch.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// One message that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    /// The message's `messageId`. One that is not in the batch fails the whole batch.
    pub item_identifier: String,
}

impl BatchResponse {
    /// Names each of these messages once.
    pub fn of<'a>(message_ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut failures: Vec<BatchItemFailure> = Vec::new();
        for id in message_ids {
            if failures.iter().all(|failure| failure.item_identifier != id) {
                failures.push(BatchItemFailure { item_identifier: id.to_owned() });
            }
        }
        Self { batch_item_failures: failures }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_lambda_reads_it() {
        let json = |ids: &[&str]| serde_json::to_string(&BatchResponse::of(ids.iter().copied())).unwrap();
        assert_eq!(json(&[]), r#"{"batchItemFailures":[]}"#);
        assert_eq!(json(&["a", "b", "a"]), r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#);
    }

    #[test]
    fn the_variable_is_true_or_false() {
        assert_eq!(
            (is_reported("true"), is_reported(" false "), is_reported("")),
            (Some(true), Some(false), Some(false))
        );
        for other in ["1", "yes", "True", "ReportBatchItemFailures"] {
            assert_eq!(is_reported(other), None, "{other}");
        }
    }
}
