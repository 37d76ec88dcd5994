//! The wiring: read as far as it can be, shown so far, and read again where something only failed for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_lambda::types::Environment;
use imgwatch::config::{Feeds, Settings, Target};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::log::Tail;
use imgwatch::domain::wiring::{EdgeKind, NodeKind, State, Wiring};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{BUCKET, FUNCTION, TOPIC};

use super::bench::{self, Bench};
use crate::raw::{Raw, Request, http};

const DONE: &str = "arn:aws:sns:us-east-1:000000000000:done";

/// Only the bucket is named: everything else is found, or is not.
fn settings(url: &str, bucket: &str) -> Settings {
    let target = Target::Endpoint { url: url.to_owned(), profile: None, region: None };
    Settings { target, bucket: Some(bucket.to_owned()), ..Settings::default() }
}

/// The first wiring of which this holds.
async fn wiring(bench: &mut Bench, holds: impl Fn(&Wiring) -> bool) -> Arc<Wiring> {
    bench
        .until(|update| match update {
            Update::Wiring(wiring) if holds(&wiring) => Some(wiring),
            Update::ConnectionFailed(problem) => panic!("{problem}"),
            _ => None,
        })
        .await
}

/// The function of the local cloud publishes to another topic from now on.
async fn publish_to(cloud: &imgwatch_local::LocalCloud, topic: &str) {
    let lambda = bench::client!(aws_sdk_lambda, cloud);
    let environment = Environment::builder().variables("SNS_TOPIC_ARN", topic).variables("ALARMS", DONE).build();
    let update = lambda.update_function_configuration().function_name(FUNCTION).environment(environment);
    update.send().await.expect("the function is changed");
}

#[tokio::test]
async fn rules_function_topics_and_log_group_are_found() {
    let cloud = bench::cloud().await;
    let topic = format!("arn:aws:sns:us-east-1:000000000000:{TOPIC}");
    publish_to(&cloud, &topic).await;
    let mut bench = Bench::new(settings(cloud.endpoint(), BUCKET), Feeds::default());
    let found = wiring(&mut bench, |_| true).await;
    let states = [NodeKind::Bucket, NodeKind::Function, NodeKind::Topic, NodeKind::LogGroup]
        .map(|kind| found.followed(kind).map(|node| (node.name.raw(), node.state, node.is_assumed)));
    let group = format!("/aws/lambda/{FUNCTION}");
    assert_eq!(
        states,
        [
            Some((BUCKET, State::Ok, false)),
            Some((FUNCTION, State::Ok, false)),
            Some((TOPIC, State::NotRead, false)),
            Some((group.as_str(), State::NotRead, false)),
        ]
    );
    let rules: Vec<_> = found.paths_of("ObjectCreated:Put", "cat.png").collect();
    assert!(matches!(rules[..], [edge] if matches!(edge.kind, EdgeKind::Rule(_))), "{rules:?}");
    let function = found.followed(NodeKind::Function).unwrap();
    let topics: Vec<&str> = found.after(function, NodeKind::Topic).map(|node| node.name.raw()).collect();
    assert_eq!(topics, ["done", TOPIC], "both are there, and ours is followed");
    cloud.stop().await;
}

#[tokio::test]
async fn what_could_not_be_read_for_a_while_is_read_again() {
    for (status, code) in [(429, "TooManyRequestsException"), (503, "ServiceUnavailableException")] {
        let cloud = bench::cloud().await;
        publish_to(&cloud, DONE).await;
        // The SDK itself tries three times.
        bench::fail(&cloud, "lambda", "GetFunctionConfiguration", 3, status, code);
        let mut bench = Bench::new(settings(cloud.endpoint(), BUCKET), Feeds::default());
        let first = wiring(&mut bench, |_| true).await;
        let function = first.followed(NodeKind::Function).unwrap();
        assert_eq!((function.name.raw(), function.state), (FUNCTION, State::NotRead), "the rule names it");
        assert!(first.may_change() && first.name(NodeKind::Topic) == TOPIC, "the usual name stands in: {first:?}");
        let later = wiring(&mut bench, |wiring| wiring.name(NodeKind::Topic) == "done").await;
        assert_eq!(later.followed(NodeKind::Function).unwrap().state, State::Ok);
        assert!(!later.may_change());
        cloud.stop().await;
    }
}

#[tokio::test]
async fn a_bucket_that_could_not_be_read_for_a_while_is_read_again() {
    let cloud = bench::cloud().await;
    bench::fail(&cloud, "s3", "GetBucketNotificationConfiguration", 3, 503, "ServiceUnavailable");
    let mut bench = Bench::new(settings(cloud.endpoint(), BUCKET), Feeds::default());
    let first = wiring(&mut bench, |_| true).await;
    assert_eq!(first.followed(NodeKind::Bucket).unwrap().state, State::NotRead);
    let later = wiring(&mut bench, |wiring| wiring.edges().iter().any(|edge| edge.from.kind == NodeKind::Bucket)).await;
    assert_eq!(later.followed(NodeKind::Bucket).unwrap().state, State::Ok);
    cloud.stop().await;
}

#[tokio::test]
async fn a_refusal_is_shown_at_its_node_and_not_asked_again() {
    let cloud = bench::cloud().await;
    bench::fail(&cloud, "lambda", "GetFunctionConfiguration", u32::MAX, 403, "AccessDeniedException");
    let mut bench = Bench::new(settings(cloud.endpoint(), BUCKET), Feeds::default());
    let found = wiring(&mut bench, |_| true).await;
    let function = found.followed(NodeKind::Function).unwrap();
    assert_eq!(function.state, State::Denied("lambda:GetFunctionConfiguration"));
    assert!(!found.may_change(), "{found:?}");
    assert_eq!(found.followed(NodeKind::Bucket).unwrap().state, State::Ok, "the rest goes on");
    cloud.stop().await;
}

