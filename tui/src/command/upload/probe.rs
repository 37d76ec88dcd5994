//! `--probe`: the queue is there before the first file is sent, and everything about it is said on standard error.

use super::watch::Watch;
use crate::cli::UploadArgs;
use crate::command::failure::{Failure, note, warn};
use crate::command::session::Session;
use crate::domain::probe::ProbeNews;
use crate::domain::problem::Problem;
use crate::effect::CloudEffect;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Has the probe made, and waits until the topic sends to it.
///
/// # Errors
/// It cannot be made; then nothing is uploaded, since it could not be proven what was asked to be.
pub(super) async fn open(session: &mut Session, watch: &mut Watch, args: &UploadArgs) -> Result<(), Failure> {
    if !args.probe {
        return Ok(());
    }
    session.perform(CloudEffect::BeginProbe);
    loop {
        let update = session.next().await?;
        match &update {
            Update::Probe(ProbeNews::Opened { queue, .. }) => {
                note(&format!("created the probe queue {queue} and subscribed it to the topic"));
                watch.learn(update);
                return Ok(());
            }
            Update::Probe(ProbeNews::Ended { problem: Some(problem), left, .. }) => {
                if let Some(left) = left {
                    warn(&left.to_string());
                }
                return Err(problem.clone().into());
            }
            _ => {
                if let Some(problem) = watch.learn(update) {
                    warn(&problem.to_string());
                }
            }
        }
    }
}

/// The problem in the news; other news is printed at once.
pub(super) fn problem_of(news: ProbeNews) -> Option<Problem> {
    match news {
        ProbeNews::Swept(queues) => {
            let names: Vec<&str> = queues.iter().map(Clean::shown).collect();
            note(&format!("removed leftovers of an earlier run: {}", names.join(", ")));
            None
        }
        ProbeNews::Opened { .. } => None,
        ProbeNews::Unreadable(problem) => Some(problem),
        ProbeNews::Ended { problem, left, .. } => problem.or(left),
    }
}
