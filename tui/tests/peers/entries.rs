//! The other entries on emulators: what leads from the bucket to the function by a queue, a topic and EventBridge is found,
//! and an upload is followed over it.
//!
//! What ministack 1.5.33 gets wrong, as far as it is met here:
//! - its S3 events name another request id than S3's answer to the upload, and those of EventBridge no version id;
//! - it asks no policy of a queue, a topic or a function.
//!
//! What moto 5.2.5 gets wrong, as far as it is met here:
//! - it runs no function without Docker, so that its wiring is read and nothing is followed;
//! - a bucket's notification configuration does not say that the bucket sends to EventBridge.

use aws_sdk_eventbridge::types::Target;
use aws_sdk_lambda::types::FunctionResponseType;
use aws_sdk_s3::types::{
    Event, EventBridgeConfiguration, NotificationConfiguration, QueueConfiguration, TopicConfiguration,
};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::account::Account;
use super::emulator::Emulator;
use super::pipeline::{BUCKET, FUNCTION, Pipeline};
use crate::shell::Clients;

/// The queue, the topic and the rule between the bucket and the function.
const NAME: &str = "image-events";
const ENTRIES: [&str; 4] = ["queue", "topic", "topic-queue", "eventbridge"];

/// Wires the bucket to the function by an entry, as `imgwatch local --entry` does.
async fn wire(aws: &Clients, account: &Account, entry: &str) {
    let notifications = NotificationConfiguration::builder();
    let created = Event::from("s3:ObjectCreated:*");
    let function = aws.lambda.get_function_configuration().function_name(FUNCTION).send().await.unwrap();
    let function = function.function_arn().unwrap();
    let bucket = format!("arn:aws:s3:::{BUCKET}");
    let notifications = match entry {
        "queue" => {
            let queue = queue(aws, account, "s3.amazonaws.com", &bucket).await;
            notifications
                .queue_configurations(QueueConfiguration::builder().queue_arn(queue).events(created).build().unwrap())
        }
        "topic" | "topic-queue" => {
            let topic = account.topic(NAME).await;
            let policy = allow("s3.amazonaws.com", "sns:Publish", &topic, &bucket);
            let set = aws.sns.set_topic_attributes().topic_arn(&topic).attribute_name("Policy");
            set.attribute_value(policy).send().await.unwrap();
            if entry == "topic" {
                permit(aws, "sns.amazonaws.com", &topic).await;
                account.subscribe(&topic, "lambda", function).await;
            } else {
                let queue = queue(aws, account, "sns.amazonaws.com", &topic).await;
                account.subscribe(&topic, "sqs", &queue).await;
            }
            notifications
                .topic_configurations(TopicConfiguration::builder().topic_arn(topic).events(created).build().unwrap())
        }
        _ => {
            let pattern = json!({"source": ["aws.s3"], "detail-type": ["Object Created"],
                "detail": {"bucket": {"name": [BUCKET]}}});
            let rule = aws.events.put_rule().name(NAME).event_pattern(pattern.to_string()).send().await.unwrap();
            permit(aws, "events.amazonaws.com", rule.rule_arn().unwrap()).await;
            let target = Target::builder().id("function").arn(function).build().unwrap();
            aws.events.put_targets().rule(NAME).targets(target).send().await.unwrap();
            notifications.event_bridge_configuration(EventBridgeConfiguration::builder().build())
        }
    };
    let put = aws.s3.put_bucket_notification_configuration().bucket(BUCKET);
    put.notification_configuration(notifications.build()).send().await.unwrap();
}

fn allow(service: &str, action: &str, resource: &str, source: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource,
        "Condition": {"ArnLike": {"aws:SourceArn": source}},
    }]})
    .to_string()
}

async fn permit(aws: &Clients, service: &str, source: &str) {
    let add = aws.lambda.add_permission().function_name(FUNCTION).statement_id("entry");
    add.action("lambda:InvokeFunction").principal(service).source_arn(source).send().await.unwrap();
}

