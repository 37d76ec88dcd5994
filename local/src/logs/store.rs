//! Log groups, their streams, and events in the order of time.
//!
//! A group that is full drops its oldest events, and the streams of which nothing came for the longest time. The store
//! knows no protocol and no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MOST_EVENTS: usize = 200_000;
const MOST_BYTES: usize = 64 << 20;
/// The most streams of a group: each execution environment of a function makes one. AWS keeps them with no limit.
const MOST_STREAMS: usize = 10_000;
const DAY: i64 = 24 * 3_600_000;
/// AWS counts this much for each event besides its message.
pub(crate) const OVERHEAD: usize = 26;

/// An event's place: its timestamp in milliseconds, then its number, which grows with each ingested event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub(crate) timestamp: i64,
    pub(crate) number: u64,
}

impl Position {
    /// The start of an instant: before every event of that millisecond.
    pub(crate) fn at(timestamp: i64) -> Self {
        Self { timestamp, number: 0 }
    }

    /// AWS's form of an event id: 56 decimal digits whose order is the order of the events.
    pub(crate) fn event_id(self) -> String {
        format!("{:013}{:043}", self.timestamp, self.number)
    }

    /// Reads what [`Self::event_id`] wrote.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        if id.len() != 56 || !id.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (timestamp, number) = id.split_at(13);
        Some(Self { timestamp: timestamp.parse().ok()?, number: number.parse().ok()? })
    }

    /// The place just before this one.
    pub(crate) fn before(self) -> Self {
        Self { number: self.number.saturating_sub(1), ..self }
    }

    /// The place just after this one.
    pub(crate) fn after(self) -> Self {
        Self { number: self.number.saturating_add(1), ..self }
    }
}

/// A stored event; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) stream: Arc<str>,
    pub(crate) message: Arc<str>,
    pub(crate) ingested: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Stream {
    pub(crate) created: i64,
    pub(crate) last_ingested: Option<i64>,
    name: Arc<str>,
    positions: BTreeSet<Position>,
}

impl Stream {
    /// Timestamps of its first and its last event.
    pub(crate) fn span(&self) -> Option<(i64, i64)> {
        Some((self.positions.first()?.timestamp, self.positions.last()?.timestamp))
    }

