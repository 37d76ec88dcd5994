//! SNS's envelope around a message in a queue. Pure.

use std::collections::HashMap;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::domain::evidence::{Fact, Probed, TopicMessage};
use crate::text::clean::Clean;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    #[serde(rename = "Type")]
    kind: String,
    message_id: String,
    topic_arn: String,
    #[serde(default)]
    timestamp: Option<Timestamp>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    message_attributes: HashMap<String, Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    #[serde(rename = "Type")]
    kind: String,
    value: String,
}

/// The subject of the messages that S3 itself publishes: they name objects, and no function sent them.
const OF_S3: &str = "Amazon S3 Notification";

/// Attributes of a message that are looked at, in bytes.
const LONGEST_ATTRIBUTES: usize = 8 * 1_024;

/// What a message proves; one that is no notification of this topic proves nothing.
pub(super) fn read(message: &Message, queue: &Clean, topic_arn: &str) -> Option<(Probed, Option<Fact>)> {
    let envelope: Envelope = serde_json::from_str(message.body()?).ok()?;
    if envelope.kind != "Notification" || envelope.topic_arn != topic_arn {
        return None;
    }
    let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let sent = sent.and_then(|millis| Timestamp::from_millisecond(millis.parse().ok()?).ok());
    // An emulator without SQS's own time has SNS's at least, which is a little earlier.
    let at = sent.or(envelope.timestamp)?;
    let message_id = Clean::new(&envelope.message_id);
    let probed = Probed { message_id: message_id.clone(), at, queue: queue.clone() };
    let attributes = Clean::new(&attributes(&envelope.message_attributes).to_string());
    let subject = envelope.subject.unwrap_or_default();
    let is_readable = attributes.raw().len() <= LONGEST_ATTRIBUTES && subject != OF_S3;
    let text = Clean::log(&format!("{subject}\n{}", envelope.message));
    let topic = Clean::new(topic_arn);
    let message = TopicMessage { message_id, topic, at: envelope.timestamp.unwrap_or(at), attributes };
    Some((probed, is_readable.then_some(Fact::MessageText(message, text))))
}

/// Attributes as filter policies see them: those of a type that no policy can look at are left out.
fn attributes(all: &HashMap<String, Attribute>) -> Value {
    let pair = |(name, attribute): (&String, &Attribute)| {
        let value = match attribute.kind.split('.').next()? {
            "String" if attribute.kind != "String.Array" => Value::String(attribute.value.clone()),
            "String" | "Number" => serde_json::from_str(&attribute.value).ok()?,
            _ => return None,
        };
        Some((name.clone(), value))
    };
    Value::Object(all.iter().filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:uploads";

    fn message(body: &str, sent: Option<&str>) -> Message {
        let message = Message::builder().body(body);
        match sent {
            Some(sent) => message.attributes(MessageSystemAttributeName::SentTimestamp, sent).build(),
            None => message.build(),
        }
    }

    #[test]
    fn a_notification_of_the_topic_is_proof() {
        let body = format!(
            r#"{{"Type":"Notification","MessageId":"m-1","TopicArn":"{TOPIC}","Subject":"s","Message":"x","Timestamp":"2026-11-23T12:00:00.123Z","SignatureVersion":"1","Signature":"=","SigningCertURL":"https://sns","UnsubscribeURL":"https://sns"}}"#
        );
        let queue = Clean::new("arn:aws:sqs:eu-west-1:123456789012:imgwatch-probe-1");
        let (probed, text) = read(&message(&body, Some("1795435200200")), &queue, TOPIC).expect("a notification");
        assert_eq!((probed.message_id.raw(), probed.at.as_millisecond()), ("m-1", 1_795_435_200_200));
        assert_eq!(probed.queue, queue);
        let Some(Fact::MessageText(message_of, text)) = text else { panic!("a text") };
        assert_eq!((message_of.at.as_millisecond(), text.raw()), (1_795_435_200_123, "s\nx"));
        let (later, _) = read(&message(&body, None), &queue, TOPIC).expect("a notification");
        assert_eq!(later.at.to_string(), "2026-11-23T12:00:00.123Z");
        assert_eq!(read(&message(&body, None), &queue, "arn:aws:sns:eu-west-1:123456789012:other"), None);
    }

    #[test]
    fn attributes_are_read_by_their_type() {
        let attribute = |kind: &str, value: &str| Attribute { kind: kind.to_owned(), value: value.to_owned() };
        let all = HashMap::from([
            ("a".to_owned(), attribute("String", "x")),
            ("b".to_owned(), attribute("Number", "12.5")),
            ("c".to_owned(), attribute("String.Array", r#"["x",1]"#)),
            ("d".to_owned(), attribute("Binary", "eA==")),
        ]);
        assert_eq!(attributes(&all), serde_json::json!({"a": "x", "b": 12.5, "c": ["x", 1]}));
    }

    #[test]
    fn what_s3_publishes_says_nothing_of_the_function() {
        let body = format!(
            r#"{{"Type":"Notification","MessageId":"m-1","TopicArn":"{TOPIC}","Subject":"{OF_S3}","Message":"in/a.png","Timestamp":"2026-11-23T12:00:00.123Z"}}"#
        );
        assert!(matches!(read(&message(&body, None), &Clean::new("q"), TOPIC), Some((_, None))));
    }

    #[test]
    fn anything_else_proves_nothing() {
        let bodies = ["", "{}", "raw text", r#"{"Type":"SubscriptionConfirmation","MessageId":"m","TopicArn":"t"}"#];
        for body in bodies {
            assert_eq!(read(&message(body, Some("1")), &Clean::new("q"), "t"), None, "{body}");
        }
    }
}
