//! S3: a store of our own behind `s3s`, which speaks the protocol.
//!
//! A request passes `edge` (ids, credentials, the body's decoding and digests), then `s3s`, then `service`, which
//! hands it to the operation's module. A form upload goes from `edge` to `post`.

mod buckets;
mod chunked;
mod complete;
mod configure;
mod copy;
mod credentials;
mod delete;
mod digest;
mod edge;
mod event;
mod files;
mod form;
mod get;
mod limits;
mod list;
mod list_versions;
mod mail_safe;
mod multipart;
mod notification;
mod payload;
mod post;
mod post_policy;
mod problem;
mod put;
mod reply;
mod service;
mod store;
mod tags;
mod unsupported;
mod uploads;
mod versions;

use std::sync::Arc;

pub(crate) use edge::handle;
pub(crate) use notification::Destination;

use crate::common::deliver::{Deliver, EventBus};
use crate::common::env::Env;

pub(crate) struct S3 {
    env: Arc<Env>,
    deliver: Arc<dyn Deliver>,
    bus: Arc<dyn EventBus>,
    store: store::Store,
}

impl S3 {
    /// Keeps objects in a directory below `parent`.
    /// Errors: it cannot be created.
    pub(crate) fn new(
        env: Arc<Env>,
        deliver: Arc<dyn Deliver>,
        bus: Arc<dyn EventBus>,
        parent: &std::path::Path,
    ) -> std::io::Result<Self> {
        Ok(Self { store: store::Store::new(Arc::clone(&env), parent)?, env, deliver, bus })
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> serde_json::Value {
        self.store.held()
    }

    /// Creates a bucket that keeps versions, where there is none of that name.
    pub(crate) fn create_bucket(&self, name: &str) {
        self.store.create(name);
        if let Some(bucket) = self.store.buckets().get_mut(name) {
            bucket.versioning = versions::Versioning::Enabled;
        }
    }

    /// Sends the event of every created object of a bucket to a destination, without asking the destination's policy, or all
    /// events to EventBridge where there is none.
    pub(crate) fn set_notification(&self, bucket: &str, destination: Option<Destination>) {
        let notifications = match destination {
            Some(destination) => notification::BucketNotifications::all_created(&self.env, destination),
            None => notification::BucketNotifications { event_bridge: true, ..Default::default() },
        };
        let configured = self.store.with(bucket, |bucket| {
            bucket.notifications = notifications;
            Ok(())
        });
        if configured.is_err() {
            tracing::error!(bucket, "no such bucket to configure");
        }
    }
}
