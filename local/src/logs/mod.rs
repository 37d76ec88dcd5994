//! CloudWatch Logs: groups, streams and events, over AWS JSON 1.1.
//!
//! Events are kept in memory. Retention is stored and answered; of it, only the refusal of events that are already too
//! old is implemented.

mod error;
mod groups;
mod pattern;
mod put;
mod read;
mod store;
mod streams;
mod tail;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::common::aws_json::{self, Call};
use crate::common::deliver::LogSink;
use crate::common::env::Env;
use crate::common::wire::ApiError;
use store::{Group, Numbers, Position};
use tail::Ingested;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
/// Most events in one answer.
const MOST_PER_PAGE: usize = 10_000;

pub(crate) struct Logs {
    env: Arc<Env>,
    groups: Mutex<BTreeMap<String, Arc<Group>>>,
    numbers: Numbers,
    /// Every ingested event, for the live tails that are open.
    ingested: broadcast::Sender<Ingested>,
}

impl LogSink for Logs {
    fn append(&self, group: &str, stream: &str, events: Vec<(Timestamp, String)>) {
        let now = self.env.now().as_millisecond();
        let group = {
            let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Group::new(group, now));
            Arc::clone(groups.entry(group.to_owned()).or_insert_with(new))
        };
        group.lock().add_stream(stream, now);
        let events = events.into_iter().map(|(at, message)| (at.as_millisecond().max(0), message));
        self.ingest(&group, stream, events, now);
    }
}

impl Logs {
    pub(crate) fn new(env: Arc<Env>) -> Self {
        let ingested = broadcast::Sender::new(tail::BUFFER);
        Self { env, groups: Mutex::default(), numbers: Numbers::default(), ingested }
    }

    fn ingest(&self, group: &Group, stream: &str, events: impl Iterator<Item = (i64, String)>, now: i64) {
        let mut contents = group.lock();
        for (timestamp, message) in events {
            let position = Position { timestamp, number: self.numbers.next() };
            let stored = contents.insert(stream, position, &message, now);
            if let Some(event) = stored.filter(|_| self.ingested.receiver_count() > 0) {
                // It fails only when the last tail has just closed.
                let _ = self.ingested.send(Ingested { group: group.name.as_str().into(), timestamp, event });
            }
        }
    }

    fn find(&self, name: &str) -> Result<Arc<Group>, ApiError> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.get(name).cloned().ok_or_else(error::no_group)
    }
}

pub(crate) async fn handle(logs: &Logs, request: Request<Body>) -> Response {
    let request_id = logs.env.id();
    let call = match Call::read("Logs_20140328", request).await {
        Ok(call) => call,
        Err(refused) => return error::render(&refused, &request_id),
    };
    if call.operation == "StartLiveTail" {
        return tail::start(logs, &call, &request_id).unwrap_or_else(|refused| error::render(&refused, &request_id));
    }
    match dispatch(logs, &call) {
        Ok(output) => aws_json::answer(CONTENT_TYPE, &output, &request_id),
        Err(refused) => error::render(&refused, &request_id),
    }
}

fn dispatch(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "CreateLogGroup" => groups::create(logs, call),
        "CreateLogStream" => streams::create(logs, call),
        "DeleteLogGroup" => groups::delete(logs, call),
        "DeleteLogStream" => streams::delete(logs, call),
        "DeleteRetentionPolicy" => groups::delete_retention(logs, call),
        "DescribeLogGroups" => groups::describe(logs, call),
        "DescribeLogStreams" => streams::describe(logs, call),
        "FilterLogEvents" => read::filter(logs, call),
        "GetLogEvents" => read::get(logs, call),
        "ListTagsForResource" => groups::list_tags(logs, call),
        "PutLogEvents" => put::put(logs, call),
        "PutRetentionPolicy" => groups::put_retention(logs, call),
        "TagResource" => groups::tag(logs, call),
        "UntagResource" => groups::untag(logs, call),
        other => Err(aws_json::unknown_operation(other)),
    }
}
