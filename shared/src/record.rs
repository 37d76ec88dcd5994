//! The handler's log record: one flat JSON object a line, written by the handler and read by the dashboard.
//!
//! This module must not format for people; it is the wire form only.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::notification::Image;
use crate::s3_event::{Entry, Envelope};

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
    /// What became of one image; absent on lines that are not about an image, and when a newer handler reports an
    /// outcome that this version does not know.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known_outcome")]
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
    /// The notification's `CloudEvents` id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification_id: Option<String>,
    /// The id with which SNS accepted the message: joins this line to delivery statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sns_message_id: Option<String>,
    /// To whom S3 sent the event; absent where S3 invoked the function itself.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub entry: Option<Entry>,
    /// The SQS message that held the event: joins the receives of one message, each of which is an invocation.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub sqs_message_id: Option<String>,
    /// Which receive of that message this was, as SQS counts them: from 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub receive_count: Option<u32>,
    /// The SNS message with which the entry's topic passed the event on. [`sns_message_id`](Self::sns_message_id) is the
    /// notification's own.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub entry_message_id: Option<String>,
    /// Why it was skipped or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Severity of a log line, in Lambda's own words.
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
    /// Not published; the invocation fails, so that Lambda retries it or hands it to the on-failure destination.
    Failed,
}

/// The greatest length of `message` and `error` in a line, in bytes.
pub const MAX_TEXT_BYTES: usize = 8 * 1024;
/// The greatest length of every other text in a line, in bytes; S3 allows a key 1,024.
pub const MAX_NAME_BYTES: usize = 2 * 1024;

impl LogRecord {
    /// A line that says `message` and nothing else.
    pub fn new(timestamp: Timestamp, level: Level, message: impl Into<String>) -> Self {
        Self {
            timestamp,
            level,
            message: message.into(),
            request_id: None,
            xray_trace_id: None,
            outcome: None,
            bucket: None,
            key: None,
            e_tag: None,
            version_id: None,
            sequencer: None,
            s3_request_id: None,
            notification_id: None,
            sns_message_id: None,
            entry: None,
            sqs_message_id: None,
            receive_count: None,
            entry_message_id: None,
            error: None,
        }
    }

    /// The same line, about an image.
    #[must_use]
    pub fn about(self, image: &Image) -> Self {
        Self {
            bucket: Some(image.bucket.clone()),
            key: Some(image.key.clone()),
            e_tag: image.e_tag.clone(),
            version_id: image.version_id.clone(),
            sequencer: image.sequencer.clone(),
            s3_request_id: image.s3_request_id.clone(),
            ..self
        }
    }

    /// The same line, about an event that came in this envelope.
    #[must_use]
    pub fn within(self, envelope: &Envelope) -> Self {
        let sqs = envelope.sqs.as_ref();
        Self {
            entry: envelope.entry,
            sqs_message_id: sqs.and_then(|message| message.id.clone()),
            receive_count: sqs.and_then(|message| message.receive_count),
            entry_message_id: envelope.sns_message_id.clone(),
            ..self
        }
    }

    /// The same line, telling what became of its image.
    #[must_use]
    pub fn ended(self, outcome: Outcome) -> Self {
        Self { outcome: Some(outcome), ..self }
    }

    /// The same line with the reason for skipping or failing.
    #[must_use]
    pub fn because(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
    }

    /// Reads one line of a log; a line that is no record of ours (START, REPORT, foreign output) is `None`.
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        // Most lines of a log group are not JSON; this spares the parser, and the reader, its errors.
        if !line.starts_with('{') {
            return None;
        }
        serde_json::from_str(line).ok()
    }

    /// Writes the record as one line of JSON, without the newline.
    ///
    /// Texts past [`MAX_TEXT_BYTES`] and [`MAX_NAME_BYTES`] are cut and end in `…`, so that a line stays under 256 KiB
    /// (beyond which a log event may be split) whatever is in it.
    ///
    /// # Errors
    /// None are known: all fields are texts. The signature is `serde_json`'s.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let mut record = self.clone();
        cut(&mut record.message, MAX_TEXT_BYTES);
        if let Some(error) = &mut record.error {
            cut(error, MAX_TEXT_BYTES);
        }
        let names = [
            &mut record.request_id,
            &mut record.xray_trace_id,
            &mut record.bucket,
            &mut record.key,
            &mut record.e_tag,
            &mut record.version_id,
            &mut record.sequencer,
            &mut record.s3_request_id,
            &mut record.notification_id,
            &mut record.sns_message_id,
            &mut record.sqs_message_id,
            &mut record.entry_message_id,
        ];
        for name in names.into_iter().flatten() {
            cut(name, MAX_NAME_BYTES);
        }
        serde_json::to_string(&record)
    }
}

/// Cuts at a character's border.
fn cut(text: &mut String, max_bytes: usize) {
    if text.len() > max_bytes {
        text.truncate(text.floor_char_boundary(max_bytes - '…'.len_utf8()));
        text.push('…');
    }
}

/// A line of another program may have a field of the same name and another type; it stays readable.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

/// An outcome of a newer handler must not make the whole line unreadable.
fn known_outcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Outcome>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.and_then(|text| Outcome::deserialize(serde::de::value::StringDeserializer::<D::Error>::new(text)).ok()))
}
