//! Log streams, one for each execution environment, and whose their lines are: a line belongs to the invocation that it
//! names, else to the one that was open in its own stream.
//!
//! Where several are open in one stream, as an environment of Lambda Managed Instances has them, a line that names none
//! belongs to none: nothing says which.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use crate::domain::log::{LineKind, LogLine};
use crate::text::clean::Clean;

/// The streams of which lines are kept.
#[derive(Debug, Default)]
pub struct Streams {
    by_name: HashMap<StreamId, Stream>,
}

/// A function, and the name of one of its streams.
pub(super) type StreamId = (Clean, Clean);

#[derive(Debug, Default)]
struct Stream {
    /// How many of its lines are kept.
    lines: usize,
    /// The place of its newest line.
    newest: Option<(Timestamp, Clean)>,
    /// Invocations that began and did not end.
    open: BTreeSet<Clean>,
    /// Whether an invocation is known to have begun or ended in it.
    is_marked: bool,
}

impl Streams {
    /// Takes a line in, and says which invocation it belongs to. One that comes after newer lines of its stream belongs to
    /// what it names only, until [`settle`] has put it in its place.
    pub fn apply(&mut self, line: &LogLine) -> Option<Clean> {
        let is_late = self.is_late(line);
        let stream = self.by_name.entry(id(line)).or_default();
        stream.lines += 1;
        if is_late {
            return line.request_id.clone();
        }
        stream.newest = Some((line.at, line.id.clone()));
        stream.follow(line)
    }

    /// Whether newer lines of its stream are known.
    pub fn is_late(&self, line: &LogLine) -> bool {
        let newest = self.by_name.get(&id(line)).and_then(|stream| stream.newest.as_ref());
        newest.is_some_and(|(at, id)| (*at, id) > (line.at, &line.id))
    }

    /// A line is no longer kept.
    pub fn drop(&mut self, line: &LogLine) {
        if let Some(stream) = self.by_name.get_mut(&id(line)) {
            stream.lines = stream.lines.saturating_sub(1);
            if stream.lines == 0 {
                self.by_name.remove(&id(line));
            }
        }
    }

    /// How many streams there are.
    pub fn count(&self) -> usize {
        self.by_name.len()
    }

    /// Lets the streams go that have been quiet the longest, until so many are left.
    pub fn bound(&mut self, most: usize) {
        while self.by_name.len() > most {
            let quiet = self.by_name.iter().min_by_key(|(_, stream)| stream.newest.as_ref().map(|(at, _)| *at));
            let Some(name) = quiet.map(|(name, _)| name.clone()) else { break };
            self.by_name.remove(&name);
        }
    }
}

impl Stream {
    fn follow(&mut self, line: &LogLine) -> Option<Clean> {
        match (line.kind, &line.request_id) {
            (LineKind::Start, Some(id)) => {
                self.is_marked = true;
                self.open.insert(id.clone());
            }
            (LineKind::End | LineKind::Report, Some(id)) => {
                self.is_marked = true;
                self.open.remove(id);
            }
            (_, None) => {
                let mut open = self.open.iter();
                return open.next().filter(|_| open.next().is_none()).cloned();
            }
            _ => {}
        }
        line.request_id.clone()
    }
}

fn id(line: &LogLine) -> StreamId {
    (line.function.clone(), line.stream.clone())
}

/// Assigns the lines of a stream to invocations again, in their order. Says whether any has changed.
///
/// The start of an invocation may have been dropped as too old by now: what was known before the first mark stays known.
pub fn settle<'a>(
    streams: &mut Streams,
    is_late: impl Fn(&StreamId) -> bool,
    lines: impl Iterator<Item = &'a mut LogLine>,
) -> bool {
    let mut replayed: HashMap<StreamId, Stream> = HashMap::new();
    let mut has_changed = false;
    for line in lines {
        let id = id(line);
        if !is_late(&id) {
            continue;
        }
        let stream = replayed.entry(id).or_default();
        let invocation = stream.follow(line);
        if stream.is_marked && line.invocation != invocation {
            line.invocation = invocation;
            has_changed = true;
        }
    }
    for (name, found) in replayed.into_iter().filter(|(_, stream)| stream.is_marked) {
        if let Some(stream) = streams.by_name.get_mut(&name) {
            (stream.open, stream.is_marked) = (found.open, true);
        }
    }
    has_changed
}
