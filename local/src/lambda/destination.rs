//! Destinations: the record that Lambda sends to a queue when an asynchronous invocation has ended.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::environment::{Invocation, Outcome};
use super::function::Function;
use crate::cloud::Cloud;
use crate::sqs::{self, Incoming};

/// Why an asynchronous invocation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
    ZeroReservedConcurrency,
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
            Self::ZeroReservedConcurrency => "ZeroReservedConcurrency",
        }
    }
}

/// Sends the record to a queue, with the rights of the function's role. A queue that refuses it is logged: nobody waits for an answer.
pub(super) fn send(
    cloud: &Arc<Cloud>,
    function: &Function,
    queue_arn: &str,
    invocation: &Invocation,
    condition: Condition,
    attempts: usize,
    outcome: &Outcome,
) {
    let now = Timestamp::now();
    let mut record = json!({
        "version": "1.0",
        "timestamp": format!("{now:.3}"),
        "requestContext": {
            "requestId": invocation.request_id,
            "functionArn": format!("{}:$LATEST", function.arn),
            "condition": condition.name(),
            "approximateInvokeCount": attempts,
        },
        "requestPayload": value(&invocation.payload),
    });
    // What was never tried has no response.
    if condition != Condition::ZeroReservedConcurrency {
        record["responseContext"] = json!({"statusCode": 200, "executedVersion": "$LATEST"});
        if outcome.failed {
            record["responseContext"]["functionError"] = "Unhandled".into();
        }
        record["responsePayload"] = value(&outcome.payload);
    }
    let message =
        Incoming { body: record.to_string(), trace_header: Some(invocation.trace.clone()), ..Incoming::default() };
    if let Err(error) = sqs::send(cloud, queue_arn, &function.role(), &function.arn, message) {
        tracing::warn!(queue_arn, code = error.code, message = error.message, "the destination refused an event");
    }
}

fn value(json: &Bytes) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(json).into_owned()))
}