#[tokio::test]
async fn the_dashboard_reads_all_of_it_and_a_refresh_says_what_changed() {
    let cloud = bench::cloud().await;
    publish_to(&cloud, &format!("arn:aws:sns:us-east-1:000000000000:{TOPIC}")).await;
    let feeds = Feeds { wiring: true, ..Feeds::default() };
    let mut bench = Bench::new(settings(cloud.endpoint(), BUCKET), feeds);
    // What is found on the way is drawn before the end of it.
    let first = wiring(&mut bench, |_| true).await;
    assert_eq!(first.of(NodeKind::Subscriber).count(), 0, "{first:?}");
    let whole = wiring(&mut bench, |wiring| wiring.of(NodeKind::Subscriber).count() > 0).await;
    assert_eq!(whole.followed(NodeKind::Topic).unwrap().state, State::Ok);
    let done =
        |wiring: &Wiring| wiring.of(NodeKind::Topic).find(|node| node.name.raw() == "done").map(|node| node.state);
    assert_eq!(done(&whole), Some(State::Missing), "a variable names a topic that is not there");

    publish_to(&cloud, DONE).await;
    bench.perform(CloudEffect::ReadWiring);
    let notice = bench
        .until(|update| match update {
            Update::Notice(text) if text.raw().starts_with("pipeline changed: ") => Some(text),
            _ => None,
        })
        .await;
    assert!(notice.raw().contains(&format!("topic {TOPIC} is gone")), "{notice}");
    cloud.stop().await;
}

/// A bucket whose function logs to a group of its own and publishes to a topic; Lambda is busy at first.
fn busy_lambda() -> Raw {
    let refused = AtomicUsize::new(0);
    Raw::start(move |request: &Request| {
        let json = |status: &str, body: &str| http(status, &["content-type: application/x-amz-json-1.1"], body);
        let xml = |body: &str| http("200 OK", &["content-type: text/xml"], body);
        if request.line.contains("?notification") {
            return xml("<NotificationConfiguration><CloudFunctionConfiguration>\
                 <CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:resize</CloudFunction>\
                 <Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration></NotificationConfiguration>");
        }
        if request.line.contains("/functions/resize/configuration") || request.line.contains("function%3Aresize/conf") {
            // Both readers have tried three times.
            if refused.fetch_add(1, Ordering::SeqCst) < 6 {
                return json("503 Service Unavailable", "{}");
            }
            return json(
                "200 OK",
                &format!(
                    r#"{{"FunctionName":"resize","Environment":{{"Variables":{{"WHERE":"{DONE}"}}}},
                        "LoggingConfig":{{"LogFormat":"Text","LogGroup":"/custom/resize"}}}}"#
                ),
            );
        }
        if request.line.starts_with("POST /") && request.body.contains("\"/custom/resize\"") {
            let now = jiff::Timestamp::now().as_millisecond();
            return json(
                "200 OK",
                &format!(
                    r#"{{"events":[{{"eventId":"1","logStreamName":"s","timestamp":{now},"ingestionTime":{now},"message":"hello"}}]}}"#
                ),
            );
        }
        if request.body.contains("ListSubscriptionsByTopic") && request.body.contains("done") {
            return xml("<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions/>\
                 </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>");
        }
        json("400 Bad Request", r#"{"__type":"ResourceNotFoundException","message":"there is none"}"#)
    })
}

#[tokio::test]
async fn a_log_group_and_a_topic_that_become_known_later_are_followed_without_a_restart() {
    let server = busy_lambda();
    let feeds =
        Feeds { logs: Some(Duration::from_mins(1)), delivery_status: Some(Duration::from_mins(1)), ..Feeds::default() };
    let mut bench = Bench::new(settings(&format!("http://127.0.0.1:{}", server.port), "store"), feeds);
    let first = wiring(&mut bench, |_| true).await;
    assert_eq!((first.name(NodeKind::Function), first.name(NodeKind::LogGroup)), ("resize", "/aws/lambda/resize"));
    for kind in [NodeKind::LogGroup, NodeKind::Topic] {
        assert!(first.followed(kind).unwrap().is_assumed, "only the usual name is known");
    }

    tokio::time::timeout(Duration::from_mins(1), followed(&mut bench)).await.expect("what became known is followed");
}

/// Until the topic's subscriptions are listed and the log's line has come, after the log before was left.
async fn followed(bench: &mut Bench) {
    let (mut is_reset, mut is_listed, mut has_lines, mut has_topic) = (false, false, false, false);
    while !(is_reset && is_listed && has_lines && has_topic) {
        match bench.until(Some).await {
            Update::Tail(Tail::Connecting) => is_reset = true,
            Update::LogLines(lines) => {
                assert!(is_reset, "the log before is left first");
                has_lines = lines.iter().any(|line| line.text.raw() == "hello");
            }
            Update::SubscriptionsListed { request: RequestId(1), .. } => is_listed = true,
            Update::SubscriptionsFailed { problem, .. } | Update::ConnectionFailed(problem) => panic!("{problem}"),
            Update::Wiring(wiring) if wiring.name(NodeKind::Topic) == "done" && !has_topic => {
                has_topic = true;
                bench.perform(CloudEffect::ListSubscriptions { request: RequestId(1), refresh: true });
            }
            _ => {}
        }
    }
}
