//! Asynchronous invocations: queued, tried up to three times under one request id, and sent to a destination at the end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::Lambda;
use super::environment::{Invocation, Outcome};
use super::function::Function;
use crate::common::budget::Share;
use crate::common::deliver::{Payload, Sender};
use crate::common::env::Env;
use crate::common::wire::ApiError;

/// Events that may wait for one function, and their bytes. AWS has no such limits; this machine's memory has.
pub(super) const MOST_EVENTS: usize = 100_000;
pub(super) const MOST_BYTES: usize = 256 << 20;

/// The most retries, which is also the default.
pub(super) const MOST_RETRIES: usize = 2;

/// The wait of an event that the reserved concurrency does not admit.
const THROTTLED: Duration = Duration::from_secs(1);

/// The longest time that an event is retried, which is also the default.
pub(super) const MOST_AGE: Duration = Duration::from_hours(6);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
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

/// Queues an event; returns its request id.
pub(super) fn put(
    lambda: &Arc<Lambda>,
    function: &Arc<Function>,
    payload: Bytes,
    trace: Option<String>,
) -> Result<String, ApiError> {
    let Some(place) = function.waiting.take(payload.len()) else {
        let message =
            format!("too many events wait for {}: {MOST_EVENTS} of them, or {MOST_BYTES} bytes", function.name);
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message));
    };
    let request_id = lambda.env.id();
    let invocation = Invocation {
        request_id: request_id.clone(),
        payload,
        trace: trace.unwrap_or_else(|| new_trace(&lambda.env)),
        client_context: None,
    };
    lambda.env.tasks.spawn(run(Arc::clone(lambda), Arc::clone(function), place, invocation));
    Ok(request_id)
}

/// A trace header that is not sampled, as Lambda makes one where the request has none.
pub(super) fn new_trace(env: &Env) -> String {
    let random = env.hex_id();
    let parent = env.hex_id();
    let seconds = env.now().as_second();
    let (root, parent) = (random.get(..24).unwrap_or_default(), parent.get(..16).unwrap_or_default());
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}

/// Runs an event, which has its place in the function's queue until the end.
async fn run(lambda: Arc<Lambda>, function: Arc<Function>, _place: Share, invocation: Invocation) {
    let function = &function;
    let queued = Instant::now();
    let mut attempt = 1;
    let (condition, outcome) = loop {
        if function.reserved() == Some(0) {
            // AWS ends such an event at once, without an attempt.
            let outcome = Outcome { payload: Bytes::new(), failed: true, tail: String::new() };
            attempt -= 1;
            break (Condition::ZeroReservedConcurrency, outcome);
        }
        let Some(admission) = function.admit() else {
            tokio::select! {
                () = tokio::time::sleep(THROTTLED) => continue,
                () = lambda.env.stop.cancelled() => return,
            }
        };
        let Some(outcome) = function.pool.invoke(&lambda, function, invocation.clone()).await else { return };
        drop(admission);
        if lambda.env.stop.is_cancelled() {
            return;
        }
        if !outcome.failed {
            break (Condition::Success, outcome);
        }
        let settings = function.asynchronous();
        let Some(delay) = lambda
            .options
            .retry_delays
            .get(attempt - 1)
            .filter(|_| attempt <= settings.retries.unwrap_or(MOST_RETRIES))
        else {
            break (Condition::RetriesExhausted, outcome);
        };
        if queued.elapsed() + *delay > settings.max_age.unwrap_or(MOST_AGE) {
            break (Condition::EventAgeExceeded, outcome);
        }
        tokio::select! {
            () = tokio::time::sleep(*delay) => {}
            () = lambda.env.stop.cancelled() => return,
        }
        attempt += 1;
    };
    report(&lambda, function, &invocation, condition, attempt, &outcome);
}

/// Sends the record of an invocation to its destination, with the rights of the function's role. A refusal is only logged.
fn report(
    lambda: &Lambda,
    function: &Function,
    invocation: &Invocation,
    condition: Condition,
    attempts: usize,
    outcome: &Outcome,
) {
    let settings = function.asynchronous();
    let target = if condition == Condition::Success { settings.on_success } else { settings.on_failure };
    let Some(queue_arn) = target else {
        if condition != Condition::Success {
            tracing::warn!(function = function.name, request_id = invocation.request_id, "an event is lost");
        }
        return;
    };
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
    let sender = Sender { principal: &function.code.role, source_arn: &function.arn };
    if let Err(error) = lambda.deliver.deliver(&queue_arn, sender, payload) {
        tracing::warn!(queue_arn, code = error.code, message = error.message, "the destination refused an event");
    }
}

fn value(json: &Bytes) -> Value {
    serde_json::from_slice(json).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(json).into_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::common::deliver::testing::Recorder;
    use crate::common::env::testing;
    use crate::lambda::function::Code;
    use crate::options::{HandlerCommand, Options};

    #[tokio::test]
    async fn a_full_queue_is_its_functions_own() {
        let (env, _) = testing::env();
        let handler = HandlerCommand { program: "/no/such/program".into(), args: Vec::new(), env: Vec::new() };
        let sinks = Arc::new(Recorder::default());
        let options = Options::new(handler.clone());
        let lambda = Arc::new(Lambda::new(Arc::clone(&env), sinks.clone(), sinks.clone(), sinks, options));
        let [busy, idle] = ["busy", "idle"].map(|name| {
            let code = Code::of(&env, name, handler.clone());
            Arc::new(Function::new(&lambda, name, code, BTreeMap::new()))
        });
        let all = busy.waiting.take(MOST_BYTES);
        let put = |function: &Arc<Function>| put(&lambda, function, Bytes::from_static(b"{}"), None);
        assert_eq!(put(&busy).unwrap_err().code, "TooManyRequestsException");
        put(&idle).unwrap();
        assert_eq!(idle.waiting.taken().items, 1);
        drop(all);
        assert_eq!(busy.waiting.taken().items, 0);
        idle.pool.close().await;
        env.tasks.close();
        env.tasks.wait().await;
        assert_eq!(idle.waiting.taken().items, 0, "an event that has ended waits no longer");
    }
}
