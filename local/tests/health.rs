//! The health of the local cloud: how much it holds, which falls again when things are deleted.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use imgwatch_local::{HandlerCommand, LocalCloud, Options};
use serde_json::{Value, json};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const TEXT: (&str, &str) = ("content-type", "text/plain");

async fn start() -> LocalCloud {
    let handler = HandlerCommand { program: "/no/such/program".into(), args: Vec::new(), env: Vec::new() };
    LocalCloud::start(Options::new(handler)).await.unwrap()
}

async fn send(cloud: &LocalCloud, method: &str, path: &str, header: (&str, &str), body: impl Into<Bytes>) -> Bytes {
    let request = http::Request::builder().method(method).uri(format!("{}{path}", cloud.endpoint()));
    let request = request.header(header.0, header.1).body(Full::new(body.into())).unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let (head, body) = client.request(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    assert!(head.status.is_success(), "{method} {path}: {} {body:?}", head.status);
    body
}

async fn holds(cloud: &LocalCloud) -> Value {
    let health = send(cloud, "GET", "/_imgwatch/health", TEXT, "").await;
    serde_json::from_slice::<Value>(&health).unwrap()["holds"].take()
}

async fn logs(cloud: &LocalCloud, operation: &str, input: Value) {
    let target = format!("Logs_20140328.{operation}");
    send(cloud, "POST", "/", ("x-amz-target", &target), input.to_string()).await;
}

async fn sqs(cloud: &LocalCloud, form: &str) {
    send(cloud, "POST", "/000000000000/image-uploads-failed", FORM, format!("Version=2012-11-05&{form}")).await;
}

#[tokio::test]
async fn it_says_how_much_it_holds_and_that_falls_again() {
    let cloud = start().await;
    let at_start = json!({
        "s3": {
            "buckets": 1,
            "objects": 0,
            "noncurrent_versions": 0,
            "delete_markers": 0,
            "multipart_uploads": 0,
            "bytes": 0,
        },
        "lambda": {
            "functions": 1,
            "event_source_mappings": 0,
            "idle_environments": 0,
            "waiting_events": 0,
            "waiting_bytes": 0,
        },
        "sns": {"topics": 1, "subscriptions": 2, "waiting_posts": 0, "waiting_bytes": 0},
        "sqs": {"queues": 2, "messages": 0, "bytes": 0},
        "events": {"rules": 0, "targets": 0},
        "logs": {"log_groups": 0, "log_streams": 0, "log_events": 0, "bytes": 0},
        "metrics": {"metrics": 0, "datapoints": 0},
        "inbox": {"messages": 0, "bytes": 0, "waiting_emails": 0},
        "faults": 0,
    });
    assert_eq!(holds(&cloud).await, at_start);

    // A bucket without versions and without events.
    send(&cloud, "PUT", "/plain", TEXT, "").await;
    for body in ["12345", "123"] {
        send(&cloud, "PUT", "/plain/a", TEXT, body).await;
    }
    send(&cloud, "PUT", "/plain/b", ("x-amz-copy-source", "/plain/a"), "").await;
    send(&cloud, "POST", "/plain/c?uploads", TEXT, "").await;
    sqs(&cloud, "Action=SendMessage&MessageBody=seven+b").await;
    logs(&cloud, "CreateLogGroup", json!({"logGroupName": "g"})).await;
    logs(&cloud, "CreateLogStream", json!({"logGroupName": "g", "logStreamName": "s"})).await;
    let now = jiff::Timestamp::now().as_millisecond();
    let events = json!([{"timestamp": now, "message": "a line"}, {"timestamp": now, "message": "another"}]);
    logs(&cloud, "PutLogEvents", json!({"logGroupName": "g", "logStreamName": "s", "logEvents": events})).await;
    send(&cloud, "POST", "/", FORM, format!("Version=2010-03-31&Action=Publish&Message=m&TopicArn={TOPIC}")).await;
    let rule = r#"{"service": "lambda", "times": 7, "fault": "cut"}"#;
    send(&cloud, "POST", "/_imgwatch/faults", TEXT, rule).await;

    let held = holds(&cloud).await;
    let s3 = json!({
        "buckets": 2,
        "objects": 2,
        "noncurrent_versions": 0,
        "delete_markers": 0,
        "multipart_uploads": 1,
        "bytes": 3,
    });
    assert_eq!(held["s3"], s3, "two objects share a body, and what was overwritten is gone");
    assert!(held["logs"]["log_events"].as_u64() >= Some(2) && held["logs"]["bytes"].as_u64() >= Some(65), "{held}");
    assert!(held["metrics"]["datapoints"].as_u64() >= Some(1), "{held}");
    assert!(held["sqs"]["messages"].as_u64() >= Some(1) && held["sqs"]["bytes"].as_u64() >= Some(7), "{held}");
    assert_eq!(held["faults"], 1);

    for key in ["a", "b"] {
        send(&cloud, "DELETE", &format!("/plain/{key}"), TEXT, "").await;
    }
    sqs(&cloud, "Action=PurgeQueue").await;
    logs(&cloud, "DeleteLogGroup", json!({"logGroupName": "g"})).await;
    send(&cloud, "DELETE", "/_imgwatch/faults", TEXT, "").await;
    let held = holds(&cloud).await;
    assert_eq!((&held["s3"]["objects"], &held["s3"]["bytes"], &held["faults"]), (&json!(0), &json!(0), &json!(0)));
    // The message of the topic may have come to the other queue.
    assert!(held["sqs"]["messages"].as_u64() <= Some(1), "{held}");
    cloud.stop().await;
}

#[tokio::test]
async fn versions_and_delete_markers_are_counted() {
    let cloud = start().await;
    for body in ["12345", "123"] {
        send(&cloud, "PUT", "/images/a", TEXT, body).await;
    }
    send(&cloud, "DELETE", "/images/a", TEXT, "").await;
    let s3 = holds(&cloud).await["s3"].take();
    let facts = ["objects", "noncurrent_versions", "delete_markers", "bytes"].map(|name| s3[name].as_u64().unwrap());
    assert_eq!(facts, [0, 2, 1, 8], "{s3}");
    cloud.stop().await;
}
