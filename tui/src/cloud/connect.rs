//! From settings to clients: one SDK configuration, and the names that it resolves.
//!
//! AWS and an endpoint differ here and nowhere else; this module must not follow or list anything.

use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::problem::{self, Trouble};
use super::{credentials, http, plain};
use crate::config::{Settings, Target};
use crate::model::Pipeline;
use crate::model::problem::Problem;
use crate::text::clean::Clean;

/// The longest that one request of an upload may take: 16 MiB at 20 KiB/s. A server that takes the body and never answers
/// is noticed by nothing else.
const UPLOAD_ATTEMPT: Duration = Duration::from_secs(15 * 60);

/// One attempt of one request, uploads aside.
const ATTEMPT: Duration = Duration::from_secs(12);
/// A slow uplink may pause this long before an upload counts as stalled.
const STALL: Duration = Duration::from_secs(30);

/// Clients and resolved names: what every operation needs.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) s3: aws_sdk_s3::Client,
    /// The same without a limit of time: a large body takes as long as it takes.
    pub(super) s3_uploads: aws_sdk_s3::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    /// For clients that are used in one place only; they are built there.
    pub(super) config: SdkConfig,
    pub(super) bucket: String,
    pub(super) function: String,
    pub(super) topic_arn: String,
    /// The endpoint's URL without a trailing slash; `None` on AWS.
    pub(super) endpoint: Option<String>,
    /// Whether the endpoint is on this machine: it may be asked often.
    pub(super) loopback: bool,
    /// Whether it has the local cloud's inbox.
    pub(super) inbox: bool,
    target: String,
}

impl Cloud {
    /// The names for the header.
    pub(super) fn pipeline(&self) -> Pipeline {
        Pipeline {
            bucket: Clean::new(&self.bucket),
            function: Clean::new(&self.function),
            topic: Clean::new(self.topic_arn.rsplit(':').next().unwrap_or_default()),
            target: Clean::new(&self.target),
        }
    }
}

/// Resolves credentials and names.
pub(super) async fn connect(settings: &Settings) -> Result<Cloud, Problem> {
    let (endpoint, profile, region) = match &settings.target {
        Target::Aws { profile, region } => (None, profile.as_deref(), region.clone()),
        Target::Endpoint { url, profile, region } => (Some(plain::parse(url)?), profile.as_deref(), region.clone()),
    };
    let http = http::client(endpoint.as_ref(), profile)?;
    let region = region_of(region, profile, endpoint.is_some()).await?;
    let config = sdk_config(&region, profile, endpoint.as_ref(), http).await;
    let endpoint = match (endpoint, config.endpoint_url()) {
        (None, Some(url)) => Some(plain::parse(url)?),
        (endpoint, _) => endpoint,
    };
    // A service that is not there at all is a clearer answer than credentials that it would not take.
    let inbox = match &endpoint {
        Some(endpoint) => plain::has_inbox(endpoint).await?,
        None => false,
    };
    credentials::check(&config).await?;
    let topic_arn = topic_arn(&config, &settings.topic, &region).await?;
    let target = match (&endpoint, profile) {
        (Some(endpoint), _) if inbox => format!("local {}", endpoint.authority),
        (Some(endpoint), _) => endpoint.authority.clone(),
        (None, Some(profile)) => format!("{profile} {region}"),
        (None, None) => region.to_string(),
    };
    let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(endpoint.is_some()).build();
    let patient =
        TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(UPLOAD_ATTEMPT);
    let uploads = s3.to_builder().timeout_config(patient.build()).build();
    Ok(Cloud {
        s3: aws_sdk_s3::Client::from_conf(s3),
        s3_uploads: aws_sdk_s3::Client::from_conf(uploads),
        sns: aws_sdk_sns::Client::new(&config),
        logs: aws_sdk_cloudwatchlogs::Client::new(&config),
        config,
        bucket: settings.bucket.clone(),
        function: settings.function.clone(),
        topic_arn,
        loopback: endpoint.as_ref().is_some_and(|endpoint| endpoint.loopback),
        endpoint: endpoint.map(|endpoint| endpoint.url),
        inbox,
        target,
    })
}

/// Asks flag, environment and profile. EC2's metadata service is left out: elsewhere it only costs seconds.
async fn region_of(flag: Option<String>, profile: Option<&str>, endpoint: bool) -> Result<Region, Problem> {
    let mut from_profile = ProfileFileRegionProvider::builder();
    if let Some(profile) = profile {
        from_profile = from_profile.profile_name(profile);
    }
    let chain = RegionProviderChain::first_try(flag.map(Region::new))
        .or_else(EnvironmentVariableRegionProvider::new())
        .or_else(from_profile.build());
    match chain.region().await {
        Some(region) => Ok(region),
        None if endpoint => Ok(Region::from_static("us-east-1")),
        None => Err(Problem {
            what: Clean::new("cannot reach AWS"),
            why: Clean::new("no region is configured"),
            hint: "pass --region, set AWS_REGION, or run `imgwatch --local`",
            transient: false,
        }),
    }
}

async fn sdk_config(
    region: &Region,
    profile: Option<&str>,
    endpoint: Option<&plain::Endpoint>,
    http: SharedHttpClient,
) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_secs(4)).operation_attempt_timeout(ATTEMPT);
    let credentials = credentials::provider(region, profile, endpoint, &http).await;
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        .http_client(http)
        .credentials_provider(credentials)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts.build())
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().grace_period(STALL).build());
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = endpoint {
        loader = loader.endpoint_url(&endpoint.url);
    }
    loader.load().await
}

/// The topic's ARN: a name is completed with the caller's account and partition.
async fn topic_arn(config: &SdkConfig, topic: &str, region: &Region) -> Result<String, Problem> {
    // Commands that only know a bucket or a function name no topic, and need no right to ask who they are.
    if topic.is_empty() || topic.starts_with("arn:") {
        return Ok(topic.to_owned());
    }
    let caller =
        aws_sdk_sts::Client::new(config).get_caller_identity().send().await.map_err(|error| {
            problem::of(&error, &Trouble::new("cannot learn the AWS account", "sts:GetCallerIdentity"))
        })?;
    let partition = caller.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
    let account = caller.account().unwrap_or_default();
    Ok(format!("arn:{partition}:sns:{region}:{account}:{topic}"))
}
