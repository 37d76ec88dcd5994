//! The connection as all tasks see it: on its way, ready, or failed until someone asks again.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::connect::{self, Cloud, Unconnected};
use super::context::Context;
use super::{find, follow};
use crate::domain::problem::Problem;
use crate::msg::Update;

/// Waits between attempts to connect.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// The same where a person has to do something first.
const PATIENT: (Duration, Duration) = (Duration::from_secs(10), Duration::from_mins(1));

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Connecting,
    Ready(Arc<Cloud>),
    Failed(Problem),
}

/// The one connection.
#[derive(Debug, Default)]
pub(super) struct Link {
    state: watch::Sender<State>,
    asked: Notify,
}

impl Link {
    /// The clients, as soon as there are any; a problem when there will not be.
    pub(super) async fn cloud(&self) -> Result<Arc<Cloud>, Problem> {
        let mut states = self.state.subscribe();
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

    /// Tries again at once if there is no connection; what is asked from now on waits for the outcome.
    pub(super) fn retry(&self) {
        self.state.send_if_modified(|state| {
            let failed = matches!(state, State::Failed(_));
            if failed {
                *state = State::Connecting;
            }
            failed
        });
        self.asked.notify_waiters();
    }
}

/// Connects, says so, and starts the feeds. Goes on trying, less often where that alone does not help.
pub(super) async fn establish(context: Arc<Context>) {
    let (mut quick, mut patient) = (BACK_OFF.0, PATIENT.0);
    loop {
        // Armed before the attempt, so that nobody asks unheard.
        let asked = context.link.asked.notified();
        let problem = match Box::pin(connect::connect(&context)).await {
            Ok(cloud) => {
                let cloud = Arc::new(cloud);
                context.say(Update::Connected { pipeline: cloud.pipeline(), inbox: cloud.inbox }).await;
                context.link.state.send_replace(State::Ready(Arc::clone(&cloud)));
                follow::start_feeds(&context, &cloud);
                return;
            }
            Err(Unconnected::Problem(problem)) => {
                context.say(Update::ConnectionFailed(problem.clone())).await;
                problem
            }
            Err(Unconnected::Nothing(search)) => {
                let problem = search.problem.clone();
                context.say(Update::NothingFound(search)).await;
                problem.unwrap_or_else(|| find::missing(&context.settings, &[]))
            }
        };
        let wait = if problem.is_transient() { &mut quick } else { &mut patient };
        let (now, most) = (*wait, if problem.is_transient() { BACK_OFF.1 } else { PATIENT.1 });
        *wait = (now * 2).min(most);
        if !problem.is_transient() {
            context.link.state.send_replace(State::Failed(problem));
        }
        tokio::select! {
            () = tokio::time::sleep(now) => {}
            () = asked => (quick, patient) = (BACK_OFF.0, PATIENT.0),
        }
    }
}
