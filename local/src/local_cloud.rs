//! A local cloud that is running: its start, its listener and its stop.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::cloud::{Cloud, StartError, seed};
use crate::fault::FaultRule;
use crate::options::Options;
use crate::router;

/// The longest that [`LocalCloud::stop`] waits; tasks should end within about a second.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// A cloud on this machine. Dropping it stops it; [`LocalCloud::stop`] also waits for its processes to end.
pub struct LocalCloud {
    cloud: Arc<Cloud>,
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
        let cloud = Cloud::new(&options, format!("http://{address}"))?;
        seed::pipeline(&cloud, &options)
            .map_err(|error| StartError::Seed(format!("{}: {}", error.code, error.message)))?;
        cloud.env.tasks.spawn(router::serve(Arc::clone(&cloud), listener));
        Ok(Self { cloud })
    }

    /// The one endpoint URL of all services, for example `http://127.0.0.1:4566`.
    pub fn endpoint(&self) -> &str {
        &self.cloud.env.endpoint
    }

    /// The region that every ARN names.
    pub fn region(&self) -> &str {
        &self.cloud.env.region
    }

    /// Injects a fault into the requests that the rule matches.
    pub fn inject(&self, rule: FaultRule) {
        if !self.cloud.faults.add(rule) {
            tracing::warn!("there are too many faults; another one was not added");
        }
    }

    /// Removes all injected faults.
    pub fn clear_faults(&self) {
        self.cloud.faults.clear();
    }

    /// Stops the listener and the function's processes, and waits up to five seconds until they have ended. Returns how
    /// many tasks are still running then, which are logged: none, without a defect.
    pub async fn stop(self) -> usize {
        self.cloud.env.stop.cancel();
        self.cloud.env.tasks.close();
        if tokio::time::timeout(STOP_LIMIT, self.cloud.env.tasks.wait()).await.is_err() {
            let left = self.cloud.env.tasks.len();
            tracing::warn!(tasks = left, "the local cloud stopped with tasks still running");
            return left;
        }
        0
    }
}

impl Drop for LocalCloud {
    fn drop(&mut self) {
        self.cloud.env.stop.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::HandlerCommand;

    /// The services hold handles of each other, which must not keep them alive.
    #[tokio::test]
    async fn nothing_of_a_stopped_cloud_stays_in_memory() {
        let handler = HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() };
        let local = LocalCloud::start(Options::new(handler)).await.unwrap();
        let Cloud { env, s3, lambda, sns, .. } = &*local.cloud;
        let counts = (Arc::downgrade(env), Arc::downgrade(s3), Arc::downgrade(lambda), Arc::downgrade(sns));
        assert_eq!(local.stop().await, 0);
        let left = (counts.0.strong_count(), counts.1.strong_count(), counts.2.strong_count(), counts.3.strong_count());
        assert_eq!(left, (0, 0, 0, 0));
    }
}
