//! S3: a store of our own behind `s3s`, which speaks the protocol.
//!
//! A request passes `edge` (ids, credentials, the body's decoding and digests), then `s3s`, then `service`, which
//! hands it to the operation's module. Nothing here knows who handles the events that it sends.

mod blob;
mod buckets;
mod chunked;
mod complete;
mod configure;
mod copy;
mod credentials;
mod delete;
mod digest;
mod directory;
mod edge;
mod event;
mod get;
mod list;
mod list_versions;
mod multipart;
mod notification;
mod notify;
mod payload;
mod problem;
mod put;
mod reply;
mod service;
mod store;
mod uploads;
mod versions;

use std::sync::Arc;

pub(crate) use edge::handle;

use crate::cloud::Cloud;

/// All buckets.
pub(crate) struct S3 {
    store: store::Store,
}

impl S3 {
    pub(crate) fn new() -> std::io::Result<Self> {
        Ok(Self { store: store::Store::new()? })
    }
}

/// Makes a bucket that keeps versions, if it is not there yet.
pub(crate) fn create_bucket(cloud: &Arc<Cloud>, name: &str) {
    cloud.s3.store.create(name);
    if let Some(bucket) = cloud.s3.store.buckets().get_mut(name) {
        bucket.versioning = versions::Versioning::Enabled;
    }
}

/// Sends every created object of a bucket to a function. The function's own policy is not asked.
pub(crate) fn set_notification(cloud: &Arc<Cloud>, bucket: &str, function_arn: &str) {
    let configured = cloud.s3.store.with(bucket, |bucket| {
        bucket.notifications = notification::Notifications::all_created(function_arn);
        Ok(())
    });
    if configured.is_err() {
        tracing::error!(bucket, "no such bucket to configure");
    }
}
