//! What all tasks of the cloud side share: where answers go, when to stop, how often to ask.
//!
//! It holds no results; those leave as updates.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Progress;
use super::link::Link;
use crate::config::{Feeds, Settings};
use crate::effect::Pace;
use crate::model::live_tail::Wish;
use crate::model::uploads::fact::UploadId;
use crate::msg::Update;

/// Uploads that send at the same time; the others wait.
const UPLOADS_AT_ONCE: usize = 16;

/// When followers ask: the pace, a count of reasons to ask at once, and when to be told without asking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) pace: Pace,
    pub(super) nudges: u64,
    pub(super) live_tail: Wish,
}

#[derive(Debug)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) feeds: Feeds,
    updates: mpsc::Sender<Update>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) link: Link,
    pub(super) beat: watch::Sender<Beat>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) upload_slots: Semaphore,
    uploads: Mutex<HashMap<UploadId, CancellationToken>>,
    listing: Mutex<CancellationToken>,
    preview: Mutex<CancellationToken>,
    pub(super) policies: super::policies::Policies,
    pub(super) probe: super::probe::Slot,
}

impl Context {
    pub(super) fn new(
        settings: Settings,
        feeds: Feeds,
        updates: mpsc::Sender<Update>,
        progress: watch::Sender<Progress>,
    ) -> Self {
        Self {
            settings,
            feeds,
            updates,
            progress,
            link: Link::default(),
            beat: watch::Sender::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            upload_slots: Semaphore::new(UPLOADS_AT_ONCE),
            uploads: Mutex::default(),
            listing: Mutex::default(),
            preview: Mutex::default(),
            policies: super::policies::Policies::default(),
            probe: super::probe::Slot::default(),
        }
    }

    /// Says something; a slow listener makes the speaker wait. A listener that is gone ends everything.
    pub(super) async fn say(&self, update: Update) {
        tokio::select! {
            biased;
            sent = self.updates.send(update) => {
                if sent.is_err() {
                    self.stop.cancel();
                }
            }
            // Nobody may be listening any more; what has no room is not waited for.
            () = self.stop.cancelled() => {}
        }
    }

    /// Makes followers ask at once.
    pub(super) fn nudge(&self) {
        self.beat.send_modify(|beat| beat.nudges = beat.nudges.wrapping_add(1));
    }

    /// Changes how often followers ask.
    pub(super) fn set_pace(&self, pace: Pace) {
        self.beat.send_if_modified(|beat| std::mem::replace(&mut beat.pace, pace) != pace);
    }

    /// Changes when Live Tail is open.
    pub(super) fn wish_live_tail(&self, wish: Wish) {
        self.beat.send_if_modified(|beat| std::mem::replace(&mut beat.live_tail, wish) != wish);
    }

    /// The token of a listing that takes the place of the one before.
    pub(super) fn next_listing(&self) -> CancellationToken {
        self.next(&self.listing)
    }

    /// The token of a preview that takes the place of the one before.
    pub(super) fn next_preview(&self) -> CancellationToken {
        self.next(&self.preview)
    }

    fn next(&self, slot: &Mutex<CancellationToken>) -> CancellationToken {
        let token = self.stop.child_token();
        std::mem::replace(&mut *lock(slot), token.clone()).cancel();
        token
    }

    /// The token of a new upload.
    pub(super) fn begin_upload(&self, id: UploadId) -> CancellationToken {
        let token = self.stop.child_token();
        lock(&self.uploads).insert(id, token.clone());
        token
    }

    /// Cancels an upload that is on its way.
    pub(super) fn cancel_upload(&self, id: UploadId) {
        if let Some(token) = lock(&self.uploads).get(&id) {
            token.cancel();
        }
    }

    /// Forgets an upload that is over.
    pub(super) fn end_upload(&self, id: UploadId) {
        lock(&self.uploads).remove(&id);
        self.progress.send_if_modified(|progress| progress.remove(&id).is_some());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