    /// The places of its events within bounds, as many as a page may hold, from either end.
    pub(crate) fn range(&self, bounds: (Bound<Position>, Bound<Position>), newest_first: bool) -> Vec<Position> {
        let Some(bounds) = ordered(bounds) else { return Vec::new() };
        let range = self.positions.range(bounds).copied();
        let most = super::MOST_PER_PAGE + 1;
        if newest_first { range.rev().take(most).collect() } else { range.take(most).collect() }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) streams: BTreeMap<Arc<str>, Stream>,
    events: BTreeMap<Position, Event>,
    pub(crate) bytes: usize,
    pub(crate) retention_days: Option<i64>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Contents {
    /// Adds a stream; `false` when it exists. Where there are too many, it replaces the stream that is unused for
    /// longest.
    pub(crate) fn add_stream(&mut self, name: &str, now: i64) -> bool {
        if self.streams.contains_key(name) {
            return false;
        }
        while self.streams.len() >= MOST_STREAMS {
            let unused = self.streams.values().min_by_key(|stream| stream.last_ingested.unwrap_or(stream.created));
            let Some(name) = unused.map(|stream| Arc::clone(&stream.name)) else { break };
            self.remove_stream(&name);
        }
        let name: Arc<str> = name.into();
        let positions = BTreeSet::new();
        self.streams.insert(Arc::clone(&name), Stream { created: now, last_ingested: None, name, positions });
        true
    }

    /// Removes a stream with its events; `false` when it does not exist.
    pub(crate) fn remove_stream(&mut self, name: &str) -> bool {
        let Some(stream) = self.streams.remove(name) else { return false };
        for position in stream.positions {
            if let Some(event) = self.events.remove(&position) {
                self.bytes -= event.message.len() + OVERHEAD;
            }
        }
        true
    }

    /// Stores an event in an existing stream, in its place by time, and drops the oldest where it gets too much.
    pub(crate) fn insert(&mut self, stream: &str, position: Position, message: &str, now: i64) -> Option<Event> {
        let stream = self.streams.get_mut(stream)?;
        stream.last_ingested = Some(now);
        stream.positions.insert(position);
        let event = Event { stream: Arc::clone(&stream.name), message: message.into(), ingested: now };
        self.bytes += event.message.len() + OVERHEAD;
        self.events.insert(position, event.clone());
        while self.events.len() > MOST_EVENTS {
            self.drop_oldest();
        }
        self.shrink(MOST_BYTES);
        Some(event)
    }

    /// Drops the oldest events until the others have no more than so many bytes.
    pub(crate) fn shrink(&mut self, most: usize) {
        while self.bytes > most && self.drop_oldest() {}
    }

    /// Drops the events that are older than the retention. Their streams stay, as on AWS.
    fn expire(&mut self, now: i64) {
        let Some(days) = self.retention_days else { return };
        let end = Position::at(now.saturating_sub(days * DAY));
        while self.events.first_key_value().is_some_and(|(position, _)| *position < end) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) -> bool {
        let Some((oldest, dropped)) = self.events.pop_first() else { return false };
        self.bytes -= dropped.message.len() + OVERHEAD;
        if let Some(stream) = self.streams.get_mut(&dropped.stream) {
            stream.positions.remove(&oldest);
        }
        true
    }

    /// How many events there are.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Events within bounds, oldest first.
    pub(crate) fn range(&self, bounds: (Bound<Position>, Bound<Position>)) -> impl Iterator<Item = (Position, &Event)> {
        let range = ordered(bounds).map(|bounds| self.events.range(bounds));
        range.into_iter().flatten().map(|(position, event)| (*position, event))
    }

    pub(crate) fn event(&self, position: Position) -> Option<&Event> {
        self.events.get(&position)
    }
}

/// `None` for empty bounds: a map's range must not start after its end.
fn ordered(bounds: (Bound<Position>, Bound<Position>)) -> Option<(Bound<Position>, Bound<Position>)> {
    use Bound::{Excluded, Included, Unbounded};
    let fits = match bounds {
        (Included(from), Included(to)) => from <= to,
        (Included(from) | Excluded(from), Included(to) | Excluded(to)) => from < to,
        (Unbounded, _) | (_, Unbounded) => true,
    };
    fits.then_some(bounds)
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) created: i64,
    contents: Mutex<Contents>,
}

impl Group {
    pub(crate) fn new(name: &str, created: i64) -> Self {
        Self { name: name.to_owned(), created, contents: Mutex::default() }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops what the retention no longer keeps.
    pub(crate) fn expire(&self, now: i64) {
        self.lock().expire(now);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Numbers(AtomicU64);

impl Numbers {
    /// The next number; the first is 1, so that there is a place before each event.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(contents: &mut Contents, stream: &str, timestamp: i64, number: u64) {
        contents.add_stream(stream, timestamp);
        contents.insert(stream, Position { timestamp, number }, "m", timestamp).unwrap();
    }

    #[test]
    fn retention_drops_events_and_keeps_their_streams() {
        let group = Group::new("g", 0);
        insert(&mut group.lock(), "a", DAY, 1);
        insert(&mut group.lock(), "b", 2 * DAY, 2);
        group.expire(100 * DAY);
        assert_eq!(group.lock().len(), 2, "without a retention, nothing expires");
        group.lock().retention_days = Some(1);
        group.expire(2 * DAY);
        assert_eq!(group.lock().len(), 2, "an event that is a day old is kept");
        group.expire(2 * DAY + 1);
        let contents = group.lock();
        assert_eq!((contents.len(), contents.bytes, contents.streams.len()), (1, 1 + OVERHEAD, 2));
        assert_eq!(contents.streams.get("a").unwrap().span(), None);
    }

    #[test]
    fn a_stream_that_is_unused_makes_room() {
        let mut contents = Contents::default();
        for number in 0..MOST_STREAMS {
            let timestamp = i64::try_from(number).unwrap();
            insert(&mut contents, &format!("s{number}"), timestamp, timestamp.unsigned_abs());
        }
        insert(&mut contents, "s0", 1_000_000, 1_000_000);
        assert!(contents.add_stream("new", 2_000_000));
        assert_eq!((contents.streams.len(), contents.len()), (MOST_STREAMS, MOST_STREAMS));
        assert!(contents.streams.contains_key("s0") && !contents.streams.contains_key("s1"));
    }
}
