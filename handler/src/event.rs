//! From what invoked the function to the images in it.
//!
//! The envelopes are opened by `shared`; this module reads the records inside. It is tolerant: servers leave out fields
//! which `aws_lambda_events` demands, and S3 adds fields without notice. One record that cannot be read must not hide the
//! others. Nothing here publishes or logs.

mod eventbridge;
mod s3;

use imgwatch_shared::notification::Image;
use imgwatch_shared::s3_event::Content;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use crate::error::{Cause, PublishError};

/// A record that could be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// An object was created.
    Created(Box<NewObject>),
    /// Something else happened to an object.
    Other(OtherEvent),
    /// S3 announces a new notification configuration of this bucket.
    Test(Option<String>),
}

/// A created object, of whatever content type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NewObject {
    /// What S3 said of it; `content_type` is still empty.
    pub image: Image,
    /// When S3 finished the write.
    pub time: Timestamp,
    /// The bucket's ARN, if the event has it.
    pub bucket_arn: Option<String>,
}

/// An event that is not about a new object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OtherEvent {
    /// S3's name of the event, for example `ObjectRemoved:Delete`, or EventBridge's, such as `Object Deleted`.
    pub name: String,
    /// The object.
    pub object: ObjectIds,
}

/// A record that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadRecord {
    /// What is wrong with it.
    pub error: PublishError,
    /// The object, as far as it could be read.
    pub object: Box<ObjectIds>,
}

/// What names one write of an object, as far as a record has it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectIds {
    pub bucket: Option<String>,
    /// Decoded.
    pub key: Option<String>,
    pub e_tag: Option<String>,
    pub version_id: Option<String>,
    pub sequencer: Option<String>,
    /// `x-amz-request-id` of the request that wrote the object.
    pub s3_request_id: Option<String>,
}

/// Reads what an envelope holds.
pub(crate) fn read(content: &Content) -> Result<Record, BadRecord> {
    match content {
        Content::Record(record) => s3::read(record),
        Content::EventBridge(event) => eventbridge::read(event),
        Content::Test { bucket } => Ok(Record::Test(bucket.clone())),
        Content::Unknown(reason) => {
            let error = PublishError::new(Cause::Event, reason.clone());
            Err(BadRecord { error, object: Box::default() })
        }
    }
}

/// A record with a fault, about this object.
fn bad(reason: &str, object: ObjectIds) -> BadRecord {
    let text = format!("the event's record cannot be read: {reason}");
    BadRecord { error: PublishError::new(Cause::Record, text), object: Box::new(object) }
}

/// RFC 3339; without a zone, as some servers write it, UTC is meant.
fn time(record: &Value, field: &str) -> Result<Timestamp, String> {
    let text = record[field].as_str().ok_or_else(|| format!("it has no {field}"))?;
    text.parse::<Timestamp>()
        .or_else(|_| jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<DateTime>()?))
        .map_err(|_| format!("its {field} is {text:?}"))
}

/// An entity tag without quotes.
fn e_tag(value: &Value) -> Option<String> {
    filled(value.as_str().map(|text| text.trim_matches('"').to_owned()))
}

/// The text, unless it is missing or empty.
fn text(value: &Value) -> Option<String> {
    filled(value.as_str().map(str::to_owned))
}

/// Some servers write an empty text for what they do not have.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
