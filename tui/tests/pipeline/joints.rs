//! Each entry in order, then each of its joints broken by itself: doctor names it, and its own commands repair it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_lambda::types::{Filter, FilterCriteria};
use aws_sdk_s3::types::NotificationConfiguration;
use aws_sdk_sqs::types::QueueAttributeName::{self, KmsMasterKeyId, Policy, RedrivePolicy, VisibilityTimeout};
use serde_json::Value;

use super::program::Server;
use crate::shell::{self, Clients};

const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:image-events";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:image-events";
const FUNCTION: &str = "ImageUploadProcessor";
const KEY: &str = "holiday/cat.png";

/// Generous: only a test that fails waits as long as this.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the repaired pipeline may say: the seeded address was confirmed by the link in its mail.
const KNOWN: &str = "unsubscribe-links";

/// A local cloud with this entry.
struct Patient {
    server: Server,
    aws: Clients,
}

impl Patient {
    fn start(entry: &str) -> Self {
        let server = Server::start(&["--entry", entry]);
        let aws = Clients::at(&server.endpoint);
        Self { server, aws }
    }

    /// What doctor says of the key, and its exit code.
    fn diagnose(&self) -> (Option<i32>, Vec<Value>) {
        let done = self.server.run(&["doctor", KEY, "--json"]);
        let report: Value = serde_json::from_str(&done.stdout).unwrap_or_else(|_| panic!("{}", done.stderr));
        (done.code, report["checks"].as_array().unwrap().clone())
    }

    /// Nothing is wrong.
    fn is_in_order(&self, entry: &str) {
        let (code, checks) = self.diagnose();
        let bad = bad(&checks);
        assert!(bad.is_empty() && code == Some(0), "{entry}: {bad:#?}");
    }

    /// A joint that was broken is named, with words that say how.
    fn is_named(&self, id: &str, (status, exit): (&str, i32), said: &str) -> Vec<Value> {
        let (code, checks) = self.diagnose();
        let check = checks.iter().find(|check| check["id"] == id);
        let check = check.unwrap_or_else(|| panic!("{said}: no {id} in {checks:#?}"));
        assert_eq!(check["status"], status, "{said}: {check:#}");
        assert!(check["found"].as_str().unwrap().contains(said), "{said}: {check:#}");
        assert_eq!(code, Some(exit), "{said}: {:#?}", bad(&checks));
        checks
    }

    /// The same, and what is printed for it repairs it.
    async fn is_named_and_repaired(&self, id: &str, expected: (&str, i32), said: &str) {
        let mut checks = self.is_named(id, expected, said);
        let (began, mut done) = (Instant::now(), BTreeSet::new());
        // What is created again may need its policy as well, which the next look shows.
        while !bad(&checks).is_empty() {
            assert!(began.elapsed() < PATIENCE, "{said}: after {done:#?}: {:#?}", bad(&checks));
            let fixes = bad(&checks).into_iter().filter(|check| check["id"] != "key");
            let lines: Vec<&str> = fixes.filter_map(|check| check["fix"].as_str()).flat_map(str::lines).collect();
            for command in lines.into_iter().filter(|line| !line.starts_with('#')) {
                if done.insert(command.to_owned()) {
                    shell::run(&self.aws, command).await;
                }
            }
            checks = self.diagnose().1;
        }
        assert!(!done.is_empty(), "{said}: nothing was printed that repairs it");
    }
}

/// What is wrong.
fn bad(checks: &[Value]) -> Vec<&Value> {
    let is_bad = |check: &&Value| check["id"] != KNOWN && check["status"] != "ok" && check["status"] != "note";
    checks.iter().filter(is_bad).collect()
}

const FAILS: (&str, i32) = ("failure", 1);
/// Something may be lost, and uploads get through.
const WARNS: (&str, i32) = ("warning", 0);

async fn url(aws: &Clients, name: &str) -> String {
    aws.sqs.get_queue_url().queue_name(name).send().await.unwrap().queue_url.unwrap()
}

async fn set(aws: &Clients, attribute: QueueAttributeName, value: &str) {
    let request = aws.sqs.set_queue_attributes().queue_url(url(aws, "image-events").await);
    request.attributes(attribute, value).send().await.unwrap();
}

