//! The pipeline that every local cloud starts with.

use std::collections::BTreeMap;

use super::{Cloud, entry};
use crate::common::wire::ApiError;
use crate::options::{NamedHandler, Options};

pub const BUCKET: &str = "images";
pub const FUNCTION: &str = "ImageUploadProcessor";
pub const TOPIC: &str = "image-uploads";
/// The queue that is subscribed to the topic.
pub const QUEUE: &str = "image-uploads-audit";
/// The address whose subscription is already confirmed.
pub const EMAIL: &str = "you@example.com";

/// The function's failure destination.
const FAILURE_QUEUE: &str = "image-uploads-failed";

/// Protocols for which topics log the delivery status, as their attributes spell them.
const LOGGED_PROTOCOLS: [&str; 3] = ["SQS", "HTTP", "Lambda"];

/// Errors: a service refuses a request: a defect of this program, or a name that AWS would refuse.
pub(crate) fn pipeline(cloud: &Cloud, options: &Options) -> Result<(), ApiError> {
    let topic_arn = cloud.sns.create_topic(TOPIC);
    log_deliveries(cloud, &topic_arn)?;
    cloud.sns.subscribe_confirmed(&topic_arn, "email", EMAIL)?;

    let queue_arn = cloud.sqs.create_queue(QUEUE);
    cloud.sqs.allow(&queue_arn, "sns.amazonaws.com", std::slice::from_ref(&topic_arn))?;
    cloud.sns.subscribe_confirmed(&topic_arn, "sqs", &queue_arn)?;

    let failure_queue_arn = cloud.sqs.create_queue(FAILURE_QUEUE);
    let mut environment = BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), topic_arn)]);
    environment.extend(options.variables.iter().cloned());
    environment.extend(entry::variables(options.entry));
    let function_arn = cloud.lambda.create_function(FUNCTION, &options.handler, environment);
    cloud.lambda.describe(FUNCTION, &options.description);
    cloud.lambda.set_failure_queue(FUNCTION, &failure_queue_arn);
    for NamedHandler { name, command, variables } in &options.functions {
        cloud.lambda.create_function(name, command, variables.iter().cloned().collect());
    }

    // As in the template, the buckets keep versions.
    let buckets: Vec<&str> = [BUCKET].into_iter().chain(options.buckets.iter().map(String::as_str)).collect();
    for bucket in &buckets {
        cloud.s3.create_bucket(bucket);
    }
    entry::create(cloud, options, &buckets, &function_arn)
}

/// Has SNS log the delivery status of a topic's messages.
pub(super) fn log_deliveries(cloud: &Cloud, topic_arn: &str) -> Result<(), ApiError> {
    let role = cloud.env.identity_arn("role/image-uploads-delivery-status");
    for protocol in LOGGED_PROTOCOLS {
        for (attribute, value) in [
            ("SuccessFeedbackRoleArn", role.as_str()),
            ("FailureFeedbackRoleArn", &role),
            ("SuccessFeedbackSampleRate", "100"),
        ] {
            cloud.sns.set_topic_attribute(topic_arn, &format!("{protocol}{attribute}"), value)?;
        }
    }
    Ok(())
}
