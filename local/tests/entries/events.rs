//! EventBridge: rules, patterns, targets, and the events of S3 and of programs.

use std::time::Duration;

use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::types::{DeadLetterConfig, PutEventsRequestEntry, RetryPolicy, RuleState, Target};
use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration};
use serde_json::{Value, json};

use super::common::{ACCOUNT, Stage, WORKER, arn, function_arn, parsed, start};

const RULE: &str = "orders";

async fn put_rule(stage: &Stage, pattern: &Value) -> String {
    let put = stage.events.put_rule().name(RULE).event_pattern(pattern.to_string());
    put.send().await.unwrap().rule_arn.unwrap()
}

async fn put_target(stage: &Stage, target: Target) {
    let put = stage.events.put_targets().rule(RULE).targets(target).send().await.unwrap();
    assert_eq!(put.failed_entry_count(), 0);
}

fn target(id: &str, arn: &str) -> aws_sdk_eventbridge::types::builders::TargetBuilder {
    Target::builder().id(id).arn(arn)
}

fn entry(source: &str, detail: &Value) -> PutEventsRequestEntry {
    let entry = PutEventsRequestEntry::builder().source(source).detail_type("Order").resources("arn:x");
    entry.detail(detail.to_string()).build()
}

async fn body(stage: &Stage, queue: &str) -> Value {
    serde_json::from_str(stage.take(queue).await.body().unwrap()).unwrap()
}

