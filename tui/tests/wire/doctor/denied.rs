//! What may not be read is never reported as in order, and never as none: each operation that doctor makes is denied once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use imgwatch::domain::diagnosis::{CheckStatus, Diagnosis};
use imgwatch_local::LocalCloud;

use super::super::bench;
use super::rich::{self, KEY};
use crate::doctor_cases::find;

/// Operations of one service that are denied together, the permission that is then missing, and the checks that depend
/// on what they read. All other checks come out as before.
struct Case {
    service: &'static str,
    operations: &'static [&'static str],
    permission: &'static str,
    checks: &'static [&'static str],
}

const fn case(
    service: &'static str,
    operations: &'static [&'static str],
    permission: &'static str,
    checks: &'static [&'static str],
) -> Case {
    Case { service, operations, permission, checks }
}

/// The bucket's region is asked for twice: if one operation is denied, the other may answer.
const CASES: [Case; 16] = [
    case("sts", &["GetCallerIdentity"], "sts:GetCallerIdentity", &["caller", "permission"]),
    case("s3", &["HeadBucket"], "s3:ListBucket", &[]),
    case("s3", &["HeadBucket", "GetBucketLocation"], "s3:GetBucketLocation", &["bucket", "regions"]),
    case(
        "s3",
        &["GetBucketNotificationConfiguration"],
        "s3:GetBucketNotification",
        &["notification", "notification-events", "key", "permission"],
    ),
    case("s3", &["ListMultipartUploads"], "s3:ListBucketMultipartUploads", &["incomplete-uploads"]),
    case("s3", &["HeadObject"], "s3:GetObject", &["object", "object-log"]),
    case(
        "lambda",
        &["GetFunctionConfiguration"],
        "lambda:GetFunctionConfiguration",
        &[
            "regions",
            "function",
            "handler",
            "runtime",
            "topic-variable",
            "image-types",
            "failure-queue",
            "log-level",
            "platform-log-level",
            "log-group",
            "recent-failures",
            "object-log",
            "topic-policy",
            "filter-policies",
        ],
    ),
    case("lambda", &["GetPolicy"], "lambda:GetPolicy", &["permission"]),
    case(
        "lambda",
        &["GetFunctionEventInvokeConfig"],
        "lambda:GetFunctionEventInvokeConfig",
        &["failed-events", "failure-queue"],
    ),
    case("lambda", &["GetFunctionConcurrency"], "lambda:GetFunctionConcurrency", &["concurrency"]),
    case("logs", &["DescribeLogGroups"], "logs:DescribeLogGroups", &["log-group"]),
    case("logs", &["FilterLogEvents"], "logs:FilterLogEvents", &["recent-failures", "object-log", "correlation"]),
    case(
        "sns",
        &["GetTopicAttributes"],
        "sns:GetTopicAttributes",
        &["topic", "topic-policy", "encryption", "delivery-status-logging"],
    ),
    case(
        "sns",
        &["ListSubscriptionsByTopic"],
        "sns:ListSubscriptionsByTopic",
        &[
            "delivery-status-logging",
            "subscribers",
            "pending",
            "unsubscribe-links",
            "filter-policies",
            "queue-policies",
            "dead-letter-queues",
        ],
    ),
    case(
        "sns",
        &["GetSubscriptionAttributes"],
        "sns:GetSubscriptionAttributes",
        &["subscribers", "pending", "unsubscribe-links", "filter-policies", "dead-letter-queues"],
    ),
    case(
        "sqs",
        &["GetQueueAttributes"],
        "sqs:GetQueueAttributes",
        &["queue-policies", "failure-queue", "dead-letter-queues"],
    ),
];

/// The only check that reads nothing but the time of an answer, which a refusal has as well.
const CLOCK: &str = "clock";

fn deny(cloud: &LocalCloud, service: &str, operation: &str, times: u32) {
    // Each service has its own words for it.
    let code = match service {
        "s3" | "sqs" => "AccessDenied",
        "sns" => "AuthorizationError",
        _ => "AccessDeniedException",
    };
    bench::fail(cloud, service, operation, times, 403, code);
}

fn statuses(report: &Diagnosis) -> BTreeMap<&'static str, CheckStatus> {
    report.checks.iter().map(|check| (check.id, check.status)).collect()
}

#[tokio::test]
async fn what_may_not_be_read_is_neither_in_order_nor_none() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    let healthy = statuses(&pipeline.diagnose(Some(KEY)).await);
    let bad: Vec<_> =
        healthy.iter().filter(|(id, status)| **status != CheckStatus::Ok && **id != "unsubscribe-links").collect();
    assert!(bad.is_empty(), "{bad:?}");

    let mut covered = BTreeSet::from([CLOCK]);
    for Case { service, operations, permission, checks } in CASES {
        for operation in operations {
            deny(&cloud, service, operation, u32::MAX);
        }
        let report = pipeline.diagnose(Some(KEY)).await;
        cloud.clear_faults();
        for id in checks {
            let check = find(&report, id);
            let found = (check.status, check.permission);
            assert_eq!(found, (CheckStatus::NotChecked, Some(permission)), "without {operations:?}: {check:#?}");
            let said = check.found.raw();
            assert!(said.contains(permission), "without {operations:?}: {check:#?}");
            assert!(check.fix.iter().any(|line| line.raw().contains(permission)), "without {operations:?}: {check:#?}");
            covered.insert(id);
        }
        for (id, status) in statuses(&report) {
            if !checks.contains(&id) {
                assert_eq!(Some(&status), healthy.get(id), "without {operations:?}: {:#?}", find(&report, id));
            }
        }
        let told: BTreeSet<_> = statuses(&report).into_keys().collect();
        assert_eq!(told, healthy.keys().copied().collect(), "without {operations:?} all checks are reported");
    }
    assert_eq!(covered, healthy.keys().copied().collect(), "every check depends on something");
}

