//! One port for all services: takes connections, finds out which service a request is for, and hands it over. The ports
//! of the Runtime API take their connections here, too.
//!
//! Injected faults strike here, so that no service knows of them.

mod cut;
mod guard;
mod operation;
mod own;
mod peer;
mod route;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cloud::Cloud;
use crate::fault::Fault;
use crate::wire::{self, ApiError};
pub(crate) use operation::lambda as lambda_operation;
use route::Destination;
pub(crate) use route::Form;

/// How long an open request may still take once the cloud stops.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until the cloud stops.
pub(crate) async fn serve(cloud: Arc<Cloud>, listener: TcpListener) {
    let (tasks, stop) = (cloud.tasks.clone(), cloud.stop.clone());
    let respond = move |request| {
        let cloud = Arc::clone(&cloud);
        async move { answer(&cloud, request).await }
    };
    accept(tasks, stop, listener, respond).await;
}

/// Takes connections and has every request on them answered, until `stop`.
pub(crate) async fn accept<F, A>(tasks: TaskTracker, stop: CancellationToken, listener: TcpListener, respond: F)
where
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
                tasks.spawn(connection(stop.clone(), stream, respond.clone()));
            }
            Err(error) => {
                // Most often too many open files: that passes, and trying again at once would only burn a core.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection<F, A>(stop: CancellationToken, stream: TcpStream, respond: F)
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
        let answer = admit(&request, may_ask, port).map(|()| respond(request));
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

/// Refuses what comes from another user's program or from a website, on every port that is served here.
fn admit(request: &Request<Body>, may_ask: bool, port: u16) -> Result<(), Box<Response>> {
    if may_ask {
        return guard::check(request, port);
    }
    guard::refuse("this local cloud answers the user who started it; start one of your own with `imgwatch local`\n")
}

/// The connection is to break off without an answer: hyper closes it when a service fails.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut by an injected fault")]
pub(crate) struct Cut;

async fn answer(cloud: &Arc<Cloud>, request: Request<Body>) -> Result<Response, Cut> {
    let (destination, request) = match route::find(request).await {
        Ok(found) => found,
        Err(refused) => return Ok(*refused),
    };
    let Destination::Service(service) = destination else {
        return Ok(own::handle(cloud, request).await);
    };
    let operation = operation::name(service, &request);
    match cloud.faults.take(service.name(), &operation, access_key(&request).as_deref()) {
        // A rate strikes as an error or not at all.
        None | Some(Fault::Rate { .. }) => {}
        Some(Fault::Cut) => return Err(Cut),
        Some(Fault::CutAfter(bytes)) => return Ok(cut::after(route::dispatch(cloud, service, request).await, bytes)),
        Some(Fault::Delay(time)) => tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = cloud.stop.cancelled() => return Err(Cut),
        },
        Some(Fault::Unheard(time)) => {
            let _unheard = route::dispatch(cloud, service, request).await;
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = cloud.stop.cancelled() => {}
            }
            return Err(Cut);
        }
        Some(Fault::Expired { .. }) => {
            let protocol = service.protocol(&request);
            drain(request.into_body()).await;
            return Ok(wire::error(protocol, &ApiError::expired(protocol), &wire::request_id()));
        }
        Some(Fault::Error { status, code, message }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let (error, protocol) = (ApiError::new(status, &code, message), service.protocol(&request));
            drain(request.into_body()).await;
            return Ok(wire::error(protocol, &error, &wire::request_id()));
        }
    }
    Ok(route::dispatch(cloud, service, request).await)
}

/// Reads what a refused request carries. A client that is still sending would find the connection closed, not the
/// answer, and try again.
async fn drain(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// The access key that a request is signed with.
fn access_key(request: &Request<Body>) -> Option<String> {
    let signature = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let scope = signature.split_once("Credential=")?.1;
    scope.split('/').next().map(str::to_owned)
}