async fn mapping(aws: &Clients) -> String {
    let listed = aws.lambda.list_event_source_mappings().event_source_arn(QUEUE).send().await.unwrap();
    listed.event_source_mappings()[0].uuid().unwrap().to_owned()
}

async fn subscription(aws: &Clients) -> String {
    let listed = aws.sns.list_subscriptions_by_topic().topic_arn(TOPIC).send().await.unwrap();
    listed.subscriptions()[0].subscription_arn().unwrap().to_owned()
}

/// Has the mapping take only keys that begin so.
async fn only_keys(aws: &Clients, prefix: &str) {
    let pattern = format!(r#"{{"body":{{"Records":{{"s3":{{"object":{{"key":[{{"prefix":"{prefix}"}}]}}}}}}}}}}"#);
    let criteria = FilterCriteria::builder().filters(Filter::builder().pattern(pattern).build()).build();
    let request = aws.lambda.update_event_source_mapping().uuid(mapping(aws).await);
    request.filter_criteria(criteria).send().await.unwrap();
}

async fn set_subscription(aws: &Clients, attribute: &str, value: &str) {
    let request = aws.sns.set_subscription_attributes().subscription_arn(subscription(aws).await);
    request.attribute_name(attribute).attribute_value(value).send().await.unwrap();
}

async fn delete_queue(aws: &Clients, name: &str) {
    aws.sqs.delete_queue().queue_url(url(aws, name).await).send().await.unwrap();
}

async fn send_nothing(aws: &Clients) {
    let request = aws.s3.put_bucket_notification_configuration().bucket("images");
    request.notification_configuration(NotificationConfiguration::builder().build()).send().await.unwrap();
}

/// Takes away whatever lets others invoke the function.
async fn forbid(aws: &Clients) {
    let policy = aws.lambda.get_policy().function_name(FUNCTION).send().await.unwrap();
    let policy: Value = serde_json::from_str(policy.policy().unwrap()).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        let id = statement["Sid"].as_str().unwrap();
        aws.lambda.remove_permission().function_name(FUNCTION).statement_id(id).send().await.unwrap();
    }
}

async fn put_rule(aws: &Clients, pattern: &str) {
    aws.events.put_rule().name("image-events").event_pattern(pattern).send().await.unwrap();
}

async fn remove_targets(aws: &Clients) {
    let listed = aws.events.list_targets_by_rule().rule("image-events").send().await.unwrap();
    let ids = listed.targets().iter().map(|target| target.id().to_owned()).collect();
    aws.events.remove_targets().rule("image-events").set_ids(Some(ids)).send().await.unwrap();
}

#[tokio::test]
async fn the_joints_of_the_entry_direct() {
    let patient = Patient::start("direct");
    let aws = &patient.aws;
    patient.is_in_order("direct");

    send_nothing(aws).await;
    patient.is_named_and_repaired("notification", FAILS, "no rules at all").await;
    forbid(aws).await;
    patient.is_named_and_repaired("permission", FAILS, "does not allow s3.amazonaws.com to invoke it").await;
    aws.lambda.delete_function().function_name(FUNCTION).send().await.unwrap();
    patient.is_named("function", FAILS, "Function not found");
}

