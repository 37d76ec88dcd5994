//! What leads from the bucket to the function: a rule of its notifications, or a queue, a topic or `EventBridge` after one.

use imgwatch_shared::arn;

use crate::domain::diagnosis::findings::{BucketNotifications, Findings, Rule, RuleKind};
use crate::domain::diagnosis::wiring::CREATED;
use crate::domain::wiring::{Edge, EdgeKind, Matches, Node, NodeId, NodeKind, State};

/// Whether what a resource receives reaches the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leads {
    Yes,
    No,
    /// What would show it was not read, for this reason.
    NotRead(String),
}

/// Whether a rule sends new objects to the function, or to what leads to it.
pub(super) fn is_ours(findings: &Findings, rule: &Rule) -> bool {
    CREATED.iter().any(|created| rule.takes(created)) && of_rule(findings, rule) == Leads::Yes
}

/// Whether a rule invokes the function itself. The function may be named with a version or an alias.
pub(super) fn is_direct(findings: &Findings, rule: &Rule) -> bool {
    let created = CREATED.iter().any(|created| rule.takes(created));
    created && rule.kind == RuleKind::Function && is_function(findings, rule.arn.raw())
}

fn is_function(findings: &Findings, arn: &str) -> bool {
    match findings.function.found().map(|function| function.arn.raw()).filter(|arn| !arn.is_empty()) {
        Some(ours) => arn == ours || arn.strip_prefix(ours).is_some_and(|rest| rest.starts_with(':')),
        None => arn::function(arn).0 == findings.names.function.raw(),
    }
}

/// Whether a rule's destination leads to the function.
pub(super) fn of_rule(findings: &Findings, rule: &Rule) -> Leads {
    let kind = match rule.kind {
        RuleKind::Function if is_function(findings, rule.arn.raw()) => return Leads::Yes,
        RuleKind::Function => return Leads::No,
        RuleKind::Queue => NodeKind::Queue,
        RuleKind::Topic => NodeKind::Topic,
    };
    of_node(findings, &NodeId { kind, name: rule.arn.clone() })
}

/// Whether `EventBridge` leads to the function.
pub(super) fn of_event_bridge(findings: &Findings) -> Leads {
    of_node(findings, &NodeId { kind: NodeKind::EventBus, name: "default".into() })
}

fn of_node(findings: &Findings, id: &NodeId) -> Leads {
    let wiring = &findings.joints.wiring;
    let Some(node) = wiring.node(id) else { return Leads::No };
    let reached = wiring.reached_from(node);
    if reached.iter().any(|node| is_followed(findings, node)) {
        return Leads::Yes;
    }
    let is_unread = |node: &&&Node| {
        node.kind != NodeKind::Function && !matches!(node.state, State::Ok | State::Disabled | State::Missing)
    };
    let why = |node: &Node| match &node.problem {
        Some(problem) => format!("{}: {}", problem.what.raw(), problem.why.raw()),
        None => format!("{} {} is not followed", node.kind.word().replace('_', " "), node.name.raw()),
    };
    reached.iter().find(is_unread).map_or(Leads::No, |node| Leads::NotRead(why(node)))
}

/// Why more may lead to the function than was found, if so.
pub(super) fn unread(findings: &Findings, notifications: &BucketNotifications) -> Option<String> {
    let rules = notifications.rules.iter().map(|rule| of_rule(findings, rule));
    let bus = notifications.event_bridge.then(|| of_event_bridge(findings));
    rules.chain(bus).find_map(|leads| match leads {
        Leads::NotRead(why) => Some(why),
        Leads::Yes | Leads::No => None,
    })
}

/// Whether all was read that leads on from the bucket, and nothing leads to the function.
pub(in crate::domain::diagnosis) fn is_cut_off(findings: &Findings) -> bool {
    let Some(notifications) = findings.notifications.found() else { return false };
    let leads = notifications.rules.iter().any(|rule| is_ours(findings, rule))
        || (notifications.event_bridge && of_event_bridge(findings) == Leads::Yes);
    !leads && !findings.names.function.raw().is_empty() && unread(findings, notifications).is_none()
}

