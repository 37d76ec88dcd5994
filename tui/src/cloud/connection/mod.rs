//! What all tasks of the cloud side share: where answers go, when to stop, how often to ask.
//!
//! It holds no results; those leave as updates. It knows none of the other folders of the cloud side: they use it.

mod attributes_cache;
pub(in crate::cloud) mod back_off;
pub(in crate::cloud) mod bucket_region;
pub(in crate::cloud) mod caller;
mod cancel_registry;
pub(in crate::cloud) mod changes;
pub(in crate::cloud) mod clients;
mod complete;
pub(in crate::cloud) mod credentials;
pub(crate) mod embedded;
pub(in crate::cloud) mod endpoint;
pub(in crate::cloud) mod http;
pub(in crate::cloud) mod idle;
pub(in crate::cloud) mod manager;
pub(in crate::cloud) mod probe_slot;
pub(in crate::cloud) mod problem;
pub(in crate::cloud) mod profiles;
mod proxies;
pub(in crate::cloud) mod record;
pub(in crate::cloud) mod response_date;
pub(in crate::cloud) mod sdk;
pub(in crate::cloud) mod state;
pub(in crate::cloud) mod topic;
mod unreached;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Feeds, Settings};
use crate::domain::ids::{DownloadId, UploadId};
use crate::domain::live_tail::LiveTailMode;
use crate::domain::pace::Pace;
pub(super) use crate::domain::parts::Parts;
use crate::domain::problem::Problem;
use crate::msg::Update;
use attributes_cache::AttributesCache;
use cancel_registry::CancelRegistry;
use clients::Cloud;
use credentials::CredentialsCache;
use probe_slot::ProbeSlot;
use state::ConnectionState;

/// How far transfers have come, and which hosts are waited for; the latest state wins.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes sent and bytes in all.
    pub uploads: BTreeMap<UploadId, (u64, u64)>,
    /// Bytes that have come and bytes in all.
    pub downloads: BTreeMap<DownloadId, (u64, u64)>,
    /// The hosts of requests on which nothing has moved for a while, by the request.
    pub waits: BTreeMap<u64, String>,
    /// Multipart uploads that were begun, and of which something may be in the bucket.
    pub parts: BTreeMap<u64, Parts>,
}

/// Uploads that send at the same time; the others wait.
const UPLOADS_AT_ONCE: usize = 16;
/// Downloads that receive at the same time; the others wait.
const DOWNLOADS_AT_ONCE: usize = 4;

/// When followers ask: the pace, a count of reasons to ask at once, and when a result comes without asking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PollSchedule {
    pub(super) pace: Pace,
    pub(super) polls: u64,
    pub(super) live_tail: LiveTailMode,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) settings: Settings,
    pub(super) feeds: Feeds,
    updates: mpsc::Sender<Update>,
    pub(super) progress: watch::Sender<Progress>,
    pub(super) state: ConnectionState,
    pub(super) schedule: watch::Sender<PollSchedule>,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
    pub(super) upload_slots: Semaphore,
    uploads: CancelRegistry<UploadId>,
    pub(super) download_slots: Semaphore,
    downloads: CancelRegistry<DownloadId>,
    listing: Mutex<CancellationToken>,
    preview: Mutex<CancellationToken>,
    versions: Mutex<CancellationToken>,
    /// Whose turn it is to decode a picture.
    pub(super) decoder: Arc<Semaphore>,
    pub(super) attributes_cache: AttributesCache,
    pub(super) probe: Arc<ProbeSlot>,
    /// What renews the credentials of this connection, and who keeps them.
    renewal: Mutex<Option<String>>,
    credentials: Mutex<Option<Arc<CredentialsCache>>>,
    /// Held while something is said: after `leave`, this connection has spoken its last word.
    send_lock: Mutex<()>,
}

