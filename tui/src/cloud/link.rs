//! The connection as all tasks see it: on its way, ready, or failed until someone asks again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::connect::{self, Cloud};
use super::context::Context;
use super::follow;
use crate::model::problem::Problem;
use crate::msg::Update;

/// Waits between attempts to connect.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Connecting,
    Ready(Arc<Cloud>),
    Failed(Problem),
}

/// The one connection.
#[derive(Debug, Default)]
pub(super) struct Link(watch::Sender<State>);

impl Link {
    /// The clients, as soon as there are any; a problem when there will not be.
    pub(super) async fn cloud(&self) -> Result<Arc<Cloud>, Problem> {
        let mut states = self.0.subscribe();
        loop {
            match &*states.borrow_and_update() {
                State::Ready(cloud) => return Ok(Arc::clone(cloud)),
                State::Failed(problem) => return Err(problem.clone()),
                State::Connecting => {}
            }
            // The sender lives as long as the context, which the caller holds.
            let _ = states.changed().await;
        }
    }

    /// Tries again if the connection failed for good; what is asked from now on waits for the outcome.
    pub(super) fn retry(&self) {
        self.0.send_if_modified(|state| {
            let failed = matches!(state, State::Failed(_));
            if failed {
                *state = State::Connecting;
            }
            failed
        });
    }
}

/// Connects, says so, and starts the feeds. Goes on trying as long as that makes sense.
pub(super) async fn establish(context: Arc<Context>) {
    let mut wait = BACK_OFF.0;
    loop {
        let problem = match connect::connect(&context.settings).await {
            Ok(cloud) => {
                let cloud = Arc::new(cloud);
                context.say(Update::Connected { pipeline: cloud.pipeline(), inbox: cloud.inbox }).await;
                context.link.0.send_replace(State::Ready(Arc::clone(&cloud)));
                follow::start_feeds(&context, &cloud);
                return;
            }
            Err(problem) => problem,
        };
        context.say(Update::ConnectionFailed(problem.clone())).await;
        if problem.transient {
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF.1);
            continue;
        }
        context.link.0.send_replace(State::Failed(problem));
        let mut state = context.link.0.subscribe();
        let _ = state.wait_for(|state| matches!(state, State::Connecting)).await;
        wait = BACK_OFF.0;
    }
}
