//! `Subscribe`, `ConfirmSubscription` and `Unsubscribe`. The last two come also as links in emails.

use std::collections::BTreeMap;

use imgwatch_shared::arn::{self, Arn};

use super::check::{invalid, is_phone_number, no_subscription, no_topic, subscription_arn, topic_arn};
use super::envelope::Confirmation;
use super::state::{MOST, Purpose, State, Subscription};
use super::subscription_attributes::{all, apply, new_subscription};
use super::{Call, delivery};
use crate::common::query::{Answer, element};
use crate::common::wire::ApiError;
use crate::sns::Sns;

pub(super) async fn subscribe(call: &Call<'_>) -> Result<Answer, ApiError> {
    let (sns, params) = (call.sns, &call.params);
    let topic = params.require("TopicArn")?;
    let protocol = params.require("Protocol")?;
    topic_arn(sns, topic)?;
    let endpoint = params.get("Endpoint").unwrap_or_default();
    check_endpoint(protocol, endpoint)?;
    if matches!(protocol, "http" | "https") {
        sns.http.check(endpoint).await.map_err(|why| invalid(format!("Endpoint Reason: {why}")))?;
    }
    let attributes = params.map("Attributes");
    let now = sns.env.now();
    let arn = format!("{topic}:{}", sns.env.id());
    let mut new = new_subscription(arn, topic, protocol, endpoint, now);
    new.pending = needs_confirmation(protocol);
    new.authenticated = !new.pending;
    set_all(&mut new, &attributes)?;

    let mut state = sns.lock();
    if !state.topics.contains_key(topic) {
        return Err(no_topic());
    }
    let existing = state.find(topic, protocol, endpoint).cloned();
    let subscription = match existing {
        Some(existing) => {
            if differs(&state, &existing, &new, &attributes) {
                return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
            }
            existing
        }
        None if state.subscriptions.len() >= MOST => {
            let message = "The customer already owns the maximum allowed number of subscriptions.";
            return Err(ApiError::new(http::StatusCode::FORBIDDEN, "SubscriptionLimitExceeded", message));
        }
        None => {
            state.add(new.clone());
            new
        }
    };
    let token =
        subscription.pending.then(|| state.issue(sns.new_token(), Purpose::Confirm(subscription.arn.clone()), now));
    drop(state);

    let wants_arn = params.get("ReturnSubscriptionArn") == Some("true");
    let shown = if token.is_some() && !wants_arn { "pending confirmation" } else { &subscription.arn };
    let answer = element("SubscriptionArn", shown);
    if let Some(token) = token {
        delivery::send_confirmation(sns, Confirmation::Subscribed, subscription, token);
    }
    Ok(Some(answer))
}

impl Sns {
    /// Subscribes an endpoint without confirmation.
    /// Errors: the topic does not exist, or the protocol has no such endpoint.
    pub(crate) fn subscribe_confirmed(&self, topic: &str, protocol: &str, endpoint: &str) -> Result<String, ApiError> {
        check_endpoint(protocol, endpoint)?;
        let arn = format!("{topic}:{}", self.env.id());
        let mut state = self.lock();
        if !state.topics.contains_key(topic) {
            return Err(no_topic());
        }
        let mut subscription = new_subscription(arn.clone(), topic, protocol, endpoint, self.env.now());
        // As if the link in the confirmation email had been followed: the unsubscribe link of later emails must work.
        subscription.authenticated = !needs_confirmation(protocol);
        state.add(subscription);
        Ok(arn)
    }
}

/// Whether the endpoint has to confirm the subscription.
fn needs_confirmation(protocol: &str) -> bool {
    matches!(protocol, "email" | "email-json" | "http" | "https")
}

/// Sets the request's attributes, the scope first, because the filter policy depends on it.
fn set_all(subscription: &mut Subscription, attributes: &BTreeMap<String, String>) -> Result<(), ApiError> {
    let mut set = |name: &str, value: &str| {
        apply(subscription, name, value).map_err(|what| invalid(format!("Attributes Reason: {what}")))
    };
    if let Some(scope) = attributes.get("FilterPolicyScope") {
        set("FilterPolicyScope", scope)?;
    }
    attributes.iter().filter(|(name, _)| *name != "FilterPolicyScope").try_for_each(|(name, value)| set(name, value))
}

/// Whether the request gives an attribute that has another value on the existing subscription.
fn differs(state: &State, was: &Subscription, is: &Subscription, given: &BTreeMap<String, String>) -> bool {
    let (existing, new) = (all(state, was), all(state, is));
    let value = |attributes: &[(&str, String)], name: &str| {
        attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| value.clone())
    };
    // A scope counts without a policy too, and the default scope is that of a subscription that names none.
    let other_scope =
        given.contains_key("FilterPolicyScope") && was.scope.unwrap_or_default() != is.scope.unwrap_or_default();
    other_scope || given.keys().any(|name| value(&existing, name) != value(&new, name))
}

