//! Whether an upload of one key would invoke the function, and which rule decides.

use crate::domain::diagnosis::findings::{BucketNotifications, Findings, Lookup, Rule, RuleKind};
use crate::domain::diagnosis::wiring::path::{self, Leads, is_ours};
use crate::domain::diagnosis::wiring::{ALL_CREATED, CREATED, connect, describe, id, widen};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::domain::wiring::{Matches, Node, State};
use crate::text::clean::Clean;

pub(super) const KEY_MATCH: Draft = Draft {
    id: "key",
    title: "Does this key match a rule?",
    why: "S3 compares prefix and suffix case-sensitively, and reports no error if no rule matches",
};

/// What one rule makes of the key.
struct RuleMatch<'a> {
    rule: &'a Rule,
    prefix: bool,
    suffix: bool,
    /// Of the events by which objects come to be, those that the rule takes.
    events: Vec<&'static str>,
}

impl<'a> RuleMatch<'a> {
    fn of(rule: &'a Rule, key: &str) -> Self {
        let filter = rule.key_filter();
        let events = CREATED.into_iter().filter(|created| rule.takes(created)).collect();
        Self { rule, prefix: filter.prefix_holds(key), suffix: filter.suffix_holds(key), events }
    }

    fn fires(&self, event: &str) -> bool {
        self.prefix && self.suffix && self.events.contains(&event)
    }

    /// Why it does not match.
    fn objection(&self, key: &str) -> String {
        let filter = self.rule.key_filter();
        let case = |holds: bool, lower: bool| if !holds && lower { " (only the case differs)" } else { "" };
        let lowered = key.to_lowercase();
        let alike = |value: Option<&str>, fits: fn(&str, &str) -> bool| {
            let value = imgwatch_shared::object_key::decode(value.unwrap_or_default()).to_lowercase();
            fits(&lowered, &value)
        };
        let mut parts = Vec::new();
        if !self.prefix {
            let hint = case(self.prefix, alike(filter.prefix, |key, value| key.starts_with(value)));
            parts.push(format!("the key does not begin with {}{hint}", filter.prefix.unwrap_or_default()));
        }
        if !self.suffix {
            let hint = case(self.suffix, alike(filter.suffix, |key, value| key.ends_with(value)));
            parts.push(format!("the key does not end with {}{hint}", filter.suffix.unwrap_or_default()));
        }
        format!("{}: {}", describe(self.rule), parts.join(", and "))
    }
}

pub(super) fn check(findings: &Findings, notifications: &BucketNotifications, key: &Clean) -> Check {
    let ours: Vec<RuleMatch<'_>> = notifications
        .rules
        .iter()
        .filter(|rule| is_ours(findings, rule))
        .map(|rule| RuleMatch::of(rule, key.raw()))
        .collect();
    let decides = |event: &str| ours.iter().find(|verdict| verdict.fires(event));
    let (single, parts) = (decides(CREATED[0]), decides(CREATED[3]));
    let key_text = key.raw();
    if let (Some(rule), Some(_)) = (single, parts) {
        let verb = if rule.rule.kind == RuleKind::Function { "invoke" } else { "be sent on to" };
        return KEY_MATCH.ok(&format!("{key_text} would {verb} the function: it matches {}", describe(rule.rule)));
    }
    if let Some(check) = by_event_bridge(findings, notifications, key_text, ours.is_empty()) {
        return check;
    }
    if let Some((rule, why)) = unread(findings, notifications, key_text) {
        let text =
            format!("{key_text} matches {}; whether this leads to the function was not read: {why}", describe(rule));
        return KEY_MATCH.unclear(&text, Vec::new());
    }
    if let Lookup::Missing(_) = findings.function {
        return KEY_MATCH
            .failure(&format!("{key_text} would not invoke the function: the function does not exist"), Vec::new());
    }
    let Some(nearest) = ours.iter().max_by_key(|it| u8::from(it.prefix) + u8::from(it.suffix)) else {
        let text =
            format!("{key_text} would not invoke the function: no rule leads to {}", findings.names.function.raw());
        return KEY_MATCH.failure(&text, connect(findings, notifications));
    };
    if single.is_some() || parts.is_some() {
        let (by, not) = if single.is_some() { ("in one piece", "in parts") } else { ("in parts", "in one piece") };
        let rule = single.or(parts).unwrap_or(nearest).rule;
        let text = format!(
            "{key_text} would invoke the function when uploaded {by}, not {not}: it matches {}",
            describe(rule)
        );
        let wider = Rule { events: vec![ALL_CREATED.into()], ..rule.clone() };
        return KEY_MATCH.warning(&text, widen::add(findings, notifications, &wider));
    }
    let objections: Vec<String> = ours.iter().map(|verdict| verdict.objection(key_text)).collect();
    let text = format!("{key_text} would not invoke the function: {}", objections.join("; "));
    let taken: Vec<String> = notifications
        .rules
        .iter()
        .filter(|rule| !is_ours(findings, rule) && RuleMatch::of(rule, key_text).fires(CREATED[0]))
        .map(|rule| format!("; rule {} sends it elsewhere", id(rule)))
        .collect();
    let wider = widen::for_key(nearest.rule, key_text, nearest.prefix, nearest.suffix);
    KEY_MATCH.failure(&format!("{text}{}", taken.concat()), widen::add(findings, notifications, &wider))
}

