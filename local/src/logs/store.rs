//! Log groups, their streams, and events in the order of time.
//!
//! A group that is full drops its oldest events. The store knows no protocol and no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MOST_EVENTS: usize = 200_000;
const MOST_BYTES: usize = 64 << 20;
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
    /// Adds a stream; `false` when it exists.
    pub(crate) fn add_stream(&mut self, name: &str, now: i64) -> bool {
        if self.streams.contains_key(name) {
            return false;
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
        while self.events.len() > MOST_EVENTS || self.bytes > MOST_BYTES {
            let Some((oldest, dropped)) = self.events.pop_first() else { break };
            self.bytes -= dropped.message.len() + OVERHEAD;
            if let Some(stream) = self.streams.get_mut(&dropped.stream) {
                stream.positions.remove(&oldest);
            }
        }
        Some(event)
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
}

#[derive(Debug, Default)]
pub(crate) struct Numbers(AtomicU64);

impl Numbers {
    /// The next number; the first is 1, so that there is a place before each event.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}
