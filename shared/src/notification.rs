//! The notification: a `CloudEvents` 1.0 event in JSON, version 1 of `dev.imgwatch.image.uploaded`.
//!
//! Golden files under `tests/golden/` pin version 1; they are added to, never edited. Fields that are not known are
//! ignored when reading. Nothing here may clean or shorten a key: subscribers need it to fetch the object.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::arn::{self, Arn};
use crate::fingerprint;

/// One uploaded image, as it is published to the topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub struct Notification {
    /// `CloudEvents` version, always `1.0`.
    pub specversion: String,
    /// Always [`TYPE`] for version 1.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bucket's ARN.
    pub source: String,
    /// The decoded object key.
    pub subject: String,
    /// Stable for one S3 write: see [`Notification::new`].
    pub id: String,
    /// When S3 finished the write.
    pub time: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// The image.
    pub data: Image,
}

/// `CloudEvents` type of version 1.
pub const TYPE: &str = "dev.imgwatch.image.uploaded.v1";

/// What S3 said of the object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// The bucket's name.
    pub bucket: String,
    /// The decoded object key.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Entity tag without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// Version, where the bucket keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// S3's order of events for one key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
    /// S3's event name, for example `ObjectCreated:Put`.
    pub event_name: String,
    /// The bucket's region.
    pub region: String,
    /// Media type guessed from the key's extension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `x-amz-request-id` of the request that wrote the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_request_id: Option<String>,
}

impl Notification {
    /// Describes one image, written at `time` (S3's event time).
    ///
    /// `bucket_arn` is the ARN as S3's event has it; without one the partition is taken from the bucket's region.
    ///
    /// The id is 32 hexadecimal digits, a fingerprint of bucket, key, version (or entity tag), sequencer and time: the
    /// same for every delivery and retry of one write, different for another write. Time is part of it because a server
    /// that sends no sequencer, or always the same one, would else give two uploads of the same bytes one id.
    pub fn new(image: Image, time: Timestamp, bucket_arn: Option<&str>) -> Self {
        Self {
            specversion: "1.0".to_owned(),
            kind: TYPE.to_owned(),
            source: bucket_arn.map_or_else(|| bucket_arn_of(&image), str::to_owned),
            subject: image.key.clone(),
            id: write_id(&image, time),
            time,
            datacontenttype: "application/json".to_owned(),
            data: image,
        }
    }
}

/// The fingerprint described at [`Notification::new`].
fn write_id(image: &Image, time: Timestamp) -> String {
    // The tag keeps a version and an entity tag of the same letters apart.
    let (tag, version) = match (&image.version_id, &image.e_tag) {
        (Some(version_id), _) => ("versionId", version_id.as_str()),
        (None, Some(e_tag)) => ("eTag", e_tag.as_str()),
        (None, None) => ("", ""),
    };
    let sequencer = image.sequencer.as_deref().unwrap_or_default();
    fingerprint::of(&[&image.bucket, &image.key, tag, version, sequencer, &time.to_string()])
}

/// The bucket's ARN, in the partition to which its region belongs.
fn bucket_arn_of(image: &Image) -> String {
    Arn::of_bucket(arn::partition_of(&image.region), &image.bucket).to_string()
}

#[cfg(test)]
mod tests;
