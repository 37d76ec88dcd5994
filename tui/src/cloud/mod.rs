//! The cloud side: does what effects ask for and says what came of it. The only room that knows AWS's SDK.
//!
//! It gets [`Effect`] data and sends [`Update`] data; it never sees the model.

mod connect;
mod context;
mod credentials;
mod doctor;
mod follow;
mod http;
mod inbox;
mod lines;
mod link;
mod multipart;
mod objects;
mod paths;
mod plain;
mod policies;
mod problem;
mod receipts;
mod source;
mod subscriptions;
mod tally;
mod upload;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

use crate::config::{Feeds, Settings};
use crate::effect::Effect;
use crate::model::dialog::Deed;
use crate::model::uploads::fact::UploadId;
use crate::msg::Update;
use context::Context;

/// Bytes sent and bytes in all of each upload on its way; the latest state wins.
pub type Progress = BTreeMap<UploadId, (u64, u64)>;

/// How long stopping waits for tasks to clean up.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The running cloud side. Dropping it cancels everything.
#[derive(Debug)]
pub struct Driver {
    context: Arc<Context>,
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
        let context = Arc::new(Context::new(settings, feeds, updates, progress));
        let driver = Self { runtime: Handle::current(), context };
        driver.spawn(link::establish(Arc::clone(&driver.context)));
        driver
    }

    /// Does what an effect asks for, in a task of its own. Never waits.
    pub fn perform(&self, effect: Effect) {
        let context = Arc::clone(&self.context);
        match effect {
            // What order decides is decided here, before any task runs.
            Effect::ListObjects { request } => {
                context.link.retry();
                let token = context.next_listing();
                self.spawn(async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        () = objects::list(&context, request) => {}
                    }
                });
            }
            Effect::Upload { id, source } => {
                let token = context.begin_upload(id);
                // An upload sees the end for itself, so that it can tidy up in S3.
                self.context.tasks.spawn_on(upload::run(context, id, source, token), &self.runtime);
            }
            Effect::CancelUpload(id) => context.cancel_upload(id),
            Effect::Pace(pace) => context.set_pace(pace),
            Effect::FindObject { key } => self.spawn(async move { objects::find(&context, &key).await }),
            Effect::CompletePath { request, text } => {
                self.spawn(async move { paths::complete(&context, request, text).await });
            }
            Effect::ListSubscriptions { request } => {
                self.spawn(async move { subscriptions::list(&context, request).await });
            }
            Effect::Subscribe { protocol, endpoint } => {
                self.spawn(async move { subscriptions::subscribe(&context, protocol, &endpoint).await });
            }
            Effect::Do(Deed::Unsubscribe { arn }) => {
                self.spawn(async move { subscriptions::unsubscribe(&context, &arn).await });
            }
            Effect::Do(Deed::Confirm(confirmation)) => {
                self.spawn(async move { subscriptions::confirm(&context, &confirmation).await });
            }
            Effect::Examine { request, key } => {
                self.spawn(async move { doctor::examine(&context, request, key).await });
            }
            // The terminal's business.
            Effect::Quit | Effect::Suspend | Effect::Do(Deed::Quit) => {}
        }
    }

    /// Cancels everything and waits for it to end, a second at most.
    pub async fn stop(self) {
        self.context.stop.cancel();
        self.context.tasks.close();
        // What has not ended by now is cut off with the runtime.
        let _ = tokio::time::timeout(LAST_WORDS, self.context.tasks.wait()).await;
    }

    /// Runs a task until it ends or everything stops.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.context.stop.clone();
        let guarded = async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        };
        self.context.tasks.spawn_on(guarded, &self.runtime);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.context.stop.cancel();
    }
}
