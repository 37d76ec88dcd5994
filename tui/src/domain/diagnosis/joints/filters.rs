//! Filters between the bucket and a function: of event source mappings, and of the subscriptions of topics.
//!
//! They are compared with the messages that S3 and `EventBridge` send, for the key in question or for any.

use imgwatch_shared::arn::Arn;
use imgwatch_shared::filter_policy::{FilterPolicy, Scope};
use serde_json::Value;

use super::{Verdicts, name, to};
use crate::domain::diagnosis::findings::{Attributes, Findings, Lookup, Subscription};
use crate::domain::diagnosis::wiring::path;
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, EventPattern, Mapping, Matches, MessageForm, Node, ObjectCreated};
use crate::text::clean::Clean;

const MAPPINGS: Draft = Draft {
    id: "mapping-filters",
    title: "Mapping filters",
    why: "Lambda deletes messages that match no filter: such an upload leaves no other trace",
};

const SUBSCRIPTIONS: Draft = Draft {
    id: "entry-filter-policies",
    title: "Entry topic's filter policies",
    why: "SNS drops messages that a filter policy excludes; those of S3 and EventBridge have no attributes",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let (mut mappings, mut subscriptions) = (Verdicts::new(MAPPINGS), Verdicts::new(SUBSCRIPTIONS));
    for node in wiring.reached() {
        for edge in wiring.from(&node.id()) {
            match &edge.kind {
                EdgeKind::EventSourceMapping(mapping) if !mapping.filters.is_empty() => {
                    of_mapping(findings, node, edge, mapping, &mut mappings);
                }
                EdgeKind::Subscription(_) => of_subscription(findings, node, edge, &mut subscriptions),
                _ => {}
            }
        }
    }
    out.extend([mappings, subscriptions].into_iter().filter_map(Verdicts::done));
}

fn of_mapping(findings: &Findings, queue: &Node, edge: &Edge, mapping: &Mapping, verdicts: &mut Verdicts) {
    let matches = |form: Option<MessageForm>| match form {
        Some(form) => Matches::any(
            mapping
                .filters
                .iter()
                .map(|filter| EventPattern::new(filter.raw()).matches_queue_record(&event(findings, queue), form)),
        ),
        None => Matches::NotKnown,
    };
    let forms = forms(findings, queue);
    let filters: Vec<&str> = mapping.filters.iter().map(Clean::raw).collect();
    let joint = format!("{} -> {}", queue.name.raw(), name(&findings.joints.wiring, &edge.to));
    let what = format!("{joint} takes only {}", filters.join(" or "));
    let fix = || {
        let words = ["lambda", "update-event-source-mapping", "--uuid", mapping.uuid.raw(), "--filter-criteria", "{}"];
        vec![fix::note("change the filters; this removes all of them:"), fix::aws(findings, &words)]
    };
    say(findings, edge, Matches::any(forms.into_iter().map(matches)), &what, fix, verdicts);
}

fn of_subscription(findings: &Findings, topic: &Node, edge: &Edge, verdicts: &mut Verdicts) {
    let Some(subscription) = subscription(findings, topic, edge) else { return };
    let joint = format!("{} -> {}", topic.name.raw(), name(&findings.joints.wiring, &edge.to));
    let attributes = match &subscription.attributes {
        Lookup::Found(attributes) => attributes,
        // One that is not confirmed has none.
        Lookup::NotAsked => return,
        lookup => return verdicts.unread(&format!("the filter policy of {joint}"), Some(lookup)),
    };
    let Some(policy) = attributes.filter_policy.as_ref().map(Clean::raw) else { return };
    let matches = if attributes.on_body {
        let pattern = EventPattern::new(policy);
        let forms = forms(findings, topic).into_iter();
        Matches::any(forms.map(|form| match form {
            Some(form) => pattern.matches_message(&event(findings, topic), form),
            None => Matches::NotKnown,
        }))
    } else {
        match FilterPolicy::parse(policy, Scope::MessageAttributes) {
            Ok(policy) if policy.passes(&Value::Null, "") => Matches::Yes,
            Ok(_) => Matches::No,
            Err(_) => Matches::NotKnown,
        }
    };
    let fix = || {
        let arn = subscription.arn.as_ref().map_or("", Clean::raw);
        let words = ["sns", "set-subscription-attributes", "--subscription-arn", arn];
        let remove = ["--attribute-name", "FilterPolicy", "--attribute-value", "{}"];
        let note = "change the filter policy; this removes it:";
        vec![fix::note(note), fix::aws(findings, &[&words[..], &remove].concat())]
    };
    say(findings, edge, matches, &format!("{joint} takes only {policy}"), fix, verdicts);
}

