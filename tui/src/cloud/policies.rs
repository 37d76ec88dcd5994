//! Filter policies by subscription, remembered for a minute: reading them takes one request each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::subscriptions::FilterPolicy;

/// How long a policy counts as known.
const KEPT: Duration = Duration::from_mins(1);

/// Nothing is known of a subscription's policy.
pub(super) struct Unknown;

/// What is known of policies; `None` inside is a subscription without one.
#[derive(Debug, Default)]
pub(super) struct Policies(Mutex<HashMap<String, (Instant, Option<FilterPolicy>)>>);

impl Policies {
    /// A subscription's policy if it was read less than a minute ago; an error if it has to be read.
    pub(super) fn get(&self, arn: &str) -> Result<Option<FilterPolicy>, Unknown> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.get(arn).filter(|(at, _)| at.elapsed() < KEPT);
        fresh.map(|(_, policy)| policy.clone()).ok_or(Unknown)
    }

    /// Remembers a policy and forgets those that are old.
    pub(super) fn put(&self, arn: &str, policy: Option<FilterPolicy>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| at.elapsed() < KEPT);
        known.insert(arn.to_owned(), (Instant::now(), policy));
    }
}
