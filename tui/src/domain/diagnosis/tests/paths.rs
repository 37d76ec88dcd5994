//! What leads from the bucket to the function where the bucket has no rule for the function itself.

use super::*;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::{Edge, EdgeKind, Mapping, Node, NodeKind, State, Wiring};

const JOBS: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";
const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/images";
const OTHER: &str = "arn:aws:lambda:eu-west-1:123456789012:function:other";

fn bucket() -> Node {
    Node::new(NodeKind::Bucket, "b").read().followed()
}

/// The bucket sends keys with this suffix to a queue, which a function reads. The function's own policy allows no service.
fn queued(suffix: &str, function: &str) -> Findings {
    let mut findings = healthy();
    let rule = rule("images", JOBS, &["s3:ObjectCreated:*"], &[("Suffix", suffix)]);
    let (queue, to_queue) = Edge::to(&bucket(), NodeKind::Queue, JOBS, EdgeKind::Rule(rule.clone()), State::Ok);
    let mapping = EdgeKind::EventSourceMapping(Mapping::default());
    let (function, to_function) = Edge::to(&queue, NodeKind::Function, function, mapping, State::Ok);
    findings.joints.wiring = Wiring::new([bucket(), queue.read(), function.read()], [to_queue, to_function]);
    findings.notifications = Lookup::Found(BucketNotifications { rules: vec![rule], event_bridge: false });
    findings.function_policy = Lookup::Missing("no policy".into());
    findings.key = Some("a.png".into());
    findings
}

/// The bucket sends everything to `EventBridge`, where a rule for keys with this suffix has a target.
fn by_event_bridge(suffix: &str, rule_state: State, target: (NodeKind, &str)) -> Findings {
    let mut findings = healthy();
    let pattern = format!(
        r#"{{"source":["aws.s3"],"detail":{{"bucket":{{"name":["b"]}},"object":{{"key":[{{"suffix":"{suffix}"}}]}}}}}}"#
    );
    let (bus, to_bus) = Edge::to(&bucket(), NodeKind::EventBus, "default", EdgeKind::AllEvents, State::Ok);
    let by = EdgeKind::Pattern(Clean::new(&pattern));
    let (rule, to_rule) = Edge::to(&bus, NodeKind::EventRule, RULE, by, State::Ok);
    let by = EdgeKind::Target { id: "1".into(), transformed: false };
    let (target, to_target) = Edge::to(&rule, target.0, target.1, by, State::Ok);
    let rule = Node { state: rule_state, ..rule };
    findings.joints.wiring = Wiring::new([bucket(), bus.read(), rule, target], [to_bus, to_rule, to_target]);
    findings.notifications = Lookup::Found(BucketNotifications { rules: Vec::new(), event_bridge: true });
    findings.function_policy = Lookup::Missing("no policy".into());
    findings.key = Some("a.png".into());
    findings
}

fn statuses(findings: &Findings, ids: &[&str]) -> Vec<CheckStatus> {
    ids.iter().map(|id| check(findings, id).status).collect()
}

const IDS: [&str; 3] = ["notification", "permission", "key"];

