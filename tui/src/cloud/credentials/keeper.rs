//! Keeps credentials until they end or are refused, then asks their source again.
//!
//! The SDK's own cache keeps what a service refuses for as long as the source said that it would hold, and providers
//! remember their first failure. Here nothing is pinned: whoever renews a session goes on without a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, Result, future};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Source;
use crate::cloud::plain::causes;

/// Credentials are replaced this long before they end, so that no request goes out with them too late.
const BEFORE_END: Duration = Duration::from_secs(10);
/// How long credentials hold that name no end, as in the SDK.
const WITHOUT_END: Duration = Duration::from_mins(15);
/// A source may be a program that asks somebody: it is not started again sooner than this.
const AT_LEAST: Duration = Duration::from_secs(3);

/// The credentials of one connection.
#[derive(Debug)]
pub(in crate::cloud) struct Keeper {
    source: Source,
    kept: Arc<Mutex<Option<Kept>>>,
    refused: Arc<AtomicBool>,
}

/// What the source said last, and when.
#[derive(Debug)]
struct Kept {
    said: std::result::Result<Credentials, String>,
    at: Instant,
}

impl Kept {
    fn is_good(&self, refused: bool) -> bool {
        let age = self.at.elapsed();
        match &self.said {
            _ if age < AT_LEAST => true,
            Err(_) => false,
            Ok(_) if refused => false,
            Ok(credentials) => match credentials.expiry() {
                Some(end) => SystemTime::now() + BEFORE_END < end,
                None => age < WITHOUT_END,
            },
        }
    }

    fn answer(&self) -> Result {
        self.said.clone().map_err(CredentialsError::provider_error)
    }
}

impl Keeper {
    pub(in crate::cloud) fn new(source: Source) -> Self {
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
            let said = source.provider().await.provide_credentials().await.map_err(|error| causes(&error));
            refused.store(false, Ordering::Relaxed);
            let fresh = Kept { said, at: Instant::now() };
            let answer = fresh.answer();
            *kept = Some(fresh);
            answer
        });
        look.await.unwrap_or_else(|error| Err(CredentialsError::unhandled(error)))
    }
}

impl ProvideCredentials for Keeper {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.give())
    }
}
