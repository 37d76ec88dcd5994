//! S3's events over queues and topics to a function, with the policies between them.

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration, TopicConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::common::{ACCOUNT, Stage, WORKER, arn, function_arn, parsed, start};

const BUCKET: &str = "photos";
const BUCKET_ARN: &str = "arn:aws:s3:::photos";

async fn put(stage: &Stage, configuration: NotificationConfiguration) -> Result<(), aws_sdk_s3::Error> {
    let put = stage.s3.put_bucket_notification_configuration().bucket(BUCKET);
    put.notification_configuration(configuration).send().await.map(drop).map_err(Into::into)
}

fn to_queue(queue: &str) -> NotificationConfiguration {
    let queue = QueueConfiguration::builder().queue_arn(arn("sqs", queue)).events(Event::S3ObjectCreated).build();
    NotificationConfiguration::builder().queue_configurations(queue.unwrap()).build()
}

fn to_topic() -> NotificationConfiguration {
    let topic = TopicConfiguration::builder().topic_arn(arn("sns", "entry")).events(Event::S3ObjectCreated).build();
    NotificationConfiguration::builder().topic_configurations(topic.unwrap()).build()
}

/// A topic that the bucket may publish to, if that is permitted.
async fn topic(stage: &Stage, is_permitted: bool) -> String {
    let topic = stage.sns.create_topic().name("entry").send().await.unwrap().topic_arn.unwrap();
    if is_permitted {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"ArnLike": {"aws:SourceArn": BUCKET_ARN}, "StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }]});
        let set = stage.sns.set_topic_attributes().topic_arn(&topic).attribute_name("Policy");
        set.attribute_value(policy.to_string()).send().await.unwrap();
    }
    topic
}

async fn subscribe(stage: &Stage, topic: &str, protocol: &str, endpoint: &str) -> String {
    let subscribe = stage.sns.subscribe().topic_arn(topic).protocol(protocol).endpoint(endpoint);
    subscribe.return_subscription_arn(true).send().await.unwrap().subscription_arn.unwrap()
}

fn check_record(event: &Value, key: &str, request_id: &str) {
    let record = &event["Records"][0];
    assert_eq!((&record["s3"]["bucket"]["name"], &record["s3"]["object"]["key"]), (&json!(BUCKET), &json!(key)));
    assert_eq!(record["responseElements"]["x-amz-request-id"], request_id);
}

#[tokio::test]
async fn s3_sends_through_a_queue_to_a_function() {
    let stage = start("").await;
    stage.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    stage.queue("entry").await;
    let refused = put(&stage, to_queue("entry")).await.unwrap_err();
    assert_eq!(refused.message(), Some("Unable to validate the following destination configurations"));
    stage.permit("entry", "s3.amazonaws.com", BUCKET_ARN).await;
    put(&stage, to_queue("entry")).await.unwrap();
    stage
        .lambda
        .create_event_source_mapping()
        .event_source_arn(arn("sqs", "entry"))
        .function_name(WORKER)
        .send()
        .await
        .unwrap();
    let request_id = stage.upload(BUCKET, "a b+é.png").await;
    // A standard queue keeps no order.
    let bodies = stage.records(2).await.iter().map(|record| parsed(&record["body"])).collect::<Vec<_>>();
    let (tests, events): (Vec<&Value>, Vec<&Value>) = bodies.iter().partition(|body| body["Event"].is_string());
    let [test] = tests[..] else { panic!("one test event: {bodies:?}") };
    assert_eq!((test["Event"].as_str(), test["Bucket"].as_str()), (Some("s3:TestEvent"), Some(BUCKET)));
    check_record(events[0], "a+b%2B%C3%A9.png", &request_id);
    stage.cloud.stop().await;
}

#[tokio::test]
async fn s3_sends_through_a_topic_to_a_function() {
    let stage = start("").await;
    stage.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    let topic = topic(&stage, false).await;
    put(&stage, to_topic()).await.unwrap_err();
    self::topic(&stage, true).await;
    let subscription = subscribe(&stage, &topic, "lambda", &function_arn(WORKER)).await;
    // What the function's policy does not permit goes to the subscription's dead-letter queue.
    let dead = stage.queue("undelivered").await;
    stage.permit("undelivered", "sns.amazonaws.com", &topic).await;
    let redrive = json!({"deadLetterTargetArn": dead}).to_string();
    let set = stage.sns.set_subscription_attributes().subscription_arn(&subscription).attribute_name("RedrivePolicy");
    set.attribute_value(redrive).send().await.unwrap();
    put(&stage, to_topic()).await.unwrap();
    let envelope: Value = serde_json::from_str(stage.take("undelivered").await.body().unwrap()).unwrap();
    assert_eq!(parsed(&envelope["Message"])["Event"], "s3:TestEvent");

    stage.allow(WORKER, "sns.amazonaws.com", &topic).await;
    let request_id = stage.upload(BUCKET, "a b.png").await;
    let (function, event) = stage.invoked(1).await.remove(0);
    let record = &event["Records"][0];
    assert_eq!((function.as_str(), record["EventSource"].as_str()), (WORKER, Some("aws:sns")));
    assert_eq!(record["EventSubscriptionArn"], subscription);
    assert_eq!(
        (&record["Sns"]["TopicArn"], &record["Sns"]["Subject"]),
        (&json!(topic), &json!("Amazon S3 Notification"))
    );
    check_record(&parsed(&record["Sns"]["Message"]), "a+b.png", &request_id);
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_topic_sends_to_queues_in_its_envelope_or_raw() {
    let stage = start("").await;
    stage.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    let topic = topic(&stage, true).await;
    for queue in ["enveloped", "raw", "forbidden"] {
        stage.queue(queue).await;
        let subscription = subscribe(&stage, &topic, "sqs", &arn("sqs", queue)).await;
        let set = stage.sns.set_subscription_attributes().subscription_arn(subscription);
        set.attribute_name("RawMessageDelivery").attribute_value((queue == "raw").to_string()).send().await.unwrap();
        let map = stage.lambda.create_event_source_mapping().event_source_arn(arn("sqs", queue));
        map.function_name(WORKER).send().await.unwrap();
        let sender = if queue == "forbidden" { "arn:aws:sns:us-east-1:000000000000:another" } else { &topic };
        stage.permit(queue, "sns.amazonaws.com", sender).await;
    }
    put(&stage, to_topic()).await.unwrap();
    let request_id = stage.upload(BUCKET, "a b.png").await;
    let records = stage.records(4).await;
    let of = |queue: &str| {
        let source = arn("sqs", queue);
        let bodies = records.iter().filter(move |record| record["eventSourceARN"] == source);
        bodies.map(|record| parsed(&record["body"])).collect::<Vec<_>>()
    };
    let enveloped: Vec<Value> = of("enveloped").iter().map(|envelope| parsed(&envelope["Message"])).collect();
    assert_eq!(of("enveloped")[0]["Type"], "Notification");
    for mut events in [enveloped, of("raw")] {
        events.sort_by_key(|event| event["Records"].is_array());
        assert_eq!((events.len(), events[0]["Event"].as_str()), (2, Some("s3:TestEvent")));
        check_record(&events[1], "a+b.png", &request_id);
    }
    assert_eq!(of("forbidden"), Vec::<Value>::new());
    let attributes = stage.sqs.get_queue_attributes().queue_url(stage.url("forbidden"));
    let attributes = attributes.attribute_names(QueueAttributeName::All).send().await.unwrap().attributes.unwrap();
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "0");
    stage.cloud.stop().await;
}
