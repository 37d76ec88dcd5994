//! Receives the messages of a queue in batches, and invokes the function with each.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::batch;
use super::{Mapping, Settings};
use crate::common::queues::{Receive, Received};
use crate::common::wire::ApiError;
use crate::lambda::environment::{Invocation, Outcome};
use crate::lambda::{Lambda, queue};

/// How many batches are processed at once, as at the start on AWS.
const CONCURRENCY: usize = 5;
/// The longest poll of SQS.
const LONG_POLL: Duration = Duration::from_secs(20);
/// The wait after a queue could not be read, or the function had no capacity.
const PAUSE: Duration = Duration::from_secs(1);
/// Most bytes of an invocation's event.
const MOST_BYTES: usize = 6 << 20;

pub(super) async fn run(lambda: Arc<Lambda>, mapping: Arc<Mapping>, settings: Arc<Settings>, stop: CancellationToken) {
    let slots = Arc::new(Semaphore::new(settings.max_concurrency.unwrap_or(CONCURRENCY)));
    loop {
        let slot = tokio::select! {
            slot = Arc::clone(&slots).acquire_owned() => slot,
            () = stop.cancelled() => return,
        };
        let Ok(slot) = slot else { return };
        match Batch::collect(&lambda, &mapping, &settings, &stop).await {
            Ok(batch) if !batch.messages.is_empty() => {
                let work = batch.process(Arc::clone(&lambda), Arc::clone(&mapping), Arc::clone(&settings), slot);
                lambda.env.tasks.spawn(work);
            }
            Ok(_) => {}
            Err(error) => {
                mapping.note(Some(format!("PROBLEM: {}", error.message)));
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    () = stop.cancelled() => {}
                }
            }
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

/// Messages that were received together, and when the first of them is visible again.
struct Batch {
    messages: Vec<Received>,
    visible_at: Instant,
}

impl Batch {
    /// Waits for a message, and then for as many as fit until the window ends. What has been received when the mapping
    /// stops is a batch too.
    async fn collect(
        lambda: &Lambda,
        mapping: &Mapping,
        settings: &Settings,
        stop: &CancellationToken,
    ) -> Result<Self, ApiError> {
        let mut batch = Self { messages: Vec::new(), visible_at: Instant::now() };
        let mut window_ends = None;
        loop {
            let left = window_ends.map_or(LONG_POLL, |end: Instant| end.saturating_duration_since(Instant::now()));
            let how = Receive {
                most: settings.batch_size - batch.messages.len(),
                most_bytes: MOST_BYTES.saturating_sub(batch.bytes()),
                visibility: visibility(lambda, mapping, settings),
                wait: left,
            };
            let received = tokio::select! {
                received = lambda.queues.receive(&mapping.queue_arn, how) => received,
                () = stop.cancelled() => return Ok(batch),
            };
            let more = match received {
                Err(error) if batch.messages.is_empty() => return Err(error),
                received => received.unwrap_or_default(),
            };
            if batch.messages.is_empty() {
                batch.visible_at = Instant::now() + how.visibility;
            }
            let has_ended = more.is_empty() || settings.window.is_zero();
            batch.messages.extend(more);
            let window_ends = *window_ends.get_or_insert_with(|| Instant::now() + settings.window);
            let is_full = batch.messages.len() >= settings.batch_size || batch.bytes() >= MOST_BYTES;
            if has_ended || is_full || Instant::now() >= window_ends {
                return Ok(batch);
            }
        }
    }

    fn bytes(&self) -> usize {
        self.messages.iter().map(|message| message.body.len()).sum()
    }

    /// Invokes the function, and deletes what it has processed. The rest is visible again after its timeout.
    async fn process(
        self,
        lambda: Arc<Lambda>,
        mapping: Arc<Mapping>,
        settings: Arc<Settings>,
        _slot: OwnedSemaphorePermit,
    ) {
        let env = &lambda.env;
        let wanted = |message: &Received| {
            let record = || batch::filterable(env, &mapping.queue_arn, message);
            settings.filters.is_empty() || settings.filters.iter().any(|filter| filter.matches(&record()))
        };
        let (messages, unwanted): (Vec<_>, Vec<_>) = self.messages.iter().partition(|message| wanted(message));
        let delete = |messages: &[&Received]| {
            let handles: Vec<&str> = messages.iter().map(|message| message.receipt_handle.as_str()).collect();
            lambda.queues.delete(&mapping.queue_arn, &handles);
        };
        delete(&unwanted);
        if messages.is_empty() {
            return;
        }
        let event = batch::event(env, &mapping.queue_arn, &messages);
        let invoked = invoke(&lambda, &settings.function, event, self.visible_at).await;
        if env.stop.is_cancelled() {
            return;
        }
        match invoked {
            Ok(outcome) => {
                let ids: Vec<&str> = messages.iter().map(|message| message.id.as_str()).collect();
                let left = batch::left(&outcome, settings.reports_failures, &ids);
                let done: Vec<&Received> =
                    messages.into_iter().filter(|message| !left.contains(message.id.as_str())).collect();
                delete(&done);
                mapping.note(outcome.failed.then(|| "PROBLEM: Function call failed".to_owned()));
            }
            Err(why) => mapping.note(Some(format!("PROBLEM: {why}"))),
        }
    }
}

/// The queue's own timeout, or a longer one where the window could use that up: as on AWS.
fn visibility(lambda: &Lambda, mapping: &Mapping, settings: &Settings) -> Duration {
    let own = lambda.queues.visibility(&mapping.queue_arn).unwrap_or_default();
    let timeout = lambda.find(&settings.function).map_or(Duration::ZERO, |function| function.settings().timeout);
    let is_short = !settings.window.is_zero() && settings.window + timeout > own;
    if is_short { settings.window + timeout + Duration::from_secs(30) } else { own }
}

/// Invokes the function synchronously. Without capacity it tries again until the messages are visible again.
async fn invoke(lambda: &Arc<Lambda>, name: &str, event: String, until: Instant) -> Result<Outcome, String> {
    let admitted = loop {
        let function = lambda.find(name).ok_or_else(|| format!("Function not found: {name}"))?;
        if let Some(admission) = function.admit() {
            break (function, admission);
        }
        if Instant::now() + PAUSE >= until {
            return Err("Function call was throttled".to_owned());
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = lambda.env.stop.cancelled() => return Err("the local cloud stops".to_owned()),
        }
    };
    let (function, _admission) = admitted;
    let invocation = Invocation {
        request_id: lambda.env.id(),
        payload: event.into(),
        trace: queue::new_trace(&lambda.env),
        client_context: None,
    };
    let outcome = function.pool.invoke(lambda, &function, invocation).await;
    outcome.ok_or_else(|| format!("Function not found: {name}"))
}
