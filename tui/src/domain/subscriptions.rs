//! Subscriptions of the topic: what is known of them now, and what was known at earlier moments.

mod past;
mod protocol;

use std::collections::BTreeMap;

use imgwatch_shared::filter_policy as policy;
use jiff::Timestamp;

use super::evidence::Write;
use super::history::History;
use super::probe::Probe;
use super::problem::Problem;
use crate::text::clean::Clean;
use past::Past;

pub use past::Then;
pub use protocol::Protocol;

/// What is known of the topic's subscriptions, now and at earlier moments.
#[derive(Debug, Default)]
pub struct Subscriptions {
    /// As SNS lists them.
    pub items: Vec<Subscription>,
    /// What the listings showed of each, those included that were removed since: messages from before went to them.
    past: Past,
    /// The topic's delivery-status settings.
    pub status_logging: DeliveryStatusLogging,
    /// What the listings showed of these settings.
    past_status_logging: History<DeliveryStatusLogging>,
    /// The delivery-status logs that cannot be read, and why.
    pub unreadable: BTreeMap<Clean, Problem>,
    /// The topic's ARN, once the connection has resolved it.
    pub topic_arn: Option<Clean>,
    /// The topics that the function's configuration names; `None` while it is not read. Where it names that of imgwatch's
    /// handler, only that.
    pub publishes_to: Option<Vec<Clean>>,
    /// The endpoint that is talked to instead of AWS.
    pub endpoint: Option<Clean>,
    /// This program's probe queue.
    pub probe: Probe,
    /// When the latest listing arrived.
    pub listed_at: Option<Timestamp>,
    /// Why the latest listing failed, where it did.
    pub not_listed: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `None` while SNS says only `PendingConfirmation`.
    pub arn: Option<Clean>,
    /// How SNS reaches it.
    pub protocol: Protocol,
    /// Its address.
    pub endpoint: Clean,
    /// Its attributes, as far as they could be read.
    pub attributes: Attributes,
}

/// A subscription's attributes. Those that could not be read say nothing: not even that there is no filter policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// SNS gives none of a subscription that is not confirmed.
    Pending,
    /// They could not be read, and why.
    NotRead(Problem),
    /// As SNS gave them.
    Read {
        /// When.
        at: Timestamp,
        filter_policy: Option<FilterPolicy>,
        /// Whether only its owner can unsubscribe it, and not everyone who has one of its mails; `None` where SNS does not
        /// say.
        authenticated: Option<bool>,
    },
}

/// A filter policy and what it is applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPolicy {
    pub json: Clean,
    /// `MessageBody` as opposed to `MessageAttributes`.
    pub on_body: bool,
}

/// What a filter policy makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It lets the message through, or there is none.
    Passes,
    /// It excludes the message.
    FiltersOut,
    /// It looks at something that is not known here.
    Unknown,
}

impl Subscription {
    /// Whether it waits for its owner's confirmation.
    pub fn is_pending(&self) -> bool {
        self.arn.is_none()
    }

    /// Its filter policy, where it is known to have one.
    pub fn filter_policy(&self) -> Option<&FilterPolicy> {
        match &self.attributes {
            Attributes::Read { filter_policy, .. } => filter_policy.as_ref(),
            Attributes::Pending | Attributes::NotRead(_) => None,
        }
    }
}

