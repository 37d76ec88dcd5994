//! Against ministack 1.5.33: the whole trip, with our own function run by ministack's Lambda.
//!
//! What ministack gets wrong, as far as it is met here:
//! - its event names another request id than S3's answer to the upload, so an upload is joined by bucket, key and tag;
//! - it confirms email subscriptions at once, and lists pending ones with an ARN where SNS says `PendingConfirmation`;
//! - it gives every retry of an invocation a request id of its own, so the attempts are not counted as one invocation's;
//! - it has no delivery-status logs, so what became of a delivery is unknown;
//! - it ignores the JSON log format, and its REPORT has no Init Duration.

use std::collections::BTreeSet;

use aws_sdk_s3::types::BucketVersioningStatus;
use serde_json::{Value, json};

use super::pipeline::{Pipeline, QUEUE};

/// The records about images in the function's log, as `imgwatch logs` prints them.
fn records(pipeline: &Pipeline, outcome: &str) -> Vec<Value> {
    let lines = pipeline.emulator.run(&["logs", "--json"]).json();
    let records = lines.iter().filter(|line| line["kind"] == "record");
    let records = records.map(|line| serde_json::from_str::<Value>(line["message"].as_str().unwrap()).unwrap());
    records.filter(|record| record["outcome"] == outcome).collect()
}

fn stage<'a>(report: &'a Value, name: &str) -> &'a Value {
    let stages = report["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["stage"] == name).unwrap_or_else(|| panic!("no {name}: {report}"))
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn an_upload_is_followed_to_its_subscriber() {
    let pipeline = Pipeline::start().await;
    let report = pipeline.emulator.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    assert_eq!((&report["status"], &report["error"]), (&json!("published"), &Value::Null), "{report}");

    // Every id is the emulator's own, and the same wherever it shows.
    let (envelope, notification) = pipeline.told().await;
    assert_eq!(stage(&report, "published")["sns_message_id"], envelope["MessageId"]);
    assert_eq!(envelope["TopicArn"], pipeline.topic_arn.as_str());
    assert_eq!(notification["subject"], report["key"]);
    assert_eq!(notification["data"]["eTag"], report["etag"]);
    let published = records(&pipeline, "published");
    assert_eq!(published.len(), 1, "{published:?}");
    assert_eq!(published[0]["requestId"], stage(&report, "invoked")["lambda_request_id"]);
    assert_eq!(stage(&report, "invoked")["attempt"], 1);
    // ministack: not the id of S3's answer, as it is on AWS.
    assert!(report["s3_request_id"].is_string());
    assert_ne!(published[0]["s3RequestId"], report["s3_request_id"]);

    let [delivery] = report["deliveries"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert!(delivery["endpoint"].as_str().unwrap().ends_with(QUEUE), "{report}");
    // ministack: no delivery statuses. The message is in the queue, but nothing says so to anybody else.
    assert_eq!(delivery["state"], "unknown");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn the_same_image_again_is_another_upload_with_a_message_of_its_own() {
    let pipeline = Pipeline::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("été + 1.png").display().to_string();
    std::fs::write(&file, "the same bytes").unwrap();
    let mut messages = BTreeSet::new();
    for versions in [BucketVersioningStatus::Enabled, BucketVersioningStatus::Suspended] {
        pipeline.keep_versions(versions).await;
        // At once, one after the other: versions distinguish them, and without versions the time alone.
        for _ in 0..3 {
            let report = pipeline.emulator.run(&["upload", &file, "--wait", "--json"]).only(0);
            assert_eq!((&report["status"], &report["key"]), (&json!("published"), &json!("été + 1.png")), "{report}");
            let (envelope, notification) = pipeline.told().await;
            assert_eq!(stage(&report, "published")["sns_message_id"], envelope["MessageId"]);
            assert_eq!(notification["subject"], "été + 1.png");
            assert!(messages.insert(envelope["MessageId"].to_string()), "{report}");
        }
    }
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn an_event_that_fails_three_times_is_handed_on_and_its_reason_is_logged() {
    let pipeline = Pipeline::start().await;
    pipeline.publish_to(&format!("{}-gone", pipeline.topic_arn)).await;
    let key = pipeline.emulator.run(&["upload", "--test-image", "--json"]).only(0)["key"].clone();

    let failure = pipeline.failure().await;
    assert_eq!(failure["requestContext"]["condition"], "RetriesExhausted", "{failure}");
    assert_eq!(failure["requestPayload"]["Records"][0]["s3"]["object"]["key"], key);
    assert_eq!(failure["responsePayload"]["errorType"], "SnsRefused");

    // The log may come later than the event in the queue.
    let mut failed = records(&pipeline, "failed");
    for _ in 0..100 {
        if failed.len() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        failed = records(&pipeline, "failed");
    }
    assert!(failed.iter().all(|record| record["key"] == key), "{failed:?}");
    assert!(failed.iter().all(|record| record["error"].as_str().unwrap().contains("Topic does not exist")));
    // ministack: three ids. On AWS it is one, and they are three attempts of one invocation.
    let ids: BTreeSet<&str> = failed.iter().map(|record| record["requestId"].as_str().unwrap()).collect();
    assert_eq!((failed.len(), ids.len()), (3, 3), "{failed:?}");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn subscribing_and_listing() {
    let pipeline = Pipeline::start().await;
    for (protocol, address) in [("email", "friend@example.com"), ("https", "https://127.0.0.1:1/hook")] {
        let done = pipeline.emulator.run(&["subscribe", "--protocol", protocol, address]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
    }
    let rows = pipeline.emulator.run(&["subscriptions", "--json"]).json();
    let state = |protocol: &str| {
        let row = rows.iter().find(|row| row["protocol"] == protocol);
        row.unwrap_or_else(|| panic!("no {protocol}: {rows:?}"))["state"].as_str().unwrap()
    };
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(state("sqs"), "confirmed");
    // ministack: on AWS only the owner of the address confirms.
    assert_eq!(state("email"), "confirmed");
    // ministack lists this one with an ARN, like a confirmed one; its attributes tell.
    assert_eq!(state("https"), "pending_confirmation");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn objects_are_listed_and_what_is_no_image_is_skipped() {
    let pipeline = Pipeline::start().await;
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt").display().to_string();
    std::fs::write(&notes, "no image").unwrap();
    let report = pipeline.emulator.run(&["upload", &notes, "--wait", "--json"]).only(1);
    assert_eq!(report["status"], "skipped", "{report}");
    assert_eq!(records(&pipeline, "skipped").len(), 1);
    let row = pipeline.emulator.run(&["objects", "--json"]).only(0);
    assert_eq!((&row["key"], &row["size"]), (&json!("notes.txt"), &json!(8)));
}
