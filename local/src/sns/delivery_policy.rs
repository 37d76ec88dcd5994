//! Delivery policies: how HTTP and HTTPS endpoints are tried again, and with which content type.
//!
//! Only the number of retries and the content type have an effect here; the rest is kept and shown.

use serde_json::{Map, Value, json};

use super::state::{Subscription, Topic};

/// AWS's retry policy for HTTP endpoints when none was set.
fn default_retries() -> Value {
    json!({
        "minDelayTarget": 20, "maxDelayTarget": 20, "numRetries": 3, "numMaxDelayRetries": 0,
        "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
    })
}

/// `base` with the members of `over` on top.
fn merge(mut base: Value, over: Option<&Value>) -> Value {
    if let (Some(base), Some(over)) = (base.as_object_mut(), over.and_then(Value::as_object)) {
        base.extend(over.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    base
}

/// `EffectiveDeliveryPolicy` of a topic.
pub(super) fn of_topic(topic: &Topic) -> Value {
    let given: Value =
        topic.attributes.get("DeliveryPolicy").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let http = given.get("http").cloned().unwrap_or_default();
    let request = json!({"headerContentType": "text/plain; charset=UTF-8"});
    json!({"http": {
        "defaultHealthyRetryPolicy": merge(default_retries(), http.get("defaultHealthyRetryPolicy")),
        "disableSubscriptionOverrides": http.get("disableSubscriptionOverrides").cloned().unwrap_or(json!(false)),
        "defaultRequestPolicy": merge(request, http.get("defaultRequestPolicy")),
    }})
}

/// A subscription's `DeliveryPolicy` as AWS shows it: with the members that were not set.
pub(super) fn of_subscription(given: &Value) -> Value {
    let member = |name: &str| given.get(name).cloned().unwrap_or_default();
    json!({
        "healthyRetryPolicy": member("healthyRetryPolicy"),
        "sicklyRetryPolicy": member("sicklyRetryPolicy"),
        "throttlePolicy": member("throttlePolicy"),
        "requestPolicy": member("requestPolicy"),
        "guaranteed": given.get("guaranteed").cloned().unwrap_or(json!(false)),
    })
}

/// `EffectiveDeliveryPolicy` of a subscription: its own policy over its topic's.
pub(super) fn effective(topic: &Topic, subscription: &Subscription) -> Value {
    let topic = of_topic(topic);
    let http = topic.get("http").cloned().unwrap_or_default();
    let default = |name: &str| http.get(name).cloned().unwrap_or_default();
    let given = subscription.delivery_policy.as_ref().map(of_subscription).unwrap_or_default();
    let or_default = |name: &str, default: Value| match given.get(name) {
        Some(Value::Null) | None => default,
        Some(value) => value.clone(),
    };
    let mut policy = Map::new();
    let retries = or_default("healthyRetryPolicy", default("defaultHealthyRetryPolicy"));
    policy.insert("healthyRetryPolicy".to_owned(), merge(default_retries(), Some(&retries)));
    policy.insert("sicklyRetryPolicy".to_owned(), or_default("sicklyRetryPolicy", Value::Null));
    policy.insert("throttlePolicy".to_owned(), or_default("throttlePolicy", Value::Null));
    policy.insert("requestPolicy".to_owned(), or_default("requestPolicy", default("defaultRequestPolicy")));
    policy.insert("guaranteed".to_owned(), or_default("guaranteed", json!(false)));
    Value::Object(policy)
}

/// The part of the policy that deliveries use.
#[derive(Debug, Clone)]
pub(super) struct HttpPolicy {
    pub(super) retries: u64,
    pub(super) content_type: String,
}

impl HttpPolicy {
    pub(super) fn of(topic: &Topic, subscription: &Subscription) -> Self {
        let policy = effective(topic, subscription);
        let retries = policy.pointer("/healthyRetryPolicy/numRetries").and_then(Value::as_u64).unwrap_or(3);
        let content_type = policy.pointer("/requestPolicy/headerContentType").and_then(Value::as_str);
        // AWS's own bound on retries.
        Self { retries: retries.min(100), content_type: content_type.unwrap_or("text/plain; charset=UTF-8").to_owned() }
    }
}
