//! Delivery status logging: what SNS writes to CloudWatch Logs about deliveries.
//!
//! Email has none, whatever the topic's attributes say.

use imgwatch_shared::arn;
use jiff::Timestamp;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::Sns;
use super::delivery::Outcome;
use super::message::Message;
use super::sms;
use super::state::{Subscription, Topic};
use crate::common::env::{ACCOUNT, Env};
use crate::common::wire;

/// The topic's attributes for delivery status logging of one protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Feedback {
    /// Percentage of successful deliveries that is logged; `None` where it is off.
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

    fn wants(self, env: &Env, outcome: &Outcome) -> bool {
        if outcome.is_delivered { self.success.is_some_and(|rate| is_sampled(env, rate)) } else { self.failure }
    }
}

fn is_sampled(env: &Env, rate: u8) -> bool {
    let chance = env.uuid().as_u128() % 100;
    chance < u128::from(rate)
}

/// Logs how a delivery ended, where the topic's attributes say so.
pub(super) fn log(sns: &Sns, feedback: Feedback, message: &Message, subscription: &Subscription, outcome: &Outcome) {
    if !feedback.wants(&sns.env, outcome) {
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
        "deliveryId": sns.env.id(),
        "destination": subscription.endpoint,
        "providerResponse": outcome.response,
        "dwellTimeMs": dwell(sns, message),
    });
    if let Some(delivery) = delivery.as_object_mut() {
        delivery.extend(outcome.attempts.map(|attempts| ("attempts".to_owned(), json!(attempts))));
        delivery.extend(outcome.status.map(|status| ("statusCode".to_owned(), json!(status))));
    }
    let topic = arn::name(&subscription.topic_arn);
    append(sns, topic, &notification, &delivery, outcome);
}

/// Logs how an SMS delivery ended, where the account's attributes say so.
pub(super) fn log_sms(sns: &Sns, message: &Message, number: &str, outcome: &Outcome) {
    let attributes = sns.lock().sms_attributes.clone();
    let rate = attributes.get(sms::RATE).and_then(|rate| rate.parse().ok()).unwrap_or(0);
    if attributes.get(sms::ROLE).is_none_or(String::is_empty) || (outcome.is_delivered && !is_sampled(&sns.env, rate)) {
        return;
    }
    let notification = json!({"messageId": message.id, "timestamp": time(message.published)});
    let delivery = json!({
        "numberOfMessageParts": message.text("sms").len().div_ceil(140).max(1),
        "destination": number,
        "priceInUSD": 0.0,
        "smsType": attributes.get("DefaultSMSType").map_or("Promotional", String::as_str),
        "providerResponse": outcome.response,
        "dwellTimeMs": dwell(sns, message),
    });
    append(sns, "DirectPublishToPhoneNumber", &notification, &delivery, outcome);
}

fn append(sns: &Sns, name: &str, notification: &Value, delivery: &Value, outcome: &Outcome) {
    let (status, suffix) = if outcome.is_delivered { ("SUCCESS", "") } else { ("FAILURE", "/Failure") };
    let group = format!("sns/{}/{ACCOUNT}/{name}{suffix}", sns.env.region);
    let line = format!("{{\"notification\":{notification},\"delivery\":{delivery},\"status\":\"{status}\"}}");
    sns.logs.append(&group, &sns.log_stream, vec![(sns.env.now(), line)]);
}

fn dwell(sns: &Sns, message: &Message) -> i64 {
    i64::try_from(sns.env.now().duration_since(message.published).as_millis()).unwrap_or(i64::MAX)
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
}
