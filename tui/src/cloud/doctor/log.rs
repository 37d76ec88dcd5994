//! The function's log: its group, the invocations that failed lately, and what it says of one object.

use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::{FilteredLogEvent, LogGroup as SdkLogGroup};
use imgwatch_shared::notification_rule::encoded;
use jiff::Timestamp;

use super::failures;
use super::lookup::LookupReader;
use super::sightings;
use crate::domain::diagnosis::findings::{FailedInvocation, Listing, LogGroup, Lookup, Object, ObjectLog};
use crate::text::clean::Clean;

/// How far back the log is searched for failures, and for an object of which it is not known when it was written.
const RECENT: Duration = Duration::from_hours(1);

/// How long before and after an object was written its traces are looked for: clocks differ, and Lambda tries for up to
/// six hours.
const BEFORE: Duration = Duration::from_mins(1);
pub(super) const AFTER: Duration = Duration::from_hours(7);

/// Pages of the log that are searched, empty ones included.
const PAGES: usize = 20;

/// Failed attempts by Lambda's words, the handler's, those of other runtimes, and the system's for a program of another
/// machine. Each is a word or a phrase of the lines that `failures` understands.
const FAILURES: &str = r#"?failed ?error ?failure ?timeout ?"Runtime." ?"timed out" ?"Process exited" ?"Invoke Error" ?Traceback ?"cannot run" ?"exec format""#;

/// Requests whose end is looked up.
const REQUESTS: usize = 5;

/// The log group of exactly this name.
pub(super) async fn group(
    reader: LookupReader<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    name: &Clean,
) -> Lookup<LogGroup> {
    let request = logs.describe_log_groups().log_group_name_prefix(name.raw()).send();
    let found = match reader.at("logs:DescribeLogGroups", request).await {
        Lookup::Found(answer) => {
            // Of names that begin alike, the shortest comes first.
            answer.log_groups().iter().find(|group| group.log_group_name() == Some(name.raw())).cloned()
        }
        other => return other.map(|_| LogGroup { name: name.clone(), class: None, retention: None }),
    };
    let read = |group: SdkLogGroup| LogGroup {
        name: name.clone(),
        class: group.log_group_class().map(|class| Clean::new(class.as_str())),
        retention: group.retention_in_days(),
    };
    found.map_or_else(
        || Lookup::Missing("no log group of this name is listed".into()),
        |group| Lookup::Found(read(group)),
    )
}

/// A part of a log group, to be searched.
pub(super) struct Part<'a> {
    pub(super) reader: LookupReader<'a>,
    pub(super) logs: &'a aws_sdk_cloudwatchlogs::Client,
    pub(super) group: &'a Clean,
    pub(super) since: Timestamp,
    /// `None` for no end.
    pub(super) until: Option<Timestamp>,
}

impl Part<'_> {
    /// The events that match, from the oldest on, as far as they could be read.
    async fn search(&self, pattern: &str) -> Lookup<Listing<FilteredLogEvent>> {
        self.read(Some(pattern), PAGES).await
    }

    /// The same for all events, where no pattern is given, and so many pages.
    pub(super) async fn read(&self, pattern: Option<&str>, pages: usize) -> Lookup<Listing<FilteredLogEvent>> {
        let mut items = Vec::new();
        let mut token: Option<String> = None;
        for number in 0..pages {
            let request = self
                .logs
                .filter_log_events()
                .log_group_name(self.group.raw())
                .start_time(self.since.as_millisecond())
                .set_end_time(self.until.map(Timestamp::as_millisecond))
                .set_filter_pattern(pattern.map(str::to_owned))
                .set_next_token(token)
                .send();
            match self.reader.at("logs:FilterLogEvents", request).await {
                Lookup::Found(page) => {
                    items.extend(page.events.unwrap_or_default());
                    token = page.next_token;
                }
                other if number == 0 => return other.map(|_| Vec::new().into()),
                other => return Lookup::Found(Listing { items, rest: other.map(|_| ()) }),
            }
            if token.is_none() {
                return Lookup::Found(items.into());
            }
        }
        let rest = Lookup::Failed(format!("it is longer than the {pages} pages that are read").into());
        Lookup::Found(Listing { items, rest })
    }
}

pub(super) fn ago(now: Timestamp, time: Duration) -> Timestamp {
    now.checked_sub(time).unwrap_or(Timestamp::MIN)
}

/// The invocations that failed in the last hour, newest first.
pub(super) async fn recent_failures(
    reader: LookupReader<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    group: &Clean,
) -> Lookup<Listing<FailedInvocation>> {
    let part = Part { reader, logs, group, since: ago(Timestamp::now(), RECENT), until: None };
    let found = part.search(FAILURES).await;
    found.map(|events| Listing { items: failures::of(&events.items), rest: events.rest })
}

/// What the log says of an object around the time when it was written, else in the last hour.
pub(super) async fn object(
    reader: LookupReader<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    group: &Clean,
    (bucket, key): (&str, &Clean),
    object: &Lookup<Object>,
) -> Lookup<ObjectLog> {
    let read_at = Timestamp::now();
    let written = object.found().and_then(|object| object.last_modified);
    let since = written.map_or_else(|| ago(read_at, RECENT), |at| ago(at, BEFORE));
    let end = written.and_then(|at| at.checked_add(AFTER).ok()).filter(|end| *end < read_at);
    let part = Part { reader, logs, group, since, until: end };
    let forms = forms(key.raw());
    let named = match part.search(&any(&forms)).await {
        Lookup::Found(named) => named,
        other => return other.map(|_| ObjectLog::nothing(since, read_at)),
    };
    let e_tag = object.found().and_then(|object| object.e_tag.as_ref());
    let mut seen = sightings::of(&named.items, bucket, key.raw(), &forms, e_tag);
    let mut rest = named.rest;
    // How those invocations ended stands in lines that name no object.
    let mut requests: Vec<String> =
        seen.iter().filter_map(|it| Some(it.request_id.as_ref()?.raw().to_owned())).collect();
    requests.sort_unstable();
    requests.dedup();
    requests.truncate(REQUESTS);
    if !requests.is_empty() {
        match part.search(&any(&requests)).await {
            Lookup::Found(ends) => {
                seen.extend(sightings::bad_ends(&ends.items, &requests));
                rest = if rest.found().is_some() { ends.rest } else { rest };
            }
            other => rest = other.map(|_| ()),
        }
    }
    seen.sort_by_key(|it| it.at);
    Lookup::Found(ObjectLog { since, until: end.unwrap_or(read_at), read_at, sightings: seen, rest })
}

/// A key as logs have it: as it is, as events have it, and inside JSON.
fn forms(key: &str) -> Vec<String> {
    let in_json = serde_json::to_string(key).unwrap_or_default();
    let in_json = in_json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    let mut forms = vec![key.to_owned(), encoded(key), in_json];
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// A filter pattern for lines with any of these texts.
fn any(texts: &[String]) -> String {
    let term = |text: &String| format!("?\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""));
    texts.iter().map(term).collect::<Vec<_>>().join(" ")
}