#[tokio::test]
async fn the_joints_of_the_entry_queue() {
    let patient = Patient::start("queue");
    let aws = &patient.aws;
    patient.is_in_order("queue");

    set(aws, Policy, "").await;
    patient.is_named_and_repaired("entry-queue-policy", FAILS, "does not allow s3.amazonaws.com to send").await;
    set(aws, KmsMasterKeyId, "alias/aws/sqs").await;
    patient.is_named_and_repaired("entry-encryption", FAILS, "which s3.amazonaws.com cannot use").await;
    set(aws, VisibilityTimeout, "1").await;
    patient.is_named_and_repaired("visibility-timeout", FAILS, "hides a message for 1 s").await;
    delete_queue(aws, "image-events-failed").await;
    // SQS takes its name again only after a minute.
    patient.is_named("entry-redrive-policy", WARNS, "image-events-failed, which does not exist");
    set(aws, RedrivePolicy, "").await;
    patient.is_named_and_repaired("entry-redrive-policy", WARNS, "no redrive policy").await;

    let update = aws.lambda.update_event_source_mapping().uuid(mapping(aws).await);
    update.enabled(false).send().await.unwrap();
    patient.is_named_and_repaired("event-source-mapping", FAILS, "is switched off").await;
    only_keys(aws, "other/").await;
    patient.is_named_and_repaired("mapping-filters", FAILS, "events of holiday/cat.png do not match").await;
    only_keys(aws, "holiday/").await;
    patient.is_in_order("a filter that the key passes");
    let update = aws.lambda.update_event_source_mapping().uuid(mapping(aws).await);
    update.set_function_response_types(Some(Vec::new())).send().await.unwrap();
    patient.is_named_and_repaired("batch-item-failures", FAILS, "ignores which messages failed").await;
    aws.lambda.delete_event_source_mapping().uuid(mapping(aws).await).send().await.unwrap();
    patient.is_named_and_repaired("event-source-mapping", FAILS, "no function of this account reads").await;

    send_nothing(aws).await;
    patient.is_named_and_repaired("notification", FAILS, "no rules at all").await;
    delete_queue(aws, "image-events").await;
    patient.is_named("entry-queue-policy", FAILS, "queue image-events does not exist");
    aws.lambda.delete_function().function_name(FUNCTION).send().await.unwrap();
    patient.is_named("function", FAILS, "Function not found");
}

