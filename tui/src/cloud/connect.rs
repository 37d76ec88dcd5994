//! From settings to clients: one SDK configuration, and the names that it resolves.
//!
//! AWS and an endpoint differ here and nowhere else; this module must not follow or list anything.

mod sdk;

use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileSet;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};

use super::context::Context;
use super::credentials::Keeper;
use super::problem::{self, Trouble};
use super::{credentials, find, home, http, plain, profiles};
use crate::config::Target;
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::search::{Looked, Mark, Search};
use crate::msg::Update;
use crate::text::clean::Clean;

/// The longest that one request of an upload may take: 16 MiB at 20 KiB/s. A server that takes the body and never answers
/// is noticed by nothing else.
const UPLOAD_ATTEMPT: Duration = Duration::from_secs(15 * 60);

/// Clients and resolved names: what every operation needs.
#[derive(Debug, Clone)]
pub(super) struct Cloud {
    pub(super) s3: aws_sdk_s3::Client,
    /// The same without a limit of time: a large body takes as long as it takes.
    pub(super) s3_uploads: aws_sdk_s3::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) logs: aws_sdk_cloudwatchlogs::Client,
    /// Empty where no bucket is known.
    pub(super) bucket: String,
    pub(super) function: String,
    /// The function for the header, with `?` where nothing says that it is the one.
    shown_function: String,
    /// What the header says where no topic is known.
    without_topic: &'static str,
    /// Empty where no topic is known.
    pub(super) topic_arn: String,
    /// The function's.
    pub(super) log_group: String,
    /// The endpoint's URL without a trailing slash; `None` on AWS.
    pub(super) endpoint: Option<String>,
    /// Whether the endpoint is on this machine: it may be asked often.
    pub(super) loopback: bool,
    /// Whether it has the local cloud's inbox.
    pub(super) inbox: bool,
    /// The named profile and the endpoint's host, as far as there are any.
    target: String,
    /// What every other client is made from.
    pub(super) config: SdkConfig,
}

impl Cloud {
    /// What cannot be done without a bucket says so, not S3 in its own words.
    pub(super) fn needs_bucket(&self) -> Result<(), Problem> {
        if self.bucket.is_empty() {
            return Err(unknown("bucket", "nothing that is named leads to one", "name it with --bucket or --stack"));
        }
        Ok(())
    }

    /// The same for the topic.
    pub(super) fn needs_topic(&self) -> Result<(), Problem> {
        if self.topic_arn.is_empty() {
            let why = "neither a stack nor the function's variable SNS_TOPIC_ARN could be read";
            return Err(unknown(
                "topic",
                why,
                "name it with --topic or --stack, or allow lambda:GetFunctionConfiguration",
            ));
        }
        Ok(())
    }
}

fn unknown(part: &str, why: &str, hint: &'static str) -> Problem {
    let what = Clean::new(&format!("no {part} is known"));
    Problem::new(ProblemKind::Unnamed, what, why).with_hint(hint)
}

