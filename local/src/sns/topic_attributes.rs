//! Attributes of topics, their values and their defaults.

use std::collections::BTreeMap;

use imgwatch_shared::arn::Arn;
use serde_json::json;

use super::Sns;
use super::check::{invalid, json_problem, no_topic, topic_arn};
use super::state::{State, Topic};
use super::{Call, delivery_policy};
use crate::common::env::ACCOUNT;
use crate::common::query::{self, Answer};
use crate::common::wire::ApiError;

/// The prefixes of the attributes for delivery status logging. Email has none.
const FEEDBACK: [&str; 5] = ["HTTP", "SQS", "Lambda", "Firehose", "Application"];

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("TopicArn")?;
    topic_arn(call.sns, arn)?;
    let state = call.sns.lock();
    let topic = state.topics.get(arn).ok_or_else(no_topic)?;
    let attributes = all(&state, arn, topic);
    Ok(Some(query::map("Attributes", attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())))))
}

pub(super) fn set(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("TopicArn")?;
    let name = call.params.require("AttributeName")?;
    topic_arn(call.sns, arn)?;
    // Without a value the attribute is removed, as with an empty one.
    let value = call.params.get("AttributeValue").unwrap_or_default();
    call.sns.set_topic_attribute(arn, name, value)?;
    Ok(None)
}

impl Sns {
    /// Errors: the topic does not exist, or there is no such attribute or value.
    pub(crate) fn set_topic_attribute(&self, arn: &str, name: &str, value: &str) -> Result<(), ApiError> {
        let mut state = self.lock();
        let topic = state.topics.get_mut(arn).ok_or_else(no_topic)?;
        if name == "FifoTopic" {
            return Err(invalid("AttributeName"));
        }
        check(name, value).map_err(invalid)?;
        if value.is_empty() {
            topic.attributes.remove(name);
        } else {
            topic.attributes.insert(name.to_owned(), value.to_owned());
        }
        Ok(())
    }
}

/// Checks that a topic can have this attribute with this value; an empty value removes it.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    let feedback = FEEDBACK.iter().find_map(|protocol| name.strip_prefix(protocol));
    let is_right = match name {
        "DisplayName" => value.chars().count() <= 100 && !value.chars().any(char::is_control),
        "SignatureVersion" => matches!(value, "" | "1" | "2"),
        "TracingConfig" => matches!(value, "" | "PassThrough" | "Active"),
        "FifoTopic" => value == "false",
        "KmsMasterKeyId" => true,
        "Policy" | "DeliveryPolicy" => {
            if !value.is_empty()
                && let Err(error) = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(value)
            {
                return Err(format!("{name}: {}", json_problem(value, &error)));
            }
            true
        }
        _ => match feedback {
            Some("SuccessFeedbackRoleArn" | "FailureFeedbackRoleArn") => {
                value.is_empty() || Arn::parse(value).is_some_and(|arn| arn.resource.starts_with("role/"))
            }
            Some("SuccessFeedbackSampleRate") => value.is_empty() || value.parse::<u8>().is_ok_and(|rate| rate <= 100),
            _ => return Err("AttributeName".to_owned()),
        },
    };
    if is_right { Ok(()) } else { Err(format!("{name} Reason: {value} is not a valid value")) }
}

/// The value that `CreateTopic` compares a given attribute with.
pub(super) fn effective<'a>(topic: &'a Topic, name: &str) -> Option<&'a String> {
    static EMPTY: String = String::new();
    let default = (name == "DisplayName").then_some(&EMPTY);
    topic.attributes.get(name).or(default)
}

/// Every attribute as `GetTopicAttributes` gives them.
fn all(state: &State, arn: &str, topic: &Topic) -> BTreeMap<String, String> {
    let (pending, confirmed): (Vec<_>, Vec<_>) = state.of_topic(arn).partition(|subscription| subscription.pending);
    let defaults = [
        ("DisplayName", String::new()),
        ("Owner", ACCOUNT.to_owned()),
        ("Policy", default_policy(arn)),
        ("TopicArn", arn.to_owned()),
        ("SubscriptionsConfirmed", confirmed.len().to_string()),
        ("SubscriptionsPending", pending.len().to_string()),
        ("SubscriptionsDeleted", topic.deleted.to_string()),
        ("EffectiveDeliveryPolicy", delivery_policy::of_topic(topic).to_string()),
    ];
    let mut attributes: BTreeMap<String, String> =
        defaults.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    attributes.extend(topic.attributes.iter().map(|(name, value)| (name.clone(), value.clone())));
    attributes.remove("FifoTopic");
    attributes
}

/// The default policy of a topic: its owner may do everything.
fn default_policy(arn: &str) -> String {
    let actions = "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe \
                   ListSubscriptionsByTopic Publish";
    let actions: Vec<String> = actions.split(' ').map(|action| format!("SNS:{action}")).collect();
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions,
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        }],
    })
    .to_string()
}
