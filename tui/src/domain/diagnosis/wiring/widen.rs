//! Fixes of a notification configuration: one more rule, or a rule made wider, with everything else kept as it is.

use imgwatch_shared::notification_rule::{encoded, events_overlap};
use imgwatch_shared::object_key;

use crate::domain::diagnosis::findings::{BucketNotifications, Findings, Rule, RuleKind};
use crate::domain::diagnosis::fix;
use crate::domain::diagnosis::wiring::path::is_ours;
use crate::domain::diagnosis::wiring::{ALL_CREATED, describe, id};
use crate::text::clean::Clean;

/// A rule that invokes a function for every new object.
pub(super) fn whole(function_arn: &Clean) -> Rule {
    let events = vec![ALL_CREATED.into()];
    Rule { kind: RuleKind::Function, id: Some("images".into()), arn: function_arn.clone(), events, filter: Vec::new() }
}

/// A rule that sends every new object to a queue.
pub(super) fn to_queue(arn: &Clean) -> Rule {
    Rule { kind: RuleKind::Queue, ..whole(arn) }
}

/// The nearest rule again, for a key that it leaves out: the part of its filter that does not hold becomes the key's.
pub(super) fn for_key(nearest: &Rule, key: &str, prefix_holds: bool, suffix_holds: bool) -> Rule {
    let filter = nearest.key_filter();
    let prefix = if prefix_holds {
        filter.prefix.map(str::to_owned)
    } else {
        key.rsplit_once('/').map(|(folder, _)| encoded(&format!("{folder}/")))
    };
    let suffix = if suffix_holds {
        filter.suffix.map(str::to_owned)
    } else {
        object_key::extension(key).map(|extension| encoded(&format!(".{extension}")))
    };
    let rule = |name: &str, value: Option<String>| value.map(|value| (Clean::new(name), Clean::from(value)));
    Rule {
        id: None,
        events: vec![ALL_CREATED.into()],
        filter: [rule("Prefix", prefix), rule("Suffix", suffix)].into_iter().flatten().collect(),
        ..nearest.clone()
    }
}

/// The commands that add a rule. Rules of the function that would clash with it give way to it; S3 takes no two rules
/// for one event of one key.
pub(super) fn add(findings: &Findings, notifications: &BucketNotifications, new: &Rule) -> Vec<Clean> {
    let clashes = |rule: &Rule| {
        let share = |one: &Clean| new.events.iter().any(|other| events_overlap(one.raw(), other.raw()));
        rule.events.iter().any(share) && rule.key_filter().overlaps(&new.key_filter())
    };
    let others: Vec<String> =
        notifications.rules.iter().filter(|rule| !is_ours(findings, rule) && clashes(rule)).map(id).collect();
    if !others.is_empty() {
        let names = others.join(", ");
        return vec![
            fix::note(&format!(
                "S3 sends an event to one destination only, and rule {names} already matches these events:"
            )),
            fix::note("change that rule, or send its events to a topic or to EventBridge that reaches both"),
        ];
    }
    let mut changed = notifications.clone();
    let mut replaced: Vec<Rule> = Vec::new();
    for rule in changed.rules.iter_mut().filter(|rule| is_ours(findings, rule) && clashes(rule)) {
        replaced.push(rule.clone());
        // The rule keeps the events that the new one does not take.
        rule.events.retain(|event| !new.events.iter().any(|taken| events_overlap(event.raw(), taken.raw())));
    }
    changed.rules.retain(|rule| !rule.events.is_empty());
    let mut new = new.clone();
    let free = |id: &Clean| changed.rules.iter().all(|rule| rule.id.as_ref() != Some(id));
    let inherited = replaced.iter().filter_map(|rule| rule.id.clone()).find(free);
    new.id = inherited.or_else(|| free_id(&changed, new.id.as_ref()));
    let stated =
        replaced.iter().map(|rule| fix::note(&format!("this replaces {} with {}", describe(rule), describe(&new))));
    let mut fix: Vec<Clean> = stated.collect();
    changed.rules.push(new);
    fix.extend(fix::put_notifications(findings, &changed));
    fix
}

/// A name that no rule has.
fn free_id(notifications: &BucketNotifications, wanted: Option<&Clean>) -> Option<Clean> {
    let base = wanted.map_or("images", Clean::raw);
    let taken = |id: &str| notifications.rules.iter().any(|rule| rule.id.as_ref().is_some_and(|one| one.raw() == id));
    let mut names = std::iter::once(base.to_owned()).chain((2..=101).map(|number| format!("{base}-{number}")));
    names.find(|name| !taken(name)).map(Clean::from)
}
