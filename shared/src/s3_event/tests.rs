use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A record of S3, as far as this module looks at it.
fn record(key: &str) -> Value {
    json!({"eventSource": "aws:s3", "s3": {"object": {"key": key}}})
}

fn of_s3(keys: &[&str]) -> Value {
    json!({"Records": keys.iter().map(|key| record(key)).collect::<Vec<_>>()})
}

fn of_eventbridge(key: &str) -> Value {
    json!({"version": "0", "source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": key}}})
}

fn test_event() -> Value {
    json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "images"})
}

/// A way in which AWS wraps a text.
#[derive(Debug, Clone, Copy)]
enum Wrap {
    /// As Lambda hands a queue's message to a function.
    Sqs,
    /// As SNS invokes a function.
    Sns,
    /// As SNS sends to a queue.
    SnsEnvelope,
    /// The same, with spaces and new lines as on AWS.
    PrettySnsEnvelope,
}

impl Wrap {
    fn around(self, inner: &Value) -> Value {
        let text = inner.to_string();
        let envelope = json!({"Type": "Notification", "MessageId": "sns-1", "TopicArn": "arn", "Message": text});
        match self {
            Self::Sqs => sqs_batch(&[("sqs-1", &text)]),
            Self::Sns => {
                json!({"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "sns-1", "Subject": null, "Message": text}}]})
            }
            Self::SnsEnvelope => envelope,
            Self::PrettySnsEnvelope => {
                let message = Value::from(text);
                let lines =
                    [r#""Type" : "Notification""#, r#""MessageId" : "sns-1""#, r#""TopicArn" : "arn""#].join(",\n  ");
                Value::String(format!("{{\n  {lines},\n  \"Message\" : {message}\n}}"))
            }
        }
    }
}

fn sqs_batch(messages: &[(&str, &str)]) -> Value {
    let message = |(id, body): &(&str, &str)| {
        json!({"messageId": id, "body": body, "attributes": {"ApproximateReceiveCount": "2"},
            "md5OfMessageAttributes": null, "eventSource": "aws:sqs"})
    };
    json!({"Records": messages.iter().map(message).collect::<Vec<_>>()})
}

/// Wraps from the inside out. A text stays a text, so that an indented envelope keeps its spaces.
fn wrapped(event: &Value, wraps: &[Wrap]) -> Value {
    let mut value = event.clone();
    for wrap in wraps {
        let inner = match &value {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            other => other.clone(),
        };
        value = match (wrap, &value) {
            (Wrap::Sqs, Value::String(text)) => sqs_batch(&[("sqs-1", text)]),
            _ => wrap.around(&inner),
        };
    }
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap(),
        other => other,
    }
}

fn contents(event: &Value) -> Vec<Content> {
    S3Event::read(event).parts.into_iter().map(|part| part.content).collect()
}

fn reason(event: &Value) -> String {
    match &contents(event)[..] {
        [Content::Unknown(reason)] => reason.clone(),
        other => panic!("{other:?}"),
    }
}

fn sqs() -> SqsMessage {
    SqsMessage { id: Some("sqs-1".to_owned()), receive_count: Some(2) }
}

#[test]
fn each_path_to_a_function_is_known_by_its_envelopes() {
    let (s3, eventbridge) = (of_s3(&["a"]), of_eventbridge("a"));
    let sns_id = Some("sns-1".to_owned());
    let envelope = |entry, sqs, sns_message_id| Envelope { entry, sqs, sns_message_id };
    for (event, wraps, expected) in [
        (&s3, &[][..], envelope(None, None, None)),
        // Raw messages of a topic look the same.
        (&s3, &[Wrap::Sqs], envelope(Some(Entry::Queue), Some(sqs()), None)),
        (&s3, &[Wrap::Sns], envelope(Some(Entry::Topic), None, sns_id.clone())),
        (&s3, &[Wrap::SnsEnvelope, Wrap::Sqs], envelope(Some(Entry::Topic), Some(sqs()), sns_id.clone())),
        (&s3, &[Wrap::PrettySnsEnvelope, Wrap::Sqs], envelope(Some(Entry::Topic), Some(sqs()), sns_id.clone())),
        (&eventbridge, &[], envelope(Some(Entry::EventBridge), None, None)),
        (&eventbridge, &[Wrap::Sqs], envelope(Some(Entry::EventBridge), Some(sqs()), None)),
        (&eventbridge, &[Wrap::Sns], envelope(Some(Entry::EventBridge), None, sns_id.clone())),
        (
            &eventbridge,
            &[Wrap::SnsEnvelope, Wrap::Sqs],
            envelope(Some(Entry::EventBridge), Some(sqs()), sns_id.clone()),
        ),
    ] {
        let read = S3Event::read(&wrapped(event, wraps));
        let [part] = &read.parts[..] else { panic!("{wraps:?}: {read:?}") };
        assert_eq!(part.envelope, expected, "{wraps:?}");
        assert_eq!(read.is_sqs_batch, matches!(wraps.last(), Some(Wrap::Sqs)), "{wraps:?}");
    }
}

#[test]
fn a_batch_may_hold_messages_of_every_kind() {
    let topic = Wrap::SnsEnvelope.around(&of_s3(&["d"])).to_string();
    let event = sqs_batch(&[
        ("m1", &of_s3(&["a", "b"]).to_string()),
        ("m2", &test_event().to_string()),
        ("m3", "no JSON"),
        ("m4", &of_eventbridge("c").to_string()),
        ("m5", &topic),
        ("m6", &of_s3(&[]).to_string()),
    ]);
    let read = S3Event::read(&event);
    assert!(read.is_sqs_batch);
    let ids: Vec<_> = read.parts.iter().map(|part| part.envelope.sqs.clone().unwrap().id.unwrap()).collect();
    assert_eq!(ids, ["m1", "m1", "m2", "m3", "m4", "m5"]);
    let contents: Vec<_> = read.parts.into_iter().map(|part| part.content).collect();
    assert_eq!(contents[0..2], [Content::Record(record("a")), Content::Record(record("b"))]);
    assert_eq!(contents[2], Content::Test { bucket: Some("images".to_owned()) });
    assert!(matches!(&contents[3], Content::Unknown(reason) if reason.starts_with("the message is not JSON (")));
    assert_eq!(contents[4..], [Content::EventBridge(of_eventbridge("c")), Content::Record(record("d"))]);
}

#[test]
fn a_batch_is_one_even_if_its_messages_hold_nothing() {
    for event in [sqs_batch(&[("m1", r#"{"Records":[]}"#)]), sqs_batch(&[("m1", &test_event().to_string())])] {
        assert!(S3Event::read(&event).is_sqs_batch, "{event}");
    }
    let without_source = json!({"Records": [{"body": of_s3(&["a"]).to_string()}]});
    assert!(S3Event::read(&without_source).is_sqs_batch);
    for event in [of_s3(&["a"]), of_eventbridge("a"), wrapped(&of_s3(&["a"]), &[Wrap::Sqs, Wrap::Sns]), json!(null)] {
        assert!(!S3Event::read(&event).is_sqs_batch, "{event}");
    }
}

#[test]
fn ids_that_are_missing_are_none() {
    let body = of_s3(&["a"]).to_string();
    for (id, count) in
        [(json!(null), json!(null)), (json!(""), json!("")), (json!(5), json!(2)), (json!([]), json!("x"))]
    {
        let event = json!({"Records": [{"eventSource": "aws:sqs", "messageId": id, "body": body,
            "attributes": {"ApproximateReceiveCount": count}}]});
        let read = S3Event::read(&event);
        assert_eq!(read.parts[0].envelope.sqs, Some(SqsMessage::default()), "{event}");
    }
    let event = json!({"Records": [{"eventSource": "aws:sqs", "body": body, "attributes": null}]});
    assert_eq!(S3Event::read(&event).parts[0].content, Content::Record(record("a")));
    let event = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m1"}]});
    assert!(matches!(&S3Event::read(&event).parts[..], [Part { content: Content::Unknown(_), .. }]));
}

#[test]
fn what_is_no_event_of_s3_says_what_it_is() {
    for (event, expected) in [
        (json!(null), "not an object"),
        (json!([{"messageId": "m1", "body": "{}"}]), "not an object"),
        (json!({"version": "0", "bucket": {}, "object": {}}), r#"its fields are ["bucket", "object", "version"]"#),
        (json!({"Records": "none"}), r#"its fields are ["Records"]"#),
        (json!({"source": "aws.events", "detail-type": "Scheduled Event"}), r#""Scheduled Event" of "aws.events""#),
        (json!({"source": "aws.s3", "detail-type": "AWS API Call via CloudTrail"}), "via CloudTrail"),
        (json!({"source": "mine", "detail-type": "Object Created"}), r#""Object Created" of "mine""#),
        (
            json!({"Type": "SubscriptionConfirmation", "TopicArn": "arn", "Message": "m"}),
            "\"SubscriptionConfirmation\"",
        ),
        (json!({"Event": "s3:Other", "Bucket": "b"}), r#"its fields are ["Bucket", "Event"]"#),
    ] {
        for wraps in [&[][..], &[Wrap::Sqs], &[Wrap::Sns], &[Wrap::SnsEnvelope, Wrap::Sqs]] {
            let reason = reason(&wrapped(&event, wraps));
            assert!(reason.contains(expected) && reason.ends_with(HINT), "{wraps:?}: {reason}");
        }
    }
}

#[test]
fn wrapping_has_an_end() {
    let mut event = of_s3(&["a"]);
    for _ in 0..MAX_DEPTH {
        event = Wrap::Sqs.around(&event);
    }
    assert_eq!(contents(&event), [Content::Record(record("a"))]);
    assert!(reason(&Wrap::Sqs.around(&event)).starts_with("the message is wrapped more than 4 times"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop_oneof![
        "[a-zA-Z]{0,8}",
        prop::sample::select(vec!["Records", "Sns", "Message", "Type", "body", "source", "detail-type", "Event", "s3"])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let text = inner.clone().prop_map(|value: Value| Value::from(value.to_string()));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name.clone(), prop_oneof![inner, text], 0..4)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

fn any_wraps() -> impl Strategy<Value = Vec<Wrap>> {
    let wrap = prop::sample::select(vec![Wrap::Sqs, Wrap::Sns, Wrap::SnsEnvelope, Wrap::PrettySnsEnvelope]);
    prop::collection::vec(wrap, 0..=MAX_DEPTH)
}

proptest! {
    #[test]
    fn any_nesting_gives_the_same_records(keys in prop::collection::vec(any::<String>(), 0..4), wraps in any_wraps()) {
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        let records: Vec<_> = keys.iter().map(|key| Content::Record(record(key))).collect();
        prop_assert_eq!(contents(&wrapped(&of_s3(&keys), &wraps)), records);
    }

    #[test]
    fn any_nesting_gives_the_same_event_of_eventbridge(key in any::<String>(), wraps in any_wraps()) {
        let event = of_eventbridge(&key);
        prop_assert_eq!(contents(&wrapped(&event, &wraps)), [Content::EventBridge(event)]);
    }

    #[test]
    fn a_test_event_is_one_in_any_nesting(wraps in any_wraps()) {
        let test = Content::Test { bucket: Some("images".to_owned()) };
        prop_assert_eq!(contents(&wrapped(&test_event(), &wraps)), [test]);
    }

    #[test]
    fn no_input_panics_and_no_message_is_passed_over(event in any_json(), body in any::<String>()) {
        S3Event::read(&event);
        S3Event::read(&json!({"Records": [event]}));
        for body in [body, event.to_string()] {
            let empty = serde_json::from_str::<Value>(&body)
                .is_ok_and(|value| value["Records"].as_array().is_some());
            prop_assert!(empty || !contents(&sqs_batch(&[("m1", &body)])).is_empty());
        }
    }
}
