//! The pipeline that every local cloud starts with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cloud::{ACCOUNT, Cloud};
use crate::wire::ApiError;
use crate::{lambda, s3, sns, sqs};

/// The bucket.
pub const BUCKET: &str = "images";
/// The function.
pub const FUNCTION: &str = "ImageUploadProcessor";
/// The topic.
pub const TOPIC: &str = "image-uploads";
/// The queue that is subscribed to the topic.
pub const QUEUE: &str = "image-uploads-audit";
/// The address whose subscription is already confirmed.
pub const EMAIL: &str = "you@example.com";

/// The queue that gets the events which the function failed to handle.
const FAILURE_QUEUE: &str = "image-uploads-failed";

/// Protocols for which the topic writes delivery-status logs, in the spelling of its attributes.
const RECEIPTS: [&str; 3] = ["SQS", "HTTP", "Lambda"];

/// Makes the whole pipeline.
///
/// # Errors
/// A service refuses what is asked of it here: a defect of this program.
pub(crate) fn pipeline(cloud: &Arc<Cloud>) -> Result<(), ApiError> {
    let topic_arn = sns::create_topic(cloud, TOPIC);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/image-uploads-delivery-status");
    for protocol in RECEIPTS {
        for (attribute, value) in [
            ("SuccessFeedbackRoleArn", role.as_str()),
            ("FailureFeedbackRoleArn", &role),
            ("SuccessFeedbackSampleRate", "100"),
        ] {
            sns::set_topic_attribute(cloud, &topic_arn, &format!("{protocol}{attribute}"), value)?;
        }
    }
    sns::subscribe_confirmed(cloud, &topic_arn, "email", EMAIL)?;

    let queue_arn = sqs::create_queue(cloud, QUEUE);
    sqs::allow_topic(cloud, &queue_arn, &topic_arn)?;
    sns::subscribe_confirmed(cloud, &topic_arn, "sqs", &queue_arn)?;

    let failure_queue_arn = sqs::create_queue(cloud, FAILURE_QUEUE);
    let environment = BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), topic_arn)]);
    let function_arn = lambda::create_function(cloud, FUNCTION, environment);
    lambda::set_failure_queue(cloud, FUNCTION, &failure_queue_arn);

    // As the template has it: each write is a version of its own.
    s3::create_bucket(cloud, BUCKET);
    lambda::allow_bucket(cloud, FUNCTION, BUCKET);
    s3::set_notification(cloud, BUCKET, &function_arn);
    Ok(())
}
