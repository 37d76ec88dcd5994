//! Whether the bucket may invoke the function, where a rule of the bucket names it. Other permissions are checked at each joint.

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::Value;

use super::{function_arn, partition_of, path};
use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, Draft, fix};

const PERMISSION: Draft = Draft {
    id: "permission",
    title: "Permission to invoke",
    why: "without it S3 drops every event, and rejects a notification configuration",
};

pub(super) fn check(findings: &Findings) -> Check {
    let names = &findings.names;
    let function = names.function.raw();
    if let Lookup::Missing(_) = findings.function {
        return PERMISSION.not_checked(&findings.function);
    }
    if let Some(check) = elsewhere(findings) {
        return check;
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
    let ours = || {
        findings.notifications.found().into_iter().flat_map(|it| &it.rules).filter(|it| path::is_direct(findings, it))
    };
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

/// The check where no rule of the bucket names the function, and the events reach it another way, or may.
fn elsewhere(findings: &Findings) -> Option<Check> {
    let function = findings.names.function.raw();
    let notifications = findings.notifications.found()?;
    if function.is_empty() || notifications.rules.iter().any(|rule| path::is_direct(findings, rule)) {
        return None;
    }
    let wiring = &findings.joints.wiring;
    let from = path::inbound(findings).into_iter().filter_map(|edge| wiring.node(&edge.from));
    let from: Vec<String> =
        from.map(|node| format!("{} {}", node.kind.word().replace('_', " "), node.name.raw())).collect();
    if !from.is_empty() {
        let text = format!("S3 needs no permission to invoke {function}: its events come by {}", from.join(", "));
        return Some(PERMISSION.ok(&text));
    }
    if let Some(why) = path::unread(findings, notifications) {
        let text = format!("whether S3 needs a permission to invoke {function} is not known: {why}");
        return Some(PERMISSION.unclear(&text, Vec::new()));
    }
    let detours = path::detours(findings, notifications);
    if detours.is_empty() && findings.joints.aimed.queues.is_empty() {
        return None;
    }
    let by = if detours.is_empty() { "a queue".to_owned() } else { detours.join(", ") };
    let text = format!("S3 needs no permission to invoke {function}: its events are to come by {by}");
    Some(PERMISSION.note(&text, Vec::new()))
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
