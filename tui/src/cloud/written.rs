//! Writes whose answer was not heard: what S3 has under the key now says whether they happened. It only looks.

use std::time::Duration;

use aws_sdk_s3::types::ChecksumMode;
use jiff::Timestamp;

use super::checksum;
use super::upload::Answer;
use crate::cloud::connection::clients::Cloud;
use crate::cloud::source::Job;

/// How long S3 may take to say.
const PATIENCE: Duration = Duration::from_secs(5);
/// Clocks of this machine and of S3 may differ by so much, in seconds.
const CLOCKS: i64 = 60;

/// What a write of this process left, if the object that is there is that: as large, with the same content as far as S3
/// has a CRC-32 of it, and written since. There is none where it may not be read.
pub(super) async fn ours(cloud: &Cloud, job: &Job, since: Timestamp) -> Option<Answer> {
    let head = cloud.s3.head_object().bucket(&cloud.bucket).key(&job.key).checksum_mode(ChecksumMode::Enabled).send();
    let object = tokio::time::timeout(PATIENCE, Box::pin(head)).await.ok()?.ok()?;
    let is_as_large = object.content_length().and_then(|length| u64::try_from(length).ok()) == Some(job.size);
    let is_new = object.last_modified().is_some_and(|at| at.secs() >= since.as_second() - CLOCKS);
    if !(is_as_large && is_new) {
        return None;
    }
    if let Some(found) = object.checksum_crc32()
        && checksum::of(job).await.as_deref() != Some(found)
    {
        return None;
    }
    Some(Answer {
        e_tag: object.e_tag().map(str::to_owned),
        version_id: object.version_id().map(str::to_owned),
        // That answer was lost.
        request_id: None,
    })
}

/// Whether the key has an object, as far as may be known: reading takes a right that writing does not.
pub(super) async fn exists(cloud: &Cloud, key: &str) -> bool {
    let head = cloud.s3.head_object().bucket(&cloud.bucket).key(key).send();
    tokio::time::timeout(PATIENCE, Box::pin(head)).await.is_ok_and(|answer| answer.is_ok())
}
