//! The pipeline that a local cloud starts with, with each entry.

use imgwatch_local::{BUCKET, Entry, FUNCTION, Options};
use serde_json::{Value, json};

use super::common::{parsed, start_with};
use crate::support::this_program;

/// The bucket, the key and S3's request id in an event that came by this entry.
fn upload_in(entry: Entry, event: &Value) -> (String, String, String) {
    let record = &event["Records"][0];
    let s3 = match entry {
        Entry::Direct => event.clone(),
        Entry::Queue => parsed(&record["body"]),
        Entry::Topic => parsed(&record["Sns"]["Message"]),
        Entry::TopicQueue => parsed(&parsed(&record["body"])["Message"]),
        Entry::EventBridge => {
            let detail = &event["detail"];
            let found = [&detail["bucket"]["name"], &detail["object"]["key"], &detail["request-id"]];
            let [bucket, key, request_id] = found.map(|value| value.as_str().unwrap().to_owned());
            return (bucket, key, request_id);
        }
    };
    let record = &s3["Records"][0];
    let found = [
        &record["s3"]["bucket"]["name"],
        &record["s3"]["object"]["key"],
        &record["responseElements"]["x-amz-request-id"],
    ];
    let [bucket, key, request_id] = found.map(|value| value.as_str().unwrap().to_owned());
    (bucket, key, request_id)
}

#[tokio::test]
async fn each_entry_leads_the_uploads_of_all_buckets_to_the_function() {
    for entry in [Entry::Direct, Entry::Queue, Entry::Topic, Entry::TopicQueue, Entry::EventBridge] {
        let options = Options { entry, buckets: vec!["scans".to_owned()], ..Options::new(this_program("1")) };
        let stage = start_with("", options).await;
        let mut expected = Vec::new();
        for bucket in [BUCKET, "scans"] {
            let request_id = stage.upload(bucket, "a.png").await;
            expected.push((bucket.to_owned(), "a.png".to_owned(), request_id));
            stage.invoked(expected.len()).await;
        }
        let invocations = stage.invocations();
        assert!(invocations.iter().all(|(function, _)| function == FUNCTION), "{entry:?}");
        let mut found: Vec<_> = invocations.iter().map(|(_, event)| upload_in(entry, event)).collect();
        found.sort();
        assert_eq!(found, expected, "{entry:?}");
        stage.cloud.stop().await;
    }
}

#[tokio::test]
async fn a_queue_is_set_up_as_lambda_recommends() {
    let options = Options { entry: Entry::Queue, ..Options::new(this_program("1")) };
    let stage = start_with("", options).await;
    let mappings = stage.lambda.list_event_source_mappings().function_name(FUNCTION).send().await.unwrap();
    let mapping = &mappings.event_source_mappings()[0];
    assert_eq!(
        mapping.function_response_types().iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        ["ReportBatchItemFailures"]
    );
    let function = stage.lambda.get_function_configuration().function_name(FUNCTION).send().await.unwrap();
    assert_eq!(function.environment().unwrap().variables().unwrap()["REPORT_BATCH_ITEM_FAILURES"], "true");
    let all = aws_sdk_sqs::types::QueueAttributeName::All;
    let queue = stage.sqs.get_queue_attributes().queue_url(stage.url("image-events")).attribute_names(all);
    let attributes = queue.send().await.unwrap().attributes.unwrap();
    let of = |name: &str| attributes[&name.into()].clone();
    assert_eq!(of("VisibilityTimeout"), (6 * function.timeout().unwrap()).to_string());
    let redrive: Value = serde_json::from_str(&of("RedrivePolicy")).unwrap();
    let dead = "arn:aws:sqs:us-east-1:000000000000:image-events-failed";
    assert_eq!(redrive, json!({"deadLetterTargetArn": dead, "maxReceiveCount": 5}));
    assert_eq!(mapping.event_source_arn(), Some(of("QueueArn").as_str()));
    stage.cloud.stop().await;
}
