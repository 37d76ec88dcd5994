//! The cloud side: does what effects ask for and says what came of it. The only room that knows AWS's SDK.
//!
//! It gets [`Effect`] data and sends [`Update`] data; it never sees the model.

mod checksum;
mod connect;
mod context;
mod credentials;
mod doctor;
mod download;
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
mod multipart;
mod objects;
mod plain;
mod policies;
mod preview;
mod probe;
mod problem;
mod profiles;
mod receipts;
mod record;
mod source;
mod subscriptions;
pub(crate) mod survey;
mod tally;
mod tokens;
mod upload;
mod versions;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::config::{Feeds, Settings};
use crate::effect::Effect;
use crate::model::dialog::Deed;
use crate::model::downloads::DownloadId;
use crate::model::uploads::fact::UploadId;
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
    pub fn perform(&self, effect: Effect) {
        record::asked(&effect);
        let context = self.hub.current();
        // A task ends with the connection that it works for, also where another one takes its place at this moment.
        let here = Arc::clone(&context);
        match effect {
            // What order decides is decided here, before any task runs.
            Effect::ListObjects { request } => {
                context.link.retry();
                let token = context.next_listing();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = objects::list(&context, request) => {}
                    }
                });
            }
            Effect::Preview { request, id, size } => {
                let token = context.next_preview();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = preview::show(&context, request, id, size) => {}
                    }
                });
            }
            Effect::ListVersions { request, key } => {
                let token = context.next_versions();
                self.spawn(&here, async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = versions::list(&context, request, &key) => {}
                    }
                });
            }
            Effect::Upload { id, upload } => {
                let token = context.begin_upload(id);
                // An upload sees the end for itself, so that it can tidy up in S3.
                let tasks = context.tasks.clone();
                tasks.spawn_on(upload::run(context, id, upload, token), &self.runtime);
            }
            Effect::CancelUpload(id) => context.cancel_upload(id),
            Effect::Download { id, download } => {
                let token = context.begin_download(id);
                // It sees the end for itself, so that it can remove what has come of it.
                let tasks = context.tasks.clone();
                tasks.spawn_on(download::run(context, id, download, token), &self.runtime);
            }
            Effect::CancelDownload(id) => context.cancel_download(id),
            Effect::Pace(pace) => context.set_pace(pace),
            Effect::LiveTail(wish) => context.wish_live_tail(wish),
            Effect::FindObject { key } => self.spawn(&here, async move { objects::find(&context, &key).await }),
            Effect::ListFolder { request, place } => {
                self.spawn(&here, async move { folder::list(&context, request, place).await });
            }
            Effect::Survey { request, sources } => {
                self.spawn(&here, async move { survey::take(&context, request, sources).await });
            }
            Effect::RememberFolder(folder) => self.spawn(&here, folder::remember(folder)),
            Effect::ListSubscriptions { request, anew } => {
                self.spawn(&here, async move { subscriptions::list(&context, request, anew).await });
            }
            Effect::ReadMetrics { request } => {
                self.spawn(&here, async move { metrics::read(&context, request).await });
            }
            Effect::Subscribe { protocol, endpoint } => {
                self.spawn(&here, async move { subscriptions::subscribe(&context, protocol, &endpoint).await });
            }
            Effect::Do(Deed::Unsubscribe { arn }) => {
                self.spawn(&here, async move { subscriptions::unsubscribe(&context, &arn).await });
            }
            Effect::Do(Deed::Confirm(confirmation)) => {
                self.spawn(&here, async move { subscriptions::confirm(&context, &confirmation).await });
            }
            Effect::Do(Deed::Probe) => match context.probe.begin(&context.stop) {
                Some(token) => {
                    let tasks = context.tasks.clone();
                    // It sees the end for itself, so that it can remove what it made.
                    tasks.spawn_on(probe::run(context, token), &self.runtime);
                }
                None => self.spawn(&here, async move { probe::refuse(&context).await }),
            },
            Effect::EndProbe => context.probe.cancel(),
            Effect::Examine { request, key } => {
                self.spawn(&here, async move { doctor::examine(&context, request, key).await });
            }
            Effect::Reconnect => context.link.retry(),
            Effect::ListProfiles { request } => self.spawn(&here, async move {
                context.say(Update::ProfilesListed { request, profiles: profiles::choices().await }).await;
            }),
            Effect::Switch(switch) => self.hub.switch(&switch),
            Effect::StartLocal => self.hub.start_local(),
            // The terminal's business, and deeds that become other effects before they come here.
            Effect::Quit
            | Effect::Suspend
            | Effect::Copy(_)
            | Effect::Mouse(_)
            | Effect::Notify(..)
            | Effect::Do(
                Deed::Quit | Deed::Overwrite(_) | Deed::CancelUploads | Deed::Replace { .. } | Deed::Switch(_),
            ) => {}
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
