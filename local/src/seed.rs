//! The pipeline that every local cloud starts with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cloud::Cloud;
use crate::lambda;

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

pub(crate) fn pipeline(cloud: &Arc<Cloud>) {
    let topic_arn = cloud.arn("sns", TOPIC);
    let environment = BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), topic_arn)]);
    lambda::create_function(cloud, FUNCTION, environment);
    lambda::allow_bucket(cloud, FUNCTION, BUCKET);
    lambda::set_failure_queue(cloud, FUNCTION, &cloud.arn("sqs", FAILURE_QUEUE));
}
