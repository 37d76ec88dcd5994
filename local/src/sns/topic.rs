//! Making and removing topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::check::{invalid, topic_arn};
use super::state::{MOST, Topic};
use super::xml::{Answer, element};
use super::{Call, tags, topic_attributes};
use crate::cloud::Cloud;
use crate::wire::ApiError;

pub(super) fn create(call: &Call<'_>) -> Result<Answer, ApiError> {
    let name = call.params.require("Name")?;
    let attributes = call.params.map("Attributes");
    let tags = tags::read(&call.params)?;
    let is_fifo = attributes.get("FifoTopic").is_some_and(|value| value == "true");
    check_name(name, is_fifo)?;
    for (attribute, value) in &attributes {
        topic_attributes::check(attribute, value).map_err(|what| invalid(format!("Attributes Reason: {what}")))?;
    }
    let arn = call.cloud.arn("sns", name);
    let answer = Ok(Some(element("TopicArn", &arn)));
    let mut state = call.cloud.sns.lock();
    if let Some(topic) = state.topics.get(&arn) {
        let differs =
            |(attribute, value): (&String, &String)| topic_attributes::effective(topic, attribute) != Some(value);
        if attributes.iter().any(differs) {
            return Err(invalid("Attributes Reason: Topic already exists with different attributes"));
        }
        if !tags.is_empty() && tags != topic.tags {
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

/// Makes a topic for the pipeline that every cloud starts with; returns its ARN.
pub(crate) fn create_topic(cloud: &Arc<Cloud>, name: &str) -> String {
    let arn = cloud.arn("sns", name);
    cloud.sns.lock().topics.entry(arn.clone()).or_default();
    arn
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
    topic_arn(call.cloud, arn)?;
    let mut state = call.cloud.sns.lock();
    state.topics.remove(arn);
    state.subscriptions.retain(|_, subscription| subscription.topic_arn != arn);
    Ok(None)
}

/// Pairs as a map, for tests and seeds.
pub(super) type Attributes = BTreeMap<String, String>;
