//! Functions that others wrote, in Python, on ministack 1.5.33 and moto 5.2.5: each upload is followed as far as its log proves
//! it there, and nothing else is said.
//!
//! What ministack gets wrong, as far as it is met here:
//! - its event names another request id than S3's answer, so a printed event is joined by the version, and by nothing in a
//!   bucket without versions;
//! - it gives every retry of an invocation a request id of its own, so a function that fails after it printed the key looks
//!   like several invocations: no upload gets one of them;
//! - it runs the function in Python 3.11 whatever the runtime says, and with a worker of its own instead of AWS's client.
//!
//! What moto gets wrong: it invokes no function without Docker. The log is written by the test there.

use std::path::Path;
use std::process::Stdio;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_s3::types::BucketVersioningStatus;
use serde_json::Value;

use super::account::Account;
use super::emulator::Emulator;
use super::pipeline::{BUCKET, FUNCTION, Pipeline, TOPIC};

const NAME: &str = "é a+b 100%.png";
const KEY: &str = "photos/é a+b 100%.png";

/// A file of this content, with a name that encodings differ in.
fn file(folder: &Path, content: &str) -> String {
    let path = folder.join(NAME);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

fn upload<'a>(file: &'a str, timeout: &'a str) -> Vec<&'a str> {
    let wait = ["--wait", "--until", "processed", "--timeout", timeout, "--json"];
    [&["upload", file, "--prefix", "photos/"][..], &wait].concat()
}

/// The basis of the invocation that the upload was joined to.
fn basis(report: &Value) -> Option<&str> {
    let stages = report["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["stage"] == "invoked").and_then(|stage| stage["basis"].as_str())
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn ministack_follows_each_kind_as_far_as_its_log_proves() {
    let pipeline = Pipeline::start().await;
    let folder = tempfile::tempdir().unwrap();
    let kinds = [
        ("key", Some("key")),
        ("url", Some("key")),
        ("last_part", Some("key_part")),
        // ministack: on AWS `s3_request_id`.
        ("event", Some("version_id")),
        ("event_pretty", Some("version_id")),
        ("event_repr", Some("version_id")),
        ("json", Some("key")),
        ("node", Some("key")),
        ("etag", Some("etag")),
    ];
    for (kind, expected) in kinds {
        pipeline.run_python(kind).await;
        // Another content each time: the same one may be that of the upload before.
        let report = pipeline.emulator.run(&upload(&file(folder.path(), kind), "1m")).only(0);
        assert_eq!(pipeline.message().await, format!("{KEY} is there"), "{kind}");
        assert_eq!((report["key"].as_str(), basis(&report)), (Some(KEY), expected), "{kind}: {report}");
        assert!(report["status"] == "processed" || report["status"] == "published", "{kind}: {report}");
    }

    pipeline.run_python("forgets").await;
    let report = pipeline.emulator.run(&upload(&file(folder.path(), "forgets"), "1m")).only(0);
    assert_eq!((report["status"].as_str(), basis(&report)), (Some("processed"), Some("key")), "{report}");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn ministack_joins_nothing_where_nothing_is_proven() {
    let pipeline = Pipeline::start().await;
    let folder = tempfile::tempdir().unwrap();
    for kind in ["message_id", "nothing"] {
        pipeline.run_python(kind).await;
        let run = pipeline.emulator.run(&upload(&file(folder.path(), kind), "10s"));
        let report = &run.json()[0];
        // No line names an object: only the time can join them, and it says so.
        assert!(matches!(basis(report), None | Some("time")), "{kind}: {report}");
        pipeline.message().await;
    }

    // ministack: by another id than S3's answer had, and without a version that tells writes apart.
    pipeline.run_python("event").await;
    pipeline.keep_versions(BucketVersioningStatus::Suspended).await;
    let report = pipeline.emulator.run(&upload(&file(folder.path(), "suspended"), "10s")).only(3);
    assert_eq!((report["status"].as_str(), basis(&report)), (Some("timed_out"), None), "{report}");

    // ministack: three invocations. On AWS it is one with three attempts, and the upload ends as failed.
    pipeline.run_python("fails").await;
    let run = pipeline.emulator.run(&upload(&file(folder.path(), "fails"), "10s"));
    let report = &run.json()[0];
    assert!(matches!(run.code, Some(1 | 3)), "{report}");
    assert!(report["status"] == "failed" || report["status"] == "timed_out", "{report}");
}

/// Writes what an invocation logs, in one stream.
async fn log(account: &Account, lines: &[&str]) {
    let group = format!("/aws/lambda/{FUNCTION}");
    account.logs.create_log_group().log_group_name(&group).send().await.unwrap();
    account.logs.create_log_stream().log_group_name(&group).log_stream_name("stream").send().await.unwrap();
    let at = jiff::Timestamp::now().as_millisecond();
    let event = |(n, line): (i64, &&str)| InputLogEvent::builder().timestamp(at + n).message(*line).build().unwrap();
    let put = account.logs.put_log_events().log_group_name(group).log_stream_name("stream");
    put.set_log_events(Some((0..).zip(lines).map(event).collect())).send().await.unwrap();
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn moto_is_followed_by_the_log_that_is_written_to_it() {
    let id = "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11";
    let start = format!("START RequestId: {id} Version: $LATEST\n");
    let end = format!("END RequestId: {id}\n");
    let report = format!(
        "REPORT RequestId: {id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\n"
    );
    for (line, status, expected) in [
        (format!("new image: {KEY}\n"), "processed", Some("key")),
        ("new image: photos/another.png\n".to_owned(), "timed_out", None),
    ] {
        let emulator = Emulator::moto();
        let account = Account::of(&emulator).await;
        account.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        account.topic(TOPIC).await;
        // The object of the invocation that is not joined: without it, the time alone would join that one, too.
        if expected.is_none() {
            account.s3.put_object().bucket(BUCKET).key("photos/another.png").send().await.unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), "content");
        let timeout = if expected.is_some() { "1m" } else { "10s" };
        let child = emulator.program(&upload(&file, timeout)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        // Not before the upload is stored: an invocation that began before is not its own.
        while account.s3.head_object().bucket(BUCKET).key(KEY).send().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        log(&account, &[&start, &line, &end, &report]).await;
        let output = child.unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let report: Value = serde_json::from_str(&said).expect(&said);
        assert_eq!((report["status"].as_str(), basis(&report)), (Some(status), expected), "{report}");
        assert_eq!(output.status.code(), Some(if expected.is_some() { 0 } else { 3 }), "{report}");
    }
}
