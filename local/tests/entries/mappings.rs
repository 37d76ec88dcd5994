//! Event source mappings: a function that is invoked with the messages of a queue.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;
use aws_sdk_lambda::types::{Filter, FilterCriteria, FunctionResponseType};
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    QueueAttributeName, SendMessageBatchRequestEntry,
};
use serde_json::{Value, json};

use super::common::{ACCOUNT, Stage, WORKER, arn, function_arn, start};

const QUEUE: &str = "work";
const DEAD: &str = "work-failed";

fn create(stage: &Stage) -> CreateEventSourceMappingFluentBuilder {
    stage.lambda.create_event_source_mapping().event_source_arn(arn("sqs", QUEUE)).function_name(WORKER)
}

/// The queue, with a dead-letter queue after so many receives.
async fn queues(stage: &Stage, most_receives: u32) {
    let dead = stage.queue(DEAD).await;
    stage.queue(QUEUE).await;
    let redrive = json!({"deadLetterTargetArn": dead, "maxReceiveCount": most_receives});
    stage.set_queue(QUEUE, QueueAttributeName::RedrivePolicy, redrive.to_string()).await;
}

/// Makes failed messages come back soon: the queue hides them for no longer than the function may run.
async fn soon(stage: &Stage) {
    stage.lambda.update_function_configuration().function_name(WORKER).timeout(5).send().await.unwrap();
    stage.set_queue(QUEUE, QueueAttributeName::VisibilityTimeout, "5").await;
    // The start of the process is not to use that time up.
    let nothing = aws_sdk_lambda::primitives::Blob::new(r#"{"Records":[]}"#);
    stage.lambda.invoke().function_name(WORKER).payload(nothing).send().await.unwrap();
}

async fn send_all(stage: &Stage, bodies: &[&str]) {
    let entry = |(index, body): (usize, &&str)| {
        SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(*body).build().unwrap()
    };
    let entries = bodies.iter().enumerate().map(entry).collect();
    let sent =
        stage.sqs.send_message_batch().queue_url(stage.url(QUEUE)).set_entries(Some(entries)).send().await.unwrap();
    assert_eq!(sent.successful().len(), bodies.len());
}

#[tokio::test]
async fn the_event_has_the_form_of_aws() {
    let stage = start("").await;
    stage.queue(QUEUE).await;
    create(&stage).send().await.unwrap();
    let attribute = |data_type: &str| MessageAttributeValue::builder().data_type(data_type);
    let trace = MessageSystemAttributeValue::builder().data_type("String").string_value("Root=1-2-3").build().unwrap();
    let sent = stage
        .sqs
        .send_message()
        .queue_url(stage.url(QUEUE))
        .message_body("a body")
        .message_attributes("size", attribute("Number").string_value("3").build().unwrap())
        .message_attributes("raw", attribute("Binary").binary_value(vec![0, 1].into()).build().unwrap())
        .message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, trace)
        .send()
        .await
        .unwrap();
    let (function, event) = stage.invoked(1).await.remove(0);
    assert_eq!(function, WORKER);
    let record = &event["Records"][0];
    let time = |name: &str| record["attributes"][name].as_str().unwrap().parse::<u64>().unwrap();
    assert!(time("ApproximateFirstReceiveTimestamp") >= time("SentTimestamp"));
    assert!(record["receiptHandle"].as_str().is_some_and(|handle| !handle.is_empty()));
    let expected = json!({"Records": [{
        "messageId": sent.message_id().unwrap(),
        "receiptHandle": record["receiptHandle"],
        "body": "a body",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": record["attributes"]["SentTimestamp"],
            "SenderId": ACCOUNT,
            "ApproximateFirstReceiveTimestamp": record["attributes"]["ApproximateFirstReceiveTimestamp"],
            "AWSTraceHeader": "Root=1-2-3",
        },
        "messageAttributes": {
            "size": {"stringValue": "3", "stringListValues": [], "binaryListValues": [], "dataType": "Number"},
            "raw": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
        },
        "md5OfBody": sent.md5_of_message_body().unwrap(),
        "md5OfMessageAttributes": sent.md5_of_message_attributes().unwrap(),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn("sqs", QUEUE),
        "awsRegion": "us-east-1",
    }]});
    assert_eq!(event, expected);
    stage.empty(QUEUE).await;
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_batch_is_as_large_as_the_mapping_says_and_waits_as_long() {
    let stage = start("").await;
    stage.queue(QUEUE).await;
    let created = create(&stage).batch_size(12).maximum_batching_window_in_seconds(300).send().await.unwrap();
    send_all(&stage, &["m"; 10]).await;
    send_all(&stage, &["m"; 10]).await;
    // The window ends after five minutes: the first batch is complete because it is full.
    let (_, first) = stage.invoked(1).await.remove(0);
    assert_eq!(first["Records"].as_array().unwrap().len(), 12);
    // What has been received when the mapping stops is still processed.
    let delete = stage.lambda.delete_event_source_mapping().uuid(created.uuid().unwrap()).send().await.unwrap();
    assert_eq!(delete.state(), Some("Deleting"));
    create(&stage).batch_size(3).send().await.unwrap();
    let records = stage.records(20).await;
    let mut ids: Vec<&str> = records.iter().map(|record| record["messageId"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((records.len(), ids.len()), (20, 20), "each message once");
    stage.empty(QUEUE).await;
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_poison_message_in_a_batch_of_ten_ends_alone_in_the_dead_letter_queue() {
    let stage = start("partial").await;
    queues(&stage, 2).await;
    soon(&stage).await;
    let reports = FunctionResponseType::ReportBatchItemFailures;
    let created = create(&stage).function_response_types(reports).enabled(false).send().await.unwrap();
    send_all(&stage, &["1", "2", "3", "4", "poison", "6", "7", "8", "9", "10"]).await;
    stage.lambda.update_event_source_mapping().uuid(created.uuid().unwrap()).enabled(true).send().await.unwrap();
    let dead = stage.take(DEAD).await;
    let attributes = dead.attributes().unwrap();
    assert_eq!(dead.body(), Some("poison"));
    assert_eq!(attributes[&MessageSystemAttributeName::DeadLetterQueueSourceArn], arn("sqs", QUEUE));
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "3", "two receives, and this one");
    let batches: Vec<Value> =
        stage.invocations().into_iter().map(|(_, event)| event["Records"].clone()).skip(1).collect();
    // A standard queue keeps no order.
    let bodies = |batch: &Value| {
        let mut bodies: Vec<_> =
            batch.as_array().unwrap().iter().map(|it| it["body"].as_str().unwrap().to_owned()).collect();
        bodies.sort();
        bodies
    };
    assert_eq!(bodies(&batches[0]), ["1", "10", "2", "3", "4", "6", "7", "8", "9", "poison"]);
    assert_eq!((batches.len(), bodies(&batches[1])), (2, vec!["poison".to_owned()]));
    let first = batches[0].as_array().unwrap().iter().find(|record| record["body"] == "poison").unwrap();
    let second = &batches[1][0];
    assert_eq!((&first["messageId"], second["messageId"].as_str()), (&second["messageId"], dead.message_id()));
    assert_ne!(first["receiptHandle"], second["receiptHandle"]);
    assert_eq!(first["attributes"]["ApproximateReceiveCount"], "1");
    assert_eq!(second["attributes"]["ApproximateReceiveCount"], "2");
    stage.empty(QUEUE).await;
    stage.cloud.stop().await;
}

#[tokio::test]
async fn an_error_of_the_function_fails_the_whole_batch() {
    let stage = start("fail").await;
    queues(&stage, 1).await;
    soon(&stage).await;
    let reports = FunctionResponseType::ReportBatchItemFailures;
    let created = create(&stage).function_response_types(reports).send().await.unwrap();
    assert_eq!(created.last_processing_result(), None);
    let mut sent = vec![stage.send(QUEUE, "one").await, stage.send(QUEUE, "two").await];
    let mut dead = Vec::new();
    while dead.len() < 2 {
        dead.push(stage.take(DEAD).await.message_id.unwrap());
    }
    sent.sort();
    dead.sort();
    assert_eq!(dead, sent, "a message keeps its id");
    let mapping = stage.lambda.get_event_source_mapping().uuid(created.uuid().unwrap()).send().await.unwrap();
    assert_eq!(mapping.last_processing_result(), Some("PROBLEM: Function call failed"));
    stage.cloud.stop().await;
}

#[tokio::test]
async fn without_the_setting_every_answer_deletes_the_batch() {
    let stage = start("partial").await;
    queues(&stage, 1).await;
    create(&stage).send().await.unwrap();
    send_all(&stage, &["poison", "fine"]).await;
    stage.records(2).await;
    stage.empty(QUEUE).await;
    assert_eq!(stage.count(DEAD).await, ("0".to_owned(), "0".to_owned()));
    stage.cloud.stop().await;
}

#[tokio::test]
async fn what_no_filter_matches_is_deleted() {
    let stage = start("").await;
    stage.queue(QUEUE).await;
    let filter = Filter::builder().pattern(r#"{"body":{"kind":[{"prefix":"image"}]}}"#).build();
    let criteria = FilterCriteria::builder().filters(filter).build();
    let created = create(&stage).filter_criteria(criteria.clone()).send().await.unwrap();
    assert_eq!(created.filter_criteria(), Some(&criteria));
    send_all(&stage, &[r#"{"kind":"text"}"#, "no JSON", r#"{"kind":"image/png"}"#]).await;
    stage.empty(QUEUE).await;
    let bodies: Vec<Value> = stage.records(1).await.iter().map(|record| record["body"].clone()).collect();
    assert_eq!(bodies, [r#"{"kind":"image/png"}"#]);
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_mapping_is_listed_changed_disabled_and_deleted() {
    let stage = start("").await;
    stage.queue(QUEUE).await;
    stage.queue("other").await;
    let created = create(&stage).enabled(false).send().await.unwrap();
    let uuid = created.uuid().unwrap();
    assert_eq!((created.state(), created.state_transition_reason()), (Some("Disabled"), Some("USER_INITIATED")));
    assert_eq!(
        created.event_source_mapping_arn(),
        Some(arn("lambda", &format!("event-source-mapping:{uuid}")).as_str())
    );
    assert_eq!(created.function_arn(), Some(function_arn(WORKER).as_str()));
    assert_eq!((created.batch_size(), created.maximum_batching_window_in_seconds()), (Some(10), Some(0)));
    assert!(created.last_modified().is_some());
    let second = stage.lambda.create_event_source_mapping().event_source_arn(arn("sqs", "other"));
    let second = second.function_name(function_arn(WORKER)).send().await.unwrap();
    assert_eq!(second.state(), Some("Creating"));
    let get = |uuid: &str| stage.lambda.get_event_source_mapping().uuid(uuid).send();
    assert_eq!(get(second.uuid().unwrap()).await.unwrap().state(), Some("Enabled"));

    let list = || stage.lambda.list_event_source_mappings();
    assert_eq!(list().send().await.unwrap().event_source_mappings().len(), 2);
    let of_queue = list().event_source_arn(arn("sqs", QUEUE)).send().await.unwrap();
    assert_eq!(of_queue.event_source_mappings()[0].uuid(), Some(uuid));
    assert_eq!(list().function_name(WORKER).send().await.unwrap().event_source_mappings().len(), 2);
    assert!(list().function_name("nobody").send().await.unwrap().event_source_mappings().is_empty());
    let pages = list().max_items(1).into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    assert_eq!(pages.iter().filter_map(|mapping| mapping.uuid()).collect::<std::collections::BTreeSet<_>>().len(), 2);

    // A disabled mapping leaves the messages where they are.
    stage.send(QUEUE, "m").await;
    stage.send("other", "n").await;
    let (_, event) = stage.invoked(1).await.remove(0);
    assert_eq!((event["Records"][0]["body"].as_str(), stage.count(QUEUE).await.0.as_str()), (Some("n"), "1"));
    let update = || stage.lambda.update_event_source_mapping().uuid(uuid);
    assert_eq!(update().enabled(true).batch_size(1).send().await.unwrap().state(), Some("Enabling"));
    stage.empty(QUEUE).await;
    assert_eq!(update().enabled(false).send().await.unwrap().state(), Some("Disabling"));
    let disabled = get(uuid).await.unwrap();
    assert_eq!((disabled.state(), disabled.batch_size()), (Some("Disabled"), Some(1)));
    assert_eq!(stage.lambda.delete_event_source_mapping().uuid(uuid).send().await.unwrap().state(), Some("Deleting"));
    assert_eq!(get(uuid).await.unwrap_err().code(), Some("ResourceNotFoundException"));

    // A queue that is gone is a problem of the mapping.
    stage.sqs.delete_queue().queue_url(stage.url("other")).send().await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while get(second.uuid().unwrap()).await.unwrap().last_processing_result().is_none() {
        assert!(tokio::time::Instant::now() < deadline, "the mapping has no problem");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.cloud.stop().await;
}

#[tokio::test]
async fn what_aws_refuses_is_refused_in_its_words() {
    let stage = start("").await;
    stage.queue(QUEUE).await;
    let first = create(&stage).send().await.unwrap();
    let same = format!(
        "An event source mapping with SQS arn (\" {} \") and function (\" {WORKER} \") already exists. Please update or \
         delete the existing mapping with UUID {}",
        arn("sqs", QUEUE),
        first.uuid().unwrap()
    );
    let missing = create(&stage).event_source_arn(arn("sqs", "missing"));
    let window = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    let filter = FilterCriteria::builder().filters(Filter::builder().pattern("{").build()).build();
    let table = BTreeMap::from([
        ("twice", (create(&stage), "ResourceConflictException", same.as_str())),
        (
            "queue",
            (
                missing,
                "InvalidParameterValueException",
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue.",
            ),
        ),
        (
            "function",
            (
                create(&stage).function_name("no"),
                "ResourceNotFoundException",
                "Function not found: arn:aws:lambda:us-east-1:000000000000:function:no",
            ),
        ),
        ("window", (create(&stage).batch_size(11), "InvalidParameterValueException", window)),
        (
            "size",
            (
                create(&stage).batch_size(10_001),
                "ValidationException",
                "1 validation error detected: Value '10001' at 'batchSize'",
            ),
        ),
        (
            "filter",
            (
                create(&stage).filter_criteria(filter),
                "InvalidParameterValueException",
                "Invalid filter pattern definition.",
            ),
        ),
        (
            "source",
            (
                create(&stage).event_source_arn(arn("kinesis", "stream/s")),
                "InvalidParameterValueException",
                "not implemented",
            ),
        ),
    ]);
    for (name, (create, code, message)) in table {
        let error = create.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{name}: {error:?}");
        assert!(error.message().unwrap().starts_with(message), "{name}: {error:?}");
    }
    stage.set_queue(QUEUE, QueueAttributeName::VisibilityTimeout, "19").await;
    let short =
        stage.lambda.update_event_source_mapping().uuid(first.uuid().unwrap()).batch_size(2).send().await.unwrap_err();
    assert_eq!(short.message(), Some("Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds"));
    stage.cloud.stop().await;
}
