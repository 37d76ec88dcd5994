//! Checks of the wiring from the bucket to the function: which events lead to it, for which keys, and whether the bucket may
//! invoke it.

mod key;
pub(super) mod path;
mod permission;
mod widen;

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::notification_rule::event_matches;

use crate::domain::diagnosis::findings::{BucketNotifications, Caller, Findings, Lookup, Rule, RuleKind};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;
use path::{Leads, is_ours};

/// The events by which objects come to be, as rules name them and as they happen.
const CREATED: [&str; 4] =
    ["ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"];

/// All of them at once.
const ALL_CREATED: &str = "s3:ObjectCreated:*";

const NOTIFICATION: Draft = Draft {
    id: "notification",
    title: "Bucket notification",
    why: "no event reaches the function without a rule that leads to it; a change takes about five minutes to take effect",
};

const EVENTS: Draft = Draft {
    id: "notification-events",
    title: "Event types",
    why: "large files are uploaded in parts, which sends CompleteMultipartUpload instead of Put: a rule for Put alone \
        misses them",
};

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    match &findings.notifications {
        // Without its name it is not known which rules are the function's.
        Lookup::Found(_) if findings.names.function.raw().is_empty() => {
            out.extend([NOTIFICATION, EVENTS].map(|draft| draft.not_checked(&findings.function)));
            if findings.key.is_some() {
                out.push(key::KEY_MATCH.not_checked(&findings.function));
            }
        }
        Lookup::Found(notifications) => {
            out.push(notification(findings, notifications));
            if notifications.rules.iter().any(|rule| is_ours(findings, rule)) {
                out.push(events(findings, notifications));
            }
            if let Some(key) = &findings.key {
                out.push(key::check(findings, notifications, key));
            }
        }
        lookup => {
            out.extend([NOTIFICATION, EVENTS].map(|draft| draft.not_checked(lookup)));
            if findings.key.is_some() {
                out.push(key::KEY_MATCH.not_checked(lookup));
            }
        }
    }
    out.push(permission::check(findings));
}

/// A rule in one phrase: `rule "images" to function F: s3:ObjectCreated:*, suffix .jpg`.
fn describe(rule: &Rule) -> String {
    let kind = match rule.kind {
        RuleKind::Function => "function",
        RuleKind::Queue => "queue",
        RuleKind::Topic => "topic",
    };
    let name = arn::name(rule.arn.raw());
    format!("rule {} to {kind} {name}: {}", id(rule), rule.conditions())
}

fn id(rule: &Rule) -> String {
    rule.id.as_ref().map_or_else(|| "without an id".to_owned(), |id| format!("{:?}", id.raw()))
}

fn notification(findings: &Findings, notifications: &BucketNotifications) -> Check {
    let bucket = findings.names.bucket.raw();
    let function = findings.names.function.raw();
    let (ours, others): (Vec<&Rule>, Vec<&Rule>) = notifications.rules.iter().partition(|rule| is_ours(findings, rule));
    if !ours.is_empty() {
        let leads = ours.iter().any(|rule| rule.kind != RuleKind::Function);
        let end = if leads { format!("; this leads to {function}") } else { String::new() };
        let text: Vec<String> = ours.into_iter().chain(others).map(describe).collect();
        return NOTIFICATION.ok(&format!("bucket {bucket}: {}{end}", text.join("; ")));
    }
    let there: Vec<String> = others.iter().map(|rule| describe(rule)).collect();
    let there = if there.is_empty() { "no rules at all".to_owned() } else { there.join("; ") };
    if notifications.event_bridge && path::of_event_bridge(findings) == Leads::Yes {
        let rules: Vec<&str> = path::event_rules(findings).iter().map(|rule| rule.name.raw()).collect();
        let rules = rules.join(", ");
        return NOTIFICATION
            .ok(&format!("bucket {bucket} sends its events to EventBridge: {rules} leads to {function}"));
    }
    if let Some(why) = path::unread(findings, notifications) {
        let text = format!("bucket {bucket}: {there}; whether this leads to {function} was not read: {why}");
        return NOTIFICATION.unclear(&text, Vec::new());
    }
    let text = match &path::unsent_rules(findings)[..] {
        [] if notifications.event_bridge && others.is_empty() => {
            format!("bucket {bucket} sends its events to EventBridge, where no rule leads to {function}")
        }
        [] => format!("bucket {bucket} has no rule that leads to {function}: {there}"),
        rules => {
            let names: Vec<&str> = rules.iter().map(|rule| rule.name.raw()).collect();
            let names = names.join(", ");
            format!(
                "bucket {bucket} does not send its events to EventBridge, where {names} leads to {function}: {there}"
            )
        }
    };
    NOTIFICATION.failure(&text, connect(findings, notifications))
}

