//! Attributes of subscriptions, remembered for a minute: reading them takes one request each.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::subscriptions::FilterPolicy;

/// How long attributes count as known.
const KEPT: Duration = Duration::from_mins(1);

/// What is looked at of a subscription's attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) filter_policy: Option<FilterPolicy>,
    /// `PendingConfirmation`: nobody has confirmed it yet.
    pub(super) pending: bool,
    /// `ConfirmationWasAuthenticated`: whether only its owner can unsubscribe it; `None` where that is not known.
    pub(super) authenticated: Option<bool>,
}

/// What is known of subscriptions, by ARN.
#[derive(Debug, Default)]
pub(super) struct Policies(Mutex<HashMap<String, (Instant, Traits)>>);

impl Policies {
    /// A subscription's attributes if they were read less than a minute ago.
    pub(super) fn get(&self, arn: &str) -> Option<Traits> {
        let known = self.lock();
        let fresh = known.get(arn).filter(|(at, _)| at.elapsed() < KEPT);
        fresh.map(|(_, traits)| traits.clone())
    }

    /// Remembers attributes and forgets those that are old.
    pub(super) fn put(&self, arn: &str, traits: Traits) {
        let mut known = self.lock();
        known.retain(|_, (at, _)| at.elapsed() < KEPT);
        known.insert(arn.to_owned(), (Instant::now(), traits));
    }

    /// Forgets everything: something was changed just now.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, Traits)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
