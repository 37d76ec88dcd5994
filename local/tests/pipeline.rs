//! The seeded pipeline with the real function: an object goes in, its notification comes out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use std::time::Duration;

use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::primitives::ByteStream;
use imgwatch_local::{BUCKET, FUNCTION, HandlerCommand, LocalCloud, Options, QUEUE};
use serde_json::Value;

const ROLE: &str = "IMGWATCH_TEST_FUNCTION";

/// The real function's process, when another test started it; nothing otherwise.
#[test]
#[ignore = "it is the process of the other tests' function"]
fn function() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    // Ends the line in which the test harness announces this test.
    println!();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(imgwatch_handler::run()).unwrap();
}

async fn start() -> LocalCloud {
    let handler = HandlerCommand {
        program: std::env::current_exe().unwrap().into(),
        args: ["--exact", "function", "--ignored", "--nocapture"].map(Into::into).to_vec(),
        env: vec![(ROLE.into(), "1".into())],
    };
    LocalCloud::start(Options::new(handler)).await.unwrap()
}

/// One configuration for each SDK client: they differ in their types only.
macro_rules! client {
    ($sdk:ident, $cloud:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::v2026_01_12())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("test", "test", None, None, "test"))
                .endpoint_url($cloud.endpoint())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    };
}

/// Takes messages from the audit queue until there are so many, and returns the notifications in them.
async fn notifications(sqs: &aws_sdk_sqs::Client, cloud: &LocalCloud, count: usize) -> Vec<Value> {
    let url = format!("{}/000000000000/{QUEUE}", cloud.endpoint());
    let mut found = Vec::new();
    while found.len() < count {
        let receive = sqs.receive_message().queue_url(&url).wait_time_seconds(20).max_number_of_messages(10);
        let messages = tokio::time::timeout(Duration::from_mins(1), receive.send()).await.unwrap().unwrap();
        let messages = messages.messages.unwrap_or_default();
        assert!(!messages.is_empty(), "{} of {count} notifications came", found.len());
        for message in messages {
            let envelope: Value = serde_json::from_str(message.body().unwrap()).unwrap();
            found.push(serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap());
            sqs.delete_message()
                .queue_url(&url)
                .receipt_handle(message.receipt_handle().unwrap())
                .send()
                .await
                .unwrap();
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_told_to_the_queue_and_in_the_log() {
    let cloud = start().await;
    let (s3, sqs) = (client!(aws_sdk_s3, cloud), client!(aws_sdk_sqs, cloud));
    let key = "holiday 2026/été + 🌊.png";
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"png")).send().await.unwrap();
    let notification = notifications(&sqs, &cloud, 1).await.remove(0);
    assert_eq!(notification["subject"], key);
    assert_eq!(notification["data"]["bucket"], BUCKET);
    assert_eq!(notification["data"]["s3RequestId"], put.request_id().unwrap());

    // The report comes after the message: wait for it.
    let logs = client!(aws_sdk_cloudwatchlogs, cloud);
    let group = format!("/aws/lambda/{FUNCTION}");
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    let lines = loop {
        let events = logs.filter_log_events().log_group_name(&group).send().await.unwrap();
        let lines: Vec<Value> =
            events.events().iter().filter_map(|event| serde_json::from_str(event.message()?).ok()).collect();
        if lines.iter().any(|line| line["type"] == "platform.report") {
            break lines;
        }
        assert!(tokio::time::Instant::now() < deadline, "no report came: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let place = |found: &dyn Fn(&Value) -> bool| lines.iter().position(found).unwrap();
    let start = place(&|line| line["type"] == "platform.start");
    let record = place(&|line| line["outcome"] == "published");
    let report = place(&|line| line["type"] == "platform.report");
    assert!(start < record && record < report, "{lines:#?}");
    assert_eq!(lines[record]["key"], key);
    assert_eq!(lines[record]["s3RequestId"], put.request_id().unwrap());
    assert_eq!(lines[record]["requestId"], lines[start]["record"]["requestId"]);
    cloud.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_uploads_at_once_give_five_hundred_notifications() {
    let cloud = start().await;
    let (s3, sqs) = (client!(aws_sdk_s3, cloud), client!(aws_sdk_sqs, cloud));
    let upload = |number: usize| {
        let body = ByteStream::from(number.to_string().into_bytes());
        let put = s3.put_object().bucket(BUCKET).key(format!("{number}.png")).body(body);
        async move { (format!("{number}.png"), put.send().await.unwrap().request_id().unwrap().to_owned()) }
    };
    let mut expected = futures_util::future::join_all((0..500).map(upload)).await;
    let mut told: Vec<_> = notifications(&sqs, &cloud, 500)
        .await
        .iter()
        .map(|told| {
            (told["subject"].as_str().unwrap().to_owned(), told["data"]["s3RequestId"].as_str().unwrap().to_owned())
        })
        .collect();
    expected.sort();
    told.sort();
    assert_eq!(told, expected, "each upload exactly once, under its own request id");
    cloud.stop().await;
}