/// A queue that this service may send to, and that the function reads; its ARN.
async fn queue(aws: &Clients, account: &Account, service: &str, source: &str) -> String {
    let (_, dead) = account.queue("image-events-failed").await;
    let (url, arn) = account.queue(NAME).await;
    let redrive = json!({"deadLetterTargetArn": dead, "maxReceiveCount": 5}).to_string();
    let set = aws.sqs.set_queue_attributes().queue_url(url);
    let set = set.attributes(QueueAttributeName::Policy, allow(service, "sqs:SendMessage", &arn, source));
    let set = set.attributes(QueueAttributeName::VisibilityTimeout, "360");
    set.attributes(QueueAttributeName::RedrivePolicy, redrive).send().await.unwrap();
    let map = aws.lambda.create_event_source_mapping().function_name(FUNCTION).event_source_arn(&arn);
    map.function_response_types(FunctionResponseType::ReportBatchItemFailures).send().await.unwrap();
    arn
}

/// The kinds of what the path from the bucket to the function leads over, in the graph that is found.
fn path(graph: &Value) -> Vec<String> {
    let edges = graph["edges"].as_array().unwrap();
    let mut at = format!("bucket:{BUCKET}");
    let mut kinds = Vec::new();
    while !at.starts_with("function:") {
        let on = |edge: &&Value| edge["from"] == at.as_str() && edge["kind"] != "failure";
        let edge = edges.iter().find(on).unwrap_or_else(|| panic!("nothing leads on from {at}: {graph:#}"));
        kinds.push(edge["kind"].as_str().unwrap().to_owned());
        at = edge["to"].as_str().unwrap().to_owned();
    }
    assert!(at.ends_with(&format!(":{FUNCTION}")), "{graph:#}");
    kinds
}

fn expected(entry: &str) -> &'static [&'static str] {
    match entry {
        "queue" => &["rule", "event_source_mapping"],
        "topic" => &["rule", "subscription"],
        "topic-queue" => &["rule", "subscription", "event_source_mapping"],
        _ => &["all_events", "pattern", "target"],
    }
}

/// What doctor says of the joints, where it is not in order.
fn wrong_joints(emulator: &Emulator) -> Vec<String> {
    let done = emulator.run(&["doctor", "holiday/cat.png", "--json"]);
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    let joints =
        ["notification", "permission", "key", "entry-", "event", "visibility", "batch", "mapping", "recursion"];
    let checks = report["checks"].as_array().unwrap().iter();
    let is_joint = |check: &&Value| joints.iter().any(|begin| check["id"].as_str().unwrap().starts_with(begin));
    let wrong = checks.filter(is_joint).filter(|check| check["status"] != "ok" && check["status"] != "note");
    wrong.map(|check| format!("{}: {}", check["id"], check["found"])).collect()
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn uploads_are_followed_by_every_entry_on_ministack() {
    for entry in ENTRIES {
        let pipeline = Pipeline::start().await;
        let aws = Clients::at(&pipeline.emulator.endpoint);
        wire(&aws, &pipeline.account, entry).await;
        let graph = pipeline.emulator.run(&["wiring", "--json"]).only(0);
        assert_eq!(path(&graph), expected(entry), "{entry}");
        assert_eq!(wrong_joints(&pipeline.emulator), [""; 0], "{entry}");
        let report = pipeline.emulator.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
        assert_eq!(report["status"], "published", "{entry}: {report:#}");
        let (_, notification) = pipeline.told().await;
        assert_eq!(notification["subject"], report["key"], "{entry}");
    }
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn every_entry_is_found_on_moto() {
    for entry in ENTRIES {
        let emulator = Emulator::moto();
        let (account, aws) = (Account::of(&emulator).await, Clients::at(&emulator.endpoint));
        aws.s3.create_bucket().bucket(BUCKET).send().await.unwrap();
        function(&account).await;
        wire(&aws, &account, entry).await;
        let wrong = wrong_joints(&emulator);
        if entry == "eventbridge" {
            // moto: on AWS the bucket does.
            let said = "does not send its events to EventBridge, where image-events leads to ImageUploadProcessor";
            assert!(wrong.iter().any(|check| check.contains(said)), "{wrong:#?}");
            continue;
        }
        let graph = emulator.run(&["wiring", "--json"]);
        let graph: Value = serde_json::from_str(&graph.stdout).unwrap();
        assert_eq!(path(&graph), expected(entry), "{entry}: {graph:#}");
        assert_eq!(wrong, [""; 0], "{entry}");
    }
}

/// A function that nothing runs, with the role that moto asks for.
async fn function(account: &Account) {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]});
    let template = json!({"Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {
            "FunctionName": FUNCTION, "Runtime": "python3.13", "Handler": "index.handler", "Timeout": 60,
            "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": "def handler(event, context): pass"},
        }},
    }});
    account.stack("function", &template).await;
}
