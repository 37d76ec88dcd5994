//! The cloud side: does what effects ask for and says what came of it. The only room that knows AWS's SDK.
//!
//! It gets [`CloudEffect`] data and sends [`Update`] data; it never sees the model.

mod connection;
mod doctor;
mod download;
mod establish;
mod folder;
mod follow;
mod objects;
mod probe;
mod subscriptions;
pub(crate) mod upload;
mod wiring;

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::config::{Feeds, Settings};
use crate::domain::subscriptions::Protocol;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::text::clean::Clean;
pub use connection::Progress;
pub(crate) use connection::embedded;
use connection::manager::{self, ConnectionManager};
use connection::{Connection, profiles, record};
pub(crate) use establish::ignores_endpoints;
use objects::{listing, preview, versions, written};
use subscriptions::metrics;

/// The running cloud side. Dropping it cancels everything.
#[derive(Debug)]
pub struct Driver {
    connections: Arc<ConnectionManager>,
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
        Self {
            connections: ConnectionManager::start(
                settings,
                feeds,
                updates,
                progress,
                runtime.clone(),
                establish::begin,
            ),
            runtime,
        }
    }

    /// Does what an effect asks for, in a task of its own. Never waits.
    pub fn perform(&self, effect: CloudEffect) {
        record::asked(&effect);
        let connection = self.connections.current();
        // A task ends with the connection that it works for, also where another one takes its place at this moment.
        let here = Arc::clone(&connection);
        match effect {
            // What order decides is decided here, before any task runs.
            CloudEffect::ListObjects { request, order } => {
                connection.retry();
                let token = connection.next_listing();
                self.spawn_until(&here, token, async move { listing::list(&connection, request, order).await });
            }
            CloudEffect::Preview { request, id, size } => {
                let token = connection.next_preview();
                self.spawn_until(&here, token, async move { preview::show(&connection, request, id, size).await });
            }
            CloudEffect::ListVersions { request, key } => {
                let token = connection.next_versions();
                self.spawn_until(&here, token, async move { versions::list(&connection, request, &key).await });
            }
            CloudEffect::Upload { id, upload } => {
                let token = connection.begin_upload(id);
                // An upload sees the end for itself, so that it can tidy up in S3.
                let tasks = connection.tasks.clone();
                tasks.spawn_on(upload::run(connection, id, upload, token), &self.runtime);
            }
            CloudEffect::CancelUpload(id) => connection.cancel_upload(id),
            CloudEffect::Download { id, download } => {
                let token = connection.begin_download(id);
                // It sees the end for itself, so that it can remove what has come of it.
                let tasks = connection.tasks.clone();
                tasks.spawn_on(download::run(connection, id, download, token), &self.runtime);
            }
            CloudEffect::CancelDownload(id) => connection.cancel_download(id),
            CloudEffect::Pace(pace) => connection.set_pace(pace),
            CloudEffect::LiveTail(mode) => connection.set_live_tail(mode),
            CloudEffect::FindObject { key } => self.spawn(&here, async move { objects::find(&connection, &key).await }),
            CloudEffect::ListWritten { since } => {
                self.spawn(&here, async move { written::list(&connection, since).await });
            }
            CloudEffect::CountMessages(of) => self.spawn(&here, async move { metrics::count(&connection, of).await }),
            CloudEffect::ListFolder { request, place } => {
                self.spawn(&here, async move { folder::list(&connection, request, place).await });
            }
            CloudEffect::ScanFiles { request, sources } => {
                self.spawn(&here, async move { upload::file_scan::run(&connection, request, sources).await });
            }
            CloudEffect::RememberFolder(folder) => self.spawn(&here, folder::remember(folder)),
            CloudEffect::ListSubscriptions { request, refresh } => {
                self.spawn(&here, async move { subscriptions::list(&connection, request, refresh).await });
            }
            CloudEffect::ReadMetrics { request } => {
                self.spawn(&here, async move { metrics::read(&connection, request).await });
            }
            CloudEffect::Subscribe { protocol, endpoint } => {
                self.spawn(&here, async move {
                    let is_subscribed = subscriptions::subscribe(&connection, protocol, &endpoint).await;
                    if is_subscribed && protocol == Protocol::Sqs {
                        doctor::check_queue(&connection, &endpoint).await;
                    }
                });
            }
            CloudEffect::Unsubscribe { arn } => {
                self.spawn(&here, async move { subscriptions::unsubscribe(&connection, &arn).await });
            }
            CloudEffect::Confirm(confirmation) => {
                self.spawn(&here, async move { subscriptions::confirm(&connection, &confirmation).await });
            }
            CloudEffect::BeginProbe => match connection.probe.begin(&connection.stop) {
                Some(token) => {
                    let tasks = connection.tasks.clone();
                    // It sees the end for itself, so that it can remove what it made.
                    tasks.spawn_on(probe::run(connection, token), &self.runtime);
                }
                None => self.spawn(&here, async move { probe::refuse(&connection).await }),
            },
            CloudEffect::EndProbe => connection.probe.cancel(),
            CloudEffect::Examine { request, key } => {
                self.spawn(&here, async move { doctor::examine(&connection, request, key).await });
            }
            CloudEffect::ReadWiring => self.spawn(&here, async move {
                if let Ok(cloud) = connection.cloud().await {
                    cloud.wiring_asked.notify_one();
                }
            }),
            CloudEffect::Reconnect => connection.retry(),
            CloudEffect::ListProfiles { request } => self.spawn(&here, async move {
                connection.send(Update::ProfilesListed { request, profiles: profiles::choices().await }).await;
            }),
            CloudEffect::Switch(switch) => self.connections.switch(&switch),
            CloudEffect::StartLocal => self.connections.start_local(),
        }
    }

    /// The name of the probe queue that exists now, if any.
    pub fn probe(&self) -> Option<Clean> {
        self.connections.probe()
    }

    /// Cancels everything and waits for it to end: a second at most, or five where a probe has to be removed.
    ///
    /// The names of probe queues come back that may be left.
    pub async fn stop(self) -> Vec<Clean> {
        self.stop_within(manager::LAST_WORDS_OF_PROBE).await
    }

    /// The same in a limited time.
    pub async fn stop_within(self, limit: Duration) -> Vec<Clean> {
        self.connections.stop(limit).await;
        self.connections.left()
    }

    /// Runs a task until it ends, is cancelled or its connection ends.
    fn spawn_until(
        &self,
        connection: &Connection,
        token: CancellationToken,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        self.spawn(connection, async move {
            tokio::select! {
                () = token.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// Runs a task until it ends or its connection does.
    fn spawn(&self, connection: &Connection, task: impl Future<Output = ()> + Send + 'static) {
        manager::spawn(connection, &self.runtime, task);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.connections.end();
    }
}
