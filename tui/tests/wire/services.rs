//! The dashboard's own conversation with a cloud where one service refuses: the others go on, and each panel says why.

use std::time::Duration;

use imgwatch::config::Feeds;
use imgwatch::domain::evidence::Fact;
use imgwatch::domain::ids::{RequestId, UploadId};
use imgwatch::domain::log::Tail;
use imgwatch::domain::objects::ListingOrder;
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::domain::transfer::UploadNews;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, FaultRule, LocalCloud};

use super::bench::{self, Bench};

fn refuse(cloud: &LocalCloud, services: &[&str]) {
    for service in services {
        let fault = Fault::Error { status: 403, code: "AccessDenied".to_owned(), message: "injected".to_owned() };
        cloud.inject(FaultRule { service: (*service).to_owned(), operation: None, times: u32::MAX, fault });
    }
}

/// A connection with all feeds of the dashboard, where these services refuse.
async fn without(services: &[&str]) -> (LocalCloud, Bench) {
    let cloud = bench::cloud().await;
    bench::s3(&cloud).create_bucket().bucket("bench").send().await.expect("the bucket is made");
    refuse(&cloud, services);
    let minute = Some(Duration::from_mins(1));
    let feeds = Feeds { logs: minute, delivery_status: minute, inbox: true, ..Feeds::default() };
    let bench = Bench::new(bench::settings(cloud.endpoint()), feeds);
    (cloud, bench)
}

async fn objects_work(bench: &mut Bench) {
    bench.perform(CloudEffect::Upload { id: UploadId(1), upload: bench::test_image() });
    bench
        .until(|update| match update {
            Update::Facts(facts) if facts.iter().any(|fact| matches!(fact, Fact::Stored { .. })) => Some(()),
            Update::Upload(_, UploadNews::Failed(problem)) | Update::ConnectionFailed(problem) => panic!("{problem}"),
            _ => None,
        })
        .await;
    bench.perform(CloudEffect::ListObjects { request: RequestId(1), order: ListingOrder::ByKey });
    bench.until(|update| matches!(update, Update::ObjectsListed { page, .. } if page.len() == 1).then_some(())).await;
}

async fn subscriptions(bench: &mut Bench) -> Result<usize, Problem> {
    bench.perform(CloudEffect::ListSubscriptions { request: RequestId(2), refresh: true });
    bench
        .until(|update| match update {
            Update::SubscriptionsListed { items, .. } => Some(Ok(items.len())),
            Update::SubscriptionsFailed { problem, .. } => Some(Err(problem)),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn a_refusal_by_sts_blinds_no_panel() {
    let (cloud, mut bench) = without(&["sts"]).await;
    objects_work(&mut bench).await;
    assert!(subscriptions(&mut bench).await.expect("the list of topics names the topic") > 0);
    cloud.stop().await;
}

#[tokio::test]
async fn a_refusal_by_sts_and_sns_is_shown_where_subscriptions_are() {
    let (cloud, mut bench) = without(&["sts", "sns"]).await;
    objects_work(&mut bench).await;
    let problem = subscriptions(&mut bench).await.expect_err("nothing names the topic's account");
    assert_eq!(problem.kind, ProblemKind::Denied, "{problem}");
    assert!(problem.why.shown().contains("sts:GetCallerIdentity") && problem.hint.contains("--topic"), "{problem}");
    cloud.stop().await;
}

#[tokio::test]
async fn where_only_s3_answers_each_panel_says_why_it_is_empty() {
    let (cloud, mut bench) = without(&["sts", "sns", "lambda", "logs", "sqs", "monitoring"]).await;
    let problem = bench
        .until(|update| match update {
            Update::Tail(Tail::Failed(problem)) => Some(problem),
            Update::ConnectionFailed(problem) => panic!("{problem}"),
            _ => None,
        })
        .await;
    assert!(problem.why.shown().contains("logs:FilterLogEvents is not allowed"), "{problem}");
    objects_work(&mut bench).await;
    assert_eq!(subscriptions(&mut bench).await.expect_err("SNS refuses").kind, ProblemKind::Denied);
    cloud.stop().await;
}

#[tokio::test]
async fn what_passes_is_asked_again() {
    let cloud = bench::cloud().await;
    // Three times each: the SDK itself tries so often.
    bench::fail(&cloud, "sts", "GetCallerIdentity", 3, 503, "ServiceUnavailable");
    bench::fail(&cloud, "sns", "ListTopics", 3, 503, "ServiceUnavailable");
    let mut bench = Bench::new(bench::settings(cloud.endpoint()), Feeds::default());
    let problem = subscriptions(&mut bench).await.expect_err("STS does not answer yet");
    assert!(problem.is_transient(), "{problem}");
    assert!(subscriptions(&mut bench).await.expect("and later it does") > 0);
    cloud.stop().await;
}
