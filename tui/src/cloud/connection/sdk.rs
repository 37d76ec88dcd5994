//! The SDK's configuration for a target: region, time-outs, retries, credentials. It asks no service.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::service_config::ServiceConfigKey;

use crate::cloud::connection::credentials::CredentialsCache;
use crate::cloud::connection::endpoint;
use crate::cloud::connection::profiles::{Profiles, variable};
use crate::domain::problem::{Problem, ProblemKind};

/// One attempt of one request, transfers aside. Where nothing moves at all, `idle` ends it sooner.
const ATTEMPT: Duration = Duration::from_mins(1);

/// Asks flag, environment and profile. EC2's metadata service is left out: elsewhere it only costs seconds.
pub(in crate::cloud) fn region_of(
    named: Option<&str>,
    profiles: &Profiles,
    has_endpoint: bool,
) -> Result<Region, Problem> {
    let of_profile = profiles.value(profiles.selected(), "region").map(str::to_owned);
    let found = named
        .map(str::to_owned)
        .or_else(|| variable("AWS_REGION"))
        .or_else(|| variable("AWS_DEFAULT_REGION"))
        .or(of_profile);
    match found {
        Some(region) if is_region(&region) => Ok(Region::new(region)),
        Some(region) => Err(Problem::new(
            ProblemKind::Invalid,
            format!("cannot use the region {region:?}"),
            "it is not the name of a region",
        )
        .with_hint("write it like eu-west-1: in --region, AWS_REGION or the profile")),
        None if has_endpoint => Ok(Region::from_static("us-east-1")),
        None => Err(match profiles.chosen() {
            Some(name) => {
                Problem::new(ProblemKind::Unnamed, "cannot reach AWS", format!("profile {name} has no region"))
                    .with_hint("pass --region, set AWS_REGION, or add a region to the profile")
            }
            None => Problem::new(ProblemKind::Unnamed, "cannot reach AWS", "no region is configured")
                .with_hint("pass --region, set AWS_REGION, or run `imgwatch --local`"),
        }),
    }
}

/// Whether it can be a part of a host's name.
fn is_region(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The one configuration that all clients are made from.
pub(in crate::cloud) async fn config(
    region: &Region,
    profiles: &Profiles,
    endpoint: Option<&endpoint::Endpoint>,
    http: SharedHttpClient,
    credentials: &Arc<CredentialsCache>,
) -> Result<SdkConfig, Problem> {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(4)).operation_attempt_timeout(ATTEMPT);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        .http_client(http)
        .credentials_provider(SharedCredentialsProvider::from(Arc::clone(credentials) as Arc<dyn ProvideCredentials>))
        // The credentials cache has them, and drops them when a service refuses them.
        .identity_cache(IdentityCache::no_cache())
        .retry_config(retries(profiles)?)
        .timeout_config(timeouts.build())
        // `idle` does that, and names the host that is waited for.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    loader = loader.profile_files(profiles.files.clone());
    if let Some(profile) = profiles.sdk_name() {
        loader = loader.profile_name(profile);
    }
    // The environment's is left to the SDK, because AWS_ENDPOINT_URL_S3 and its like come before it; but not where the SDK
    // is configured to ignore it.
    let of_environment = variable("AWS_ENDPOINT_URL").filter(|_| !ignores_endpoints(profiles));
    if let Some(endpoint) =
        endpoint.filter(|endpoint| of_environment.is_none_or(|url| url.trim_end_matches('/') != endpoint.url))
    {
        loader = loader.endpoint_url(&endpoint.url);
    }
    Ok(loader.load().await)
}

/// Whether endpoints in variables and profiles do not count, as the AWS CLI reads it.
pub(in crate::cloud) fn ignores_endpoints(profiles: &Profiles) -> bool {
    setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls", profiles)
        .is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
}

/// The value of a variable, else of the profile's key, and what has it.
fn setting<'a>(name: &'a str, key: &'a str, profiles: &Profiles) -> Option<(&'a str, String)> {
    let of_profile = || Some((key, profiles.value(profiles.selected(), key)?.to_owned()));
    variable(name).map(|value| (name, value)).or_else(of_profile)
}

/// `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, or the profile's. The SDK's own reading of them ends the program where it does
/// not know a value, such as `legacy`, which the AWS CLI takes.
fn retries(profiles: &Profiles) -> Result<RetryConfig, Problem> {
    let problem = |name: &str, value: &str, hint: &'static str| {
        Problem::new(ProblemKind::Invalid, format!("cannot use {name}={value:?}"), "it is not a value of this setting")
            .with_hint(hint)
    };
    let config = match setting("AWS_RETRY_MODE", "retry_mode", profiles) {
        Some((_, mode)) if mode.eq_ignore_ascii_case("adaptive") => RetryConfig::adaptive(),
        Some((_, mode)) if ["standard", "legacy"].iter().any(|known| mode.eq_ignore_ascii_case(known)) => {
            RetryConfig::standard()
        }
        Some((name, mode)) => return Err(problem(name, &mode, "set it to standard or adaptive")),
        None => RetryConfig::standard(),
    };
    match setting("AWS_MAX_ATTEMPTS", "max_attempts", profiles) {
        Some((name, value)) => match value.trim().parse() {
            Ok(attempts @ 1..) => Ok(config.with_max_attempts(attempts)),
            _ => Err(problem(name, &value, "set it to a number from 1")),
        },
        None => Ok(config.with_max_attempts(3)),
    }
}

/// Whether S3 has an endpoint of its own, whose host name cannot begin with a bucket's name: a variable's, or the profile's.
pub(in crate::cloud) fn has_own_s3_endpoint(config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder().service_id("s3").env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
    let settings = config.service_config().zip(key.ok());
    settings.is_some_and(|(settings, key)| settings.load_config(key).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_parts_of_host_names() {
        for good in ["eu-west-1", "us-gov-east-1", "cn-north-1", "local", "eusc-de-east-1"] {
            assert!(is_region(good), "{good}");
        }
        for bad in ["", "eu west", "EU-WEST-1", "eu-west-1/", "eu_west_1", "Frankfurt"] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
