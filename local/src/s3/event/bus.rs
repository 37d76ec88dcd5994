//! A change as EventBridge gets it. Keys are not encoded here, and the event names no configuration.

use serde_json::{Map, Value, json};

use super::Change;
use crate::common::deliver::BusEvent;
use crate::common::env::{ACCOUNT, Env};
use crate::s3::reply::Reply;

/// Detail type, reason, and the kind of a deletion, by the event's name.
fn kind(name: &str) -> Option<(&'static str, &'static str, Option<&'static str>)> {
    Some(match name {
        "ObjectCreated:Put" => ("Object Created", "PutObject", None),
        "ObjectCreated:Post" => ("Object Created", "POST Object", None),
        "ObjectCreated:Copy" => ("Object Created", "CopyObject", None),
        "ObjectCreated:CompleteMultipartUpload" => ("Object Created", "CompleteMultipartUpload", None),
        "ObjectRemoved:Delete" => ("Object Deleted", "DeleteObject", Some("Permanently Deleted")),
        "ObjectRemoved:DeleteMarkerCreated" => ("Object Deleted", "DeleteObject", Some("Delete Marker Created")),
        "ObjectTagging:Put" => ("Object Tags Added", "PutObjectTagging", None),
        "ObjectTagging:Delete" => ("Object Tags Deleted", "DeleteObjectTagging", None),
        _ => return None,
    })
}

impl Change {
    /// The event of the default event bus; `None` for a change that is not sent there.
    pub(super) fn bus_event(
        &self,
        reply: &Reply,
        env: &Env,
        bucket: &str,
        trace_header: Option<String>,
    ) -> Option<BusEvent> {
        let (detail_type, reason, deletion) = kind(self.name)?;
        let mut object = Map::new();
        object.insert("key".to_owned(), self.key.as_str().into());
        object.extend(self.size.map(|size| ("size".to_owned(), size.into())));
        object.extend(self.etag.as_deref().map(|etag| ("etag".to_owned(), etag.into())));
        object.extend(self.version.as_deref().map(|version| ("version-id".to_owned(), version.into())));
        object.extend(self.shown_sequencer().map(|sequencer| ("sequencer".to_owned(), Value::String(sequencer))));
        let mut detail = json!({
            "version": "0",
            "bucket": {"name": bucket},
            "object": object,
            "request-id": reply.request_id,
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": reason,
        });
        if let Some(deletion) = deletion {
            detail["deletion-type"] = deletion.into();
        }
        Some(BusEvent {
            source: "aws.s3".to_owned(),
            detail_type: detail_type.to_owned(),
            resources: vec![env.bucket_arn(bucket)],
            at: self.at,
            detail,
            trace_header,
        })
    }
}
