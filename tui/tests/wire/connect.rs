//! Connecting, and what becomes of effects when that does not work.

use std::time::Duration;

use imgwatch::config::{Feeds, Target};
use imgwatch::domain::ids::{RequestId, UploadId};
use imgwatch::domain::objects::ListingOrder;
use imgwatch::domain::transfer::UploadNews;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use tokio::net::TcpListener;

use super::bench::{self, Bench};

#[tokio::test]
async fn names_are_resolved_and_the_inbox_is_found() {
    let cloud = bench::cloud().await;
    let mut bench = Bench::on(&cloud).await;
    let (pipeline, inbox) = bench
        .until(|update| match update {
            Update::Connected { pipeline, inbox } => Some((pipeline, inbox)),
            _ => None,
        })
        .await;
    assert_eq!(pipeline.topic.shown(), imgwatch_local::TOPIC);
    assert_eq!(pipeline.target.shown(), format!("local {}", cloud.endpoint().trim_start_matches("http://")));
    assert!(inbox);
}

#[tokio::test]
async fn an_endpoint_that_starts_later_is_found_later() {
    let port = free_port().await;
    let mut bench = Bench::new(bench::settings(&format!("http://127.0.0.1:{port}")), Feeds::default());
    bench.perform(CloudEffect::ListObjects { request: RequestId(1), order: ListingOrder::ByKey });
    let problem = bench
        .until(|update| match update {
            Update::ConnectionFailed(problem) => Some(problem),
            _ => None,
        })
        .await;
    assert!(problem.is_transient(), "{problem}");
    assert!(problem.hint.contains("imgwatch local"), "{problem}");

    let cloud = bench::cloud_on(port).await;
    bench::s3(&cloud).create_bucket().bucket("bench").send().await.expect("the bucket is made");
    bench.until(|update| matches!(update, Update::Connected { .. }).then_some(())).await;
    bench.until(|update| matches!(update, Update::ObjectsListed { request: RequestId(1), .. }).then_some(())).await;
}

#[tokio::test]
async fn a_connection_that_failed_for_good_answers_everything_and_can_be_tried_again() {
    let mut bench = Bench::new(bench::settings("nonsense"), Feeds::default());
    for attempt in 1..=2 {
        bench.perform(CloudEffect::ListObjects { request: RequestId(attempt), order: ListingOrder::ByKey });
        let mut failed = false;
        let mut answered = false;
        while !(failed && answered) {
            let (connection, listing) = bench
                .until(|update| match update {
                    Update::ConnectionFailed(problem) => Some((!problem.is_transient(), false)),
                    Update::ObjectsFailed { request, .. } => Some((false, request == RequestId(attempt))),
                    _ => None,
                })
                .await;
            failed |= connection;
            answered |= listing;
        }
    }
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: bench::test_image() });
    bench.until(|update| matches!(update, Update::Upload(UploadId(1), UploadNews::Failed(_))).then_some(())).await;
    bench.perform(CloudEffect::ListSubscriptions { request: RequestId(9), refresh: false });
    bench.until(|update| matches!(update, Update::SubscriptionsFailed { .. }).then_some(())).await;
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_a_problem_with_a_hint() {
    let mut settings = bench::settings("");
    settings.target = Target::Aws { profile: Some("no-such-profile".to_owned()), region: Some("eu-west-1".to_owned()) };
    let mut bench = Bench::new(settings, Feeds::default());
    let problem = bench
        .until(|update| match update {
            Update::ConnectionFailed(problem) => Some(problem),
            _ => None,
        })
        .await;
    assert!(!problem.is_transient() && problem.hint.contains("aws login"), "{problem}");
    assert!(problem.what.shown().contains("no-such-profile"), "{problem}");
}

#[tokio::test]
async fn stopping_ends_even_without_a_receiver() {
    let cloud = bench::cloud().await;
    let minute = Some(Duration::from_mins(1));
    let feeds = Feeds { logs: minute, delivery_status: minute, inbox: true, ..Feeds::default() };
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), feeds);
    bench.until(|update| matches!(update, Update::Connected { .. }).then_some(())).await;
    for number in 0..200 {
        // The bucket is missing, so that each of them has something to say, more than the channel holds.
        bench.perform(CloudEffect::Upload { id: UploadId(number), upload: bench::test_image() });
    }
    // Their updates are not received, so that without a limit of its own it would never end.
    tokio::time::timeout(Duration::from_mins(1), bench.driver.stop()).await.expect("it ends");
}

/// A port without a listener, as far as that can be known.
async fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    listener.local_addr().expect("an address").port()
}