impl Connection {
    pub(super) fn new(
        settings: Settings,
        feeds: Feeds,
        updates: mpsc::Sender<Update>,
        progress: watch::Sender<Progress>,
        stop: CancellationToken,
        tasks: TaskTracker,
        probe: Arc<ProbeSlot>,
    ) -> Self {
        Self {
            settings,
            feeds,
            updates,
            progress,
            state: ConnectionState::default(),
            schedule: watch::Sender::default(),
            stop,
            tasks,
            upload_slots: Semaphore::new(UPLOADS_AT_ONCE),
            uploads: CancelRegistry::default(),
            download_slots: Semaphore::new(DOWNLOADS_AT_ONCE),
            downloads: CancelRegistry::default(),
            listing: Mutex::default(),
            preview: Mutex::default(),
            versions: Mutex::default(),
            decoder: Arc::new(Semaphore::new(1)),
            attributes_cache: AttributesCache::default(),
            probe,
            renewal: Mutex::default(),
            credentials: Mutex::default(),
            send_lock: Mutex::default(),
        }
    }

    /// A connection that nothing else belongs to.
    #[cfg(test)]
    pub(super) fn alone(settings: Settings, updates: mpsc::Sender<Update>) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        Self::new(settings, Feeds::default(), updates, watch::Sender::default(), stop, tasks, Arc::default())
    }

    /// The clients, as soon as there are any; a problem when there will not be.
    pub(super) async fn cloud(&self) -> Result<Arc<Cloud>, Problem> {
        self.state.cloud().await
    }

    /// Tries again at once if there is no connection.
    pub(super) fn retry(&self) {
        self.state.retry();
    }

    /// Says something; a slow listener makes the speaker wait. A listener that is gone ends everything.
    pub(super) async fn send(&self, update: Update) {
        let mut update = self.with_renewal(update);
        record::said(&mut update);
        tokio::select! {
            biased;
            room = self.updates.reserve() => match room {
                Ok(room) => {
                    let _sending = lock(&self.send_lock);
                    // A connection that was left meanwhile must not be taken for the one that came after.
                    if !self.stop.is_cancelled() {
                        room.send(update);
                    }
                }
                Err(_) => self.stop.cancel(),
            },
            // The receiver may be gone; what has no room is not waited for.
            () = self.stop.cancelled() => {}
        }
    }

    /// Ends this connection: when it returns, nothing more is said.
    pub(super) fn leave(&self) {
        let _silent = lock(&self.send_lock);
        self.stop.cancel();
    }

    /// Names the command that renews this connection's credentials, and has them asked for again where they failed.
    fn with_renewal(&self, mut update: Update) -> Update {
        for problem in update.problems_mut() {
            if problem.kind.is_about_credentials()
                && let Some(credentials) = &*lock(&self.credentials)
            {
                credentials.refuse();
            }
            if problem.kind.can_be_renewed()
                && let Some(renewal) = &*lock(&self.renewal)
            {
                problem.hint = renewal.clone().into();
            }
        }
        update
    }

    /// Where the credentials of this connection are kept, and what renews them.
    pub(super) fn set_credentials(&self, credentials: Option<Arc<CredentialsCache>>, renewal: Option<String>) {
        *lock(&self.credentials) = credentials;
        *lock(&self.renewal) = renewal;
    }

    /// Runs a task until it ends or this connection does.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let _ = stop.run_until_cancelled(task).await;
        });
    }

    /// Makes followers ask at once.
    pub(super) fn poll_now(&self) {
        self.schedule.send_modify(|schedule| schedule.polls = schedule.polls.wrapping_add(1));
    }

    /// Changes how often followers ask.
    pub(super) fn set_pace(&self, pace: Pace) {
        self.schedule.send_if_modified(|schedule| std::mem::replace(&mut schedule.pace, pace) != pace);
    }

    /// Changes when Live Tail is open.
    pub(super) fn set_live_tail(&self, mode: LiveTailMode) {
        self.schedule.send_if_modified(|schedule| std::mem::replace(&mut schedule.live_tail, mode) != mode);
    }

    /// The token of a listing that replaces the one before.
    pub(super) fn next_listing(&self) -> CancellationToken {
        self.next(&self.listing)
    }

    /// The token of a preview that replaces the one before.
    pub(super) fn next_preview(&self) -> CancellationToken {
        self.next(&self.preview)
    }

    /// The token of a listing of versions that replaces the one before.
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

    /// Cancels an upload that is in progress.
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

    /// Cancels a download that is in progress.
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