/// Whether new objects reach the function over what is switched on.
pub(in crate::domain::diagnosis) fn is_open(findings: &Findings) -> bool {
    let wiring = &findings.joints.wiring;
    let passes = |edge: &Edge, to: &Node| {
        let is_of_others =
            matches!(&edge.kind, EdgeKind::Rule(rule) if !CREATED.iter().any(|created| rule.takes(created)));
        edge.state != State::Disabled && to.state != State::Disabled && !is_of_others
    };
    let reached = wiring.followed(NodeKind::Bucket).map(|bucket| wiring.reached_over(bucket, passes));
    reached.is_some_and(|reached| reached.into_iter().any(|node| is_followed(findings, node)))
}

/// Whether events that a node gets reach the function.
pub(in crate::domain::diagnosis) fn leads_on(findings: &Findings, node: &Node) -> bool {
    of_node(findings, &node.id()) == Leads::Yes
}

/// Whether a node is the function that is examined.
pub(in crate::domain::diagnosis) fn is_followed(findings: &Findings, node: &Node) -> bool {
    node.kind == NodeKind::Function && is_function(findings, node.id().name.raw())
}

/// The rules that lead to the function on the event bus to which the bucket sends nothing.
pub(super) fn unsent_rules(findings: &Findings) -> Vec<&Node> {
    let wiring = &findings.joints.wiring;
    if findings.notifications.found().is_none_or(|notifications| notifications.event_bridge) {
        return Vec::new();
    }
    wiring.of(NodeKind::EventRule).filter(|rule| leads_on(findings, rule)).collect()
}

/// Where the bucket's new objects go instead of to the function: to a queue, a topic or `EventBridge`.
pub(super) fn detours(findings: &Findings, notifications: &BucketNotifications) -> Vec<String> {
    let is_created = |rule: &&Rule| CREATED.iter().any(|created| rule.takes(created));
    let rules = notifications.rules.iter().filter(is_created).filter_map(|rule| match rule.kind {
        RuleKind::Function => None,
        RuleKind::Queue => Some(format!("queue {}", arn::name(rule.arn.raw()))),
        RuleKind::Topic => Some(format!("topic {}", arn::name(rule.arn.raw()))),
    });
    let is_bus = notifications.event_bridge || !unsent_rules(findings).is_empty();
    rules.chain(is_bus.then(|| "EventBridge".to_owned())).collect()
}

/// The edges other than the bucket's own rules by which its events reach the function.
pub(in crate::domain::diagnosis) fn inbound(findings: &Findings) -> Vec<&Edge> {
    let wiring = &findings.joints.wiring;
    let reached = wiring.reached();
    let invokes = |edge: &&Edge| {
        let is_invocation =
            matches!(edge.kind, EdgeKind::Target { .. } | EdgeKind::Subscription(_) | EdgeKind::EventSourceMapping(_));
        let is_ours = edge.to.kind == NodeKind::Function && is_function(findings, edge.to.name.raw());
        is_invocation && is_ours && reached.iter().any(|node| node.id() == edge.from)
    };
    wiring.edges().iter().filter(invokes).collect()
}

/// Whether Lambda invokes the function with the bucket's events only for messages of a queue, which stay there if it fails.
pub(in crate::domain::diagnosis) fn is_by_queues_only(findings: &Findings) -> bool {
    let mut rules = findings.notifications.found().into_iter().flat_map(|notifications| &notifications.rules);
    let edges = inbound(findings);
    let is_mapping = |edge: &&Edge| matches!(edge.kind, EdgeKind::EventSourceMapping(_));
    !edges.is_empty() && edges.iter().all(is_mapping) && !rules.any(|rule| is_direct(findings, rule))
}

/// The rules of `EventBridge` that lead to the function, by their names.
pub(super) fn event_rules(findings: &Findings) -> Vec<&Node> {
    let wiring = &findings.joints.wiring;
    let rules = wiring.reached().into_iter().filter(|node| node.kind == NodeKind::EventRule);
    rules.filter(|rule| of_node(findings, &rule.id()) == Leads::Yes).collect()
}

/// Which of these rules a key matches, and whether it does for certain.
pub(super) fn matching_event_rules<'a>(findings: &'a Findings, key: &str) -> Vec<(&'a Node, Matches)> {
    let size = findings.object.found().and_then(|object| object.size);
    let all = findings.joints.wiring.matching_rules(findings.names.bucket.raw(), key, size);
    let ours = event_rules(findings);
    all.into_iter().filter(|(rule, _)| ours.iter().any(|one| one.id() == rule.id())).collect()
}