#[test]
fn a_rule_for_a_queue_that_the_function_reads_is_a_rule_of_the_function() {
    let findings = queued(".png", FUNCTION);
    assert_eq!(statuses(&findings, &IDS), [CheckStatus::Ok; 3]);
    assert_eq!(check(&findings, "notification-events").status, CheckStatus::Ok);
    let said = check(&findings, "permission");
    assert!(said.found.raw().contains("its events come by queue jobs"), "{said:#?}");
    // A key that the rule leaves out, and the fix goes to the same queue.
    let missed = check(&queued(".jpg", FUNCTION), "key");
    assert_eq!(missed.status, CheckStatus::Failure, "{missed:#?}");
    assert!(fix(&missed).contains(&format!(r#""QueueArn":"{JOBS}""#)), "{missed:#?}");
}

#[test]
fn a_queue_that_another_function_reads_does_not_lead_to_it() {
    let findings = queued(".png", OTHER);
    // A permission for S3 would be of no use: its events go to the queue.
    assert_eq!(statuses(&findings, &IDS), [CheckStatus::Failure, CheckStatus::Note, CheckStatus::Failure]);
    assert!(check(&findings, "permission").found.raw().contains("to come by queue jobs"));
}

#[test]
fn a_queue_that_nothing_reads_is_offered_to_a_function_that_nothing_leads_to() {
    let mut findings = queued(".png", OTHER);
    let queue = findings.joints.wiring.of(NodeKind::Queue).next().unwrap().clone();
    let rules = findings.joints.wiring.edges().iter().filter(|edge| matches!(edge.kind, EdgeKind::Rule(_))).cloned();
    findings.joints.wiring = Wiring::new([bucket(), queue], rules.collect::<Vec<_>>());
    function(&mut findings).variables.insert("REPORT_BATCH_ITEM_FAILURES".to_owned(), "true".into());
    let said = check(&findings, "event-source-mapping");
    assert_eq!(said.status, CheckStatus::Failure, "{said:#?}");
    let command = format!(
        "lambda create-event-source-mapping --function-name F --event-source-arn {JOBS} --function-response-types \
         ReportBatchItemFailures"
    );
    assert!(fix(&said).ends_with(&command), "{said:#?}");
    assert!(fix(&check(&findings, "notification")).contains("`event-source-mapping`"));
}

#[test]
fn events_that_are_not_sent_to_eventbridge_are_named_with_the_rule_that_waits_for_them() {
    let mut findings = by_event_bridge(".png", State::Ok, (NodeKind::Function, FUNCTION));
    let wiring = findings.joints.wiring.clone();
    let edges = wiring.edges().iter().filter(|edge| edge.kind != EdgeKind::AllEvents).cloned();
    findings.joints.wiring = Wiring::new(wiring.nodes().to_vec(), edges.collect::<Vec<_>>());
    findings.notifications = Lookup::Found(BucketNotifications::default());
    assert_eq!(statuses(&findings, &IDS), [CheckStatus::Failure, CheckStatus::Note, CheckStatus::Failure]);
    let said = check(&findings, "notification");
    assert!(said.found.raw().contains("does not send its events to EventBridge, where images leads to F"), "{said:#?}");
    assert!(fix(&said).contains("EventBridgeConfiguration"), "{said:#?}");
}

#[test]
fn a_bucket_without_rules_gets_one_for_the_queue_that_the_function_reads() {
    let mut findings = queued(".png", FUNCTION);
    findings.notifications = Lookup::Found(BucketNotifications::default());
    findings.joints.wiring = Wiring::new([bucket()], []);
    findings.joints.aimed.queues = vec![JOBS.into()];
    assert_eq!(statuses(&findings, &IDS), [CheckStatus::Failure, CheckStatus::Note, CheckStatus::Failure]);
    assert!(fix(&check(&findings, "notification")).contains(&format!(r#""QueueArn":"{JOBS}""#)));
}

#[test]
fn mappings_that_cannot_be_listed_are_not_taken_for_none() {
    let mut findings = queued(".png", OTHER);
    let queue = findings.joints.wiring.of(NodeKind::Queue).next().unwrap().clone();
    let problem = Problem::new(ProblemKind::Denied, "cannot list the mappings", "not allowed");
    let queue = Node { state: State::NotRead, ..queue }.unread(problem, "lambda:ListEventSourceMappings");
    let rules = findings.joints.wiring.edges().iter().filter(|edge| matches!(edge.kind, EdgeKind::Rule(_))).cloned();
    findings.joints.wiring = Wiring::new([bucket(), queue], rules.collect::<Vec<_>>());
    assert_eq!(statuses(&findings, &IDS), [CheckStatus::NotChecked; 3]);
    let said = check(&findings, "notification");
    assert!(said.found.raw().contains("cannot list the mappings: not allowed"), "{said:#?}");
}

#[test]
fn failed_messages_of_a_queue_are_not_lost_without_a_failure_destination() {
    let mut findings = queued(".png", FUNCTION);
    findings.event_invoke = Lookup::Missing("none".into());
    assert_eq!(check(&findings, "failed-events").status, CheckStatus::Ok);
    // S3 invokes it as well, and Lambda drops such an event.
    if let Lookup::Found(notifications) = &mut findings.notifications {
        notifications.rules.push(rule("own", FUNCTION, &["s3:ObjectCreated:*"], &[("Prefix", "in/")]));
    }
    assert_eq!(check(&findings, "failed-events").status, CheckStatus::Warning);
}

#[test]
fn a_rule_of_eventbridge_that_matches_the_key_is_enough() {
    let ours = (NodeKind::Function, FUNCTION);
    for (suffix, state, target, expected) in [
        (".png", State::Ok, ours, [CheckStatus::Ok, CheckStatus::Ok, CheckStatus::Ok]),
        (".jpg", State::Ok, ours, [CheckStatus::Ok, CheckStatus::Ok, CheckStatus::Failure]),
        (".png", State::Disabled, ours, [CheckStatus::Ok, CheckStatus::Ok, CheckStatus::Failure]),
        (
            ".png",
            State::Ok,
            (NodeKind::Function, OTHER),
            [CheckStatus::Failure, CheckStatus::Note, CheckStatus::Failure],
        ),
        // What a state machine does is not known here.
        (
            ".png",
            State::Ok,
            (NodeKind::StateMachine, "arn:aws:states:eu-west-1:123456789012:stateMachine:m"),
            [CheckStatus::NotChecked; 3],
        ),
    ] {
        let findings = by_event_bridge(suffix, state, target);
        assert_eq!(statuses(&findings, &IDS), expected, "{suffix} {state:?} {target:?}");
    }
}
