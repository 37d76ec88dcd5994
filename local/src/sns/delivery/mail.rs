//! Delivery to people: mails and text messages, which go to the inbox.

use std::sync::Arc;

use super::{Delivery, Outcome};
use crate::cloud::Cloud;
use crate::inbox::{self, Letter};
use crate::sns::envelope::{Question, confirm_url, unsubscribe_url};
use crate::sns::message::Message;
use crate::sns::receipt;
use crate::sns::state::Subscription;

/// The subject of a mail when the publisher gave none; AWS's.
const SUBJECT: &str = "AWS Notification Message";

pub(super) fn deliver(cloud: &Arc<Cloud>, delivery: &Delivery) {
    let subscription = &delivery.subscription;
    let body = if subscription.protocol == "email-json" {
        delivery.notification(cloud).document()
    } else {
        let link = unsubscribe_url(cloud, subscription);
        format!("{}\n\n--\nTo stop mails from this topic, visit this link to unsubscribe:\n{link}\n", delivery.text())
    };
    let mut letter = Letter::new(&subscription.protocol, &subscription.endpoint, &subscription.topic_arn, body);
    letter.subject = Some(delivery.message.subject.clone().unwrap_or_else(|| SUBJECT.to_owned()));
    letter.message_id = Some(delivery.message.id.clone());
    letter.sender.clone_from(&delivery.sender);
    inbox::post(cloud, letter);
}

/// Sends the mail that asks to confirm, or that tells of the end and how to come back.
pub(super) fn ask(cloud: &Arc<Cloud>, question: Question, subscription: &Subscription, token: &str) {
    let link = confirm_url(cloud, subscription, token);
    let topic = &subscription.topic_arn;
    let (subject, text) = match question {
        Question::SubscriptionConfirmation => (
            "AWS Notification - Subscription Confirmation",
            format!(
                "You have chosen to subscribe to the topic:\n{topic}\n\nTo confirm this subscription, visit the link \
                 below. If this was an error, nothing needs to be done.\n{link}\n"
            ),
        ),
        Question::UnsubscribeConfirmation => (
            "AWS Notification - Unsubscribe Confirmation",
            format!(
                "Your subscription to the topic below has ended:\n{topic}\n\nIf this was an error, visit the link \
                 below to subscribe again.\n{link}\n"
            ),
        ),
    };
    let body = if subscription.protocol == "email-json" {
        question.document(cloud, subscription, &uuid::Uuid::new_v4().to_string(), token)
    } else {
        text
    };
    let mut letter = Letter::new(&subscription.protocol, &subscription.endpoint, topic, body);
    letter.subject = Some(subject.to_owned());
    letter.confirm_url = (question == Question::SubscriptionConfirmation).then_some(link);
    inbox::post(cloud, letter);
}

/// Sends a text message to a number that needs no topic.
pub(in crate::sns) fn text_message(cloud: &Arc<Cloud>, number: &str, message: &Message) {
    text(cloud, number, message, "");
}

pub(super) fn text(cloud: &Arc<Cloud>, number: &str, message: &Message, topic_arn: &str) {
    let mut letter = Letter::new("sms", number, topic_arn, message.text("sms").to_owned());
    letter.message_id = Some(message.id.clone());
    inbox::post(cloud, letter);
    let response = "Message has been accepted by the inbox of the local cloud".to_owned();
    let outcome = Outcome { is_delivered: true, status: None, response, attempts: None };
    receipt::write_text_message(cloud, message, number, &outcome);
}
