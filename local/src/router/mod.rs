//! The cloud's one port: finds the service that a request is for, applies injected faults, and hands the request over.

mod control;
mod operation;
mod route;

use std::sync::Arc;

use axum::body::{Body, BodyDataStream};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;

use crate::cloud::Cloud;
use crate::common::server::{self, Cut};
use crate::common::wire::{self, ApiError};
use crate::fault::Fault;
use route::Destination;

pub(crate) async fn serve(cloud: Arc<Cloud>, listener: TcpListener) {
    let env = Arc::clone(&cloud.env);
    let respond = move |request| {
        let cloud = Arc::clone(&cloud);
        async move { answer(&cloud, request).await }
    };
    server::accept(env.tasks.clone(), env.stop.clone(), listener, crate::sns::is_email_link, respond).await;
}

async fn answer(cloud: &Arc<Cloud>, request: Request<Body>) -> Result<Response, Cut> {
    let (destination, request) = match route::find(&cloud.env, request).await {
        Ok(found) => found,
        Err(refused) => return Ok(*refused),
    };
    let Destination::Service(service) = destination else {
        return Ok(control::handle(cloud, request).await);
    };
    let operation = operation::name(service, &request);
    match cloud.faults.take(service.name(), &operation, access_key(&request).as_deref()) {
        // `Faults` turns a rate into an error, or into no fault.
        None | Some(Fault::Rate { .. }) => {}
        Some(Fault::Cut) => return Err(Cut),
        Some(Fault::CutAfter(bytes)) => return Ok(cut_after(route::dispatch(cloud, service, request).await, bytes)),
        Some(Fault::Delay(time)) => tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = cloud.env.stop.cancelled() => return Err(Cut),
        },
        Some(Fault::DropResponse(time)) => {
            let _dropped = route::dispatch(cloud, service, request).await;
            tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = cloud.env.stop.cancelled() => {}
            }
            return Err(Cut);
        }
        Some(Fault::Expired { .. }) => {
            let protocol = service.protocol(&request);
            drain(request.into_body()).await;
            return Ok(wire::error(protocol, &ApiError::expired(protocol), &cloud.env.id()));
        }
        Some(Fault::Error { status, code, message }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let (error, protocol) = (ApiError::new(status, &code, message), service.protocol(&request));
            drain(request.into_body()).await;
            return Ok(wire::error(protocol, &error, &cloud.env.id()));
        }
    }
    Ok(route::dispatch(cloud, service, request).await)
}

/// Reads the body of a refused request. A client that is still sending would find the connection closed, not the
/// response, and try again.
async fn drain(mut body: Body) {
    while let Some(Ok(_)) = body.frame().await {}
}

/// The access key that a request is signed with.
fn access_key(request: &Request<Body>) -> Option<String> {
    let signature = request.headers().get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let scope = signature.split_once("Credential=")?.1;
    scope.split('/').next().map(str::to_owned)
}

/// The response up to so many bytes of its body; then the connection breaks off.
fn cut_after(response: Response, bytes: u64) -> Response {
    response.map(|body| {
        let pieces = stream::try_unfold((body.into_data_stream(), bytes), |(body, left)| next_piece(body, left));
        Body::from_stream(pieces)
    })
}

type Cutting = (BodyDataStream, u64);

async fn next_piece(
    mut body: BodyDataStream,
    left: u64,
) -> Result<Option<(Bytes, Cutting)>, Box<dyn std::error::Error + Send + Sync>> {
    let Some(mut piece) = body.next().await.transpose()? else { return Ok(None) };
    if left == 0 && !piece.is_empty() {
        // hyper sends the earlier pieces before it learns that the body failed.
        tokio::task::yield_now().await;
        return Err(Cut.into());
    }
    piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
    let left = left - piece.len() as u64;
    Ok(Some((piece, (body, left))))
}
