//! Which log events were seen, as far back as the next sweep reads.

use std::collections::BTreeSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

/// How far behind the newest event a sweep begins, in milliseconds: late arrivals are expected within it.
const OVERLAP: i64 = 150_000;

/// The window of a follower.
#[derive(Debug)]
pub(super) struct Seen {
    /// Milliseconds since 1970; nothing older is asked for.
    start: i64,
    newest: Option<i64>,
    ids: BTreeSet<(i64, String)>,
}

impl Seen {
    pub(super) fn since(start: i64) -> Self {
        Self { start, newest: None, ids: BTreeSet::new() }
    }

    /// Where the next sweep begins.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    /// Whether an event is new; from now on it is not.
    pub(super) fn insert(&mut self, event: &FilteredLogEvent) -> bool {
        let at = event.timestamp().unwrap_or_default();
        if at < self.start {
            return false;
        }
        self.newest = self.newest.max(Some(at));
        self.ids.insert((at, name(event)))
    }

    /// Moves the window after a complete sweep that began at `now`.
    ///
    /// The events' own times decide, so that a wrong clock here loses nothing; only events from the future are held
    /// to the clock.
    pub(super) fn slide(&mut self, now: i64) {
        let Some(newest) = self.newest else { return };
        self.start = self.start.max(newest.min(now) - OVERLAP);
        self.ids = self.ids.split_off(&(self.start, String::new()));
    }
}

/// The event's id; servers that give none get one from the event's content.
pub(in crate::cloud) fn name(event: &FilteredLogEvent) -> String {
    if let Some(id) = event.event_id().filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    let parts = (event.log_stream_name(), event.timestamp(), event.ingestion_time(), event.message());
    format!("{:016x}", BuildHasherDefault::<DefaultHasher>::default().hash_one(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: i64, id: &str) -> FilteredLogEvent {
        FilteredLogEvent::builder().timestamp(at).event_id(id).build()
    }

    #[test]
    fn an_event_counts_once_even_when_it_is_late() {
        let mut seen = Seen::since(1_000);
        assert!(seen.insert(&event(400_000, "a")));
        assert!(seen.insert(&event(400_000, "b")), "one millisecond holds several events");
        seen.slide(500_000);
        assert_eq!(seen.start(), 250_000);
        assert!(!seen.insert(&event(400_000, "a")));
        assert!(seen.insert(&event(300_000, "late")));
        assert!(!seen.insert(&event(300_000, "late")));
    }

    #[test]
    fn what_is_remembered_is_bounded_by_the_window() {
        let mut seen = Seen::since(0);
        for at in (0..10_000_000).step_by(10_000) {
            seen.insert(&event(at, &at.to_string()));
            seen.slide(at);
        }
        assert!(seen.ids.len() <= 16, "{}", seen.ids.len());
    }

    #[test]
    fn an_event_from_the_future_does_not_move_the_window_past_the_clock() {
        let mut seen = Seen::since(0);
        seen.insert(&event(9_000_000, "future"));
        seen.slide(1_000_000);
        assert_eq!(seen.start(), 850_000);
    }
}
