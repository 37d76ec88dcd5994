mod circles;
mod eventbridge;
mod filters;
mod resources;

use std::collections::BTreeMap;

use super::*;
use crate::domain::diagnosis::findings::{
    Attributes, Caller, EntryFunction, EntryQueue, EntryTopic, Joints, Names, Subscription,
};
use crate::domain::wiring::{Mapping, NodeKind, Rule, RuleKind, State};

const JOBS: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";
const DEAD: &str = "arn:aws:sqs:eu-west-1:123456789012:dead";
const FAN: &str = "arn:aws:sns:eu-west-1:123456789012:fan";
const RESIZE: &str = "arn:aws:lambda:eu-west-1:123456789012:function:resize";
const RULE: &str = "arn:aws:events:eu-west-1:123456789012:rule/images";

/// A pipeline that is put together edge by edge.
struct Pipeline {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    joints: Joints,
    key: Option<Clean>,
}

fn bucket() -> Node {
    Node::new(NodeKind::Bucket, "photos").read().followed()
}

impl Pipeline {
    fn new() -> Self {
        Self { nodes: vec![bucket()], edges: Vec::new(), joints: Joints::default(), key: None }
    }

    fn edge(mut self, from: (NodeKind, &str), to: (NodeKind, &str), kind: EdgeKind, state: State) -> Self {
        let (node, edge) = Edge::to(&Node::new(from.0, from.1), to.0, to.1, kind, state);
        self.nodes.push(node.read());
        self.edges.push(edge);
        self
    }

    /// By a rule of the bucket's notifications for keys with this prefix.
    fn rule(self, kind: NodeKind, to: &str, prefix: &str) -> Self {
        let rule = Rule {
            kind: RuleKind::Function,
            id: Some("in".into()),
            arn: to.into(),
            events: vec!["s3:ObjectCreated:*".into()],
            filter: vec![("Prefix".into(), prefix.into())],
        };
        self.edge((NodeKind::Bucket, "photos"), (kind, to), EdgeKind::Rule(rule), State::Ok)
    }

    fn mapping(self, mapping: Mapping) -> Self {
        let by = EdgeKind::EventSourceMapping(mapping);
        self.edge((NodeKind::Queue, JOBS), (NodeKind::Function, RESIZE), by, State::Ok)
    }

    fn queue(mut self, queue: EntryQueue) -> Self {
        self.joints.queues.insert(JOBS.into(), Lookup::Found(queue));
        self
    }

    fn function(mut self, function: EntryFunction) -> Self {
        self.joints.functions.insert(RESIZE.into(), Lookup::Found(function));
        self
    }

    fn policy(mut self, policy: &str) -> Self {
        self.joints.policies.insert(RESIZE.into(), Lookup::Found(policy.into()));
        self
    }

    fn event_bridge(self, pattern: &str, to: (NodeKind, &str)) -> Self {
        let (bus, rule) = ((NodeKind::EventBus, "default"), (NodeKind::EventRule, RULE));
        self.edge((NodeKind::Bucket, "photos"), bus, EdgeKind::AllEvents, State::Ok)
            .edge(bus, rule, EdgeKind::Pattern(pattern.into()), State::Ok)
            .edge(rule, to, EdgeKind::Target { id: "1".into(), transformed: false }, State::Ok)
    }

    fn findings(self) -> Findings {
        let names = Names {
            bucket: "photos".into(),
            function: "resize".into(),
            topic_arn: Clean::default(),
            region: "eu-west-1".into(),
            log_group: Clean::default(),
            profile: None,
            endpoint: None,
        };
        let joints = Joints { wiring: Wiring::new(self.nodes, self.edges), ..self.joints };
        let caller = Caller { account: "123456789012".into(), arn: "arn:aws:iam::123456789012:user/ada".into() };
        Findings { joints, key: self.key, caller: Lookup::Found(caller), ..Findings::none(names) }
    }

    /// The checks by id.
    fn checks(self) -> BTreeMap<&'static str, Check> {
        let mut checks = Vec::new();
        check(&self.findings(), &mut checks);
        checks.into_iter().map(|check| (check.id, check)).collect()
    }

    /// How one check comes out, and what it says.
    fn expect(self, id: &str, status: CheckStatus, said: &str) -> Check {
        let mut checks = self.checks();
        let all: Vec<_> = checks.keys().copied().collect();
        let check = checks.remove(id).unwrap_or_else(|| panic!("{id} in {all:?}"));
        assert_eq!(check.status, status, "{id}: {}", check.found);
        assert!(check.found.raw().contains(said), "{id}: {}", check.found);
        check
    }
}

/// A policy that lets a service do this for a source.
fn policy(service: &str, action: &str, source: &str) -> Clean {
    Clean::new(&format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"{action}","Resource":"*","Condition":{{"ArnLike":{{"aws:SourceArn":"{source}"}}}}}}]}}"#
    ))
}

