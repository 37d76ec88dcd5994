use std::collections::BTreeMap;

use super::findings::{
    Attributes, Caller, EventInvoke, Findings, Function, LogGroup, Look, Names, Notifications, Queue, Rule, RuleKind,
    Subscription, Topic,
};
use super::{Check, Status, examine};
use crate::text::clean::Clean;

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:F";
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
fn healthy() -> Findings {
    let policy = r#"{"Statement":[{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}]}"#;
    let function = Function {
        arn: FUNCTION.into(),
        state: Some("Active".into()),
        last_update: Some("Successful".into()),
        runtime: Some("provided.al2023".into()),
        timeout: Some(10),
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
        caller: Look::Found(Caller { account: "123456789012".into(), arn: "arn:aws:iam::123456789012:user/u".into() }),
        clock_ahead_ms: Look::Found(200),
        bucket_region: Look::Found("eu-west-1".into()),
        notifications: Look::Found(Notifications {
            rules: vec![rule("images", FUNCTION, &["s3:ObjectCreated:*"], &[])],
            event_bridge: false,
        }),
        function: Look::Found(function),
        function_policy: Look::Found(policy.into()),
        event_invoke: Look::Found(EventInvoke { on_failure: Some("arn:q".into()), ..EventInvoke::default() }),
        concurrency: Look::Found(None),
        log_group: Look::Found(LogGroup {
            name: "/aws/lambda/F".into(),
            class: Some("STANDARD".into()),
            retention: None,
        }),
        failures: Look::Found(Vec::new()),
        topic: Look::Found(Topic { receipts: BTreeMap::from([("SQS", 100)]), ..Topic::default() }),
        subscriptions: Look::Found(vec![subscription("sqs", "arn:aws:sqs:eu-west-1:123456789012:q", None)]),
        queues: BTreeMap::new(),
        sms_sandbox: Look::NotAsked,
    }
}

fn subscription(protocol: &str, endpoint: &str, policy: Option<&str>) -> Subscription {
    Subscription {
        arn: Some(format!("{TOPIC}:1").into()),
        protocol: protocol.into(),
        endpoint: endpoint.into(),
        attributes: Look::Found(Attributes {
            filter_policy: policy.map(Clean::from),
            authenticated: Some(true),
            ..Attributes::default()
        }),
    }
}

fn function(findings: &mut Findings) -> &mut Function {
    match &mut findings.function {
        Look::Found(function) => function,
        other => panic!("{other:?}"),
    }
}

fn check(findings: &Findings, id: &str) -> Check {
    let report = examine(findings);
    report.checks.iter().find(|check| check.id == id).cloned().unwrap_or_else(|| panic!("no {id} in {report:#?}"))
}

fn mend(check: &Check) -> String {
    check.mend.iter().map(Clean::raw).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_healthy_pipeline_is_all_in_order() {
    let report = examine(&healthy());
    assert_eq!(report.worst(), Status::Ok, "{report:#?}");
    let mut ids: Vec<&str> = report.checks.iter().map(|check| check.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), report.checks.len(), "ids are unique");
}

#[test]
fn rules_are_read_as_s3_reads_them() {
    let created: &[&str] = &["s3:ObjectCreated:*"];
    let cases = [
        (&[("Suffix", ".jpg")][..], created, "a.jpg", Status::Ok),
        (&[("suffix", ".jpg")], created, "a.jpg", Status::Ok),
        (&[("Suffix", ".jpg")], created, "a.JPG", Status::Failure),
        (&[("Prefix", "my+photos/")], created, "my photos/a.jpg", Status::Ok),
        (&[("Prefix", "my%20photos/")], created, "my photos/a.jpg", Status::Ok),
        (&[("Prefix", "in/"), ("Suffix", ".jpg")], created, "out/a.jpg", Status::Failure),
        (&[], &["s3:ObjectCreated:Put"], "a.jpg", Status::Warning),
        (&[], &["s3:ObjectRemoved:*"], "a.jpg", Status::Failure),
    ];
    for (filter, events, key, status) in cases {
        let mut findings = healthy();
        findings.key = Some(key.into());
        let rules = vec![rule("images", FUNCTION, events, filter)];
        findings.notifications = Look::Found(Notifications { rules, event_bridge: false });
        let check = check(&findings, "key");
        assert_eq!(check.status, status, "{filter:?} {events:?} {key}: {check:#?}");
    }
}