/// What is known of a message's attributes.
#[derive(Debug, Clone, Copy)]
pub enum MessageAttributes<'a> {
    /// They are those that imgwatch's handler publishes for a write, of so many bytes.
    OfHandler { write: &'a Write, size: Option<u64> },
    /// The probe queue received them: a JSON object.
    Seen(&'a Clean),
    /// Nothing: a function of others publishes what it likes.
    Unknown,
}

impl FilterPolicy {
    /// What it makes of a message.
    pub fn verdict(&self, attributes: &MessageAttributes<'_>) -> Verdict {
        let text = self.json.raw();
        let attributes = match attributes {
            // A policy that asks for nothing lets everything through.
            _ if text.trim() == "{}" => return Verdict::Passes,
            // The body holds more than is known here.
            _ if self.on_body => return Verdict::Unknown,
            MessageAttributes::Unknown => return Verdict::Unknown,
            // The log does not name sizes.
            MessageAttributes::OfHandler { size: None, .. } if text.contains("\"size\"") => return Verdict::Unknown,
            MessageAttributes::OfHandler { write, size } => handler_attributes(write, *size),
            MessageAttributes::Seen(seen) => match serde_json::from_str(seen.raw()) {
                Ok(seen) => seen,
                Err(_) => return Verdict::Unknown,
            },
        };
        let Ok(read) = policy::FilterPolicy::parse(text, policy::Scope::MessageAttributes) else {
            return Verdict::Unknown;
        };
        if read.passes(&attributes, "") { Verdict::Passes } else { Verdict::FiltersOut }
    }
}

/// The attributes that imgwatch's handler publishes.
fn handler_attributes(write: &Write, size: Option<u64>) -> serde_json::Value {
    let mut attributes = serde_json::json!({"type": imgwatch_shared::notification::TYPE, "bucket": write.bucket.raw()});
    let extension = imgwatch_shared::object_key::extension(write.key.raw()).unwrap_or_default();
    if let Some(content_type) = imgwatch_shared::media_type::of_extension(extension) {
        attributes["contentType"] = content_type.into();
    }
    if let Some(size) = size {
        attributes["size"] = size.into();
    }
    attributes
}

/// For which protocols the topic logs the status of every delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum DeliveryStatusLogging {
    /// Nothing was read yet.
    #[default]
    Unread,
    /// The topic's attributes could not be read, and why.
    NotRead(Problem),
    For(Vec<Protocol>),
}

impl DeliveryStatusLogging {
    /// Whether every delivery by a protocol is logged; `None` when that is not known.
    pub fn enabled(&self, protocol: Protocol) -> Option<bool> {
        let Self::For(known) = self else { return None };
        Some(known.contains(&protocol) || (protocol == Protocol::Https && known.contains(&Protocol::Http)))
    }

    /// Whether a delivery status is to be expected.
    pub fn writes(&self, protocol: Protocol) -> bool {
        protocol.logs_delivery_status() && self.enabled(protocol) == Some(true)
    }
}

impl Subscriptions {
    /// Takes over a new listing and the topic's settings that were read with it.
    pub fn replace(&mut self, items: Vec<Subscription>, status_logging: DeliveryStatusLogging, now: Timestamp) {
        self.past.note(&self.items, &items, now);
        self.past_status_logging.note(now, status_logging.clone());
        (self.items, self.status_logging, self.listed_at, self.not_listed) = (items, status_logging, Some(now), None);
    }

    /// Notes whether one of the topic's delivery-status logs can be read.
    pub fn note_delivery_status_log(&mut self, group: Clean, problem: Option<Problem>) {
        match problem {
            Some(problem) => self.unreadable.insert(group, problem),
            None => self.unreadable.remove(&group),
        };
    }

    /// A subscription by its name; what the filter hides is found as well.
    pub fn find(&self, protocol: Protocol, endpoint: &Clean) -> Option<&Subscription> {
        self.items.iter().find(|item| item.protocol == protocol && item.endpoint == *endpoint)
    }

    /// Whether a subscriber has no delivery status logging: only the topic's own metrics count its deliveries.
    pub fn has_silent(&self) -> bool {
        self.items.iter().any(|item| !item.is_pending() && !item.protocol.logs_delivery_status())
    }

    /// A topic that the function publishes to, where it is not known to publish to this one.
    pub fn other_topic(&self) -> Option<&Clean> {
        let (topic, known) = (self.topic_arn.as_ref()?, self.publishes_to.as_ref()?);
        // The variable may hold the topic's name alone.
        let is_this = |other: &Clean| other == topic || other.raw() == imgwatch_shared::arn::name(topic.raw());
        known.first().filter(|_| !known.iter().any(is_this))
    }

    /// How many wait for confirmation.
    pub fn pending(&self) -> usize {
        self.items.iter().filter(|item| item.is_pending()).count()
    }
}
