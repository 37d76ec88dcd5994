//! Asynchronous invocations: queued, tried up to three times under one request id, and reported where they end.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use tokio::time::Instant;

use super::destination::{self, Condition};
use super::environment::{Invocation, Outcome};
use super::function::Function;
use crate::cloud::Cloud;
use crate::wire::ApiError;

/// Events that may wait for one function. AWS's queue has no such end, but this machine's memory has.
const QUEUE_LIMIT: usize = 100_000;

/// Queues an event; returns its request id.
pub(super) fn put(
    cloud: &Arc<Cloud>,
    function: Arc<Function>,
    payload: Bytes,
    trace: Option<String>,
) -> Result<String, ApiError> {
    if cloud.tasks.len() > QUEUE_LIMIT {
        let message = format!("more than {QUEUE_LIMIT} events wait for {}", function.name);
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message));
    }
    let request_id = crate::wire::request_id();
    let invocation = Invocation {
        request_id: request_id.clone(),
        payload,
        trace: trace.unwrap_or_else(new_trace),
        client_context: None,
    };
    cloud.tasks.spawn(run(Arc::clone(cloud), function, invocation));
    Ok(request_id)
}

/// A trace header that is not sampled, as Lambda makes one where none came with the request.
pub(super) fn new_trace() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let parent = uuid::Uuid::new_v4().simple().to_string();
    let seconds = Timestamp::now().as_second();
    let (root, parent) = (random.get(..24).unwrap_or_default(), parent.get(..16).unwrap_or_default());
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}

async fn run(cloud: Arc<Cloud>, function: Arc<Function>, invocation: Invocation) {
    let queued = Instant::now();
    let mut attempt = 1;
    let (condition, outcome) = loop {
        let Some(outcome) = function.pool.invoke(&cloud, &function, invocation.clone()).await else { return };
        if cloud.stop.is_cancelled() {
            return;
        }
        if !outcome.failed {
            break (Condition::Success, outcome);
        }
        let settings = function.asynchronous();
        let Some(delay) = cloud.options.retry_delays.get(attempt - 1).filter(|_| attempt <= settings.retries) else {
            break (Condition::RetriesExhausted, outcome);
        };
        if queued.elapsed() + *delay > settings.max_age {
            break (Condition::EventAgeExceeded, outcome);
        }
        tokio::select! {
            () = tokio::time::sleep(*delay) => {}
            () = cloud.stop.cancelled() => return,
        }
        attempt += 1;
    };
    report(&cloud, &function, &invocation, condition, attempt, &outcome);
}

fn report(
    cloud: &Arc<Cloud>,
    function: &Function,
    invocation: &Invocation,
    condition: Condition,
    attempts: usize,
    outcome: &Outcome,
) {
    let settings = function.asynchronous();
    let target = if condition == Condition::Success { settings.on_success } else { settings.on_failure };
    match target {
        Some(queue) => destination::send(cloud, function, &queue, invocation, condition, attempts, outcome),
        None if condition == Condition::Success => {}
        None => tracing::warn!(function = function.name, request_id = invocation.request_id, "an event is lost"),
    }
}
