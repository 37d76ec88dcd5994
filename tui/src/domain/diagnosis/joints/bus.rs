//! EventBridge: which rules the events match, whether these are on, and whether their targets take them.

use super::{Verdicts, allowance, name, sender};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, Matches, Node, NodeKind, State};
use crate::text::clean::Clean;

const RULES: Draft = Draft {
    id: "eventbridge-rules",
    title: "EventBridge rules",
    why: "EventBridge drops an event that matches no rule, and one whose rule is switched off",
};

const KEY: Draft = Draft {
    id: "eventbridge-key",
    title: "Does this key match an EventBridge rule?",
    why: "EventBridge compares the key as it is, while rules of the bucket's notifications have it encoded",
};

const TARGETS: Draft = Draft {
    id: "eventbridge-permission",
    title: "Permission to invoke targets",
    why: "EventBridge does not retry where the permission is missing: without a dead-letter queue the event is lost",
};

const DEAD_LETTERS: Draft = Draft {
    id: "eventbridge-dead-letters",
    title: "EventBridge dead-letter queues",
    why: "what a target does not take within a day is lost without one",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    let wiring = &findings.joints.wiring;
    let reached = wiring.reached();
    let Some(bus) = reached.iter().find(|node| node.kind == NodeKind::EventBus) else { return };
    let (mut rules, mut targets, mut dead) =
        (Verdicts::new(RULES), Verdicts::new(TARGETS), Verdicts::new(DEAD_LETTERS));
    let patterns = wiring.from(&bus.id());
    if let Some(problem) = &bus.problem {
        let text = format!("{}: {}", problem.what.raw(), problem.why.raw());
        rules.say(CheckStatus::NotChecked, text, Vec::new());
    } else if patterns.is_empty() {
        let text = "the bucket sends its events to EventBridge, but no rule of the default event bus matches them";
        rules.say(CheckStatus::Warning, text.to_owned(), Vec::new());
    }
    for edge in &patterns {
        let Some(rule) = wiring.node(&edge.to) else { continue };
        state(findings, rule, edge, &mut rules);
        let edges = wiring.from(&rule.id());
        let has_dead_letters = edges.iter().any(|edge| edge.kind == EdgeKind::Failure);
        for edge in edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Target { .. })) {
            // Whether a queue or a topic takes it is said with these.
            if edge.to.kind == NodeKind::Function {
                invocation(findings, edge, &mut targets);
            }
        }
        if !has_dead_letters && rule.problem.is_none() {
            dead.say(CheckStatus::Note, format!("rule {} has no dead-letter queue", rule.name.raw()), Vec::new());
        }
    }
    out.extend(rules.done());
    out.extend(findings.key.as_ref().map(|key| of_key(findings, key)));
    out.extend([targets, dead].into_iter().filter_map(Verdicts::done));
}

fn state(findings: &Findings, rule: &Node, edge: &Edge, verdicts: &mut Verdicts) {
    let name = rule.name.raw();
    let condition = edge.condition().unwrap_or_default();
    match (rule.state, edge.state) {
        (State::Disabled, _) => {
            let fix = vec![fix::aws(findings, &["events", "enable-rule", "--name", name])];
            verdicts.say(CheckStatus::Warning, format!("rule {name} is switched off"), fix);
        }
        (_, State::NotRead) => verdicts.say(CheckStatus::NotChecked, format!("rule {name}: {condition}"), Vec::new()),
        _ => verdicts.say(CheckStatus::Ok, format!("rule {name}: {condition}"), Vec::new()),
    }
}

/// Which rules the key in question matches.
fn of_key(findings: &Findings, key: &Clean) -> Check {
    let wiring = &findings.joints.wiring;
    let size = findings.object.found().and_then(|object| object.size);
    let (mut yes, mut doubt) = (Vec::new(), Vec::new());
    for (rule, matches) in wiring.matching_rules(findings.names.bucket.raw(), key.raw(), size) {
        let name = rule.name.raw();
        match matches {
            Matches::Yes if rule.state == State::Disabled => doubt.push(format!("rule {name}, which is switched off")),
            Matches::Yes => yes.push(format!("rule {name}")),
            Matches::Depends => doubt.push(format!("rule {name}, by other fields of the event")),
            Matches::NotKnown => doubt.push(format!("rule {name}, by a pattern that cannot be read here")),
            Matches::No => {}
        }
    }
    if !yes.is_empty() {
        return KEY.ok(&format!("{} matches {}", key.raw(), yes.join(", ")));
    }
    if !doubt.is_empty() {
        return KEY.unclear(&format!("{} may match {}", key.raw(), doubt.join("; ")), Vec::new());
    }
    KEY.note(&format!("no rule of EventBridge matches {}", key.raw()), Vec::new())
}

/// Whether a function lets EventBridge or a topic invoke it.
pub(super) fn invocation(findings: &Findings, edge: &Edge, verdicts: &mut Verdicts) {
    let function = name(&findings.joints.wiring, &edge.to);
    if edge.qualifier.is_some() {
        let text = format!("the policy of a version or alias of {function} is not checked");
        return verdicts.say(CheckStatus::NotChecked, text, Vec::new());
    }
    let policy = match findings.joints.policies.get(&edge.to.name) {
        Some(Lookup::Found(policy)) => policy.raw(),
        // Lambda answers so where a function has no policy.
        Some(Lookup::Missing(_)) => "",
        lookup => return verdicts.unread(&format!("the policy of function {function}"), lookup),
    };
    let Some((status, text)) = allowance(findings, policy, "lambda:InvokeFunction", edge) else { return };
    let fix = match sender(findings, edge) {
        Some((principal, source)) if status != CheckStatus::Ok => {
            let id = format!("{}-may-invoke", principal.split('.').next().unwrap_or_default());
            let words = ["lambda", "add-permission", "--function-name", &function, "--statement-id", &id];
            let grant = ["--action", "lambda:InvokeFunction", "--principal", principal, "--source-arn", &source];
            vec![fix::aws(findings, &[&words[..], &grant].concat())]
        }
        _ => Vec::new(),
    };
    verdicts.say(status, text, fix);
}
