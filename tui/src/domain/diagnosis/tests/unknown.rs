//! What was not read, was not named or may be intended, and the texts that say so.

use super::*;

/// A part of a listing that was not read may hold anything.
#[test]
fn a_listing_that_was_read_in_part_is_not_in_order() {
    let mut findings = healthy();
    let permission = "sns:ListSubscriptionsByTopic";
    let partial = |items| Lookup::Found(Listing { items, rest: denied(permission) });
    findings.subscriptions = partial(vec![subscription("sqs", "arn:aws:sqs:eu-west-1:123456789012:q", None)]);
    for id in ["subscribers", "pending", "filter-policies", "delivery-status-logging", "dead-letter-queues"] {
        let check = check(&findings, id);
        assert_eq!((check.status, check.permission), (CheckStatus::NotChecked, Some(permission)), "{check:#?}");
    }
    findings.subscriptions = partial(Vec::new());
    assert_eq!(check(&findings, "subscribers").status, CheckStatus::NotChecked, "the topic may have subscribers");
    findings.failures = Lookup::Found(Listing { items: Vec::new(), rest: denied("logs:FilterLogEvents") });
    assert_eq!(check(&findings, "recent-failures").status, CheckStatus::NotChecked);
}

/// What a command replaces is in it, or is named beside it.
#[test]
fn no_printed_command_removes_what_may_be_intended() {
    let mut findings = healthy();
    let events = ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"];
    let rules = vec![rule("images", FUNCTION, &events, &[])];
    findings.notifications = Lookup::Found(BucketNotifications { rules, event_bridge: true });
    findings.key = Some("x.png".into());
    let text = fix(&check(&findings, "key"));
    assert!(text.contains("s3:ObjectRemoved:*") && text.contains("EventBridgeConfiguration"), "{text}");
    assert!(text.contains("this replaces rule \"images\""), "{text}");

    findings.event_invoke =
        Lookup::Found(EventInvoke { on_success: Some("arn:done".into()), ..EventInvoke::default() });
    let text = fix(&check(&findings, "failed-events"));
    assert!(text.contains(r#""OnSuccess":{"Destination":"arn:done"}"#), "{text}");

    let mut mail = subscription("email", "a@b.c", Some(r#"{"size":[1]}"#));
    if let Lookup::Found(attributes) = &mut mail.attributes {
        attributes.authenticated = Some(false);
    }
    findings.subscriptions = Lookup::Found(vec![mail].into());
    let text = fix(&check(&findings, "unsubscribe-links"));
    assert!(text.contains("--attributes") && text.contains("FilterPolicyScope"), "{text}");

    findings.topic = Lookup::Missing("gone".into());
    let text = fix(&check(&findings, "topic"));
    for lost in ["no subscriptions", "access policy", "encryption key", "or delivery status logging"] {
        assert!(text.replace("\n# ", " ").contains(lost), "{lost}: {text}");
    }

    let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
    let deny = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}"#;
    for policy in [deny, "not json"] {
        let queue = Queue { policy: Some(policy.into()), ..Queue::default() };
        findings.queues = BTreeMap::from([(arn.into(), Lookup::Found(queue))]);
        let check = check(&findings, "queue-policies");
        assert_eq!(check.status, CheckStatus::Failure);
        assert!(!fix(&check).contains("set-queue-attributes"), "{check:#?}");
    }
    for (words, status) in [("alias/aws/sqs", CheckStatus::Failure), ("some-key", CheckStatus::NotChecked)] {
        let allow = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":"sns.amazonaws.com"}},"Action":"sqs:SendMessage","Resource":"{arn}"}}]}}"#
        );
        let queue = Queue { policy: Some(allow.into()), kms_key: Some(words.into()), ..Queue::default() };
        findings.queues = BTreeMap::from([(arn.into(), Lookup::Found(queue))]);
        assert_eq!(check(&findings, "queue-policies").status, status, "{words}");
    }
}

#[test]
fn clocks_and_regions_have_limits() {
    let mut findings = healthy();
    for (ahead, status) in [(0, CheckStatus::Ok), (-60_000, CheckStatus::Warning), (400_000, CheckStatus::Failure)] {
        findings.clock_ahead_ms = Lookup::Found(ahead);
        assert_eq!(check(&findings, "clock").status, status, "{ahead}");
    }
    findings.bucket_region = Lookup::Found("us-east-1".into());
    assert_eq!(check(&findings, "bucket").status, CheckStatus::Failure);
    assert_eq!(check(&findings, "regions").status, CheckStatus::Failure);
}

#[test]
fn what_is_not_kept_or_not_seen_is_reported() {
    let mut findings = healthy();
    findings.event_invoke = Lookup::Missing("none".into());
    assert_eq!(check(&findings, "failed-events").status, CheckStatus::Warning);
    findings.concurrency = Lookup::Found(Some(0));
    assert_eq!(check(&findings, "concurrency").status, CheckStatus::Failure);
    findings.topic = Lookup::Found(Topic { kms_key: Some("key".into()), ..Topic::default() });
    assert_eq!(check(&findings, "encryption").status, CheckStatus::NotChecked);
    assert_eq!(check(&findings, "delivery-status-logging").status, CheckStatus::Warning);
    findings.log_group =
        Lookup::Found(LogGroup { name: "/aws/lambda/F".into(), class: Some("DELIVERY".into()), retention: None });
    assert_eq!(check(&findings, "log-group").status, CheckStatus::Failure);
    findings.subscriptions =
        Lookup::Found(vec![Subscription { arn: None, ..subscription("email", "a@b.c", None) }].into());
    assert_eq!(check(&findings, "subscribers").status, CheckStatus::Failure);
    assert_eq!(check(&findings, "pending").status, CheckStatus::Warning);
    findings.subscriptions = Lookup::Found(vec![subscription("sms", "+1", None)].into());
    findings.sms_sandbox = Lookup::Found(true);
    assert_eq!(check(&findings, "sms-sandbox").status, CheckStatus::Warning);
}

#[test]
fn names_that_are_not_known_are_no_failures() {
    let mut findings = healthy();
    findings.names.bucket = Clean::default();
    findings.bucket_region = Lookup::NotAsked;
    findings.notifications = Lookup::NotAsked;
    findings.names.topic_arn = Clean::default();
    findings.topic = Lookup::NotAsked;
    findings.subscriptions = Lookup::NotAsked;
    let report = diagnose(&findings);
    assert!(report.worst() < CheckStatus::Warning, "{report:#?}");
}

#[test]
fn an_alias_has_a_policy_of_its_own() {
    let mut findings = healthy();
    let alias = format!("{FUNCTION}:live");
    let rules = vec![rule("images", &alias, &["s3:ObjectCreated:*"], &[])];
    findings.notifications = Lookup::Found(BucketNotifications { rules, event_bridge: false });
    assert_eq!(check(&findings, "notification").status, CheckStatus::Ok);
    let check = check(&findings, "permission");
    assert_eq!(check.status, CheckStatus::NotChecked);
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
