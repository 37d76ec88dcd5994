//! Paths that meet: an event that reaches one function twice, and a function that may start itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Verdicts, name};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeId, NodeKind, Wiring};
use crate::text::clean::Clean;

const OVERLAP: Draft = Draft {
    id: "overlapping-paths",
    title: "Overlapping paths",
    why: "an event that reaches a function by two paths is handled twice",
};

const RECURSION: Draft = Draft {
    id: "recursion",
    title: "Recursion",
    why: "a function that starts itself costs without end; Lambda stops it after about 16 rounds, if the function's SDK \
        passes on the trace header and no other service is in the loop",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let (mut overlap, mut recursion) = (Verdicts::new(OVERLAP), Verdicts::new(RECURSION));
    overlaps(wiring, &mut overlap);
    for function in wiring.reached().into_iter().filter(|node| node.kind == NodeKind::Function) {
        sends_back(wiring, function, &mut recursion);
        writes_back(findings, function, &mut recursion);
    }
    out.extend([overlap, recursion].into_iter().filter_map(Verdicts::done));
}

/// Functions to which several edges lead. Rules of the bucket's notifications for one kind of destination cannot overlap.
fn overlaps(wiring: &Wiring, verdicts: &mut Verdicts) {
    let bucket = wiring.followed(NodeKind::Bucket);
    let reached: BTreeSet<NodeId> = wiring.reached().into_iter().chain(bucket).map(Node::id).collect();
    let mut ways: BTreeMap<&NodeId, Vec<&Edge>> = BTreeMap::new();
    let passes = |edge: &&Edge| {
        let is_way = matches!(
            edge.kind,
            EdgeKind::Rule(_) | EdgeKind::Target { .. } | EdgeKind::Subscription(_) | EdgeKind::EventSourceMapping(_)
        );
        is_way && edge.to.kind == NodeKind::Function && reached.contains(&edge.from)
    };
    for edge in wiring.edges().iter().filter(passes) {
        ways.entry(&edge.to).or_default().push(edge);
    }
    for (function, edges) in ways {
        let sources: BTreeSet<&NodeId> = edges.iter().map(|edge| &edge.from).collect();
        if sources.len() > 1 {
            let names: Vec<String> = sources
                .into_iter()
                .map(|id| format!("{} {}", id.kind.word().replace('_', " "), name(wiring, id)))
                .collect();
            let text = format!("{} is started by {}", name(wiring, function), names.join(" and by "));
            let note = fix::note("check that no key takes both paths, or that handling it twice does no harm");
            verdicts.say(CheckStatus::Note, text, vec![note]);
        }
    }
}

/// A function whose topic, or whose results, lead back to it.
fn sends_back(wiring: &Wiring, function: &Node, verdicts: &mut Verdicts) {
    let id = function.id();
    for edge in wiring.from(&id) {
        let (status, what) = match &edge.kind {
            EdgeKind::Failure => (CheckStatus::Failure, "what fails in"),
            EdgeKind::Success => (CheckStatus::Failure, "what succeeds in"),
            EdgeKind::Variable(_) | EdgeKind::Named => (CheckStatus::Warning, "what is published by"),
            _ => continue,
        };
        if let Some(closing) = leads_back(wiring, &edge.to, &id) {
            let (from, to) = (name(wiring, &edge.to), name(wiring, &id));
            let by = closing.kind.word().replace('_', " ");
            let text = format!(
                "{what} {to} goes to {from}, which starts {to} again: the {by} from {} closes the circle",
                name(wiring, &closing.from)
            );
            verdicts.say(
                status,
                text,
                vec![fix::note("send it to a resource that does not lead back to the function")],
            );
        }
    }
}

/// The last edge of a way from a resource to a function, without another function in between.
fn leads_back<'a>(wiring: &'a Wiring, from: &NodeId, function: &NodeId) -> Option<&'a Edge> {
    let (mut open, mut seen) = (vec![from.clone()], BTreeSet::new());
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for edge in wiring.from(&id) {
            let passes = matches!(edge.kind, EdgeKind::Subscription(_) | EdgeKind::EventSourceMapping(_));
            if passes && edge.to == *function {
                return Some(edge);
            }
            if passes && edge.to.kind != NodeKind::Function {
                open.push(edge.to.clone());
            }
        }
    }
    None
}

/// A function that knows the bucket by name, and is started by keys that it may write.
fn writes_back(findings: &Findings, function: &Node, verdicts: &mut Verdicts) {
    let wiring = &findings.joints.wiring;
    let Some(Lookup::Found(config)) = findings.joints.functions.get(&function.id().name) else { return };
    let Some(variable) = config.bucket_variables.first() else { return };
    let Some(first) = wiring.way_to(function).into_iter().find(|edge| decides(edge)) else { return };
    let (name, variable) = (function.name.raw(), variable.raw());
    let (status, keys) = match narrowed(first) {
        Some(condition) => (CheckStatus::Note, format!("keys that match {condition}")),
        None => (CheckStatus::Warning, "every key".to_owned()),
    };
    let rule = match &first.kind {
        EdgeKind::Rule(rule) => rule.id.as_ref().map_or("without an id", Clean::raw).to_owned(),
        _ => super::name(wiring, &first.to),
    };
    let text = format!(
        "{name} names its own bucket in {variable}, and rule {rule} starts it for {keys}: if it writes such a key, it \
         starts itself"
    );
    let note = fix::note("write to another bucket, or under a prefix that the rule leaves out");
    verdicts.say(status, text, vec![note]);
}

/// Whether it is the edge that decides by the key.
fn decides(edge: &Edge) -> bool {
    matches!(edge.kind, EdgeKind::Rule(_) | EdgeKind::Pattern(_))
}

/// What an edge asks of the key, where it asks anything.
fn narrowed(edge: &Edge) -> Option<String> {
    match &edge.kind {
        EdgeKind::Rule(rule) if rule.filter.iter().all(|(_, value)| value.raw().is_empty()) => None,
        EdgeKind::Rule(rule) => Some(rule.conditions()),
        EdgeKind::Pattern(_) => edge.condition().filter(|condition| condition.contains("object.key")),
        _ => None,
    }
}