#[tokio::test]
async fn the_joints_of_the_entry_topic() {
    let patient = Patient::start("topic");
    let aws = &patient.aws;
    patient.is_in_order("topic");

    let nobody = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let policy = aws.sns.set_topic_attributes().topic_arn(TOPIC).attribute_name("Policy").attribute_value(nobody);
    policy.send().await.unwrap();
    patient.is_named_and_repaired("entry-topic-policy", FAILS, "does not allow s3.amazonaws.com to send").await;
    set_subscription(aws, "FilterPolicy", r#"{"type":["image"]}"#).await;
    patient.is_named_and_repaired("entry-filter-policies", FAILS, "events of holiday/cat.png do not match").await;
    aws.sns.unsubscribe().subscription_arn(subscription(aws).await).send().await.unwrap();
    patient.is_named_and_repaired("entry-subscriptions", FAILS, "no function and no queue is subscribed").await;
    forbid(aws).await;
    patient.is_named_and_repaired("entry-subscriptions", FAILS, "does not allow sns.amazonaws.com").await;
    aws.lambda.delete_function().function_name(FUNCTION).send().await.unwrap();
    patient.is_named("entry-subscriptions", FAILS, "function ImageUploadProcessor does not exist");
    aws.sns.delete_topic().topic_arn(TOPIC).send().await.unwrap();
    patient.is_named("entry-topic-policy", FAILS, "topic image-events does not exist");
}

#[tokio::test]
async fn the_joints_of_the_entry_topic_queue() {
    let patient = Patient::start("topic-queue");
    let aws = &patient.aws;
    patient.is_in_order("topic-queue");

    // In SNS's envelope the event is a text, which the filter cannot look into.
    only_keys(aws, "holiday/").await;
    patient.is_named("mapping-filters", FAILS, "events of holiday/cat.png do not match");
    set_subscription(aws, "RawMessageDelivery", "true").await;
    patient.is_in_order("raw message delivery, and a filter that the key passes");
    set(aws, Policy, "").await;
    patient.is_named_and_repaired("entry-queue-policy", FAILS, "does not allow sns.amazonaws.com to send").await;
    set_subscription(aws, "FilterPolicyScope", "MessageBody").await;
    let keys = |prefix: &str| format!(r#"{{"Records":{{"s3":{{"object":{{"key":[{{"prefix":"{prefix}"}}]}}}}}}}}"#);
    set_subscription(aws, "FilterPolicy", &keys("holiday/")).await;
    patient.is_in_order("a filter policy that the key passes");
    set_subscription(aws, "FilterPolicy", &keys("other/")).await;
    patient.is_named_and_repaired("entry-filter-policies", FAILS, "events of holiday/cat.png do not match").await;
    aws.lambda.delete_event_source_mapping().uuid(mapping(aws).await).send().await.unwrap();
    patient.is_named_and_repaired("event-source-mapping", FAILS, "no function of this account reads").await;
    aws.sns.unsubscribe().subscription_arn(subscription(aws).await).send().await.unwrap();
    patient.is_named_and_repaired("entry-subscriptions", FAILS, "no function and no queue is subscribed").await;
    let listed = aws.sns.list_subscriptions_by_topic().topic_arn(TOPIC).send().await.unwrap();
    assert_eq!(listed.subscriptions()[0].endpoint(), Some(QUEUE), "the queue that the function reads");
}

#[tokio::test]
async fn the_joints_of_the_entry_eventbridge() {
    let patient = Patient::start("eventbridge");
    let aws = &patient.aws;
    patient.is_in_order("eventbridge");

    send_nothing(aws).await;
    let said = "does not send its events to EventBridge, where image-events leads to";
    patient.is_named_and_repaired("notification", FAILS, said).await;
    aws.events.disable_rule().name("image-events").send().await.unwrap();
    patient.is_named_and_repaired("eventbridge-rules", FAILS, "rule image-events is switched off").await;
    put_rule(aws, r#"{"source":["aws.s3"],"detail":{"bucket":{"name":["other"]}}}"#).await;
    let said = "rule image-events invokes ImageUploadProcessor, but not for new objects of images";
    patient.is_named_and_repaired("eventbridge-rules", FAILS, said).await;
    remove_targets(aws).await;
    patient.is_named_and_repaired("eventbridge-rules", FAILS, "rule image-events has no targets").await;
    forbid(aws).await;
    patient.is_named_and_repaired("eventbridge-permission", FAILS, "does not allow events.amazonaws.com").await;
    put_rule(aws, r#"{"source":["aws.s3"],"detail":{"object":{"key":[{"prefix":"other/"}]}}}"#).await;
    patient.is_named("key", FAILS, "no EventBridge rule that leads to it matches");
    aws.lambda.delete_function().function_name(FUNCTION).send().await.unwrap();
    patient.is_named("eventbridge-permission", FAILS, "function ImageUploadProcessor does not exist");
}

#[tokio::test]
async fn the_joints_around_a_target_that_is_a_queue() {
    let patient = Patient::start("eventbridge");
    let aws = &patient.aws;

    let dead_letters = aws.sqs.set_queue_attributes().queue_url(url(aws, "image-events-failed").await);
    dead_letters.attributes(Policy, "").send().await.unwrap();
    let said = "image-events-failed does not allow events.amazonaws.com";
    patient.is_named_and_repaired("eventbridge-dead-letters", WARNS, said).await;
    delete_queue(aws, "image-events-failed").await;
    let said = "the dead-letter queue image-events-failed of rule image-events does not exist";
    patient.is_named("eventbridge-dead-letters", WARNS, said);

    let jobs = queue_of_jobs(aws).await;
    remove_targets(aws).await;
    let target = aws_sdk_eventbridge::types::Target::builder().id("jobs").arn(&jobs).build().unwrap();
    aws.events.put_targets().rule("image-events").targets(target).send().await.unwrap();
    patient.is_named_and_repaired("entry-queue-policy", FAILS, "does not allow events.amazonaws.com to send").await;
    remove_targets(aws).await;
    patient.is_named_and_repaired("eventbridge-rules", FAILS, "rule image-events has no targets").await;
    let listed = aws.events.list_targets_by_rule().rule("image-events").send().await.unwrap();
    assert_eq!(listed.targets()[0].arn(), jobs, "the queue that the function reads");
}

/// A queue that the function reads, and that lets nobody send.
async fn queue_of_jobs(aws: &Clients) -> String {
    aws.sqs.create_queue().queue_name("jobs-dead").send().await.unwrap();
    let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:jobs-dead","maxReceiveCount":5}"#;
    let create = aws.sqs.create_queue().queue_name("jobs").attributes(VisibilityTimeout, "60");
    create.attributes(RedrivePolicy, redrive).send().await.unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:jobs";
    aws.lambda.create_event_source_mapping().function_name(FUNCTION).event_source_arn(arn).send().await.unwrap();
    arn.to_owned()
}
