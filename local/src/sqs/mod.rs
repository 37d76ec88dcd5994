//! SQS: queues and their messages, over AWS JSON 1.0.
//!
//! Standard queues only. The older query protocol and FIFO queues are refused, never half served. Signatures are not
//! checked; only a queue's policy is, and only for other services of this cloud.

mod attribute;
mod error;
mod queue;
mod queues;
mod receipt;
mod receive;
mod send;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use imgwatch_shared::resource_policy::{self, Asking};
use jiff::Timestamp;
use serde_json::Value;

use crate::aws_json::{self, Call};
use crate::cloud::{ACCOUNT, Cloud};
use crate::wire::{self, ApiError, Protocol};
use queue::Queue;

/// All queues.
#[derive(Default)]
pub(crate) struct Sqs {
    queues: Mutex<BTreeMap<String, Arc<Queue>>>,
    /// When queues were deleted: their names are free again after a minute, as on AWS.
    deleted: Mutex<BTreeMap<String, Timestamp>>,
}

impl Sqs {
    fn find(&self, name: &str) -> Option<Arc<Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The age in seconds of a queue's oldest message, 0 without one; `None` without such a queue.
    pub(crate) fn oldest(&self, name: &str, now: Timestamp) -> Option<u64> {
        Some(self.find(name)?.oldest(now))
    }

    fn find_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        self.find(arn.rsplit(':').next().unwrap_or_default()).filter(|queue| queue.arn == arn)
    }
}

/// A message that another service of this cloud sends to a queue.
#[derive(Debug, Clone, Default)]
pub(crate) struct Incoming {
    pub(crate) body: String,
    /// Name to data type and value; the value of a `Binary` attribute is Base64.
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

/// Sends a message for another service: `principal` such as `sns.amazonaws.com` or the ARN of a role, acting for `source_arn`.
///
/// # Errors
/// The queue does not exist (`AWS.SimpleQueueService.NonExistentQueue`), its policy does not let that service send
/// (`AccessDenied`, status 403), or the message is not one that SQS accepts.
pub(crate) fn send(
    cloud: &Arc<Cloud>,
    queue_arn: &str,
    principal: &str,
    source_arn: &str,
    message: Incoming,
) -> Result<Accepted, ApiError> {
    let queue = cloud.sqs.find_arn(queue_arn).ok_or_else(|| {
        let message = "The specified queue does not exist or you do not have access to it.";
        ApiError::bad_request("AWS.SimpleQueueService.NonExistentQueue", message)
    })?;
    let policy = queue.settings().get("Policy").unwrap_or_default();
    // A role of this account needs no word of the queue: its own rights suffice. A service does.
    let is_service = principal.ends_with(".amazonaws.com");
    let action = "sqs:SendMessage";
    let asking = Asking { principal, action, source_arn, source_account: ACCOUNT, resource: queue_arn };
    if is_service && !resource_policy::allows(&policy, &asking) {
        let message = format!("Access to the resource {} is denied.", queue.url);
        return Err(ApiError::new(StatusCode::FORBIDDEN, "AccessDenied", message));
    }
    let message_id = send::deliver(&queue, principal, message)?;
    Ok(Accepted { message_id, request_id: wire::request_id() })
}

/// Makes a queue with default attributes, or finds the one that exists; returns its ARN.
pub(crate) fn create_queue(cloud: &Arc<Cloud>, name: &str) -> String {
    queues::make(cloud, name, settings::Settings::new(Timestamp::now())).arn.clone()
}

/// Lets one topic send to a queue, with the policy that AWS's documentation recommends; it replaces another policy.
///
/// # Errors
/// The queue does not exist.
pub(crate) fn allow_topic(cloud: &Arc<Cloud>, queue_arn: &str, topic_arn: &str) -> Result<(), ApiError> {
    let queue = cloud.sqs.find_arn(queue_arn).ok_or_else(error::no_queue)?;
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }]});
    queue.settings().set(&BTreeMap::from([("Policy".to_owned(), policy.to_string())]))
}

/// Answers one SQS request.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let request_id = wire::request_id();
    if let Some(action) = query_action(&request) {
        let message =
            format!("{action} is served over AWS JSON 1.0 only, not over the query protocol; use a newer SDK");
        return wire::error(Protocol::Query, &ApiError::bad_request("InvalidAction", message), &request_id);
    }
    let answered = match Call::read("AmazonSQS", request).await {
        Ok(call) => dispatch(cloud, &call).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(output) => aws_json::answer("application/x-amz-json-1.0", &output, &request_id),
        Err(refused) => error::render(&refused, &request_id),
    }
}

/// The operation, if the request speaks the query protocol: a form, and no target in a header.
fn query_action(request: &Request<Body>) -> Option<&str> {
    if request.headers().contains_key("x-amz-target") {
        return None;
    }
    request.extensions().get::<crate::http::Form>()?.get("Action")
}

async fn dispatch(cloud: &Arc<Cloud>, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "ChangeMessageVisibility" => receive::change_visibility(cloud, call),
        "ChangeMessageVisibilityBatch" => receive::change_visibility_batch(cloud, call),
        "CreateQueue" => queues::create(cloud, call),
        "DeleteMessage" => receive::delete(cloud, call),
        "DeleteMessageBatch" => receive::delete_batch(cloud, call),
        "DeleteQueue" => queues::delete(cloud, call),
        "GetQueueAttributes" => queues::get_attributes(cloud, call),
        "GetQueueUrl" => queues::get_url(cloud, call),
        "ListQueueTags" => queues::list_tags(cloud, call),
        "ListQueues" => queues::list(cloud, call),
        "PurgeQueue" => queues::purge(cloud, call),
        "ReceiveMessage" => receive::receive(cloud, call).await,
        "SendMessage" => send::send(cloud, call),
        "SendMessageBatch" => send::send_batch(cloud, call),
        "SetQueueAttributes" => queues::set_attributes(cloud, call),
        "TagQueue" => queues::tag(cloud, call),
        "UntagQueue" => queues::untag(cloud, call),
        other => Err(aws_json::unknown_operation(other)),
    }
}
