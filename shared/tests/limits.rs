//! Whatever an uploader names an object: SNS takes the message, a mail server its subject, the log the line.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use imgwatch_shared::message::{DataType, MAX_MESSAGE_BYTES, Message, MessageError};
use imgwatch_shared::notification::{Image, Notification};
use imgwatch_shared::record::{Level, LogRecord, Outcome};
use imgwatch_shared::{object_key, prose};
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::Value;

/// S3's limit for a key, in bytes of UTF-8.
const MAX_KEY_BYTES: usize = 1024;
/// The older, smaller limit of a log event; Lambda splits longer lines.
const MAX_LINE_BYTES: usize = 256 * 1024;

fn image(bucket: &str, key: &str) -> Image {
    Image {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        size: u64::MAX,
        e_tag: Some("d41d8cd98f00b204e9800998ecf8427e-10000".to_owned()),
        version_id: Some("096fKKXTRTtl3on89fVO.nfljtsv6qko".to_owned()),
        sequencer: Some("0055AED6DCD90281E5".to_owned()),
        event_name: "ObjectCreated:CompleteMultipartUpload".to_owned(),
        region: "ap-southeast-2".to_owned(),
        content_type: Some("image/png".to_owned()),
        s3_request_id: Some("C3D13FE58DE4C810".to_owned()),
    }
}

fn notification(bucket: &str, key: &str) -> Notification {
    Notification::new(image(bucket, key), "2026-11-23T15:02:11.123Z".parse().unwrap(), None)
}

/// Everything that SNS, a mail server and a phone demand of a message.
fn check_message(notification: &Notification) {
    let message = Message::new(notification).unwrap();

    let subject = message.subject.as_bytes();
    assert!(!subject.is_empty() && subject.len() < 100, "{} characters", subject.len());
    assert!(subject[0].is_ascii_alphanumeric() || subject[0].is_ascii_punctuation());
    assert!(subject.iter().all(|byte| (b' '..=b'~').contains(byte)), "{:?}", message.subject);

    let body: Value = serde_json::from_str(&message.body).unwrap();
    let default: Notification = serde_json::from_str(body["default"].as_str().unwrap()).unwrap();
    assert_eq!(&default, notification);

    let email = body["email"].as_str().unwrap();
    let lines = email.lines().count();
    assert!(lines <= 12, "a key must not add lines: {lines}");
    assert!(!email.chars().any(|it| it.is_control() && it != '\n'), "{email:?}");
    assert!(!email.contains(['\u{202E}', '\u{2066}', '\u{200B}', '\u{FEFF}']), "{email:?}");

    let sms = body["sms"].as_str().unwrap();
    assert!(sms.len() <= prose::MAX_SMS_BYTES, "{} bytes", sms.len());
    assert!(sms.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{sms:?}");

    let attributes: usize = message.attributes.iter().map(|it| it.name.len() + it.value.len() + 6).sum();
    assert!(message.subject.len() + message.body.len() + attributes <= MAX_MESSAGE_BYTES);
    assert!(message.attributes.iter().all(|attribute| !attribute.value.is_empty()));
}

#[test]
fn hostile_keys_of_full_length_fit() {
    for unit in ["🐈", "\n", "\u{0}", "\u{1b}]0;x\u{7}", "\u{202E}", "\"", "\\", "é", " ", "&", "\u{FFFD}"] {
        let key = unit.repeat(MAX_KEY_BYTES / unit.len());
        check_message(&notification("images", &key));
        check_message(&notification(&"b".repeat(63), &key));
    }
    check_message(&notification("", ""));
}

#[test]
fn a_message_past_the_limit_is_refused_before_it_is_sent() {
    let hostile = notification("images", &"\u{1}".repeat(30_000));
    assert!(matches!(Message::new(&hostile), Err(MessageError::TooLarge { bytes }) if bytes > MAX_MESSAGE_BYTES));
}

#[test]
fn the_prose_reads_well() {
    let image = Image { size: 12_595, ..image("images", "holiday/red flower.png") };
    let notification = Notification::new(image, "2026-11-23T15:02:11.123Z".parse().unwrap(), None);
    assert_eq!(prose::subject(&notification.data), "New image: holiday/red flower.png in images");
    assert_eq!(prose::sms(&notification), "New image: red flower.png (12.3 KiB) in images");
    let email = prose::email(&notification);
    assert_eq!(
        email,
        format!(
            "A new image was uploaded to the bucket images.\n\
             \n\
             Key            holiday/red flower.png\n\
             Size           12.3 KiB (12,595 bytes)\n\
             Content type   image/png\n\
             Uploaded       2026-11-23 15:02:11 UTC\n\
             Region         ap-southeast-2\n\
             Event          ObjectCreated:CompleteMultipartUpload\n\
             ETag           d41d8cd98f00b204e9800998ecf8427e-10000\n\
             Version        096fKKXTRTtl3on89fVO.nfljtsv6qko\n\
             S3 request     C3D13FE58DE4C810\n\
             Notification   {}\n",
            notification.id
        )
    );
}

#[test]
fn a_long_key_keeps_its_end() {
    let subject = prose::subject(&image("images", &format!("{}/cat.png", "deep/".repeat(200))));
    assert_eq!(subject.len(), 99);
    assert!(subject.starts_with("New image: ...") && subject.ends_with("/cat.png in images"), "{subject}");
}

#[test]
fn attributes_are_typed_and_never_empty() {
    let plain = Image { size: 7, ..image("images", "cat.png") };
    let time: Timestamp = "2026-11-23T15:02:11Z".parse().unwrap();
    let of = |image: Image| -> Vec<(&str, DataType, String)> {
        let attributes = Notification::new(image, time, None).attributes();
        attributes.into_iter().map(|it| (it.name, it.data_type, it.value)).collect()
    };
    assert_eq!(
        of(plain.clone()),
        [
            ("type", DataType::String, "dev.imgwatch.image.uploaded.v1".to_owned()),
            ("bucket", DataType::String, "images".to_owned()),
            ("contentType", DataType::String, "image/png".to_owned()),
            ("size", DataType::Number, "7".to_owned()),
        ]
    );
    let names: Vec<_> = of(Image { content_type: None, ..plain }).into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["type", "bucket", "size"]);
}