fn good_queue() -> EntryQueue {
    EntryQueue {
        url: "https://sqs/jobs".into(),
        policy: Some(policy("s3.amazonaws.com", "sqs:SendMessage", "arn:aws:s3:::photos")),
        kms_key: None,
        visibility: Some(180),
        redrive_policy: Some(
            r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":5}"#.into(),
        ),
    }
}

fn good_mapping() -> Mapping {
    Mapping { uuid: "u1".into(), state: "Enabled".into(), reports_item_failures: true, ..Mapping::default() }
}

fn good_function() -> EntryFunction {
    EntryFunction { timeout: Some(30), reports_item_failures: Some(true), bucket_variables: Vec::new() }
}

/// A bucket whose events pass a queue, all in order.
fn queued(queue: EntryQueue, mapping: Mapping, function: EntryFunction) -> Pipeline {
    Pipeline::new().rule(NodeKind::Queue, JOBS, "").mapping(mapping).queue(queue).function(function)
}

/// A subscription with these attributes.
fn subscription(protocol: &str, endpoint: &str, attributes: Attributes) -> Subscription {
    let arn = Some(format!("{FAN}:1").into());
    Subscription { arn, protocol: protocol.into(), endpoint: endpoint.into(), attributes: Lookup::Found(attributes) }
}

#[test]
fn a_pipeline_without_such_joints_has_no_such_checks() {
    let direct = Pipeline::new().rule(NodeKind::Function, RESIZE, "").function(good_function());
    assert_eq!(direct.checks().len(), 0);
}

#[test]
fn a_queue_in_order_is_ok_at_every_joint() {
    let checks = queued(good_queue(), good_mapping(), good_function()).checks();
    let ids: Vec<&str> = checks.keys().copied().collect();
    let expected = [
        "batch-item-failures",
        "entry-encryption",
        "entry-queue-policy",
        "entry-redrive-policy",
        "event-source-mapping",
        "visibility-timeout",
    ];
    assert_eq!(ids, expected);
    assert!(checks.values().all(|check| check.status == CheckStatus::Ok && check.fix.is_empty()), "{checks:#?}");
}

#[test]
fn each_joint_of_a_queue_is_named_when_it_is_broken() {
    let with_queue = |change: fn(&mut EntryQueue)| {
        let mut queue = good_queue();
        change(&mut queue);
        queued(queue, good_mapping(), good_function())
    };
    let other = |queue: &mut EntryQueue| {
        queue.policy = Some(policy("s3.amazonaws.com", "sqs:SendMessage", "arn:aws:s3:::other"));
    };
    let check =
        with_queue(other).expect("entry-queue-policy", CheckStatus::Failure, "the policy of jobs does not allow s3");
    // What the policy allows to others stays.
    for part in ["set-queue-attributes", "arn:aws:s3:::other", "arn:aws:s3:::photos", "123456789012"] {
        assert!(check.fix[1].raw().contains(part), "{part}: {:?}", check.fix);
    }
    with_queue(|it| it.policy = None).expect("entry-queue-policy", CheckStatus::Failure, "does not allow");
    let denied = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"*"}]}"#;
    let mut queue = good_queue();
    queue.policy = Some(denied.into());
    let check = queued(queue, good_mapping(), good_function());
    let check = check.expect("entry-queue-policy", CheckStatus::Failure, "does not allow");
    assert!(check.fix[1].raw().contains("get-queue-attributes"), "an Allow does not help: {:?}", check.fix);
    let check = with_queue(|it| it.visibility = Some(29)).expect("visibility-timeout", CheckStatus::Failure, "29 s");
    assert!(check.fix[0].raw().contains("VisibilityTimeout=180"), "{:?}", check.fix);
    with_queue(|it| it.visibility = Some(179)).expect("visibility-timeout", CheckStatus::Warning, "30 s");
    let check = with_queue(|it| it.redrive_policy = None);
    let check = check.expect("entry-redrive-policy", CheckStatus::Warning, "no redrive policy");
    assert!(check.fix[1].raw().ends_with("create-queue --queue-name jobs-dead-letters"), "{:?}", check.fix);
    assert!(check.fix[2].raw().contains(&format!("{JOBS}-dead-letters")), "{:?}", check.fix);
    let few = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dead","maxReceiveCount":"2"}"#;
    let mut queue = good_queue();
    queue.redrive_policy = Some(few.into());
    queued(queue, good_mapping(), good_function()).expect(
        "entry-redrive-policy",
        CheckStatus::Warning,
        "after 2 receives",
    );

    let with = |change: fn(&mut Mapping)| {
        let mut mapping = good_mapping();
        change(&mut mapping);
        queued(good_queue(), mapping, good_function())
    };
    let off =
        with(|it| it.state = "Disabled".into()).expect("event-source-mapping", CheckStatus::Failure, "switched off");
    assert!(off.fix[0].raw().ends_with("--uuid u1 --enabled"), "{:?}", off.fix);
    let problem = |it: &mut Mapping| it.last_result = Some("PROBLEM: Function call failed".into());
    with(problem).expect("event-source-mapping", CheckStatus::Failure, "PROBLEM");
    with(|it| it.batching_window = 60).expect("visibility-timeout", CheckStatus::Warning, "180 s");
    let unread = Pipeline::new().rule(NodeKind::Queue, JOBS, "").queue(good_queue());
    unread.expect("event-source-mapping", CheckStatus::Warning, "no function of this account reads jobs");
}

