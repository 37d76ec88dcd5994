//! Multipart uploads that were begun and are neither completed nor removed: their parts stay in the bucket and cost money.
//! Those of this program are named; others are counted when the program starts. It removes nothing.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
use aws_sdk_s3::types::MultipartUpload;
use jiff::Timestamp;

use super::CLOCK_SKEW;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::connection::{Connection, Parts};
use crate::config::Purpose;
use crate::domain::parts::Incomplete;
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::time;

/// How long S3 may take to list them: the upload itself is over.
const PATIENCE: Duration = Duration::from_secs(5);

/// One multipart upload, from before S3 is asked for it until nothing of it is left.
pub(super) struct Open<'a> {
    connection: &'a Connection,
    number: u64,
}

impl<'a> Open<'a> {
    /// It may exist from now on.
    pub(super) fn new(connection: &'a Connection, cloud: &Cloud, key: &str, upload_id: Option<&str>) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let upload_id = upload_id.map(Clean::new);
        let profile = connection.settings.target.profile();
        let region = cloud.config.region().map(AsRef::as_ref);
        let options = [("--endpoint-url", cloud.endpoint.as_deref()), ("--profile", profile), ("--region", region)];
        let options = options.into_iter().filter_map(|(option, value)| Some([option.to_owned(), value?.to_owned()]));
        let options = options.flatten().collect();
        let parts = Parts { bucket: Clean::new(&cloud.bucket), key: Clean::new(key), upload_id, options };
        connection.progress.send_modify(|all| {
            all.parts.insert(number, parts);
        });
        Self { connection, number }
    }

    /// S3 has begun it.
    pub(super) fn has_id(&self, upload_id: &str) {
        self.connection.progress.send_modify(|all| {
            if let Some(parts) = all.parts.get_mut(&self.number) {
                parts.upload_id = Some(Clean::new(upload_id));
            }
        });
    }

    /// Nothing of it is left.
    pub(super) fn close(self) {
        self.connection.progress.send_modify(|all| {
            all.parts.remove(&self.number);
        });
    }

    /// Something of it may be left. The end of the program says so, too, but a dashboard may be open for long.
    pub(super) async fn leave(self) {
        if self.connection.settings.purpose == Purpose::Watch {
            let text = self.connection.progress.borrow().parts.get(&self.number).map(ToString::to_string);
            if let Some(text) = text {
                self.connection.send(Update::Notice(Clean::new(&text))).await;
            }
        }
    }
}

/// Names what attempts to begin an upload of this key may have left: all but `own`, since `since`.
pub(super) async fn name_strays(
    connection: &Connection,
    cloud: &Cloud,
    key: &str,
    since: Timestamp,
    own: Option<&str>,
) {
    let listing = cloud.s3.list_multipart_uploads().bucket(&cloud.bucket).prefix(key).send();
    let Ok(Ok(listing)) = tokio::time::timeout(PATIENCE, Box::pin(listing)).await else {
        return Open::new(connection, cloud, key, None).leave().await;
    };
    let is_ours = |upload: &&MultipartUpload| {
        upload.key() == Some(key)
            && upload.upload_id() != own
            && upload.initiated().is_none_or(|at| at.secs() >= since.as_second() - CLOCK_SKEW)
    };
    for upload in listing.uploads().iter().filter(is_ours) {
        Open::new(connection, cloud, key, upload.upload_id()).leave().await;
    }
}

/// Reports at the start how many there are in the bucket, of any program. Where they may not be listed, doctor says so.
pub(in crate::cloud) async fn report(connection: &Connection, cloud: &Cloud) {
    let text = tokio::time::timeout(PATIENCE, Box::pin(left(connection, cloud))).await.ok().flatten();
    connection.send(Update::Leftovers(text.as_deref().map(Clean::new))).await;
}

async fn left(connection: &Connection, cloud: &Cloud) -> Option<String> {
    cloud.needs_bucket().ok()?;
    // Uploads of this program may have begun meanwhile.
    let own = || connection.progress.borrow().parts.values().cloned().collect::<Vec<_>>();
    let before = own();
    let listing = cloud.s3.list_multipart_uploads().bucket(&cloud.bucket).send().await.ok()?;
    let found = incomplete(&listing, &[before, own()].concat());
    let oldest = found.oldest.filter(|_| found.count > 0)?;
    Some(format!(
        "{} in bucket {}, begun since {}: `imgwatch doctor` has the commands that remove {}",
        found.counted(),
        cloud.bucket,
        time::utc(oldest),
        if found.count == 1 { "it" } else { "them" },
    ))
}

/// What a page of S3's list says of them, without those that this program is sending.
pub(in crate::cloud) fn incomplete(listing: &ListMultipartUploadsOutput, own: &[Parts]) -> Incomplete {
    let at = |upload: &MultipartUpload| upload.initiated().and_then(|at| Timestamp::from_second(at.secs()).ok());
    let is_own = |upload: &MultipartUpload| {
        own.iter().any(|parts| match &parts.upload_id {
            Some(id) => upload.upload_id() == Some(id.raw()),
            None => upload.key() == Some(parts.key.raw()),
        })
    };
    let mut all: Vec<_> = listing.uploads().iter().filter(|upload| !is_own(upload)).collect();
    all.sort_by_key(|upload| at(upload));
    let named = |upload: &&MultipartUpload| {
        (Clean::new(upload.key().unwrap_or_default()), Clean::new(upload.upload_id().unwrap_or_default()), at(upload))
    };
    Incomplete {
        count: all.len(),
        is_more: listing.is_truncated().unwrap_or_default(),
        oldest: all.first().and_then(|upload| at(upload)),
        first: all.iter().map(named).take(Incomplete::NAMED).collect(),
    }
}
