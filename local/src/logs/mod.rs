//! CloudWatch Logs: groups, streams and events, over AWS JSON 1.1.
//!
//! Events are kept in memory and lost with the process. Retention is stored and answered, not enforced beyond refusing
//! events that are already too old when they come.

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

use crate::aws_json::{self, Call};
use crate::cloud::Cloud;
use crate::wire::{self, ApiError};
use store::{Group, Numbers, Position};
use tail::Fresh;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";
/// Most events in one answer.
const MOST_PER_PAGE: usize = 10_000;

/// All log groups.
pub(crate) struct Logs {
    groups: Mutex<BTreeMap<String, Arc<Group>>>,
    numbers: Numbers,
    /// Every ingested event, for the live tails that are open.
    fresh: broadcast::Sender<Fresh>,
}

impl Default for Logs {
    fn default() -> Self {
        Self { groups: Mutex::default(), numbers: Numbers::default(), fresh: broadcast::Sender::new(tail::BUFFER) }
    }
}

impl Logs {
    /// Writes events for another service of this cloud; group and stream are made where they are missing.
    pub(crate) fn append(&self, group: &str, stream: &str, events: Vec<(Timestamp, String)>) {
        let now = Timestamp::now().as_millisecond();
        let group = {
            let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Group::new(group, now));
            Arc::clone(groups.entry(group.to_owned()).or_insert_with(new))
        };
        group.lock().add_stream(stream, now);
        let events = events.into_iter().map(|(at, message)| (at.as_millisecond().max(0), message));
        self.ingest(&group, stream, events, now);
    }

    fn ingest(&self, group: &Group, stream: &str, events: impl Iterator<Item = (i64, String)>, now: i64) {
        let mut contents = group.lock();
        for (timestamp, message) in events {
            let position = Position { timestamp, number: self.numbers.next() };
            let stored = contents.insert(stream, position, &message, now);
            if let Some(event) = stored.filter(|_| self.fresh.receiver_count() > 0) {
                // It fails only when the last tail has just closed.
                let _ = self.fresh.send(Fresh { group: group.name.as_str().into(), timestamp, event });
            }
        }
    }

    fn find(&self, name: &str) -> Result<Arc<Group>, ApiError> {
        let groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
        groups.get(name).cloned().ok_or_else(error::no_group)
    }
}

/// Answers one request to CloudWatch Logs.
pub(crate) async fn handle(cloud: &Arc<Cloud>, request: Request<Body>) -> Response {
    let request_id = wire::request_id();
    let call = match Call::read("Logs_20140328", request).await {
        Ok(call) => call,
        Err(refused) => return error::render(&refused, &request_id),
    };
    if call.operation == "StartLiveTail" {
        return tail::start(cloud, &call, &request_id).unwrap_or_else(|refused| error::render(&refused, &request_id));
    }
    match dispatch(cloud, &call) {
        Ok(output) => aws_json::answer(CONTENT_TYPE, &output, &request_id),
        Err(refused) => error::render(&refused, &request_id),
    }
}

fn dispatch(cloud: &Cloud, call: &Call) -> Result<Value, ApiError> {
    match call.operation.as_str() {
        "CreateLogGroup" => groups::create(cloud, call),
        "CreateLogStream" => streams::create(cloud, call),
        "DeleteLogGroup" => groups::delete(cloud, call),
        "DeleteLogStream" => streams::delete(cloud, call),
        "DeleteRetentionPolicy" => groups::delete_retention(cloud, call),
        "DescribeLogGroups" => groups::describe(cloud, call),
        "DescribeLogStreams" => streams::describe(cloud, call),
        "FilterLogEvents" => read::filter(cloud, call),
        "GetLogEvents" => read::get(cloud, call),
        "ListTagsForResource" => groups::list_tags(cloud, call),
        "PutLogEvents" => put::put(cloud, call),
        "PutRetentionPolicy" => groups::put_retention(cloud, call),
        "TagResource" => groups::tag(cloud, call),
        "UntagResource" => groups::untag(cloud, call),
        other => Err(aws_json::unknown_operation(other)),
    }
}
