//! Destinations: the record that Lambda sends to a queue after an asynchronous invocation.

use bytes::Bytes;
use serde_json::{Value, json};

use super::Lambda;
use super::environment::{Invocation, Outcome};
use super::function::Function;
use crate::common::deliver::{Payload, Sender};

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

/// Sends the record to a queue, with the rights of the function's role. A refusal is only logged.
pub(super) fn send(
    lambda: &Lambda,
    function: &Function,
    queue_arn: &str,
    invocation: &Invocation,
    condition: Condition,
    attempts: usize,
    outcome: &Outcome,
) {
    let now = lambda.env.now();
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
    // An event that was never tried has no response.
    if condition != Condition::ZeroReservedConcurrency {
        record["responseContext"] = json!({"statusCode": 200, "executedVersion": "$LATEST"});
        if outcome.failed {
            record["responseContext"]["functionError"] = "Unhandled".into();
        }
        record["responsePayload"] = value(&outcome.payload);
    }
    let payload =
        Payload { body: record.to_string(), trace_header: Some(invocation.trace.clone()), ..Payload::default() };
    let role = function.role();
    let sender = Sender { principal: &role, source_arn: &function.arn };
    if let Err(error) = lambda.deliver.deliver(queue_arn, sender, payload) {
        tracing::warn!(queue_arn, code = error.code, message = error.message, "the destination refused an event");
    }
}

fn value(json: &Bytes) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(json).into_owned()))
}
