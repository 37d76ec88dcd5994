//! The one probe that may run, and what of it exists: stopping has to know whether there is something to remove.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::text::clean::Clean;

#[derive(Debug, Default)]
struct State {
    /// Ends the probe that runs.
    token: Option<CancellationToken>,
    /// The queue that may exist.
    queue: Option<String>,
    /// Queues of probes that are over, and that could not be removed.
    left: Vec<String>,
}

/// Room for one probe.
#[derive(Debug, Default)]
pub(in crate::cloud) struct ProbeSlot {
    state: Mutex<State>,
    /// Held while earlier probes are removed: two at it would be in each other's way.
    pub(in crate::cloud) sweeping: tokio::sync::Mutex<()>,
}

impl ProbeSlot {
    /// Takes the room; `None` while another probe has it.
    pub(in crate::cloud) fn begin(&self, stop: &CancellationToken) -> Option<CancellationToken> {
        let mut state = self.lock();
        if state.token.is_some() {
            return None;
        }
        let token = stop.child_token();
        state.token = Some(token.clone());
        Some(token)
    }

    /// Asks the probe that runs to end.
    pub(in crate::cloud) fn cancel(&self) {
        if let Some(token) = &self.lock().token {
            token.cancel();
        }
    }

    /// Whether a probe runs, or is being removed.
    pub(in crate::cloud) fn is_running(&self) -> bool {
        self.lock().token.is_some()
    }

    /// The name of the queue of the probe that runs, or is being removed.
    pub(in crate::cloud) fn queue(&self) -> Option<String> {
        self.lock().queue.clone()
    }

    /// The names of all queues that may exist.
    pub(in crate::cloud) fn left(&self) -> Vec<String> {
        let state = self.lock();
        state.left.iter().chain(&state.queue).cloned().collect()
    }

    /// A queue is about to exist.
    pub(in crate::cloud) fn made(&self, name: &str) {
        self.lock().queue = Some(name.to_owned());
    }

    /// It does not exist any more.
    pub(in crate::cloud) fn removed(&self) {
        self.lock().queue = None;
    }

    /// A later probe has removed these.
    pub(in crate::cloud) fn swept(&self, removed: &[Clean]) {
        self.lock().left.retain(|name| removed.iter().all(|removed| removed.raw() != name));
    }

    /// The probe is over. Where its queue was not removed, that is for the end: the connection that it was made in may
    /// have been left, and then the user has not seen it.
    pub(in crate::cloud) fn end(&self) {
        let mut state = self.lock();
        state.token = None;
        let queue = state.queue.take();
        state.left.extend(queue);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_remembered_until_it_is_swept() {
        let (slot, stop) = (ProbeSlot::default(), CancellationToken::new());
        assert!(slot.begin(&stop).is_some() && slot.begin(&stop).is_none());
        slot.made("first");
        assert_eq!(slot.queue().as_deref(), Some("first"));
        slot.end();
        assert_eq!((slot.queue(), slot.left()), (None, vec!["first".to_owned()]), "nothing is being removed any more");

        assert!(slot.begin(&stop).is_some());
        slot.made("second");
        assert_eq!(slot.left(), ["first", "second"]);
        slot.swept(&["first".into()]);
        slot.removed();
        slot.end();
        assert_eq!(slot.left(), Vec::<String>::new());
    }
}
