//! The one probe that may run, and what of it exists: stopping has to know whether there is something to remove.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

#[derive(Debug, Default)]
struct State {
    /// Ends the probe that runs.
    token: Option<CancellationToken>,
    /// The queue that may exist.
    queue: Option<String>,
}

/// Room for one probe.
#[derive(Debug, Default)]
pub(in crate::cloud) struct Slot(Mutex<State>);

impl Slot {
    /// Takes the room; `None` while another probe has it.
    pub(in crate::cloud) fn begin(&self, stop: &CancellationToken) -> Option<CancellationToken> {
        let mut state = self.lock();
        if state.token.is_some() {
            return None;
        }
        let token = stop.child_token();
        *state = State { token: Some(token.clone()), queue: None };
        Some(token)
    }

    /// Asks the probe that runs to end.
    pub(in crate::cloud) fn cancel(&self) {
        if let Some(token) = &self.lock().token {
            token.cancel();
        }
    }

    /// Whether a probe runs, or is being removed.
    pub(in crate::cloud) fn is_taken(&self) -> bool {
        self.lock().token.is_some()
    }

    /// The name of the queue that may exist.
    pub(in crate::cloud) fn queue(&self) -> Option<String> {
        self.lock().queue.clone()
    }

    /// A queue is about to exist.
    pub(super) fn made(&self, name: &str) {
        self.lock().queue = Some(name.to_owned());
    }

    /// It does not exist any more.
    pub(super) fn removed(&self) {
        self.lock().queue = None;
    }

    /// The probe is over.
    pub(super) fn end(&self) {
        self.lock().token = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