/// The table above is only as good as it is complete.
#[test]
fn every_permission_that_doctor_names_is_denied_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cloud/doctor");
    let mut named = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let words =
            source.split('"').filter(|word| word.split(':').count() == 2 && !word.contains(char::is_whitespace));
        let is_service = |word: &&str| ["s3", "sts", "lambda", "logs", "sns", "sqs", "cloudwatch"].contains(word);
        let actions = words.filter(|word| word.split(':').next().as_ref().is_some_and(is_service));
        named.extend(actions.map(str::to_owned));
    }
    // These are denied by tests of their own: a queue's age is shown beside its depth, a URL leads to attributes, and the
    // sandbox is asked for only where a phone number is subscribed.
    let others = ["cloudwatch:GetMetricStatistics", "sqs:GetQueueUrl", "sns:GetSMSSandboxAccountStatus"];
    let denied: BTreeSet<String> = CASES.iter().map(|case| case.permission).chain(others).map(str::to_owned).collect();
    assert_eq!(named, denied);
}

#[tokio::test]
async fn with_nothing_allowed_nothing_is_in_order() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    for Case { service, operations, .. } in CASES {
        for operation in operations {
            deny(&cloud, service, operation, u32::MAX);
        }
    }
    let report = pipeline.diagnose(Some(KEY)).await;
    let wrong: Vec<_> =
        report.checks.iter().filter(|it| it.status != CheckStatus::NotChecked && it.id != CLOCK).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_queues_url_and_the_age_of_its_messages_may_be_denied() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    rich::send(&cloud, rich::FAILED).await;
    deny(&cloud, "monitoring", "GetMetricStatistics", u32::MAX);
    let full = pipeline.check(None, "failure-queue").await;
    assert_eq!(full.status, CheckStatus::Failure, "{full:#?}");
    let said = "1 message, age not checked: cloudwatch:GetMetricStatistics is not allowed";
    assert!(full.found.raw().contains(said), "{full:#?}");
    cloud.clear_faults();
    deny(&cloud, "sqs", "GetQueueUrl", u32::MAX);
    let report = pipeline.diagnose(None).await;
    for id in ["failure-queue", "queue-policies", "dead-letter-queues"] {
        let check = find(&report, id);
        assert_eq!((check.status, check.permission), (CheckStatus::NotChecked, Some("sqs:GetQueueUrl")), "{check:#?}");
    }
}

#[tokio::test]
async fn the_sms_sandbox_may_be_denied() {
    let (cloud, pipeline) = super::pipeline().await;
    let subscribe = pipeline.sns.subscribe().topic_arn(&pipeline.topic_arn).protocol("sms");
    subscribe.endpoint("+15005550006").send().await.unwrap();
    deny(&cloud, "sns", "GetSMSSandboxAccountStatus", u32::MAX);
    let check = pipeline.check(None, "sms-sandbox").await;
    let permission = Some("sns:GetSMSSandboxAccountStatus");
    assert_eq!((check.status, check.permission), (CheckStatus::NotChecked, permission), "{check:#?}");
}

/// What was read of a listing is reported, and what was not.
#[tokio::test]
async fn one_subscription_of_three_that_may_not_be_read_is_reported() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    let third = pipeline.sns.subscribe().topic_arn(&pipeline.topic_arn).protocol("lambda");
    third.endpoint(&pipeline.function_arn).send().await.unwrap();
    deny(&cloud, "sns", "GetSubscriptionAttributes", 1);
    let report = pipeline.diagnose(Some(KEY)).await;
    for id in ["pending", "filter-policies", "dead-letter-queues"] {
        let check = find(&report, id);
        let permission = Some("sns:GetSubscriptionAttributes");
        assert_eq!((check.status, check.permission), (CheckStatus::NotChecked, permission), "{check:#?}");
    }
    let subscribers = find(&report, "subscribers");
    assert_eq!(subscribers.status, CheckStatus::Ok, "two others are known to be confirmed: {subscribers:#?}");
}

#[tokio::test]
async fn a_later_page_that_may_not_be_read_is_reported() {
    let (cloud, mut pipeline) = super::pipeline().await;
    rich::make(&cloud, &mut pipeline).await;
    // A page holds a hundred.
    for number in 0..100 {
        let subscribe = pipeline.sns.subscribe().topic_arn(&pipeline.topic_arn).protocol("email");
        subscribe.endpoint(format!("{number}@example.com")).send().await.unwrap();
    }
    super::refuse_after(&cloud, "sns", "ListSubscriptionsByTopic", 1);
    let report = pipeline.diagnose(Some(KEY)).await;
    cloud.clear_faults();
    for id in ["subscribers", "filter-policies", "queue-policies", "dead-letter-queues", "delivery-status-logging"] {
        let check = find(&report, id);
        assert_eq!(check.status, CheckStatus::NotChecked, "{check:#?}");
        assert!(check.found.raw().contains("the rest of the subscriptions"), "{check:#?}");
    }

    // A page of the log holds a megabyte.
    let long = format!("error {}", "x".repeat(200_000));
    for _ in 0..2 {
        rich::log(&cloud, &[&long, &long, &long, &long]).await;
    }
    super::refuse_after(&cloud, "logs", "FilterLogEvents", 1);
    let check = pipeline.check(None, "recent-failures").await;
    assert_eq!(check.status, CheckStatus::NotChecked, "{check:#?}");
    assert!(check.found.raw().contains("the rest of the last hour of the log"), "{check:#?}");
}
