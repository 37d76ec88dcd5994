use proptest::prelude::*;
use serde_json::json;

use super::*;

const PUT: &str = include_str!("../../tests/events/put.json");
const MULTIPART: &str = include_str!("../../tests/events/multipart.json");
const DELETE: &str = include_str!("../../tests/events/delete.json");
const TEST_EVENT: &str = include_str!("../../tests/events/test-event.json");
const UNICODE_KEY: &str = include_str!("../../tests/events/unicode-key.json");
const LIKE_MOTO: &str = include_str!("../../tests/events/like-moto.json");
const WITHOUT_RESPONSE_ELEMENTS: &str = include_str!("../../tests/events/without-response-elements.json");

fn records(event: &Value) -> Vec<Result<Record, BadRecord>> {
    match Event::read(event) {
        Event::Records(records) => records,
        other => panic!("no records but {other:?}"),
    }
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
fn a_put_is_read_whole() {
    let NewObject { image, time, bucket_arn } = created(PUT);
    assert_eq!(
        serde_json::to_value(&image).unwrap(),
        json!({
            "bucket": "images",
            "key": "holiday/red flower.jpg",
            "size": 12595,
            "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            "sequencer": "0055AED6DCD90281E5",
            "eventName": "ObjectCreated:Put",
            "region": "us-west-2",
            "s3RequestId": "C3D13FE58DE4C810",
        })
    );
    assert_eq!(time.to_string(), "2026-11-23T15:02:11.123Z");
    assert_eq!(bucket_arn.as_deref(), Some("arn:aws:s3:::images"));
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
fn a_deletion_is_no_new_object() {
    let records = records(&serde_json::from_str(DELETE).unwrap());
    let [Ok(Record::Other(other))] = &records[..] else { panic!("{records:?}") };
    assert_eq!(other.event_name, "ObjectRemoved:DeleteMarkerCreated");
    assert_eq!(other.key.as_deref(), Some("holiday/red flower.jpg"));
}

#[test]
fn the_test_event_is_known() {
    let event = Event::read(&serde_json::from_str(TEST_EVENT).unwrap());
    assert!(matches!(event, Event::Test { bucket: Some(bucket) } if bucket == "images"));
}

#[test]
fn what_is_no_event_of_s3_is_unknown() {
    for event in [json!({}), json!(null), json!([1]), json!("text"), json!({ "Records": "none" })] {
        assert!(matches!(Event::read(&event), Event::Unknown { .. }), "{event}");
    }
    let scheduled = Event::read(&json!({ "source": "aws.events", "detail": {} }));
    assert!(matches!(scheduled, Event::Unknown { fields } if fields == ["detail", "source"]));
    assert!(records(&json!({ "Records": [] })).is_empty());
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
        assert!(bad.reason.contains(reason), "{} lacks {reason}", bad.reason);
        assert_eq!(bad.bucket.as_deref(), Some("images"));
        assert_eq!(bad.key.as_deref(), Some("holiday/red flower.jpg"));
        assert_eq!(bad.s3_request_id.as_deref(), Some("C3D13FE58DE4C810"));
    }
    let bad = put_with("/s3/object/key", json!("")).unwrap_err();
    assert!(bad.reason.contains("no key"), "{}", bad.reason);
    for nonsense in [json!(42), json!(null), json!([]), json!({})] {
        assert!(records(&json!({ "Records": [nonsense] })).remove(0).is_err());
    }
}

#[test]
fn every_minor_version_of_two_is_read() {
    for version in [json!("2.0"), json!("2.1"), json!("2.6"), json!("2.99"), json!(null)] {
        assert!(matches!(put_with("/eventVersion", version.clone()), Ok(Record::Created(_))), "{version}");
    }
}

#[test]
fn an_event_wrapped_by_sns_and_sqs_is_unwrapped() {
    let sns = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": PUT } }] });
    let sqs = json!({ "Records": [{ "eventSource": "aws:sqs", "body": PUT }] });
    let envelope = json!({ "Type": "Notification", "Message": PUT }).to_string();
    let sns_in_sqs = json!({ "Records": [{ "eventSource": "aws:sqs", "body": envelope }] });
    for event in [sns, sqs, sns_in_sqs] {
        let records = records(&event);
        assert!(matches!(&records[..], [Ok(Record::Created(object))] if object.image.bucket == "images"), "{event}");
    }

    let test_event = json!({ "Records": [{ "body": TEST_EVENT }] });
    assert!(records(&test_event).is_empty());
    for body in ["no JSON", "{}", "[]"] {
        let records = records(&json!({ "Records": [{ "body": body }] }));
        assert!(matches!(&records[..], [Err(_)]), "{body}");
    }
}

#[test]
fn wrapping_has_an_end() {
    let mut event: Value = serde_json::from_str(PUT).unwrap();
    for _ in 0..=MAX_WRAPPINGS {
        event = json!({ "Records": [{ "body": event.to_string() }] });
    }
    assert!(matches!(&records(&event)[..], [Err(_)]));
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
        Event::read(&event);
        Event::read(&json!({ "Records": [event] }));
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
}
