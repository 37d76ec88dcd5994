//! SQS: queues and their messages, over AWS JSON 1.0 and the query protocol.
//!
//! Standard queues only; FIFO queues are refused. Signatures are not checked; a queue's
//! policy is, for other services of this cloud.

mod attribute;
mod error;
mod query;
mod queue;
mod queues;
mod reader;
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
use imgwatch_shared::arn;
use imgwatch_shared::resource_policy::{self, Asking};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::common::aws_json::{self, Call};
use crate::common::deliver::{Accepted, Deliver, Payload, QueueAges, Sender};
use crate::common::env::{ACCOUNT, Env};
use crate::common::wire::{ApiError, Protocol};
use queue::Queue;

pub(crate) struct Sqs {
    env: Arc<Env>,
    queues: Mutex<BTreeMap<String, Arc<Queue>>>,
    /// When queues were deleted: their names are free again after a minute, as on AWS.
    deleted: Mutex<BTreeMap<String, Timestamp>>,
}

impl Sqs {
    pub(crate) fn new(env: Arc<Env>) -> Self {
        Self { env, queues: Mutex::default(), deleted: Mutex::default() }
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Value {
        let queues: Vec<_> = self.queues.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let now = self.env.now();
        let held: Vec<_> = queues.iter().map(|queue| queue.held(now)).collect();
        json!({
            "queues": queues.len(),
            "messages": held.iter().map(|amount| amount.items).sum::<usize>(),
            "bytes": held.iter().map(|amount| amount.bytes).sum::<usize>(),
        })
    }

    fn find(&self, name: &str) -> Option<Arc<Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn find_arn(&self, arn: &str) -> Option<Arc<Queue>> {
        self.find(arn::name(arn)).filter(|queue| queue.arn == arn)
    }

    /// The queue, where it exists and its policy lets another service send to it.
    fn permitted(&self, queue_arn: &str, sender: Sender<'_>) -> Result<Arc<Queue>, ApiError> {
        let queue = self.find_arn(queue_arn).ok_or_else(|| {
            let message = "The specified queue does not exist or you do not have access to it.";
            ApiError::bad_request("AWS.SimpleQueueService.NonExistentQueue", message)
        })?;
        let policy = queue.settings().get("Policy").unwrap_or_default();
        // The rights of a role of this account suffice; a service needs the queue's policy.
        let Sender { principal, source_arn } = sender;
        let is_service = principal.ends_with(".amazonaws.com");
        let action = "sqs:SendMessage";
        let asking = Asking { principal, action, source_arn, source_account: ACCOUNT, resource: queue_arn };
        if is_service && !resource_policy::allows(&policy, &asking) {
            let message = format!("Access to the resource {} is denied.", queue.url);
            return Err(ApiError::new(StatusCode::FORBIDDEN, "AccessDenied", message));
        }
        Ok(queue)
    }

    /// Creates a queue with default attributes, or finds the one that exists; returns its ARN.
    pub(crate) fn create_queue(&self, name: &str) -> String {
        queues::make(self, name, settings::Settings::new(self.env.now())).arn.clone()
    }

    /// Permits a service to send to a queue for some resources, with the policy that AWS's documentation recommends; it
    /// replaces another policy.
    /// Errors: there is no such queue.
    pub(crate) fn allow(&self, queue_arn: &str, service: &str, source_arns: &[String]) -> Result<(), ApiError> {
        let sources = if let [one] = source_arns { json!(one) } else { json!(source_arns) };
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": queue_arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": sources}},
        }]});
        self.set(queue_arn, "Policy", &policy.to_string())
    }

    /// Sets an attribute of a queue.
    /// Errors: there is no such queue, or it has no such attribute.
    pub(crate) fn set(&self, queue_arn: &str, attribute: &str, value: &str) -> Result<(), ApiError> {
        let queue = self.find_arn(queue_arn).ok_or_else(error::no_queue)?;
        queue.settings().set(&BTreeMap::from([(attribute.to_owned(), value.to_owned())]))
    }
}

impl Deliver for Sqs {
    /// Fails with `AWS.SimpleQueueService.NonExistentQueue` or `AccessDenied`, or as `SendMessage` does.
    fn deliver(&self, queue_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError> {
        let queue = self.permitted(queue_arn, sender)?;
        let message_id = Some(send::deliver(self, &queue, sender.principal, payload)?);
        Ok(Accepted { message_id, request_id: self.env.id() })
    }

    fn check(&self, queue_arn: &str, sender: Sender<'_>) -> Result<(), ApiError> {
        self.permitted(queue_arn, sender).map(drop)
    }
}

impl QueueAges for Sqs {
    fn oldest(&self, queue: &str) -> Option<u64> {
        Some(self.find(queue)?.oldest(self.env.now()))
    }

    fn names(&self) -> Vec<String> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

pub(crate) async fn handle(sqs: &Sqs, request: Request<Body>) -> Response {
    let request_id = sqs.env.id();
    if let Some(call) = query::read(&request) {
        return match dispatch(sqs, &call).await {
            Ok(output) => query::answer(&call.operation, &output, &request_id),
            Err(refused) => error::render(Protocol::Query, &refused, &request_id),
        };
    }
    let answered = match Call::read("AmazonSQS", request).await {
        Ok(call) => dispatch(sqs, &call).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(output) => aws_json::answer("application/x-amz-json-1.0", &output, &request_id),
        Err(refused) => error::render(Protocol::Json, &refused, &request_id),
    }
}

async fn dispatch(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "ChangeMessageVisibility" => receive::change_visibility(sqs, call),
        "ChangeMessageVisibilityBatch" => receive::change_visibility_batch(sqs, call),
        "CreateQueue" => queues::create(sqs, call),
        "DeleteMessage" => receive::delete(sqs, call),
        "DeleteMessageBatch" => receive::delete_batch(sqs, call),
        "DeleteQueue" => queues::delete(sqs, call),
        "GetQueueAttributes" => queues::get_attributes(sqs, call),
        "GetQueueUrl" => queues::get_url(sqs, call),
        "ListQueueTags" => queues::list_tags(sqs, call),
        "ListQueues" => queues::list(sqs, call),
        "PurgeQueue" => queues::purge(sqs, call),
        "ReceiveMessage" => receive::receive(sqs, call).await,
        "SendMessage" => send::send(sqs, call),
        "SendMessageBatch" => send::send_batch(sqs, call),
        "SetQueueAttributes" => queues::set_attributes(sqs, call),
        "TagQueue" => queues::tag(sqs, call),
        "UntagQueue" => queues::untag(sqs, call),
        other => Err(aws_json::unknown_operation(other)),
    }
}