#[tokio::test]
async fn a_rule_is_put_described_listed_disabled_and_deleted() {
    let stage = start("").await;
    let events = &stage.events;
    let arn_of_rule = put_rule(&stage, &json!({"source": ["a"]})).await;
    assert_eq!(arn_of_rule, arn("events", "rule/orders"));
    let described = events.describe_rule().name(RULE).event_bus_name("default").send().await.unwrap();
    assert_eq!((described.arn(), described.created_by()), (Some(arn_of_rule.as_str()), Some(ACCOUNT)));
    assert_eq!(
        (described.event_pattern(), described.state()),
        (Some(r#"{"source":["a"]}"#), Some(&RuleState::Enabled))
    );
    assert_eq!((described.event_bus_name(), described.description()), (Some("default"), None));
    put_target(&stage, target("one", &arn("sqs", "q")).build().unwrap()).await;
    let retries = RetryPolicy::builder().maximum_retry_attempts(3).maximum_event_age_in_seconds(60).build();
    let dead = DeadLetterConfig::builder().arn(arn("sqs", "dead")).build();
    let full =
        target("two", &function_arn(WORKER)).input_path("$.detail").retry_policy(retries).dead_letter_config(dead);
    let full = full.role_arn("arn:aws:iam::000000000000:role/r").build().unwrap();
    put_target(&stage, full.clone()).await;
    // A rule that is put again keeps its targets.
    events
        .put_rule()
        .name(RULE)
        .event_pattern(r#"{"source":["b"]}"#)
        .description("d")
        .state(RuleState::Disabled)
        .send()
        .await
        .unwrap();
    let targets = events.list_targets_by_rule().rule(RULE).send().await.unwrap();
    assert_eq!(targets.targets(), [target("one", &arn("sqs", "q")).build().unwrap(), full]);
    let page = events.list_targets_by_rule().rule(RULE).limit(1).send().await.unwrap();
    let rest = events.list_targets_by_rule().rule(RULE).next_token(page.next_token().unwrap()).send().await.unwrap();
    assert_eq!((rest.targets()[0].id(), rest.next_token()), ("two", None));
    let names = events.list_rule_names_by_target().target_arn(function_arn(WORKER)).send().await.unwrap();
    assert_eq!(names.rule_names(), [RULE]);
    let none =
        events.list_rule_names_by_target().target_arn(format!("{}:live", function_arn(WORKER))).send().await.unwrap();
    assert!(none.rule_names().is_empty());

    events.put_rule().name("other").event_pattern(r#"{"source":["a"]}"#).send().await.unwrap();
    let all = events.list_rules().send().await.unwrap();
    let shown: Vec<_> = all.rules().iter().map(|rule| (rule.name().unwrap(), rule.state().unwrap().as_str())).collect();
    assert_eq!(shown, [(RULE, "DISABLED"), ("other", "ENABLED")]);
    assert_eq!(events.list_rules().name_prefix("ot").send().await.unwrap().rules().len(), 1);
    events.enable_rule().name(RULE).send().await.unwrap();
    events.disable_rule().name("other").send().await.unwrap();
    let states = events.list_rules().send().await.unwrap();
    assert_eq!(states.rules()[0].state(), Some(&RuleState::Enabled));
    assert_eq!(states.rules()[1].state(), Some(&RuleState::Disabled));

    let held = events.delete_rule().name(RULE).send().await.unwrap_err();
    assert_eq!(
        (held.code(), held.message()),
        (Some("ValidationException"), Some("Rule can't be deleted since it has targets."))
    );
    events.remove_targets().rule(RULE).ids("one").ids("two").ids("never").send().await.unwrap();
    events.delete_rule().name(RULE).send().await.unwrap();
    events.delete_rule().name(RULE).send().await.unwrap();
    let gone = events.describe_rule().name(RULE).send().await.unwrap_err();
    assert_eq!(gone.code(), Some("ResourceNotFoundException"));
    assert_eq!(gone.message(), Some("Rule orders does not exist on EventBus default."));
    stage.cloud.stop().await;
}

#[tokio::test]
async fn what_aws_refuses_is_refused_in_its_words() {
    let stage = start("").await;
    let put = || stage.events.put_rule().name(RULE);
    let pattern = |pattern: &str| put().event_pattern(pattern).send();
    for (pattern, why) in [
        (r#"{"source":"a"}"#, "\"source\" must be an object or an array"),
        ("{", "Invalid JSON"),
        (r#"{"a":[{"EXISTS":true}]}"#, "Unrecognized match type EXISTS"),
    ] {
        let error = self::put_refused(put().event_pattern(pattern)).await;
        assert_eq!(
            error,
            ("InvalidEventPatternException".to_owned(), format!("Event pattern is not valid. Reason: {why}"))
        );
    }
    let (code, message) = put_refused(put()).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
    );
    let (_, message) = put_refused(put().schedule_expression("rate(5 minutes)")).await;
    assert!(message.starts_with("not implemented: "), "{message}");
    let (code, message) = put_refused(put().event_pattern(r#"{"source":["a"]}"#).event_bus_name("mine")).await;
    assert_eq!((code.as_str(), message.as_str()), ("ResourceNotFoundException", "Event bus mine does not exist."));
    let (code, _) = put_refused(put().name("a rule").event_pattern(r#"{"source":["a"]}"#)).await;
    assert_eq!(code, "ValidationException");

    let targets = |target: Target| stage.events.put_targets().rule(RULE).targets(target).send();
    let sqs = target("t", &arn("sqs", "q"));
    let missing = targets(sqs.clone().build().unwrap()).await.unwrap_err();
    assert_eq!(missing.code(), Some("ResourceNotFoundException"));
    pattern(r#"{"source":["a"]}"#).await.unwrap();
    for (target, message) in [
        (target("t", "q"), "Parameter Arn is not valid. Reason: Provided Arn is not in correct format."),
        (target("t", &arn("states", "stateMachine:m")), "not implemented: a target of the service states"),
        (
            sqs.clone().input("{}").input_path("$.detail"),
            "Only one of Input, InputPath, or InputTransformer must be provided for target t.",
        ),
        (sqs.clone().input("{"), "JSON syntax error in input for target t : "),
        (sqs.clone().input_path("detail"), "Invalid InputPath for target t"),
        (sqs.clone().id("a b"), "1 validation error detected: Value 'a b'"),
    ] {
        let error = targets(target.build().unwrap()).await.unwrap_err();
        assert_eq!(error.code(), Some("ValidationException"), "{error:?}");
        assert!(error.message().unwrap().starts_with(message), "{error:?}");
    }
    for id in 0..5 {
        targets(sqs.clone().id(id.to_string()).build().unwrap()).await.unwrap();
    }
    let error = targets(sqs.id("6").build().unwrap()).await.unwrap_err();
    assert_eq!(error.code(), Some("LimitExceededException"));
    stage.cloud.stop().await;
}

async fn put_refused(
    put: aws_sdk_eventbridge::operation::put_rule::builders::PutRuleFluentBuilder,
) -> (String, String) {
    let error = put.send().await.unwrap_err();
    (error.code().unwrap().to_owned(), error.message().unwrap().to_owned())
}

#[tokio::test]
async fn events_of_programs_reach_queues_topics_and_functions() {
    let stage = start("").await;
    let rule = put_rule(&stage, &json!({"source": ["shop"], "detail": {"price": [{"numeric": [">", 10]}]}})).await;
    let topic = stage.sns.create_topic().name("prices").send().await.unwrap().topic_arn.unwrap();
    let policy = json!({"Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }]});
    let set = stage.sns.set_topic_attributes().topic_arn(&topic).attribute_name("Policy");
    set.attribute_value(policy.to_string()).send().await.unwrap();
    for queue in ["whole", "part", "constant", "subscribed"] {
        stage.queue(queue).await;
        stage.permit(queue, "events.amazonaws.com", &rule).await;
    }
    stage.permit("subscribed", "sns.amazonaws.com", &topic).await;
    stage.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(arn("sqs", "subscribed")).send().await.unwrap();
    stage.allow(WORKER, "events.amazonaws.com", &rule).await;
    put_target(&stage, target("1", &arn("sqs", "whole")).build().unwrap()).await;
    put_target(&stage, target("2", &arn("sqs", "part")).input_path("$.detail.price").build().unwrap()).await;
    put_target(&stage, target("3", &arn("sqs", "constant")).input(r#"{"constant":true}"#).build().unwrap()).await;
    put_target(&stage, target("4", &topic).build().unwrap()).await;
    put_target(&stage, target("5", &function_arn(WORKER)).build().unwrap()).await;

    let put = stage.events.put_events();
    let put = put.entries(entry("shop", &json!({"price": 10}))).entries(entry("shop", &json!({"price": 11})));
    let put = put.entries(entry("aws.s3", &json!({"price": 12}))).entries(entry("other", &json!({"price": 13})));
    let put = put.entries(PutEventsRequestEntry::builder().source("shop").detail_type("Order").detail("text").build());
    let answer =
        put.entries(PutEventsRequestEntry::builder().source("shop").detail("{}").build()).send().await.unwrap();
    let refusals: Vec<_> = answer.entries().iter().map(|entry| (entry.error_code(), entry.error_message())).collect();
    let not_authorized = (Some("NotAuthorizedForSourceException"), Some("Not authorized for the source."));
    let malformed = (Some("MalformedDetail"), Some("Detail is malformed."));
    let missing = (
        Some("InvalidArgument"),
        Some("Parameter DetailType is not valid. Reason: DetailType is a required argument."),
    );
    assert_eq!(refusals, [(None, None), (None, None), not_authorized, (None, None), malformed, missing]);
    assert_eq!(answer.failed_entry_count(), 3);

    let event = body(&stage, "whole").await;
    let expected = json!({
        "version": "0",
        "id": answer.entries()[1].event_id().unwrap(),
        "detail-type": "Order",
        "source": "shop",
        "account": ACCOUNT,
        "time": event["time"],
        "region": "us-east-1",
        "resources": ["arn:x"],
        "detail": {"price": 11},
    });
    assert_eq!(event, expected);
    assert_eq!(event["time"].as_str().unwrap().len(), "2026-11-29T15:00:00Z".len(), "whole seconds");
    assert_eq!(body(&stage, "part").await, json!(11));
    assert_eq!(body(&stage, "constant").await, json!({"constant": true}));
    let envelope = body(&stage, "subscribed").await;
    assert_eq!((parsed(&envelope["Message"]), &envelope["Subject"]), (event.clone(), &Value::Null));
    assert_eq!(stage.invoked(1).await, [(WORKER.to_owned(), event)]);
    assert_eq!(
        stage.count("whole").await.0,
        "0",
        "the event with the lower price, and the other source, matched nothing"
    );
    stage.cloud.stop().await;
}

#[tokio::test]
async fn what_a_target_refuses_goes_to_its_dead_letter_queue() {
    let stage = start("").await;
    let rule = put_rule(&stage, &json!({"source": ["shop"]})).await;
    stage.queue("dead").await;
    stage.permit("dead", "events.amazonaws.com", &rule).await;
    stage.queue("forbidden").await;
    let dead = DeadLetterConfig::builder().arn(arn("sqs", "dead")).build();
    for (queue, code) in [("forbidden", "NO_PERMISSIONS"), ("missing", "NO_RESOURCE")] {
        put_target(&stage, target("t", &arn("sqs", queue)).dead_letter_config(dead.clone()).build().unwrap()).await;
        stage.events.put_events().entries(entry("shop", &json!({"to": queue}))).send().await.unwrap();
        let message = stage.take("dead").await;
        let event: Value = serde_json::from_str(message.body().unwrap()).unwrap();
        assert_eq!(event["detail"]["to"], queue);
        let attributes = message.message_attributes().unwrap();
        let of = |name: &str| attributes[name].string_value().unwrap().to_owned();
        assert_eq!(
            (of("RULE_ARN"), of("TARGET_ARN"), of("ERROR_CODE")),
            (rule.clone(), arn("sqs", queue), code.to_owned())
        );
        assert!(!of("ERROR_MESSAGE").is_empty());
    }
    // A rule that is disabled sends nothing.
    stage.events.disable_rule().name(RULE).send().await.unwrap();
    stage.events.put_events().entries(entry("shop", &json!({"to": "disabled"}))).send().await.unwrap();
    stage.events.enable_rule().name(RULE).send().await.unwrap();
    stage.events.put_events().entries(entry("shop", &json!({"to": "next"}))).send().await.unwrap();
    assert_eq!(body(&stage, "dead").await["detail"]["to"], "next");
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_bucket_sends_its_events_once_eventbridge_is_switched_on() {
    let stage = start("").await;
    stage.s3.create_bucket().bucket("photos").send().await.unwrap();
    let pattern = json!({
        "source": ["aws.s3"],
        "detail": {"bucket": {"name": ["photos"]}, "object": {"key": [{"wildcard": "in/*.png"}]}},
    });
    let rule = put_rule(&stage, &pattern).await;
    stage.queue("changes").await;
    stage.permit("changes", "events.amazonaws.com", &rule).await;
    put_target(&stage, target("t", &arn("sqs", "changes")).build().unwrap()).await;
    stage.upload("photos", "in/before.png").await;
    let on =
        NotificationConfiguration::builder().event_bridge_configuration(EventBridgeConfiguration::builder().build());
    let put = stage.s3.put_bucket_notification_configuration().bucket("photos");
    put.notification_configuration(on.build()).send().await.unwrap();
    let shown = stage.s3.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    assert!(shown.event_bridge_configuration().is_some());
    stage.upload("photos", "out/a.png").await;
    let request_id = stage.upload("photos", "in/a b+é.png").await;
    let event = body(&stage, "changes").await;
    assert_eq!((&event["detail-type"], &event["source"]), (&json!("Object Created"), &json!("aws.s3")));
    assert_eq!(event["resources"], json!(["arn:aws:s3:::photos"]));
    let expected = json!({
        "version": "0",
        "bucket": {"name": "photos"},
        "object": {
            "key": "in/a b+é.png",
            "size": 3,
            "etag": event["detail"]["object"]["etag"],
            "sequencer": event["detail"]["object"]["sequencer"],
        },
        "request-id": request_id,
        "requester": ACCOUNT,
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    });
    assert_eq!(event["detail"], expected);
    stage.s3.delete_object().bucket("photos").key("in/a b+é.png").send().await.unwrap();
    let deleted = body(&stage, "changes").await;
    assert_eq!(
        (&deleted["detail-type"], &deleted["detail"]["deletion-type"]),
        (&json!("Object Deleted"), &json!("Permanently Deleted"))
    );

    let off = NotificationConfiguration::builder().build();
    stage
        .s3
        .put_bucket_notification_configuration()
        .bucket("photos")
        .notification_configuration(off)
        .send()
        .await
        .unwrap();
    let shown = stage.s3.get_bucket_notification_configuration().bucket("photos").send().await.unwrap();
    assert!(shown.event_bridge_configuration().is_none());
    stage.upload("photos", "in/after.png").await;
    tokio::time::timeout(Duration::from_mins(1), stage.empty("changes")).await.unwrap();
    stage.cloud.stop().await;
}
