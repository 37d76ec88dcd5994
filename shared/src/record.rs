//! The handler's log record: one flat JSON object a line, written by the handler and read by the dashboard.
//!
//! This module must not format for people; it is the wire form only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One line of the handler's log.
///
/// Fields that do not apply are left out of the JSON; unknown fields are ignored when reading, so that a newer handler
/// can be followed by an older dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogRecord {
    /// When the line was written, RFC 3339. Lambda treats a JSON line without it as level INFO.
    pub timestamp: Timestamp,
    /// Severity.
    pub level: Level,
    /// What happened, for people.
    pub message: String,
    /// The invocation's request id; the same for every retry of one event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The X-Ray trace header that Lambda passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xray_trace_id: Option<String>,
    /// What became of one image; absent on lines that are not about an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The bucket's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The object's key, decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The object's entity tag, without quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e_tag: Option<String>,
    /// The object's version, where the bucket keeps versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// S3's order of events for one key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequencer: Option<String>,
    /// `x-amz-request-id` of the request that wrote the object: joins this line to the upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s3_request_id: Option<String>,
    /// The notification's CloudEvents id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_id: Option<String>,
    /// The id with which SNS accepted the message: joins this line to delivery receipts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sns_message_id: Option<String>,
    /// Why it was skipped or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Severity of a log line, in CloudWatch's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are the levels")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// What became of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// SNS accepted the notification.
    Published,
    /// Not an image, or not an event of a new object: nothing to publish.
    Skipped,
    /// Already published by this execution environment.
    Duplicate,
    /// Not published; the invocation fails if a retry can help.
    Failed,
}
