//! Email and SMS messages, which go to the inbox.

use super::{Delivery, Outcome};
use crate::common::deliver::InboxMessage;
use crate::sns::Sns;
use crate::sns::delivery_status;
use crate::sns::envelope::{Confirmation, confirm_url, unsubscribe_url};
use crate::sns::message::Message;
use crate::sns::state::Subscription;

/// AWS's subject where the publisher gave none.
const SUBJECT: &str = "AWS Notification Message";

pub(super) fn deliver(sns: &Sns, delivery: &Delivery) {
    let subscription = &delivery.subscription;
    let body = if subscription.protocol == "email-json" {
        delivery.document(sns)
    } else {
        let link = unsubscribe_url(sns, subscription);
        format!("{}\n\n--\nTo stop emails from this topic, visit this link to unsubscribe:\n{link}\n", delivery.text())
    };
    let mut email =
        InboxMessage::new(&subscription.protocol, &subscription.endpoint, &subscription.topic_arn, body, sns.env.now());
    email.subject = Some(delivery.message.subject.clone().unwrap_or_else(|| SUBJECT.to_owned()));
    email.message_id = Some(delivery.message.id.clone());
    email.sender.clone_from(&delivery.sender);
    sns.outbox.post(email);
}

/// Sends the email that asks to confirm, or the one that says that the address was unsubscribed.
pub(super) fn confirm(sns: &Sns, confirmation: Confirmation, subscription: &Subscription, token: &str) {
    let link = confirm_url(sns, subscription, token);
    let topic = &subscription.topic_arn;
    let (subject, text) = match confirmation {
        Confirmation::Subscribed => (
            "AWS Notification - Subscription Confirmation",
            format!(
                "You have chosen to subscribe to the topic:\n{topic}\n\nTo confirm this subscription, visit the link \
                 below. If this was an error, nothing needs to be done.\n{link}\n"
            ),
        ),
        Confirmation::Unsubscribed => (
            "AWS Notification - Unsubscribe Confirmation",
            format!(
                "Your subscription to the topic below has ended:\n{topic}\n\nIf this was an error, visit the link \
                 below to subscribe again.\n{link}\n"
            ),
        ),
    };
    let body = if subscription.protocol == "email-json" {
        confirmation.document(sns, subscription, &sns.env.id(), token)
    } else {
        text
    };
    let mut email = InboxMessage::new(&subscription.protocol, &subscription.endpoint, topic, body, sns.env.now());
    email.subject = Some(subject.to_owned());
    email.confirm_url = (confirmation == Confirmation::Subscribed).then_some(link);
    sns.outbox.post(email);
}

/// Sends an SMS message; `topic_arn` is empty where it was published to a phone number.
pub(in crate::sns) fn sms(sns: &Sns, number: &str, message: &Message, topic_arn: &str) {
    let mut sms = InboxMessage::new("sms", number, topic_arn, message.text("sms").to_owned(), sns.env.now());
    sms.message_id = Some(message.id.clone());
    sns.outbox.post(sms);
    let response = "Message has been accepted by the inbox of the local cloud".to_owned();
    let outcome = Outcome { is_delivered: true, status: None, response, attempts: None };
    delivery_status::log_sms(sns, message, number, &outcome);
}
