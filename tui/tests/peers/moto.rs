//! Against moto 5.2.5: pages of every listing, and the errors of things that are not there.
//!
//! What moto gets wrong, as far as it matters here: it runs no function without Docker, its S3 events lack most fields, and
//! it confirms every subscription at once. So no upload is followed on it but by a log that `other_functions.rs` writes.

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use aws_sdk_s3::primitives::ByteStream;
use futures_util::stream::{self, StreamExt as _};
use serde_json::Value;

use super::account::Account;
use super::emulator::Emulator;
use super::pipeline::{BUCKET, FUNCTION, TOPIC};

/// The texts of one field.
fn field(rows: &[Value], name: &str) -> BTreeSet<String> {
    rows.iter().map(|row| row[name].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn every_object_of_several_pages_is_listed_once() {
    let emulator = Emulator::moto();
    let account = Account::of(&emulator).await;
    account.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
    // S3's pages hold a thousand keys.
    let keys: BTreeSet<String> = (0..2_003).map(|n| format!("folder {}/été+{n:04}.png", n % 7)).collect();
    stream::iter(&keys)
        .for_each_concurrent(8, |key| {
            let put = account.s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from_static(b"image"));
            async move { drop(put.send().await.unwrap()) }
        })
        .await;
    let done = emulator.run(&["objects", "--json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows = done.json();
    assert_eq!(rows.len(), keys.len());
    assert_eq!(field(&rows, "key"), keys);
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn every_subscription_of_several_pages_is_listed_once() {
    let emulator = Emulator::moto();
    let account = Account::of(&emulator).await;
    let topic_arn = account.topic(TOPIC).await;
    // SNS's pages hold a hundred.
    let addresses: BTreeSet<String> = (0..203).map(|n| format!("reader{n:03}@example.com")).collect();
    for address in &addresses {
        account.subscribe(&topic_arn, "email", address).await;
    }
    let done = emulator.run(&["subscriptions", "--json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows = done.json();
    assert_eq!(rows.len(), addresses.len());
    assert_eq!(field(&rows, "endpoint"), addresses);
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn every_line_of_several_pages_and_streams_is_printed_once() {
    let emulator = Emulator::moto();
    let account = Account::of(&emulator).await;
    let group = format!("/aws/lambda/{FUNCTION}");
    account.logs.create_log_group().log_group_name(&group).send().await.unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    let mut written = BTreeSet::new();
    // CloudWatch's pages hold ten thousand events. Many of these share a millisecond, and the streams overlap in time.
    for stream in ["one", "two"] {
        account.logs.create_log_stream().log_group_name(&group).log_stream_name(stream).send().await.unwrap();
        for batch in 0..3 {
            let put = account.logs.put_log_events().log_group_name(&group).log_stream_name(stream);
            let events = (0..2_000).map(|n| {
                let message = format!("{stream} {batch} {n}");
                written.insert(message.clone());
                let at = now - 60_000 + i64::from(batch) * 10_000 + i64::from(n) / 100;
                InputLogEvent::builder().timestamp(at).message(message).build().unwrap()
            });
            put.set_log_events(Some(events.collect())).send().await.unwrap();
        }
    }
    let done = emulator.run(&["logs", "--since", "10m", "--json"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let rows = done.json();
    assert_eq!(rows.len(), written.len());
    assert_eq!(field(&rows, "message"), written);
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_is_not_there_is_told_by_name() {
    let emulator = Emulator::moto();
    for args in [
        &["objects", "--bucket", "no-such-bucket"][..],
        &["upload", "--test-image", "--bucket", "no-such-bucket"],
        &["subscriptions", "--topic", "no-such-topic"],
    ] {
        let done = emulator.run(args);
        assert_eq!(done.code, Some(1), "{args:?}: {}{}", done.stdout, done.stderr);
        let said = done.stdout + &done.stderr;
        assert!(said.contains(args[args.len() - 1]), "{args:?}: {said}");
    }
    let done = emulator.run(&["subscribe", "you@example.com", "--topic", "no-such-topic"]);
    assert_eq!(done.code, Some(1), "{}", done.stdout);
    for word in ["you@example.com", "no-such-topic", "Topic does not exist"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    // A function that never ran has no log group yet, which proves nothing and is no failure.
    let done = emulator.run(&["logs"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(3), ""), "{}", done.stderr);
}
