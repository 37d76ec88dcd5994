//! Which credentials sign requests.
//!
//! The SDK's own chain, except that EC2's metadata service is asked briefly and that a cloud on this machine gets
//! placeholders where nothing is configured.

mod cache;
mod obstacle;
pub(in crate::cloud) mod renewal;

use std::sync::Arc;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{Region, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::time::timeout;

use crate::cloud::connection::endpoint::Endpoint;
use crate::cloud::connection::problem;
use crate::cloud::connection::profiles::{Profiles, variable};
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
    Profile { setup: ProviderConfig, files: EnvConfigFiles, name: String },
    /// The SDK's chain, with the profile that the environment chooses.
    Chain { setup: ProviderConfig, files: EnvConfigFiles, name: Option<String> },
}

impl CredentialsSource {
    pub(in crate::cloud) fn new(
        region: &Region,
        profiles: &Profiles,
        endpoint: Option<&Endpoint>,
        http: &SharedHttpClient,
    ) -> Self {
        let has_any = profiles.chosen().is_some()
            || ["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"].into_iter().any(|name| variable(name).is_some());
        if endpoint.is_some_and(|endpoint| endpoint.loopback) && !has_any {
            return Self::Placeholders;
        }
        let setup = ProviderConfig::default().with_region(Some(region.clone())).with_http_client(http.clone());
        let files = profiles.files.clone();
        match profiles.sdk_name() {
            Some(name) if profiles.is_named => Self::Profile { setup, files, name },
            name => Self::Chain { setup, files, name },
        }
    }

    fn provider(&self) -> SharedCredentialsProvider {
        let of_profile = |setup: &ProviderConfig, files: &EnvConfigFiles| {
            ProfileFileCredentialsProvider::builder().configure(setup).profile_files(files.clone())
        };
        match self {
            Self::Placeholders => {
                SharedCredentialsProvider::new(Credentials::new("local", "local", None, None, "placeholder"))
            }
            Self::Profile { setup, files, name } => {
                SharedCredentialsProvider::new(of_profile(setup, files).profile_name(name).build())
            }
            Self::Chain { setup, files, name } => {
                let metadata = imds::Client::builder()
                    .configure(setup)
                    .max_attempts(1)
                    .connect_timeout(IMDS)
                    .read_timeout(IMDS)
                    .build();
                let mut profile = of_profile(setup, files);
                if let Some(name) = name {
                    profile = profile.profile_name(name);
                }
                // The SDK's default chain in its order. That one reads no other files than the usual ones.
                let chain =
                    CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                        .or_else("Profile", profile.build())
                        .or_else(
                            "WebIdentityToken",
                            WebIdentityTokenCredentialsProvider::builder().configure(setup).build(),
                        )
                        .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(setup).build())
                        .or_else(
                            "Ec2InstanceMetadata",
                            ImdsCredentialsProvider::builder().configure(setup).imds_client(metadata).build(),
                        );
                SharedCredentialsProvider::new(chain)
            }
        }
    }
}

/// How long a source of credentials may take; a process that asks for a password would never end.
const PATIENCE: Duration = Duration::from_secs(30);

/// Resolves the credentials once, so that a problem with them is reported before anything else fails because of it.
pub(in crate::cloud) async fn check(cache: &Arc<CredentialsCache>, profiles: &Profiles) -> Result<(), Problem> {
    let failed = match timeout(PATIENCE, cache.provide_credentials()).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => problem::of_credentials(&error, profiles.chosen()),
        Err(_) => {
            let silent = std::io::Error::other(format!("their source did not answer in {} s", PATIENCE.as_secs()));
            problem::of_credentials(&silent, profiles.chosen())
        }
    };
    Err(obstacle::of(profiles).unwrap_or(failed))
}
