//! Wires the services: each gets the handles that it needs, and none knows another.

mod entry;
pub(crate) mod seed;

use std::sync::{Arc, OnceLock, Weak};

use http::StatusCode;
use imgwatch_shared::arn::Arn;

use crate::common::deliver::{Accepted, Deliver, Payload, Sender};
use crate::common::env::Env;
use crate::common::wire::ApiError;
use crate::events::Events;
use crate::fault::Faults;
use crate::inbox::Inbox;
use crate::lambda::Lambda;
use crate::logs::Logs;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::s3::S3;
use crate::sns::Sns;
use crate::sqs::Sqs;

/// Why a local cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another with --port")]
    Listen {
        port: u16,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The SMTP URL is not valid.
    #[error("cannot use the SMTP server {url:?}: {reason}; give a URL such as smtp://127.0.0.1:1025")]
    Smtp {
        url: String,
        /// Why it is not valid.
        reason: String,
    },
    /// There is no directory for objects.
    #[error(
        "cannot create a directory for objects in {}: {source}; free space there, or set TMPDIR to another directory",
        parent.display()
    )]
    Store {
        /// Where it was to be.
        parent: std::path::PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The pipeline could not be created: a defect of this program.
    #[error("cannot create the pipeline: {0}; please report this")]
    Seed(String),
}

pub(crate) struct Cloud {
    pub(crate) env: Arc<Env>,
    pub(crate) s3: Arc<S3>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) sns: Arc<Sns>,
    pub(crate) sqs: Arc<Sqs>,
    pub(crate) events: Arc<Events>,
    pub(crate) logs: Arc<Logs>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) faults: Faults,
}

impl Cloud {
    /// Errors: the SMTP URL is not valid, or there is no directory for objects.
    pub(crate) fn new(options: &Options, endpoint: String) -> Result<Arc<Self>, StartError> {
        let env = Env::new(options.region.clone(), endpoint);
        let targets = Arc::new(Targets::default());
        let deliver: Arc<dyn Deliver> = targets.clone();
        let logs = Arc::new(Logs::new(env.clone()));
        let sqs = Arc::new(Sqs::new(env.clone()));
        let events = Arc::new(Events::new(env.clone(), deliver.clone()));
        let metrics = Arc::new(Metrics::new(env.clone(), sqs.clone()));
        let smtp = options.smtp.as_deref();
        let unusable = |reason| StartError::Smtp { url: smtp.unwrap_or_default().to_owned(), reason };
        let inbox = Arc::new(Inbox::new(env.clone(), smtp).map_err(unusable)?);
        let sns = Sns::new(env.clone(), deliver.clone(), logs.clone(), metrics.clone(), inbox.clone(), options);
        let parent = std::env::temp_dir();
        let s3 = S3::new(env.clone(), deliver.clone(), events.clone(), &parent)
            .map_err(|source| StartError::Store { parent, source })?;
        let lambda = Lambda::new(env.clone(), deliver, sqs.clone(), logs.clone(), options.clone());
        let (s3, lambda, sns) = (Arc::new(s3), Arc::new(lambda), Arc::new(sns));
        let cloud =
            Arc::new(Self { env, s3, lambda, sns, sqs, events, logs, metrics, inbox, faults: Faults::default() });
        targets.0.get_or_init(|| Arc::downgrade(&cloud));
        Ok(cloud)
    }
}

/// Finds the service of a target by its ARN. The cloud is set after its services, which need this handle; it is not kept
/// alive by it.
#[derive(Default)]
struct Targets(OnceLock<Weak<Cloud>>);

impl Targets {
    /// Calls the service of the target.
    fn call<T>(&self, target_arn: &str, call: impl FnOnce(&dyn Deliver) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let stopped = || ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "the cloud stops");
        let cloud = self.0.get().and_then(Weak::upgrade).ok_or_else(stopped)?;
        match Arn::parse(target_arn).map(|arn| arn.service) {
            Some("sqs") => call(&*cloud.sqs),
            Some("sns") => call(&cloud.sns),
            Some("lambda") => call(&cloud.lambda),
            _ => {
                let message = format!("this local cloud has no service for {target_arn}");
                Err(ApiError::new(StatusCode::NOT_FOUND, "NotFound", message))
            }
        }
    }
}

impl Deliver for Targets {
    fn deliver(&self, target_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError> {
        self.call(target_arn, |service| service.deliver(target_arn, sender, payload))
    }

    fn check(&self, target_arn: &str, sender: Sender<'_>) -> Result<(), ApiError> {
        self.call(target_arn, |service| service.check(target_arn, sender))
    }
}
