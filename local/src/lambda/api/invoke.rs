//! `Invoke`: synchronous, asynchronous or a dry run.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;

use super::Call;
use crate::common::wire::{self, ApiError};
use crate::lambda::environment::{Invocation, Outcome};
use crate::lambda::{Lambda, not_found, queue, with_version};

/// Most bytes of an event that is queued.
const EVENT_LIMIT: usize = 1024 * 1024;

pub(super) async fn invoke(lambda: &Arc<Lambda>, call: &Call) -> Result<Response, ApiError> {
    let name = call.name(lambda)?;
    let function = lambda.find(&name).ok_or_else(|| not_found(lambda, &with_version(&name)))?;
    let payload = if call.body.is_empty() { Bytes::from_static(b"{}") } else { call.body.clone() };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
        let message = format!("Could not parse request body into json: Could not parse payload into json: {error}");
        return Err(ApiError::bad_request("InvalidRequestContentException", message));
    }
    let trace = call.header("x-amzn-trace-id").map(str::to_owned);
    match call.header("x-amz-invocation-type").unwrap_or("RequestResponse") {
        "RequestResponse" => {
            let invocation = Invocation {
                request_id: call.request_id.clone(),
                payload,
                trace: trace.unwrap_or_else(|| queue::new_trace(&lambda.env)),
                client_context: client_context(call),
            };
            let Some(admission) = function.admit() else { return Ok(throttled()) };
            // As on AWS, the invocation continues when the caller disconnects.
            let worker = Arc::clone(lambda);
            let work = async move {
                let outcome = function.pool.invoke(&worker, &function, invocation).await;
                drop(admission);
                outcome
            };
            let outcome = lambda.env.tasks.spawn(work).await.ok().flatten();
            let stopping = || ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceException", "the cloud stops");
            Ok(answered(outcome.ok_or_else(stopping)?, call))
        }
        "Event" if payload.len() > EVENT_LIMIT => {
            let message = format!("Request must be smaller than {EVENT_LIMIT} bytes for the InvokeFunction operation");
            Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", message))
        }
        "Event" => {
            let request_id = queue::put(lambda, &function, payload, trace)?;
            Ok(with_headers(StatusCode::ACCEPTED, Body::empty(), [("x-amzn-requestid", Some(request_id))]))
        }
        "DryRun" => Ok(with_headers(StatusCode::NO_CONTENT, Body::empty(), [])),
        other => {
            let message = format!(
                "1 validation error detected: Value '{other}' at 'invocationType' failed to satisfy constraint: \
                 Member must satisfy enum value set: [Event, RequestResponse, DryRun]"
            );
            Err(ApiError::bad_request("ValidationException", message))
        }
    }
}

/// The function's reserved concurrency is used up.
fn throttled() -> Response {
    let body = json!({
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    });
    let mut response = wire::json(StatusCode::TOO_MANY_REQUESTS, &body);
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static("TooManyRequestsException"));
    response
}

fn answered(outcome: Outcome, call: &Call) -> Response {
    let tail = call.header("x-amz-log-type").filter(|kind| *kind == "Tail");
    let headers = [
        ("x-amz-executed-version", Some("$LATEST".to_owned())),
        ("x-amz-function-error", outcome.failed.then(|| "Unhandled".to_owned())),
        ("x-amz-log-result", tail.map(|_| base64::engine::general_purpose::STANDARD.encode(outcome.tail))),
        (header::CONTENT_TYPE.as_str(), Some("application/json".to_owned())),
    ];
    with_headers(StatusCode::OK, Body::from(outcome.payload), headers)
}

/// Base64 in the request, JSON in the Runtime API.
fn client_context(call: &Call) -> Option<String> {
    let encoded = call.header("x-amz-client-context")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    String::from_utf8(bytes).ok()
}

fn with_headers<const N: usize>(
    status: StatusCode,
    body: Body,
    headers: [(&'static str, Option<String>); N],
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
