use std::collections::BTreeMap;

use crate::domain::diagnosis::findings::{
    Attributes, Backlog, Caller, EventInvoke, FailedInvocation, Findings, Function, Listing, LogGroup, Look, Names,
    Notifications, Object, ObjectLog, Queue, Rule, RuleKind, Seen, Sighting, Subscription, Topic,
};
use crate::domain::diagnosis::{Check, Status, diagnose};
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
fn healthy() -> Findings {
    let policy = r#"{"Statement":[{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"}}}]}"#;
    let function = Function {
        arn: FUNCTION.into(),
        state: Some("Active".into()),
        last_update: Some("Successful".into()),
        runtime: Some("provided.al2023".into()),
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
        caller: Look::Found(Caller { account: "123456789012".into(), arn: "arn:aws:iam::123456789012:user/u".into() }),
        clock_ahead_ms: Look::Found(200),
        bucket_region: Look::Found("eu-west-1".into()),
        notifications: Look::Found(Notifications {
            rules: vec![rule("images", FUNCTION, &["s3:ObjectCreated:*"], &[])],
            event_bridge: false,
        }),
        function: Look::Found(function),
        function_policy: Look::Found(policy.into()),
        event_invoke: Look::Found(EventInvoke { on_failure: Some(FAILED.into()), ..EventInvoke::default() }),
        concurrency: Look::Found(None),
        log_group: Look::Found(LogGroup {
            name: "/aws/lambda/F".into(),
            class: Some("STANDARD".into()),
            retention: None,
        }),
        failures: Look::Found(Vec::new().into()),
        object: Look::NotAsked,
        object_log: Look::NotAsked,
        topic: Look::Found(Topic { receipts: BTreeMap::from([("SQS", 100)]), ..Topic::default() }),
        subscriptions: Look::Found(vec![subscription("sqs", "arn:aws:sqs:eu-west-1:123456789012:q", None)].into()),
        queues: BTreeMap::new(),
        backlogs: backlogs(0),
        sms_sandbox: Look::NotAsked,
    }
}

/// The failure destination with so many messages.
fn backlogs(visible: u64) -> BTreeMap<Clean, Look<Backlog>> {
    let oldest = if visible > 0 { Look::Found(7_200) } else { Look::NotAsked };
    BTreeMap::from([(
        FAILED.into(),
        Look::Found(Backlog { url: "https://sqs/failed".into(), visible, oldest, ..Backlog::default() }),
    )])
}

fn denied<T>(permission: &'static str) -> Look<T> {
    Look::Denied { permission, why: "injected".into() }
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
    let report = diagnose(findings);
    report.checks.iter().find(|check| check.id == id).cloned().unwrap_or_else(|| panic!("no {id} in {report:#?}"))
}

fn fix(check: &Check) -> String {
    check.fix.iter().map(Clean::raw).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_healthy_pipeline_is_all_in_order() {
    let report = diagnose(&healthy());
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
    let text = fix(&check(&findings, "notification"));
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
    assert!(check.fix.iter().all(|line| line.raw().starts_with('#')) && fix(&check).contains("audit"), "{check:#?}");
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
    let text = fix(&check);
    assert!(
        text.contains("get-function-configuration") && text.contains(&format!("SNS_TOPIC_ARN=\"{TOPIC}\"")),
        "{text}"
    );
}

#[test]
fn what_lambda_and_sns_refuse_by_policy_is_seen() {
    let mut findings = healthy();
    findings.function_policy = Look::Missing("no policy".into());
    assert!(fix(&check(&findings, "permission")).contains("--source-account 123456789012"));
    let other = r#"{"Statement":{"Sid":"s3-may-invoke","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},
        "Action":"lambda:InvokeFunction","Resource":"*","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::other"}}}}"#;
    findings.function_policy = Look::Found(other.into());
    assert_eq!(check(&findings, "permission").status, Status::Failure);

    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*"}]}"#;
    findings.topic = Look::Found(Topic { policy: Some(deny.into()), ..Topic::default() });
    assert_eq!(check(&findings, "topic-policy").status, Status::Failure);

    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let queue = Queue { url: "https://sqs/q".into(), ..Queue::default() };
    findings.queues = BTreeMap::from([(arn.into(), Look::Found(queue))]);
    let check = check(&findings, "queue-policies");
    assert_eq!(check.status, Status::Failure);
    assert!(fix(&check).contains("sns.amazonaws.com"), "{check:#?}");
}