#[test]
fn what_the_mapping_takes_is_compared_with_what_the_function_reports() {
    for (mapping, function, expected) in [
        (true, Some(true), Some(CheckStatus::Ok)),
        (false, Some(true), Some(CheckStatus::Failure)),
        (true, Some(false), Some(CheckStatus::Warning)),
        (false, Some(false), Some(CheckStatus::Ok)),
        (true, None, Some(CheckStatus::Ok)),
        (false, None, None),
    ] {
        let mapping = Mapping { reports_item_failures: mapping, ..good_mapping() };
        let config = EntryFunction { reports_item_failures: function, ..good_function() };
        let checks = queued(good_queue(), mapping.clone(), config).checks();
        let status = checks.get("batch-item-failures").map(|check| check.status);
        assert_eq!(status, expected, "{mapping:?} {function:?}");
    }
}

#[test]
fn what_was_not_read_is_not_in_order() {
    let mut pipeline = queued(good_queue(), good_mapping(), good_function());
    let denied = || Lookup::Denied { permission: "sqs:GetQueueAttributes", why: "no".into() };
    pipeline.joints.queues.insert(JOBS.into(), denied());
    let check = pipeline.expect("entry-queue-policy", CheckStatus::NotChecked, "queue jobs");
    assert_eq!(check.permission, Some("sqs:GetQueueAttributes"));
}

#[test]
fn a_topic_needs_its_policy_and_confirmed_subscriptions() {
    let subscribed = |state, topic: &str, function: &Clean| {
        let mut pipeline = Pipeline::new()
            .rule(NodeKind::Topic, FAN, "")
            .edge((NodeKind::Topic, FAN), (NodeKind::Function, RESIZE), EdgeKind::Subscription("lambda".into()), state)
            .policy(function.raw());
        let policy = Some(policy("s3.amazonaws.com", "sns:Publish", topic));
        let topic = EntryTopic { policy, ..EntryTopic::default() };
        pipeline.joints.topics.insert(FAN.into(), Lookup::Found(topic));
        pipeline
    };
    let invoked = |source: &str| policy("sns.amazonaws.com", "lambda:InvokeFunction", source);
    let (ours, other) = ("arn:aws:s3:::photos", "arn:aws:s3:::other");
    subscribed(State::Ok, ours, &invoked(FAN)).expect("entry-topic-policy", CheckStatus::Ok, "allows s3.amazonaws.com");
    subscribed(State::Ok, ours, &invoked(FAN)).expect(
        "entry-subscriptions",
        CheckStatus::Ok,
        "allows sns.amazonaws.com",
    );
    let check = subscribed(State::Ok, other, &invoked(FAN));
    let check = check.expect("entry-topic-policy", CheckStatus::Failure, "does not allow");
    assert!(check.fix[1].raw().contains("set-topic-attributes"), "{:?}", check.fix);
    let mut gone = subscribed(State::Ok, ours, &invoked(FAN));
    gone.joints.topics.insert(FAN.into(), Lookup::Missing("gone".into()));
    gone.expect("entry-topic-policy", CheckStatus::Failure, "topic fan does not exist");
    let mut gone = subscribed(State::Ok, ours, &invoked(FAN));
    gone.joints.functions.insert(RESIZE.into(), Lookup::Missing("gone".into()));
    gone.expect("entry-subscriptions", CheckStatus::Failure, "function resize does not exist");
    subscribed(State::Disabled, ours, &invoked(FAN)).expect(
        "entry-subscriptions",
        CheckStatus::Failure,
        "not confirmed",
    );
    let check = subscribed(State::Ok, ours, &invoked("arn:aws:sns:eu-west-1:123456789012:else"));
    let check = check.expect("entry-subscriptions", CheckStatus::Failure, "the policy of resize does not allow");
    assert!(check.fix[0].raw().contains("add-permission --function-name resize"), "{:?}", check.fix);
    let nobody = Pipeline::new().rule(NodeKind::Topic, FAN, "");
    nobody.expect("entry-subscriptions", CheckStatus::Warning, "no subscriptions");
}
