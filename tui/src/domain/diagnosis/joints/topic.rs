//! Topics between the bucket and a function: who may publish, and whom they send to.

use super::{Access, Verdicts, access, name, to};
use crate::domain::diagnosis::findings::{EntryTopic, Findings, Lookup};
use crate::domain::diagnosis::wiring::path;
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeKind, State};
use crate::text::clean::Clean;

const POLICY: Draft = Draft {
    id: "entry-topic-policy",
    title: "Entry topic policies",
    why: "a topic that refuses the event loses it: S3 and EventBridge report no error",
};

const SUBSCRIPTIONS: Draft = Draft {
    id: "entry-subscriptions",
    title: "Entry topic's subscriptions",
    why: "SNS sends nothing to a subscription that is not confirmed, and fails at a function that does not allow it",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let (mut policy, mut subscriptions) = (Verdicts::new(POLICY), Verdicts::new(SUBSCRIPTIONS));
    for topic in wiring.reached().into_iter().filter(|node| node.kind == NodeKind::Topic) {
        let name = topic.name.raw();
        match topic.arn.as_ref().and_then(|arn| findings.joints.topics.get(arn)) {
            Some(Lookup::Found(found)) => publishers(findings, topic, found, &mut policy),
            Some(Lookup::Missing(_)) => {
                let create = fix::aws(findings, &["sns", "create-topic", "--name", name]);
                let text = format!("topic {name} does not exist");
                policy.say(CheckStatus::Failure, text, vec![fix::note("create it again:"), create]);
                continue;
            }
            lookup => policy.unread(&format!("topic {name}"), lookup),
        }
        subscribers(findings, topic, &mut subscriptions);
    }
    out.extend([policy, subscriptions].into_iter().filter_map(Verdicts::done));
}

/// Who sends to the topic, and whether its policy lets them.
fn publishers(findings: &Findings, topic: &Node, found: &EntryTopic, verdicts: &mut Verdicts) {
    let arn = topic.arn.as_ref().map_or("", Clean::raw);
    for edge in to(&findings.joints.wiring, topic) {
        let access = access(findings, found.policy.as_ref().map(Clean::raw), "sns:Publish", edge);
        let Some(Access { status, text, policy }) = access else { continue };
        let fix = match policy {
            _ if status == CheckStatus::Ok => Vec::new(),
            Some(policy) => {
                let policy = policy.to_string();
                let words = ["sns", "set-topic-attributes", "--topic-arn", arn, "--attribute-name", "Policy"];
                let note = "this replaces the topic's policy with the current policy and one more statement";
                vec![fix::note(note), fix::aws(findings, &[&words[..], &["--attribute-value", &policy]].concat())]
            }
            None => {
                let note = fix::note("change the policy so that it allows the service to publish:");
                vec![note, fix::aws(findings, &["sns", "get-topic-attributes", "--topic-arn", arn])]
            }
        };
        verdicts.say(status, text, fix);
    }
}

/// Whom the topic sends to.
fn subscribers(findings: &Findings, topic: &Node, verdicts: &mut Verdicts) {
    let wiring = &findings.joints.wiring;
    let edges = wiring.from(&topic.id());
    let is_subscription = |edge: &&Edge| matches!(edge.kind, EdgeKind::Subscription(_));
    let edges: Vec<&Edge> = edges.into_iter().filter(is_subscription).collect();
    let leads = |edge: &&Edge| matches!(edge.to.kind, NodeKind::Function | NodeKind::Queue);
    let is_read = topic.problem.is_none() && topic.state == State::Ok;
    if is_read && !edges.iter().any(leads) && path::is_cut_off(findings) {
        let text = format!("no function and no queue is subscribed to {}", topic.name.raw());
        verdicts.say(CheckStatus::Failure, text, subscribe(findings, topic));
    } else if is_read && edges.is_empty() {
        verdicts.say(CheckStatus::Warning, format!("{} has no subscriptions", topic.name.raw()), Vec::new());
    }
    for edge in edges {
        let joint = format!("{} -> {}", topic.name.raw(), name(wiring, &edge.to));
        if edge.state == State::Disabled {
            verdicts.say(CheckStatus::Failure, format!("{joint} is not confirmed"), Vec::new());
        } else if edge.to.kind == NodeKind::Function {
            super::bus::invocation(findings, edge, verdicts);
        }
    }
}

/// The command that subscribes the function, or the queue that it reads.
fn subscribe(findings: &Findings, topic: &Node) -> Vec<Clean> {
    let function = findings.function.found().map(|function| function.arn.raw()).filter(|arn| !arn.is_empty());
    let (protocol, endpoint) = match (&findings.joints.aimed.queues[..], function) {
        ([queue], _) => ("sqs", queue.raw()),
        (_, Some(function)) => ("lambda", function),
        (_, None) => return Vec::new(),
    };
    let topic = topic.id();
    let words = ["sns", "subscribe", "--topic-arn", topic.name.raw(), "--protocol", protocol];
    let note = fix::note("if the function is to get what is published there:");
    vec![note, fix::aws(findings, &[&words[..], &["--notification-endpoint", endpoint]].concat())]
}
