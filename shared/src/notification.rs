//! The notification: a CloudEvents 1.0 event in JSON, version 1 of `dev.imgwatch.image.uploaded`.
//!
//! Golden files under `tests/golden/` pin version 1; they are added to, never edited.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One uploaded image, as told to the topic's subscribers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub struct Notification {
    /// CloudEvents version, always `1.0`.
    pub specversion: String,
    /// Always [`TYPE`] for version 1.
    #[serde(rename = "type")]
    pub kind: String,
    /// The bucket's ARN.
    pub source: String,
    /// The decoded object key.
    pub subject: String,
    /// Stable for one S3 write.
    pub id: String,
    /// When S3 finished the write.
    pub time: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// The image.
    pub data: Image,
}

/// CloudEvents type of version 1.
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
