//! Attributes of subscriptions, remembered for a minute: reading them takes one request each.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::subscriptions::Attributes;

/// How long attributes count as known.
const KEPT: Duration = Duration::from_mins(1);

/// What is known of subscriptions, by ARN.
#[derive(Debug, Default)]
pub(in crate::cloud) struct AttributesCache(Mutex<HashMap<String, (Instant, Attributes)>>);

impl AttributesCache {
    /// A subscription's attributes if they were read less than a minute ago.
    pub(in crate::cloud) fn get(&self, arn: &str) -> Option<Attributes> {
        let known = self.lock();
        let fresh = known.get(arn).filter(|(at, _)| at.elapsed() < KEPT);
        fresh.map(|(_, attributes)| attributes.clone())
    }

    /// Remembers attributes and forgets those that are old.
    pub(in crate::cloud) fn put(&self, arn: &str, attributes: Attributes) {
        let mut known = self.lock();
        known.retain(|_, (at, _)| at.elapsed() < KEPT);
        known.insert(arn.to_owned(), (Instant::now(), attributes));
    }

    /// Forgets everything: something was changed just now.
    pub(in crate::cloud) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Instant, Attributes)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
