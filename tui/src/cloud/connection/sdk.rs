//! The SDK's configuration for a target: region, time-outs, retries, credentials. It asks no service.

use std::sync::Arc;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::cloud::connection::credentials::CredentialsCache;
use crate::cloud::connection::endpoint;
use crate::domain::problem::{Problem, ProblemKind};

/// One attempt of one request, transfers aside. Where nothing moves at all, `idle` ends it sooner.
const ATTEMPT: Duration = Duration::from_mins(1);

/// Asks flag, environment and profile. EC2's metadata service is left out: elsewhere it only costs seconds.
pub(in crate::cloud) async fn region_of(
    named: Option<&str>,
    profile: Option<&str>,
    endpoint: bool,
) -> Result<Region, Problem> {
    let mut from_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        from_profile = from_profile.profile_name(profile);
    }
    let chain = RegionProviderChain::first_try(named.map(|name| Region::new(name.to_owned())))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(from_profile.build());
    match chain.region().await {
        Some(region) => Ok(region),
        None if endpoint => Ok(Region::from_static("us-east-1")),
        None => Err(Problem::new(ProblemKind::Unnamed, "cannot reach AWS", "no region is configured")
            .with_hint("pass --region, set AWS_REGION, or run `imgwatch --local`")),
    }
}

/// The one configuration that all clients are made from.
pub(in crate::cloud) async fn config(
    region: &Region,
    profile: Option<&str>,
    endpoint: Option<&endpoint::Endpoint>,
    http: SharedHttpClient,
    credentials: &Arc<CredentialsCache>,
) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(4)).operation_attempt_timeout(ATTEMPT);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        .http_client(http)
        .credentials_provider(SharedCredentialsProvider::from(Arc::clone(credentials) as Arc<dyn ProvideCredentials>))
        // The credentials has them, and lets go of them when a service refuses them.
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts.build())
        // `idle` sees to it, and says who is waited for.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(&endpoint.url);
    }
    loader.load().await
}
