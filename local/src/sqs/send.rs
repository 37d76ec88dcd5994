//! `SendMessage` and its batch.

use std::collections::{BTreeMap, HashSet};

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::attribute::{self, Attribute, AttributeInput, Attributes, Content};
use super::error::{forbidden, invalid_value};
use super::queue::{Message, Queue};
use super::{Sqs, queues};
use crate::common::aws_json::Call;
use crate::common::deliver::Payload;
use crate::common::env::ACCOUNT;
use crate::common::wire::ApiError;

/// The most bytes of a batch, whatever the queue's own limit on a message is.
const MOST_OF_BATCH: usize = 1_048_576;

/// AWS's two texts for the parameters of a message that is too large.
const ALONE: &str = "are invalid";
const IN_BATCH: &str = "cannot be validated";

/// One message as it comes over the wire, alone or in a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendInput {
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, AttributeInput>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, SystemInput>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl SendInput {
    /// The bytes that count against the limit of a batch.
    fn size(&self) -> usize {
        let attributes = self.message_attributes.iter().map(|(name, value)| name.len() + value.size());
        self.message_body.len() + attributes.sum::<usize>()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SystemInput {
    #[serde(default)]
    string_value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Batch<T> {
    pub(crate) queue_url: String,
    #[serde(default = "Vec::new")]
    entries: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Entry<T> {
    id: String,
    #[serde(flatten)]
    rest: T,
}

impl<T> Batch<T> {
    /// Checks the entries' ids and runs each entry; the output lists those that succeeded and those that failed.
    pub(crate) fn run(self, mut one: impl FnMut(T) -> Result<Value, ApiError>) -> Result<Value, ApiError> {
        if self.entries.is_empty() {
            let message = "There should be at least one entry in the request.";
            return Err(ApiError::bad_request("EmptyBatchRequest", message));
        }
        if self.entries.len() > 10 {
            let message =
                format!("Maximum number of entries per request are 10. You have sent {}.", self.entries.len());
            return Err(ApiError::bad_request("TooManyEntriesInBatchRequest", message));
        }
        let mut seen = HashSet::new();
        for Entry { id, .. } in &self.entries {
            let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if id.is_empty() || id.len() > 80 || !id.chars().all(legal) {
                let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It \
                    can be at most 80 letters long.";
                return Err(ApiError::bad_request("InvalidBatchEntryId", message));
            }
            if !seen.insert(id.as_str()) {
                return Err(ApiError::bad_request("BatchEntryIdsNotDistinct", format!("Id {id} repeated.")));
            }
        }
        let (mut successful, mut failed) = (Vec::new(), Vec::new());
        for Entry { id, rest } in self.entries {
            match one(rest) {
                Ok(mut output) => {
                    output["Id"] = json!(id);
                    successful.push(output);
                }
                Err(error) => {
                    let sender = !error.status.is_server_error();
                    let code = super::error::query_code(&error.code).unwrap_or(error.code);
                    failed.push(json!({"Id": id, "SenderFault": sender, "Code": code, "Message": error.message}));
                }
            }
        }
        let mut output = json!({"Successful": successful});
        if !failed.is_empty() {
            output["Failed"] = json!(failed);
        }
        Ok(output)
    }
}

struct Checked {
    body: String,
    attributes: Attributes,
    trace_header: Option<String>,
    group: Option<String>,
    /// The digest of the system attributes, where the sender set them.
    system_digest: Option<String>,
    delay: SignedDuration,
}

pub(crate) fn send(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let queue = queues::named(sqs, call)?;
    let checked = check(&queue, call.input()?, call.trace_header.as_deref(), ALONE)?;
    accept(sqs, &queue, checked)
}

pub(crate) fn send_batch(sqs: &Sqs, call: &Call) -> Result<Value, ApiError> {
    let batch: Batch<SendInput> = call.input()?;
    let queue = queues::by_url(sqs, &batch.queue_url)?;
    let total: usize = batch.entries.iter().map(|entry| entry.rest.size()).sum();
    if total > MOST_OF_BATCH {
        let message =
            format!("Batch requests cannot be longer than {MOST_OF_BATCH} bytes. You have sent {total} bytes.");
        return Err(ApiError::bad_request("BatchRequestTooLong", message));
    }
    batch.run(|input| {
        let checked = check(&queue, input, call.trace_header.as_deref(), IN_BATCH)?;
        accept(sqs, &queue, checked)
    })
}

/// `fault` is the text for a message that is too large.
fn check(queue: &Queue, input: SendInput, trace_header: Option<&str>, fault: &str) -> Result<Checked, ApiError> {
    let attributes = attribute::parse(input.message_attributes)?;
    check_ids(input.message_group_id.as_deref(), input.message_deduplication_id.as_deref())?;
    let delay = input.delay_seconds.unwrap_or_else(|| queue.settings().delay().into());
    if !(0..=900).contains(&delay) {
        let reason = "DelaySeconds must be >= 0 and <= 900";
        return Err(invalid_value(format!("Value {delay} for parameter DelaySeconds is invalid. Reason: {reason}.")));
    }
    if let Some(other) = input.message_system_attributes.keys().find(|name| *name != "AWSTraceHeader") {
        return Err(invalid_value(format!("Message system attribute name '{other}' is invalid.")));
    }
    let traced = input.message_system_attributes.get("AWSTraceHeader").map(|value| value.string_value.clone());
    check_size(queue, &input.message_body, &attributes, fault)?;
    let system_digest = traced.clone().and_then(|trace| {
        let attribute = Attribute { data_type: "String".to_owned(), content: Content::Text(trace) };
        attribute::md5_of_attributes([(&"AWSTraceHeader".to_owned(), &attribute)])
    });
    Ok(Checked {
        body: input.message_body,
        system_digest,
        attributes,
        group: input.message_group_id,
        trace_header: traced.or_else(|| trace_header.map(str::to_owned)),
        delay: SignedDuration::from_secs(delay),
    })
}

/// Standard queues take the id of a group, and none of deduplication.
fn check_ids(group: Option<&str>, deduplication: Option<&str>) -> Result<(), ApiError> {
    let invalid = |name: &str, value: &str, reason: &str| {
        Err(invalid_value(format!("Value {value} for parameter {name} is invalid. Reason: {reason}.")))
    };
    let is_id = |text: &str| (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(group) = group.filter(|group| !is_id(group)) {
        let reason = "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length";
        return invalid("MessageGroupId", group, reason);
    }
    match deduplication {
        Some(id) => {
            let reason = "The request include parameter that is not valid for this queue type";
            invalid("MessageDeduplicationId", id, reason)
        }
        None => Ok(()),
    }
}

fn check_size(queue: &Queue, body: &str, attributes: &Attributes, fault: &str) -> Result<(), ApiError> {
    if body.is_empty() {
        let message = "The request must contain the parameter MessageBody.";
        return Err(ApiError::bad_request("MissingParameter", message));
    }
    // The characters of XML 1.0, which the older protocol could carry.
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r') || (c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}');
    if !body.chars().all(legal) {
        let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
            #xE000 to #xFFFD | #x10000 to #x10FFFF";
        return Err(ApiError::bad_request("InvalidMessageContents", message));
    }
    let most = queue.settings().max_size();
    if body.len() + attribute::size(attributes) > most {
        let message = format!("One or more parameters {fault}. Reason: Message must be shorter than {most} bytes.");
        return Err(invalid_value(message));
    }
    Ok(())
}

fn accept(sqs: &Sqs, queue: &Queue, checked: Checked) -> Result<Value, ApiError> {
    let mut output = json!({"MD5OfMessageBody": attribute::md5_of_body(&checked.body)});
    if let Some(digest) = attribute::md5_of_attributes(&checked.attributes) {
        output["MD5OfMessageAttributes"] = json!(digest);
    }
    if let Some(digest) = &checked.system_digest {
        output["MD5OfMessageSystemAttributes"] = json!(digest);
    }
    output["MessageId"] = json!(push(sqs, queue, ACCOUNT, checked)?);
    Ok(output)
}

fn push(sqs: &Sqs, queue: &Queue, sender: &str, checked: Checked) -> Result<String, ApiError> {
    let now = sqs.env.now();
    let id = sqs.env.id();
    let message = Message {
        id: id.clone(),
        body: checked.body,
        attributes: checked.attributes,
        trace_header: checked.trace_header,
        group: checked.group,
        sender: sender.to_owned(),
        sent: now,
        first_received: None,
        received: 0,
        source_queue: None,
    };
    if queue.push(message, now, checked.delay) {
        return Ok(id);
    }
    let name = &queue.name;
    Err(forbidden(
        "OverLimit",
        format!("the queue {name} is full on this local cloud; receive and delete, or purge it"),
    ))
}

/// Sends a message of another service; returns its id.
pub(crate) fn deliver(sqs: &Sqs, queue: &Queue, sender: &str, payload: Payload) -> Result<String, ApiError> {
    let input =
        payload.attributes.into_iter().map(|(name, (data_type, value))| (name, AttributeInput::new(data_type, value)));
    let attributes = attribute::parse(input.collect())?;
    check_size(queue, &payload.body, &attributes, ALONE)?;
    let delay = SignedDuration::from_secs(queue.settings().delay().into());
    let (body, trace_header) = (payload.body, payload.trace_header);
    push(sqs, queue, sender, Checked { body, attributes, trace_header, group: None, system_digest: None, delay })
}
