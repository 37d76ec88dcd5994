//! Which credentials sign requests.
//!
//! The SDK's own chain, except that EC2's metadata service is asked briefly and that a cloud on this machine gets
//! placeholders where nothing is configured.

use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, SdkConfig, imds};
use aws_sdk_s3::config::{Credentials, ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::time::timeout;

use super::plain::Endpoint;
use super::problem;
use crate::model::problem::Problem;

/// EC2 answers within milliseconds; elsewhere nothing answers at all.
const IMDS: Duration = Duration::from_millis(300);

/// The provider for a target.
pub(super) async fn provider(
    region: &Region,
    profile: Option<&str>,
    endpoint: Option<&Endpoint>,
    http: &SharedHttpClient,
) -> SharedCredentialsProvider {
    let placeholders = endpoint.is_some_and(|endpoint| endpoint.loopback)
        && profile.is_none()
        && std::env::var_os("AWS_ACCESS_KEY_ID").is_none()
        && std::env::var_os("AWS_PROFILE").is_none();
    if placeholders {
        return SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "placeholder"));
    }
    let setup = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http.clone());
    if let Some(profile) = profile {
        let provider = ProfileFileCredentialsProvider::builder().configure(&setup).profile_name(profile).build();
        return SharedCredentialsProvider::new(provider);
    }
    let metadata =
        imds::Client::builder().configure(&setup).max_attempts(1).connect_timeout(IMDS).read_timeout(IMDS).build();
    let chain = DefaultCredentialsChain::builder().configure(setup).region(region.clone()).imds_client(metadata);
    SharedCredentialsProvider::new(chain.build().await)
}

/// How long a source of credentials may take; a process that asks for a password would wait for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// Resolves the credentials once, so that trouble with them is told before anything else fails by it.
pub(super) async fn check(config: &SdkConfig) -> Result<(), Problem> {
    match config.credentials_provider() {
        Some(provider) => match timeout(PATIENCE, provider.provide_credentials()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(problem::of_credentials(&error)),
            Err(_) => {
                let silent = std::io::Error::other(format!("their source did not answer in {} s", PATIENCE.as_secs()));
                Err(problem::of_credentials(&silent))
            }
        },
        None => Ok(()),
    }
}
