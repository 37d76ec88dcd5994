//! Delivery-status logs: what SNS writes to `CloudWatch` Logs about deliveries, for the protocols for which it does.
//!
//! There are none for mail, whatever a topic's attributes say.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::delivery::Outcome;
use super::message::Message;
use super::sms;
use super::state::{Subscription, Topic};
use crate::cloud::{ACCOUNT, Cloud};
use crate::wire;

/// The log stream of this run; SNS's streams have names without a meaning.
#[derive(Default)]
pub(super) struct Receipts(OnceLock<String>);

/// What a topic wants to be told about a protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Feedback {
    /// How many of a hundred successes; `None` when none are wanted.
    success: Option<u8>,
    failure: bool,
}

impl Feedback {
    pub(super) fn of(topic: &Topic, protocol: &str) -> Self {
        let prefix = match protocol {
            "http" | "https" => "HTTP",
            "sqs" => "SQS",
            "lambda" => "Lambda",
            _ => return Self::default(),
        };
        let attribute = |name: &str| topic.attributes.get(&format!("{prefix}{name}"));
        let rate = attribute("SuccessFeedbackSampleRate").and_then(|rate| rate.parse().ok()).unwrap_or(100);
        Self {
            success: attribute("SuccessFeedbackRoleArn").map(|_| rate),
            failure: attribute("FailureFeedbackRoleArn").is_some(),
        }
    }

    fn wants(self, outcome: &Outcome) -> bool {
        if outcome.is_delivered { self.success.is_some_and(is_sampled) } else { self.failure }
    }
}

/// Whether one of a hundred, drawn by chance, is below `rate`.
fn is_sampled(rate: u8) -> bool {
    let chance = uuid::Uuid::new_v4().as_u128() % 100;
    chance < u128::from(rate)
}

/// Writes what became of a message to a topic, if the topic wants to know.
pub(super) fn write(
    cloud: &Arc<Cloud>,
    feedback: Feedback,
    message: &Message,
    subscription: &Subscription,
    outcome: &Outcome,
) {
    if !feedback.wants(outcome) {
        return;
    }
    let text = message.text(&subscription.protocol);
    let notification = json!({
        "messageMD5Sum": wire::hex(Md5::digest(text.as_bytes())),
        "messageId": message.id,
        "topicArn": subscription.topic_arn,
        "timestamp": time(message.published),
    });
    let mut delivery = json!({
        "deliveryId": uuid::Uuid::new_v4().to_string(),
        "destination": subscription.endpoint,
        "providerResponse": outcome.response,
        "dwellTimeMs": dwell(message),
    });
    if let Some(delivery) = delivery.as_object_mut() {
        delivery.extend(outcome.attempts.map(|attempts| ("attempts".to_owned(), json!(attempts))));
        delivery.extend(outcome.status.map(|status| ("statusCode".to_owned(), json!(status))));
    }
    let topic = subscription.topic_arn.rsplit(':').next().unwrap_or_default();
    append(cloud, topic, &notification, &delivery, outcome);
}

/// Writes what became of a text message, if the account wants to know.
pub(super) fn write_text_message(cloud: &Arc<Cloud>, message: &Message, number: &str, outcome: &Outcome) {
    let attributes = cloud.sns.lock().sms_attributes.clone();
    let rate = attributes.get(sms::RATE).and_then(|rate| rate.parse().ok()).unwrap_or(0);
    if attributes.get(sms::ROLE).is_none_or(String::is_empty) || (outcome.is_delivered && !is_sampled(rate)) {
        return;
    }
    let notification = json!({"messageId": message.id, "timestamp": time(message.published)});
    let delivery = json!({
        "numberOfMessageParts": message.text("sms").len().div_ceil(140).max(1),
        "destination": number,
        "priceInUSD": 0.0,
        "smsType": attributes.get("DefaultSMSType").map_or("Promotional", String::as_str),
        "providerResponse": outcome.response,
        "dwellTimeMs": dwell(message),
    });
    append(cloud, "DirectPublishToPhoneNumber", &notification, &delivery, outcome);
}

fn append(cloud: &Arc<Cloud>, name: &str, notification: &Value, delivery: &Value, outcome: &Outcome) {
    let (status, suffix) = if outcome.is_delivered { ("SUCCESS", "") } else { ("FAILURE", "/Failure") };
    let group = format!("sns/{}/{ACCOUNT}/{name}{suffix}", cloud.options.region);
    let stream = cloud.sns.receipts.0.get_or_init(|| uuid::Uuid::new_v4().to_string());
    let line = format!("{{\"notification\":{notification},\"delivery\":{delivery},\"status\":\"{status}\"}}");
    cloud.logs.append(&group, stream, vec![(Timestamp::now(), line)]);
}

fn dwell(message: &Message) -> i64 {
    i64::try_from(Timestamp::now().duration_since(message.published).as_millis()).unwrap_or(i64::MAX)
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
