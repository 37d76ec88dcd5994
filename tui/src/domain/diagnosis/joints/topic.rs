//! Topics between the bucket and a function: who may publish, and whom they send to.

use super::{Verdicts, allowance, name, to};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{EdgeKind, NodeKind, State};
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
        let topic_name = topic.name.raw();
        let lookup = topic.arn.as_ref().and_then(|arn| findings.joints.topics.get(arn));
        match lookup {
            Some(Lookup::Found(text)) => {
                let text = text.as_ref().map_or("", Clean::raw);
                let arn = topic.arn.as_ref().map_or("", Clean::raw);
                let words = ["sns", "get-topic-attributes", "--topic-arn", arn];
                let show = || {
                    vec![fix::note("add a statement that allows the service to publish:"), fix::aws(findings, &words)]
                };
                for edge in to(wiring, topic) {
                    if let Some((status, said)) = allowance(findings, text, "sns:Publish", edge) {
                        policy.say(status, said, if status == CheckStatus::Ok { Vec::new() } else { show() });
                    }
                }
            }
            lookup => policy.unread(&format!("topic {topic_name}"), lookup),
        }
        let edges = wiring.from(&topic.id());
        let edges: Vec<_> = edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Subscription(_))).collect();
        if edges.is_empty() && topic.problem.is_none() && topic.state == State::Ok {
            subscriptions.say(CheckStatus::Warning, format!("{topic_name} has no subscriptions"), Vec::new());
        }
        for edge in edges {
            let joint = format!("{topic_name} -> {}", name(wiring, &edge.to));
            if edge.state == State::Disabled {
                subscriptions.say(CheckStatus::Failure, format!("{joint} is not confirmed"), Vec::new());
            } else if edge.to.kind == NodeKind::Function {
                super::bus::invocation(findings, edge, &mut subscriptions);
            }
        }
    }
    out.extend([policy, subscriptions].into_iter().filter_map(Verdicts::done));
}