#[test]
fn a_line_stays_short_whatever_is_in_it() {
    let hostile = "\u{1}".repeat(100_000);
    let mut record = LogRecord::new(Timestamp::UNIX_EPOCH, Level::Error, hostile.clone())
        .about(&image(&hostile, &hostile))
        .ended(Outcome::Failed);
    let texts = [
        &mut record.request_id,
        &mut record.xray_trace_id,
        &mut record.e_tag,
        &mut record.version_id,
        &mut record.sequencer,
        &mut record.s3_request_id,
        &mut record.notification_id,
        &mut record.sns_message_id,
        &mut record.error,
    ];
    for text in texts {
        *text = Some(hostile.clone());
    }
    let line = record.to_line().unwrap();
    assert!(line.len() < MAX_LINE_BYTES, "{} bytes", line.len());
    assert!(!line.contains('\n'));
    let read = LogRecord::parse(&line).unwrap();
    assert!(read.message.starts_with('\u{1}') && read.message.ends_with('…'));
}

#[test]
fn a_key_that_s3_allows_is_never_cut_in_a_line() {
    let key = "🐈".repeat(MAX_KEY_BYTES / 4);
    let record = LogRecord::new(Timestamp::UNIX_EPOCH, Level::Info, "published")
        .about(&image("images", &key))
        .ended(Outcome::Published);
    assert_eq!(LogRecord::parse(&record.to_line().unwrap()), Some(record));
}

/// Any key that S3 takes: up to 1,024 bytes of UTF-8.
fn key() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 1..=MAX_KEY_BYTES / 4).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn any_key_gives_a_legal_message(key in key(), bucket in "[a-z0-9.-]{3,63}") {
        check_message(&notification(&bucket, &key));
    }

    #[test]
    fn any_key_survives_the_log(key in key(), message in any::<String>()) {
        let record = LogRecord::new(Timestamp::UNIX_EPOCH, Level::Warn, message)
            .about(&image("images", &key)).ended(Outcome::Duplicate);
        let line = record.to_line().unwrap();
        prop_assert!(!line.contains(['\n', '\r']));
        prop_assert_eq!(LogRecord::parse(&line), Some(record));
    }

    #[test]
    fn any_key_survives_the_events_encoding(key in key()) {
        // S3 writes a space as `+` and encodes a literal plus.
        let encoded = utf8_percent_encode(&key, NON_ALPHANUMERIC).to_string().replace("%20", "+");
        prop_assert_eq!(object_key::decode(&encoded), key);
    }

    #[test]
    fn any_line_is_read_or_refused(line in any::<String>()) {
        let _ = LogRecord::parse(&line);
        let _ = object_key::decode(&line);
        let _ = object_key::extension(&line);
    }
}
