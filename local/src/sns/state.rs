//! What SNS remembers: topics, subscriptions and confirmation tokens. No I/O and no protocol.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use imgwatch_shared::filter_policy::{FilterPolicy, Scope};

/// How long a token can confirm; an unconfirmed subscription goes with it.
pub(crate) const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(48);
/// The most subscriptions in this cloud, and the most topics.
pub(crate) const MOST: usize = 100_000;
/// The most tokens that are remembered; the oldest go first.
const MOST_TOKENS: usize = 10_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Topic {
    /// What was set; see `topic_attributes` for the defaults.
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// How many of its subscriptions have been removed.
    pub(crate) deleted: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) arn: String,
    pub(crate) topic_arn: String,
    /// `email`, `email-json`, `sms`, `http`, `https`, `sqs` or `lambda`.
    pub(crate) protocol: String,
    pub(crate) endpoint: String,
    pub(crate) pending: bool,
    /// Whether only its owner may unsubscribe.
    pub(crate) authenticated: bool,
    pub(crate) raw: bool,
    pub(crate) filter: Option<FilterPolicy>,
    /// `FilterPolicyScope` as set: the filter's, and that of a filter which is set later.
    pub(crate) scope: Option<Scope>,
    /// The policy as given, and the ARN of the queue that it names.
    pub(crate) redrive: Option<(String, String)>,
    /// `DeliveryPolicy` as given.
    pub(crate) delivery_policy: Option<serde_json::Value>,
    pub(crate) made: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) value: String,
    made: Timestamp,
    pub(crate) purpose: Purpose,
}

#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// Confirms the subscription with this ARN.
    Confirm(String),
    /// Brings an unsubscribed subscription back.
    Restore(Box<Subscription>),
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// By ARN.
    pub(crate) topics: BTreeMap<String, Topic>,
    /// By a number that grows, so that lists are in the order of subscribing.
    pub(crate) subscriptions: BTreeMap<u64, Subscription>,
    last_number: u64,
    tokens: Vec<Token>,
    pub(crate) sms_attributes: BTreeMap<String, String>,
}

impl State {
    pub(crate) fn add(&mut self, subscription: Subscription) {
        self.last_number += 1;
        self.subscriptions.insert(self.last_number, subscription);
    }

    pub(crate) fn subscription(&self, arn: &str) -> Option<&Subscription> {
        self.subscriptions.values().find(|subscription| subscription.arn == arn)
    }

    pub(crate) fn subscription_mut(&mut self, arn: &str) -> Option<&mut Subscription> {
        self.subscriptions.values_mut().find(|subscription| subscription.arn == arn)
    }

    /// Removes a subscription and counts it as deleted.
    pub(crate) fn remove(&mut self, arn: &str) -> Option<Subscription> {
        let number = *self.subscriptions.iter().find(|(_, subscription)| subscription.arn == arn)?.0;
        let removed = self.subscriptions.remove(&number)?;
        if let Some(topic) = self.topics.get_mut(&removed.topic_arn) {
            topic.deleted += 1;
        }
        Some(removed)
    }

    /// The subscriptions of a topic, in the order of subscribing.
    pub(crate) fn of_topic<'a>(&'a self, topic_arn: &'a str) -> impl Iterator<Item = &'a Subscription> {
        self.subscriptions.values().filter(move |subscription| subscription.topic_arn == topic_arn)
    }

    /// The one subscription of an endpoint to a topic.
    pub(crate) fn find(&self, topic_arn: &str, protocol: &str, endpoint: &str) -> Option<&Subscription> {
        self.subscriptions
            .values()
            .find(|one| one.topic_arn == topic_arn && one.protocol == protocol && one.endpoint == endpoint)
    }

    /// A new token.
    pub(crate) fn issue(&mut self, purpose: Purpose, now: Timestamp) -> String {
        if self.tokens.len() >= MOST_TOKENS {
            self.tokens.remove(0);
        }
        // As long as AWS's and of the same alphabet: mail clients and shells must cope with either.
        let value: String = (0..8).map(|_| uuid::Uuid::new_v4().simple().to_string()).collect();
        self.tokens.push(Token { value: value.clone(), made: now, purpose });
        value
    }

    pub(crate) fn token(&self, value: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.value == value)
    }

    /// From now on the token means this.
    pub(crate) fn repurpose(&mut self, value: &str, purpose: Purpose) {
        if let Some(token) = self.tokens.iter_mut().find(|token| token.value == value) {
            token.purpose = purpose;
        }
    }

    /// Forgets tokens that are too old, and the subscriptions that nobody confirmed in time.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let is_fresh = |made: Timestamp| now.duration_since(made) < TOKEN_LIFE;
        self.tokens.retain(|token| is_fresh(token.made));
        self.subscriptions.retain(|_, subscription| !subscription.pending || is_fresh(subscription.made));
    }
}
