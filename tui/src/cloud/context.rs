//! What all tasks of the cloud side share: where answers go, when to stop, how often to ask.
//!
//! It holds no results; those leave as updates.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Progress;
use super::credentials::Keeper;
use super::link::Link;
use super::record;
use super::tokens::Tokens;
use crate::config::{Feeds, Settings};
use crate::domain::ids::{DownloadId, UploadId};
use crate::domain::live_tail::Wish;
use crate::domain::pace::Pace;
use crate::msg::Update;

/// Uploads that send at the same time; the others wait.
const UPLOADS_AT_ONCE: usize = 16;
/// Downloads that receive at the same time; the others wait.
const DOWNLOADS_AT_ONCE: usize = 4;

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
    uploads: Tokens<UploadId>,
    pub(super) download_slots: Semaphore,
    downloads: Tokens<DownloadId>,
    listing: Mutex<CancellationToken>,
    preview: Mutex<CancellationToken>,
    versions: Mutex<CancellationToken>,
    /// Whose turn it is to decode a picture.
    pub(super) decoder: Arc<Semaphore>,
    pub(super) policies: super::policies::Policies,
    pub(super) probe: Arc<super::probe::Slot>,
    /// What renews the credentials of this connection, and who keeps them.
    renewal: Mutex<Option<String>>,
    keeper: Mutex<Option<Arc<Keeper>>>,
    /// Held while something is said: after `leave`, this connection has spoken its last word.
    mouth: Mutex<()>,
}

impl Context {
    pub(super) fn new(
        settings: Settings,
        feeds: Feeds,
        updates: mpsc::Sender<Update>,
        progress: watch::Sender<Progress>,
        stop: CancellationToken,
        tasks: TaskTracker,
        probe: Arc<super::probe::Slot>,
    ) -> Self {
        Self {
            settings,
            feeds,
            updates,
            progress,
            link: Link::default(),
            beat: watch::Sender::default(),
            stop,
            tasks,
            upload_slots: Semaphore::new(UPLOADS_AT_ONCE),
            uploads: Tokens::default(),
            download_slots: Semaphore::new(DOWNLOADS_AT_ONCE),
            downloads: Tokens::default(),
            listing: Mutex::default(),
            preview: Mutex::default(),
            versions: Mutex::default(),
            decoder: Arc::new(Semaphore::new(1)),
            policies: super::policies::Policies::default(),
            probe,
            renewal: Mutex::default(),
            keeper: Mutex::default(),
            mouth: Mutex::default(),
        }
    }

    /// A connection that nothing else belongs to.
    #[cfg(test)]
    pub(super) fn alone(settings: Settings, updates: mpsc::Sender<Update>) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self::new(settings, Feeds::default(), updates, watch::Sender::default(), stop, tasks, Arc::default())
    }

    /// Says something; a slow listener makes the speaker wait. A listener that is gone ends everything.
    pub(super) async fn say(&self, update: Update) {
        let mut update = self.with_renewal(update);
        record::said(&mut update);
        tokio::select! {
            biased;
            room = self.updates.reserve() => match room {
                Ok(room) => {
                    let _speaking = lock(&self.mouth);
                    // Whoever was cut off meanwhile must not be taken for the connection that came after.
                    if !self.stop.is_cancelled() {
                        room.send(update);
                    }
                }
                Err(_) => self.stop.cancel(),
            },
            // Nobody may be listening any more; what has no room is not waited for.
            () = self.stop.cancelled() => {}
        }
    }

    /// Ends this connection: when it returns, nothing more is said.
    pub(super) fn leave(&self) {
        let _silent = lock(&self.mouth);
        self.stop.cancel();
    }

    /// Names the command that renews this connection's credentials, and has them asked for again where they failed.
    fn with_renewal(&self, mut update: Update) -> Update {
        for problem in update.problems_mut() {
            if problem.kind.is_about_credentials()
                && let Some(keeper) = &*lock(&self.keeper)
            {
                keeper.refuse();
            }
            if problem.kind.can_be_renewed()
                && let Some(renewal) = &*lock(&self.renewal)
            {
                problem.hint = renewal.clone().into();
            }
        }
        update
    }

    /// What renews the credentials of this connection.
    pub(super) fn know_renewal(&self, advice: Option<String>) {
        *lock(&self.renewal) = advice;
    }

    /// Who keeps the credentials of this connection.
    pub(super) fn know_keeper(&self, keeper: &Arc<Keeper>) {
        *lock(&self.keeper) = Some(Arc::clone(keeper));
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

    /// The token of a listing of versions that takes the place of the one before.
    pub(super) fn next_versions(&self) -> CancellationToken {
        self.next(&self.versions)
    }

    fn next(&self, slot: &Mutex<CancellationToken>) -> CancellationToken {
        let token = self.stop.child_token();
        std::mem::replace(&mut *lock(slot), token.clone()).cancel();
        token
    }

    /// The token of a new upload.
    pub(super) fn begin_upload(&self, id: UploadId) -> CancellationToken {
        self.uploads.begin(id, &self.stop)
    }

    /// Cancels an upload that is on its way.
    pub(super) fn cancel_upload(&self, id: UploadId) {
        self.uploads.cancel(&id);
    }

    /// Forgets an upload that is over.
    pub(super) fn end_upload(&self, id: UploadId) {
        self.uploads.end(&id);
        self.progress.send_if_modified(|progress| progress.uploads.remove(&id).is_some());
    }

    /// The token of a new download.
    pub(super) fn begin_download(&self, id: DownloadId) -> CancellationToken {
        self.downloads.begin(id, &self.stop)
    }

    /// Cancels a download that is on its way.
    pub(super) fn cancel_download(&self, id: DownloadId) {
        self.downloads.cancel(&id);
    }

    /// Forgets a download that is over.
    pub(super) fn end_download(&self, id: DownloadId) {
        self.downloads.end(&id);
        self.progress.send_if_modified(|progress| progress.downloads.remove(&id).is_some());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
