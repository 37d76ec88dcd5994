//! Rules: put, describe, list, enable, disable and delete.

use imgwatch_shared::event_pattern::EventPattern;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BUS, Events, Rule, input_on_bus, invalid, listed, no_rule, page, too_many};
use crate::common::aws_json::Call;
use crate::common::env::ACCOUNT;
use crate::common::wire::ApiError;

/// The most rules of a bus.
const MOST: usize = 300;

pub(super) fn read_pattern(text: &str) -> Result<EventPattern, ApiError> {
    EventPattern::parse(text).map_err(|why| {
        ApiError::bad_request("InvalidEventPatternException", format!("Event pattern is not valid. Reason: {why}"))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    name: String,
    event_pattern: Option<String>,
    schedule_expression: Option<String>,
    state: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
}

/// Creates a rule, or replaces all of one but its targets.
pub(super) fn put(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let put: Put = input_on_bus(events, call)?;
    check_name("name", &put.name)?;
    if put.schedule_expression.is_some_and(|expression| !expression.is_empty()) {
        return Err(invalid("not implemented: this local cloud has no schedules; give an EventPattern"));
    }
    let Some(pattern) = put.event_pattern.filter(|pattern| !pattern.is_empty()) else {
        return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    };
    let pattern = read_pattern(&pattern)?;
    let enabled = match put.state.as_deref() {
        None | Some("ENABLED") => true,
        Some("DISABLED") => false,
        Some(other) => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'state' failed to satisfy constraint: Member must satisfy \
                 enum value set: [ENABLED, DISABLED]"
            )));
        }
    };
    let arn = events.rule_arn(&put.name);
    let mut rules = events.lock();
    if rules.len() >= MOST && !rules.contains_key(&put.name) {
        return Err(too_many());
    }
    let targets = rules.remove(&put.name).map(|rule| rule.targets).unwrap_or_default();
    let (description, role_arn) = (put.description, put.role_arn);
    rules.insert(put.name, Rule { arn: arn.clone(), pattern, enabled, description, role_arn, targets });
    Ok(json!({ "RuleArn": arn }))
}

/// Names of rules, and ids of targets.
pub(super) fn check_name(member: &str, name: &str) -> Result<(), ApiError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [\\.\\-_A-Za-z0-9]{{1,64}}"
    )))
}

fn document(name: &str, rule: &Rule) -> Value {
    let mut document = json!({
        "Name": name,
        "Arn": rule.arn,
        "EventPattern": rule.pattern.text,
        "State": if rule.enabled { "ENABLED" } else { "DISABLED" },
        "EventBusName": BUS,
    });
    for (member, value) in [("Description", &rule.description), ("RoleArn", &rule.role_arn)] {
        if let Some(value) = value {
            document[member] = value.as_str().into();
        }
    }
    document
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Named {
    name: String,
    // A rule of an AWS service needs it to be deleted; there are none here.
    #[serde(rename = "Force")]
    _force: Option<bool>,
}

pub(super) fn describe(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let named: Named = input_on_bus(events, call)?;
    let rules = events.lock();
    let mut document = document(&named.name, rules.get(&named.name).ok_or_else(|| no_rule(&named.name))?);
    document["CreatedBy"] = ACCOUNT.into();
    Ok(document)
}

pub(super) fn enable(events: &Events, call: &Call, enabled: bool) -> Result<Value, ApiError> {
    let named: Named = input_on_bus(events, call)?;
    let mut rules = events.lock();
    rules.get_mut(&named.name).ok_or_else(|| no_rule(&named.name))?.enabled = enabled;
    Ok(Value::Null)
}

/// Deleting a rule that does not exist succeeds, as on AWS.
pub(super) fn delete(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let named: Named = input_on_bus(events, call)?;
    let mut rules = events.lock();
    if rules.get(&named.name).is_some_and(|rule| !rule.targets.is_empty()) {
        return Err(invalid("Rule can't be deleted since it has targets."));
    }
    rules.remove(&named.name);
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct List {
    name_prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

pub(super) fn list(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let list: List = input_on_bus(events, call)?;
    let prefix = list.name_prefix.unwrap_or_default();
    let rules = events.lock();
    let found = rules.iter().filter(|(name, _)| name.starts_with(&prefix));
    let documents = found.map(|(name, rule)| (name.clone(), document(name, rule)));
    let (items, next) = page(documents, list.next_token.as_deref(), list.limit);
    Ok(listed("Rules", items, next))
}
