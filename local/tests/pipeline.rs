//! The seeded pipeline with the real function: an object goes in, its notification comes out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

#[macro_use]
mod support;

use std::time::Duration;

use aws_sdk_s3::operation::RequestId as _;
use aws_sdk_s3::primitives::ByteStream;
use imgwatch_local::{BUCKET, Entry, FUNCTION, LocalCloud, Options, QUEUE};
use serde_json::Value;
use support::{ROLE, this_program};

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
    start_in("us-east-1").await
}

async fn start_in(region: &str) -> LocalCloud {
    LocalCloud::start(Options { region: region.to_owned(), ..options() }).await.unwrap()
}

fn options() -> Options {
    Options::new(this_program("1"))
}

/// The body of a GET request.
async fn get(cloud: &LocalCloud, target: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = cloud.endpoint().strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{target}: {answer}");
    answer
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

/// How many messages a queue has, including those that were received and not deleted.
async fn count(sqs: &aws_sdk_sqs::Client, cloud: &LocalCloud, queue: &str) -> u64 {
    let url = format!("{}/000000000000/{queue}", cloud.endpoint());
    let get = sqs.get_queue_attributes().queue_url(url).attribute_names(aws_sdk_sqs::types::QueueAttributeName::All);
    let attributes = get.send().await.unwrap().attributes.unwrap();
    let counts = attributes.iter().filter(|(name, _)| name.as_str().starts_with("ApproximateNumberOfMessages"));
    counts.map(|(_, count)| count.parse::<u64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_reaches_the_queue_and_the_log() {
    let cloud = start().await;
    let (s3, sqs) = (client!(aws_sdk_s3, cloud.endpoint()), client!(aws_sdk_sqs, cloud.endpoint()));
    let key = "holiday 2026/été + 🌊.png";
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"png")).send().await.unwrap();
    let notification = notifications(&sqs, &cloud, 1).await.remove(0);
    assert_eq!(notification["subject"], key);
    assert_eq!(notification["data"]["bucket"], BUCKET);
    assert_eq!(notification["data"]["s3RequestId"], put.request_id().unwrap());

    // The report comes after the message: wait for it.
    let logs = client!(aws_sdk_cloudwatchlogs, cloud.endpoint());
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
async fn an_upload_is_published_once_whichever_entry_it_comes_by() {
    let key = "holiday 2026/été + 100%.png";
    let (events, failed) = ("image-events", "image-events-failed");
    for (entry, queues) in [
        (Entry::Queue, &[events, failed][..]),
        (Entry::Topic, &[]),
        (Entry::TopicQueue, &[events, failed]),
        (Entry::EventBridge, &[failed]),
    ] {
        let cloud = LocalCloud::start(Options { entry, ..options() }).await.unwrap();
        let (s3, sqs) = (client!(aws_sdk_s3, cloud.endpoint()), client!(aws_sdk_sqs, cloud.endpoint()));
        let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"png")).send().await.unwrap();
        let notification = notifications(&sqs, &cloud, 1).await.remove(0);
        assert_eq!(
            (&notification["subject"], &notification["data"]["bucket"]),
            (&key.into(), &BUCKET.into()),
            "{entry:?}"
        );
        assert_eq!(notification["data"]["s3RequestId"], put.request_id().unwrap(), "{entry:?}");
        // Nothing of it is left to be tried again.
        let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
        for queue in queues {
            while count(&sqs, &cloud, queue).await > 0 {
                assert!(tokio::time::Instant::now() < deadline, "{entry:?}: a message stays in {queue}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        assert_eq!(count(&sqs, &cloud, QUEUE).await, 0, "{entry:?}: it was published again");
        cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_arn_names_the_partition_of_the_region() {
    for (region, partition) in [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")] {
        let cloud = start_in(region).await;
        let (s3, sqs) = (client!(aws_sdk_s3, cloud.endpoint()), client!(aws_sdk_sqs, cloud.endpoint()));
        let (sns, logs) = (client!(aws_sdk_sns, cloud.endpoint()), client!(aws_sdk_cloudwatchlogs, cloud.endpoint()));
        s3.put_object().bucket(BUCKET).key("a.png").body(ByteStream::from_static(b"png")).send().await.unwrap();
        // The bucket's ARN in the event passed the function's policy, and the topic's the queue's.
        let url = format!("{}/000000000000/{QUEUE}", cloud.endpoint());
        let receive = sqs.receive_message().queue_url(&url).wait_time_seconds(20);
        let received = tokio::time::timeout(Duration::from_mins(1), receive.send()).await.unwrap().unwrap();
        let envelope = received.messages()[0].body().unwrap().to_owned();
        let topics = sns.list_topics().send().await.unwrap();
        let topic = topics.topics()[0].topic_arn().unwrap();
        assert_eq!(topic, format!("arn:{partition}:sns:{region}:000000000000:image-uploads"));
        let subscriptions = sns.list_subscriptions_by_topic().topic_arn(topic).send().await.unwrap();
        let subscription = subscriptions.subscriptions()[1].subscription_arn().unwrap();
        let attributes = sns.get_subscription_attributes().subscription_arn(subscription).send().await.unwrap();
        let all = aws_sdk_sqs::types::QueueAttributeName::All;
        let answers = [
            envelope,
            format!("{:?}", sns.get_topic_attributes().topic_arn(topic).send().await.unwrap()),
            format!("{subscriptions:?} {attributes:?}"),
            format!("{:?}", sqs.get_queue_attributes().queue_url(&url).attribute_names(all).send().await.unwrap()),
            format!("{:?}", logs.describe_log_groups().send().await.unwrap()),
            format!("{:?}", s3.get_bucket_notification_configuration().bucket(BUCKET).send().await.unwrap()),
            get(&cloud, &format!("/2015-03-31/functions/{FUNCTION}")).await,
            get(&cloud, &format!("/2015-03-31/functions/{FUNCTION}/policy")).await,
            get(&cloud, &format!("/2019-09-25/functions/{FUNCTION}/event-invoke-config")).await,
            get(&cloud, "/?Action=GetCallerIdentity&Version=2011-06-15").await,
        ];
        for answer in answers {
            // A space follows a member whose name ends in `arn`.
            let arns: Vec<&str> = answer.split("arn:").skip(1).filter(|arn| !arn.starts_with(' ')).collect();
            let start = format!("{partition}:");
            assert!(!arns.is_empty() && arns.iter().all(|arn| arn.starts_with(&start)), "{partition}: {answer}");
        }
        cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_uploads_at_once_give_five_hundred_notifications() {
    let cloud = start().await;
    let (s3, sqs) = (client!(aws_sdk_s3, cloud.endpoint()), client!(aws_sdk_sqs, cloud.endpoint()));
    let upload = |number: usize| {
        let body = ByteStream::from(number.to_string().into_bytes());
        let put = s3.put_object().bucket(BUCKET).key(format!("{number}.png")).body(body);
        async move { (format!("{number}.png"), put.send().await.unwrap().request_id().unwrap().to_owned()) }
    };
    let mut expected = futures_util::future::join_all((0..500).map(upload)).await;
    let mut received: Vec<_> = notifications(&sqs, &cloud, 500)
        .await
        .iter()
        .map(|notification| {
            (
                notification["subject"].as_str().unwrap().to_owned(),
                notification["data"]["s3RequestId"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    expected.sort();
    received.sort();
    assert_eq!(received, expected, "each upload exactly once, under its own request id");
    cloud.stop().await;
}
