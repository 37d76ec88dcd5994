//! A pipeline that has something of everything that doctor reads, and all of it in order.

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_s3::types::NotificationConfiguration;
use aws_sdk_sqs::types::QueueAttributeName;
use imgwatch_local::{BUCKET, FUNCTION, LocalCloud};
use jiff::Timestamp;
use serde_json::json;

use super::super::bench;
use crate::doctor_cases::Pipeline;

/// The object in question.
pub(super) const KEY: &str = "holiday/cat.png";
pub(super) const GROUP: &str = "/aws/lambda/ImageUploadProcessor";
pub(super) const FAILED: &str = "image-uploads-failed";
pub(super) const DEAD: &str = "image-uploads-dead";

/// Adds an object, what the function logged about it, a filter policy that it passes, and a dead-letter queue. The topic is
/// named by its ARN, so that no account has to be asked for to name it.
pub(super) async fn make(cloud: &LocalCloud, pipeline: &mut Pipeline) {
    pipeline.settings.topic = Some(pipeline.topic_arn.clone());
    put_object(pipeline).await;
    let record = json!({"timestamp": "2026-01-01T00:00:00Z", "level": "INFO", "message": "published",
        "requestId": "79b5e81f-0000-4000-8000-000000000001", "outcome": "published", "bucket": BUCKET, "key": KEY,
        "snsMessageId": "0e3c1f64-0000-4000-8000-000000000001"});
    log(cloud, &[&record.to_string()]).await;

    let sqs = bench::sqs(cloud);
    let url = sqs.create_queue().queue_name(DEAD).send().await.unwrap().queue_url.unwrap();
    let read = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let answer = read.send().await.unwrap();
    let redrive = json!({"deadLetterTargetArn": answer.attributes().unwrap()[&QueueAttributeName::QueueArn]});
    let subscription = subscription(pipeline, "sqs").await;
    for (name, value) in
        [("FilterPolicy", r#"{"contentType":["image/png"]}"#.to_owned()), ("RedrivePolicy", redrive.to_string())]
    {
        let set = pipeline.sns.set_subscription_attributes().subscription_arn(&subscription);
        set.attribute_name(name).attribute_value(value).send().await.unwrap();
    }
}

/// The ARN of the confirmed subscription by a protocol.
pub(super) async fn subscription(pipeline: &Pipeline, protocol: &str) -> String {
    let listed = pipeline.sns.list_subscriptions_by_topic().topic_arn(&pipeline.topic_arn).send().await.unwrap();
    let mut those = listed.subscriptions().iter().filter(|it| it.protocol() == Some(protocol));
    those.find_map(|it| it.subscription_arn()).unwrap().to_owned()
}

/// Stores the object without an invocation: the function of these tests cannot start.
pub(super) async fn put_object(pipeline: &Pipeline) {
    let before = pipeline.notifications().await;
    pipeline.notify(NotificationConfiguration::builder().build()).await;
    pipeline.s3.put_object().bucket(BUCKET).key(KEY).body(b"png".to_vec().into()).send().await.unwrap();
    pipeline.notify(before).await;
}

/// Writes lines to the function's log, now.
pub(super) async fn log(cloud: &LocalCloud, lines: &[&str]) {
    let logs = bench::logs(cloud);
    // It may be there already.
    let _ = logs.create_log_group().log_group_name(GROUP).send().await;
    let _ = logs.create_log_stream().log_group_name(GROUP).log_stream_name("s").send().await;
    let now = Timestamp::now().as_millisecond();
    let event = |line: &&str| InputLogEvent::builder().timestamp(now).message(*line).build().unwrap();
    let put = logs.put_log_events().log_group_name(GROUP).log_stream_name("s");
    put.set_log_events(Some(lines.iter().map(event).collect())).send().await.unwrap();
}

/// Sends a message to a queue.
pub(super) async fn send(cloud: &LocalCloud, queue: &str) {
    let sqs = bench::sqs(cloud);
    let url = sqs.get_queue_url().queue_name(queue).send().await.unwrap().queue_url.unwrap();
    sqs.send_message().queue_url(url).message_body(json!({"of": FUNCTION}).to_string()).send().await.unwrap();
}