/// What leads from the bucket to the function, where nothing does.
fn connect(findings: &Findings, notifications: &BucketNotifications) -> Vec<Clean> {
    if !path::unsent_rules(findings).is_empty() {
        return fix::put_notifications(findings, &BucketNotifications { event_bridge: true, ..notifications.clone() });
    }
    let detours = path::detours(findings, notifications);
    if !detours.is_empty() {
        let checks = "`event-source-mapping`, `entry-subscriptions` and `eventbridge-rules`";
        let text = format!("see the checks {checks} for what leads on from {}", detours.join(", "));
        let mut fix = vec![fix::note(&text)];
        let another = add_whole(findings, notifications);
        // S3 refuses a second rule for the same events: only why is said.
        if another.iter().all(|line| line.raw().starts_with('#')) {
            fix.extend(another);
        }
        return fix;
    }
    if let [queue] = &findings.joints.aimed.queues[..] {
        let note = "the function reads this queue, whose policy must allow the bucket to send:";
        let mut fix = vec![fix::note(note)];
        fix.extend(widen::add(findings, notifications, &widen::to_queue(queue)));
        return fix;
    }
    add_whole(findings, notifications)
}

/// The commands that add a rule for every new object.
fn add_whole(findings: &Findings, notifications: &BucketNotifications) -> Vec<Clean> {
    match function_arn(findings) {
        Lookup::Found(arn) => widen::add(findings, notifications, &widen::whole(&arn)),
        Lookup::Missing(_) => vec![fix::note("deploy the function first, or pass --function")],
        lookup => {
            let reason = lookup.reason().unwrap_or_default();
            vec![fix::note(&format!("a rule needs the function's ARN, which is not known: {reason}"))]
        }
    }
}

fn partition_of(arn: &str) -> &str {
    Arn::parse(arn).map_or("aws", |arn| arn.partition)
}

/// The function's ARN: by its configuration, else as a function of the caller's account would be called.
fn function_arn(findings: &Findings) -> Lookup<Clean> {
    let guess = |caller: &Caller| {
        let (region, account) = (findings.names.region.raw(), caller.account.raw());
        let resource = format!("function:{}", findings.names.function.raw());
        let partition = partition_of(caller.arn.raw());
        Clean::from(Arn { partition, service: "lambda", region, account, resource: &resource }.to_string())
    };
    match &findings.function {
        lookup @ (Lookup::Found(_) | Lookup::Missing(_) | Lookup::NotAsked) => {
            lookup.clone().map(|function| function.arn)
        }
        _ => findings.caller.clone().map(|caller| guess(&caller)),
    }
}

fn events(findings: &Findings, notifications: &BucketNotifications) -> Check {
    let ours = || notifications.rules.iter().filter(|rule| is_ours(findings, rule));
    let taken = |created: &str| ours().any(|rule| rule.takes(created));
    let missed: Vec<&str> = CREATED.into_iter().filter(|created| !taken(created)).collect();
    if missed.is_empty() {
        return EVENTS.ok("the function's rules include Put, Post, Copy and CompleteMultipartUpload");
    }
    let mut changed = notifications.clone();
    for rule in changed.rules.iter_mut().filter(|rule| is_ours(findings, rule)) {
        // What the rule wants to know besides new objects stays.
        rule.events.retain(|event| !CREATED.iter().any(|created| event_matches(event.raw(), created)));
        rule.events.insert(0, ALL_CREATED.into());
    }
    let text = format!("the function's rules do not include {}", missed.join(", "));
    EVENTS.warning(&text, fix::put_notifications(findings, &changed))
}
