//! The probe: a temporary queue on the topic, which proves that the topic sends messages on.
//!
//! It makes nothing that the user was not asked about, tags what it makes, and removes it however it ends: asked to,
//! by an error, or because the program stops. What a killed program left is swept when the next one of this machine starts
//! to follow the topic, or when the next probe begins.

mod desk;
mod envelope;
mod lock;
mod make;
mod receive;
mod slot;
mod sweep;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::connect::Cloud;
use super::context::Context;
use crate::domain::probe::ProbeNews;
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::text::clean::Clean;
use desk::Desk;
use make::Made;
pub(super) use slot::Slot;

/// Makes a probe, listens until the token ends it, and removes it again.
pub(super) async fn run(context: Arc<Context>, token: CancellationToken) {
    let mut open = None;
    let listening = AssertUnwindSafe(Box::pin(listen(&context, &token, &mut open))).catch_unwind();
    let outcome = listening.await.unwrap_or_else(|_| Err(broken()));
    let (queue, left) = match open {
        Some((desk, made)) => {
            let left = Box::pin(desk.remove(&made.as_found(&desk))).await.err();
            if left.is_none() {
                context.probe.removed();
            }
            (Some(Clean::new(&made.arn)), left)
        }
        None => (None, None),
    };
    context.probe.end();
    let problem = outcome.err();
    context.say(Update::Probe(ProbeNews::Ended { queue, problem, left })).await;
}

/// A defect of this program, whose report is elsewhere. What was made is removed all the same.
fn broken() -> Problem {
    Problem::new(ProblemKind::Internal, "the probe stopped", "a part of this program failed")
        .with_hint("start it again")
}

/// There is a probe already, or one is still being removed.
pub(super) async fn refuse(context: &Context) {
    let problem = Problem::new(ProblemKind::Busy, "cannot make a probe queue", "the one before is not removed yet")
        .with_hint("try again in a moment");
    context.say(Update::Probe(ProbeNews::Ended { queue: None, problem: Some(problem), left: None })).await;
}

/// What goes before a probe, and may be given up at any point: who asks, and what earlier ones left.
async fn prepare(context: &Context) -> Result<Desk, Problem> {
    let cloud = context.link.cloud().await?;
    let desk = Desk::open(&cloud).await?;
    sweep(context, &desk).await;
    Ok(desk)
}

/// Removes what programs of this machine have left on the topic. Where none has left anything, nothing is asked for.
pub(super) async fn tidy_up(context: Arc<Context>, cloud: Arc<Cloud>) {
    let is_needed = !lock::abandoned(&cloud.topic_arn, cloud.endpoint.as_deref()).is_empty();
    // Who may not is told when a probe is asked for.
    if is_needed && let Ok(desk) = Desk::open(&cloud).await {
        sweep(&context, &desk).await;
    }
}

/// Removes what earlier probes left, and says so.
async fn sweep(context: &Context, desk: &Desk) {
    let _alone = context.probe.sweeping.lock().await;
    let swept = Box::pin(sweep::run(desk)).await;
    context.probe.swept(&swept.removed);
    if !swept.removed.is_empty() {
        context.say(Update::Probe(ProbeNews::Swept(swept.removed))).await;
    }
    if let Some(problem) = swept.left {
        context.say(Update::Probe(ProbeNews::Troubled(problem))).await;
    }
}

/// Everything but the end. What has been made is in `open` as soon as it may exist, so that it can be removed.
async fn listen(context: &Context, token: &CancellationToken, open: &mut Option<(Desk, Made)>) -> Result<(), Problem> {
    let Some(desk) = token.run_until_cancelled(Box::pin(prepare(context))).await else { return Ok(()) };
    let desk = desk?;
    let made = Made::named(&desk);
    context.probe.made(&made.name);
    let (desk, made) = open.insert((desk, made));
    // Not cut short: a request that is on its way may have made something already.
    if let Err(problem) = Box::pin(made.create(desk)).await {
        // SQS has said no, so there is nothing to remove; without an answer there may be.
        if !problem.is_transient() {
            lock::forget(&made.name);
            context.probe.removed();
            *open = None;
        }
        return Err(problem);
    }
    if token.is_cancelled() {
        return Ok(());
    }
    Box::pin(made.subscribe(desk)).await?;
    let Some(confirmed) = token.run_until_cancelled(Box::pin(made.confirmed(desk))).await else { return Ok(()) };
    confirmed?;
    let (queue, since) = (Clean::new(&made.arn), jiff::Timestamp::now());
    context.say(Update::Probe(ProbeNews::Opened { queue, since })).await;
    tokio::select! {
        () = token.cancelled() => Ok(()),
        problem = receive::forever(context, desk, made) => Err(problem),
    }
}
