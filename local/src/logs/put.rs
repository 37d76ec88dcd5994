//! `PutLogEvents`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Logs;
use super::error::{constraint, invalid, no_stream};
use super::store::OVERHEAD;
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

/// Sequence tokens are ignored nowadays, but still answered.
pub(crate) const SEQUENCE_TOKEN: &str = "49590302938498434921675098271583650000000000000000000001";
/// Most bytes in a batch, overhead included; one event may take all of it.
const MOST_BYTES: usize = 1_048_576;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "logGroupName")]
    group: String,
    #[serde(rename = "logStreamName")]
    stream: String,
    #[serde(rename = "logEvents")]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    timestamp: i64,
    message: String,
}

pub(crate) fn put(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: Input = call.input()?;
    check(&input.events)?;
    let group = logs.find(&input.group)?;
    let now = logs.env.now().as_millisecond();
    let retention = {
        let contents = group.lock();
        if !contents.streams.contains_key(input.stream.as_str()) {
            return Err(no_stream());
        }
        contents.retention_days
    };
    let window = Window::new(&input.events, now, retention);
    let (first, last) = (window.first(), window.too_new);
    let accepted = input.events.get(first..last).unwrap_or_default();
    let span = accepted.last().zip(accepted.first()).map_or(0, |(last, first)| last.timestamp - first.timestamp);
    if span > DAY {
        let message = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
        return Err(invalid(message));
    }
    let rejected = window.rejected(input.events.len());
    let events = input.events.into_iter().take(last).skip(first).map(|event| (event.timestamp, event.message));
    logs.ingest(&group, &input.stream, events, now);
    let mut output = json!({"nextSequenceToken": SEQUENCE_TOKEN});
    if let Some(rejected) = rejected {
        output["rejectedLogEventsInfo"] = rejected;
    }
    Ok(output)
}

fn check(events: &[Event]) -> Result<(), ApiError> {
    if events.is_empty() {
        return Err(constraint("[]", "logEvents", "have length greater than or equal to 1"));
    }
    if events.len() > 10_000 {
        return Err(constraint("[...]", "logEvents", "have length less than or equal to 10000"));
    }
    if let Some(index) = events.iter().position(|event| event.message.is_empty()) {
        let member = format!("logEvents.{}.member.message", index + 1);
        return Err(constraint("", &member, "have length greater than or equal to 1"));
    }
    if let Some(index) = events.iter().position(|event| event.timestamp < 0) {
        let member = format!("logEvents.{}.member.timestamp", index + 1);
        return Err(constraint(-1, &member, "have value greater than or equal to 0"));
    }
    let bytes: usize = events.iter().map(|event| event.message.len() + OVERHEAD).sum();
    if bytes > MOST_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MOST_BYTES}")));
    }
    if !events.is_sorted_by_key(|event| event.timestamp) {
        return Err(invalid("Log events in a single PutLogEvents request must be in chronological order."));
    }
    Ok(())
}

/// The events of a batch that are neither too old nor too new; a batch is ordered by time.
struct Window {
    /// Events before this index are older than the group's retention.
    expired: usize,
    /// Events before this index are older than 14 days.
    too_old: usize,
    /// Events from this index on are more than two hours in the future.
    too_new: usize,
}

impl Window {
    fn new(events: &[Event], now: i64, retention_days: Option<i64>) -> Self {
        let before = |limit: i64| events.partition_point(|event| event.timestamp < limit);
        let expired = retention_days.map_or(0, |days| before(now - days * DAY));
        let too_new = events.partition_point(|event| event.timestamp <= now + 2 * HOUR);
        Self { expired, too_old: before(now - 14 * DAY), too_new }
    }

    fn first(&self) -> usize {
        self.expired.max(self.too_old)
    }

    fn rejected(&self, count: usize) -> Option<Value> {
        let mut output = serde_json::Map::new();
        if self.too_new < count {
            output.insert("tooNewLogEventStartIndex".to_owned(), json!(self.too_new));
        }
        if self.too_old > 0 {
            output.insert("tooOldLogEventEndIndex".to_owned(), json!(self.too_old));
        }
        if self.expired > 0 {
            output.insert("expiredLogEventEndIndex".to_owned(), json!(self.expired));
        }
        (!output.is_empty()).then_some(Value::Object(output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(offsets: &[i64], retention_days: Option<i64>) -> Option<Value> {
        let now = 1_700_000_000_000;
        let event = |offset: &i64| Event { timestamp: now + offset, message: "m".to_owned() };
        let events: Vec<_> = offsets.iter().map(event).collect();
        Window::new(&events, now, retention_days).rejected(events.len())
    }

    #[test]
    fn events_out_of_time_are_counted_from_the_right_end() {
        assert_eq!(rejected(&[-14 * DAY, 0, 2 * HOUR], None), None);
        assert_eq!(rejected(&[-15 * DAY, -14 * DAY - 1, 0], None), Some(json!({"tooOldLogEventEndIndex": 2})));
        assert_eq!(rejected(&[0, 2 * HOUR + 1, DAY], None), Some(json!({"tooNewLogEventStartIndex": 1})));
        assert_eq!(rejected(&[-2 * DAY, 0], Some(1)), Some(json!({"expiredLogEventEndIndex": 1})));
    }
}
