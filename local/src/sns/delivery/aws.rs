//! Delivery to queues and functions of this cloud.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use super::{Delivery, Outcome};
use crate::cloud::Cloud;
use crate::sqs::Incoming;
use crate::wire::ApiError;
use crate::{lambda, sqs};

const PRINCIPAL: &str = "sns.amazonaws.com";
/// The most attributes of one SQS message.
const MOST_ATTRIBUTES: usize = 10;

/// The message as a queue gets it: in the envelope, or raw with its attributes.
fn incoming(cloud: &Cloud, delivery: &Delivery) -> Incoming {
    let trace_header = delivery.message.trace_header.clone();
    if !delivery.subscription.raw {
        let body = delivery.notification(cloud).document();
        return Incoming { body, attributes: BTreeMap::new(), trace_header };
    }
    let attributes = delivery.message.attributes.iter();
    let attributes =
        attributes.map(|(name, attribute)| (name.clone(), (attribute.data_type.clone(), attribute.value.clone())));
    Incoming { body: delivery.text().to_owned(), attributes: attributes.collect(), trace_header }
}

pub(super) fn to_queue(cloud: &Arc<Cloud>, delivery: &Delivery) -> Outcome {
    let incoming = incoming(cloud, delivery);
    let count = incoming.attributes.len();
    if count > MOST_ATTRIBUTES {
        let message =
            format!("Number of message attributes [{count}] exceeds the maximum allowed [{MOST_ATTRIBUTES}].");
        return refused("sqsRequestId", &ApiError::bad_request("InvalidParameterValue", message), Some(1));
    }
    let subscription = &delivery.subscription;
    match sqs::send(cloud, &subscription.endpoint, PRINCIPAL, &subscription.topic_arn, incoming) {
        Ok(accepted) => {
            let response = json!({"sqsRequestId": accepted.request_id, "sqsMessageId": accepted.message_id});
            Outcome { is_delivered: true, status: Some(200), response: response.to_string(), attempts: Some(1) }
        }
        Err(error) => refused("sqsRequestId", &error, Some(1)),
    }
}

pub(super) fn to_function(cloud: &Arc<Cloud>, delivery: &Delivery) -> Outcome {
    let subscription = &delivery.subscription;
    let function = &subscription.endpoint;
    if !cloud.lambda.allows(function, PRINCIPAL, &subscription.topic_arn) {
        let message =
            format!("{PRINCIPAL} is not authorized to perform: lambda:InvokeFunction on resource: {function}");
        let error = ApiError::new(http::StatusCode::FORBIDDEN, "AccessDeniedException", message);
        return refused("lambdaRequestId", &error, None);
    }
    let event = Bytes::from(delivery.notification(cloud).lambda_event());
    match lambda::invoke_event(cloud, function, event, delivery.message.trace_header.clone()) {
        Ok(request_id) => {
            let response = json!({"lambdaRequestId": request_id}).to_string();
            Outcome { is_delivered: true, status: Some(202), response, attempts: None }
        }
        Err(error) => refused("lambdaRequestId", &error, None),
    }
}

/// What AWS logs when a service refuses a message. Such errors are not tried again.
fn refused(id: &str, error: &ApiError, attempts: Option<u64>) -> Outcome {
    let response = json!({"ErrorCode": error.code, "ErrorMessage": error.message, id: "Unrecoverable"}).to_string();
    Outcome { is_delivered: false, status: Some(error.status.as_u16()), response, attempts }
}

/// Puts a message that could not be delivered into the subscription's dead-letter queue.
pub(super) fn redrive(cloud: &Arc<Cloud>, delivery: &Delivery) {
    let subscription = &delivery.subscription;
    let Some((_, queue)) = &subscription.redrive else { return };
    let sent = sqs::send(cloud, queue, PRINCIPAL, &subscription.topic_arn, incoming(cloud, delivery));
    if let Err(error) = sent {
        let (subscription, message) = (&subscription.arn, &delivery.message.id);
        tracing::warn!(subscription, message, queue, error = error.message, "a message is lost: no dead-letter queue");
    }
}
