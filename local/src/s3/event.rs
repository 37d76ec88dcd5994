//! The event record that S3 sends, with every field of AWS's.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::list::encode;
use super::reply::Reply;
use super::store::Object;
use super::versions::NULL;
use crate::cloud::ACCOUNT;

/// Who is named as the caller: credentials are not checked, so every caller is the same user.
const PRINCIPAL: &str = "AWS:AIDAIMGWATCHLOCAL000";

/// What happened to an object.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// The event's name without `s3:`, for example `ObjectCreated:Put`.
    pub(crate) name: &'static str,
    pub(crate) key: String,
    /// Size and `ETag`; a removal has neither.
    object: Option<(u64, String)>,
    version: Option<String>,
    sequencer: u64,
    at: Timestamp,
}

impl Change {
    pub(crate) fn created(name: &'static str, key: &str, object: &Object, sequencer: u64) -> Self {
        let version = object.version.clone();
        let object = Some((object.size, object.etag.clone()));
        Self { name, key: key.to_owned(), object, version, sequencer, at: Timestamp::now() }
    }

    pub(crate) fn removed(name: &'static str, key: &str, version: Option<&str>, sequencer: u64) -> Self {
        let version = version.filter(|version| *version != NULL).map(str::to_owned);
        Self { name, key: key.to_owned(), object: None, version, sequencer, at: Timestamp::now() }
    }

    /// The message for one configuration. Its ids are those of the answer to the request that caused it.
    pub(crate) fn message(&self, reply: &Reply, region: &str, bucket: &str, configuration_id: &str) -> Value {
        let mut object = Map::new();
        object.insert("key".to_owned(), encode(&self.key).into());
        if let Some((size, etag)) = &self.object {
            object.insert("size".to_owned(), (*size).into());
            object.insert("eTag".to_owned(), etag.as_str().into());
        }
        if let Some(version) = &self.version {
            object.insert("versionId".to_owned(), version.as_str().into());
        }
        object.insert("sequencer".to_owned(), format!("00{:016X}", self.sequencer).into());
        json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": region,
            "eventTime": milliseconds(self.at),
            "eventName": self.name,
            "userIdentity": {"principalId": PRINCIPAL},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": reply.request_id, "x-amz-id-2": reply.id_2},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration_id,
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": {"principalId": ACCOUNT},
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": object,
            },
        }]})
    }
}

/// What S3 sends to a queue or topic when it becomes a destination.
pub(crate) fn test_message(reply: &Reply, bucket: &str) -> Value {
    json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": milliseconds(Timestamp::now()),
        "Bucket": bucket,
        "RequestId": reply.request_id,
        "HostId": reply.id_2,
    })
}

fn milliseconds(at: Timestamp) -> String {
    format!("{at:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_every_field_and_the_ids_of_its_request() {
        let reply = Reply::new();
        let change = Change {
            name: "ObjectCreated:Put",
            key: "a b+c/é\n.png".to_owned(),
            object: Some((9, "437b930db84b8079c2dd804a71936b5f".to_owned())),
            version: Some("0123456789abcdef0123456789abcdef".to_owned()),
            sequencer: 0x0006_5A4F_0000_00FF,
            at: "2026-11-23T15:00:00.5Z".parse().unwrap(),
        };
        let message = change.message(&reply, "eu-west-1", "photos", "id-1");
        let expected = json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "eu-west-1",
            "eventTime": "2026-11-23T15:00:00.500Z",
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": PRINCIPAL},
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
    fn a_removal_has_neither_size_nor_etag() {
        let change = Change::removed("ObjectRemoved:Delete", "k", Some("null"), 1);
        let message = change.message(&Reply::new(), "us-east-1", "b", "id");
        let object = message.pointer("/Records/0/s3/object").unwrap();
        assert_eq!(object, &json!({"key": "k", "sequencer": "000000000000000001"}));
    }
}
