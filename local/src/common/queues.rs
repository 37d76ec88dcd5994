//! How Lambda reads queues, with the rights of a function's role.

use std::collections::BTreeMap;
use std::time::Duration;

use super::wire::ApiError;

/// What a receive asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receive {
    pub(crate) most: usize,
    /// Most bytes of bodies; one message alone may have more.
    pub(crate) most_bytes: usize,
    /// How long the messages are then hidden.
    pub(crate) visibility: Duration,
    /// How long to wait for the first one.
    pub(crate) wait: Duration,
}

/// A message attribute; the value of a `Binary` one is Base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) data_type: String,
    pub(crate) value: String,
    pub(crate) is_binary: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    pub(crate) md5_of_body: String,
    pub(crate) md5_of_attributes: Option<String>,
    /// What SQS adds, such as `ApproximateReceiveCount`.
    pub(crate) system_attributes: Vec<(&'static str, String)>,
    pub(crate) attributes: BTreeMap<String, Attribute>,
}

#[async_trait::async_trait]
pub(crate) trait QueueReader: Send + Sync {
    /// The queue's visibility timeout; `None` where there is no such queue.
    fn visibility(&self, queue_arn: &str) -> Option<Duration>;

    /// Takes messages. What was received too often goes to the dead-letter queue instead. Dropping it while it waits takes
    /// none.
    /// Errors: there is no such queue.
    async fn receive(&self, queue_arn: &str, how: Receive) -> Result<Vec<Received>, ApiError>;

    /// Deletes messages by their receipt handles, as far as they and the queue still exist.
    fn delete(&self, queue_arn: &str, receipt_handles: &[&str]);
}
