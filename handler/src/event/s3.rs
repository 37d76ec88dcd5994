//! One record of an S3 event, made whole and then read with AWS's own type.
//!
//! Missing parts are filled with nothing, never with a guess that a subscriber could take for S3's word.

use aws_lambda_events::s3::S3EventRecord;
use imgwatch_shared::notification::Image;
use imgwatch_shared::object_key;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{BadRecord, NewObject, ObjectIds, OtherEvent, Record, bad, e_tag, filled, text, time};

/// Reads one element of `Records`.
pub(super) fn read(value: &Value) -> Result<Record, BadRecord> {
    let object = &value["s3"]["object"];
    let ids = ObjectIds {
        bucket: text(&value["s3"]["bucket"]["name"]),
        key: text(&object["key"]).map(|key| object_key::decode(&key)),
        e_tag: e_tag(&object["eTag"]),
        version_id: text(&object["versionId"]),
        sequencer: text(&object["sequencer"]),
        s3_request_id: text(&value["responseElements"]["x-amz-request-id"]),
    };
    // In a record the name has no `s3:`; in a notification configuration it has, and some servers copy it from there.
    let name = value["eventName"].as_str().unwrap_or_default();
    let name = name.strip_prefix("s3:").unwrap_or(name);
    let created = check(value, name).and_then(|()| {
        let is_new = name.starts_with("ObjectCreated:");
        is_new.then(|| created(value, name)).transpose()
    });
    match created {
        Ok(Some(object)) => Ok(Record::Created(Box::new(object))),
        Ok(None) => Ok(Record::Other(OtherEvent { name: name.to_owned(), object: ids })),
        Err(reason) => Err(bad(&reason, ids)),
    }
}

/// Whether it is a record of S3's, in a version that can be read: S3 promises that for every 2.y to a reader of 2.x.
fn check(record: &Value, name: &str) -> Result<(), String> {
    if !record["s3"].is_object() {
        return Err(match record["eventSource"].as_str() {
            Some(source) if source != "aws:s3" => format!("it is of {source}, not of S3"),
            _ => "it has no part s3".to_owned(),
        });
    }
    if name.is_empty() {
        return Err("it has no eventName".to_owned());
    }
    match record["eventVersion"].as_str() {
        Some(version) if version != "2" && !version.starts_with("2.") => {
            Err(format!("its eventVersion is {version}, not 2.x"))
        }
        _ => Ok(()),
    }
}

/// Reads a record about a created object.
fn created(value: &Value, event_name: &str) -> Result<NewObject, String> {
    let time = time(value, "eventTime")?;
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
