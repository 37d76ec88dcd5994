//! `PutBucketNotificationConfiguration` and `GetBucketNotificationConfiguration`.

#![expect(clippy::needless_pass_by_value, reason = "all operations have one form")]

use s3s::dto::{
    Event, EventBridgeConfiguration, GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput,
    LambdaFunctionConfiguration, NotificationConfiguration, PutBucketNotificationConfigurationInput,
    PutBucketNotificationConfigurationOutput, QueueConfiguration, TopicConfiguration,
};
use s3s::{S3ErrorCode, S3Request};

use super::event;
use super::notification::{BucketNotifications, Configuration, Destination};
use super::problem::Problem;
use super::service::Call;

pub(crate) fn put(
    call: &Call,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> Result<PutBucketNotificationConfigurationOutput, Problem> {
    let PutBucketNotificationConfigurationInput { bucket, notification_configuration, .. } = request.input;
    let skip = request.input.skip_destination_validation == Some(true);
    let notifications = read(call, notification_configuration)?;
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

fn read(call: &Call, configuration: NotificationConfiguration) -> Result<BucketNotifications, Problem> {
    let event_bridge = configuration.event_bridge_configuration.is_some();
    let functions = configuration.lambda_function_configurations.unwrap_or_default().into_iter();
    let queues = configuration.queue_configurations.unwrap_or_default().into_iter();
    let topics = configuration.topic_configurations.unwrap_or_default().into_iter();
    let all = functions
        .map(|one| (one.id, Destination::Function(one.lambda_function_arn), one.events, one.filter))
        .chain(queues.map(|one| (one.id, Destination::Queue(one.queue_arn), one.events, one.filter)))
        .chain(topics.map(|one| (one.id, Destination::Topic(one.topic_arn), one.events, one.filter)));
    let read = |(id, destination, events, filter)| Configuration::new(&call.s3.env, id, destination, events, filter);
    Ok(BucketNotifications { configurations: all.map(read).collect::<Result<_, _>>()?, event_bridge })
}

/// Checks that every destination accepts this bucket's events. Queues and topics get the test event.
fn validate(call: &Call, bucket: &str, notifications: &BucketNotifications) -> Result<(), Problem> {
    let test = event::test_message(&call.s3.env, &call.reply, bucket).to_string();
    let mut refusals = Vec::new();
    for Configuration { destination, .. } in &notifications.configurations {
        let answered = match destination {
            Destination::Function(_) => event::check(call, bucket, destination),
            Destination::Queue(_) | Destination::Topic(_) => event::deliver(call, bucket, destination, test.clone()),
        };
        refusals.extend(answered.err().map(|error| refusal(destination, &error.code)));
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

/// Name and value of the refusal in S3's error, by the code of the destination's own error.
fn refusal(destination: &Destination, code: &str) -> (String, String) {
    let kind = match destination {
        Destination::Function(arn) => {
            return (format!("{arn}, null"), format!("Not authorized to invoke function [{arn}]"));
        }
        Destination::Queue(_) => "queue",
        Destination::Topic(_) => "topic",
    };
    let is_missing = code == "NotFound" || code.contains("NonExistentQueue");
    let why = if is_missing {
        format!("The destination {kind} does not exist")
    } else {
        format!("Permissions on the destination {kind} do not allow S3 to publish notifications from this bucket")
    };
    (destination.arn().to_owned(), why)
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
        event_bridge_configuration: notifications.event_bridge.then(EventBridgeConfiguration::default),
        lambda_function_configurations: Some(functions),
        queue_configurations: Some(queues),
        topic_configurations: Some(topics),
    })
}
