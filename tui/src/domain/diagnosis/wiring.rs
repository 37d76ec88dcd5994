//! Checks of the wire from the bucket to the function: which events invoke it, for which keys, and whether the bucket may.

mod key;
mod widen;

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::notification_rule::event_matches;
use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::Value;

use crate::domain::diagnosis::findings::{Caller, Findings, Lookup, Notifications, Rule, RuleKind};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::clean::Clean;

/// The events by which objects come to be, as rules name them and as they happen.
const CREATED: [&str; 4] =
    ["ObjectCreated:Put", "ObjectCreated:Post", "ObjectCreated:Copy", "ObjectCreated:CompleteMultipartUpload"];

/// All of them at once.
const ALL_CREATED: &str = "s3:ObjectCreated:*";

const NOTIFICATION: Draft = Draft {
    id: "notification",
    title: "Bucket notification",
    why: "S3 invokes the function only if a notification rule names it; a change takes about five minutes to take \
        effect",
};

const EVENTS: Draft = Draft {
    id: "notification-events",
    title: "Event types",
    why: "large files are uploaded in parts, which sends CompleteMultipartUpload instead of Put: a rule for Put alone \
        misses them",
};

const PERMISSION: Draft = Draft {
    id: "permission",
    title: "Permission to invoke",
    why: "without it S3 drops every event, and rejects a notification configuration",
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
    out.push(permission(findings));
}

/// Whether a rule invokes the function for new objects. The function may be named with a version or an alias.
fn is_ours(findings: &Findings, rule: &Rule) -> bool {
    let created = CREATED.iter().any(|created| rule.takes(created));
    created && rule.kind == RuleKind::Function && is_function(findings, rule.arn.raw())
}

fn is_function(findings: &Findings, arn: &str) -> bool {
    match findings.function.found().map(|function| function.arn.raw()).filter(|arn| !arn.is_empty()) {
        Some(ours) => arn == ours || arn.strip_prefix(ours).is_some_and(|rest| rest.starts_with(':')),
        None => arn::function(arn).0 == findings.names.function.raw(),
    }
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

fn notification(findings: &Findings, notifications: &Notifications) -> Check {
    let bucket = findings.names.bucket.raw();
    let function = findings.names.function.raw();
    let (ours, others): (Vec<&Rule>, Vec<&Rule>) = notifications.rules.iter().partition(|rule| is_ours(findings, rule));
    if !ours.is_empty() {
        let text: Vec<String> = ours.into_iter().chain(others).map(describe).collect();
        return NOTIFICATION.ok(&format!("bucket {bucket}: {}", text.join("; ")));
    }
    let there: Vec<String> = others.iter().map(|rule| describe(rule)).collect();
    let there = if there.is_empty() { "no rules at all".to_owned() } else { there.join("; ") };
    if notifications.event_bridge {
        let text = format!("bucket {bucket} has no rule for {function} ({there}), but sends its events to EventBridge");
        return NOTIFICATION.warning(&text, vec![fix::note("check whether an EventBridge rule invokes the function")]);
    }
    let text = format!("bucket {bucket} has no rule that invokes {function}: {there}");
    NOTIFICATION.failure(&text, add_whole(findings, notifications))
}

/// The commands that add a rule for every new object.
fn add_whole(findings: &Findings, notifications: &Notifications) -> Vec<Clean> {
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

fn events(findings: &Findings, notifications: &Notifications) -> Check {
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

fn permission(findings: &Findings) -> Check {
    let names = &findings.names;
    let function = names.function.raw();
    if let Lookup::Missing(_) = findings.function {
        return PERMISSION.not_checked(&findings.function);
    }
    let policy = match &findings.function_policy {
        Lookup::Found(policy) => policy.raw(),
        // Lambda answers the same where there is no such function.
        Lookup::Missing(_) if findings.function.found().is_some() => "",
        Lookup::Missing(_) => return PERMISSION.not_checked(&findings.function),
        lookup => return PERMISSION.not_checked(lookup),
    };
    let resource = match function_arn(findings) {
        Lookup::Found(arn) => arn,
        lookup => return PERMISSION.not_checked(&lookup),
    };
    let ours =
        || findings.notifications.found().into_iter().flat_map(|it| &it.rules).filter(|it| is_ours(findings, it));
    if let Some(rule) = ours().find(|rule| rule.arn != resource) {
        // Versions and aliases have policies of their own.
        let text = format!("the bucket invokes {}, whose policy was not checked", rule.arn.raw());
        let mut show = vec!["lambda", "get-policy", "--function-name", function];
        show.extend(arn::function(rule.arn.raw()).1.into_iter().flat_map(|qualifier| ["--qualifier", qualifier]));
        let fix = vec![fix::note("check that it allows s3.amazonaws.com to invoke it:"), fix::aws(findings, &show)];
        return PERMISSION.unclear(&text, fix);
    }
    if names.bucket.raw().is_empty() {
        return PERMISSION.not_checked(&findings.notifications);
    }
    let source_arn = Arn::of_bucket(partition_of(resource.raw()), names.bucket.raw()).to_string();
    // The bucket may be another account's; its owner is not asked for, so the caller's account stands for it.
    let account = findings.caller.found().map_or_else(|| account_of(resource.raw()), |caller| caller.account.raw());
    let asking = Asking {
        principal: "s3.amazonaws.com",
        action: "lambda:InvokeFunction",
        source_arn: &source_arn,
        source_account: account,
        resource: resource.raw(),
    };
    if resource_policy::allows(policy, &asking) {
        // Without the caller's account the function's was taken for the bucket's.
        let is_certain = findings.caller.found().is_some()
            || resource_policy::allows(policy, &Asking { source_account: "", ..asking });
        let check = PERMISSION
            .ok(&format!("the policy of {function} allows s3.amazonaws.com to invoke it for {source_arn}"))
            .besides("whether the bucket invokes a version or an alias", &findings.notifications);
        return if is_certain { check } else { check.besides("the bucket's account", &findings.caller) };
    }
    let id = free_id(policy);
    let words = ["lambda", "add-permission", "--function-name", function, "--statement-id", &id];
    let grant = ["--action", asking.action, "--principal", asking.principal, "--source-arn", &source_arn];
    let fix = vec![fix::aws(findings, &[&words[..], &grant, &["--source-account", account]].concat())];
    if resource_policy::may_allow(policy, &asking) {
        let text = format!(
            "the policy of {function} allows s3.amazonaws.com to invoke it under a condition that cannot be evaluated \
             here"
        );
        return PERMISSION.warning(&text, fix);
    }
    let there = if policy.is_empty() { "it has none".to_owned() } else { policy.to_owned() };
    PERMISSION.failure(
        &format!("the policy of {function} does not allow s3.amazonaws.com to invoke it for {source_arn}: {there}"),
        fix,
    )
}

/// A name for a new statement that no other has.
fn free_id(policy: &str) -> String {
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    let taken = |id: &str| {
        let statements = document.get("Statement").and_then(Value::as_array);
        statements.is_some_and(|all| all.iter().any(|one| one.get("Sid").and_then(Value::as_str) == Some(id)))
    };
    let mut id = "s3-may-invoke".to_owned();
    let mut number = 2_u32;
    while taken(&id) {
        id = format!("s3-may-invoke-{number}");
        number = number.saturating_add(1);
    }
    id
}
