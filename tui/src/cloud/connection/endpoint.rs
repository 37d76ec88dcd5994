//! Plain HTTP to an endpoint, for what no SDK knows: the local cloud's own paths.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::{StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::config::{is_loopback_host, redacted};
use crate::domain::problem::{Problem, ProblemKind};

/// The inbox is bounded; an answer beyond this is not one.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// An endpoint's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cloud) struct Endpoint {
    /// Without a trailing slash.
    pub(in crate::cloud) url: String,
    /// Host and port.
    pub(in crate::cloud) authority: String,
    /// Whether it is on this machine.
    pub(in crate::cloud) loopback: bool,
}

/// Reads `--endpoint-url`.
pub(in crate::cloud) fn parse(url: &str) -> Result<Endpoint, Problem> {
    let problem = |why: &str| {
        Problem::new(ProblemKind::Invalid, format!("cannot use the endpoint {:?}", redacted(url)), why)
            .with_hint("give a URL such as http://127.0.0.1:4566")
    };
    let uri: Uri = url.parse().map_err(|_| problem("it is not a URL"))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(problem("it does not begin with http:// or https://"));
    }
    let (Some(authority), Some(host)) = (uri.authority(), uri.host()) else { return Err(problem("it names no host")) };
    let loopback = is_loopback_host(host);
    Ok(Endpoint { url: url.trim_end_matches('/').to_owned(), authority: authority.to_string(), loopback })
}

/// Why a plain request gave nothing.
#[derive(Debug, thiserror::Error)]
pub(in crate::cloud) enum PlainError {
    #[error("{0}")]
    Connect(String),
    #[error("no answer within {0} s")]
    TimedOut(u64),
    #[error("{0}")]
    Broken(String),
}

/// GETs a URL; the body in full.
pub(in crate::cloud) async fn get(url: &str, limit: Duration) -> Result<(StatusCode, Bytes), PlainError> {
    let uri: Uri = url.parse().map_err(|_| PlainError::Broken(format!("{url:?} is not a URL")))?;
    let client: Client<HttpConnector, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request = async {
        let response = client.get(uri).await.map_err(|error| {
            let text = causes(&error);
            if error.is_connect() { PlainError::Connect(text) } else { PlainError::Broken(text) }
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        Ok((status, body.map_err(|error| PlainError::Broken(error.to_string()))?.to_bytes()))
    };
    tokio::time::timeout(limit, request).await.unwrap_or(Err(PlainError::TimedOut(limit.as_secs())))
}

/// The region of imgwatch's local cloud, where the endpoint is one. An endpoint where nothing listens is a problem of
/// its own.
pub(in crate::cloud) async fn local_cloud(endpoint: &Endpoint) -> Result<Option<String>, Problem> {
    // Only the local cloud answers this path. It speaks plain HTTP and serves its own machine alone.
    if !endpoint.url.starts_with("http://") || !endpoint.loopback {
        return Ok(None);
    }
    match get(&format!("{}/_imgwatch/health", endpoint.url), Duration::from_secs(2)).await {
        Ok((status, body)) => {
            let health: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let is_one = status.is_success() && health.get("name").is_some_and(|name| name == "imgwatch-local");
            let region = health.pointer("/pipeline/region").and_then(serde_json::Value::as_str);
            Ok(is_one.then(|| region.unwrap_or("us-east-1").to_owned()))
        }
        Err(PlainError::Connect(why)) => {
            Err(Problem::new(ProblemKind::Unreachable, format!("cannot connect to {}", redacted(&endpoint.url)), why)
                .with_hint("is anything listening there? start it with `imgwatch local`"))
        }
        // Someone listens; the services themselves will say more.
        Err(PlainError::TimedOut(_) | PlainError::Broken(_)) => Ok(None),
    }
}

/// What the SDK and the HTTP client put around a cause without adding to it.
const SAYS_NOTHING: [&str; 8] = [
    "streaming error",
    "timeout",
    "other",
    "io error",
    "dispatch failure",
    "client error (SendRequest)",
    "client error (Connect)",
    "an error occurred while loading credentials",
];

/// An error with its causes, in one line.
pub(in crate::cloud) fn causes(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // Many wrappers repeat their cause, and some say nothing.
        if !SAYS_NOTHING.contains(&text.as_str()) && !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
        next = error.source();
    }
    if texts.is_empty() { error.to_string() } else { texts.join(": ") }
}
