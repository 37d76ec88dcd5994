//! Doctor against the local cloud: healthy, one thing broken at a time, and with things that may not be looked at.

mod denied;
mod evidence;
mod rich;

use std::time::Duration;

use imgwatch::domain::diagnosis::CheckStatus;
use imgwatch_local::{BUCKET, FUNCTION, Fault, LocalCloud, TOPIC};

use super::bench;
use crate::doctor_cases::{self as cases, Pipeline, find};

async fn pipeline() -> (LocalCloud, Pipeline) {
    let cloud = bench::cloud().await;
    let pipeline = Pipeline::at(cloud.endpoint(), BUCKET, FUNCTION, TOPIC).await;
    (cloud, pipeline)
}

/// Lets so many requests through and refuses the rest.
fn refuse_after(cloud: &LocalCloud, service: &str, operation: &str, requests: usize) {
    let rate = Fault::Rate { requests, per: Duration::from_hours(1) };
    bench::inject(cloud, service, operation, u32::MAX, rate);
}

/// The seeded mail address was confirmed by its link.
const TRUE_WARNINGS: [&str; 1] = ["unsubscribe-links"];

#[tokio::test]
async fn a_healthy_pipeline_has_no_failures() {
    let (_cloud, pipeline) = pipeline().await;
    cases::healthy(&pipeline, &TRUE_WARNINGS).await;
}

#[tokio::test]
async fn what_is_wrong_between_bucket_and_function_is_found_and_fixed() {
    let (_cloud, pipeline) = pipeline().await;
    cases::notification_removed(&pipeline).await;
    cases::suffix_of_another_case(&pipeline).await;
    cases::only_put(&pipeline).await;
    cases::permission_removed(&pipeline).await;
    cases::healthy(&pipeline, &TRUE_WARNINGS).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_function_is_found_and_fixed() {
    let (_cloud, pipeline) = pipeline().await;
    cases::topic_variable_wrong(&pipeline).await;
    cases::log_level_too_high(&pipeline).await;
    let put = pipeline.lambda.put_function_concurrency().function_name(FUNCTION);
    put.reserved_concurrent_executions(0).send().await.unwrap();
    pipeline.found_and_fixed(None, "concurrency", CheckStatus::Failure).await;
    cases::healthy(&pipeline, &TRUE_WARNINGS).await;
}

#[tokio::test]
async fn what_is_wrong_with_the_subscribers_is_found_and_fixed() {
    let (_cloud, pipeline) = pipeline().await;
    cases::filter_excludes_everything(&pipeline).await;
    cases::healthy(&pipeline, &TRUE_WARNINGS).await;
    cases::subscription_pending(&pipeline, "email", "new@example.com").await;
    cases::healthy(&pipeline, &[TRUE_WARNINGS[0], "pending"]).await;
}

#[tokio::test]
async fn a_type_that_the_function_skips_is_reported() {
    let (_cloud, pipeline) = pipeline().await;
    let check = pipeline.check(Some("notes.txt"), "image-types").await;
    assert_eq!(check.status, CheckStatus::Failure, "{check:#?}");
    assert!(check.found.raw().contains("text/plain"), "{check:#?}");
}

#[tokio::test]
async fn an_operation_that_an_endpoint_does_not_offer_is_no_failure() {
    let (cloud, pipeline) = pipeline().await;
    bench::fail(&cloud, "lambda", "GetFunctionConcurrency", 1, 501, "NotImplementedException");
    let check = pipeline.check(None, "concurrency").await;
    assert_eq!((check.status, check.permission), (CheckStatus::NotChecked, None), "{check:#?}");
    assert_eq!(check.found.raw(), "the endpoint does not offer lambda:GetFunctionConcurrency");
}

#[tokio::test]
async fn parts_that_do_not_exist_are_failures_of_their_own() {
    let (_cloud, mut pipeline) = pipeline().await;
    pipeline.settings.bucket = Some("no-such-bucket".to_owned());
    pipeline.settings.function = Some("no-such-function".to_owned());
    pipeline.settings.topic = Some("no-such-topic".to_owned());
    let report = pipeline.diagnose(Some("x.png")).await;
    for id in ["bucket", "function", "topic"] {
        let check = find(&report, id);
        assert_eq!(check.status, CheckStatus::Failure, "{check:#?}");
        assert!(!check.fix.is_empty(), "{check:#?}");
    }
}