/// What a filter makes of the messages.
fn say(
    findings: &Findings,
    edge: &Edge,
    matches: Matches,
    what: &str,
    fix: impl FnOnce() -> Vec<Clean>,
    verdicts: &mut Verdicts,
) {
    let leads = findings.joints.wiring.node(&edge.to).is_some_and(|to| path::leads_on(findings, to));
    let events = match &findings.key {
        Some(key) => format!("events of {}", key.raw()),
        None => "events of new objects".to_owned(),
    };
    match matches {
        Matches::Yes => verdicts.say(CheckStatus::Ok, format!("{what}, which {events} match"), Vec::new()),
        Matches::No if leads => {
            verdicts.say(CheckStatus::Failure, format!("{what}, which {events} do not match"), fix());
        }
        // It may be meant for others.
        Matches::No => verdicts.say(CheckStatus::Note, format!("{what}, which {events} do not match"), Vec::new()),
        Matches::Depends => verdicts.say(CheckStatus::Note, what.to_owned(), Vec::new()),
        Matches::NotKnown => {
            verdicts.say(CheckStatus::NotChecked, format!("{what}, which cannot be evaluated here"), Vec::new());
        }
    }
}

/// The event of a new object, as far as it is known, at this queue or topic.
fn event<'a>(findings: &'a Findings, node: &'a Node) -> ObjectCreated<'a> {
    let arn = node.arn.as_ref().and_then(|arn| Arn::parse(arn.raw()));
    ObjectCreated {
        bucket: findings.names.bucket.raw(),
        partition: arn.map_or("aws", |arn| arn.partition),
        account: arn.map(|arn| arn.account),
        region: arn.map(|arn| arn.region),
        key: findings.key.as_ref().map(Clean::raw),
        size: findings.object.found().and_then(|object| object.size),
    }
}

/// The forms of the messages that a queue or a topic gets from the bucket; `None` for one that is not known.
fn forms(findings: &Findings, node: &Node) -> Vec<Option<MessageForm>> {
    let wiring = &findings.joints.wiring;
    let reached = wiring.reached();
    let mut forms = Vec::new();
    for edge in to(wiring, node) {
        let from = reached.iter().find(|node| node.id() == edge.from);
        match (&edge.kind, from) {
            (EdgeKind::Rule(_), _) => forms.push(Some(MessageForm::Records)),
            (EdgeKind::Target { transformed, .. }, Some(_)) => {
                forms.push((!transformed).then_some(MessageForm::Event));
            }
            (EdgeKind::Subscription(_), Some(topic)) => {
                let subscription = subscription(findings, topic, edge).and_then(|it| it.attributes.found());
                match subscription {
                    Some(Attributes { is_raw: true, .. }) => forms.extend(self::forms(findings, topic)),
                    Some(_) => forms.push(Some(MessageForm::Envelope)),
                    None => forms.push(None),
                }
            }
            _ => {}
        }
    }
    forms
}

/// What was read of the subscription that an edge stands for.
fn subscription<'a>(findings: &'a Findings, topic: &Node, edge: &Edge) -> Option<&'a Subscription> {
    let found = findings.joints.topics.get(topic.arn.as_ref()?)?.found()?;
    let is_it = |it: &&Subscription| {
        let node = Node::new(edge.to.kind, it.endpoint.raw());
        matches!(it.protocol.raw(), "sqs" | "lambda") && node.id() == edge.to
    };
    found.subscriptions.found()?.items.iter().find(is_it)
}
