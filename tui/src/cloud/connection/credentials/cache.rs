//! Keeps credentials until they end or are refused, then asks their source again.
//!
//! The SDK's own cache keeps what a service refuses for as long as the source said that it would hold, and providers
//! remember their first failure. Here nothing is pinned: a renewed session works without a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::CredentialsSource;
use crate::cloud::connection::endpoint::causes;

/// Credentials are replaced this long before they end, so that no request goes out with them too late.
const BEFORE_END: Duration = Duration::from_secs(10);
/// How long credentials hold that name no end, as in the SDK.
const WITHOUT_END: Duration = Duration::from_mins(15);
/// A source may be a program that asks the user: it is not started again sooner than the first; as long as it says again
/// what was of no use, twice as long each time up to the second.
const AT_LEAST: (Duration, Duration) = (Duration::from_secs(3), Duration::from_mins(1));

#[derive(Debug)]
pub(in crate::cloud) struct CredentialsCache {
    source: CredentialsSource,
    kept: Arc<Mutex<Option<Kept>>>,
    refused: Arc<AtomicBool>,
}

/// What the source said last, and when.
#[derive(Debug)]
struct Kept {
    said: std::result::Result<Credentials, String>,
    at: Instant,
    /// It is not asked again sooner.
    hold: Duration,
}

impl Kept {
    fn new(said: std::result::Result<Credentials, String>, before: Option<&Self>, refused: bool) -> Self {
        let same = before
            .filter(|before| before.key().is_some_and(|key| said.as_ref().map(Credentials::access_key_id) == Ok(key)));
        let hold = match same {
            Some(before) if refused || before.is_expired() => (before.hold * 2).min(AT_LEAST.1),
            _ => AT_LEAST.0,
        };
        Self { said, at: Instant::now(), hold }
    }

    fn key(&self) -> Option<&str> {
        self.said.as_ref().ok().map(Credentials::access_key_id)
    }

    /// Whether they have come to their end, or nearly.
    fn is_expired(&self) -> bool {
        let end = self.said.as_ref().ok().and_then(Credentials::expiry);
        end.is_some_and(|end| end <= SystemTime::now() + BEFORE_END)
    }

    fn is_good(&self, refused: bool) -> bool {
        let age = self.at.elapsed();
        match &self.said {
            _ if age < self.hold => true,
            Err(_) => false,
            Ok(_) if refused => false,
            Ok(credentials) if credentials.expiry().is_none() => age < WITHOUT_END,
            Ok(_) => !self.is_expired(),
        }
    }

    fn answer(&self) -> Result {
        self.said.clone().map_err(CredentialsError::provider_error)
    }
}

impl CredentialsCache {
    pub(in crate::cloud) fn new(source: CredentialsSource) -> Self {
        Self { source, kept: Arc::default(), refused: Arc::default() }
    }

    /// A service did not take them: the next request asks the source again.
    pub(in crate::cloud) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    async fn give(&self) -> Result {
        // One look for all requests that wait; it goes on when the request that began it is given up.
        let mut kept = Arc::clone(&self.kept).lock_owned().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_good(self.refused.load(Ordering::Relaxed))) {
            return kept.answer();
        }
        let (source, refused) = (self.source.clone(), Arc::clone(&self.refused));
        let look = tokio::spawn(async move {
            let said = source.provider().provide_credentials().await.map_err(|error| causes(&error));
            let fresh = Kept::new(said, kept.as_ref(), refused.swap(false, Ordering::Relaxed));
            let answer = fresh.answer();
            *kept = Some(fresh);
            answer
        });
        look.await.unwrap_or_else(|error| Err(CredentialsError::unhandled(error)))
    }
}

impl ProvideCredentials for CredentialsCache {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.give())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(key: &str) -> Credentials {
        Credentials::new(key, "s", None, None, "test")
    }

    #[test]
    fn a_source_that_repeats_what_was_refused_is_asked_ever_less_often() {
        let mut kept = Kept::new(Ok(keys("OLD")), None, false);
        for seconds in [6, 12, 24, 48, 60, 60] {
            kept = Kept::new(Ok(keys("OLD")), Some(&kept), true);
            assert_eq!(kept.hold, Duration::from_secs(seconds));
        }
        for fresh in [
            Kept::new(Ok(keys("NEW")), Some(&kept), true),
            Kept::new(Ok(keys("OLD")), Some(&kept), false),
            Kept::new(Err("not signed in".to_owned()), Some(&kept), true),
        ] {
            assert_eq!(fresh.hold, AT_LEAST.0, "{fresh:?}");
        }
    }

    #[test]
    fn credentials_that_are_at_their_end_already_count_as_refused() {
        let over = || Ok(Credentials::new("OLD", "s", None, Some(SystemTime::now()), "test"));
        let first = Kept::new(over(), None, false);
        assert_eq!(Kept::new(over(), Some(&first), false).hold, AT_LEAST.0 * 2);
    }
}
