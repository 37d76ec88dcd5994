//! An event about an object as EventBridge delivers it: other names than in S3's own record, the same facts.
//!
//! `aws_lambda_events` knows the envelope but not S3's `detail`. The key is as the uploader wrote it: `+` and `%` in it
//! mean themselves.

use imgwatch_shared::notification::Image;
use serde_json::Value;

use super::{BadRecord, NewObject, ObjectIds, OtherEvent, Record, bad, e_tag, text, time};

/// The detail type that stands for every way in which an object comes to be.
const CREATED: &str = "Object Created";

/// Reads one event.
pub(super) fn read(event: &Value) -> Result<Record, BadRecord> {
    let detail = &event["detail"];
    let object = &detail["object"];
    let ids = ObjectIds {
        bucket: text(&detail["bucket"]["name"]),
        key: text(&object["key"]),
        e_tag: e_tag(&object["etag"]),
        version_id: text(&object["version-id"]),
        sequencer: text(&object["sequencer"]),
        s3_request_id: text(&detail["request-id"]),
    };
    match event["detail-type"].as_str().unwrap_or_default() {
        CREATED => match created(event, &ids) {
            Ok(object) => Ok(Record::Created(Box::new(object))),
            Err(reason) => Err(bad(&reason, ids)),
        },
        name => Ok(Record::Other(OtherEvent { name: name.to_owned(), object: ids })),
    }
}

fn created(event: &Value, ids: &ObjectIds) -> Result<NewObject, String> {
    let detail = &event["detail"];
    // `detail.version` is a constant; S3 counts in `event-version`, which older events do not have.
    if let Some(version) = detail["event-version"].as_str().filter(|version| !version.starts_with("1.")) {
        return Err(format!("its event-version is {version}, not 1.x"));
    }
    let size = &detail["object"]["size"];
    let image = Image {
        bucket: ids.bucket.clone().ok_or("its bucket has no name")?,
        key: ids.key.clone().ok_or("its object has no key")?,
        size: size.as_u64().ok_or_else(|| format!("its object's size is {size}"))?,
        e_tag: ids.e_tag.clone(),
        version_id: ids.version_id.clone(),
        sequencer: ids.sequencer.clone(),
        event_name: event_name(detail["reason"].as_str().unwrap_or_default()),
        region: text(&event["region"]).unwrap_or_default(),
        content_type: None,
        s3_request_id: ids.s3_request_id.clone(),
    };
    let bucket_arn = event["resources"].as_array().and_then(|resources| text(resources.first()?));
    Ok(NewObject { image, time: time(event, "time")?, bucket_arn })
}

/// S3's own name for what `reason` says, as S3's documentation maps the two; EventBridge's name if there is none.
fn event_name(reason: &str) -> String {
    let name = match reason {
        "PutObject" => "ObjectCreated:Put",
        "POST Object" => "ObjectCreated:Post",
        "CopyObject" => "ObjectCreated:Copy",
        "CompleteMultipartUpload" => "ObjectCreated:CompleteMultipartUpload",
        _ => CREATED,
    };
    name.to_owned()
}
