use imgwatch_shared::s3_event::S3Event;
use proptest::prelude::*;
use serde_json::json;

use super::*;

const PUT: &str = include_str!("../../tests/events/put.json");
const MULTIPART: &str = include_str!("../../tests/events/multipart.json");
const DELETE: &str = include_str!("../../tests/events/delete.json");
const TEST_EVENT: &str = include_str!("../../tests/events/test-event.json");
const UNICODE_KEY: &str = include_str!("../../tests/events/unicode-key.json");
const LIKE_MOTO: &str = include_str!("../../tests/events/like-moto.json");
const EVENTBRIDGE: &str = include_str!("../../tests/events/eventbridge.json");
const WITHOUT_RESPONSE_ELEMENTS: &str = include_str!("../../tests/events/without-response-elements.json");

fn records(event: &Value) -> Vec<Result<Record, BadRecord>> {
    S3Event::read(event).parts.iter().map(|part| read(&part.content)).collect()
}

fn created(event: &str) -> NewObject {
    let mut records = records(&serde_json::from_str(event).unwrap());
    assert_eq!(records.len(), 1);
    match records.remove(0) {
        Ok(Record::Created(object)) => *object,
        other => panic!("no created object but {other:?}"),
    }
}

/// The put event with one field of its record replaced.
fn put_with(pointer: &str, value: Value) -> Result<Record, BadRecord> {
    let mut event: Value = serde_json::from_str(PUT).unwrap();
    *event.pointer_mut(&format!("/Records/0{pointer}")).unwrap() = value;
    records(&event).remove(0)
}

#[test]
fn a_put_is_read_whole_and_only_s3_encodes_its_key() {
    for (event, key, stored) in [
        (PUT, "holiday/red flower.jpg", "2026-11-23T15:02:11.123Z"),
        (EVENTBRIDGE, "holiday/1+1 100%25 é.jpg", "2026-11-23T15:02:11Z"),
    ] {
        let NewObject { image, time, bucket_arn } = created(event);
        assert_eq!(
            serde_json::to_value(&image).unwrap(),
            json!({
                "bucket": "images",
                "key": key,
                "size": 12595,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                "sequencer": "0055AED6DCD90281E5",
                "eventName": "ObjectCreated:Put",
                "region": "us-west-2",
                "s3RequestId": "C3D13FE58DE4C810",
            })
        );
        assert_eq!(time.to_string(), stored);
        assert_eq!(bucket_arn.as_deref(), Some("arn:aws:s3:::images"));
    }
}

#[test]
fn a_multipart_upload_of_a_later_event_version_is_read() {
    let image = created(MULTIPART).image;
    assert_eq!(image.event_name, "ObjectCreated:CompleteMultipartUpload");
    assert_eq!(image.s3_request_id.as_deref(), Some("MPUREQID00000001"));
    assert_eq!(image.e_tag.as_deref(), Some("8eabe9d6f8f4e9b8a1b2c3d4e5f60718-8"));
    assert_eq!(image.size, 67_108_864);
}

#[test]
fn a_hostile_key_is_decoded_and_kept() {
    let NewObject { image, bucket_arn, .. } = created(UNICODE_KEY);
    assert_eq!(image.key, "été/1+1 🐈\n\u{202E}\u{1b}]0;x\u{7}.PNG");
    assert_eq!(image.event_name, "ObjectCreated:Copy");
    assert_eq!(image.e_tag.as_deref(), Some("d41d8cd98f00b204e9800998ecf8427e"));
    assert_eq!(image.version_id, None);
    assert_eq!(bucket_arn.as_deref(), Some("arn:aws-cn:s3:::images"));
}

#[test]
fn what_other_servers_leave_out_is_left_out() {
    let NewObject { image, time, .. } = created(LIKE_MOTO);
    assert_eq!(time.to_string(), "2026-11-23T15:02:11Z");
    assert_eq!((image.s3_request_id, image.sequencer, image.version_id), (None, None, None));

    let NewObject { image, bucket_arn, .. } = created(WITHOUT_RESPONSE_ELEMENTS);
    assert_eq!((image.s3_request_id, bucket_arn), (None, None));
}

