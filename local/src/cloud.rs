//! The running cloud: its state, its listener and its end.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::fault::{FaultRule, Faults};
use crate::options::Options;
use crate::{http, inbox, lambda, logs, metrics, s3, seed, sns, sqs};

/// The account that every ARN names.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The longest that [`LocalCloud::stop`] waits; everything is meant to end within a second or so.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// State that all services share. A service reaches another only through that service's methods, as on AWS.
pub(crate) struct Cloud {
    pub(crate) options: Options,
    /// `http://127.0.0.1:PORT`, without a trailing slash.
    pub(crate) endpoint: String,
    pub(crate) s3: s3::S3,
    pub(crate) lambda: lambda::Lambda,
    pub(crate) sns: sns::Sns,
    pub(crate) sqs: sqs::Sqs,
    pub(crate) logs: logs::Logs,
    pub(crate) metrics: metrics::Metrics,
    pub(crate) inbox: inbox::Inbox,
    pub(crate) faults: Faults,
    /// Cancelled when the cloud stops; every task and long poll ends on it.
    pub(crate) stop: CancellationToken,
    /// Every task that outlives its request runs here, so that stopping can wait for it.
    pub(crate) tasks: TaskTracker,
}

impl Cloud {
    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.options.region)
    }
}

/// Why a local cloud did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another with --port")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The SMTP address is not usable.
    #[error("cannot use the SMTP server {url:?}: {reason}; give a URL such as smtp://127.0.0.1:1025")]
    Smtp {
        /// The URL given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No place for objects.
    #[error("cannot make a directory for objects: {0}; check that the temporary directory is writable")]
    Store(std::io::Error),
    /// The pipeline could not be made: a defect of this program.
    #[error("cannot make the pipeline: {0}; please report this")]
    Seed(String),
}

/// A cloud on this machine. Dropping it stops it; [`LocalCloud::stop`] also waits for its processes to end.
pub struct LocalCloud {
    pub(crate) cloud: Arc<Cloud>,
}

impl LocalCloud {
    /// Listens, seeds the pipeline and serves until stopped.
    ///
    /// # Errors
    /// [`StartError`] when the port is taken or an option cannot be used.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let port = options.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address: SocketAddr = listener.local_addr().map_err(listen)?;
        let cloud = Arc::new(Cloud {
            endpoint: format!("http://{address}"),
            s3: s3::S3::new().map_err(StartError::Store)?,
            lambda: lambda::Lambda::default(),
            sns: sns::Sns::new(options.allow_outbound),
            sqs: sqs::Sqs::default(),
            logs: logs::Logs::default(),
            metrics: metrics::Metrics::default(),
            inbox: inbox::Inbox::new(options.smtp.as_deref())?,
            faults: Faults::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            options,
        });
        seed::pipeline(&cloud).map_err(|error| StartError::Seed(format!("{}: {}", error.code, error.message)))?;
        cloud.tasks.spawn(http::serve(Arc::clone(&cloud), listener));
        Ok(Self { cloud })
    }

    /// The one endpoint URL of all services, for example `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> &str {
        &self.cloud.endpoint
    }

    /// The region that every ARN names.
    pub fn region(&self) -> &str {
        &self.cloud.options.region
    }

    /// Makes matching requests go wrong, as networks and clouds do.
    pub fn inject(&self, rule: FaultRule) {
        self.cloud.faults.add(rule);
    }

    /// Takes back everything that was injected.
    pub fn calm(&self) {
        self.cloud.faults.clear();
    }

    /// Stops the listener and the function's processes, and waits until they have ended, but never for long: what does
    /// not end in five seconds is left behind and logged. Returns how many tasks that were: none, without a defect.
    pub async fn stop(self) -> usize {
        self.cloud.stop.cancel();
        self.cloud.tasks.close();
        if tokio::time::timeout(STOP_LIMIT, self.cloud.tasks.wait()).await.is_err() {
            let left = self.cloud.tasks.len();
            tracing::warn!(tasks = left, "the local cloud stopped with tasks still running");
            return left;
        }
        0
    }
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        self.cloud.stop.cancel();
    }
}