fn check_endpoint(protocol: &str, endpoint: &str) -> Result<(), ApiError> {
    match protocol {
        "email" | "email-json" if !is_email(endpoint) => Err(invalid("Email address")),
        "http" | "https" => {
            let scheme = format!("{protocol}://");
            let is_url = endpoint.parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some_and(|host| !host.is_empty()));
            let is_right = endpoint.starts_with(&scheme) && is_url;
            if is_right { Ok(()) } else { Err(invalid("Endpoint must match the specified protocol")) }
        }
        "sms" if !is_phone_number(endpoint) => {
            Err(ApiError::bad_request("InvalidParameter", format!("Invalid SMS endpoint: {endpoint}")))
        }
        "sqs" => match Arn::parse(endpoint) {
            Some(Arn { service: "sqs", resource: name, .. })
                if std::path::Path::new(name).extension().is_some_and(|end| end == "fifo") =>
            {
                let reason = "FIFO SQS Queues can not be subscribed to standard SNS topics";
                Err(invalid(format!("Invalid parameter: Endpoint Reason: {reason}")))
            }
            Some(Arn { service: "sqs", resource: name, .. }) if !name.contains(':') => Ok(()),
            _ => Err(invalid("SQS endpoint ARN")),
        },
        "lambda" => match Arn::parse(endpoint) {
            Some(Arn { service: "lambda", .. }) if is_function(endpoint) => Ok(()),
            _ => Err(invalid("Lambda endpoint ARN")),
        },
        "email" | "email-json" | "sms" => Ok(()),
        "application" | "firehose" => {
            Err(invalid(format!("Protocol Reason: this local cloud has no {protocol} endpoints")))
        }
        _ => Err(invalid(format!("Amazon SNS does not support this protocol string: {protocol}"))),
    }
}

/// Whether an ARN of Lambda names a function.
fn is_function(arn: &str) -> bool {
    arn.contains(":function:") && !arn::function(arn).0.is_empty()
}

fn is_email(address: &str) -> bool {
    let is_plain = |text: &str| {
        !text.is_empty() && !text.chars().any(|char| char.is_whitespace() || char.is_control() || "<>,;".contains(char))
    };
    address.len() <= 256
        && address.rsplit_once('@').is_some_and(|(user, host)| is_plain(user) && is_plain(host))
        && address.parse::<lettre::Address>().is_ok()
}

pub(super) fn confirm(call: &Call<'_>) -> Result<Answer, ApiError> {
    let topic = call.params.require("TopicArn")?;
    let value = call.params.require("Token")?;
    topic_arn(call.sns, topic).map_err(|_| invalid("Topic"))?;
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(ApiError::bad_request("InvalidParameter", "Invalid token"));
    }
    let authenticated = call.signed && call.params.get("AuthenticateOnUnsubscribe") == Some("true");
    let mut state = call.sns.lock();
    let purpose = state.token(value).map(|token| token.purpose.clone());
    let arn = match purpose {
        Some(Purpose::Confirm(arn)) => arn,
        Some(Purpose::Restore(subscription)) if state.topics.contains_key(&subscription.topic_arn) => {
            // The endpoint may have subscribed again by itself in the meantime: it must not be subscribed twice.
            let Subscription { topic_arn, protocol, endpoint, .. } = &*subscription;
            let twin = state.find(topic_arn, protocol, endpoint).map(|twin| twin.arn.clone());
            let arn = twin.clone().unwrap_or_else(|| subscription.arn.clone());
            if twin.is_none() && state.subscriptions.len() < MOST {
                state.add(*subscription);
            }
            state.repurpose(value, Purpose::Confirm(arn.clone()));
            arn
        }
        _ => return Err(invalid("Token")),
    };
    let subscription = state.subscription_mut(&arn).filter(|subscription| subscription.topic_arn == topic);
    let subscription = subscription.ok_or_else(|| invalid("Token"))?;
    // Following the link twice answers the same twice, and removes no protection.
    subscription.authenticated = authenticated || (!subscription.pending && subscription.authenticated);
    subscription.pending = false;
    Ok(Some(element("SubscriptionArn", &arn)))
}

pub(super) fn unsubscribe(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("SubscriptionArn")?;
    subscription_arn(call.sns, arn)?;
    let mut state = call.sns.lock();
    // As on AWS, unsubscribing twice succeeds.
    let Some(subscription) = state.subscription(arn) else { return Ok(None) };
    if subscription.pending {
        let reason = "Cannot unsubscribe a subscription that is pending confirmation";
        return Err(invalid(format!("SubscriptionArn Reason: {reason}")));
    }
    if subscription.authenticated && !call.signed {
        let message = "This subscription requires authentication for unsubscribe";
        return Err(ApiError::new(http::StatusCode::FORBIDDEN, "AuthorizationError", message));
    }
    let removed = state.remove(arn).ok_or_else(no_subscription)?;
    if !call.signed {
        // Anyone who has the message can follow its link, so the endpoint is notified and can restore the subscription.
        let purpose = Purpose::Restore(Box::new(removed.clone()));
        let token = state.issue(call.sns.new_token(), purpose, call.sns.env.now());
        drop(state);
        delivery::send_confirmation(call.sns, Confirmation::Unsubscribed, removed, token);
    }
    Ok(None)
}

impl Sns {
    /// As long as AWS's tokens and of the same alphabet: email clients and shells must cope with either.
    pub(super) fn new_token(&self) -> String {
        (0..8).map(|_| self.env.hex_id()).collect()
    }
}
