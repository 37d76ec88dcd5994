//! SNS's envelope around a message in a queue. Pure.

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::Timestamp;
use serde::Deserialize;

use crate::domain::evidence::Probed;
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
}

/// What a message proves; one that is no notification of this topic proves nothing.
pub(super) fn read(message: &Message, queue: &Clean, topic_arn: &str) -> Option<Probed> {
    let envelope: Envelope = serde_json::from_str(message.body()?).ok()?;
    if envelope.kind != "Notification" || envelope.topic_arn != topic_arn {
        return None;
    }
    let sent = message.attributes().and_then(|all| all.get(&MessageSystemAttributeName::SentTimestamp));
    let sent = sent.and_then(|millis| Timestamp::from_millisecond(millis.parse().ok()?).ok());
    // An emulator without SQS's own time has SNS's at least, which is a little earlier.
    let at = sent.or(envelope.timestamp)?;
    Some(Probed { message_id: Clean::new(&envelope.message_id), at, queue: queue.clone() })
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
        let probed = read(&message(&body, Some("1795435200200")), &queue, TOPIC).expect("a notification");
        assert_eq!((probed.message_id.raw(), probed.at.as_millisecond()), ("m-1", 1_795_435_200_200));
        assert_eq!(probed.queue, queue);
        let later = read(&message(&body, None), &queue, TOPIC).expect("a notification");
        assert_eq!(later.at.to_string(), "2026-11-23T12:00:00.123Z");
        assert_eq!(read(&message(&body, None), &queue, "arn:aws:sns:eu-west-1:123456789012:other"), None);
    }

    #[test]
    fn anything_else_proves_nothing() {
        let bodies = ["", "{}", "raw text", r#"{"Type":"SubscriptionConfirmation","MessageId":"m","TopicArn":"t"}"#];
        for body in bodies {
            assert_eq!(read(&message(body, Some("1")), &Clean::new("q"), "t"), None, "{body}");
        }
    }
}
