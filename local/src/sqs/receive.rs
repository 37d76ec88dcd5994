//! `ReceiveMessage`, `DeleteMessage` and `ChangeMessageVisibility`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attribute;
use super::error::invalid_value;
use super::queue::{Gone, Message, Queue, Take, Taken, receipt_number};
use super::send::Batch;
use super::{Sqs, queues};
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceiveInput {
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    /// The older name of `MessageSystemAttributeNames`; both work.
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

/// Checks that a number is within bounds.
fn bounded(name: &str, value: i64, least: i64, most: i64) -> Result<i64, ApiError> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    let reason = format!("Must be >= {least} and <= {most}, if provided");
    Err(invalid_value(format!("Value {value} for parameter {name} is invalid. Reason: {reason}.")))
}

/// Waits for messages as long as the caller asked; a message that arrives ends the wait.
pub(crate) async fn receive(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let input: ReceiveInput = call.input()?;
    let queue = queues::by_url(sqs, &input.queue_url)?;
    let (wait, visibility) = {
        let settings = queue.settings();
        (settings.wait(), settings.visibility())
    };
    let most = input.max_number_of_messages.unwrap_or(1);
    if !(1..=10).contains(&most) {
        let reason = "Must be between 1 and 10, if provided";
        return Err(invalid_value(format!(
            "Value {most} for parameter MaxNumberOfMessages is invalid. Reason: {reason}."
        )));
    }
    let wait = bounded("WaitTimeSeconds", input.wait_time_seconds.unwrap_or_else(|| wait.into()), 0, 20)?;
    let hidden = input.visibility_timeout.unwrap_or_else(|| visibility.into());
    let hidden = bounded("VisibilityTimeout", hidden, 0, 43_200)?;
    let wanted = Wanted {
        most: usize::try_from(most).unwrap_or(1),
        most_bytes: usize::MAX,
        visibility: SignedDuration::from_secs(hidden),
        wait: SignedDuration::from_secs(wait),
    };
    let taken = await_messages(sqs, || queues::by_url(sqs, &input.queue_url), &wanted).await?;
    if taken.is_empty() {
        return Ok(json!({}));
    }
    let messages: Vec<_> = taken.iter().map(|(handle, message)| render(handle, message, &input)).collect();
    Ok(json!({"Messages": messages}))
}

/// What a receive takes, and how long it waits.
pub(crate) struct Wanted {
    pub(crate) most: usize,
    pub(crate) most_bytes: usize,
    pub(crate) visibility: SignedDuration,
    pub(crate) wait: SignedDuration,
}

/// Takes messages with their receipt handles, as soon as there are some; none where none came in time. The queue is looked up
/// again after each wait, because it may have been deleted.
pub(crate) async fn await_messages(
    sqs: &Sqs,
    find: impl Fn() -> Result<Arc<Queue>, ApiError>,
    wanted: &Wanted,
) -> Result<Vec<(String, Message)>, ApiError> {
    let deadline = sqs.env.now().checked_add(wanted.wait).unwrap_or(Timestamp::MAX);
    loop {
        let queue = find()?;
        let changed = queue.changed.notified();
        tokio::pin!(changed);
        // It is registered before the queue is read, so that no message in between is missed.
        changed.as_mut().enable();
        let now = sqs.env.now();
        let taken = take(sqs, &queue, now, wanted);
        if !taken.messages.is_empty() {
            return Ok(taken.messages);
        }
        if now >= deadline || sqs.env.stop.is_cancelled() {
            return Ok(Vec::new());
        }
        let until = taken.next.map_or(deadline, |next| next.min(deadline));
        // At least a millisecond, so that rounding never makes this a busy loop.
        let pause = until.duration_since(now).unsigned_abs().max(std::time::Duration::from_millis(1));
        tokio::select! {
            () = changed => {}
            () = tokio::time::sleep(pause) => {}
            () = sqs.env.stop.cancelled() => {}
        }
    }
}

/// Takes what is visible now, and moves what was received too often to the dead-letter queue.
fn take(sqs: &Sqs, queue: &Queue, now: Timestamp, wanted: &Wanted) -> Taken {
    let redrive = queue.settings().redrive.clone();
    let dead_letters = redrive.as_ref().and_then(|redrive| sqs.find_arn(&redrive.dead_letter_target_arn));
    let max_receives = redrive.filter(|_| dead_letters.is_some()).map(|redrive| redrive.max_receive_count);
    let Wanted { most, most_bytes, visibility, .. } = *wanted;
    let mut taken = queue.take(now, &Take { most, most_bytes, visibility, max_receives });
    for mut message in std::mem::take(&mut taken.dead) {
        message.source_queue = Some(queue.arn.clone());
        if let Some(dead_letters) = &dead_letters
            && !dead_letters.push(message, now, SignedDuration::ZERO)
        {
            tracing::warn!(queue = dead_letters.name, "the dead-letter queue is full; a message was dropped");
        }
    }
    taken
}

