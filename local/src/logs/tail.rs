//! `StartLiveTail`: events as they come, over an event stream.
//!
//! A session sends the events that are ingested while it is open. As on AWS, an update comes once a second, even an
//! empty one, and too many events are sampled.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::Logs;
use super::error::{constraint, invalid};
use super::groups;
use super::pattern::Pattern;
use super::store::Event;
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

/// Events that wait for a slow session, as on AWS; older ones are then lost to it.
pub(crate) const BUFFER: usize = 5000;
/// Most events in one update; the rest is dropped and the update says that it is a sample.
const MOST_PER_UPDATE: usize = 500;
/// Most bytes of messages in one update; with all JSON escapes it still fits into one frame.
const UPDATE_BYTES: usize = 2 << 20;
const SESSION: Duration = Duration::from_hours(3);

#[derive(Debug, Clone)]
pub(crate) struct Ingested {
    pub(crate) group: Arc<str>,
    pub(crate) timestamp: i64,
    pub(crate) event: Event,
}

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "logGroupIdentifiers")]
    groups: Vec<String>,
    #[serde(default, rename = "logStreamNames")]
    streams: Vec<String>,
    #[serde(default, rename = "logStreamNamePrefixes")]
    prefixes: Vec<String>,
    #[serde(default, rename = "logEventFilterPattern")]
    pattern: String,
}

/// Opens a session; its body ends when the client leaves, the time is over or the cloud stops.
pub(crate) fn start(logs: &Logs, call: &Call, request_id: &str) -> Result<Response, ApiError> {
    let input: Input = call.input()?;
    let identifiers = &input.groups;
    if identifiers.is_empty() || identifiers.len() > 10 {
        return Err(constraint(identifiers.len(), "logGroupIdentifiers", "have length between 1 and 10"));
    }
    if !input.streams.is_empty() && !input.prefixes.is_empty() {
        return Err(invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters."));
    }
    if identifiers.len() > 1 && !(input.streams.is_empty() && input.prefixes.is_empty()) {
        return Err(invalid("log streams can be chosen within one log group only"));
    }
    if let Some(starred) = identifiers.iter().find(|identifier| identifier.ends_with('*')) {
        return Err(invalid(format!("The log group ARN {starred} must not end with an asterisk.")));
    }
    let pattern = Pattern::parse(&input.pattern).map_err(|bad| invalid(bad.0))?;
    let ingested = logs.ingested.subscribe();
    let found: Result<Vec<_>, _> = identifiers.iter().map(|id| groups::by_identifier(logs, id)).collect();
    let groups = found?.iter().map(|group| (group.name.clone(), groups::arn(logs, &group.name))).collect();
    let opening = [
        frame("event", "initial-response", &json!({})),
        frame(
            "event",
            "sessionStart",
            &json!({
                "requestId": request_id,
                "sessionId": logs.env.id(),
                "logGroupIdentifiers": identifiers,
                "logStreamNames": input.streams,
                "logStreamNamePrefixes": input.prefixes,
                "logEventFilterPattern": input.pattern,
            }),
        ),
    ];
    let mut updates = tokio::time::interval_at(Instant::now() + Duration::from_secs(1), Duration::from_secs(1));
    updates.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let session = Session {
        input,
        pattern,
        groups,
        ingested,
        updates,
        ends: Instant::now() + SESSION,
        stop: logs.env.stop.clone(),
        opening: opening.concat().into(),
        over: false,
    };
    let frames = futures_util::stream::unfold(session, |mut session| async move {
        session.next().await.map(|frame| (Ok::<_, std::convert::Infallible>(frame), session))
    });
    let mut response = Response::new(Body::from_stream(frames));
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/vnd.amazon.eventstream"));
    if let Ok(id) = http::HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    Ok(response)
}

struct Session {
    input: Input,
    pattern: Pattern,
    /// Names and ARNs of the groups.
    groups: Vec<(String, String)>,
    ingested: broadcast::Receiver<Ingested>,
    updates: Interval,
    ends: Instant,
    stop: CancellationToken,
    /// Sent first, then empty.
    opening: Bytes,
    over: bool,
}

impl Session {
    /// The next bytes of the stream; `None` at its end.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.opening.is_empty() {
            return Some(std::mem::take(&mut self.opening));
        }
        if self.over {
            return None;
        }
        let (mut results, mut bytes, mut sampled) = (Vec::new(), 0, false);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                now = self.updates.tick() => {
                    if now >= self.ends {
                        self.over = true;
                        let message = json!({"message": "The session has timed out."});
                        return Some(frame("exception", "SessionTimeoutException", &message).into());
                    }
                    let update = json!({"sessionMetadata": {"sampled": sampled}, "sessionResults": results});
                    return Some(frame("event", "sessionUpdate", &update).into());
                }
                ingested = self.ingested.recv() => match ingested {
                    Ok(ingested) => match self.result(&ingested) {
                        Some(_) if results.len() == MOST_PER_UPDATE || bytes > UPDATE_BYTES => sampled = true,
                        result => {
                            bytes += ingested.event.message.len();
                            results.extend(result);
                        }
                    },
                    Err(RecvError::Lagged(_)) => sampled = true,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// An event as the session shows it, where its filters match.
    fn result(&self, ingested: &Ingested) -> Option<Value> {
        let Ingested { group, timestamp, event } = ingested;
        let (_, arn) = self.groups.iter().find(|(name, _)| **name == **group)?;
        let (names, prefixes) = (&self.input.streams, &self.input.prefixes);
        let in_stream = (names.is_empty() && prefixes.is_empty())
            || names.iter().any(|name| **name == *event.stream)
            || prefixes.iter().any(|prefix| event.stream.starts_with(prefix));
        (in_stream && self.pattern.matches(&event.message)).then(|| {
            json!({
                "logStreamName": &*event.stream,
                "logGroupIdentifier": arn,
                "message": &*event.message,
                "timestamp": timestamp,
                "ingestionTime": event.ingested,
            })
        })
    }
}

/// One message of the event stream: an `event` or an `exception`.
fn frame(kind: &'static str, name: &'static str, payload: &Value) -> Vec<u8> {
    let text = |text: &'static str| HeaderValue::String(text.into());
    let name_header = if kind == "exception" { ":exception-type" } else { ":event-type" };
    let message = Message::new(payload.to_string())
        .add_header(Header::new(":message-type", text(kind)))
        .add_header(Header::new(name_header, text(name)))
        .add_header(Header::new(":content-type", text("application/json")));
    let mut bytes = Vec::new();
    if let Err(error) = write_message_to(&message, &mut bytes) {
        // Only a payload beyond 16 MiB cannot be framed, and updates are kept smaller.
        tracing::warn!(%error, "a live tail frame could not be written");
        bytes.clear();
    }
    bytes
}
