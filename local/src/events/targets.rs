//! Targets: put, list, remove, and the rules that have one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::target::Target;
use super::{Events, input_on_bus, invalid, listed, no_rule, page, too_many};
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

/// The most targets of a rule.
const MOST: usize = 5;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    rule: String,
    targets: Vec<Target>,
}

/// Adds targets, or replaces those of the same id.
pub(super) fn put(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let put: Put = input_on_bus(events, call)?;
    put.targets.iter().try_for_each(Target::check)?;
    let mut rules = events.lock();
    let rule = rules.get_mut(&put.rule).ok_or_else(|| no_rule(&put.rule))?;
    let mut targets = rule.targets.clone();
    targets.extend(put.targets.into_iter().map(|target| (target.id.clone(), target)));
    if targets.len() > MOST {
        return Err(too_many());
    }
    rule.targets = targets;
    Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Remove {
    rule: String,
    ids: Vec<String>,
    // A rule of an AWS service needs it; there are none here.
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

/// Removing a target that does not exist succeeds, as on AWS.
pub(super) fn remove(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let remove: Remove = input_on_bus(events, call)?;
    let mut rules = events.lock();
    let rule = rules.get_mut(&remove.rule).ok_or_else(|| no_rule(&remove.rule))?;
    rule.targets.retain(|id, _| !remove.ids.contains(id));
    Ok(json!({"FailedEntryCount": 0, "FailedEntries": []}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    rule: String,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn list(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let list: List = input_on_bus(events, call)?;
    let rules = events.lock();
    let rule = rules.get(&list.rule).ok_or_else(|| no_rule(&list.rule))?;
    let all = rule.targets.iter().map(|(id, target)| (id.clone(), target));
    let (targets, next) = page(all, list.next_token.as_deref(), list.limit);
    let targets: Result<Vec<Value>, _> = targets.into_iter().map(serde_json::to_value).collect();
    Ok(listed("Targets", targets.map_err(|error| invalid(error.to_string()))?, next))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ByTarget {
    target_arn: String,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn rule_names(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let by: ByTarget = input_on_bus(events, call)?;
    let rules = events.lock();
    let found = rules.iter().filter(|(_, rule)| rule.targets.values().any(|target| target.arn == by.target_arn));
    let (names, next) =
        page(found.map(|(name, _)| (name.clone(), name.as_str().into())), by.next_token.as_deref(), by.limit);
    Ok(listed("RuleNames", names, next))
}
