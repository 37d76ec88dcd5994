//! The Runtime API: how an execution environment's process fetches events and answers them.
//!
//! It only carries messages between a process and its [`super::environment::Environment`], which judges them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tokio::sync::mpsc;

use crate::cloud::Cloud;

/// Most bytes of a function's answer: 6 MB and the 100 bytes that Lambda adds, as in its own error text.
pub(super) const RESPONSE_LIMIT: usize = 6_291_556;

/// What a process is to work on.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    /// Milliseconds since 1970.
    pub(super) deadline_ms: i64,
    pub(super) function_arn: String,
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
}

/// What a process said.
#[derive(Debug)]
pub(super) enum Event {
    /// It waits for work: its start, or its last invocation, is complete.
    Next,
    Response {
        request_id: String,
        body: Bytes,
    },
    /// Its answer is larger than Lambda takes.
    TooLarge {
        request_id: String,
    },
    Error {
        request_id: String,
        body: Bytes,
        kind: Option<String>,
    },
    InitError {
        body: Bytes,
        kind: Option<String>,
    },
}

/// The environments whose processes may call.
#[derive(Default)]
pub(crate) struct Runtimes(Mutex<HashMap<String, Arc<Mailbox>>>);

struct Mailbox {
    work: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    events: mpsc::Sender<Event>,
    /// The invocation that the process may answer.
    current: Mutex<Option<String>>,
}

/// An environment's end of its process's mailbox; dropping it closes the mailbox.
pub(super) struct Line {
    id: String,
    runtimes: Arc<Runtimes>,
    work: mpsc::Sender<Work>,
    events: mpsc::Receiver<Event>,
}

impl Line {
    pub(super) fn open(runtimes: &Arc<Runtimes>, id: &str) -> Self {
        let (work, work_receiver) = mpsc::channel(1);
        let (events_sender, events) = mpsc::channel(8);
        let mailbox =
            Mailbox { work: tokio::sync::Mutex::new(work_receiver), events: events_sender, current: Mutex::default() };
        runtimes.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), Arc::new(mailbox));
        Self { id: id.to_owned(), runtimes: Arc::clone(runtimes), work, events }
    }

    /// The next thing that the process says. Nothing is lost when this is dropped while it waits.
    pub(super) async fn hear(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Gives the process work; false when it already has some.
    pub(super) fn give(&self, work: Work) -> bool {
        self.work.try_send(work).is_ok()
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.runtimes.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

/// Answers one request under `/_runtime/ENVIRONMENT/2018-06-01/runtime/`.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let path: Vec<&str> = parts.uri.path().split('/').skip(2).collect();
    let [environment, "2018-06-01", "runtime", rest @ ..] = path.as_slice() else {
        return refuse(StatusCode::NOT_FOUND, "InvalidPath", "no such path in the Runtime API");
    };
    let mailbox =
        cloud.lambda.runtimes.0.lock().unwrap_or_else(PoisonError::into_inner).get(*environment).map(Arc::clone);
    let Some(mailbox) = mailbox else {
        return refuse(StatusCode::FORBIDDEN, "InvalidEnvironment", "this execution environment has ended");
    };
    let kind = function_error_type(&parts.headers);
    let event = match (&parts.method, rest) {
        (&Method::GET, ["invocation", "next"]) => return next(cloud, &mailbox).await,
        (&Method::POST, ["invocation", id, answer @ ("response" | "error")]) => {
            if !mailbox.is_current(id) {
                return refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID");
            }
            let request_id = (*id).to_owned();
            match (read(body).await, *answer) {
                (Err(error), _) => {
                    tracing::debug!(%error, "a function's answer could not be read whole");
                    Event::TooLarge { request_id }
                }
                (Ok(body), "response") => Event::Response { request_id, body },
                (Ok(body), _) => Event::Error { request_id, body, kind },
            }
        }
        (&Method::POST, ["init", "error"]) => Event::InitError { body: read(body).await.unwrap_or_default(), kind },
        _ => return refuse(StatusCode::NOT_FOUND, "InvalidPath", "no such path in the Runtime API"),
    };
    let too_large = matches!(event, Event::TooLarge { .. });
    if mailbox.events.send(event).await.is_err() {
        return refuse(StatusCode::FORBIDDEN, "InvalidEnvironment", "this execution environment has ended");
    }
    if too_large {
        let message = format!("Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
    }
    json(StatusCode::ACCEPTED, &serde_json::json!({"status": "OK"}))
}

impl Mailbox {
    fn is_current(&self, id: &str) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(id)
    }
}

async fn next(cloud: &Cloud, mailbox: &Mailbox) -> Response {
    let ended = || refuse(StatusCode::FORBIDDEN, "InvalidEnvironment", "this execution environment has ended");
    mailbox.current.lock().unwrap_or_else(PoisonError::into_inner).take();
    if mailbox.events.send(Event::Next).await.is_err() {
        return ended();
    }
    let mut receiver = mailbox.work.lock().await;
    let work = tokio::select! {
        work = receiver.recv() => work,
        () = cloud.stop.cancelled() => None,
    };
    let Some(work) = work else { return ended() };
    *mailbox.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(work.request_id.clone());
    let mut response = Response::new(Body::from(work.payload));
    let headers = [
        ("lambda-runtime-aws-request-id", Some(work.request_id)),
        ("lambda-runtime-deadline-ms", Some(work.deadline_ms.to_string())),
        ("lambda-runtime-invoked-function-arn", Some(work.function_arn)),
        ("lambda-runtime-trace-id", Some(work.trace)),
        ("lambda-runtime-client-context", work.client_context),
    ];
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn read(body: Body) -> Result<Bytes, axum::Error> {
    axum::body::to_bytes(body, RESPONSE_LIMIT).await
}

fn function_error_type(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("lambda-runtime-function-error-type")?.to_str().ok()?.to_owned())
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    json(status, &serde_json::json!({"errorMessage": message, "errorType": kind}))
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
