//! Operations on queues as a whole: create, find, configure, delete.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Sqs;
use super::error::{forbidden, invalid_value, no_queue};
use super::queue::Queue;
use super::settings::{self, Settings};
use crate::common::aws_json::Call;
use crate::common::env::ACCOUNT;
use crate::common::wire::ApiError;

/// How long after a deletion or a purge the next one, or a new queue of that name, is refused.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct QueueInput {
    queue_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreateInput {
    queue_name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// The model's one lower-case member; in the query protocol it is like the others.
    #[serde(default, rename = "tags", alias = "Tags")]
    tags: BTreeMap<String, String>,
}

/// The queue that a URL names. Only the path counts: the host may be written in several ways.
pub(crate) fn by_url(sqs: &Sqs, url: &str) -> Result<Arc<Queue>, ApiError> {
    let mut parts = url.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let account = parts.next();
    // A bare name is accepted where a URL is expected, as AWS does.
    if account.is_some_and(|account| account != ACCOUNT) {
        return Err(no_queue());
    }
    sqs.find(name).ok_or_else(no_queue)
}

/// The queue of the input's `QueueUrl`.
pub(crate) fn named(sqs: &Sqs, call: &Call) -> Result<Arc<Queue>, ApiError> {
    by_url(sqs, &call.input::<QueueInput>()?.queue_url)
}

/// The queue of that name, which is created where it does not exist.
pub(crate) fn make(sqs: &Sqs, name: &str, settings: Settings) -> Arc<Queue> {
    let mut queues = sqs.queues.lock().unwrap_or_else(PoisonError::into_inner);
    let new = || {
        let (arn, url) = (sqs.env.arn("sqs", name), format!("{}/{ACCOUNT}/{name}", sqs.env.endpoint));
        Arc::new(Queue::new(name, arn, url, settings))
    };
    Arc::clone(queues.entry(name.to_owned()).or_insert_with(new))
}

pub(crate) fn create(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let input: CreateInput = call.input()?;
    let name = input.queue_name;
    if name.to_ascii_lowercase().ends_with(".fifo") {
        return Err(settings::fifo());
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 80 || !name.chars().all(legal) {
        let message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        return Err(invalid_value(message));
    }
    let now = sqs.env.now();
    let mut settings = Settings::new(now);
    settings.set(&input.attributes)?;
    check_dead_letters(sqs, &input.attributes, &settings)?;
    settings.tags = input.tags;
    if let Some(queue) = sqs.find(&name) {
        let differs = |(name, value): (&String, &String)| queue.settings().get(name).as_ref() != Some(value);
        if let Some((attribute, _)) = input.attributes.iter().find(|pair| differs(*pair)) {
            let message =
                format!("A queue already exists with the same name and a different value for attribute {attribute}");
            return Err(ApiError::bad_request("QueueNameExists", message));
        }
        return Ok(json!({"QueueUrl": queue.url}));
    }
    let mut deleted = sqs.deleted.lock().unwrap_or_else(PoisonError::into_inner);
    deleted.retain(|_, at| now.duration_since(*at) < MINUTE);
    if deleted.contains_key(&name) {
        let message =
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        return Err(ApiError::bad_request("QueueDeletedRecently", message));
    }
    Ok(json!({"QueueUrl": make(sqs, &name, settings).url}))
}

/// A redrive policy that is set must name a queue that exists.
fn check_dead_letters(sqs: &Sqs, given: &BTreeMap<String, String>, settings: &Settings) -> Result<(), ApiError> {
    let (Some(text), Some(redrive)) = (given.get("RedrivePolicy"), &settings.redrive) else { return Ok(()) };
    match sqs.find_arn(&redrive.dead_letter_target_arn) {
        Some(_) => Ok(()),
        None => Err(settings::invalid_redrive(text, "Dead letter target does not exist.")),
    }
}

pub(crate) fn delete(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = named(sqs, call)?;
    sqs.queues.lock().unwrap_or_else(PoisonError::into_inner).remove(&queue.name);
    let mut deleted = sqs.deleted.lock().unwrap_or_else(PoisonError::into_inner);
    deleted.insert(queue.name.clone(), sqs.env.now());
    drop(deleted);
    queue.changed.notify_waiters();
    Ok(Value::Null)
}

pub(crate) fn purge(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = named(sqs, call)?;
    let now = sqs.env.now();
    let previous = queue.settings().purged.replace(now);
    if previous.is_some_and(|at| now.duration_since(at) < MINUTE) {
        queue.settings().purged = previous;
        let message = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
        return Err(forbidden("PurgeQueueInProgress", message));
    }
    queue.purge();
    Ok(Value::Null)
}

pub(crate) fn get_url(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        queue_name: String,
        #[serde(rename = "QueueOwnerAWSAccountId")]
        owner: Option<String>,
    }
    let input: Input = call.input()?;
    if input.owner.is_some_and(|owner| owner != ACCOUNT) {
        return Err(no_queue());
    }
    let queue = sqs.find(&input.queue_name).ok_or_else(no_queue)?;
    Ok(json!({"QueueUrl": queue.url}))
}

