//! From CloudWatch's log events to lines for people and facts for timelines.

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

use super::stream;
use crate::cloud::subscriptions::delivery_status::time;
use crate::domain::evidence::Fact;
use crate::domain::log::{LogLine, format, function_of};
use crate::text::clean::Clean;

/// Lines and facts of some events, in their order, where it does not matter whose log has them.
pub(in crate::cloud) fn read(events: &[FilteredLogEvent]) -> (Vec<LogLine>, Vec<Fact>) {
    of(&[], events)
}

/// The same of events in a group into which these functions log.
pub(super) fn of(functions: &[Clean], events: &[FilteredLogEvent]) -> (Vec<LogLine>, Vec<Fact>) {
    let mut facts = Vec::new();
    let lines = events
        .iter()
        .map(|event| {
            let id = Clean::from(super::name(event));
            let message = event.message().unwrap_or_default();
            let stream = stream(event);
            let function = function_of(functions, stream.raw());
            let (line, proven) = format::read(id, time(event), function, stream, message);
            facts.extend(proven);
            line
        })
        .collect();
    (lines, facts)
}