#[test]
fn filter_policies_meet_the_messages_that_are_really_published() {
    for (policy, key, status) in [
        (r#"{"contentType":[{"prefix":"image/"}]}"#, None, Status::Ok),
        (r#"{"bucket":["other"]}"#, None, Status::Note),
        (r#"{"size":[{"numeric":[">",123456789,"<",123456791]}]}"#, None, Status::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, None, Status::Ok),
        (r#"{"contentType":["image/jpeg"]}"#, Some("a.png"), Status::Note),
        ("not json", None, Status::NotChecked),
    ] {
        let mut findings = healthy();
        findings.key = key.map(Clean::from);
        findings.subscriptions = Look::Found(vec![subscription("https", "https://example.com", Some(policy))].into());
        let check = check(&findings, "filter-policies");
        assert_eq!(check.status, status, "{policy}");
        assert!(!fix(&check).contains("set-subscription-attributes"), "nothing erases it: {check:#?}");
    }
}

fn failed(request: Option<&str>, attempts: usize, reason: &str) -> FailedInvocation {
    let at = jiff::Timestamp::UNIX_EPOCH;
    FailedInvocation { request_id: request.map(Clean::from), attempts, reason: reason.into(), at }
}

#[test]
fn the_log_tells_what_iam_does_not() {
    let mut findings = healthy();
    let denied = "SNS answered AuthorizationError (403) for arn: not authorized";
    findings.failures = Look::Found(vec![failed(Some("r"), 1, denied)].into());
    let check = check(&findings, "recent-failures");
    assert_eq!(check.status, Status::Warning);
    assert!(fix(&check).contains("iam put-role-policy --role-name r"), "{check:#?}");
}

#[test]
fn an_invocation_that_failed_in_every_attempt_is_a_failure() {
    let mut findings = healthy();
    for (request, attempts, status) in [
        (Some("r"), 1, Status::Warning),
        (Some("r"), 3, Status::Failure),
        // A failure of an init phase names no invocation, so nothing is known of its retries.
        (None, 3, Status::Warning),
    ] {
        findings.failures = Look::Found(vec![failed(request, attempts, "Runtime.ExitError")].into());
        assert_eq!(check(&findings, "recent-failures").status, status, "{request:?} {attempts}");
    }
    findings.failures = Look::Found(vec![failed(Some("r"), 3, "Runtime.ExitError")].into());
    findings.event_invoke = denied("lambda:GetFunctionEventInvokeConfig");
    assert_eq!(check(&findings, "recent-failures").status, Status::Warning, "how often it is tried is not known");
}

#[test]
fn crashes_that_lambda_does_not_log_are_not_none() {
    let mut findings = healthy();
    function(&mut findings).system_level = Some("WARN".into());
    assert_eq!(check(&findings, "recent-failures").status, Status::NotChecked);
}

#[test]
fn what_waits_in_failure_queues_is_a_failure_that_can_be_looked_at() {
    let mut findings = healthy();
    assert_eq!(check(&findings, "failure-queue").status, Status::Ok);
    findings.backlogs = backlogs(3);
    let full = check(&findings, "failure-queue");
    assert_eq!(full.status, Status::Failure);
    assert!(full.found.raw().contains("3 messages, oldest 2 h 0 min old"), "{full:#?}");
    let text = fix(&full);
    assert!(text.contains("receive-message") && text.contains("raises their receive count"), "{text}");
    assert!(!text.contains("purge") && !text.contains("delete-message"), "{text}");

    let Some(Look::Found(queue)) = findings.backlogs.get_mut(&Clean::from(FAILED)) else { panic!() };
    queue.redrive_policy = Some("{}".into());
    queue.oldest = denied("cloudwatch:GetMetricStatistics");
    let redriven = check(&findings, "failure-queue");
    assert!(!fix(&redriven).contains("receive-message"), "a receive could move messages away: {redriven:#?}");
    assert!(redriven.found.raw().contains("age not checked: cloudwatch:GetMetricStatistics"), "{redriven:#?}");

    findings.backlogs = BTreeMap::from([(FAILED.into(), denied("sqs:GetQueueAttributes"))]);
    let unread = check(&findings, "failure-queue");
    assert_eq!((unread.status, unread.permission), (Status::NotChecked, Some("sqs:GetQueueAttributes")));
    findings.event_invoke = Look::Missing("none".into());
    assert!(diagnose(&findings).checks.iter().all(|check| check.id != "failure-queue"), "there is none");
    findings.function = denied("lambda:GetFunctionConfiguration");
    assert_eq!(check(&findings, "failure-queue").status, Status::NotChecked, "there may be one");
    assert_eq!(check(&findings, "failed-events").status, Status::NotChecked, "not: the event is lost");
}

#[test]
fn dead_letter_queues_of_subscriptions_and_of_subscribed_queues_are_looked_at() {
    let policy = |name: &str| format!(r#"{{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:{name}"}}"#);
    let mut findings = healthy();
    let mut one = subscription("https", "https://example.com", None);
    if let Look::Found(attributes) = &mut one.attributes {
        attributes.redrive_policy = Some(policy("sns-dead").into());
    }
    findings.subscriptions = Look::Found(vec![one.clone()].into());
    let queue = Queue { redrive_policy: Some(policy("app-dead").into()), ..Queue::default() };
    findings.queues = BTreeMap::from([("arn:aws:sqs:eu-west-1:123456789012:q".into(), Look::Found(queue))]);
    let asked: Vec<String> = findings.failure_queues().iter().map(|arn| arn.raw().to_owned()).collect();
    assert_eq!(asked.len(), 3, "{asked:?}");
    for (sns, app, status) in [(0, 0, Status::Ok), (0, 1, Status::Warning), (1, 0, Status::Failure)] {
        for (name, visible) in [("sns-dead", sns), ("app-dead", app)] {
            let arn = format!("arn:aws:sqs:eu-west-1:123456789012:{name}");
            let backlog = Backlog { visible, oldest: Look::Found(1), ..Backlog::default() };
            findings.backlogs.insert(arn.into(), Look::Found(backlog));
        }
        assert_eq!(check(&findings, "dead-letter-queues").status, status, "{sns} {app}");
    }
}

#[test]
fn the_object_in_question_is_told_as_it_was_seen() {
    let mut findings = healthy();
    findings.key = Some("a.png".into());
    let at = |second: i64| jiff::Timestamp::from_second(second).unwrap();
    let log = |sightings: Vec<(i64, Seen)>| {
        let sighting = |(second, seen)| Sighting { at: at(second), request_id: None, seen };
        let sightings = sightings.into_iter().map(sighting).collect();
        Look::Found(ObjectLog { sightings, ..ObjectLog::nothing(at(0), at(3_600)) })
    };
    findings.object = Look::Found(Object { last_modified: Some(at(60)), ..Object::default() });
    for (sightings, status, word) in [
        (vec![], Status::Note, "no invocation in the log names a.png"),
        (vec![(1, Seen::Named("got a.png".into()))], Status::Note, "named at"),
        (
            vec![(1, Seen::Received), (2, Seen::Failed("Runtime.ExitError".into()))],
            Status::Failure,
            "Runtime.ExitError",
        ),
        (vec![(1, Seen::Failed("later".into())), (2, Seen::Published("m-1".into()))], Status::Ok, "as message m-1"),
        (vec![(1, Seen::Skipped("text/plain".into()))], Status::Note, "skipped at"),
    ] {
        findings.object_log = log(sightings);
        let check = check(&findings, "object-log");
        assert_eq!(check.status, status, "{check:#?}");
        let said = check.found.raw();
        assert!(
            said.contains(word) && said.contains("from 1970-01-01T00:00:00.000Z to 1970-01-01T01:00"),
            "{check:#?}"
        );
    }
    assert_eq!(check(&findings, "object").status, Status::Ok);
    findings.object = Look::Missing("NotFound".into());
    assert_eq!(check(&findings, "object").status, Status::Note);
    findings.object = denied("s3:GetObject");
    let unread = check(&findings, "object");
    assert_eq!(unread.status, Status::NotChecked);
    assert!(unread.found.raw().contains("s3:GetObject is not allowed"), "{unread:#?}");
    findings.log_group = Look::Found(LogGroup { name: "/aws/lambda/F".into(), class: None, retention: Some(1) });
    findings.object_log = Look::Found(ObjectLog { read_at: at(90_000), ..ObjectLog::nothing(at(0), at(3_600)) });
    assert_eq!(check(&findings, "object-log").status, Status::NotChecked, "what was written then is deleted");
}

/// A part of a listing that was not read may hold anything.
#[test]
fn a_listing_that_was_read_in_part_is_not_in_order() {
    let mut findings = healthy();
    let permission = "sns:ListSubscriptionsByTopic";
    let partial = |items| Look::Found(Listing { items, rest: denied(permission) });
    findings.subscriptions = partial(vec![subscription("sqs", "arn:aws:sqs:eu-west-1:123456789012:q", None)]);
    for id in ["subscribers", "pending", "filter-policies", "delivery-status-logging", "dead-letter-queues"] {
        let check = check(&findings, id);
        assert_eq!((check.status, check.permission), (Status::NotChecked, Some(permission)), "{check:#?}");
    }
    findings.subscriptions = partial(Vec::new());
    assert_eq!(check(&findings, "subscribers").status, Status::NotChecked, "the topic may have subscribers");
    findings.failures = Look::Found(Listing { items: Vec::new(), rest: denied("logs:FilterLogEvents") });
    assert_eq!(check(&findings, "recent-failures").status, Status::NotChecked);
}

/// What a command replaces is in it, or is named beside it.
#[test]
fn no_printed_command_takes_away_what_somebody_may_have_meant() {
    let mut findings = healthy();
    let events = ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"];
    let rules = vec![rule("images", FUNCTION, &events, &[])];
    findings.notifications = Look::Found(Notifications { rules, event_bridge: true });
    findings.key = Some("x.png".into());
    let text = fix(&check(&findings, "key"));
    assert!(text.contains("s3:ObjectRemoved:*") && text.contains("EventBridgeConfiguration"), "{text}");
    assert!(text.contains("this replaces rule \"images\""), "{text}");

    findings.event_invoke = Look::Found(EventInvoke { on_success: Some("arn:done".into()), ..EventInvoke::default() });
    let text = fix(&check(&findings, "failed-events"));
    assert!(text.contains(r#""OnSuccess":{"Destination":"arn:done"}"#), "{text}");

    let mut mail = subscription("email", "a@b.c", Some(r#"{"size":[1]}"#));
    if let Look::Found(attributes) = &mut mail.attributes {
        attributes.authenticated = Some(false);
    }
    findings.subscriptions = Look::Found(vec![mail].into());
    let text = fix(&check(&findings, "unsubscribe-links"));
    assert!(text.contains("--attributes") && text.contains("FilterPolicyScope"), "{text}");

    findings.topic = Look::Missing("gone".into());
    let text = fix(&check(&findings, "topic"));
    for lost in ["no subscriptions", "access policy", "encryption key", "or delivery status logging"] {
        assert!(text.replace("\n# ", " ").contains(lost), "{lost}: {text}");
    }

    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}"#;
    for policy in [deny, "not json"] {
        let queue = Queue { policy: Some(policy.into()), ..Queue::default() };
        findings.queues = BTreeMap::from([(arn.into(), Look::Found(queue))]);
        let check = check(&findings, "queue-policies");
        assert_eq!(check.status, Status::Failure);
        assert!(!fix(&check).contains("set-queue-attributes"), "{check:#?}");
    }
    for (words, status) in [("alias/aws/sqs", Status::Failure), ("some-key", Status::NotChecked)] {
        let allow = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"{arn}"}}]}}"#
        );
        let queue = Queue { policy: Some(allow.into()), kms_key: Some(words.into()), ..Queue::default() };
        findings.queues = BTreeMap::from([(arn.into(), Look::Found(queue))]);
        assert_eq!(check(&findings, "queue-policies").status, status, "{words}");
    }
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
    assert_eq!(check(&findings, "encryption").status, Status::NotChecked);
    assert_eq!(check(&findings, "delivery-status-logging").status, Status::Warning);
    findings.log_group =
        Look::Found(LogGroup { name: "/aws/lambda/F".into(), class: Some("DELIVERY".into()), retention: None });
    assert_eq!(check(&findings, "log-group").status, Status::Failure);
    findings.subscriptions =
        Look::Found(vec![Subscription { arn: None, ..subscription("email", "a@b.c", None) }].into());
    assert_eq!(check(&findings, "subscribers").status, Status::Failure);
    assert_eq!(check(&findings, "pending").status, Status::Warning);
    findings.subscriptions = Look::Found(vec![subscription("sms", "+1", None)].into());
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
    let report = diagnose(&findings);
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
    assert_eq!(check.status, Status::NotChecked);
    assert!(fix(&check).contains("--qualifier live"), "{check:#?}");
}

/// A reader sees `✗ failure` beside the title: one that said how it should be would be read as saying that it is so.
#[test]
fn titles_name_what_was_looked_at_and_claim_nothing() {
    let mut findings = healthy();
    findings.key = Some("cat.png".into());
    let report = diagnose(&findings);
    assert!(report.checks.iter().any(|check| check.id == "key"), "{report:#?}");
    let claims = [" is ", " are ", " may ", " can ", " has ", " does ", " exists", " counts as ", " no ", " not "];
    let judges = ["Every ", "Nobody ", "Somebody ", "Requests are"];
    for Check { title, .. } in &report.checks {
        let asks = title.starts_with("What ") || title.starts_with("Who ");
        assert!(asks || !claims.iter().any(|word| title.contains(word)), "{title:?} claims something");
        assert!(!judges.iter().any(|word| title.starts_with(word)), "{title:?} claims something");
    }
}
