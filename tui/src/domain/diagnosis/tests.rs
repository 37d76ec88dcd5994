mod evidence;
mod others;
mod paths;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::diagnosis::findings::{
    Attributes, Backlog, BucketNotifications, Caller, EventInvoke, FailedInvocation, Findings, Function, Invocations,
    Joints, Listing, LogGroup, Lookup, Mention, Names, Object, ObjectLog, Queue, Rule, RuleKind, Sighting,
    Subscription, Topic,
};
use crate::domain::diagnosis::{Check, CheckStatus, diagnose};
use crate::domain::parts::Incomplete;
use crate::text::clean::Clean;

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:F";
const FAILED: &str = "arn:aws:sqs:eu-west-1:123456789012:failed";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:t";

fn rule(id: &str, arn: &str, events: &[&str], filter: &[(&str, &str)]) -> Rule {
    Rule {
        kind: if arn.contains(":sqs:") { RuleKind::Queue } else { RuleKind::Function },
        id: Some(id.into()),
        arn: arn.into(),
        events: events.iter().map(|event| Clean::from(*event)).collect(),
        filter: filter.iter().map(|(name, value)| (Clean::from(*name), Clean::from(*value))).collect(),
    }
}

/// Everything as it should be.
pub(super) fn healthy() -> Findings {
    let policy = r#"{"Statement":[{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}]}"#;
    let function = Function {
        arn: FUNCTION.into(),
        state: Some("Active".into()),
        last_update: Some("Successful".into()),
        description: Some(imgwatch_shared::function::DESCRIPTION.into()),
        runtime: Some("provided.al2023".into()),
        handler: Some("bootstrap".into()),
        timeout: Some(10),
        memory: Some(128),
        role: Some("arn:aws:iam::123456789012:role/r".into()),
        variables: BTreeMap::from([("SNS_TOPIC_ARN".to_owned(), TOPIC.into())]),
        log_format: Some("JSON".into()),
        application_level: Some("INFO".into()),
        system_level: Some("INFO".into()),
        ..Function::default()
    };
    Findings {
        names: Names {
            bucket: "b".into(),
            function: "F".into(),
            topic_arn: TOPIC.into(),
            region: "eu-west-1".into(),
            log_group: "/aws/lambda/F".into(),
            profile: None,
            endpoint: None,
        },
        key: None,
        caller: Lookup::Found(Caller {
            account: "123456789012".into(),
            arn: "arn:aws:iam::123456789012:user/u".into(),
        }),
        clock_ahead_ms: Lookup::Found(200),
        bucket_region: Lookup::Found("eu-west-1".into()),
        incomplete_uploads: Lookup::Found(Incomplete::default()),
        notifications: Lookup::Found(BucketNotifications {
            rules: vec![rule("images", FUNCTION, &["s3:ObjectCreated:*"], &[])],
            event_bridge: false,
        }),
        function: Lookup::Found(function),
        function_policy: Lookup::Found(policy.into()),
        event_invoke: Lookup::Found(EventInvoke { on_failure: Some(FAILED.into()), ..EventInvoke::default() }),
        concurrency: Lookup::Found(None),
        log_group: Lookup::Found(LogGroup {
            name: "/aws/lambda/F".into(),
            class: Some("STANDARD".into()),
            retention: None,
        }),
        failures: Lookup::Found(Vec::new().into()),
        invocations: Lookup::Found(Invocations {
            since: jiff::Timestamp::UNIX_EPOCH,
            all: Vec::new(),
            rest: Lookup::Found(()),
            unlisted: Lookup::Found(()),
        }),
        object: Lookup::NotAsked,
        object_log: Lookup::NotAsked,
        topic: Lookup::Found(Topic {
            success_sample_rates: BTreeMap::from([("SQS", 100)]),
            failure_logging: BTreeSet::from(["SQS"]),
            ..Topic::default()
        }),
        subscriptions: Lookup::Found(vec![subscription("sqs", "arn:aws:sqs:eu-west-1:123456789012:q", None)].into()),
        queues: BTreeMap::new(),
        backlogs: backlogs(0),
        sms_sandbox: Lookup::NotAsked,
        joints: Joints::default(),
    }
}

