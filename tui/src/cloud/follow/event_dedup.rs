//! Which log events were seen, as far back as the next sweep reads, and which of them were shown.
//!
//! The sweep names its events; Live Tail does not. So for each line of one stream and one millisecond both are counted,
//! and as many are shown as the one that has more of them brings: a line that both bring is shown once, and two lines of
//! the same text stay two. It reads no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;

/// How far behind the newest event a sweep begins, in milliseconds: late arrivals are expected within it.
const OVERLAP: i64 = 180_000;
/// Most events remembered. Where more come in that time, later arrivals are expected within less of it.
const MOST: usize = 200_000;

/// The window of a follower.
#[derive(Debug)]
pub(super) struct EventDedup {
    /// Milliseconds since 1970; nothing older is asked for.
    start: i64,
    /// Nothing older is remembered; behind `start` but for floods.
    floor: i64,
    /// Whether the first sweep is over.
    settled: bool,
    newest: Option<i64>,
    /// CloudWatch's own clock, as far as its answers show it.
    ingested: Option<i64>,
    /// Times and hashes of ids: there are many, and none is shown.
    ids: BTreeSet<(i64, u64)>,
    /// By time and the hash of stream and text.
    counts: BTreeMap<(i64, u64), Count>,
    most: usize,
}

/// Lines of one text, one stream and one millisecond.
#[derive(Debug, Default)]
struct Count {
    swept: u32,
    /// By the Live Tail session that is open.
    live: u32,
    shown: u32,
}

impl EventDedup {
    pub(super) fn since(start: i64) -> Self {
        Self {
            start,
            floor: start,
            settled: false,
            newest: None,
            ingested: None,
            ids: BTreeSet::new(),
            counts: BTreeMap::new(),
            most: MOST,
        }
    }

    /// Where the next sweep begins. It stays the same while a sweep goes from page to page.
    pub(super) fn start(&self) -> i64 {
        self.start
    }

    /// Takes an event of the sweep in; whether it is to be shown now.
    pub(super) fn swept(&mut self, event: &FilteredLogEvent) -> bool {
        let at = event.timestamp().unwrap_or_default();
        if at < self.start {
            return false;
        }
        self.newest = self.newest.max(Some(at));
        self.ingested = self.ingested.max(event.ingestion_time());
        if at < self.floor {
            // A flood has pushed it out. The first sweep brings everything once; in later ones it was seen before.
            return !self.settled;
        }
        if !self.ids.insert((at, hash(name(event)))) {
            return false;
        }
        let count = self.counts.entry(key(event)).or_default();
        count.swept += 1;
        let is_shown = count.swept > count.shown;
        count.shown = count.shown.max(count.swept);
        is_shown
    }

    /// Takes an event of Live Tail in; whether it is to be shown now.
    pub(super) fn live(&mut self, event: &FilteredLogEvent) -> bool {
        let at = event.timestamp().unwrap_or_default();
        // It is older than the memory of what was shown.
        if at < self.floor {
            return false;
        }
        let count = self.counts.entry(key(event)).or_default();
        count.live += 1;
        let is_shown = count.live > count.shown;
        count.shown = count.shown.max(count.live);
        is_shown
    }

    /// A new session of Live Tail may repeat what the last one sent.
    pub(super) fn forget_live(&mut self) {
        for count in self.counts.values_mut() {
            count.live = 0;
        }
    }

    /// Moves the window after a complete sweep.
    ///
    /// The events' own times decide, so that a wrong clock here loses nothing; events from the future are held to the
    /// time at which CloudWatch took the latest one in, and for servers that do not tell to `now`.
    pub(super) fn slide(&mut self, now: i64) {
        self.settled = true;
        let Some(newest) = self.newest else { return };
        let latest = newest.min(self.ingested.unwrap_or(now));
        self.start = self.start.max(latest - OVERLAP).max(self.floor);
        self.forget_before(self.start);
    }

    /// Forgets the older half where there is too much; what was forgotten is not asked for again. Once for each page.
    pub(super) fn bound(&mut self) {
        if self.ids.len() <= self.most {
            return;
        }
        if let Some((middle, _)) = self.ids.iter().nth(self.most / 2) {
            self.forget_before(*middle);
        }
    }

    fn forget_before(&mut self, floor: i64) {
        self.floor = self.floor.max(floor);
        self.ids = self.ids.split_off(&(self.floor, 0));
        self.counts = self.counts.split_off(&(self.floor, 0));
    }
}

/// The event's id; servers that give none get one from the event's content.
pub(in crate::cloud) fn name(event: &FilteredLogEvent) -> String {
    if let Some(id) = event.event_id().filter(|id| !id.is_empty()) {
        return id.to_owned();
    }
    format!("{:016x}", hash((event.log_stream_name(), event.timestamp(), event.ingestion_time(), event.message())))
}

fn key(event: &FilteredLogEvent) -> (i64, u64) {
    // Sources differ in whether they keep the line's end.
    let text = event.message().map(str::trim_end);
    (event.timestamp().unwrap_or_default(), hash((event.log_stream_name(), text)))
}

fn hash(value: impl std::hash::Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

#[cfg(test)]
mod tests;
