//! The event record that S3 sends, and its delivery to the destinations that are configured.

mod bus;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::list::encode;
use super::notification::{Configuration, Destination};
use super::reply::Reply;
use super::service::Call;
use super::store::Object;
use super::versions::NULL;
use crate::common::deliver::{Payload, Sender};
use crate::common::env::{ACCOUNT, Env};
use crate::common::wire::ApiError;

/// Credentials are not checked, so every caller is the same user.
const CALLER: &str = "AWS:AIDAIMGWATCHLOCAL000";

#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The event's name without `s3:`, for example `ObjectCreated:Put`.
    pub(crate) name: &'static str,
    pub(crate) key: String,
    /// Not that of a removal or of a change of tags.
    size: Option<u64>,
    /// Not that of a removal.
    etag: Option<String>,
    version: Option<String>,
    /// Not that of a change of tags.
    sequencer: Option<u64>,
    at: Timestamp,
}

impl Change {
    pub(crate) fn created(env: &Env, name: &'static str, key: &str, object: &Object, sequencer: u64) -> Self {
        Self { size: Some(object.size), sequencer: Some(sequencer), ..Self::tagged(env, name, key, object) }
    }

    pub(crate) fn tagged(env: &Env, name: &'static str, key: &str, object: &Object) -> Self {
        let (etag, version) = (Some(object.etag.clone()), object.version.clone());
        Self { name, key: key.to_owned(), size: None, etag, version, sequencer: None, at: env.now() }
    }

    pub(crate) fn removed(env: &Env, name: &'static str, key: &str, version: Option<&str>, sequencer: u64) -> Self {
        let version = version.filter(|version| *version != NULL).map(str::to_owned);
        let sequencer = Some(sequencer);
        Self { name, key: key.to_owned(), size: None, etag: None, version, sequencer, at: env.now() }
    }

    fn shown_sequencer(&self) -> Option<String> {
        self.sequencer.map(|number| format!("00{number:016X}"))
    }

    /// The message for one configuration. Its ids are those of the answer to the request that caused it.
    pub(crate) fn message(&self, reply: &Reply, env: &Env, bucket: &str, configuration_id: &str) -> Value {
        let mut object = Map::new();
        object.insert("key".to_owned(), encode(&self.key).into());
        object.extend(self.size.map(|size| ("size".to_owned(), size.into())));
        object.extend(self.etag.as_deref().map(|etag| ("eTag".to_owned(), etag.into())));
        object.extend(self.version.as_deref().map(|version| ("versionId".to_owned(), version.into())));
        object.extend(self.shown_sequencer().map(|sequencer| ("sequencer".to_owned(), sequencer.into())));
        let version = if self.name.starts_with("ObjectTagging:") { "2.3" } else { "2.1" };
        json!({"Records": [{
            "eventVersion": version,
            "eventSource": "aws:s3",
            "awsRegion": env.region,
            "eventTime": milliseconds(self.at),
            "eventName": self.name,
            "userIdentity": {"principalId": CALLER},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": reply.request_id, "x-amz-id-2": reply.id_2},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": {"principalId": ACCOUNT},
                    "arn": env.bucket_arn(bucket),
                },
                "object": object,
            },
        }]})
    }
}

/// The message that a queue or topic gets when it becomes a destination.
pub(crate) fn test_message(env: &Env, reply: &Reply, bucket: &str) -> Value {
    json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": milliseconds(env.now()),
        "Bucket": bucket,
        "RequestId": reply.request_id,
        "HostId": reply.id_2,
    })
}

/// Sends a change to every destination whose configuration matches it. A refusal does not fail the request.
pub(crate) fn send(call: &Call, bucket: &str, change: &Change) {
    let matching = call.store().with(bucket, |bucket| {
        Ok((bucket.notifications.matching(change.name, &change.key), bucket.notifications.event_bridge))
    });
    // The bucket may have been deleted in the meantime, and its configuration with it.
    let Ok((matching, event_bridge)) = matching else { return };
    for Configuration { id, destination, .. } in matching {
        let message = change.message(&call.reply, &call.s3.env, bucket, &id).to_string();
        if let Err(error) = deliver(call, bucket, &destination, message) {
            let arn = destination.arn();
            tracing::warn!(bucket, arn, code = error.code, message = error.message, "an event was refused");
        }
    }
    let event = || change.bus_event(&call.reply, &call.s3.env, bucket, call.trace_header.clone());
    if let Some(event) = event_bridge.then(event).flatten() {
        call.s3.bus.put(event);
    }
}

