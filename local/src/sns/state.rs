//! The state of SNS: topics, subscriptions and confirmation tokens. No I/O and no protocol.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use imgwatch_shared::filter_policy::{FilterPolicy, Scope};

/// How long a token is valid; a subscription that is pending ends with it.
pub(crate) const TOKEN_LIFE: SignedDuration = SignedDuration::from_hours(48);
/// The most subscriptions in this cloud, and the most topics.
pub(crate) const MOST: usize = 100_000;
/// The most tokens that are remembered; the oldest go first.
const MOST_TOKENS: usize = 10_000;

#[derive(Debug, Clone, Default)]
pub(crate) struct Topic {
    /// As set; see `topic_attributes` for the defaults.
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
    /// Restores a subscription that was unsubscribed.
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

    pub(crate) fn find(&self, topic_arn: &str, protocol: &str, endpoint: &str) -> Option<&Subscription> {
        self.subscriptions
            .values()
            .find(|one| one.topic_arn == topic_arn && one.protocol == protocol && one.endpoint == endpoint)
    }

    /// Remembers a new token, and returns it.
    pub(crate) fn issue(&mut self, value: String, purpose: Purpose, now: Timestamp) -> String {
        if self.tokens.len() >= MOST_TOKENS {
            self.tokens.remove(0);
        }
        self.tokens.push(Token { value: value.clone(), made: now, purpose });
        value
    }

    pub(crate) fn token(&self, value: &str) -> Option<&Token> {
        self.tokens.iter().find(|token| token.value == value)
    }

    pub(crate) fn repurpose(&mut self, value: &str, purpose: Purpose) {
        if let Some(token) = self.tokens.iter_mut().find(|token| token.value == value) {
            token.purpose = purpose;
        }
    }

    /// Removes tokens that are too old, and subscriptions that were not confirmed in time.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        let is_fresh = |made: Timestamp| now.duration_since(made) < TOKEN_LIFE;
        self.tokens.retain(|token| is_fresh(token.made));
        self.subscriptions.retain(|_, subscription| !subscription.pending || is_fresh(subscription.made));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sns::subscription_attributes::new_subscription;

    const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:images";

    /// One pending subscription with its token, made now.
    fn pending(state: &mut State, now: Timestamp) -> (String, String) {
        state.topics.insert(TOPIC.to_owned(), Topic::default());
        let arn = format!("{TOPIC}:1");
        let mut subscription = new_subscription(arn.clone(), TOPIC, "email", "ann@example.com", now);
        subscription.pending = true;
        state.add(subscription);
        let token = state.issue("first".to_owned(), Purpose::Confirm(arn.clone()), now);
        (arn, token)
    }

    #[test]
    fn a_token_lives_two_days_and_takes_the_pending_subscription_with_it() {
        let now = Timestamp::UNIX_EPOCH;
        let mut state = State::default();
        let (arn, token) = pending(&mut state, now);
        state.expire(now + TOKEN_LIFE - SignedDuration::from_secs(1));
        assert!(state.token(&token).is_some() && state.subscription(&arn).is_some());
        state.expire(now + TOKEN_LIFE);
        assert!(state.token(&token).is_none() && state.subscription(&arn).is_none());
    }

    #[test]
    fn a_confirmed_subscription_outlives_its_token() {
        let now = Timestamp::UNIX_EPOCH;
        let mut state = State::default();
        let (arn, token) = pending(&mut state, now);
        state.subscription_mut(&arn).expect("a subscription").pending = false;
        state.expire(now + TOKEN_LIFE);
        assert!(state.token(&token).is_none() && state.subscription(&arn).is_some());
        assert!(state.remove(&arn).is_some() && state.remove(&arn).is_none());
        assert_eq!(state.topics[TOPIC].deleted, 1);
    }

    #[test]
    fn the_oldest_token_makes_room() {
        let now = Timestamp::UNIX_EPOCH;
        let mut state = State::default();
        let (arn, first) = pending(&mut state, now);
        for number in 1..MOST_TOKENS {
            state.issue(number.to_string(), Purpose::Confirm(arn.clone()), now);
        }
        assert!(state.token(&first).is_some());
        let last = state.issue("last".to_owned(), Purpose::Confirm(arn), now);
        assert!(state.token(&first).is_none() && state.token(&last).is_some());
    }
}
