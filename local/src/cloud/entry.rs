//! How S3's events reach the function of the pipeline that every local cloud starts with: queues, topics, rules, and the
//! permissions between them, as AWS's documentation recommends them.

use imgwatch_shared::batch_response;
use serde_json::json;

use super::{Cloud, seed};
use crate::common::env::ACCOUNT;
use crate::common::wire::ApiError;
use crate::options::{Entry, Options};
use crate::s3::Destination;

/// The topic, the queue and the rule between the bucket and the function.
const NAME: &str = "image-events";
/// The dead-letter queue of the queue or the rule.
const DEAD_LETTERS: &str = "image-events-failed";
/// How often a message is received before it goes there.
const MOST_RECEIVES: u32 = 5;
/// The visibility timeout that Lambda recommends, in timeouts of the function.
const TIMEOUTS: u32 = 6;

/// Variables of the function that say how it is invoked.
pub(super) fn variables(entry: Entry) -> Option<(String, String)> {
    let has_mapping = matches!(entry, Entry::Queue | Entry::TopicQueue);
    has_mapping.then(|| (batch_response::VARIABLE.to_owned(), "true".to_owned()))
}

/// Errors: a service refuses a request: a defect of this program.
pub(super) fn create(cloud: &Cloud, options: &Options, buckets: &[&str], function_arn: &str) -> Result<(), ApiError> {
    let arns: Vec<String> = buckets.iter().map(|bucket| cloud.env.bucket_arn(bucket)).collect();
    let destination = match options.entry {
        Entry::Direct => {
            for bucket in buckets {
                cloud.lambda.allow_bucket(seed::FUNCTION, bucket);
            }
            Some(Destination::Function(function_arn.to_owned()))
        }
        Entry::Queue => {
            let queue = queue(cloud, options)?;
            cloud.sqs.allow(&queue, "s3.amazonaws.com", &arns)?;
            cloud.lambda.map_queue(seed::FUNCTION, &queue);
            Some(Destination::Queue(queue))
        }
        Entry::Topic => {
            let topic = topic(cloud, &arns)?;
            cloud.lambda.allow(seed::FUNCTION, "sns.amazonaws.com", &topic);
            cloud.sns.subscribe_confirmed(&topic, "lambda", function_arn)?;
            Some(Destination::Topic(topic))
        }
        Entry::TopicQueue => {
            let (topic, queue) = (topic(cloud, &arns)?, queue(cloud, options)?);
            cloud.sqs.allow(&queue, "sns.amazonaws.com", std::slice::from_ref(&topic))?;
            cloud.sns.subscribe_confirmed(&topic, "sqs", &queue)?;
            cloud.lambda.map_queue(seed::FUNCTION, &queue);
            Some(Destination::Topic(topic))
        }
        Entry::EventBridge => {
            rule(cloud, buckets, function_arn)?;
            None
        }
    };
    for bucket in buckets {
        cloud.s3.set_notification(bucket, destination.clone());
    }
    Ok(())
}

/// A queue that hides its messages for long enough, with a dead-letter queue.
fn queue(cloud: &Cloud, options: &Options) -> Result<String, ApiError> {
    let (queue, dead_letters) = (cloud.sqs.create_queue(NAME), cloud.sqs.create_queue(DEAD_LETTERS));
    let visibility = (options.timeout * TIMEOUTS).as_secs().max(1);
    cloud.sqs.set(&queue, "VisibilityTimeout", &visibility.to_string())?;
    let redrive = json!({"deadLetterTargetArn": dead_letters, "maxReceiveCount": MOST_RECEIVES});
    cloud.sqs.set(&queue, "RedrivePolicy", &redrive.to_string())?;
    Ok(queue)
}

/// A topic that the buckets may publish to.
fn topic(cloud: &Cloud, bucket_arns: &[String]) -> Result<String, ApiError> {
    let topic = cloud.sns.create_topic(NAME);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "SNS:Publish",
        "Resource": topic,
        "Condition": {
            "ArnLike": {"aws:SourceArn": bucket_arns},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }]});
    cloud.sns.set_topic_attribute(&topic, "Policy", &policy.to_string())?;
    seed::log_deliveries(cloud, &topic)?;
    Ok(topic)
}

/// A rule for the objects that are created in the buckets.
fn rule(cloud: &Cloud, buckets: &[&str], function_arn: &str) -> Result<(), ApiError> {
    let rule = cloud.events.rule_arn(NAME);
    let dead_letters = cloud.sqs.create_queue(DEAD_LETTERS);
    cloud.sqs.allow(&dead_letters, "events.amazonaws.com", std::slice::from_ref(&rule))?;
    cloud.lambda.allow(seed::FUNCTION, "events.amazonaws.com", &rule);
    let pattern = json!({
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": buckets}},
    });
    cloud.events.create_rule(NAME, &pattern.to_string(), function_arn, &dead_letters)
}
