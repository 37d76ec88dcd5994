//! Topics: create, delete and tag.

use std::collections::BTreeMap;

use super::check::{invalid, topic_arn};
use super::state::{MOST, Topic};
use super::{Call, topic_attributes};
use crate::common::query::{self, Answer, Params, element};
use crate::common::wire::ApiError;

const MOST_TAGS: usize = 50;

pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let name = call.params.require("Name")?;
    let attributes = call.params.map("Attributes");
    let tags = read_tags(&call.params)?;
    if call.params.get("DataProtectionPolicy").is_some_and(|policy| !policy.is_empty()) {
        return Err(invalid("DataProtectionPolicy Reason: this local cloud has no data protection"));
    }
    let is_fifo = attributes.get("FifoTopic").is_some_and(|value| value == "true");
    check_name(name, is_fifo)?;
    for (attribute, value) in &attributes {
        topic_attributes::check(attribute, value).map_err(|what| invalid(format!("Attributes Reason: {what}")))?;
    }
    let arn = call.sns.env.arn("sns", name);
    let answer = Ok(Some(element("TopicArn", &arn)));
    let mut state = call.sns.lock();
    if let Some(topic) = state.topics.get(&arn) {
        let differs =
            |(attribute, value): (&String, &String)| topic_attributes::effective(topic, attribute) != Some(value);
        // A standard topic may be called that, whether it was created with the attribute or not.
        if attributes.iter().filter(|(name, _)| *name != "FifoTopic").any(differs) {
            return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
        }
        if tags.iter().any(|(key, value)| topic.tags.get(key) != Some(value)) {
            return Err(invalid("Tags Reason: Topic already exists with different tags"));
        }
        return answer;
    }
    if state.topics.len() >= MOST {
        let message = "Cannot exceed quota for the number of topics in an account";
        return Err(ApiError::new(http::StatusCode::FORBIDDEN, "TopicLimitExceeded", message));
    }
    state.topics.insert(arn, Topic { attributes, tags, deleted: 0 });
    answer
}

fn check_name(name: &str, is_fifo: bool) -> Result<(), ApiError> {
    let stem = if is_fifo { name.strip_suffix(".fifo").unwrap_or_default() } else { name };
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if stem.is_empty() || name.len() > 256 || !stem.bytes().all(is_allowed) {
        return Err(invalid("Topic Name"));
    }
    if is_fifo {
        return Err(invalid("FifoTopic Reason: this local cloud has no FIFO topics; use a standard topic"));
    }
    Ok(())
}

pub(super) fn delete(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("TopicArn")?;
    topic_arn(call.sns, arn)?;
    let mut state = call.sns.lock();
    state.topics.remove(arn);
    state.subscriptions.retain(|_, subscription| subscription.topic_arn != arn);
    Ok(None)
}

/// The request's `Tags`.
fn read_tags(params: &Params) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for item in params.items("Tags") {
        let pair = (item.require("Key")?.to_owned(), item.require("Value")?.to_owned());
        if tags.insert(pair.0, pair.1).is_some() {
            return Err(invalid("Duplicated keys are not allowed."));
        }
    }
    Ok(tags)
}

/// Runs `act` on the topic that `ResourceArn` names.
fn with_topic<T>(call: &Call<'_>, act: impl FnOnce(&mut Topic) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let arn = call.params.require("ResourceArn")?;
    topic_arn(call.sns, arn)?;
    let mut state = call.sns.lock();
    let missing = || ApiError::new(http::StatusCode::NOT_FOUND, "ResourceNotFound", "Resource does not exist");
    act(state.topics.get_mut(arn).ok_or_else(missing)?)
}

pub(super) fn tag(call: &Call<'_>) -> Result<Answer, ApiError> {
    let tags = read_tags(&call.params)?;
    with_topic(call, |topic| {
        let mut all = topic.tags.clone();
        all.extend(tags);
        if all.len() > MOST_TAGS {
            return Err(ApiError::bad_request(
                "TagLimitExceeded",
                "Could not complete request: tag quota of per resource exceeded",
            ));
        }
        topic.tags = all;
        Ok(Some(String::new()))
    })
}

pub(super) fn untag(call: &Call<'_>) -> Result<Answer, ApiError> {
    let keys = call.params.list("TagKeys");
    with_topic(call, |topic| {
        topic.tags.retain(|key, _| !keys.contains(key));
        Ok(Some(String::new()))
    })
}

pub(super) fn list_tags(call: &Call<'_>) -> Result<Answer, ApiError> {
    with_topic(call, |topic| {
        let tag = |(key, value): (&String, &String)| element("Key", key) + &element("Value", value);
        Ok(Some(query::list("Tags", topic.tags.iter().map(tag))))
    })
}
