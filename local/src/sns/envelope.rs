//! The JSON documents that SNS sends, member for member as AWS writes them.
//!
//! Nothing here is signed: only AWS holds the key of its certificates. The members are there, because subscribers read
//! them, and their values say that they are no signature; a subscriber that verifies them refuses the message.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::delivery::Delivery;
use super::message::Message;
use super::state::Subscription;
use crate::sns::Sns;

/// A text in base64, which says that it is not a signature.
fn signature() -> String {
    STANDARD.encode("not a signature: sent by a local cloud, not by AWS")
}

/// There is no certificate at this URL.
fn certificate_url(sns: &Sns) -> String {
    format!("{}/_imgwatch/messages-are-not-signed.pem", sns.env.endpoint)
}

pub(super) fn unsubscribe_url(sns: &Sns, subscription: &Subscription) -> String {
    format!("{}/?Action=Unsubscribe&SubscriptionArn={}", sns.env.endpoint, subscription.arn)
}

/// The link that confirms, or restores, a subscription.
pub(super) fn confirm_url(sns: &Sns, subscription: &Subscription, token: &str) -> String {
    let topic = &subscription.topic_arn;
    format!("{}/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}", sns.env.endpoint)
}

/// Whether a request is one of these two links. Email is read on another site, or in the page of a mail catcher on this
/// machine, and its links are followed from there; their token or ARN is the secret.
pub(crate) fn is_email_link(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let actions = form_urlencoded::parse(query).filter(|(name, _)| name == "Action").map(|(_, action)| action);
    let is_link =
        matches!(&*actions.collect::<Vec<_>>(), [action] if action == "ConfirmSubscription" || action == "Unsubscribe");
    is_link && *request.method() == Method::GET && request.uri().path() == "/"
}

fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// An object with one member per line and spaces around the colon, as AWS writes its messages.
fn object(members: &[(&str, Value)]) -> String {
    let lines: Vec<String> = members.iter().map(|(name, value)| format!("  \"{name}\" : {value}")).collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

fn attributes(message: &Message) -> Map<String, Value> {
    let pair = |(name, attribute): (&String, &super::message::Attribute)| {
        (name.clone(), json!({"Type": attribute.data_type, "Value": attribute.value}))
    };
    message.attributes.iter().map(pair).collect()
}

impl Delivery {
    /// The message of SQS, HTTP and `email-json` endpoints, unless delivery is raw.
    pub(super) fn document(&self, sns: &Sns) -> String {
        let mut members = vec![
            ("Type", json!("Notification")),
            ("MessageId", json!(self.message.id)),
            ("TopicArn", json!(self.subscription.topic_arn)),
        ];
        members.extend(self.message.subject.iter().map(|subject| ("Subject", json!(subject))));
        members.extend([
            ("Message", json!(self.text())),
            ("Timestamp", json!(time(self.message.published))),
            ("SignatureVersion", json!(self.signature_version)),
            ("Signature", json!(signature())),
            ("SigningCertURL", json!(certificate_url(sns))),
            ("UnsubscribeURL", json!(unsubscribe_url(sns, &self.subscription))),
        ]);
        if !self.message.attributes.is_empty() {
            members.push(("MessageAttributes", Value::Object(attributes(&self.message))));
        }
        object(&members)
    }

    pub(super) fn lambda_event(&self, sns: &Sns) -> String {
        json!({"Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": self.subscription.arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": self.message.id,
                "TopicArn": self.subscription.topic_arn,
                "Subject": self.message.subject,
                "Message": self.text(),
                "Timestamp": time(self.message.published),
                "SignatureVersion": self.signature_version,
                "Signature": signature(),
                "SigningCertUrl": certificate_url(sns),
                "UnsubscribeUrl": unsubscribe_url(sns, &self.subscription),
                "MessageAttributes": attributes(&self.message),
            },
        }]})
        .to_string()
    }
}

/// A message that asks the endpoint to confirm, or says that it was unsubscribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Confirmation {
    Subscribed,
    Unsubscribed,
}

impl Confirmation {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Subscribed => "SubscriptionConfirmation",
            Self::Unsubscribed => "UnsubscribeConfirmation",
        }
    }

    fn text(self, subscription: &Subscription) -> String {
        match self {
            Self::Subscribed => format!(
                "You have chosen to subscribe to the topic {}.\nTo confirm the subscription, visit the SubscribeURL \
                 included in this message.",
                subscription.topic_arn
            ),
            Self::Unsubscribed => format!(
                "You have chosen to deactivate subscription {}.\nTo cancel this operation and restore the \
                 subscription, visit the SubscribeURL included in this message.",
                subscription.arn
            ),
        }
    }

    pub(super) fn document(self, sns: &Sns, subscription: &Subscription, id: &str, token: &str) -> String {
        object(&[
            ("Type", json!(self.name())),
            ("MessageId", json!(id)),
            ("Token", json!(token)),
            ("TopicArn", json!(subscription.topic_arn)),
            ("Message", json!(self.text(subscription))),
            ("SubscribeURL", json!(confirm_url(sns, subscription, token))),
            ("Timestamp", json!(time(sns.env.now()))),
            ("SignatureVersion", json!("1")),
            ("Signature", json!(signature())),
            ("SigningCertURL", json!(certificate_url(sns))),
        ])
    }
}