/// The rule that takes the key to where it was not read what follows, and why it was not.
fn unread<'a>(findings: &Findings, notifications: &'a BucketNotifications, key: &str) -> Option<(&'a Rule, String)> {
    let mut taking = notifications.rules.iter().filter(|rule| RuleMatch::of(rule, key).fires(CREATED[0]));
    taking.find_map(|rule| match path::of_rule(findings, rule) {
        Leads::NotRead(why) => Some((rule, why)),
        Leads::Yes | Leads::No => None,
    })
}

/// The check where `EventBridge` sends the key on to the function, or where nothing else is known to (`is_alone`).
fn by_event_bridge(
    findings: &Findings,
    notifications: &BucketNotifications,
    key: &str,
    is_alone: bool,
) -> Option<Check> {
    if !notifications.event_bridge {
        return None;
    }
    let rules = path::matching_event_rules(findings, key);
    let named = |wanted: fn(Matches, State) -> bool| {
        let rules = rules.iter().filter(|(rule, matches)| wanted(*matches, rule.state));
        rules.map(|(rule, _)| rule.name.raw()).collect::<Vec<_>>()
    };
    let yes = named(|matches, state| matches == Matches::Yes && state != State::Disabled);
    if !yes.is_empty() {
        let text = format!("{key} would be sent on to the function: it matches EventBridge rule {}", yes.join(", "));
        return Some(KEY_MATCH.ok(&text));
    }
    if !is_alone {
        return None;
    }
    let doubt = named(|matches, state| matches != Matches::Yes && state != State::Disabled).join(", ");
    if !doubt.is_empty() {
        let text = format!("{key} may be sent on to the function: see the check `eventbridge-key` for rule {doubt}");
        return Some(KEY_MATCH.unclear(&text, Vec::new()));
    }
    let off = named(|_, state| state == State::Disabled);
    if !off.is_empty() {
        let fix = off.iter().map(|rule| fix::aws(findings, &["events", "enable-rule", "--name", rule])).collect();
        let rules = off.join(", ");
        let text = format!("{key} would not invoke the function: EventBridge rule {rules} is switched off");
        return Some(KEY_MATCH.failure(&text, fix));
    }
    Some(match path::of_event_bridge(findings) {
        Leads::Yes => {
            let text = format!("{key} would not invoke the function: no EventBridge rule that leads to it matches");
            let mut fix = vec![fix::note("include the key in the pattern of a rule that leads to the function:")];
            let show = |rule: &Node| fix::aws(findings, &["events", "describe-rule", "--name", rule.name.raw()]);
            fix.extend(path::event_rules(findings).into_iter().map(show));
            KEY_MATCH.failure(&text, fix)
        }
        Leads::NotRead(why) => KEY_MATCH
            .unclear(&format!("whether EventBridge sends {key} on to the function was not read: {why}"), Vec::new()),
        Leads::No => {
            let text = format!("{key} goes to EventBridge only, where no rule leads to the function");
            KEY_MATCH.failure(&text, connect(findings, notifications))
        }
    })
}
