//! The pipeline that every local cloud starts with.

use std::collections::BTreeMap;

use super::Cloud;
use crate::common::wire::ApiError;

pub const BUCKET: &str = "images";
pub const FUNCTION: &str = "ImageUploadProcessor";
pub const TOPIC: &str = "image-uploads";
/// The queue that is subscribed to the topic.
pub const QUEUE: &str = "image-uploads-audit";
/// The address whose subscription is already confirmed.
pub const EMAIL: &str = "you@example.com";

/// The function's failure destination.
const FAILURE_QUEUE: &str = "image-uploads-failed";

/// Protocols for which the topic logs the delivery status, as its attributes spell them.
const LOGGED_PROTOCOLS: [&str; 3] = ["SQS", "HTTP", "Lambda"];

/// Errors: a service refuses a request: a defect of this program.
pub(crate) fn pipeline(cloud: &Cloud) -> Result<(), ApiError> {
    let topic_arn = cloud.sns.create_topic(TOPIC);
    let role = cloud.env.identity_arn("role/image-uploads-delivery-status");
    for protocol in LOGGED_PROTOCOLS {
        for (attribute, value) in [
            ("SuccessFeedbackRoleArn", role.as_str()),
            ("FailureFeedbackRoleArn", &role),
            ("SuccessFeedbackSampleRate", "100"),
        ] {
            cloud.sns.set_topic_attribute(&topic_arn, &format!("{protocol}{attribute}"), value)?;
        }
    }
    cloud.sns.subscribe_confirmed(&topic_arn, "email", EMAIL)?;

    let queue_arn = cloud.sqs.create_queue(QUEUE);
    cloud.sqs.allow_topic(&queue_arn, &topic_arn)?;
    cloud.sns.subscribe_confirmed(&topic_arn, "sqs", &queue_arn)?;

    let failure_queue_arn = cloud.sqs.create_queue(FAILURE_QUEUE);
    let environment = BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), topic_arn)]);
    let function_arn = cloud.lambda.create_function(FUNCTION, environment);
    cloud.lambda.set_failure_queue(FUNCTION, &failure_queue_arn);

    // As in the template, the bucket keeps versions.
    cloud.s3.create_bucket(BUCKET);
    cloud.lambda.allow_bucket(FUNCTION, BUCKET);
    cloud.s3.set_notification(BUCKET, &function_arn);
    Ok(())
}
