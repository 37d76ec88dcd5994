//! What happened: invocations that failed, messages in a dead-letter queue, and one object's traces.

use imgwatch::domain::diagnosis::CheckStatus;
use imgwatch_local::BUCKET;
use serde_json::json;

use super::rich::{self, KEY};
use crate::doctor_cases::find;

const ID: &str = "79b5e81f-0000-4000-8000-000000000002";

#[tokio::test]
async fn failed_invocations_count_though_no_line_names_an_object() {
    let report = format!("REPORT RequestId: {ID}\tDuration: 3.00 ms\tBilled Duration: 3 ms\tMemory Size: 128 MB\t");
    let platform = |status: &str, error: &str| {
        json!({"time": "t", "type": "platform.report",
            "record": {"requestId": ID, "status": status, "errorType": error, "metrics": {}}})
        .to_string()
    };
    for (line, reason) in [
        (format!("{report}Status: error\tError Type: Runtime.ExitError\n"), "Runtime.ExitError"),
        (format!("{report}Status: timeout\n"), "timed out"),
        (format!("2026-11-23T15:23:01.004Z {ID} Task timed out after 3.00 seconds\n\n"), "timed out"),
        (format!("RequestId: {ID} Error: Runtime exited with error: exit status 1\nRuntime.ExitError\n"), "ExitError"),
        (platform("error", "Runtime.OutOfMemory"), "Runtime.OutOfMemory"),
        (platform("failure", "KeyError"), "KeyError"),
        (platform("timeout", "Sandbox.Timedout"), "Sandbox.Timedout"),
    ] {
        let (cloud, pipeline) = super::pipeline().await;
        rich::log(&cloud, &[&line]).await;
        let once = pipeline.check(None, "recent-failures").await;
        assert_eq!(once.status, CheckStatus::Warning, "{line}: {once:#?}");
        let said = once.found.raw();
        assert!(said.contains(reason) && said.contains("1 invocation failed") && said.contains(ID), "{line}: {said}");
        rich::log(&cloud, &[&line, &line]).await;
        let thrice = pipeline.check(None, "recent-failures").await;
        assert_eq!(thrice.status, CheckStatus::Failure, "no attempt is left: {line}: {thrice:#?}");
    }
}

#[tokio::test]
async fn messages_in_failure_and_dead_letter_queues_are_failures() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    for (id, queue) in [("failure-queue", rich::FAILED), ("dead-letter-queues", rich::DEAD)] {
        let empty = pipeline.check(None, id).await;
        assert_eq!(empty.status, CheckStatus::Ok, "{empty:#?}");
        rich::send(&cloud, queue).await;
        let full = pipeline.check(None, id).await;
        assert_eq!(full.status, CheckStatus::Failure, "{full:#?}");
        let said = full.found.raw();
        // The age is the metric's.
        assert!(said.contains(&format!("{queue} holds 1 message, oldest ")), "{full:#?}");
        assert!(full.fix.iter().any(|line| line.raw().contains("sqs receive-message")), "{full:#?}");
    }
}

#[tokio::test]
async fn an_object_is_reported_as_it_was_seen() {
    let (cloud, pipeline) = super::pipeline().await;
    let report = pipeline.diagnose(Some(KEY)).await;
    assert_eq!(find(&report, "object").status, CheckStatus::Note, "there is none");
    assert_eq!(find(&report, "object-log").status, CheckStatus::Note, "there is no log");

    rich::put_object(&pipeline).await;
    rich::log(&cloud, &["a line about another-holiday/cat.png and holiday/cat.png.bak"]).await;
    let report = pipeline.diagnose(Some(KEY)).await;
    assert_eq!(find(&report, "object").status, CheckStatus::Ok);
    let unseen = find(&report, "object-log");
    assert_eq!(unseen.status, CheckStatus::Note, "{unseen:#?}");
    let said = unseen.found.raw();
    assert!(said.contains("no invocation in the log names holiday/cat.png; searched"), "{said}");

    // A function that logs in its own words, and then crashes.
    let crash = format!("REPORT RequestId: {ID}\tDuration: 3.00 ms\tStatus: error\tError Type: Runtime.ExitError\n");
    let named = json!({"message": "resizing s3://images/holiday/cat.png", "requestId": ID}).to_string();
    rich::log(&cloud, &[&named, &crash]).await;
    let failed = pipeline.check(Some(KEY), "object-log").await;
    assert_eq!(failed.status, CheckStatus::Failure, "{failed:#?}");
    let said = failed.found.raw();
    assert!(said.contains("named at") && said.contains("Runtime.ExitError"), "{said}");

    let record = |message_id: &str, e_tag: &str| {
        json!({"timestamp": "2026-01-01T00:00:00Z", "level": "INFO", "message": "published", "outcome": "published",
            "bucket": BUCKET, "key": KEY, "eTag": e_tag, "snsMessageId": message_id})
        .to_string()
    };
    rich::log(&cloud, &[&record("0f0e1d2c-9d8e-5f7a-8b6c-0d1e2f3a4b5c", "00000000000000000000000000000000")]).await;
    let still = pipeline.check(Some(KEY), "object-log").await;
    assert_eq!(still.status, CheckStatus::Failure, "other content of the key was published: {still:#?}");
    let head = pipeline.s3.head_object().bucket(BUCKET).key(KEY).send().await.unwrap();
    rich::log(&cloud, &[&record("3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c", head.e_tag().unwrap().trim_matches('"'))])
        .await;
    let published = pipeline.check(Some(KEY), "object-log").await;
    assert_eq!(published.status, CheckStatus::Ok, "{published:#?}");
    assert!(published.found.raw().contains("as message 3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c"), "{published:#?}");
}