#[test]
fn a_mend_of_the_notifications_keeps_what_is_there() {
    let mut findings = healthy();
    let queue = rule("audit", "arn:aws:sqs:eu-west-1:123456789012:q", &["s3:ObjectRemoved:*"], &[("Prefix", "in/")]);
    findings.notifications = Look::Found(Notifications { rules: vec![queue.clone()], event_bridge: false });
    let text = mend(&check(&findings, "notification"));
    let json = text.split_once("--notification-configuration '").unwrap().1.strip_suffix('\'').unwrap();
    let document: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(document["QueueConfigurations"][0]["Id"], "audit");
    assert_eq!(document["QueueConfigurations"][0]["Filter"]["Key"]["FilterRules"][0]["Value"], "in/");
    assert_eq!(document["LambdaFunctionConfigurations"][0]["LambdaFunctionArn"], FUNCTION);

    // S3 would refuse a second rule for the same events, so none is offered.
    let queue = Rule { events: vec!["s3:ObjectCreated:*".into()], filter: Vec::new(), ..queue };
    findings.notifications = Look::Found(Notifications { rules: vec![queue], event_bridge: false });
    let check = check(&findings, "notification");
    assert_eq!(check.status, Status::Failure);
    assert!(check.mend.iter().all(|line| line.raw().starts_with('#')) && mend(&check).contains("audit"), "{check:#?}");
}

#[test]
fn a_configuration_that_also_goes_to_event_bridge_says_so() {
    let mut findings = healthy();
    findings.notifications = Look::Found(Notifications { rules: Vec::new(), event_bridge: true });
    assert_eq!(check(&findings, "notification").status, Status::Warning);
}

#[test]
fn variables_that_may_hold_secrets_are_not_repeated() {
    let mut findings = healthy();
    function(&mut findings).variables.clear();
    function(&mut findings).has_other_variables = true;
    let check = check(&findings, "topic-variable");
    assert_eq!(check.status, Status::Failure);
    let text = mend(&check);
    assert!(
        text.contains("get-function-configuration") && text.contains(&format!("SNS_TOPIC_ARN=\"{TOPIC}\"")),
        "{text}"
    );
}

#[test]
fn what_lambda_and_sns_refuse_by_policy_is_seen() {
    let mut findings = healthy();
    findings.function_policy = Look::Missing("no policy".into());
    assert!(mend(&check(&findings, "permission")).contains("--source-account 123456789012"));
    let other = r#"{"Statement":{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::other"}}}}"#;
    findings.function_policy = Look::Found(other.into());
    assert_eq!(check(&findings, "permission").status, Status::Failure);

    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;
    findings.topic = Look::Found(Topic { policy: Some(deny.into()), ..Topic::default() });
    assert_eq!(check(&findings, "topic-policy").status, Status::Failure);

    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let queue = Queue { url: "https://sqs/q".into(), policy: None, kms_key: None };
    findings.queues = BTreeMap::from([(arn.into(), Look::Found(queue))]);
    let check = check(&findings, "queue-policies");
    assert_eq!(check.status, Status::Failure);
    assert!(mend(&check).contains("sns.amazonaws.com"), "{check:#?}");
}

