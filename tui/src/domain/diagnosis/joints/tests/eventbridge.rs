//! The joints of EventBridge.

use super::*;
use crate::domain::diagnosis::findings::{Aimed, AimedRule, BucketNotifications};

#[test]
fn rules_of_eventbridge_are_judged_with_their_targets() {
    let pattern = r#"{"source":["aws.s3"],"detail":{"object":{"key":[{"prefix":"in/"}]}}}"#;
    let invoked = policy("events.amazonaws.com", "lambda:InvokeFunction", RULE);
    let to = (NodeKind::Function, RESIZE);
    let good = || Pipeline::new().event_bridge(pattern, to).policy(invoked.raw());
    good().expect("eventbridge-rules", CheckStatus::Ok, "rule images: object.key prefix in/");
    good().expect("eventbridge-permission", CheckStatus::Ok, "allows events.amazonaws.com");
    good().expect("eventbridge-dead-letters", CheckStatus::Note, "rule images has no dead-letter queue");
    let dead = EdgeKind::Failure;
    let with_dead = |source: &str| {
        let policy = Some(policy("events.amazonaws.com", "sqs:SendMessage", source));
        let queue = EntryQueue { policy, ..EntryQueue::default() };
        good().edge((NodeKind::EventRule, RULE), (NodeKind::Queue, JOBS), dead.clone(), State::Ok).queue(queue)
    };
    with_dead(RULE).expect("eventbridge-dead-letters", CheckStatus::Ok, "the policy of jobs allows events");
    let check = with_dead("arn:aws:events:eu-west-1:123456789012:rule/other");
    let check =
        check.expect("eventbridge-dead-letters", CheckStatus::Warning, "the policy of jobs does not allow events");
    assert!(check.fix[1].raw().contains("set-queue-attributes"), "{:?}", check.fix);
    let mut gone = with_dead(RULE);
    gone.joints.queues.insert(JOBS.into(), Lookup::Missing("gone".into()));
    gone.expect("eventbridge-dead-letters", CheckStatus::Warning, "jobs of rule images does not exist");
    let forbidden = Pipeline::new().event_bridge(pattern, to).policy("{}");
    let check = forbidden.expect("eventbridge-permission", CheckStatus::Failure, "does not allow events");
    assert!(check.fix[0].raw().contains(&format!("--source-arn {RULE}")), "{:?}", check.fix);
    let mut off = good();
    off.nodes.iter_mut().filter(|node| node.kind == NodeKind::EventRule).for_each(|it| it.state = State::Disabled);
    let check = off.expect("eventbridge-rules", CheckStatus::Failure, "rule images is switched off");
    assert!(check.fix[0].raw().ends_with("events enable-rule --name images"), "{:?}", check.fix);
    let (bucket, bus) = ((NodeKind::Bucket, "photos"), (NodeKind::EventBus, "default"));
    let none = Pipeline::new().edge(bucket, bus, EdgeKind::AllEvents, State::Ok);
    none.expect("eventbridge-rules", CheckStatus::Warning, "no rule of the default event bus matches");
    for (key, status, said) in [
        ("in/a b.jpg", CheckStatus::Ok, "matches rule images"),
        ("out/a.jpg", CheckStatus::Note, "no rule of EventBridge matches out/a.jpg"),
    ] {
        let mut pipeline = good();
        pipeline.key = Some(key.into());
        pipeline.expect("eventbridge-key", status, said);
    }
    let sized = r#"{"detail":{"object":{"size":[{"numeric":[">",5]}]}}}"#;
    let mut pipeline = Pipeline::new().event_bridge(sized, to).policy(invoked.raw());
    pipeline.key = Some("k".into());
    pipeline.expect("eventbridge-key", CheckStatus::NotChecked, "by other fields of the event");
}

/// A rule that is switched off where another way is open is no failure.
#[test]
fn a_rule_that_is_off_matters_by_what_else_leads_to_the_function() {
    let off = || {
        let mut pipeline = Pipeline::new().event_bridge("{}", (NodeKind::Function, RESIZE));
        pipeline.nodes.iter_mut().filter(|it| it.kind == NodeKind::EventRule).for_each(|it| it.state = State::Disabled);
        pipeline
    };
    let mut alone = off();
    alone.key = Some("a.jpg".into());
    alone.expect("eventbridge-key", CheckStatus::Warning, "matches only rule images, which is switched off");
    off().expect("eventbridge-rules", CheckStatus::Failure, "switched off");
    let both = off().rule(NodeKind::Function, RESIZE, "");
    both.expect("eventbridge-rules", CheckStatus::Warning, "switched off");
}

/// Findings about a function that nothing leads to.
fn cut_off(pipeline: Pipeline) -> Findings {
    let notifications = BucketNotifications { rules: Vec::new(), event_bridge: true };
    let function = crate::domain::diagnosis::findings::Function { arn: RESIZE.into(), ..Default::default() };
    let findings = pipeline.findings();
    Findings { notifications: Lookup::Found(notifications), function: Lookup::Found(function), ..findings }
}

fn rules_of(findings: &Findings) -> Check {
    let mut checks = Vec::new();
    check(findings, &mut checks);
    checks.into_iter().find(|check| check.id == "eventbridge-rules").unwrap()
}

#[test]
fn a_rule_that_leads_nowhere_is_offered_to_a_function_that_nothing_leads_to() {
    let (bucket, bus, rule) =
        ((NodeKind::Bucket, "photos"), (NodeKind::EventBus, "default"), (NodeKind::EventRule, RULE));
    let to_bus = || Pipeline::new().edge(bucket, bus, EdgeKind::AllEvents, State::Ok);
    let empty = to_bus().edge(bus, rule, EdgeKind::Pattern("{}".into()), State::Ok);
    let said = rules_of(&cut_off(empty));
    assert_eq!(said.status, CheckStatus::Failure, "{said:#?}");
    assert!(said.found.raw().contains("rule images has no targets"), "{said:#?}");
    let command = format!("events put-targets --rule images --targets 'Id=resize,Arn={RESIZE}'");
    assert!(said.fix.iter().any(|fix| fix.raw().ends_with(&command)), "{said:#?}");

    let mut findings = cut_off(to_bus());
    let rule = |name: &str, pattern: &str| AimedRule { name: name.into(), pattern: pattern.into() };
    let other = rule("images", r#"{"source":["aws.s3"],"detail":{"bucket":{"name":["other"]}}}"#);
    let rules = vec![other, rule("machines", r#"{"source":["aws.ec2"]}"#)];
    findings.joints.aimed = Aimed { rules, queues: Vec::new() };
    let said = rules_of(&findings);
    assert_eq!(said.status, CheckStatus::Failure, "{said:#?}");
    assert!(said.found.raw().contains("rule images invokes resize, but not for new objects of photos"), "{said:#?}");
    assert!(!said.found.raw().contains("machines"), "it is about another service: {said:#?}");
    let put = said.fix.iter().find(|fix| fix.raw().contains("events put-rule --name images")).unwrap();
    assert!(put.raw().contains(r#""bucket":{"name":["photos"]}"#), "{said:#?}");
}