#[test]
fn a_deletion_is_no_new_object_but_named_like_one() {
    let deletion = || ObjectIds {
        bucket: Some("images".to_owned()),
        key: Some("holiday/red flower.jpg".to_owned()),
        version_id: Some("zzzzKKXTRTtl3on89fVO.nfljtsv6qko".to_owned()),
        sequencer: Some("0055AED6DCD90281E7".to_owned()),
        s3_request_id: Some("C3D13FE58DE4C811".to_owned()),
        e_tag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
    };
    let from_s3: Value = serde_json::from_str(DELETE).unwrap();
    let from_eventbridge = json!({"source": "aws.s3", "detail-type": "Object Deleted", "detail": {
        "bucket": {"name": "images"},
        "object": {"key": "holiday/red flower.jpg", "version-id": "zzzzKKXTRTtl3on89fVO.nfljtsv6qko",
            "sequencer": "0055AED6DCD90281E7", "etag": "\"d41d8cd98f00b204e9800998ecf8427e\""},
        "request-id": "C3D13FE58DE4C811", "reason": "DeleteObject", "deletion-type": "Delete Marker Created"}});
    for (event, name) in [(from_s3, "ObjectRemoved:DeleteMarkerCreated"), (from_eventbridge, "Object Deleted")] {
        let other = OtherEvent { name: name.to_owned(), object: deletion() };
        assert_eq!(records(&event), [Ok(Record::Other(other))]);
    }
}

#[test]
fn the_test_event_is_known() {
    let records = records(&serde_json::from_str(TEST_EVENT).unwrap());
    assert_eq!(records, [Ok(Record::Test(Some("images".to_owned())))]);
}

#[test]
fn what_is_no_event_of_s3_is_refused() {
    for event in [json!({}), json!(null), json!([1]), json!("text"), json!({ "Records": "none" })] {
        let [Err(bad)] = &records(&event)[..] else { panic!("{event}") };
        assert_eq!((bad.error.cause, &*bad.object), (Cause::Event, &ObjectIds::default()), "{event}");
    }
    assert!(records(&json!({ "Records": [] })).is_empty());
    for (source, reason) in [(json!("aws:dynamodb"), "it is of aws:dynamodb, not of S3"), (json!(null), "no part s3")] {
        let record = json!({"eventSource": source, "eventName": "INSERT", "dynamodb": {}});
        let [Err(bad)] = &records(&json!({ "Records": [record] }))[..] else { panic!("{source}") };
        assert!(bad.error.text.contains(reason), "{}", bad.error.text);
    }
}

/// The event of EventBridge with one field set.
fn eventbridge_with(pointer: &str, value: Value) -> Result<Record, BadRecord> {
    let mut event: Value = serde_json::from_str(EVENTBRIDGE).unwrap();
    *event.pointer_mut(pointer).unwrap() = value;
    records(&event).remove(0)
}

#[test]
fn an_event_of_eventbridge_names_the_way_of_the_write() {
    for (reason, name) in [
        (json!("PutObject"), "ObjectCreated:Put"),
        (json!("POST Object"), "ObjectCreated:Post"),
        (json!("CopyObject"), "ObjectCreated:Copy"),
        (json!("CompleteMultipartUpload"), "ObjectCreated:CompleteMultipartUpload"),
        (json!("Restored From Somewhere"), "Object Created"),
        (json!(null), "Object Created"),
    ] {
        let Ok(Record::Created(object)) = eventbridge_with("/detail/reason", reason) else { panic!("{name}") };
        assert_eq!(object.image.event_name, name);
    }
}

#[test]
fn an_event_of_eventbridge_without_versions_or_arn_is_read() {
    for (pointer, value) in [
        ("/detail/object/version-id", json!(null)),
        ("/detail/object/sequencer", json!(null)),
        ("/detail/event-version", json!(null)),
        ("/detail/event-version", json!("1.9")),
        ("/resources", json!([])),
        ("/resources", json!(null)),
        ("/region", json!(null)),
        ("/detail/requester", json!({})),
    ] {
        assert!(matches!(eventbridge_with(pointer, value.clone()), Ok(Record::Created(_))), "{pointer} {value}");
    }
}

