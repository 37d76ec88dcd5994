//! One record of an S3 event, made whole and then read with AWS's own type.
//!
//! Missing parts are filled with nothing, never with a guess that a subscriber could take for S3's word.

use aws_lambda_events::s3::S3EventRecord;
use imgwatch_shared::notification::Image;
use imgwatch_shared::object_key;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

/// A record that could be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// An object was created.
    Created(Box<NewObject>),
    /// Something else happened to an object.
    Other(SkippedRecord),
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

/// A record that is not about a new object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SkippedRecord {
    /// S3's event name, for example `ObjectRemoved:Delete`.
    pub event_name: String,
    /// The bucket's name, if the record has it.
    pub bucket: Option<String>,
    /// The decoded key, if the record has it.
    pub key: Option<String>,
}

/// A record that could not be read; what names the upload as far as it could.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct BadRecord {
    /// What is wrong with it.
    pub reason: String,
    /// The bucket's name, if the record has it.
    pub bucket: Option<String>,
    /// The decoded key, if the record has it.
    pub key: Option<String>,
    /// `x-amz-request-id` of the request that wrote the object, if the record has it.
    pub s3_request_id: Option<String>,
}

impl BadRecord {
    /// A record of which not even the object is known.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), bucket: None, key: None, s3_request_id: None }
    }
}

/// Reads one element of `Records`.
pub(crate) fn read(value: &Value) -> Result<Record, BadRecord> {
    let bucket = text(&value["s3"]["bucket"]["name"]);
    let key = text(&value["s3"]["object"]["key"]).map(|key| object_key::decode(&key));
    let event_name = value["eventName"].as_str().unwrap_or_default();
    // In a record the name has no `s3:`; in a notification configuration it has, and some servers copy it from there.
    let event_name = event_name.strip_prefix("s3:").unwrap_or(event_name);
    check_version(value)
        .and_then(|()| match event_name {
            "" => Err("it has no eventName".to_owned()),
            name if name.starts_with("ObjectCreated:") => {
                created(value, event_name).map(|object| Record::Created(Box::new(object)))
            }
            name => Ok(Record::Other(SkippedRecord {
                event_name: name.to_owned(),
                bucket: bucket.clone(),
                key: key.clone(),
            })),
        })
        .map_err(|reason| BadRecord {
            reason: format!("the event's record cannot be read: {reason}"),
            bucket,
            key,
            s3_request_id: text(&value["responseElements"]["x-amz-request-id"]),
        })
}

/// S3 promises that a reader of version 2.x can read every later 2.y.
fn check_version(record: &Value) -> Result<(), String> {
    match record["eventVersion"].as_str() {
        Some(version) if version != "2" && !version.starts_with("2.") => {
            Err(format!("its eventVersion is {version}, not 2.x"))
        }
        _ => Ok(()),
    }
}

/// Reads a record about a created object.
fn created(value: &Value, event_name: &str) -> Result<NewObject, String> {
    let time = event_time(value["eventTime"].as_str().ok_or("it has no eventTime")?)?;
    let record: S3EventRecord = serde_json::from_value(made_whole(value, time)).map_err(|error| error.to_string())?;
    let (bucket, object) = (record.s3.bucket, record.s3.object);
    let size = object.size.ok_or("its object has no size")?;
    let image = Image {
        bucket: filled(bucket.name).ok_or("its bucket has no name")?,
        key: object_key::decode(&filled(object.key).ok_or("its object has no key")?),
        size: u64::try_from(size).map_err(|_| format!("its object's size is {size}"))?,
        e_tag: filled(object.e_tag.map(|e_tag| e_tag.trim_matches('"').to_owned())),
        version_id: filled(object.version_id),
        sequencer: filled(object.sequencer),
        event_name: event_name.to_owned(),
        region: record.aws_region.unwrap_or_default(),
        content_type: None,
        s3_request_id: filled(record.response_elements.get("x-amz-request-id").cloned()),
    };
    Ok(NewObject { image, time, bucket_arn: filled(bucket.arn) })
}

/// RFC 3339; without a zone, as some servers write it, UTC is meant.
fn event_time(text: &str) -> Result<Timestamp, String> {
    text.parse::<Timestamp>()
        .or_else(|_| jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<DateTime>()?))
        .map_err(|_| format!("its eventTime is {text:?}"))
}

/// The record with every part that `S3EventRecord` demands, each empty where the server sent none.
fn made_whole(value: &Value, time: Timestamp) -> Value {
    let mut record = value.clone();
    record["eventTime"] = Value::String(time.to_string());
    for part in ["userIdentity", "requestParameters", "responseElements"] {
        if !record[part].is_object() {
            record[part] = Value::Object(Map::new());
        }
    }
    if let Some(elements) = record["responseElements"].as_object_mut() {
        elements.retain(|_, element| element.is_string());
    }
    record
}

/// The text, unless it is missing or empty.
fn text(value: &Value) -> Option<String> {
    filled(value.as_str().map(str::to_owned))
}

/// Some servers write an empty text for what they do not have.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