#[test]
fn filter_policies_meet_the_messages_that_are_really_published() {
    for (policy, key, status) in [
        (r#"{"contentType":[{"prefix":"image/"}]}"#, None, Status::Ok),
        (r#"{"bucket":["other"]}"#, None, Status::Failure),
        (r#"{"size":[{"numeric":[">",123456789,"<",123456791]}]}"#, None, Status::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, None, Status::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, Some("a.png"), Status::Warning),
        ("not json", None, Status::Warning),
    ] {
        let mut findings = healthy();
        findings.key = key.map(Clean::from);
        findings.subscriptions = Look::Found(vec![subscription("https", "https://example.com", Some(policy))]);
        assert_eq!(check(&findings, "filter-policies").status, status, "{policy}");
    }
}

#[test]
fn the_log_tells_what_iam_does_not() {
    let mut findings = healthy();
    let denied = "SNS answered AuthorizationError (403) for arn: not authorized";
    findings.failures = Look::Found(vec![denied.into()]);
    let check = check(&findings, "recent-failures");
    assert_eq!(check.status, Status::Warning);
    assert!(mend(&check).contains("iam put-role-policy --role-name r"), "{check:#?}");
}

#[test]
fn clocks_and_regions_have_limits() {
    let mut findings = healthy();
    for (ahead, status) in [(0, Status::Ok), (-60_000, Status::Warning), (400_000, Status::Failure)] {
        findings.clock_ahead_ms = Look::Found(ahead);
        assert_eq!(check(&findings, "clock").status, status, "{ahead}");
    }
    findings.bucket_region = Look::Found("us-east-1".into());
    assert_eq!(check(&findings, "bucket").status, Status::Failure);
    assert_eq!(check(&findings, "regions").status, Status::Failure);
}

#[test]
fn what_is_not_kept_or_not_seen_is_told() {
    let mut findings = healthy();
    findings.event_invoke = Look::Missing("none".into());
    assert_eq!(check(&findings, "failed-events").status, Status::Warning);
    findings.concurrency = Look::Found(Some(0));
    assert_eq!(check(&findings, "concurrency").status, Status::Failure);
    findings.topic = Look::Found(Topic { kms_key: Some("key".into()), ..Topic::default() });
    assert_eq!(check(&findings, "encryption").status, Status::CouldNotLook);
    assert_eq!(check(&findings, "receipts").status, Status::Warning);
    findings.log_group =
        Look::Found(LogGroup { name: "/aws/lambda/F".into(), class: Some("DELIVERY".into()), retention: None });
    assert_eq!(check(&findings, "log-group").status, Status::Failure);
    findings.subscriptions = Look::Found(vec![Subscription { arn: None, ..subscription("email", "a@b.c", None) }]);
    assert_eq!(check(&findings, "subscribers").status, Status::Failure);
    assert_eq!(check(&findings, "pending").status, Status::Warning);
    findings.subscriptions = Look::Found(vec![subscription("sms", "+1", None)]);
    findings.sms_sandbox = Look::Found(true);
    assert_eq!(check(&findings, "sms-sandbox").status, Status::Warning);
}

#[test]
fn names_that_are_not_known_are_no_failures() {
    let mut findings = healthy();
    findings.names.bucket = Clean::default();
    findings.bucket_region = Look::NotAsked;
    findings.notifications = Look::NotAsked;
    findings.names.topic_arn = Clean::default();
    findings.topic = Look::NotAsked;
    findings.subscriptions = Look::NotAsked;
    let report = examine(&findings);
    assert!(report.worst() < Status::Warning, "{report:#?}");
}

#[test]
fn an_alias_has_a_policy_of_its_own() {
    let mut findings = healthy();
    let alias = format!("{FUNCTION}:live");
    let rules = vec![rule("images", &alias, &["s3:ObjectCreated:*"], &[])];
    findings.notifications = Look::Found(Notifications { rules, event_bridge: false });
    assert_eq!(check(&findings, "notification").status, Status::Ok);
    let check = check(&findings, "permission");
    assert_eq!(check.status, Status::CouldNotLook);
    assert!(mend(&check).contains("--qualifier live"), "{check:#?}");
}

/// A reader sees `✗ failure` beside the title: one that said how it should be would be read as saying that it is so.
#[test]
fn titles_name_what_was_looked_at_and_claim_nothing() {
    let mut findings = healthy();
    findings.key = Some("cat.png".into());
    let report = examine(&findings);
    assert!(report.checks.iter().any(|check| check.id == "key"), "{report:#?}");
    let claims = [" is ", " are ", " may ", " can ", " has ", " does ", " exists", " counts as ", " no ", " not "];
    let judges = ["Every ", "Nobody ", "Somebody ", "Requests are"];
    for Check { title, .. } in &report.checks {
        let asks = title.starts_with("What ") || title.starts_with("Who ");
        assert!(asks || !claims.iter().any(|word| title.contains(word)), "{title:?} claims something");
        assert!(!judges.iter().any(|word| title.starts_with(word)), "{title:?} claims something");
    }
}
