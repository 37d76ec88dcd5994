//! Delivery to each subscription, after Publish has answered.
//!
//! No endpoint delays another. A failed delivery ends in the subscription's dead-letter queue, where it has one.

mod connect;
pub(super) mod http;
mod inbox;
mod target;

use std::sync::Arc;

use super::check::no_topic;
use super::delivery_policy::HttpPolicy;
use super::delivery_status::{self, Feedback};
use super::envelope::Confirmation;
use super::message::Message;
use super::state::{Subscription, Topic};
use crate::common::deliver::TopicMetric;
use crate::common::wire::ApiError;
use crate::sns::Sns;

pub(super) use self::inbox::sms;

/// One message for one subscription, with what its topic says about it.
pub(super) struct Delivery {
    pub(super) message: Arc<Message>,
    pub(super) subscription: Subscription,
    pub(super) signature_version: String,
    /// The topic's display name, from which emails come.
    sender: Option<String>,
    http: HttpPolicy,
    feedback: Feedback,
}

#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) is_delivered: bool,
    /// Absent without an answer.
    pub(super) status: Option<u16>,
    pub(super) response: String,
    pub(super) attempts: Option<u64>,
}

impl Delivery {
    fn new(topic: &Topic, subscription: &Subscription, message: &Arc<Message>) -> Self {
        Self {
            message: Arc::clone(message),
            subscription: subscription.clone(),
            signature_version: topic.attributes.get("SignatureVersion").cloned().unwrap_or_else(|| "1".to_owned()),
            sender: topic.attributes.get("DisplayName").filter(|name| !name.is_empty()).cloned(),
            http: HttpPolicy::of(topic, subscription),
            feedback: Feedback::of(topic, &subscription.protocol),
        }
    }

    pub(super) fn text(&self) -> &str {
        self.message.text(&self.subscription.protocol)
    }

    fn count(&self, sns: &Sns, is_delivered: bool, failures: u64) {
        let topic = &self.subscription.topic_arn;
        sns.metrics.count(topic, TopicMetric::Delivered, u64::from(is_delivered));
        sns.metrics.count(topic, TopicMetric::Failed, failures);
    }

    async fn run(self, sns: Arc<Sns>) {
        let outcome = match self.subscription.protocol.as_str() {
            "sqs" => target::to_queue(&sns, &self),
            "lambda" => target::to_function(&sns, &self),
            "http" | "https" => http::deliver(&sns, &self).await,
            // SNS logs no delivery status of email, and the inbox accepts everything.
            "sms" => {
                self.count(&sns, true, 0);
                return inbox::sms(&sns, &self.subscription.endpoint, &self.message, &self.subscription.topic_arn);
            }
            _ => {
                self.count(&sns, true, 0);
                return inbox::deliver(&sns, &self);
            }
        };
        // For HTTP each failed attempt counts, for the others only the delivery.
        let tries = if self.subscription.protocol.starts_with("http") { outcome.attempts.unwrap_or(1) } else { 1 };
        self.count(&sns, outcome.is_delivered, tries.saturating_sub(u64::from(outcome.is_delivered)));
        delivery_status::log(&sns, self.feedback, &self.message, &self.subscription, &outcome);
        if !outcome.is_delivered {
            target::redrive(&sns, &self);
        }
    }
}

/// Starts the delivery of a message to every subscription whose filter policy it passes.
pub(super) fn fan_out(sns: &Arc<Sns>, topic_arn: &str, message: Message) -> Result<(), ApiError> {
    let attributes = message.filterable();
    let message = Arc::new(message);
    let passes = |subscription: &Subscription| {
        let text = message.text(&subscription.protocol);
        subscription.filter.as_ref().is_none_or(|filter| filter.passes(&attributes, text))
    };
    let state = sns.lock();
    let topic = state.topics.get(topic_arn).ok_or_else(no_topic)?;
    let confirmed = state.of_topic(topic_arn).filter(|subscription| !subscription.pending);
    let (wanted, filtered): (Vec<_>, Vec<_>) = confirmed.partition(|subscription| passes(subscription));
    let deliveries: Vec<Delivery> =
        wanted.into_iter().map(|subscription| Delivery::new(topic, subscription, &message)).collect();
    sns.metrics.count(topic_arn, TopicMetric::Published, 1);
    sns.metrics.count(topic_arn, TopicMetric::FilteredOut, u64::try_from(filtered.len()).unwrap_or(u64::MAX));
    drop(state);
    for delivery in deliveries {
        sns.env.tasks.spawn(delivery.run(Arc::clone(sns)));
    }
    Ok(())
}

/// Sends a token to an endpoint: to confirm its subscription, or to restore it after it was unsubscribed.
pub(super) fn send_confirmation(sns: &Arc<Sns>, confirmation: Confirmation, subscription: Subscription, token: String) {
    match subscription.protocol.as_str() {
        "email" | "email-json" => inbox::confirm(sns, confirmation, &subscription, &token),
        "http" | "https" => {
            let sns = Arc::clone(sns);
            sns.env.tasks.clone().spawn(async move { http::confirm(&sns, confirmation, &subscription, &token).await });
        }
        _ => {}
    }
}
