//! Asynchronous invocations: queued, tried up to three times under one request id, and reported where they end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

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

/// The most retries, and those where nothing else was set.
pub(super) const MOST_RETRIES: usize = 2;

/// The wait of an event for which the reserved concurrency has no room.
const THROTTLED: Duration = Duration::from_secs(1);

/// The longest that an event is retried, and also what counts where nothing else was set.
pub(super) const MOST_AGE: Duration = Duration::from_hours(6);

/// Queues an event; returns its request id.
pub(super) fn put(
    cloud: &Arc<Cloud>,
    function: &Arc<Function>,
    payload: Bytes,
    trace: Option<String>,
) -> Result<String, ApiError> {
    let Some(place) = Place::take(function) else {
        let message = format!("more than {QUEUE_LIMIT} events wait for {}", function.name);
        return Err(ApiError::new(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", message));
    };
    let request_id = crate::wire::request_id();
    let invocation = Invocation {
        request_id: request_id.clone(),
        payload,
        trace: trace.unwrap_or_else(new_trace),
        client_context: None,
    };
    cloud.tasks.spawn(run(Arc::clone(cloud), place, invocation));
    Ok(request_id)
}

/// An event's place in its function's queue, until it is dropped.
struct Place(Arc<Function>);

impl Place {
    /// `None` when too many wait already.
    fn take(function: &Arc<Function>) -> Option<Self> {
        let more = |waiting: usize| (waiting < QUEUE_LIMIT).then_some(waiting + 1);
        function.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self(Arc::clone(function)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A trace header that is not sampled, as Lambda makes one where none came with the request.
pub(super) fn new_trace() -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let parent = uuid::Uuid::new_v4().simple().to_string();
    let seconds = Timestamp::now().as_second();
    let (root, parent) = (random.get(..24).unwrap_or_default(), parent.get(..16).unwrap_or_default());
    format!("Root=1-{seconds:08x}-{root};Parent={parent};Sampled=0")
}

async fn run(cloud: Arc<Cloud>, place: Place, invocation: Invocation) {
    let function = &place.0;
    let queued = Instant::now();
    let mut attempt = 1;
    let (condition, outcome) = loop {
        if function.reserved() == Some(0) {
            // AWS tries such an event never, and ends it at once.
            let outcome = Outcome { payload: Bytes::new(), failed: true, tail: String::new() };
            attempt -= 1;
            break (Condition::ZeroReservedConcurrency, outcome);
        }
        let Some(admission) = function.admit() else {
            tokio::select! {
                () = tokio::time::sleep(THROTTLED) => continue,
                () = cloud.stop.cancelled() => return,
            }
        };
        let Some(outcome) = function.pool.invoke(&cloud, function, invocation.clone()).await else { return };
        drop(admission);
        if cloud.stop.is_cancelled() {
            return;
        }
        if !outcome.failed {
            break (Condition::Success, outcome);
        }
        let settings = function.asynchronous();
        let Some(delay) =
            cloud.options.retry_delays.get(attempt - 1).filter(|_| attempt <= settings.retries.unwrap_or(MOST_RETRIES))
        else {
            break (Condition::RetriesExhausted, outcome);
        };
        if queued.elapsed() + *delay > settings.max_age.unwrap_or(MOST_AGE) {
            break (Condition::EventAgeExceeded, outcome);
        }
        tokio::select! {
            () = tokio::time::sleep(*delay) => {}
            () = cloud.stop.cancelled() => return,
        }
        attempt += 1;
    };
    report(&cloud, function, &invocation, condition, attempt, &outcome);
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{HandlerCommand, LocalCloud, Options};

    #[tokio::test]
    async fn a_full_queue_is_its_functions_own() {
        let handler = HandlerCommand { program: "/no/such/program".into(), args: Vec::new(), env: Vec::new() };
        let local = LocalCloud::start(Options::new(handler)).await.unwrap();
        let cloud = &local.cloud;
        let [busy, idle] = ["busy", "idle"].map(|name| Arc::new(Function::new(cloud, name, BTreeMap::new())));
        busy.waiting.store(QUEUE_LIMIT, Ordering::Relaxed);
        let put = |function: &Arc<Function>| put(cloud, function, Bytes::from_static(b"{}"), None);
        assert_eq!(put(&busy).unwrap_err().code, "TooManyRequestsException");
        put(&idle).unwrap();
        assert_eq!(idle.waiting.load(Ordering::Relaxed), 1);
        idle.pool.close().await;
        local.stop().await;
        assert_eq!(idle.waiting.load(Ordering::Relaxed), 0, "an event that has ended waits no longer");
    }
}
