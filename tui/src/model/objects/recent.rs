//! When the latest objects were written. Kept in order beside the objects, so that no count goes through all of them.

use jiff::Timestamp;

/// The times of the objects that were written after a moment, in order.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The moment; nothing is kept until one was asked for.
    after: Option<Timestamp>,
    times: Vec<Timestamp>,
}

impl Recent {
    /// Adds objects, in any order.
    pub(super) fn add(&mut self, times: impl IntoIterator<Item = Timestamp>) {
        let Some(after) = self.after else { return };
        let before = self.times.len();
        self.times.extend(times.into_iter().filter(|at| *at > after));
        if self.times.len() > before {
            // Two runs, which are merged.
            self.times.sort();
        }
    }

    /// An object is gone, or has new content.
    pub(super) fn remove(&mut self, at: Timestamp) {
        if let Ok(place) = self.times.binary_search(&at) {
            self.times.remove(place);
        }
    }

    /// All objects are gone.
    pub(super) fn clear(&mut self) {
        self.times.clear();
    }

    /// How many there are after a moment, and until another one. Only an earlier moment than before has to look at `all`.
    pub(super) fn count(&mut self, after: Timestamp, until: Timestamp, all: impl Iterator<Item = Timestamp>) -> usize {
        if self.after.is_some_and(|known| known <= after) {
            self.times.drain(..self.times.partition_point(|at| *at <= after));
            self.after = Some(after);
        } else {
            self.clear();
            self.after = Some(after);
            self.add(all);
        }
        self.times.partition_point(|at| *at <= until)
    }
}
