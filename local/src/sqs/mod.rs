//! SQS: queues and their messages.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cloud::Cloud;
use crate::wire::ApiError;

/// All queues.
#[derive(Default)]
pub(crate) struct Sqs {}

/// A message that another service of this cloud sends to a queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) body: String,
    /// Name to data type and value.
    pub(crate) attributes: BTreeMap<String, (String, String)>,
    /// Becomes the system attribute `AWSTraceHeader`.
    pub(crate) trace_header: Option<String>,
}

/// What SQS answered to the service that sent.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) message_id: String,
    pub(crate) request_id: String,
}

/// Sends a message for another service: `principal` such as `sns.amazonaws.com`, acting for `source_arn`.
///
/// # Errors
/// The queue does not exist, or its policy does not let that service send.
pub(crate) fn send(
    _cloud: &Arc<Cloud>,
    queue_arn: &str,
    _principal: &str,
    _source_arn: &str,
    _message: Incoming,
) -> Result<Accepted, ApiError> {
    Err(ApiError::bad_request("AWS.SimpleQueueService.NonExistentQueue", format!("no queue {queue_arn}")))
}