/// The failure destination with so many messages.
fn backlogs(visible: u64) -> BTreeMap<Clean, Lookup<Backlog>> {
    let oldest = if visible > 0 { Lookup::Found(7_200) } else { Lookup::NotAsked };
    BTreeMap::from([(
        FAILED.into(),
        Lookup::Found(Backlog { url: "https://sqs/failed".into(), visible, oldest, ..Backlog::default() }),
    )])
}

fn denied<T>(permission: &'static str) -> Lookup<T> {
    Lookup::Denied { permission, why: "injected".into() }
}

fn subscription(protocol: &str, endpoint: &str, policy: Option<&str>) -> Subscription {
    Subscription {
        arn: Some(format!("{TOPIC}:1").into()),
        protocol: protocol.into(),
        endpoint: endpoint.into(),
        attributes: Lookup::Found(Attributes {
            filter_policy: policy.map(Clean::from),
            authenticated: Some(true),
            ..Attributes::default()
        }),
    }
}

fn function(findings: &mut Findings) -> &mut Function {
    match &mut findings.function {
        Lookup::Found(function) => function,
        other => panic!("{other:?}"),
    }
}

fn check(findings: &Findings, id: &str) -> Check {
    let report = diagnose(findings);
    report.checks.iter().find(|check| check.id == id).cloned().unwrap_or_else(|| panic!("no {id} in {report:#?}"))
}

fn fix(check: &Check) -> String {
    check.fix.iter().map(Clean::raw).collect::<Vec<_>>().join("\n")
}

#[test]
fn counts_of_checks_are_words_in_their_number() {
    let all: Vec<String> = CheckStatus::ALL.iter().zip([2, 1, 2, 3, 2]).map(|(status, n)| status.counted(n)).collect();
    assert_eq!(all, ["2 failures", "1 warning", "2 not checked", "3 notes", "2 ok"]);
}

#[test]
fn a_healthy_pipeline_is_all_in_order() {
    let report = diagnose(&healthy());
    assert_eq!(report.worst(), CheckStatus::Ok, "{report:#?}");
    let mut ids: Vec<&str> = report.checks.iter().map(|check| check.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), report.checks.len(), "ids are unique");
}

#[test]
fn rules_are_read_as_s3_reads_them() {
    let created: &[&str] = &["s3:ObjectCreated:*"];
    let cases = [
        (&[("Suffix", ".jpg")][..], created, "a.jpg", CheckStatus::Ok),
        (&[("suffix", ".jpg")], created, "a.jpg", CheckStatus::Ok),
        (&[("Suffix", ".jpg")], created, "a.JPG", CheckStatus::Failure),
        (&[("Prefix", "my+photos/")], created, "my photos/a.jpg", CheckStatus::Ok),
        (&[("Prefix", "my%20photos/")], created, "my photos/a.jpg", CheckStatus::Ok),
        (&[("Prefix", "in/"), ("Suffix", ".jpg")], created, "out/a.jpg", CheckStatus::Failure),
        (&[], &["s3:ObjectCreated:Put"], "a.jpg", CheckStatus::Warning),
        (&[], &["s3:ObjectRemoved:*"], "a.jpg", CheckStatus::Failure),
    ];
    for (filter, events, key, status) in cases {
        let mut findings = healthy();
        findings.key = Some(key.into());
        let rules = vec![rule("images", FUNCTION, events, filter)];
        findings.notifications = Lookup::Found(BucketNotifications { rules, event_bridge: false });
        let check = check(&findings, "key");
        assert_eq!(check.status, status, "{filter:?} {events:?} {key}: {check:#?}");
    }
}

