//! `Publish` and `PublishBatch`. Both answer as soon as the messages are accepted; delivery follows.

use std::collections::BTreeSet;

use imgwatch_shared::arn::Arn;

use super::check::{invalid, is_phone_number, no_topic, topic_arn};
use super::message::{MOST_BYTES, Message};
use super::{Call, delivery};
use crate::common::query::{self, Answer, element};
use crate::common::wire::ApiError;

const MOST_ENTRIES: usize = 10;

pub(super) fn publish(call: &Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let trace_header = call.trace_header.as_deref();
    if let Some(number) = params.get("PhoneNumber") {
        if !is_phone_number(number) {
            return Err(invalid(format!("PhoneNumber Reason: {number} is not valid to publish to")));
        }
        let message = Message::read(&call.sns.env, params, "", trace_header)?;
        let answer = element("MessageId", &message.id);
        delivery::sms(call.sns, number, &message, "");
        return Ok(Some(answer));
    }
    let Some(arn) = params.get("TopicArn").or_else(|| params.get("TargetArn")) else {
        return Err(invalid("TopicArn or TargetArn Reason: no value for required parameter"));
    };
    if Arn::parse(arn).is_some_and(|arn| arn.resource.starts_with("endpoint/")) {
        return Err(invalid("TargetArn Reason: No endpoint found for the target arn specified"));
    }
    topic_arn(call.sns, arn)?;
    let message = Message::read(&call.sns.env, params, "", trace_header)?;
    let answer = element("MessageId", &message.id);
    delivery::fan_out(call.sns, arn, message)?;
    Ok(Some(answer))
}

pub(super) fn publish_batch(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("TopicArn")?;
    topic_arn(call.sns, arn)?;
    if !call.sns.lock().topics.contains_key(arn) {
        return Err(no_topic());
    }
    let entries = call.params.items("PublishBatchRequestEntries");
    if entries.is_empty() {
        return Err(ApiError::bad_request("EmptyBatchRequest", "The batch request doesn't contain any entries."));
    }
    if entries.len() > MOST_ENTRIES {
        let message = "The batch request contains more entries than permissible.";
        return Err(ApiError::bad_request("TooManyEntriesInBatchRequest", message));
    }
    let mut ids = BTreeSet::new();
    for entry in &entries {
        let id = entry.require("Id")?;
        check_id(id)?;
        if !ids.insert(id) {
            let message = "Two or more batch entries in the request have the same Id.";
            return Err(ApiError::bad_request("BatchEntryIdsNotDistinct", message));
        }
    }
    let too_long = || {
        let message = "The length of all the messages put together is more than the limit.";
        ApiError::bad_request("BatchRequestTooLong", message)
    };
    if entries.iter().filter_map(|entry| entry.get("Message")).map(str::len).sum::<usize>() > MOST_BYTES {
        return Err(too_long());
    }
    let mut messages = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = format!("publishBatchRequestEntries.{}.member.", index + 1);
        let message = Message::read(&call.sns.env, entry, &place, call.trace_header.as_deref());
        // The limit is the batch's: an entry that is too long on its own makes the batch too long.
        messages.push(message.map_err(|error| if error.message.ends_with("too long") { too_long() } else { error })?);
    }
    if messages.iter().map(|message| message.size).sum::<usize>() > MOST_BYTES {
        return Err(too_long());
    }
    let mut successful = Vec::new();
    for (entry, message) in entries.iter().zip(messages) {
        let id = element("Id", entry.get("Id").unwrap_or_default());
        successful.push(id + &element("MessageId", &message.id));
        delivery::fan_out(call.sns, arn, message)?;
    }
    Ok(Some(query::list("Failed", []) + &query::list("Successful", successful)))
}

fn check_id(id: &str) -> Result<(), ApiError> {
    let fault = |what: &str| {
        let message = format!("The Id of a batch entry in the batch request {what}: {id}");
        Err(ApiError::bad_request("InvalidBatchEntryId", message))
    };
    if id.len() > 80 {
        return fault("is too long");
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if id.is_empty() || !id.bytes().all(is_allowed) {
        return fault("contains an impermissible character");
    }
    Ok(())
}
