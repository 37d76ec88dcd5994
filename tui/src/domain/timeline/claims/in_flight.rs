//! Which of some uploads were in flight at a moment: they had begun, and were not stored long before.
//!
//! When an upload began is told by S3's clock or one that agrees with it (see `Fact::Stored`): with a tolerance, an
//! invocation that began before the upload, and is about an earlier write of the key, would be given to it.

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
    /// Whether there were more at one moment than are looked at. Then they are not distinguished.
    is_crowded: bool,
}

/// Uploads that are looked at of those that were in flight at one moment.
const MOST: usize = 64;

/// Those that were in flight at a moment.
#[derive(Debug, Default)]
pub(super) struct Same {
    pub(super) places: Vec<usize>,
    /// Whether there is one alone.
    pub(super) is_one: bool,
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
        let count = |(index, (began, ..)): (usize, &(i64, i64, usize))| {
            (index + 1).saturating_sub(self.over.partition_point(|over| over < began))
        };
        self.is_crowded = self.began.iter().enumerate().map(count).any(|count| count > MOST);
    }

    pub(super) fn at(&self, at: Timestamp) -> Same {
        let at = at.as_millisecond();
        let begun = self.began.get(..self.began.partition_point(|(began, ..)| *began <= at)).unwrap_or_default();
        // All that are over had begun: the rest is in flight, and it began last, but for few.
        let count = begun.len().saturating_sub(self.over.partition_point(|over| *over < at));
        let newest = begun.iter().rev().filter(|(_, over, _)| *over >= at).map(|(.., place)| *place);
        Same { places: newest.take(count.min(MOST)).collect(), is_one: count == 1 && !self.is_crowded }
    }
}