fn known(name: &str, none: &str) -> Clean {
    Clean::new(if name.is_empty() { none } else { name })
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unconnected {
    /// Something is in the way.
    Problem(Problem),
    /// Nothing says which pipeline is meant, and none was found.
    Nothing(Search),
}

impl Cloud {
    /// The names for the header.
    pub(super) fn pipeline(&self) -> Pipeline {
        Pipeline {
            bucket: known(&self.bucket, "bucket unknown"),
            function: Clean::new(&self.shown_function),
            topic: known(self.topic_arn.rsplit(':').next().unwrap_or_default(), self.without_topic),
            target: Clean::new(&match (&self.endpoint, self.config.region()) {
                (None, Some(region)) => format!("{} {region}", self.target).trim_start().to_owned(),
                _ => self.target.clone(),
            }),
        }
    }
}

/// Resolves credentials and names.
pub(super) async fn connect(context: &Context) -> Result<Cloud, Unconnected> {
    let settings = &context.settings;
    let mut search = settings.search();
    match Box::pin(attempt(context, &mut search.looked)).await {
        Ok(cloud) => Ok(cloud),
        // The dashboard then says what was looked for, and what else could be done.
        Err(problem) if settings.has_nothing() => {
            search.problem = problem;
            search.is_over = true;
            Err(Unconnected::Nothing(search))
        }
        // Whoever named nothing has to be told how to, before anything else that is missing.
        Err(Some(problem))
            if settings.needs_a_name() && !problem.is_transient() && !problem.kind.is_about_credentials() =>
        {
            let Problem { what, why, .. } = problem;
            search.looked.push(Looked { place: what, outcome: why, mark: Mark::Trouble });
            Err(Unconnected::Problem(find::missing(settings, &search.looked)))
        }
        Err(Some(problem)) => Err(Unconnected::Problem(problem)),
        Err(None) => Err(Unconnected::Problem(find::missing(settings, &search.looked))),
    }
}

/// No problem where all that could be looked at was, and nothing was found.
async fn attempt(context: &Context, looked: &mut Vec<Looked>) -> Result<Cloud, Option<Problem>> {
    let settings = &context.settings;
    let profile = settings.target.profile();
    let endpoint = match &settings.target {
        Target::Aws { .. } => None,
        Target::Endpoint { url, .. } => Some(plain::parse(url)?),
    };
    // A service that is not there at all is a clearer answer than credentials that it would not take.
    let mut local = match &endpoint {
        Some(endpoint) => plain::local_cloud(endpoint).await?,
        None => None,
    };
    // The local cloud takes any credentials: whoever tries it needs no session that holds.
    let is_open = local.is_some() && profile.is_none();
    let profiles = if is_open { ProfileSet::default() } else { profiles::load().await? };
    if !is_open {
        profiles::check(&profiles, profile)?;
    }
    let has_keys = std::env::var_os("AWS_ACCESS_KEY_ID").is_some();
    context.know_renewal(credentials::renewal::advice(&profiles, profile, has_keys));
    let selected = profiles.get_profile(profiles::selected(&profiles, profile));
    let http = http::client(endpoint.as_ref(), profile, selected.and_then(|profile| profile.get("ca_bundle")))?;
    let mut region = sdk::region_of(settings.target.region(), profile, endpoint.is_some()).await?;
    let source = if is_open {
        credentials::Source::Placeholders
    } else {
        credentials::Source::new(&region, profile, endpoint.as_ref(), &http)
    };
    let keeper = Arc::new(Keeper::new(source));
    context.know_keeper(&keeper);
    let mut config = sdk::config(&region, profile, endpoint.as_ref(), http, &keeper).await;
    let endpoint = match (endpoint, config.endpoint_url()) {
        (None, Some(url)) => {
            let endpoint = plain::parse(url)?;
            local = plain::local_cloud(&endpoint).await?;
            Some(endpoint)
        }
        (endpoint, _) => endpoint,
    };
    credentials::check(&keeper).await?;
    let inbox = local.is_some();
    // Its ARNs name its own region, whatever region AWS is used in.
    if let Some(own) = local.filter(|_| !settings.region_is_fixed) {
        region = Region::new(own);
        config = config.into_builder().region(region.clone()).build();
    }
    if let Some(bucket) = settings.bucket.as_deref().filter(|_| !settings.region_is_fixed && !inbox)
        && let Some(other) = home::region_of(&s3(&config, endpoint.is_some()), bucket, &region).await
    {
        context.say(Update::Noted(Clean::new(&format!("bucket {bucket} is in {other}: going on there")))).await;
        region = other;
        config = config.into_builder().region(region.clone()).build();
    }
    let s3 = s3(&config, endpoint.is_some());
    let place = find::Place { is_own: inbox, loopback: endpoint.as_ref().is_some_and(|endpoint| endpoint.loopback) };
    let found = Box::pin(find::find(settings, &config, &s3, place, looked)).await?;
    for note in found.notes {
        context.say(Update::Noted(note)).await;
    }
    let topic_arn = topic_arn(&config, &found.topic.unwrap_or_default(), &region).await?;
    let target = match (&endpoint, profile) {
        (Some(endpoint), _) if inbox => format!("local {}", endpoint.authority),
        (Some(endpoint), Some(profile)) => format!("{profile} {}", endpoint.authority),
        (Some(endpoint), None) => endpoint.authority.clone(),
        (None, profile) => profile.unwrap_or_default().to_owned(),
    };
    let patient =
        TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).operation_attempt_timeout(UPLOAD_ATTEMPT);
    let uploads = s3.config().to_builder().timeout_config(patient.build()).build();
    Ok(Cloud {
        s3,
        s3_uploads: aws_sdk_s3::Client::from_conf(uploads),
        sns: aws_sdk_sns::Client::new(&config),
        logs: aws_sdk_cloudwatchlogs::Client::new(&config),
        bucket: found.bucket.unwrap_or_default(),
        shown_function: format!("{}{}", found.function, if found.is_assumed { "?" } else { "" }),
        function: found.function,
        without_topic: if found.is_topic_unread { "topic unknown" } else { "no topic" },
        topic_arn,
        log_group: found.log_group,
        loopback: endpoint.as_ref().is_some_and(|endpoint| endpoint.loopback),
        endpoint: endpoint.map(|endpoint| endpoint.url),
        inbox,
        target,
        config,
    })
}

fn s3(config: &SdkConfig, has_endpoint: bool) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(has_endpoint).build();
    aws_sdk_s3::Client::from_conf(config)
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
