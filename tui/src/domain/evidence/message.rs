//! Messages of topics: what delivery statuses, the probe and CloudWatch say of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::text::clean::Clean;

/// One message in the probe queue. It proves that the topic sent it on, and nothing about other subscribers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probed {
    /// SNS's message id.
    pub message_id: Clean,
    /// When the queue took it, by the queue's own clock.
    pub at: Timestamp,
    /// The queue's ARN.
    pub queue: Clean,
}

/// A message of the topic, from any publisher.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicMessage {
    /// SNS's message id.
    pub message_id: Clean,
    /// The topic's ARN.
    pub topic: Clean,
    /// When SNS accepted it, by its own clock.
    pub at: Timestamp,
    /// Its attributes as filter policies see them: a JSON object.
    pub attributes: Clean,
}

/// One line of SNS's delivery-status log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryStatusEntry {
    /// SNS's message id.
    pub message_id: Clean,
    /// The topic's ARN, if the line has it.
    pub topic: Option<Clean>,
    /// When the line was written.
    pub at: Timestamp,
    /// When SNS accepted the message, if the line has it.
    pub accepted: Option<Timestamp>,
    /// An ARN, a URL or a telephone number.
    pub destination: Clean,
    /// `SUCCESS` as opposed to `FAILURE`.
    pub success: bool,
    pub status_code: Option<u16>,
    /// What the endpoint answered.
    pub response: Option<Clean>,
    /// From publish to answer, in milliseconds.
    pub dwell_ms: Option<u64>,
    /// How many attempts it took.
    pub attempts: Option<u32>,
}

/// What CloudWatch counts of a topic's messages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    /// When it was asked for.
    pub at: Timestamp,
    /// The topic's ARN.
    pub topic: Clean,
    /// The beginning of the first minute that was asked for.
    pub from: Timestamp,
    /// The end of the last one.
    pub to: Timestamp,
    /// All messages are counted that SNS had accepted by then.
    pub complete_to: Timestamp,
    /// `NumberOfMessagesPublished` of each minute that has messages, by its beginning; `None` where it could not be read.
    pub minutes: Option<BTreeMap<Timestamp, u64>>,
}
