//! Attributes of subscriptions.

use imgwatch_shared::arn::Arn;
use jiff::Timestamp;
use serde_json::Value;

use super::check::{invalid, json_problem, no_subscription, subscription_arn};
use super::state::{State, Subscription};
use super::{Call, delivery_policy};
use crate::common::env::ACCOUNT;
use crate::common::query::{self, Answer};
use crate::common::wire::ApiError;
use imgwatch_shared::filter_policy::{FilterPolicy, PolicyError, Scope};

pub(super) fn get(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("SubscriptionArn")?;
    subscription_arn(call.sns, arn)?;
    let state = call.sns.lock();
    let mut attributes = all(&state, state.subscription(arn).ok_or_else(no_subscription)?);
    // All callers are the same.
    attributes.push(("SubscriptionPrincipal", call.sns.env.caller_arn()));
    Ok(Some(query::map("Attributes", attributes.iter().map(|(name, value)| (*name, value.as_str())))))
}

pub(super) fn set(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("SubscriptionArn")?;
    let name = call.params.require("AttributeName")?;
    let value = call.params.get("AttributeValue").unwrap_or_default();
    subscription_arn(call.sns, arn)?;
    let mut state = call.sns.lock();
    let subscription = state.subscription_mut(arn).ok_or_else(no_subscription)?;
    apply(subscription, name, value).map_err(invalid)?;
    Ok(None)
}

/// A subscription without attributes of its own.
pub(super) fn new_subscription(
    arn: String,
    topic_arn: &str,
    protocol: &str,
    endpoint: &str,
    now: Timestamp,
) -> Subscription {
    Subscription {
        arn,
        topic_arn: topic_arn.to_owned(),
        protocol: protocol.to_owned(),
        endpoint: endpoint.to_owned(),
        pending: false,
        authenticated: true,
        raw: false,
        filter: None,
        scope: None,
        redrive: None,
        delivery_policy: None,
        made: now,
    }
}

/// Checks and sets one attribute. The error is AWS's message without `Invalid parameter:`.
pub(super) fn apply(subscription: &mut Subscription, name: &str, value: &str) -> Result<(), String> {
    match name {
        // Whatever the value is.
        "RawMessageDelivery" if !matches!(subscription.protocol.as_str(), "sqs" | "http" | "https") => {
            let protocol = &subscription.protocol;
            return Err(format!("Delivery protocol [{protocol}] does not support raw message delivery."));
        }
        "RawMessageDelivery" => {
            subscription.raw = match value.to_ascii_lowercase().as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false.")),
            };
        }
        "FilterPolicy" => {
            let scope = subscription.scope.unwrap_or_default();
            subscription.filter = if value.is_empty() { None } else { Some(read_policy(value, scope)?) };
        }
        "FilterPolicyScope" => {
            let unknown = || {
                format!(
                    "FilterPolicyScope: Invalid value [{value}]. Please use either MessageBody or MessageAttributes"
                )
            };
            let scope = Scope::from_name(value).ok_or_else(unknown)?;
            if let Some(filter) = &subscription.filter {
                subscription.filter = Some(read_policy(&filter.text, scope)?);
            }
            subscription.scope = Some(scope);
        }
        "RedrivePolicy" => {
            subscription.redrive = if value.is_empty() { None } else { Some((value.to_owned(), redrive(value)?)) };
        }
        "DeliveryPolicy" => {
            let fault = |error| format!("DeliveryPolicy: {}", json_problem(value, &error));
            let policy = if value.is_empty() { None } else { serde_json::from_str(value).map_err(fault)? };
            subscription.delivery_policy = policy.filter(Value::is_object);
        }
        _ => return Err("AttributeName".to_owned()),
    }
    Ok(())
}

/// Reads a filter policy; errors in its JSON have the messages of AWS's parser.
fn read_policy(text: &str, scope: Scope) -> Result<FilterPolicy, String> {
    FilterPolicy::parse(text, scope).map_err(|error| match error {
        PolicyError::Json(error) => format!("FilterPolicy: {}", json_problem(text, &error)),
        PolicyError::Policy(why) => why,
    })
}

/// The ARN of the dead-letter queue that a redrive policy names.
fn redrive(text: &str) -> Result<String, String> {
    let policy: Value =
        serde_json::from_str(text).map_err(|error| format!("RedrivePolicy: {}", json_problem(text, &error)))?;
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str).unwrap_or_default();
    match Arn::parse(target) {
        Some(Arn { service: "sqs", resource: queue, .. }) if !queue.contains(':') => Ok(target.to_owned()),
        _ => Err("RedrivePolicy: deadLetterTargetArn is an invalid arn".to_owned()),
    }
}

/// Every attribute as `GetSubscriptionAttributes` gives them, but the caller who subscribed.
pub(super) fn all(state: &State, subscription: &Subscription) -> Vec<(&'static str, String)> {
    let mut attributes = vec![
        ("SubscriptionArn", subscription.arn.clone()),
        ("TopicArn", subscription.topic_arn.clone()),
        ("Protocol", subscription.protocol.clone()),
        ("Endpoint", subscription.endpoint.clone()),
        ("Owner", ACCOUNT.to_owned()),
        ("PendingConfirmation", subscription.pending.to_string()),
        ("ConfirmationWasAuthenticated", subscription.authenticated.to_string()),
        ("RawMessageDelivery", subscription.raw.to_string()),
    ];
    // A scope without a policy is kept, and not shown.
    if let Some(filter) = &subscription.filter {
        attributes.push(("FilterPolicy", filter.text.clone()));
        attributes.push(("FilterPolicyScope", filter.scope.name().to_owned()));
    }
    if let Some((text, _)) = &subscription.redrive {
        attributes.push(("RedrivePolicy", text.clone()));
    }
    if let Some(policy) = &subscription.delivery_policy {
        attributes.push(("DeliveryPolicy", delivery_policy::of_subscription(policy).to_string()));
        if let Some(topic) = state.topics.get(&subscription.topic_arn) {
            attributes.push(("EffectiveDeliveryPolicy", delivery_policy::effective(topic, subscription).to_string()));
        }
    }
    attributes
}
