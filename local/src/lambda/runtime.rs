//! The Runtime API: how an execution environment's process fetches events and answers them.
//!
//! It carries messages between a process and its [`super::environment::Environment`], which handles them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::common::env::Env;
use crate::common::server;
use crate::common::wire;

/// Most bytes of a function's answer: 6 MB and the 100 bytes that Lambda adds, as in its own error text.
pub(super) const RESPONSE_LIMIT: usize = 6_291_556;

/// An event for the process.
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

/// A request of the process.
#[derive(Debug)]
pub(super) enum Event {
    /// It asks for work: its start, or its last invocation, is complete.
    Next,
    Response {
        request_id: String,
        body: Bytes,
    },
    /// Its response is larger than Lambda accepts.
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

/// State that the environment and the connections of its process share.
struct Shared {
    work: tokio::sync::Mutex<mpsc::Receiver<Work>>,
    events: mpsc::Sender<Event>,
    /// The invocation that the process may answer.
    current: Mutex<Option<String>>,
    closed: CancellationToken,
}

/// The environment's side of the Runtime API; dropping it ends the connections.
pub(super) struct RuntimeApi {
    /// `AWS_LAMBDA_RUNTIME_API` of the process.
    pub(super) address: SocketAddr,
    work: mpsc::Sender<Work>,
    events: mpsc::Receiver<Event>,
    closed: CancellationToken,
}

impl RuntimeApi {
    /// Listens for the process of one environment.
    ///
    /// Each environment has a port of its own, as `AWS_LAMBDA_RUNTIME_API` is a host and a port without a path, and
    /// requests do not say which environment they come from.
    pub(super) async fn open(env: &Env) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (work, work_receiver) = mpsc::channel(1);
        let (events_sender, events) = mpsc::channel(8);
        let closed = env.stop.child_token();
        let shared = Arc::new(Shared {
            work: tokio::sync::Mutex::new(work_receiver),
            events: events_sender,
            current: Mutex::default(),
            closed: closed.clone(),
        });
        let respond = move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok(shared.answer(request).await) }
        };
        env.tasks.spawn(server::accept(env.tasks.clone(), closed.clone(), listener, |_| false, respond));
        Ok(Self { address, work, events, closed })
    }

    /// The next request of the process; never, once its connections are closed.
    ///
    /// Nothing is lost when this is dropped while it waits.
    pub(super) async fn next_event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            // Only the end of the process can follow, and its environment watches that.
            None => std::future::pending().await,
        }
    }

    /// Sends work to the process; false when it already has some.
    pub(super) fn send_work(&self, work: Work) -> bool {
        self.work.try_send(work).is_ok()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

impl Shared {
    /// Answers one request under `/2018-06-01/runtime/`.
    async fn answer(&self, request: Request<Body>) -> Response {
        let (parts, body) = request.into_parts();
        let path: Vec<&str> = parts.uri.path().split('/').skip(1).collect();
        let kind = function_error_type(&parts.headers);
        let event = match (&parts.method, path.as_slice()) {
            (&Method::GET, ["2018-06-01", "runtime", "invocation", "next"]) => return self.next().await,
            (&Method::POST, ["2018-06-01", "runtime", "invocation", id, answer @ ("response" | "error")]) => {
                if !self.is_current(id) {
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
            (&Method::POST, ["2018-06-01", "runtime", "init", "error"]) => {
                Event::InitError { body: read(body).await.unwrap_or_default(), kind }
            }
            _ => return refuse(StatusCode::NOT_FOUND, "InvalidPath", "no such path in the Runtime API"),
        };
        let too_large = matches!(event, Event::TooLarge { .. });
        if self.events.send(event).await.is_err() {
            return ended();
        }
        if too_large {
            let message = format!("Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message);
        }
        wire::json(StatusCode::ACCEPTED, &serde_json::json!({"status": "OK"}))
    }

    fn is_current(&self, id: &str) -> bool {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(id)
    }

    /// Waits for work without a limit.
    async fn next(&self) -> Response {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).take();
        if self.events.send(Event::Next).await.is_err() {
            return ended();
        }
        let mut receiver = self.work.lock().await;
        let work = tokio::select! {
            work = receiver.recv() => work,
            () = self.closed.cancelled() => None,
        };
        let Some(work) = work else { return ended() };
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(work.request_id.clone());
        work.into_response()
    }
}

impl Work {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.payload));
        let headers = [
            ("lambda-runtime-aws-request-id", Some(self.request_id)),
            ("lambda-runtime-deadline-ms", Some(self.deadline_ms.to_string())),
            ("lambda-runtime-invoked-function-arn", Some(self.function_arn)),
            ("lambda-runtime-trace-id", Some(self.trace)),
            ("lambda-runtime-client-context", self.client_context),
            (header::CONTENT_TYPE.as_str(), Some("application/json".to_owned())),
        ];
        for (name, value) in headers {
            if let Some(Ok(value)) = value.map(HeaderValue::try_from) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

fn ended() -> Response {
    refuse(StatusCode::FORBIDDEN, "InvalidEnvironment", "this execution environment has ended")
}

async fn read(body: Body) -> Result<Bytes, axum::Error> {
    axum::body::to_bytes(body, RESPONSE_LIMIT).await
}

fn function_error_type(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("lambda-runtime-function-error-type")?.to_str().ok()?.to_owned())
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response {
    wire::json(status, &serde_json::json!({"errorMessage": message, "errorType": kind}))
}
