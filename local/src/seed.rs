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

/// Makes the pipeline: everything that the template deploys on AWS, and a subscription that is already confirmed.
pub(crate) fn pipeline(cloud: &Arc<Cloud>) {
    let topic_arn = topic(cloud);
    let failure_queue = sqs::create_queue(cloud, FAILURE_QUEUE);
    let environment = BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), topic_arn)]);
    let function_arn = lambda::create_function(cloud, FUNCTION, environment);
    lambda::allow_bucket(cloud, FUNCTION, BUCKET);
    lambda::set_failure_queue(cloud, FUNCTION, &failure_queue);
    s3::create_bucket(cloud, BUCKET);
    s3::set_notification(cloud, BUCKET, &function_arn);
}

/// The topic with its subscriptions, and receipts for every protocol for which AWS writes them.
fn topic(cloud: &Arc<Cloud>) -> String {
    let topic_arn = sns::create_topic(cloud, TOPIC);
    let role = format!("arn:aws:iam::{ACCOUNT}:role/{TOPIC}-receipts");
    for protocol in ["SQS", "HTTP", "Lambda"] {
        for (name, value) in [
            ("SuccessFeedbackRoleArn", role.as_str()),
            ("SuccessFeedbackSampleRate", "100"),
            ("FailureFeedbackRoleArn", role.as_str()),
        ] {
            let attribute = format!("{protocol}{name}");
            report(&attribute, sns::set_topic_attribute(cloud, &topic_arn, &attribute, value));
        }
    }
    let queue_arn = sqs::create_queue(cloud, QUEUE);
    report(QUEUE, sqs::allow_topic(cloud, &queue_arn, &topic_arn));
    report(QUEUE, sns::subscribe_confirmed(cloud, &topic_arn, "sqs", &queue_arn));
    report(EMAIL, sns::subscribe_confirmed(cloud, &topic_arn, "email", EMAIL));
    topic_arn
}

/// A part of the pipeline that is refused is a defect of ours; the rest is still of use.
fn report<T>(part: &str, made: Result<T, ApiError>) {
    if let Err(error) = made {
        tracing::error!(part, code = error.code, message = error.message, "the pipeline is not whole");
    }
}
