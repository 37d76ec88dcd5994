//! From what invoked the function to the images in it.
//!
//! The envelope is our own and tolerant: servers leave out fields which `aws_lambda_events` demands, and S3 adds fields
//! without notice. One record that cannot be read must not hide the others. Nothing here publishes or logs.

mod record;

use serde_json::Value;

pub(crate) use record::{BadRecord, NewObject, Record, SkippedRecord};

/// How deep an S3 event may be wrapped: S3 -> SNS -> SQS -> Lambda is two.
const MAX_WRAPPINGS: usize = 3;

/// What invoked the function.
#[derive(Debug)]
pub(crate) enum Event {
    /// Events of objects; each record is judged by itself.
    Records(Vec<Result<Record, BadRecord>>),
    /// S3 announces a new notification configuration.
    Test {
        /// The configured bucket, if the event names it.
        bucket: Option<String>,
    },
    /// No event of S3 at all.
    Unknown {
        /// The names of its top-level fields, as a hint to what it was.
        fields: Vec<String>,
    },
}

impl Event {
    /// Reads the event. Never fails: what cannot be read is in the result.
    pub(crate) fn read(event: &Value) -> Self {
        if event["Event"] == "s3:TestEvent" {
            return Self::Test { bucket: event["Bucket"].as_str().map(str::to_owned) };
        }
        if event["Records"].is_array() {
            let mut records = Vec::new();
            collect(event, MAX_WRAPPINGS, &mut records);
            return Self::Records(records);
        }
        let fields = event.as_object().map(|object| object.keys().cloned().collect()).unwrap_or_default();
        Self::Unknown { fields }
    }
}

/// Adds every record of the event, unwrapping messages of SNS and SQS.
fn collect(event: &Value, wrappings_left: usize, records: &mut Vec<Result<Record, BadRecord>>) {
    for value in event["Records"].as_array().into_iter().flatten() {
        match wrapped(value) {
            None => records.push(record::read(value)),
            Some(text) => match unwrap(text).filter(|_| wrappings_left > 0) {
                Some(inner) if inner["Records"].is_array() => collect(&inner, wrappings_left - 1, records),
                // A test event that came through a queue concerns no object.
                Some(inner) if inner["Event"] == "s3:TestEvent" => {}
                _ => records.push(Err(BadRecord::new("the message in the record holds no S3 event"))),
            },
        }
    }
}

/// The message that an SNS or SQS record carries.
fn wrapped(record: &Value) -> Option<&str> {
    record["Sns"]["Message"].as_str().or_else(|| record["body"].as_str())
}

/// The S3 event in a message; an SQS message may itself hold SNS's envelope.
fn unwrap(text: &str) -> Option<Value> {
    let value: Value = serde_json::from_str(text).ok()?;
    match value["Message"].as_str() {
        Some(message) => serde_json::from_str(message).ok(),
        None => Some(value),
    }
}

#[cfg(test)]
mod tests;
