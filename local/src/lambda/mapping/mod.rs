//! Event source mappings: a function that is invoked with the messages of a queue.
//!
//! `poller` receives and invokes, `batch` has the event and what its answer means. `api::mapping` has the operations.

mod batch;
mod poller;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use imgwatch_shared::event_pattern::EventPattern;
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::Lambda;

/// One mapping. A change of its settings starts a new poller.
pub(super) struct Mapping {
    pub(super) uuid: String,
    pub(super) queue_arn: String,
    state: Mutex<State>,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    /// The function's name.
    pub(super) function: String,
    pub(super) enabled: bool,
    pub(super) batch_size: usize,
    /// How long a batch that is not full waits for more messages.
    pub(super) window: Duration,
    /// `ReportBatchItemFailures`.
    pub(super) reports_failures: bool,
    /// Messages that match none of these are deleted; without any, all match.
    pub(super) filters: Vec<EventPattern>,
    pub(super) max_concurrency: Option<usize>,
}

/// The default of AWS.
const BATCH_SIZE: usize = 10;

impl Settings {
    /// The defaults of AWS.
    pub(super) fn of(function: &str) -> Self {
        Self {
            function: function.to_owned(),
            enabled: true,
            batch_size: BATCH_SIZE,
            window: Duration::ZERO,
            reports_failures: false,
            filters: Vec::new(),
            max_concurrency: None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) settings: Arc<Settings>,
    pub(super) modified: Timestamp,
    /// What the last batch failed with.
    pub(super) problem: Option<String>,
    poller: CancellationToken,
}

impl Mapping {
    pub(super) fn new(lambda: &Arc<Lambda>, queue_arn: String, settings: Settings) -> Arc<Self> {
        let state = State {
            settings: Arc::new(settings),
            modified: lambda.env.now(),
            problem: None,
            poller: lambda.env.stop.child_token(),
        };
        let mapping = Arc::new(Self { uuid: lambda.env.id(), queue_arn, state: Mutex::new(state) });
        mapping.start(lambda);
        mapping
    }

    pub(super) fn state(&self) -> State {
        self.lock().clone()
    }

    /// Changes the settings; batches that are being processed end with the old ones.
    pub(super) fn update(self: &Arc<Self>, lambda: &Arc<Lambda>, settings: Settings) {
        {
            let mut state = self.lock();
            state.poller.cancel();
            state.poller = lambda.env.stop.child_token();
            state.settings = Arc::new(settings);
            state.modified = lambda.env.now();
            state.problem = None;
        }
        self.start(lambda);
    }

    /// Stops receiving.
    pub(super) fn stop(&self) {
        self.lock().poller.cancel();
    }

    fn start(self: &Arc<Self>, lambda: &Arc<Lambda>) {
        let State { settings, poller, .. } = self.state();
        if settings.enabled {
            lambda.env.tasks.spawn(poller::run(Arc::clone(lambda), Arc::clone(self), settings, poller));
        }
    }

    fn note(&self, problem: Option<String>) {
        self.lock().problem = problem;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
