//! Operations on log groups.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use imgwatch_shared::arn::is_arn_like;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Logs;
use super::error::{bad_token, constraint, invalid, no_group, page_size};
use super::store::Group;
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

/// The retention times that AWS offers, in days.
const RETENTIONS: [i64; 23] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 36_500];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    log_group_name: String,
}

/// `arn:...:log-group:NAME`; some operations add `:*`.
pub(crate) fn arn(logs: &Logs, name: &str) -> String {
    logs.env.arn("logs", &format!("log-group:{name}"))
}

/// The group of a name, or of an ARN with or without `:*`.
pub(crate) fn by_identifier(logs: &Logs, identifier: &str) -> Result<Arc<Group>, ApiError> {
    if !is_arn_like(identifier) {
        return logs.find(identifier);
    }
    let bare = identifier.strip_suffix(":*").unwrap_or(identifier);
    let name = bare.strip_prefix(&arn(logs, "")).ok_or_else(no_group)?;
    logs.find(name)
}

/// The group of an operation that takes a name or an identifier, but not both.
pub(crate) fn by_name_or_identifier(
    logs: &Logs,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<Arc<Group>, ApiError> {
    match (name, identifier) {
        (Some(_), Some(_)) => {
            let message = "LogGroup name and LogGroup ARN are mutually exclusive parameters.";
            Err(ApiError::bad_request("ValidationException", message))
        }
        (Some(name), None) => logs.find(name),
        (None, Some(identifier)) => by_identifier(logs, identifier),
        (None, None) => Err(invalid("Either logGroupName or logGroupIdentifier must be given.")),
    }
}

fn named(logs: &Logs, call: &Call) -> Result<Arc<Group>, ApiError> {
    logs.find(&call.input::<Named>()?.log_group_name)
}

pub(crate) fn create(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        log_group_name: String,
        #[serde(default)]
        tags: BTreeMap<String, String>,
        log_group_class: Option<String>,
        kms_key_id: Option<String>,
        deletion_protection_enabled: Option<bool>,
    }
    let input: Input = call.input()?;
    let name = input.log_group_name;
    if name.len() > 512 {
        return Err(invalid("Invalid LogGroup or LogStream, both must have length less than or equal to 512."));
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-/#".contains(c);
    if name.is_empty() || !name.chars().all(legal) {
        return Err(constraint(name, "logGroupName", "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+"));
    }
    if input.log_group_class.is_some_and(|class| class != "STANDARD") {
        return Err(invalid("this local cloud has log groups of class STANDARD only"));
    }
    if input.kms_key_id.is_some() || input.deletion_protection_enabled == Some(true) {
        return Err(invalid("this local cloud has no keys for log groups, and no protection against deleting them"));
    }
    check_tags(&input.tags)?;
    let mut groups = logs.groups.lock().unwrap_or_else(PoisonError::into_inner);
    if groups.contains_key(&name) {
        return Err(ApiError::bad_request("ResourceAlreadyExistsException", "The specified log group already exists"));
    }
    if groups.len() >= super::MOST_GROUPS {
        return Err(ApiError::bad_request("LimitExceededException", "Resource limit exceeded."));
    }
    let group = Group::new(&name, logs.env.now().as_millisecond());
    group.lock().tags = input.tags;
    groups.insert(name, Arc::new(group));
    Ok(Value::Null)
}

pub(crate) fn delete(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let name = call.input::<Named>()?.log_group_name;
    let removed = logs.groups.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    removed.map(|_| Value::Null).ok_or_else(no_group)
}

pub(crate) fn describe(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        log_group_name_prefix: Option<String>,
        log_group_name_pattern: Option<String>,
        #[serde(default)]
        log_group_identifiers: Vec<String>,
        log_group_class: Option<String>,
        /// The last name of the page before.
        next_token: Option<String>,
        limit: Option<i64>,
    }
    let input: Input = call.input()?;
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(invalid(message));
    }
    let most = page_size(input.limit, 50, 50)?;
    let identified = |name: &str| {
        let arn = arn(logs, name);
        let is = |id: &String| *id == name || id.strip_suffix(":*").unwrap_or(id) == arn;
        input.log_group_identifiers.is_empty() || input.log_group_identifiers.iter().any(is)
    };
    let pattern = input.log_group_name_pattern.as_deref();
    let wanted = |group: &&Arc<Group>| {
        let name = &group.name;
        input.log_group_name_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
            // Unlike prefixes, patterns ignore case.
            && pattern.is_none_or(|part| name.to_lowercase().contains(&part.to_lowercase()))
            && input.log_group_class.as_deref().is_none_or(|class| class == "STANDARD")
            && input.next_token.as_ref().is_none_or(|last| name > last)
            && identified(name)
    };
    let groups = logs.groups.lock().unwrap_or_else(PoisonError::into_inner);
    if input.next_token.as_ref().is_some_and(String::is_empty) {
        return Err(bad_token());
    }
    let mut found = groups.values().filter(wanted);
    let page: Vec<_> = found.by_ref().take(most).collect();
    let rendered: Vec<_> = page.iter().map(|group| render(logs, group, pattern.is_some())).collect();
    let mut output = json!({"logGroups": rendered});
    if found.next().is_some() {
        output["nextToken"] = json!(page.last().map(|group| group.name.as_str()));
    }
    Ok(output)
}

/// A group as AWS describes it; a search by pattern answers without sizes.
fn render(logs: &Logs, group: &Group, brief: bool) -> Value {
    let arn = arn(logs, &group.name);
    let contents = group.lock();
    let mut output = json!({
        "arn": format!("{arn}:*"),
        "creationTime": group.created,
        "logGroupArn": arn,
        "logGroupClass": "STANDARD",
        "logGroupName": group.name,
        "metricFilterCount": 0,
    });
    if let Some(days) = contents.retention_days {
        output["retentionInDays"] = json!(days);
    }
    if !brief {
        output["storedBytes"] = json!(contents.bytes);
        output["deletionProtectionEnabled"] = json!(false);
    }
    output
}

pub(crate) fn put_retention(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        retention_in_days: i64,
    }
    let group = named(logs, call)?;
    let days = call.input::<Input>()?.retention_in_days;
    if !RETENTIONS.contains(&days) {
        return Err(constraint(days, "retentionInDays", &format!("satisfy enum value set: {RETENTIONS:?}")));
    }
    group.lock().retention_days = Some(days);
    Ok(Value::Null)
}

pub(crate) fn delete_retention(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    named(logs, call)?.lock().retention_days = None;
    Ok(Value::Null)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tagged {
    resource_arn: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    tag_keys: Vec<String>,
}

pub(crate) fn list_tags(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let group = by_identifier(logs, &call.input::<Tagged>()?.resource_arn)?;
    let tags = &group.lock().tags;
    Ok(json!({"tags": tags}))
}

pub(crate) fn tag(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: Tagged = call.input()?;
    let group = by_identifier(logs, &input.resource_arn)?;
    let mut contents = group.lock();
    let mut tags = contents.tags.clone();
    tags.extend(input.tags);
    check_tags(&tags)?;
    contents.tags = tags;
    Ok(Value::Null)
}

fn check_tags(tags: &BTreeMap<String, String>) -> Result<(), ApiError> {
    if tags.len() <= 50 {
        return Ok(());
    }
    Err(ApiError::bad_request("TooManyTagsException", "a log group has at most 50 tags"))
}

pub(crate) fn untag(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: Tagged = call.input()?;
    let group = by_identifier(logs, &input.resource_arn)?;
    group.lock().tags.retain(|key, _| !input.tag_keys.contains(key));
    Ok(Value::Null)
}
