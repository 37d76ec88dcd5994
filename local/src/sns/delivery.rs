//! Delivery: what happens to a message after Publish has answered, for each subscription on its own.
//!
//! What one endpoint does never delays another, and a failed delivery ends in the subscription's dead-letter queue if it
//! has one.

mod aws;
mod connect;
pub(super) mod http;
mod mail;

use std::sync::Arc;

use self::aws::{to_function, to_queue};
use super::check::no_topic;
use super::delivery_policy::HttpPolicy;
use super::envelope::{Notification, Question};
use super::message::Message;
use super::receipt::{self, Feedback};
use super::state::{Subscription, Topic};
use crate::cloud::Cloud;
use crate::metrics::Metric;
use crate::wire::ApiError;

pub(super) use self::mail::text_message;

/// One message for one subscription, with what its topic says about it.
struct Delivery {
    message: Arc<Message>,
    subscription: Subscription,
    signature_version: String,
    /// The topic's display name, which mails come from.
    sender: Option<String>,
    http: HttpPolicy,
    feedback: Feedback,
}

/// How a delivery ended.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) is_delivered: bool,
    /// Absent when there was no answer at all.
    pub(super) status: Option<u16>,
    /// What the endpoint said.
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

    fn notification<'a>(&'a self, cloud: &'a Cloud) -> Notification<'a> {
        Notification {
            cloud,
            message: &self.message,
            subscription: &self.subscription,
            signature_version: &self.signature_version,
        }
    }

    fn text(&self) -> &str {
        self.message.text(&self.subscription.protocol)
    }

    fn count(&self, cloud: &Cloud, is_delivered: bool, failures: u64) {
        let topic = &self.subscription.topic_arn;
        cloud.metrics.count(topic, Metric::Delivered, u64::from(is_delivered));
        cloud.metrics.count(topic, Metric::Failed, failures);
    }

    async fn run(self, cloud: Arc<Cloud>) {
        let outcome = match self.subscription.protocol.as_str() {
            "sqs" => to_queue(&cloud, &self),
            "lambda" => to_function(&cloud, &self),
            "http" | "https" => http::deliver(&cloud, &self).await,
            // SNS gives no receipts for mail, and the inbox takes everything.
            "sms" => {
                self.count(&cloud, true, 0);
                return mail::text(&cloud, &self.subscription.endpoint, &self.message, &self.subscription.topic_arn);
            }
            _ => {
                self.count(&cloud, true, 0);
                return mail::deliver(&cloud, &self);
            }
        };
        // Of HTTP each failed attempt counts, of everything else only that SNS gave up.
        let tries = if self.subscription.protocol.starts_with("http") { outcome.attempts.unwrap_or(1) } else { 1 };
        self.count(&cloud, outcome.is_delivered, tries.saturating_sub(u64::from(outcome.is_delivered)));
        receipt::write(&cloud, self.feedback, &self.message, &self.subscription, &outcome);
        if !outcome.is_delivered {
            aws::redrive(&cloud, &self);
        }
    }
}

/// Starts the delivery of a message to every subscription that wants it.
pub(super) fn fan_out(cloud: &Arc<Cloud>, topic_arn: &str, message: Message) -> Result<(), ApiError> {
    let attributes = message.filterable();
    let message = Arc::new(message);
    let passes = |subscription: &Subscription| {
        let text = message.text(&subscription.protocol);
        subscription.filter.as_ref().is_none_or(|filter| filter.passes(&attributes, text))
    };
    let state = cloud.sns.lock();
    let topic = state.topics.get(topic_arn).ok_or_else(no_topic)?;
    let confirmed = state.of_topic(topic_arn).filter(|subscription| !subscription.pending);
    let (wanted, filtered): (Vec<_>, Vec<_>) = confirmed.partition(|subscription| passes(subscription));
    let deliveries: Vec<Delivery> =
        wanted.into_iter().map(|subscription| Delivery::new(topic, subscription, &message)).collect();
    cloud.metrics.count(topic_arn, Metric::Published, 1);
    cloud.metrics.count(topic_arn, Metric::FilteredOut, u64::try_from(filtered.len()).unwrap_or(u64::MAX));
    drop(state);
    for delivery in deliveries {
        cloud.tasks.spawn(delivery.run(Arc::clone(cloud)));
    }
    Ok(())
}

/// Sends the token to a subscription's endpoint.
pub(super) fn request_confirmation(cloud: &Arc<Cloud>, subscription: Subscription, token: String) {
    ask(cloud, Question::SubscriptionConfirmation, subscription, token);
}

/// Tells an endpoint that its subscription has ended, and how to bring it back.
pub(super) fn announce_unsubscription(cloud: &Arc<Cloud>, subscription: Subscription, token: String) {
    ask(cloud, Question::UnsubscribeConfirmation, subscription, token);
}

fn ask(cloud: &Arc<Cloud>, question: Question, subscription: Subscription, token: String) {
    match subscription.protocol.as_str() {
        "email" | "email-json" => mail::ask(cloud, question, &subscription, &token),
        "http" | "https" => {
            let cloud = Arc::clone(cloud);
            cloud.tasks.clone().spawn(async move { http::ask(&cloud, question, &subscription, &token).await });
        }
        _ => {}
    }
}
