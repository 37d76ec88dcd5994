//! Which credentials sign requests.
//!
//! The SDK's own chain, except that EC2's metadata service is asked briefly and that a cloud on this machine gets
//! placeholders where nothing is configured.

mod cache;
pub(in crate::cloud) mod renewal;

use std::sync::Arc;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{Region, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::time::timeout;

use crate::cloud::connection::endpoint::Endpoint;
use crate::cloud::connection::problem;
use crate::domain::problem::Problem;
pub(in crate::cloud) use cache::CredentialsCache;

/// EC2 answers within milliseconds; elsewhere nothing answers at all.
const IMDS: Duration = Duration::from_millis(300);

/// Where credentials come from. They are read at every use, because files and sessions change while the program runs.
#[derive(Debug, Clone)]
pub(in crate::cloud) enum CredentialsSource {
    /// A cloud on this machine takes any.
    Placeholders,
    /// The profile that was named.
    Profile { name: String, region: Region, http: SharedHttpClient },
    /// The SDK's chain.
    Chain { region: Region, http: SharedHttpClient },
}

impl CredentialsSource {
    pub(in crate::cloud) fn new(
        region: &Region,
        profile: Option<&str>,
        endpoint: Option<&Endpoint>,
        http: &SharedHttpClient,
    ) -> Self {
        let placeholders = endpoint.is_some_and(|endpoint| endpoint.loopback)
            && profile.is_none()
            && std::env::var_os("AWS_ACCESS_KEY_ID").is_none()
            && std::env::var_os("AWS_PROFILE").is_none();
        let (region, http) = (region.clone(), http.clone());
        match profile {
            _ if placeholders => Self::Placeholders,
            Some(name) => Self::Profile { name: name.to_owned(), region, http },
            None => Self::Chain { region, http },
        }
    }

    async fn provider(&self) -> SharedCredentialsProvider {
        let setup = |region: &Region, http: &SharedHttpClient| {
            ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http.clone())
        };
        match self {
            Self::Placeholders => {
                SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "placeholder"))
            }
            Self::Profile { name, region, http } => {
                let builder = ProfileFileCredentialsProvider::builder().configure(&setup(region, http));
                SharedCredentialsProvider::new(builder.profile_name(name).build())
            }
            Self::Chain { region, http } => {
                let setup = setup(region, http);
                let metadata = imds::Client::builder()
                    .configure(&setup)
                    .max_attempts(1)
                    .connect_timeout(IMDS)
                    .read_timeout(IMDS)
                    .build();
                let chain =
                    DefaultCredentialsChain::builder().configure(setup).region(region.clone()).imds_client(metadata);
                SharedCredentialsProvider::new(chain.build().await)
            }
        }
    }
}

/// How long a source of credentials may take; a process that asks for a password would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Resolves the credentials once, so that a problem with them is reported before anything else fails because of it.
pub(in crate::cloud) async fn check(cache: &Arc<CredentialsCache>) -> Result<(), Problem> {
    match timeout(PATIENCE, cache.provide_credentials()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(problem::of_credentials(&error)),
        Err(_) => {
            let silent = std::io::Error::other(format!("their source did not answer in {} s", PATIENCE.as_secs()));
            Err(problem::of_credentials(&silent))
        }
    }
}
