//! Serves HTTP on a loopback port: takes connections, and refuses other users' programs and websites.
//!
//! The cloud's own port and the ports of the Runtime API are both served by it.

mod guard;
mod peer;

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long an open request may still take once the cloud stops.
const GRACE: Duration = Duration::from_secs(1);
const OTHER_USER: &str =
    "this local cloud answers the user who started it; start one of your own with `imgwatch local`\n";

/// Whether pages of other origins may lead the browser to a request, as emails do with their links.
pub(crate) type IsLink = fn(&Request<Body>) -> bool;

/// Accepts connections and answers every request on them until `stop`.
pub(crate) async fn accept<F, A>(
    tasks: TaskTracker,
    stop: CancellationToken,
    listener: TcpListener,
    is_link: IsLink,
    respond: F,
) where
    F: Fn(Request<Body>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Result<Response, Cut>> + Send + 'static,
{
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(connection(stop.clone(), stream, is_link, respond.clone()));
            }
            Err(error) => {
                // Usually too many open files, which passes; an immediate retry would only keep a core busy.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection<F, A>(stop: CancellationToken, stream: TcpStream, is_link: IsLink, respond: F)
where
    F: Fn(Request<Body>) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Response, Cut>> + Send + 'static,
{
    // Answers are small and awaited one by one; Nagle's algorithm would hold each back for a round trip.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was refused");
    }
    let may_ask = peer::may_ask(&stream).await;
    let port = stream.local_addr().map_or(0, |address| address.port());
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let request = request.map(Body::new);
        let admitted = if may_ask { guard::check(&request, port, is_link) } else { guard::refuse(OTHER_USER) };
        let answer = admitted.map(|()| respond(request));
        async move {
            match answer {
                Ok(answer) => answer.await,
                Err(refused) => Ok(*refused),
            }
        }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(GRACE, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// The connection breaks off without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut by an injected fault")]
pub(crate) struct Cut;
