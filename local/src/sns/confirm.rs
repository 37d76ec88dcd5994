//! `ConfirmSubscription` and `Unsubscribe`, by request and by link.

use super::check::{invalid, no_subscription, subscription_arn};
use super::state::{MOST, Purpose, Subscription};
use super::{Call, Sns, delivery};
use crate::common::query::{Answer, element};
use crate::common::wire::ApiError;

pub(super) fn confirm(call: &Call<'_>) -> Result<Answer, ApiError> {
    let topic = call.params.require("TopicArn")?;
    let value = call.params.require("Token")?;
    super::check::topic_arn(call.sns, topic).map_err(|_| invalid("Topic"))?;
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
        delivery::announce_unsubscription(call.sns, removed, token);
    }
    Ok(None)
}

impl Sns {
    /// As long as AWS's tokens and of the same alphabet: email clients and shells must cope with either.
    pub(super) fn new_token(&self) -> String {
        (0..8).map(|_| self.env.hex_id()).collect()
    }
}