#[test]
fn a_bad_record_says_what_is_wrong_and_of_which_object() {
    for (pointer, value, reason) in [
        ("/eventVersion", json!("3.0"), "eventVersion is 3.0"),
        ("/eventName", json!(null), "no eventName"),
        ("/eventTime", json!("yesterday"), "eventTime is \"yesterday\""),
        ("/eventTime", json!(null), "no eventTime"),
        ("/s3/object/size", json!(null), "no size"),
        ("/s3/object/size", json!(-1), "size is -1"),
        ("/s3/object/size", json!("many"), "invalid type"),
    ] {
        let bad = put_with(pointer, value).unwrap_err();
        assert!(bad.error.text.contains(reason), "{} lacks {reason}", bad.error.text);
        assert_eq!(bad.error.cause, Cause::Record);
        assert_eq!(bad.object.bucket.as_deref(), Some("images"));
        assert_eq!(bad.object.key.as_deref(), Some("holiday/red flower.jpg"));
        assert_eq!(bad.object.s3_request_id.as_deref(), Some("C3D13FE58DE4C810"));
    }
    let bad = put_with("/s3/object/key", json!("")).unwrap_err();
    assert!(bad.error.text.contains("no key"), "{}", bad.error.text);
    for nonsense in [json!(42), json!(null), json!([]), json!({})] {
        assert!(records(&json!({ "Records": [nonsense] })).remove(0).is_err());
    }
    for (pointer, value, reason) in [
        ("/detail/event-version", json!("2.0"), "its event-version is 2.0, not 1.x"),
        ("/detail/object/size", json!(null), "size is null"),
        ("/detail/object/size", json!(-1), "size is -1"),
        ("/detail/bucket/name", json!(""), "no name"),
        ("/detail/object/key", json!(7), "no key"),
        ("/time", json!("yesterday"), "its time is \"yesterday\""),
        ("/time", json!(null), "it has no time"),
    ] {
        let bad = eventbridge_with(pointer, value).unwrap_err();
        assert!(bad.error.text.contains(reason), "{} lacks {reason}", bad.error.text);
        assert_eq!(bad.object.s3_request_id.as_deref(), Some("C3D13FE58DE4C810"));
    }
}

#[test]
fn every_minor_version_of_two_is_read() {
    for version in [json!("2.0"), json!("2.1"), json!("2.6"), json!("2.99"), json!(null)] {
        assert!(matches!(put_with("/eventVersion", version.clone()), Ok(Record::Created(_))), "{version}");
    }
}

/// Any JSON, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-zA-Z]{0,8}", inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_event_makes_the_reader_panic(event in any_json()) {
        records(&event);
        records(&json!({ "Records": [event] }));
        records(&json!({"source": "aws.s3", "detail-type": "Object Created", "detail": event}));
    }

    #[test]
    fn no_part_of_a_record_makes_the_reader_panic(
        part in prop::sample::select(vec![
            "/eventVersion", "/eventTime", "/eventName", "/awsRegion", "/userIdentity", "/requestParameters",
            "/responseElements", "/s3", "/s3/bucket", "/s3/bucket/name", "/s3/bucket/arn", "/s3/object",
            "/s3/object/key", "/s3/object/size", "/s3/object/eTag", "/s3/object/versionId", "/s3/object/sequencer",
        ]),
        value in any_json(),
    ) {
        let _ = put_with(part, value);
    }

    #[test]
    fn no_part_of_an_event_of_eventbridge_makes_the_reader_panic(
        part in prop::sample::select(vec![
            "/detail-type", "/source", "/time", "/region", "/resources", "/detail", "/detail/bucket",
            "/detail/bucket/name", "/detail/object", "/detail/object/key", "/detail/object/size", "/detail/object/etag",
            "/detail/object/version-id", "/detail/object/sequencer", "/detail/request-id", "/detail/reason",
            "/detail/event-version",
        ]),
        value in any_json(),
    ) {
        let _ = eventbridge_with(part, value);
    }
}
