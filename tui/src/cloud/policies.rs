//! Filter policies by subscription, remembered for a minute: reading them takes one request each.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::subscriptions::FilterPolicy;

/// How long a policy counts as known.
const KEPT: Duration = Duration::from_secs(60);

/// What is known of policies; `None` inside is a subscription without one.
#[derive(Debug, Default)]
pub(super) struct Policies(Mutex<HashMap<String, (Instant, Option<FilterPolicy>)>>);

impl Policies {
    /// A policy that was read less than a minute ago.
    pub(super) fn get(&self, arn: &str) -> Option<Option<FilterPolicy>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(arn).filter(|(at, _)| at.elapsed() < KEPT).map(|(_, policy)| policy.clone())
    }

    /// Remembers a policy and forgets those that are old.
    pub(super) fn put(&self, arn: &str, policy: Option<FilterPolicy>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (at, _)| at.elapsed() < KEPT);
        known.insert(arn.to_owned(), (Instant::now(), policy));
    }
}
