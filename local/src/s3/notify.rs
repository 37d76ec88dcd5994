//! Sends events to the destinations whose configuration matches. It never fails the request that caused them.

use http::StatusCode;

use super::event::Change;
use super::notification::{Configuration, Destination};
use super::service::Call;
use crate::wire::ApiError;
use crate::{lambda, sns, sqs};

/// As whom S3 asks other services.
pub(crate) const PRINCIPAL: &str = "s3.amazonaws.com";

/// Sends a change to everyone who wants it.
pub(crate) fn send(call: &Call, bucket: &str, change: &Change) {
    // The bucket may have gone in the meantime, and with it all who wanted to know.
    let wanted = call.store().with(bucket, |bucket| Ok(bucket.notifications.matching(change.name, &change.key)));
    for configuration in wanted.unwrap_or_default() {
        if let Err(error) = send_one(call, bucket, change, &configuration) {
            let arn = configuration.destination.arn();
            tracing::warn!(bucket, arn, code = error.code, message = error.message, "an event was not taken");
        }
    }
}

fn send_one(call: &Call, bucket: &str, change: &Change, configuration: &Configuration) -> Result<(), ApiError> {
    let cloud = &call.cloud;
    let message = change.message(&call.reply, &cloud.options.region, bucket, &configuration.id).to_string();
    let trace_header = call.trace_header.clone();
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    match &configuration.destination {
        // Asked at every event: the permission may have gone since the bucket was configured.
        Destination::Function(arn) if !cloud.lambda.allows(arn, PRINCIPAL, &bucket_arn) => {
            let message = format!("{arn} does not permit {PRINCIPAL} to invoke it for {bucket_arn}");
            Err(ApiError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message))
        }
        Destination::Function(arn) => lambda::invoke_event(cloud, arn, message.into(), trace_header).map(drop),
        Destination::Queue(arn) => {
            let message = sqs::Incoming { body: message, trace_header, ..Default::default() };
            sqs::send(cloud, arn, PRINCIPAL, &bucket_arn, message).map(drop)
        }
        Destination::Topic(arn) => {
            sns::publish_event(cloud, arn, PRINCIPAL, &bucket_arn, "Amazon S3 Notification", message).map(drop)
        }
    }
}
