//! The records of imgwatch's handler, word for word.

use imgwatch_shared::record::Level;
use imgwatch_shared::s3_event::Entry;

use super::*;
use crate::domain::log::format::tests::{ID, read_all, read_one};

fn record(rest: &str) -> String {
    format!(
        r#"{{"timestamp":"2026-11-23T15:23:01.004Z","level":"INFO","message":"image received","requestId":"{ID}","bucket":"images","key":"photos/a b.png","eTag":"d41d","sequencer":"0055","s3RequestId":"C3D1"{rest}}}"#
    )
}

#[test]
fn handler_records_become_facts() {
    let (line, fact) =
        read_one(&record(r#","outcome":"published","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c""#));
    assert_eq!((line.kind, line.level), (LineKind::Record, Some(Level::Info)));
    assert_eq!(line.text.shown(), "published photos/a b.png  message 3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c");
    let Some(Fact::Published { source, write, message_id }) = fact else { panic!("{fact:?}") };
    assert_eq!(source.lambda_request_id, Some(Clean::new(ID)));
    assert_eq!(
        (message_id.raw(), write.key.raw(), write.bucket.raw()),
        ("3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c", "photos/a b.png", "images")
    );
    assert_eq!(write.s3_request_id, Some(Clean::new("C3D1")));

    for wrong in ["", "3f2a", "not a message id of SNS, whose ids are 36"] {
        let (_, fact) = read_one(&record(&format!(r#","outcome":"published","snsMessageId":"{wrong}""#)));
        assert!(matches!(fact, Some(Fact::Received(..))), "{wrong:?} names no message: {fact:?}");
    }
    let (_, fact) =
        read_one(&record(r#","outcome":"duplicate","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c""#));
    assert!(matches!(fact, Some(Fact::Published { .. })));
    let (_, fact) = read_one(&record(r#","outcome":"skipped","error":"not an image""#));
    assert!(matches!(fact, Some(Fact::Skipped { reason, .. }) if reason.raw() == "not an image"));
    let (line, fact) = read_one(&record(r#","outcome":"failed","error":"topic missing""#));
    assert_eq!(line.text.shown(), "failed photos/a b.png  topic missing");
    assert!(matches!(fact, Some(Fact::Failed { reason, .. }) if reason.raw() == "topic missing"));
    let (_, fact) = read_one(&record(""));
    assert!(matches!(fact, Some(Fact::Received(..))), "no outcome yet");
}

#[test]
fn a_record_says_in_what_its_event_came() {
    let envelope = |rest: &str| {
        let (_, facts) = read_all(&record(rest));
        facts.into_iter().find_map(|fact| match fact {
            Fact::Enveloped(source, write, envelope) => {
                assert_eq!((source.lambda_request_id, write.s3_request_id), (Some(ID.into()), Some("C3D1".into())));
                Some(envelope)
            }
            _ => None,
        })
    };
    let receive = |count| Some(SqsReceive { message_id: "M-1".into(), count });
    let sqs = r#","entry":"queue","sqsMessageId":"M-1","receiveCount":2,"outcome":"failed","error":"why""#;
    let expected = Envelope { entry: Some(Entry::Queue), sqs: receive(Some(2)), sns_message_id: None };
    assert_eq!(envelope(sqs), Some(expected));
    let both = r#","entry":"topic","sqsMessageId":"M-1","entryMessageId":"N-1""#;
    let expected = Envelope { entry: Some(Entry::Topic), sqs: receive(None), sns_message_id: Some("N-1".into()) };
    assert_eq!(envelope(both), Some(expected));
    let bus = Envelope { entry: Some(Entry::EventBridge), ..Envelope::default() };
    assert_eq!(envelope(r#","entry":"eventbridge""#), Some(bus));
    // Without an envelope, and with what a newer handler may say, nothing is known.
    for rest in ["", r#","entry":"direct","sqsMessageId":"""#, r#","receiveCount":3"#] {
        assert_eq!(envelope(rest), None, "{rest}");
    }
}

#[test]
fn a_hostile_key_is_harmless_in_line_and_fact() {
    let line = r#"{"timestamp":"2026-11-23T15:23:01Z","level":"INFO","message":"m","bucket":"b","key":"\u001b]0;x\u0007\u202egpj\n.png","outcome":"published","snsMessageId":"3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c"}"#;
    let (line, fact) = read_one(line);
    assert!(!line.text.shown().chars().any(crate::text::clean::is_harmful));
    let Some(Fact::Published { write, .. }) = fact else { panic!("{fact:?}") };
    assert_eq!(write.key.raw(), "\u{1b}]0;x\u{7}\u{202e}gpj\n.png");
    assert!(line.text.shown().contains(write.key.shown()), "Logs and Objects show one key: {:?}", line.text.shown());
}
