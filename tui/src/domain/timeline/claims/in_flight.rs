//! Which of some uploads were in flight at a moment: they had begun, and were not stored long before.
//!
//! This machine's clock is taken for Lambda's: with a tolerance, an invocation that began before the upload, and is about an
//! earlier write of the key, would be given to it.

use jiff::Timestamp;

/// How long after it was stored a line may be about an upload, unless it names an id of it. Lambda's last attempt begins three
/// minutes after the first.
const LONGEST_MS: i64 = 10 * 60_000;

/// Uploads that a line cannot tell apart.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    /// When each began, when a line was too late for it, and its place.
    began: Vec<(i64, i64, usize)>,
    over: Vec<i64>,
}

impl InFlight {
    pub(super) fn add(&mut self, place: usize, began: Timestamp, stored: Timestamp) {
        let over = stored.as_millisecond() + LONGEST_MS;
        self.began.push((began.as_millisecond(), over, place));
        self.over.push(over);
    }

    /// Once, after the last one was added.
    pub(super) fn sort(&mut self) {
        self.began.sort_unstable();
        self.over.sort_unstable();
    }

    /// Two of those that were in flight, or as many as there were.
    pub(super) fn some(&self, at: Timestamp) -> [Option<usize>; 2] {
        let at = at.as_millisecond();
        let begun = self.began.get(..self.began.partition_point(|(began, ..)| *began <= at)).unwrap_or_default();
        // All that are over had begun: the rest is in flight, and it began last, but for few.
        let count = begun.len().saturating_sub(self.over.partition_point(|over| *over < at));
        let newest = begun.iter().rev().filter(|(_, over, _)| *over >= at).map(|(.., place)| *place);
        let mut found = newest.take(count.min(2));
        [found.next(), found.next()]
    }
}
