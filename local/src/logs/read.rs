//! Reading events: one stream page by page, or a group filtered.

use std::ops::Bound;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{bad_token, constraint, invalid, no_stream, page_size};
use super::pattern::Pattern;
use super::store::{Event, Group, OVERHEAD, Position};
use super::{Logs, MOST_PER_PAGE, groups};
use crate::common::aws_json::Call;
use crate::common::wire::ApiError;

/// Most bytes in one answer.
const PAGE_BYTES: usize = 1 << 20;
/// Most characters of a filter pattern.
const MOST_OF_PATTERN: usize = 1024;
/// Most events that one request evaluates. As on AWS, a filter that matches few gets empty pages with a token.
const LOOK_AT: usize = 20_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    #[serde(default)]
    start_from_head: bool,
}

/// The last millisecond that an event id has room for.
const LAST_TIME: i64 = 9_999_999_999_999;

/// Where a page of a stream continues.
enum Token {
    Forward(Position),
    Backward(Position),
}

impl Token {
    fn parse(text: &str) -> Result<Self, ApiError> {
        let (direction, rest) = text.split_once('/').ok_or_else(bad_token)?;
        let position = rest.strip_suffix("/s").and_then(Position::parse).ok_or_else(bad_token)?;
        match direction {
            "f" => Ok(Self::Forward(position)),
            "b" => Ok(Self::Backward(position)),
            _ => Err(bad_token()),
        }
    }

    fn render(&self) -> String {
        match self {
            Self::Forward(position) => format!("f/{}/s", position.event_id()),
            Self::Backward(position) => format!("b/{}/s", position.event_id()),
        }
    }
}

/// `GetLogEvents`: a token at the end of the stream leads back to itself, and newer events may follow it later.
pub(crate) fn get(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: GetInput = call.input()?;
    check_times(input.start_time, input.end_time)?;
    let most = page_size(input.limit, MOST_PER_PAGE, MOST_PER_PAGE)?;
    let token = input.next_token.as_deref().map(Token::parse).transpose()?;
    let group =
        groups::by_name_or_identifier(logs, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    let contents = group.lock();
    let stream = contents.streams.get(input.log_stream_name.as_str()).ok_or_else(no_stream)?;
    let start = Position::at(input.start_time.unwrap_or(0).clamp(0, LAST_TIME));
    let mut from = Bound::Included(start);
    let mut to = input.end_time.map_or(Bound::Unbounded, |end| Bound::Excluded(Position::at(end)));
    let backward = match &token {
        Some(Token::Forward(position)) => {
            from = if *position >= start { Bound::Excluded(*position) } else { from };
            false
        }
        Some(Token::Backward(position)) => {
            to = match to {
                Bound::Excluded(end) if end < *position => to,
                _ => Bound::Excluded(*position),
            };
            true
        }
        None => !input.start_from_head,
    };
    let mut bytes = 0;
    let mut page: Vec<(Position, &Event)> = Vec::new();
    for position in stream.range((from, to), backward) {
        let Some(event) = contents.event(position) else { continue };
        bytes += event.message.len() + OVERHEAD;
        if page.len() == most || (bytes > PAGE_BYTES && !page.is_empty()) {
            break;
        }
        page.push((position, event));
    }
    if backward {
        page.reverse();
    }
    let (first, last) = match (page.first(), page.last(), token) {
        (Some((first, _)), Some((last, _)), _) => (*first, *last),
        (_, _, Some(Token::Forward(position))) => (position.after(), position),
        (_, _, Some(Token::Backward(position))) => (position, position.before()),
        _ => (start, start),
    };
    let events: Vec<_> = page
        .iter()
        .map(|(position, event)| {
            json!({"timestamp": position.timestamp, "message": &*event.message, "ingestionTime": event.ingested})
        })
        .collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": Token::Forward(last).render(),
        "nextBackwardToken": Token::Backward(first).render(),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilterInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// `FilterLogEvents`: events of a group in the order of time, from both times on and up to them, inclusive.
pub(crate) fn filter(logs: &Logs, call: &Call) -> Result<Value, ApiError> {
    let input: FilterInput = call.input()?;
    check_times(input.start_time, input.end_time)?;
    if let Some(pattern) = input.filter_pattern.as_deref().filter(|pattern| pattern.chars().count() > MOST_OF_PATTERN) {
        return Err(constraint(pattern, "filterPattern", "have length less than or equal to 1024"));
    }
    let most = page_size(input.limit, MOST_PER_PAGE, MOST_PER_PAGE)?;
    let after = match input.next_token.as_deref().map(Position::parse) {
        Some(None) => return Err(bad_token()),
        Some(position) => position,
        None => None,
    };
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default()).map_err(|bad| invalid(bad.0))?;
    let group =
        groups::by_name_or_identifier(logs, input.log_group_name.as_deref(), input.log_group_identifier.as_deref())?;
    check_streams(&group, &input)?;
    let start = Bound::Included(Position::at(input.start_time.unwrap_or(0)));
    let from = after.map_or(start, Bound::Excluded);
    let to = input.end_time.map_or(Bound::Unbounded, |end| Bound::Excluded(Position::at(end.saturating_add(1))));
    let in_stream = |event: &Event| {
        let named = |names: &Vec<String>| names.iter().any(|name| **name == *event.stream);
        input.log_stream_names.as_ref().is_none_or(named)
            && input.log_stream_name_prefix.as_ref().is_none_or(|prefix| event.stream.starts_with(prefix))
    };
    // Patterns run on copies, which share their text, so that writers do not wait for them.
    let looked_at: Vec<(Position, Event)> =
        group.lock().range((from, to)).take(LOOK_AT + 1).map(|(at, event)| (at, event.clone())).collect();
    let (mut page, mut bytes, mut last, mut more) = (Vec::new(), 0, None, looked_at.len() > LOOK_AT);
    for (position, event) in looked_at.into_iter().take(LOOK_AT) {
        if in_stream(&event) && pattern.matches(&event.message) {
            bytes += event.message.len() + OVERHEAD;
            if page.len() == most || (bytes > PAGE_BYTES && !page.is_empty()) {
                more = true;
                break;
            }
            page.push(render(position, &event));
        }
        last = Some(position);
    }
    let mut output = json!({"events": page, "searchedLogStreams": []});
    if let Some(last) = last.filter(|_| more) {
        output["nextToken"] = json!(last.event_id());
    }
    Ok(output)
}

fn check_times(start: Option<i64>, end: Option<i64>) -> Result<(), ApiError> {
    let negative = |time: &i64| *time < 0;
    match (start.filter(negative), end.filter(negative)) {
        (None, None) => Ok(()),
        (Some(time), _) => Err(constraint(time, "startTime", "have value greater than or equal to 0")),
        (None, Some(time)) => Err(constraint(time, "endTime", "have value greater than or equal to 0")),
    }
}

fn check_streams(group: &Arc<Group>, input: &FilterInput) -> Result<(), ApiError> {
    let Some(names) = &input.log_stream_names else { return Ok(()) };
    if input.log_stream_name_prefix.is_some() {
        return Err(invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters."));
    }
    if names.is_empty() || names.len() > 100 {
        return Err(constraint("[...]", "logStreamNames", "have length between 1 and 100"));
    }
    let contents = group.lock();
    if names.iter().all(|name| contents.streams.contains_key(name.as_str())) { Ok(()) } else { Err(no_stream()) }
}

fn render(position: Position, event: &Event) -> Value {
    json!({
        "logStreamName": &*event.stream,
        "timestamp": position.timestamp,
        "message": &*event.message,
        "ingestionTime": event.ingested,
        "eventId": position.event_id(),
    })
}
