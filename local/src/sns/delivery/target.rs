//! Delivery to queues and functions, through the cloud's [`Deliver`](crate::common::deliver::Deliver) handle.

use std::collections::BTreeMap;

use serde_json::json;

use super::{Delivery, Outcome};
use crate::common::deliver::{Payload, Sender};
use crate::common::wire::ApiError;
use crate::sns::Sns;

/// The most attributes of one SQS message.
const MOST_ATTRIBUTES: usize = 10;

fn sender(delivery: &Delivery) -> Sender<'_> {
    Sender { principal: "sns.amazonaws.com", source_arn: &delivery.subscription.topic_arn }
}

/// The message of a queue: the envelope, or the raw text with its attributes.
fn queue_payload(sns: &Sns, delivery: &Delivery) -> Payload {
    let trace_header = delivery.message.trace_header.clone();
    let (body, attributes) = if delivery.subscription.raw {
        let pair = |(name, attribute): (&String, &crate::sns::message::Attribute)| {
            (name.clone(), (attribute.data_type.clone(), attribute.value.clone()))
        };
        (delivery.text().to_owned(), delivery.message.attributes.iter().map(pair).collect())
    } else {
        (delivery.document(sns), BTreeMap::new())
    };
    Payload { body, attributes, trace_header, subject: None }
}

pub(super) fn to_queue(sns: &Sns, delivery: &Delivery) -> Outcome {
    let payload = queue_payload(sns, delivery);
    let count = payload.attributes.len();
    if count > MOST_ATTRIBUTES {
        let message =
            format!("Number of message attributes [{count}] exceeds the maximum allowed [{MOST_ATTRIBUTES}].");
        return refused("sqsRequestId", &ApiError::bad_request("InvalidParameterValue", message), Some(1));
    }
    match sns.deliver.deliver(&delivery.subscription.endpoint, sender(delivery), payload) {
        Ok(accepted) => {
            let response = json!({"sqsRequestId": accepted.request_id, "sqsMessageId": accepted.message_id});
            Outcome { is_delivered: true, status: Some(200), response: response.to_string(), attempts: Some(1) }
        }
        Err(error) => refused("sqsRequestId", &error, Some(1)),
    }
}

pub(super) fn to_function(sns: &Sns, delivery: &Delivery) -> Outcome {
    let body = delivery.lambda_event(sns);
    let payload = Payload { body, trace_header: delivery.message.trace_header.clone(), ..Payload::default() };
    match sns.deliver.deliver(&delivery.subscription.endpoint, sender(delivery), payload) {
        Ok(accepted) => {
            let response = json!({"lambdaRequestId": accepted.request_id}).to_string();
            Outcome { is_delivered: true, status: Some(202), response, attempts: None }
        }
        Err(error) => refused("lambdaRequestId", &error, None),
    }
}

/// AWS does not try again what a service refuses.
fn refused(id: &str, error: &ApiError, attempts: Option<u64>) -> Outcome {
    let response = json!({"ErrorCode": error.code, "ErrorMessage": error.message, id: "Unrecoverable"}).to_string();
    Outcome { is_delivered: false, status: Some(error.status.as_u16()), response, attempts }
}

/// Sends a message that could not be delivered to the subscription's dead-letter queue.
pub(super) fn redrive(sns: &Sns, delivery: &Delivery) {
    let subscription = &delivery.subscription;
    let Some((_, queue)) = &subscription.redrive else { return };
    if let Err(error) = sns.deliver.deliver(queue, sender(delivery), queue_payload(sns, delivery)) {
        let (subscription, message) = (&subscription.arn, &delivery.message.id);
        tracing::warn!(subscription, message, queue, error = error.message, "a message is lost: no dead-letter queue");
    }
}
