//! Clients and names: what every operation needs. Making them asks no service; a service is reached when it is needed.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use tokio::sync::{Mutex, Notify, OnceCell, watch};

use super::caller::Caller;
use super::changes::Changes;
use super::complete::Complete;
use super::topic;
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::Wiring;
use crate::text::clean::Clean;

/// What the clients are made from and whom they ask about.
#[derive(Debug)]
pub(in crate::cloud) struct Cloud {
    pub(in crate::cloud) s3: aws_sdk_s3::Client,
    /// The same for transfers: a large body takes long, so only silence ends a request.
    pub(in crate::cloud) s3_transfers: aws_sdk_s3::Client,
    pub(in crate::cloud) sns: aws_sdk_sns::Client,
    pub(in crate::cloud) logs: aws_sdk_cloudwatchlogs::Client,
    /// Empty where no bucket is known.
    pub(in crate::cloud) bucket: String,
    /// The pipeline as it is known now; what could not be read may become known later.
    pub(in crate::cloud) wiring: watch::Sender<Arc<Wiring>>,
    /// Woken when the user asks for the wiring to be read again.
    pub(in crate::cloud) wiring_asked: Notify,
    /// Held while the topic's ARN is learned.
    pub(in crate::cloud) naming: Mutex<()>,
    /// The endpoint's URL without a trailing slash; `None` on AWS.
    pub(in crate::cloud) endpoint: Option<String>,
    /// Whether the endpoint is on this machine: it may be asked often.
    pub(in crate::cloud) loopback: bool,
    /// Whether it has the local cloud's inbox.
    pub(in crate::cloud) inbox: bool,
    /// The named profile and the endpoint's host, as far as there are any.
    pub(in crate::cloud) target: String,
    /// What every other client is made from.
    pub(in crate::cloud) config: SdkConfig,
    pub(in crate::cloud) caller: OnceCell<Caller>,
    /// Hands out what changes something.
    pub(in crate::cloud) changes: Changes,
}

impl Cloud {
    /// What cannot be done without a bucket says so, not S3 in its own words.
    pub(in crate::cloud) fn needs_bucket(&self) -> Result<(), Problem> {
        if self.bucket.is_empty() {
            let why = "nothing that is named leads to one";
            let problem = Problem::new(ProblemKind::Unnamed, "no bucket is known", why);
            return Err(problem.with_hint("name it with --bucket or --stack"));
        }
        Ok(())
    }

    /// The pipeline as it is known now.
    pub(in crate::cloud) fn wiring(&self) -> Arc<Wiring> {
        Arc::clone(&self.wiring.borrow())
    }

    /// The topic's ARN, for what cannot be done without.
    pub(in crate::cloud) async fn topic_arn(&self) -> Result<String, Problem> {
        Box::pin(topic::arn(self)).await
    }

    /// The caller's identity, learned once.
    pub(in crate::cloud) async fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.get_or_try_init(|| Caller::ask(&self.config)).await
    }

    /// The names for the header.
    pub(in crate::cloud) fn pipeline(&self) -> Pipeline {
        let target = match (&self.endpoint, self.config.region()) {
            (None, Some(region)) => format!("{} {region}", self.target).trim_start().to_owned(),
            _ => self.target.clone(),
        };
        Pipeline::of(&self.wiring(), Clean::new(&target))
    }
}

/// A client for S3. Endpoints have buckets in the path, since their host names need not.
pub(in crate::cloud) fn s3(config: &SdkConfig, has_endpoint: bool) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config).force_path_style(has_endpoint).interceptor(Complete);
    aws_sdk_s3::Client::from_conf(config.build())
}

pub(in crate::cloud) fn sns(config: &SdkConfig) -> aws_sdk_sns::Client {
    aws_sdk_sns::Client::from_conf(aws_sdk_sns::config::Builder::from(config).interceptor(Complete).build())
}

pub(in crate::cloud) fn sts(config: &SdkConfig) -> aws_sdk_sts::Client {
    aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(config).interceptor(Complete).build())
}

pub(in crate::cloud) fn cloudformation(config: &SdkConfig) -> aws_sdk_cloudformation::Client {
    let config = aws_sdk_cloudformation::config::Builder::from(config).interceptor(Complete);
    aws_sdk_cloudformation::Client::from_conf(config.build())
}

/// The same client with time for large bodies, as long as they move (`idle`).
pub(in crate::cloud) fn patient(s3: &aws_sdk_s3::Client) -> aws_sdk_s3::Client {
    let limits = TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).disable_operation_attempt_timeout();
    aws_sdk_s3::Client::from_conf(s3.config().to_builder().timeout_config(limits.build()).build())
}
