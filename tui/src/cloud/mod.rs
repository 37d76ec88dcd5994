//! The cloud side: does what effects ask for and says what came of it. The only room that knows AWS's SDK.
//!
//! It gets [`CloudEffect`] data and sends [`Update`] data; it never sees the model.

mod connect;
mod context;
mod credentials;
mod doctor;
mod download;
pub(crate) mod embedded;
mod find;
mod folder;
mod follow;
mod home;
mod http;
mod hub;
mod inbox;
mod lines;
mod link;
mod metrics;
mod objects;
mod plain;
mod policies;
mod preview;
mod probe;
mod problem;
mod profiles;
mod receipts;
mod record;
mod subscriptions;
mod tokens;
pub(crate) mod upload;
mod versions;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::config::{Feeds, Settings};
use crate::domain::ids::{DownloadId, UploadId};
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::text::clean::Clean;
use context::Context;
use hub::Hub;

/// How far transfers on their way have come; the latest state wins.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes sent and bytes in all.
    pub uploads: BTreeMap<UploadId, (u64, u64)>,
    /// Bytes that have come and bytes in all.
    pub downloads: BTreeMap<DownloadId, (u64, u64)>,
}

/// The running cloud side. Dropping it cancels everything.
#[derive(Debug)]
pub struct Driver {
    hub: Arc<Hub>,
    runtime: Handle,
}

impl Driver {
    /// Starts to connect and, once connected, to follow the feeds. Returns at once; effects wait for the connection.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn start(
        settings: Settings,
        feeds: Feeds,
        updates: mpsc::Sender<Update>,
        progress: watch::Sender<Progress>,
    ) -> Self {
        let runtime = Handle::current();
        Self { hub: Hub::start(settings, feeds, updates, progress, runtime.clone()), runtime }
    }

    /// Does what an effect asks for, in a task of its own. Never waits.
    pub fn perform(&self, effect: CloudEffect) {
        record::asked(&effect);
        let context = self.hub.current();
        // A task ends with the connection that it works for, also where another one takes its place at this moment.
        let here = Arc::clone(&context);
        match effect {
            // What order decides is decided here, before any task runs.
            CloudEffect::ListObjects { request } => {
                context.link.retry();
                let token = context.next_listing();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = objects::list(&context, request) => {}
                    }
                });
            }
            CloudEffect::Preview { request, id, size } => {
                let token = context.next_preview();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = preview::show(&context, request, id, size) => {}
                    }
                });
            }
            CloudEffect::ListVersions { request, key } => {
                let token = context.next_versions();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = versions::list(&context, request, &key) => {}
                    }
                });
            }
            CloudEffect::Upload { id, upload } => {
                let token = context.begin_upload(id);
                // An upload sees the end for itself, so that it can tidy up in S3.
                let tasks = context.tasks.clone();
                tasks.spawn_on(upload::run(context, id, upload, token), &self.runtime);
            }
            CloudEffect::CancelUpload(id) => context.cancel_upload(id),
            CloudEffect::Download { id, download } => {
                let token = context.begin_download(id);
                // It sees the end for itself, so that it can remove what has come of it.
                let tasks = context.tasks.clone();
                tasks.spawn_on(download::run(context, id, download, token), &self.runtime);
            }
            CloudEffect::CancelDownload(id) => context.cancel_download(id),
            CloudEffect::Pace(pace) => context.set_pace(pace),
            CloudEffect::LiveTail(wish) => context.wish_live_tail(wish),
            CloudEffect::FindObject { key } => self.spawn(&here, async move { objects::find(&context, &key).await }),
            CloudEffect::ListFolder { request, place } => {
                self.spawn(&here, async move { folder::list(&context, request, place).await });
            }
            CloudEffect::ScanFiles { request, sources } => {
                self.spawn(&here, async move { upload::file_scan::run(&context, request, sources).await });
            }
            CloudEffect::RememberFolder(folder) => self.spawn(&here, folder::remember(folder)),
            CloudEffect::ListSubscriptions { request, anew } => {
                self.spawn(&here, async move { subscriptions::list(&context, request, anew).await });
            }
            CloudEffect::ReadMetrics { request } => {
                self.spawn(&here, async move { metrics::read(&context, request).await });
            }
            CloudEffect::Subscribe { protocol, endpoint } => {
                self.spawn(&here, async move { subscriptions::subscribe(&context, protocol, &endpoint).await });
            }
            CloudEffect::Unsubscribe { arn } => {
                self.spawn(&here, async move { subscriptions::unsubscribe(&context, &arn).await });
            }
            CloudEffect::Confirm(confirmation) => {
                self.spawn(&here, async move { subscriptions::confirm(&context, &confirmation).await });
            }
            CloudEffect::BeginProbe => match context.probe.begin(&context.stop) {
                Some(token) => {
                    let tasks = context.tasks.clone();
                    // It sees the end for itself, so that it can remove what it made.
                    tasks.spawn_on(probe::run(context, token), &self.runtime);
                }
                None => self.spawn(&here, async move { probe::refuse(&context).await }),
            },
            CloudEffect::EndProbe => context.probe.cancel(),
            CloudEffect::Examine { request, key } => {
                self.spawn(&here, async move { doctor::examine(&context, request, key).await });
            }
            CloudEffect::Reconnect => context.link.retry(),
            CloudEffect::ListProfiles { request } => self.spawn(&here, async move {
                context.say(Update::ProfilesListed { request, profiles: profiles::choices().await }).await;
            }),
            CloudEffect::Switch(switch) => self.hub.switch(&switch),
            CloudEffect::StartLocal => self.hub.start_local(),
        }
    }

    /// The name of the probe queue that exists now, if any.
    pub fn probe(&self) -> Option<Clean> {
        self.hub.probe()
    }

    /// Cancels everything and waits for it to end: a second at most, or five where a probe has to be removed.
    ///
    /// The names of probe queues come back that may be left.
    pub async fn stop(self) -> Vec<Clean> {
        self.stop_within(hub::LAST_WORDS_OF_PROBE).await
    }

    /// The same in a limited time.
    pub async fn stop_within(self, limit: Duration) -> Vec<Clean> {
        self.hub.stop(limit).await;
        self.hub.left()
    }

    /// Runs a task until it ends or its connection does.
    fn spawn(&self, context: &Context, task: impl Future<Output = ()> + Send + 'static) {
        hub::spawn(context, &self.runtime, task);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.hub.end();
    }
}
