//! Tags of topics.

use std::collections::BTreeMap;

use super::check::{invalid, topic_arn};
use super::params::Params;
use super::xml::{self, Answer, element};
use super::{Call, state::Topic};
use crate::wire::ApiError;

/// The most tags on one topic.
const MOST: usize = 50;

/// The request's `Tags`.
pub(super) fn read(params: &Params) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for item in params.items("Tags") {
        let pair = (item.require("Key")?.to_owned(), item.require("Value")?.to_owned());
        if tags.insert(pair.0, pair.1).is_some() {
            return Err(invalid("Duplicated keys are not allowed."));
        }
    }
    Ok(tags)
}

/// Does something with the topic that `ResourceArn` names.
fn with_topic<T>(call: &Call<'_>, act: impl FnOnce(&mut Topic) -> Result<T, ApiError>) -> Result<T, ApiError> {
    let arn = call.params.require("ResourceArn")?;
    topic_arn(call.cloud, arn)?;
    let mut state = call.cloud.sns.lock();
    let missing = || ApiError::new(http::StatusCode::NOT_FOUND, "ResourceNotFound", "Resource does not exist");
    act(state.topics.get_mut(arn).ok_or_else(missing)?)
}

pub(super) fn tag(call: &Call<'_>) -> Result<Answer, ApiError> {
    let tags = read(&call.params)?;
    with_topic(call, |topic| {
        let mut all = topic.tags.clone();
        all.extend(tags);
        if all.len() > MOST {
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

pub(super) fn list(call: &Call<'_>) -> Result<Answer, ApiError> {
    with_topic(call, |topic| {
        let tag = |(key, value): (&String, &String)| element("Key", key) + &element("Value", value);
        Ok(Some(xml::list("Tags", topic.tags.iter().map(tag))))
    })
}
