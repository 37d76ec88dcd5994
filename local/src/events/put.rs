//! `PutEvents`: events of the user's own programs. Those of AWS's services come by another way.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Events, check_bus, input, invalid, route};
use crate::common::aws_json::Call;
use crate::common::deliver::BusEvent;
use crate::common::wire::ApiError;

const MOST_ENTRIES: usize = 10;
/// Most bytes of all entries of a request.
const MOST_BYTES: usize = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Put {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    /// Seconds since 1970.
    time: Option<f64>,
    source: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    trace_header: Option<String>,
}

impl Entry {
    fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let resources: usize = self.resources.iter().map(String::len).sum();
        text(&self.source) + text(&self.detail_type) + text(&self.detail) + resources
    }
}

pub(super) fn events(events: &Events, call: &Call) -> Result<Value, ApiError> {
    let put: Put = input(call)?;
    if !(1..=MOST_ENTRIES).contains(&put.entries.len()) {
        let bound = if put.entries.is_empty() { "greater than or equal to 1" } else { "less than or equal to 10" };
        return Err(invalid(format!(
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: \
             Member must have length {bound}"
        )));
    }
    if put.entries.iter().map(Entry::size).sum::<usize>() > MOST_BYTES {
        return Err(invalid("Total size of the entries in the request is over the limit."));
    }
    let mut failed = 0;
    let answer = |entry| {
        one(events, entry, call.trace_header.as_deref()).unwrap_or_else(|(code, message)| {
            failed += 1;
            json!({"ErrorCode": code, "ErrorMessage": message})
        })
    };
    let answers: Vec<Value> = put.entries.into_iter().map(answer).collect();
    Ok(json!({"FailedEntryCount": failed, "Entries": answers}))
}

/// Puts one event; the error has the code and the message of the entry's answer.
fn one(events: &Events, entry: Entry, trace_header: Option<&str>) -> Result<Value, (&'static str, String)> {
    let required = |name: &str, value: Option<String>| {
        let message = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        value.filter(|value| !value.is_empty()).ok_or(("InvalidArgument", message))
    };
    let source = required("Source", entry.source)?;
    let detail_type = required("DetailType", entry.detail_type)?;
    let detail = required("Detail", entry.detail)?;
    if source.starts_with("aws.") {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    }
    let detail: Map<String, Value> =
        serde_json::from_str(&detail).map_err(|_| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
    #[expect(clippy::cast_possible_truncation, reason = "an event's time has whole seconds")]
    let given = entry.time.and_then(|seconds| Timestamp::from_second(seconds as i64).ok());
    let at = given.unwrap_or_else(|| events.env.now());
    // AWS accepts events for a bus that does not exist, and drops them.
    if check_bus(events, entry.event_bus_name.as_deref()).is_err() {
        return Ok(json!({"EventId": events.env.id()}));
    }
    let trace_header = entry.trace_header.or_else(|| trace_header.map(str::to_owned));
    let detail = Value::Object(detail);
    let event = BusEvent { source, detail_type, resources: entry.resources, at, detail, trace_header };
    Ok(json!({"EventId": route::send(events, event)}))
}