pub(crate) fn list(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        #[serde(default)]
        queue_name_prefix: String,
        /// The last name of the page before.
        next_token: Option<String>,
        max_results: Option<usize>,
    }
    let input: Input = call.input()?;
    let most = input.max_results.unwrap_or(1000);
    if !(1..=1000).contains(&most) {
        return Err(invalid_value(
            "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.",
        ));
    }
    let queues = sqs.queues.lock().unwrap_or_else(PoisonError::into_inner);
    let after = |name: &str| input.next_token.as_deref().is_none_or(|last| name > last);
    let mut found =
        queues.values().filter(|queue| queue.name.starts_with(&input.queue_name_prefix) && after(&queue.name));
    let page: Vec<_> = found.by_ref().take(most).collect();
    let mut output = json!({"QueueUrls": page.iter().map(|queue| queue.url.as_str()).collect::<Vec<_>>()});
    // Like AWS, a token is given only to a caller who asked for pages.
    if input.max_results.is_some() && found.next().is_some() {
        output["NextToken"] = json!(page.last().map(|queue| queue.name.as_str()));
    }
    Ok(output)
}

pub(crate) fn get_attributes(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        #[serde(default)]
        attribute_names: Vec<String>,
    }
    let queue = named(sqs, call)?;
    let wanted = call.input::<Input>()?.attribute_names;
    if let Some(unknown) = wanted.iter().find(|name| *name != "All" && !Settings::known(name)) {
        return Err(ApiError::bad_request("InvalidAttributeName", format!("Unknown Attribute {unknown}.")));
    }
    let counts = queue.counts(sqs.env.now());
    let settings = queue.settings();
    let computed = [
        ("ApproximateNumberOfMessages", counts.visible.to_string()),
        ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
        ("CreatedTimestamp", settings.created.as_second().to_string()),
        ("LastModifiedTimestamp", settings.modified.as_second().to_string()),
        ("QueueArn", queue.arn.clone()),
    ];
    let all = wanted.iter().any(|name| name == "All");
    let attributes: BTreeMap<&str, String> =
        settings.all().chain(computed).filter(|(name, _)| all || wanted.iter().any(|wanted| wanted == name)).collect();
    Ok(if attributes.is_empty() { json!({}) } else { json!({"Attributes": attributes}) })
}

pub(crate) fn set_attributes(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        attributes: BTreeMap<String, String>,
    }
    let queue = named(sqs, call)?;
    let attributes = call.input::<Input>()?.attributes;
    let mut settings = queue.settings();
    let mut changed = settings.clone();
    changed.set(&attributes)?;
    check_dead_letters(sqs, &attributes, &changed)?;
    changed.modified = sqs.env.now();
    *settings = changed;
    Ok(Value::Null)
}

pub(crate) fn list_tags(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = named(sqs, call)?;
    let tags = queue.settings().tags.clone();
    Ok(if tags.is_empty() { json!({}) } else { json!({"Tags": tags}) })
}

pub(crate) fn tag(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        tags: BTreeMap<String, String>,
    }
    let queue = named(sqs, call)?;
    let mut tags = queue.settings().tags.clone();
    tags.extend(call.input::<Input>()?.tags);
    if tags.len() > 50 {
        return Err(invalid_value("Too many tags added for queue; a queue has 50 at most."));
    }
    queue.settings().tags = tags;
    Ok(Value::Null)
}

pub(crate) fn untag(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        tag_keys: Vec<String>,
    }
    let queue = named(sqs, call)?;
    let keys = call.input::<Input>()?.tag_keys;
    queue.settings().tags.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}