/// Delivers an event of a bucket to a destination, which checks its policy at every event.
pub(crate) fn deliver(call: &Call, bucket: &str, destination: &Destination, body: String) -> Result<(), ApiError> {
    let payload = Payload {
        body,
        subject: Some("Amazon S3 Notification".to_owned()),
        trace_header: call.trace_header.clone(),
        ..Payload::default()
    };
    with_sender(call, bucket, destination, |sender| call.s3.deliver.deliver(destination.arn(), sender, payload))
        .map(drop)
}

/// Checks that a destination exists and permits S3 to send it the events of a bucket.
pub(crate) fn check(call: &Call, bucket: &str, destination: &Destination) -> Result<(), ApiError> {
    with_sender(call, bucket, destination, |sender| call.s3.deliver.check(destination.arn(), sender))
}

fn with_sender<T>(
    call: &Call,
    bucket: &str,
    destination: &Destination,
    send: impl FnOnce(Sender<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if !destination.is_of_its_service() {
        let message = format!("{} is no resource of the service that it is configured for", destination.arn());
        return Err(ApiError::new(StatusCode::NOT_FOUND, "NotFound", message));
    }
    send(Sender { principal: "s3.amazonaws.com", source_arn: &call.s3.env.bucket_arn(bucket) })
}

fn milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    #[test]
    fn a_message_has_every_field_and_the_ids_of_its_request() {
        let reply = Reply::new(&testing::env().0);
        let change = Change {
            name: "ObjectCreated:Put",
            key: "a b+c/é\n.png".to_owned(),
            size: Some(9),
            etag: Some("437b930db84b8079c2dd804a71936b5f".to_owned()),
            version: Some("0123456789abcdef0123456789abcdef".to_owned()),
            sequencer: Some(0x0006_5A4F_0000_00FF),
            at: "2026-11-23T15:00:00.5Z".parse().unwrap(),
        };
        let message = change.message(&reply, &testing::env().0, "photos", "id-1");
        let expected = json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "us-east-1",
            "eventTime": "2026-11-23T15:00:00.500Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": CALLER},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": reply.request_id, "x-amz-id-2": reply.id_2},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "id-1",
                "bucket": {
                    "name": "photos",
                    "ownerIdentity": {"principalId": ACCOUNT},
                    "arn": "arn:aws:s3:::photos",
                },
                "object": {
                    "key": "a+b%2Bc/%C3%A9%0A.png",
                    "size": 9,
                    "eTag": "437b930db84b8079c2dd804a71936b5f",
                    "versionId": "0123456789abcdef0123456789abcdef",
                    "sequencer": "0000065A4F000000FF",
                },
            },
        }]});
        assert_eq!(message, expected);
    }

    #[test]
    fn an_event_of_the_bus_has_the_key_as_it_is() {
        let env = testing::env().0;
        let reply = Reply::new(&env);
        let mut change = Change::removed(&env, "ObjectRemoved:Delete", "a b+é.png", Some("v"), 1);
        let removed = change.bus_event(&reply, &env, "photos", None).unwrap();
        let expected = json!({
            "version": "0",
            "bucket": {"name": "photos"},
            "object": {"key": "a b+é.png", "version-id": "v", "sequencer": "000000000000000001"},
            "request-id": reply.request_id,
            "requester": ACCOUNT,
            "source-ip-address": "127.0.0.1",
            "reason": "DeleteObject",
            "deletion-type": "Permanently Deleted",
        });
        assert_eq!((removed.detail_type.as_str(), removed.detail), ("Object Deleted", expected));
        assert_eq!((removed.source.as_str(), removed.resources), ("aws.s3", vec!["arn:aws:s3:::photos".to_owned()]));
        for (name, detail_type, reason) in [
            ("ObjectCreated:Put", "Object Created", "PutObject"),
            ("ObjectCreated:Post", "Object Created", "POST Object"),
            ("ObjectCreated:Copy", "Object Created", "CopyObject"),
            ("ObjectCreated:CompleteMultipartUpload", "Object Created", "CompleteMultipartUpload"),
            ("ObjectTagging:Put", "Object Tags Added", "PutObjectTagging"),
            ("ObjectTagging:Delete", "Object Tags Deleted", "DeleteObjectTagging"),
        ] {
            change.name = name;
            let event = change.bus_event(&reply, &env, "photos", None).unwrap();
            assert_eq!((event.detail_type.as_str(), event.detail["reason"].as_str()), (detail_type, Some(reason)));
        }
    }

    #[test]
    fn a_removal_has_neither_size_nor_etag() {
        let change = Change::removed(&testing::env().0, "ObjectRemoved:Delete", "k", Some("null"), 1);
        let env = testing::env().0;
        let message = change.message(&Reply::new(&env), &env, "b", "id");
        let object = message.pointer("/Records/0/s3/object").unwrap();
        assert_eq!(object, &json!({"key": "k", "sequencer": "000000000000000001"}));
    }
}