fn render(handle: &str, message: &Message, input: &ReceiveInput) -> Value {
    let mut output = json!({
        "MessageId": message.id,
        "ReceiptHandle": handle,
        "MD5OfBody": attribute::md5_of_body(&message.body),
        "Body": message.body,
    });
    let wanted = |name: &str| {
        let mut names = input.attribute_names.iter().chain(&input.message_system_attribute_names);
        names.any(|wanted| wanted == "All" || wanted == name)
    };
    let system: Map<String, Value> = system_attributes(message)
        .into_iter()
        .filter_map(|(name, value)| value.filter(|_| wanted(name)).map(|value| (name.to_owned(), json!(value))))
        .collect();
    if !system.is_empty() {
        output["Attributes"] = Value::Object(system);
    }
    let asked = |name: &str| {
        input.message_attribute_names.iter().any(|pattern| {
            let prefix = pattern.strip_suffix(".*").or_else(|| pattern.strip_suffix('*'));
            pattern == "All" || pattern == name || prefix.is_some_and(|prefix| name.starts_with(prefix))
        })
    };
    let chosen: Vec<_> = message.attributes.iter().filter(|(name, _)| asked(name)).collect();
    // The digest covers the attributes that are returned.
    if let Some(digest) = attribute::md5_of_attributes(chosen.iter().copied()) {
        let attributes = chosen.iter().map(|(name, attribute)| ((*name).clone(), attribute::render(attribute)));
        output["MD5OfMessageAttributes"] = json!(digest);
        output["MessageAttributes"] = Value::Object(attributes.collect());
    }
    output
}

pub(crate) fn system_attributes(message: &Message) -> [(&'static str, Option<String>); 7] {
    let millis = |at: Timestamp| at.as_millisecond().to_string();
    [
        ("SenderId", Some(message.sender.clone())),
        ("SentTimestamp", Some(millis(message.sent))),
        ("ApproximateReceiveCount", Some(message.received.to_string())),
        ("ApproximateFirstReceiveTimestamp", message.first_received.map(millis)),
        ("AWSTraceHeader", message.trace_header.clone()),
        ("MessageGroupId", message.group.clone()),
        ("DeadLetterQueueSourceArn", message.source_queue.clone()),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Handle {
    receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeVisibility {
    receipt_handle: String,
    visibility_timeout: i64,
}

fn number(queue: &Queue, handle: &str) -> Result<u64, ApiError> {
    receipt_number(&queue.arn, handle).ok_or_else(|| {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        ApiError::bad_request("ReceiptHandleIsInvalid", message)
    })
}

fn delete_one(sqs: &Sqs, queue: &Queue, input: &Handle) -> Result<Value, ApiError> {
    let number = number(queue, &input.receipt_handle)?;
    queue.delete(sqs.env.now(), number, &input.receipt_handle);
    Ok(json!({}))
}

fn change_one(sqs: &Sqs, queue: &Queue, input: &ChangeVisibility) -> Result<Value, ApiError> {
    let number = number(queue, &input.receipt_handle)?;
    let seconds = bounded("VisibilityTimeout", input.visibility_timeout, 0, 43_200)?;
    match queue.change_visibility(sqs.env.now(), number, &input.receipt_handle, SignedDuration::from_secs(seconds)) {
        Ok(()) => Ok(json!({})),
        Err(Gone) => {
            let handle = &input.receipt_handle;
            let reason = "Message does not exist or is not available for visibility timeout change";
            Err(invalid_value(format!("Value {handle} for parameter ReceiptHandle is invalid. Reason: {reason}.")))
        }
    }
}

pub(crate) fn delete(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = queues::named(sqs, call)?;
    delete_one(sqs, &queue, &call.input()?).map(|_| Value::Null)
}

pub(crate) fn delete_batch(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let batch: Batch<Handle> = call.input()?;
    let queue = queues::by_url(sqs, &batch.queue_url)?;
    batch.run(|entry| delete_one(sqs, &queue, &entry))
}

pub(crate) fn change_visibility(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = queues::named(sqs, call)?;
    change_one(sqs, &queue, &call.input()?).map(|_| Value::Null)
}

pub(crate) fn change_visibility_batch(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let batch: Batch<ChangeVisibility> = call.input()?;
    let queue = queues::by_url(sqs, &batch.queue_url)?;
    batch.run(|entry| change_one(sqs, &queue, &entry))
}
