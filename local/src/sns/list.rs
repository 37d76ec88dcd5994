//! Lists of topics and subscriptions, in pages of 100.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Call;
use super::check::{invalid, no_topic, topic_arn};
use super::state::Subscription;
use crate::common::env::ACCOUNT;
use crate::common::query::{self, Answer, element};
use crate::common::wire::ApiError;

const PAGE: usize = 100;

/// The key after which the page begins; it stays valid while entries are added and removed.
fn after(call: &Call<'_>) -> Result<Option<String>, ApiError> {
    let Some(token) = call.params.get("NextToken").filter(|token| !token.is_empty()) else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid("NextToken"))?;
    String::from_utf8(bytes).map(Some).map_err(|_| invalid("NextToken"))
}

/// One page of `entries` (key and XML), and the token of the next if there is one.
fn page(name: &str, entries: impl Iterator<Item = (String, String)>) -> String {
    let mut entries = entries.take(PAGE + 1).collect::<Vec<_>>();
    let has_more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| has_more).map(|(key, _)| element("NextToken", &URL_SAFE_NO_PAD.encode(key)));
    query::list(name, entries.into_iter().map(|(_, xml)| xml)) + &next.unwrap_or_default()
}

pub(super) fn topics(call: &Call<'_>) -> Result<Answer, ApiError> {
    let after = after(call)?;
    let state = call.sns.lock();
    let topics = state.topics.keys().filter(|arn| after.as_ref().is_none_or(|after| *arn > after));
    Ok(Some(page("Topics", topics.map(|arn| (arn.clone(), element("TopicArn", arn))))))
}

pub(super) fn subscriptions(call: &Call<'_>) -> Result<Answer, ApiError> {
    list(call, |_| true)
}

pub(super) fn subscriptions_by_topic(call: &Call<'_>) -> Result<Answer, ApiError> {
    let arn = call.params.require("TopicArn")?;
    topic_arn(call.sns, arn)?;
    if !call.sns.lock().topics.contains_key(arn) {
        return Err(no_topic());
    }
    list(call, |subscription| subscription.topic_arn == arn)
}

fn list(call: &Call<'_>, is_listed: impl Fn(&Subscription) -> bool) -> Result<Answer, ApiError> {
    let first = match after(call)? {
        Some(key) => key.parse::<u64>().map_err(|_| invalid("NextToken"))?.saturating_add(1),
        None => 0,
    };
    let state = call.sns.lock();
    let listed = state.subscriptions.range(first..).filter(|(_, subscription)| is_listed(subscription));
    Ok(Some(page("Subscriptions", listed.map(|(number, subscription)| (number.to_string(), entry(subscription))))))
}

fn entry(subscription: &Subscription) -> String {
    let arn = if subscription.pending { "PendingConfirmation" } else { &subscription.arn };
    [
        ("SubscriptionArn", arn),
        ("Owner", ACCOUNT),
        ("Protocol", &subscription.protocol),
        ("Endpoint", &subscription.endpoint),
        ("TopicArn", &subscription.topic_arn),
    ]
    .map(|(name, value)| element(name, value))
    .concat()
}
