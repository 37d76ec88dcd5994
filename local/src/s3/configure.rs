//! `PutBucketNotificationConfiguration` and its reading.

#![expect(clippy::needless_pass_by_value, reason = "all operations have one form")]

use s3s::dto::{
    Event, GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput,
    LambdaFunctionConfiguration, NotificationConfiguration, PutBucketNotificationConfigurationInput,
    PutBucketNotificationConfigurationOutput, QueueConfiguration, TopicConfiguration,
};
use s3s::{S3ErrorCode, S3Request};

use super::event::test_message;
use super::notification::{Configuration, Destination, Notifications};
use super::notify::PRINCIPAL;
use super::problem::Problem;
use super::service::Call;
use crate::{sns, sqs};

pub(crate) fn put(
    call: &Call,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> Result<PutBucketNotificationConfigurationOutput, Problem> {
    let PutBucketNotificationConfigurationInput { bucket, notification_configuration, .. } = request.input;
    let skip = request.input.skip_destination_validation == Some(true);
    let notifications = read(notification_configuration)?;
    notifications.check()?;
    call.store().with(&bucket, |_| Ok(()))?;
    if !skip {
        validate(call, &bucket, &notifications)?;
    }
    call.store().with(&bucket, |bucket| {
        bucket.notifications = notifications;
        Ok(())
    })?;
    Ok(PutBucketNotificationConfigurationOutput::default())
}

fn read(configuration: NotificationConfiguration) -> Result<Notifications, Problem> {
    if configuration.event_bridge_configuration.is_some() {
        let message = "This cloud has no EventBridge to send events to";
        return Err(Problem::new(S3ErrorCode::NotImplemented, message));
    }
    let mut configurations = Vec::new();
    for one in configuration.lambda_function_configurations.unwrap_or_default() {
        let destination = Destination::Function(one.lambda_function_arn);
        configurations.push(Configuration::new(one.id, destination, one.events, one.filter)?);
    }
    for one in configuration.queue_configurations.unwrap_or_default() {
        configurations.push(Configuration::new(one.id, Destination::Queue(one.queue_arn), one.events, one.filter)?);
    }
    for one in configuration.topic_configurations.unwrap_or_default() {
        configurations.push(Configuration::new(one.id, Destination::Topic(one.topic_arn), one.events, one.filter)?);
    }
    Ok(Notifications { configurations })
}

/// Asks every destination whether it takes this bucket's events. Queues and topics get the test event for it.
fn validate(call: &Call, bucket: &str, notifications: &Notifications) -> Result<(), Problem> {
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    let test = test_message(&call.reply, bucket).to_string();
    let mut refusals = Vec::new();
    for Configuration { destination, .. } in &notifications.configurations {
        let refusal = match destination {
            Destination::Function(arn) => (!call.cloud.lambda.allows(arn, PRINCIPAL, &bucket_arn))
                .then(|| (format!("{arn}, null"), format!("Not authorized to invoke function [{arn}]"))),
            Destination::Queue(arn) => {
                let message = sqs::Incoming { body: test.clone(), ..Default::default() };
                let sent = sqs::send(&call.cloud, arn, PRINCIPAL, &bucket_arn, message);
                sent.err().map(|error| (arn.clone(), queue_refusal(&error.code).to_owned()))
            }
            Destination::Topic(arn) => {
                let subject = "Amazon S3 Notification";
                let sent = sns::publish_event(&call.cloud, arn, PRINCIPAL, &bucket_arn, subject, test.clone());
                sent.err().map(|error| (arn.clone(), topic_refusal(&error.code).to_owned()))
            }
        };
        refusals.extend(refusal);
    }
    if refusals.is_empty() {
        return Ok(());
    }
    let message = "Unable to validate the following destination configurations";
    let mut problem = Problem::new(S3ErrorCode::InvalidArgument, message);
    for (index, (name, value)) in refusals.into_iter().enumerate() {
        let number = index + 1;
        problem = problem.detail(format!("ArgumentName{number}"), name).detail(format!("ArgumentValue{number}"), value);
    }
    Err(problem)
}

fn queue_refusal(code: &str) -> &'static str {
    if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") {
        "The destination queue does not exist"
    } else {
        "Permissions on the destination queue do not allow S3 to publish notifications from this bucket"
    }
}

fn topic_refusal(code: &str) -> &'static str {
    if code == "NotFound" {
        "The destination topic does not exist"
    } else {
        "Permissions on the destination topic do not allow S3 to publish notifications from this bucket"
    }
}

pub(crate) fn get(
    call: &Call,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> Result<GetBucketNotificationConfigurationOutput, Problem> {
    let notifications = call.store().with(&request.input.bucket, |bucket| Ok(bucket.notifications.clone()))?;
    let (mut functions, mut queues, mut topics) = (Vec::new(), Vec::new(), Vec::new());
    for one in notifications.configurations {
        let (filter, id) = (one.filter(), Some(one.id));
        let events = one.events.into_iter().map(Event::from).collect();
        match one.destination {
            Destination::Function(lambda_function_arn) => {
                functions.push(LambdaFunctionConfiguration { events, filter, id, lambda_function_arn });
            }
            Destination::Queue(queue_arn) => queues.push(QueueConfiguration { events, filter, id, queue_arn }),
            Destination::Topic(topic_arn) => topics.push(TopicConfiguration { events, filter, id, topic_arn }),
        }
    }
    Ok(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: None,
        lambda_function_configurations: Some(functions),
        queue_configurations: Some(queues),
        topic_configurations: Some(topics),
    })
}
