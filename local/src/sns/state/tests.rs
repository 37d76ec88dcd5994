//! Tokens and what they keep alive.

use jiff::{SignedDuration, Timestamp};

use super::{Purpose, State, TOKEN_LIFE, Topic};
use crate::sns::subscription_attributes::blank;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:images";

/// One pending subscription with its token, made now.
fn pending(state: &mut State, now: Timestamp) -> (String, String) {
    state.topics.insert(TOPIC.to_owned(), Topic::default());
    let arn = format!("{TOPIC}:1");
    let mut subscription = blank(arn.clone(), TOPIC, "email", "ann@example.com", now);
    subscription.pending = true;
    state.add(subscription);
    let token = state.issue(Purpose::Confirm(arn.clone()), now);
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
    for _ in 1..super::MOST_TOKENS {
        state.issue(Purpose::Confirm(arn.clone()), now);
    }
    assert!(state.token(&first).is_some());
    let last = state.issue(Purpose::Confirm(arn), now);
    assert!(state.token(&first).is_none() && state.token(&last).is_some());
}
