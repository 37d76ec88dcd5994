//! EventBridge: which rules the events match, whether these are on, and whether their targets take them.

use serde_json::json;

use super::{Access, Verdicts, access, name, queue, sender};
use crate::domain::diagnosis::findings::{AimedRule, Findings, Lookup};
use crate::domain::diagnosis::wiring::path;
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
        rules.say(lost(findings), text.to_owned(), Vec::new());
    }
    let is_known = |rule: &AimedRule| patterns.iter().any(|edge| name(wiring, &edge.to) == rule.name.raw());
    // A rule about another service is not meant for the bucket.
    let is_of_s3 = |rule: &AimedRule| rule.pattern.raw().contains("aws.s3");
    for rule in findings.joints.aimed.rules.iter().filter(|rule| is_of_s3(rule) && !is_known(rule)) {
        aimed(findings, rule, &mut rules);
    }
    for edge in &patterns {
        let Some(rule) = wiring.node(&edge.to) else { continue };
        state(findings, rule, edge, &mut rules);
        let edges = wiring.from(&rule.id());
        let to_targets = || edges.iter().filter(|edge| matches!(edge.kind, EdgeKind::Target { .. }));
        for edge in to_targets() {
            // Whether a queue or a topic takes it is said with these.
            if edge.to.kind == NodeKind::Function {
                invocation(findings, edge, &mut targets);
            }
        }
        if rule.problem.is_none() && to_targets().next().is_none() {
            let text = format!("rule {} has no targets", rule.name.raw());
            rules.say(lost(findings), text, target(findings, rule));
        }
        dead_letters(findings, rule, &mut dead);
    }
    out.extend(rules.done());
    out.extend(findings.key.as_ref().map(|key| of_key(findings, key)));
    out.extend([targets, dead].into_iter().filter_map(Verdicts::done));
}

/// How bad it is that a rule leads nowhere.
fn lost(findings: &Findings) -> CheckStatus {
    if path::is_cut_off(findings) { CheckStatus::Failure } else { CheckStatus::Warning }
}

/// A rule that would invoke the function for events that the bucket does not send.
fn aimed(findings: &Findings, rule: &AimedRule, verdicts: &mut Verdicts) {
    let (name, bucket) = (rule.name.raw(), findings.names.bucket.raw());
    let (function, pattern) = (findings.names.function.raw(), rule.pattern.raw());
    let text = format!("rule {name} invokes {function}, but not for new objects of {bucket}: {pattern}");
    let wanted =
        json!({"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}});
    let wanted = wanted.to_string();
    let fix = vec![
        fix::note("if the rule is meant for this bucket: this replaces its pattern, its description and its role"),
        fix::aws(findings, &["events", "put-rule", "--name", name, "--event-pattern", &wanted]),
    ];
    verdicts.say(lost(findings), text, fix);
}

/// The command that makes the function a target of a rule.
fn target(findings: &Findings, rule: &Node) -> Vec<Clean> {
    let function = findings.function.found().map(|function| function.arn.raw()).filter(|arn| !arn.is_empty());
    let arn = match (&findings.joints.aimed.queues[..], function) {
        ([queue], _) => queue.raw(),
        (_, Some(function)) => function,
        (_, None) => return Vec::new(),
    };
    if !path::is_cut_off(findings) {
        return Vec::new();
    }
    let target = format!("Id={},Arn={arn}", imgwatch_shared::arn::name(arn));
    let words = ["events", "put-targets", "--rule", rule.name.raw(), "--targets", &target];
    vec![fix::note("if the rule is to lead to the function:"), fix::aws(findings, &words)]
}

/// Where events end that a target does not take.
fn dead_letters(findings: &Findings, rule: &Node, verdicts: &mut Verdicts) {
    let name = rule.name.raw();
    let edges = findings.joints.wiring.from(&rule.id());
    let queues: Vec<_> = edges.iter().filter(|edge| edge.kind == EdgeKind::Failure).collect();
    if queues.is_empty() && rule.problem.is_none() {
        verdicts.say(CheckStatus::Note, format!("rule {name} has no dead-letter queue"), Vec::new());
    }
    for edge in queues {
        let to = imgwatch_shared::arn::name(edge.to.name.raw());
        match findings.joints.queues.get(&edge.to.name) {
            Some(Lookup::Found(found)) => {
                let access = access(findings, found.policy.as_ref().map(Clean::raw), "sqs:SendMessage", edge);
                let Some(Access { status, text, policy }) = access else { continue };
                queue::waiting(findings, &edge.to.name, verdicts);
                // What is lost without it is only what a target does not take.
                let as_bad = status.min(CheckStatus::Warning);
                verdicts.say(as_bad, text, queue::allow(findings, found, status, policy));
            }
            Some(Lookup::Missing(_)) => {
                let text = format!("the dead-letter queue {to} of rule {name} does not exist");
                verdicts.say(CheckStatus::Warning, text, queue::again(findings, to));
            }
            lookup => verdicts.unread(&format!("queue {to}"), lookup),
        }
    }
}

fn state(findings: &Findings, rule: &Node, edge: &Edge, verdicts: &mut Verdicts) {
    let name = rule.name.raw();
    let condition = edge.condition().unwrap_or_default();
    match (rule.state, edge.state) {
        (State::Disabled, _) => {
            let fix = vec![fix::aws(findings, &["events", "enable-rule", "--name", name])];
            let is_only_way = path::leads_on(findings, rule) && !path::is_open(findings);
            let status = if is_only_way { CheckStatus::Failure } else { CheckStatus::Warning };
            verdicts.say(status, format!("rule {name} is switched off"), fix);
        }
        (_, State::NotRead) => verdicts.say(CheckStatus::NotChecked, format!("rule {name}: {condition}"), Vec::new()),
        _ => verdicts.say(CheckStatus::Ok, format!("rule {name}: {condition}"), Vec::new()),
    }
}

/// Which rules the key in question matches.
fn of_key(findings: &Findings, key: &Clean) -> Check {
    let wiring = &findings.joints.wiring;
    let size = findings.object.found().and_then(|object| object.size);
    let (mut yes, mut off, mut doubt) = (Vec::new(), Vec::new(), Vec::new());
    for (rule, matches) in wiring.matching_rules(findings.names.bucket.raw(), key.raw(), size) {
        let name = rule.name.raw();
        match matches {
            Matches::Yes if rule.state == State::Disabled => off.push(format!("rule {name}")),
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
    if !off.is_empty() {
        return KEY
            .warning(&format!("{} matches only {}, which is switched off", key.raw(), off.join(", ")), Vec::new());
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
    if let Some(Lookup::Missing(_)) = findings.joints.functions.get(&edge.to.name) {
        return verdicts.say(CheckStatus::Failure, format!("function {function} does not exist"), Vec::new());
    }
    let policy = match findings.joints.policies.get(&edge.to.name) {
        Some(Lookup::Found(policy)) => Some(policy.raw()),
        // Lambda answers so where a function has no policy.
        Some(Lookup::Missing(_)) => None,
        lookup => return verdicts.unread(&format!("the policy of function {function}"), lookup),
    };
    let access = access(findings, policy, "lambda:InvokeFunction", edge);
    let Some(Access { status, text, .. }) = access else { return };
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
