//! CloudWatch Logs: groups, streams and events, over AWS JSON 1.1.
//!
//! Events are kept in memory, as long as the group's retention says, and no more of them than [`MOST_BYTES`].

mod error;
mod groups;
mod pattern;
mod put;
mod read;
mod store;
mod streams;
mod tail;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::response::Response;
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
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

/// The most bytes of all groups together; the largest group then drops its oldest events. AWS keeps all.
const MOST_BYTES: usize = 256 << 20;
/// How many bytes come before all groups are counted again.
const COUNT_AFTER: usize = 8 << 20;
/// The most groups. AWS's quota is higher.
const MOST_GROUPS: usize = 10_000;

pub(crate) struct Logs {
    env: Arc<Env>,
    groups: Mutex<BTreeMap<String, Arc<Group>>>,
    numbers: Numbers,
    /// Bytes that have come since all groups were counted.
    uncounted: AtomicUsize,
    /// Every ingested event, for the live tails that are open.
    ingested: broadcast::Sender<Ingested>,
}

impl LogSink for Logs {
    fn append(&self, group: &str, stream: &str, events: Vec<(Timestamp, String)>) {
        let now = self.env.now().as_millisecond();
        let group = {
            let mut groups = self.groups.lock().unwrap_or_else(PoisonError::into_inner);
            if groups.len() >= MOST_GROUPS && !groups.contains_key(group) {
                tracing::warn!(group, "there are too many log groups; lines were lost");
                return;
            }
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
        Self { env, groups: Mutex::default(), numbers: Numbers::default(), uncounted: AtomicUsize::new(0), ingested }
    }

    fn ingest(&self, group: &Group, stream: &str, events: impl Iterator<Item = (i64, String)>, now: i64) {
        group.expire(now);
        let mut contents = group.lock();
        let mut bytes = 0;
        for (timestamp, message) in events {
            bytes += message.len() + store::OVERHEAD;
            let position = Position { timestamp, number: self.numbers.next() };
            let stored = contents.insert(stream, position, &message, now);
            if let Some(event) = stored.filter(|_| self.ingested.receiver_count() > 0) {
                // It fails only when the last tail has just closed.
                let _ = self.ingested.send(Ingested { group: group.name.as_str().into(), timestamp, event });
            }
        }
        drop(contents);
        if self.uncounted.fetch_add(bytes, Ordering::Relaxed) + bytes > COUNT_AFTER {
            self.uncounted.store(0, Ordering::Relaxed);
            self.shrink(MOST_BYTES);
        }
    }

    /// Drops the oldest events of the largest groups until all have no more than so many bytes.
    fn shrink(&self, most: usize) {
        let sized = |group: Arc<Group>| {
            let bytes = group.lock().bytes;
            (bytes, group)
        };
        let mut groups: Vec<_> = self.all().into_iter().map(sized).collect();
        groups.sort_by_key(|(bytes, _)| Reverse(*bytes));
        let mut excess = groups.iter().map(|(bytes, _)| bytes).sum::<usize>().saturating_sub(most);
        for (bytes, group) in groups {
            if excess == 0 {
                return;
            }
            group.lock().shrink(bytes.saturating_sub(excess));
            excess = excess.saturating_sub(bytes);
        }
    }

    fn all(&self) -> Vec<Arc<Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// How much is kept.
    pub(crate) fn held(&self) -> Value {
        let (groups, now) = (self.all(), self.env.now().as_millisecond());
        let (mut streams, mut events, mut bytes) = (0, 0, 0);
        for group in &groups {
            group.expire(now);
            let contents = group.lock();
            streams += contents.streams.len();
            events += contents.len();
            bytes += contents.bytes;
        }
        json!({"log_groups": groups.len(), "log_streams": streams, "log_events": events, "bytes": bytes})
    }

    /// A group, without what its retention no longer keeps.
    fn find(&self, name: &str) -> Result<Arc<Group>, ApiError> {
        let group = self.groups.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        let group = group.ok_or_else(error::no_group)?;
        group.expire(self.env.now().as_millisecond());
        Ok(group)
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

#[cfg(test)]
mod tests {
    use std::ops::Bound;

    use super::*;
    use crate::common::env::testing;

    fn fill(logs: &Logs, group: &str, messages: usize) {
        let now = logs.env.now();
        // Numbers grow with time, so the first message is the oldest.
        let events = (0..messages).map(|number| (now, format!("{number:074}"))).collect();
        logs.append(group, "s", events);
    }

    #[test]
    fn the_largest_groups_drop_their_oldest_events() {
        let logs = Logs::new(testing::env().0);
        for (group, messages) in [("large", 600), ("middle", 300), ("small", 100)] {
            fill(&logs, group, messages);
        }
        let bytes = || ["large", "middle", "small"].map(|group| logs.find(group).unwrap().lock().bytes / 100);
        assert_eq!(logs.held(), json!({"log_groups": 3, "log_streams": 3, "log_events": 1_000, "bytes": 100_000}));
        logs.shrink(100_000);
        assert_eq!(bytes(), [600, 300, 100], "what fits is kept");
        logs.shrink(90_000);
        assert_eq!(bytes(), [500, 300, 100]);
        let everything = (Bound::Unbounded, Bound::Unbounded);
        let large = logs.find("large").unwrap();
        let oldest = large.lock().range(everything).next().map(|(_, event)| event.message.to_string());
        assert_eq!(oldest, Some(format!("{:074}", 100)));
        logs.shrink(20_000);
        assert_eq!(bytes(), [0, 100, 100]);
    }
}
