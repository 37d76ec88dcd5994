//! How services of this cloud reach each other: by ARN, through handles that the cloud wires.
//!
//! A service holds the handle and not the other service, as on AWS it would hold an endpoint and not the code behind it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::wire::ApiError;

/// On whose behalf a message is sent, for the target's resource policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sender<'a> {
    /// A service such as `sns.amazonaws.com`, or the ARN of a role.
    pub(crate) principal: &'a str,
    /// The bucket, topic or function that it acts for.
    pub(crate) source_arn: &'a str,
}

/// A message for a queue or a topic, or an event for a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) body: String,
    /// Topics only.
    pub(crate) subject: Option<String>,
    /// Queues only: name to data type and value; the value of a `Binary` attribute is Base64.
    pub(crate) attributes: BTreeMap<String, (String, String)>,
    /// Queues and functions only: `X-Amzn-Trace-Id`.
    pub(crate) trace_header: Option<String>,
}

/// The answer of the target's service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) request_id: String,
    /// Queues and topics; an invocation has its request id only.
    pub(crate) message_id: Option<String>,
}

/// Delivers to queues, topics and functions by ARN.
pub(crate) trait Deliver: Send + Sync {
    /// Sends a payload. A function is invoked asynchronously.
    /// Errors: as the target's service refuses it: the target does not exist, its policy does not permit the sender, or the
    /// payload is not valid.
    fn deliver(&self, target_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError>;

    /// Checks that the target exists and permits the sender, and sends nothing.
    /// Errors: as for [`Deliver::deliver`].
    fn check(&self, target_arn: &str, sender: Sender<'_>) -> Result<(), ApiError>;
}

/// An event of one of AWS's services, or of the user's own programs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BusEvent {
    /// Such as `aws.s3`.
    pub(crate) source: String,
    pub(crate) detail_type: String,
    /// ARNs.
    pub(crate) resources: Vec<String>,
    pub(crate) at: Timestamp,
    /// A JSON object.
    pub(crate) detail: Value,
    /// `X-Amzn-Trace-Id`.
    pub(crate) trace_header: Option<String>,
}

/// Takes events for the default event bus.
pub(crate) trait EventBus: Send + Sync {
    fn put(&self, event: BusEvent);
}

/// Writes log events; the group and the stream are made where they are missing.
pub(crate) trait LogSink: Send + Sync {
    fn append(&self, group: &str, stream: &str, events: Vec<(Timestamp, String)>);
}

/// The counts of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TopicMetric {
    Published,
    Delivered,
    Failed,
    FilteredOut,
}

pub(crate) trait MetricSink: Send + Sync {
    fn count(&self, topic_arn: &str, metric: TopicMetric, number: u64);
}

/// The age of a queue's oldest message.
pub(crate) trait QueueAges: Send + Sync {
    /// Seconds, 0 for an empty queue; `None` where there is no such queue.
    fn oldest(&self, queue: &str) -> Option<u64>;

    /// The names of all queues.
    fn names(&self) -> Vec<String>;
}

pub(crate) trait Outbox: Send + Sync {
    fn post(&self, message: InboxMessage);
}

/// One email or SMS message. Scripts read it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct InboxMessage {
    /// Grows by one with each message; a reader asks for those after the last it has. The inbox gives it.
    pub(crate) number: u64,
    /// `email`, `email-json` or `sms`.
    pub(crate) protocol: String,
    pub(crate) to: String,
    /// The topic's display name, from which an email comes.
    pub(crate) sender: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) body: String,
    pub(crate) at: Timestamp,
    /// Empty for an SMS message that was published to a phone number.
    pub(crate) topic_arn: String,
    /// SNS's message id; absent on confirmation emails.
    pub(crate) message_id: Option<String>,
    /// The link that confirms the subscription, on confirmation emails.
    pub(crate) confirm_url: Option<String>,
    /// Why the email was not sent over SMTP.
    pub(crate) smtp_error: Option<String>,
}

impl InboxMessage {
    pub(crate) fn new(protocol: &str, to: &str, topic_arn: &str, body: String, at: Timestamp) -> Self {
        Self {
            number: 0,
            protocol: protocol.to_owned(),
            to: to.to_owned(),
            sender: None,
            subject: None,
            body,
            at,
            topic_arn: topic_arn.to_owned(),
            message_id: None,
            confirm_url: None,
            smtp_error: None,
        }
    }
}

/// Handles that record what they get.
#[cfg(test)]
pub(crate) mod testing {
    use std::sync::Mutex;

    use super::{Accepted, ApiError, BTreeMap, Deliver, InboxMessage, LogSink, MetricSink, Outbox};
    use super::{Payload, Sender, Timestamp, TopicMetric};
    use crate::common::queues::{QueueReader, Receive, Received};

    #[derive(Default)]
    pub(crate) struct Recorder {
        /// Target, sender and payload.
        pub(crate) delivered: Mutex<Vec<(String, String, Payload)>>,
        pub(crate) refusal: Option<(&'static str, ApiError)>,
        /// Group and line.
        pub(crate) logs: Mutex<Vec<(String, String)>>,
        pub(crate) counts: Mutex<BTreeMap<TopicMetric, u64>>,
        pub(crate) inbox: Mutex<Vec<InboxMessage>>,
    }

    impl Deliver for Recorder {
        fn deliver(&self, target_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError> {
            let sent_for = format!("{} for {}", sender.principal, sender.source_arn);
            self.delivered.lock().unwrap().push((target_arn.to_owned(), sent_for, payload));
            self.check(target_arn, sender)?;
            Ok(Accepted { request_id: "r".to_owned(), message_id: Some("m".to_owned()) })
        }

        fn check(&self, target_arn: &str, _: Sender<'_>) -> Result<(), ApiError> {
            let refusal = self.refusal.as_ref().filter(|(target, _)| *target == target_arn);
            refusal.map_or(Ok(()), |(_, error)| Err(error.clone()))
        }
    }

    /// There are no queues.
    #[async_trait::async_trait]
    impl QueueReader for Recorder {
        fn visibility(&self, _: &str) -> Option<std::time::Duration> {
            None
        }

        async fn receive(&self, _: &str, _: Receive) -> Result<Vec<Received>, ApiError> {
            std::future::pending().await
        }

        fn delete(&self, _: &str, _: &[&str]) {}
    }

    impl LogSink for Recorder {
        fn append(&self, group: &str, _stream: &str, events: Vec<(Timestamp, String)>) {
            self.logs.lock().unwrap().extend(events.into_iter().map(|(_, line)| (group.to_owned(), line)));
        }
    }

    impl MetricSink for Recorder {
        fn count(&self, _topic_arn: &str, metric: TopicMetric, number: u64) {
            *self.counts.lock().unwrap().entry(metric).or_default() += number;
        }
    }

    impl Outbox for Recorder {
        fn post(&self, message: InboxMessage) {
            self.inbox.lock().unwrap().push(message);
        }
    }
}