#[test]
fn a_fix_of_the_notifications_keeps_what_is_there() {
    let mut findings = healthy();
    let queue = rule("audit", "arn:aws:sqs:eu-west-1:123456789012:q", &["s3:ObjectRemoved:*"], &[("Prefix", "in/")]);
    findings.notifications = Lookup::Found(BucketNotifications { rules: vec![queue.clone()], event_bridge: false });
    let text = fix(&check(&findings, "notification"));
    let json = text.split_once("--notification-configuration '").unwrap().1.strip_suffix('\'').unwrap();
    let document: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(document["QueueConfigurations"][0]["Id"], "audit");
    assert_eq!(document["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"], "in/");
    assert_eq!(document["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"], FUNCTION);

    // S3 would refuse a second rule for the same events, so none is offered.
    let queue = Rule { events: vec!["s3:ObjectCreated:*".into()], filter: Vec::new(), ..queue };
    findings.notifications = Lookup::Found(BucketNotifications { rules: vec![queue], event_bridge: false });
    let check = check(&findings, "notification");
    assert_eq!(check.status, CheckStatus::Failure);
    assert!(check.fix.iter().all(|line| line.raw().starts_with('#')) && fix(&check).contains("audit"), "{check:#?}");
}

#[test]
fn a_configuration_that_also_goes_to_event_bridge_says_so() {
    let mut findings = healthy();
    findings.notifications = Lookup::Found(BucketNotifications { rules: Vec::new(), event_bridge: true });
    let said = check(&findings, "notification");
    assert_eq!(said.status, CheckStatus::Failure, "all was read, and no rule of it leads to the function: {said:#?}");
    assert!(said.found.raw().contains("EventBridge"), "{said:#?}");
}

#[test]
fn variables_that_may_hold_secrets_are_not_repeated() {
    let mut findings = healthy();
    function(&mut findings).variables.clear();
    function(&mut findings).has_other_variables = true;
    let check = check(&findings, "topic-variable");
    assert_eq!(check.status, CheckStatus::Failure);
    let text = fix(&check);
    assert!(
        text.contains("get-function-configuration") && text.contains(&format!("SNS_TOPIC_ARN=\"{TOPIC}\"")),
        "{text}"
    );
}

#[test]
fn what_lambda_and_sns_refuse_by_policy_is_seen() {
    let mut findings = healthy();
    findings.function_policy = Lookup::Missing("no policy".into());
    assert!(fix(&check(&findings, "permission")).contains("--source-account 123456789012"));
    let other = r#"{"Statement":{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::other"}}}}"#;
    findings.function_policy = Lookup::Found(other.into());
    assert_eq!(check(&findings, "permission").status, CheckStatus::Failure);

    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;
    findings.topic = Lookup::Found(Topic { policy: Some(deny.into()), ..Topic::default() });
    assert_eq!(check(&findings, "topic-policy").status, CheckStatus::Failure);

    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let queue = Queue { url: "https://sqs/q".into(), ..Queue::default() };
    findings.queues = BTreeMap::from([(arn.into(), Lookup::Found(queue))]);
    let check = check(&findings, "queue-policies");
    assert_eq!(check.status, CheckStatus::Failure);
    assert!(fix(&check).contains("sns.amazonaws.com"), "{check:#?}");
}

#[test]
fn filter_policies_meet_the_messages_that_are_really_published() {
    for (policy, key, status) in [
        (r#"{"contentType":[{"prefix":"image/"}]}"#, None, CheckStatus::Ok),
        (r#"{"bucket":["other"]}"#, None, CheckStatus::Note),
        (r#"{"size":[{"numeric":[">",123456789,"<",123456791]}]}"#, None, CheckStatus::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, None, CheckStatus::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, Some("a.png"), CheckStatus::Note),
        ("not json", None, CheckStatus::NotChecked),
    ] {
        let mut findings = healthy();
        findings.key = key.map(Clean::from);
        findings.subscriptions = Lookup::Found(vec![subscription("https", "https://example.com", Some(policy))].into());
        let check = check(&findings, "filter-policies");
        assert_eq!(check.status, status, "{policy}");
        assert!(!fix(&check).contains("set-subscription-attributes"), "nothing erases it: {check:#?}");
    }
}
