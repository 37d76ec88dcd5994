//! Version 1 of the wire forms, pinned byte for byte. These files are added to, never edited.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use imgwatch_shared::notification::{Image, Notification};
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use imgwatch_shared::s3_event::{Entry, Envelope, SqsMessage};
use jiff::Timestamp;
use serde_json::Value;

const FULL: &str = include_str!("golden/notification-v1-full.json");
const SPARSE: &str = include_str!("golden/notification-v1-sparse.json");
const LOG_PUBLISHED: &str = include_str!("golden/log-v1-published.json");
const LOG_SKIPPED: &str = include_str!("golden/log-v1-skipped.json");
const LOG_FAILED: &str = include_str!("golden/log-v1-failed.json");
const LOG_PLAIN: &str = include_str!("golden/log-v1-plain.json");
const LOG_QUEUE: &str = include_str!("golden/log-v1-queue.json");
const LOG_EVENTBRIDGE: &str = include_str!("golden/log-v1-eventbridge.json");

fn full() -> Notification {
    let image = Image {
        bucket: "images".to_owned(),
        key: "holiday/red flower é 🐈.png".to_owned(),
        size: 12_595,
        e_tag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        version_id: Some("096fKKXTRTtl3on89fVO.nfljtsv6qko".to_owned()),
        sequencer: Some("0055AED6DCD90281E5".to_owned()),
        event_name: "ObjectCreated:Put".to_owned(),
        region: "eu-west-1".to_owned(),
        content_type: Some("image/png".to_owned()),
        s3_request_id: Some("C3D13FE58DE4C810".to_owned()),
    };
    Notification::new(image, time("2026-11-23T15:02:11.123Z"), Some("arn:aws:s3:::images"))
}

fn sparse() -> Notification {
    let image = Image {
        bucket: "images".to_owned(),
        key: "cat.png".to_owned(),
        size: 0,
        e_tag: None,
        version_id: None,
        sequencer: None,
        event_name: "ObjectCreated:CompleteMultipartUpload".to_owned(),
        region: "cn-north-1".to_owned(),
        content_type: None,
        s3_request_id: None,
    };
    Notification::new(image, time("2026-11-23T15:02:11Z"), None)
}

fn log_records() -> [(&'static str, LogRecord); 6] {
    let line = |level, message| LogRecord::new(time("2026-11-23T15:02:11.456Z"), level, message);
    let request_id = Some("79b5e81f-3a4c-4b0e-9d55-0b8c8f4f4a11".to_owned());
    let full = full();
    let bare = |key: &str| Image { key: key.to_owned(), ..sparse().data };
    let receive = SqsMessage { id: Some("ca3e7a89-c358-40e5-8aa0-5da01403c267".to_owned()), receive_count: Some(2) };
    let envelope = |entry, sns_message_id: Option<&str>| Envelope {
        entry: Some(entry),
        sqs: Some(receive.clone()),
        sns_message_id: sns_message_id.map(str::to_owned),
    };
    let notes = Image { e_tag: full.data.e_tag.clone(), ..bare("notes.txt") };
    [
        (
            LOG_PUBLISHED,
            LogRecord {
                request_id: request_id.clone(),
                xray_trace_id: Some(
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1".to_owned(),
                ),
                notification_id: Some(full.id.clone()),
                sns_message_id: Some("f3072eb0-0c44-5a3e-8e4f-1c2d3e4f5a6b".to_owned()),
                ..line(Level::Info, "published").about(&full.data).ended(Outcome::Published)
            },
        ),
        (
            LOG_SKIPPED,
            LogRecord {
                request_id: request_id.clone(),
                error: Some("text/plain is not one of image/*".to_owned()),
                ..line(Level::Info, "skipped").about(&notes).ended(Outcome::Skipped)
            },
        ),
        (
            LOG_FAILED,
            LogRecord {
                request_id: request_id.clone(),
                error: Some("SNS answered Throttling: Rate exceeded".to_owned()),
                ..line(Level::Error, "failed").about(&bare("a\u{1b}]0;x\u{7}\n\"quoted\".png")).ended(Outcome::Failed)
            },
        ),
        (LOG_PLAIN, line(Level::Warn, "the event holds no S3 records")),
        (
            LOG_QUEUE,
            LogRecord {
                request_id: request_id.clone(),
                error: Some("SNS answered Throttling: Rate exceeded".to_owned()),
                ..line(Level::Error, "failed").about(&full.data).ended(Outcome::Failed)
            }
            .within(&envelope(Entry::Queue, None)),
        ),
        (
            LOG_EVENTBRIDGE,
            LogRecord { request_id, ..line(Level::Info, "received").about(&full.data) }
                .within(&envelope(Entry::EventBridge, Some("d88d4479-1ec0-56b1-b50c-1f3a3c1ec8e8"))),
        ),
    ]
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn notifications_are_written_as_pinned() {
    for (golden, notification) in [(FULL, full()), (SPARSE, sparse())] {
        assert_eq!(serde_json::to_string_pretty(&notification).unwrap() + "\n", golden);
    }
}

#[test]
fn pinned_notifications_are_read() {
    for (golden, notification) in [(FULL, full()), (SPARSE, sparse())] {
        assert_eq!(serde_json::from_str::<Notification>(golden).unwrap(), notification);
    }
}

#[test]
fn log_records_are_written_as_pinned() {
    for (golden, record) in log_records() {
        assert_eq!(record.to_line().unwrap() + "\n", golden);
    }
}

#[test]
fn pinned_log_records_are_read() {
    for (golden, record) in log_records() {
        assert_eq!(LogRecord::parse(golden), Some(record));
    }
}

#[test]
fn what_a_newer_version_adds_is_ignored() {
    let mut newer: Value = serde_json::from_str(FULL).unwrap();
    newer["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into();
    newer["data"]["width"] = 640.into();
    assert_eq!(serde_json::from_value::<Notification>(newer).unwrap(), full());

    let [(golden, record), ..] = log_records();
    let mut newer: Value = serde_json::from_str(golden).unwrap();
    newer["durationMs"] = 12.5.into();
    newer["tags"] = serde_json::json!({ "team": ["a", "b"] });
    assert_eq!(LogRecord::parse(&newer.to_string()), Some(record.clone()));

    newer["outcome"] = "quarantined".into();
    assert_eq!(LogRecord::parse(&newer.to_string()), Some(LogRecord { outcome: None, ..record }));
}

#[test]
fn an_envelope_that_is_not_understood_leaves_the_line_readable() {
    let [.., (golden, record)] = log_records();
    let mut foreign: Value = serde_json::from_str(golden).unwrap();
    for (field, value) in [
        ("entry", "pipe".into()),
        ("sqsMessageId", 5.into()),
        ("receiveCount", "2".into()),
        ("entryMessageId", serde_json::json!({})),
    ] {
        foreign[field] = value;
    }
    assert_eq!(LogRecord::parse(&foreign.to_string()), Some(record.within(&Envelope::default())));
}

#[test]
fn lines_that_are_no_records_are_none() {
    for line in [
        "",
        "START RequestId: 79b5e81f-3a4c-4b0e-9d55-0b8c8f4f4a11 Version: $LATEST",
        r#"{"time":"2026-10-08T07:30:27.768Z","type":"platform.start","record":{"requestId":"79b5e81f"}}"#,
        r#"{"timestamp":"yesterday","level":"INFO","message":"x"}"#,
        r#"{"timestamp":"2026-11-23T15:02:11Z","level":"INFO","message":"cut off"#,
        r#"["timestamp","level","message"]"#,
    ] {
        assert_eq!(LogRecord::parse(line), None, "{line}");
    }
}
