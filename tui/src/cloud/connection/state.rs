//! The connection as all tasks see it: in progress, ready, or failed until the next request.

use std::sync::Arc;

use tokio::sync::futures::Notified;
use tokio::sync::{Notify, watch};

use super::clients::Cloud;
use crate::domain::problem::Problem;

#[derive(Debug, Clone, Default)]
enum Phase {
    #[default]
    Connecting,
    Ready(Arc<Cloud>),
    Failed(Problem),
}

/// How the one connection stands.
#[derive(Debug, Default)]
pub(in crate::cloud) struct ConnectionState {
    phase: watch::Sender<Phase>,
    asked: Notify,
}

impl ConnectionState {
    /// The clients, as soon as there are any; a problem when there will not be.
    pub(super) async fn cloud(&self) -> Result<Arc<Cloud>, Problem> {
        let mut phases = self.phase.subscribe();
        loop {
            match &*phases.borrow_and_update() {
                Phase::Ready(cloud) => return Ok(Arc::clone(cloud)),
                Phase::Failed(problem) => return Err(problem.clone()),
                Phase::Connecting => {}
            }
            // The sender lives as long as the connection, which the caller holds.
            let _ = phases.changed().await;
        }
    }

    /// Tries again at once if there is no connection; what is asked from now on waits for the outcome.
    pub(super) fn retry(&self) {
        self.phase.send_if_modified(|phase| {
            let failed = matches!(phase, Phase::Failed(_));
            if failed {
                *phase = Phase::Connecting;
            }
            failed
        });
        self.asked.notify_waiters();
    }

    /// Until someone asks to try again; armed from the call on.
    pub(in crate::cloud) fn asked(&self) -> Notified<'_> {
        self.asked.notified()
    }

    pub(in crate::cloud) fn ready(&self, cloud: Arc<Cloud>) {
        self.phase.send_replace(Phase::Ready(cloud));
    }

    pub(in crate::cloud) fn failed(&self, problem: Problem) {
        self.phase.send_replace(Phase::Failed(problem));
    }
}
