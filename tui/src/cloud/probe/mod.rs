//! The probe: a temporary queue on the topic, which proves that the topic sends messages on.
//!
//! It makes nothing that the user was not asked about, tags what it makes, and removes it however it ends: asked to,
//! by an error, or because the program stops. What a killed program left is swept when the next one of this machine starts
//! to follow the topic, or when the next probe begins.

mod clients;
mod envelope;
mod lock;
mod make;
mod receive;
mod sweep;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use crate::cloud::connection::Connection;
use crate::cloud::connection::clients::Cloud;
use crate::domain::probe::ProbeNews;
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::text::clean::Clean;
use clients::ProbeClients;
use make::Made;

/// Makes a probe, listens until the token ends it, and removes it again.
pub(super) async fn run(connection: Arc<Connection>, token: CancellationToken) {
    let mut open = None;
    let listening = AssertUnwindSafe(Box::pin(listen(&connection, &token, &mut open))).catch_unwind();
    let outcome = listening.await.unwrap_or_else(|_| Err(broken()));
    let (queue, left) = match open {
        Some((clients, made)) => {
            let left = Box::pin(clients.remove(&made.as_queue(&clients))).await.err();
            if left.is_none() {
                connection.probe.removed();
            }
            (Some(Clean::new(&made.arn)), left)
        }
        None => (None, None),
    };
    connection.probe.end();
    let problem = outcome.err();
    connection.send(Update::Probe(ProbeNews::Ended { queue, problem, left })).await;
}

/// A defect of this program, whose report is elsewhere. What was made is removed all the same.
fn broken() -> Problem {
    Problem::new(ProblemKind::Internal, "the probe stopped", "a part of this program failed")
        .with_hint("start it again")
}

/// There is a probe already, or one is still being removed.
pub(super) async fn refuse(connection: &Connection) {
    let problem =
        Problem::new(ProblemKind::Busy, "cannot create a probe queue", "the previous queue is not removed yet")
            .with_hint("try again in a moment");
    connection.send(Update::Probe(ProbeNews::Ended { queue: None, problem: Some(problem), left: None })).await;
}

/// What goes before a probe, and may be given up at any point: who asks, and what earlier ones left.
async fn prepare(connection: &Connection) -> Result<ProbeClients, Problem> {
    let cloud = connection.cloud().await?;
    let clients = ProbeClients::open(&cloud).await?;
    sweep(connection, &clients).await;
    Ok(clients)
}

/// Removes what programs of this machine have left on the topic. Where none has left anything, nothing is asked for.
pub(super) async fn tidy_up(connection: Arc<Connection>, cloud: Arc<Cloud>) {
    let Ok(topic_arn) = cloud.topic_arn().await else { return };
    let is_needed = !lock::abandoned(&topic_arn, cloud.endpoint.as_deref()).is_empty();
    // A permission that is missing is reported when a probe is asked for.
    if is_needed && let Ok(clients) = ProbeClients::open(&cloud).await {
        sweep(&connection, &clients).await;
    }
}

/// Removes what earlier probes left, and says so.
async fn sweep(connection: &Connection, clients: &ProbeClients) {
    let _alone = connection.probe.sweeping.lock().await;
    let swept = Box::pin(sweep::run(clients)).await;
    connection.probe.swept(&swept.removed);
    if !swept.removed.is_empty() {
        connection.send(Update::Probe(ProbeNews::Swept(swept.removed))).await;
    }
    if let Some(problem) = swept.left {
        connection.send(Update::Probe(ProbeNews::Unreadable(problem))).await;
    }
}

/// Everything but the end. What has been made is in `open` as soon as it may exist, so that it can be removed.
async fn listen(
    connection: &Connection,
    token: &CancellationToken,
    open: &mut Option<(ProbeClients, Made)>,
) -> Result<(), Problem> {
    let Some(clients) = token.run_until_cancelled(Box::pin(prepare(connection))).await else { return Ok(()) };
    let clients = clients?;
    let made = Made::named(&clients);
    connection.probe.made(&made.name);
    let (clients, made) = open.insert((clients, made));
    // Not cut short: a request in progress may have created something already.
    if let Err(problem) = Box::pin(made.create(clients)).await {
        // SQS has said no, so there is nothing to remove; without an answer there may be.
        if !problem.is_transient() {
            lock::forget(&made.name);
            connection.probe.removed();
            *open = None;
        }
        return Err(problem);
    }
    if token.is_cancelled() {
        return Ok(());
    }
    Box::pin(made.subscribe(clients)).await?;
    let Some(confirmed) = token.run_until_cancelled(Box::pin(made.confirmed(clients))).await else { return Ok(()) };
    confirmed?;
    let (queue, since) = (Clean::new(&made.arn), jiff::Timestamp::now());
    connection.send(Update::Probe(ProbeNews::Opened { queue, since })).await;
    tokio::select! {
        () = token.cancelled() => Ok(()),
        problem = receive::forever(connection, clients, made) => Err(problem),
    }
}
