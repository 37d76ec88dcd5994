//! What repeated readings of one thing showed, and so what is known of it at a moment.
//!
//! Between two readings that differ it is not known when it changed; before the first one nothing is known.

use std::collections::VecDeque;

use jiff::Timestamp;

/// Changes that are remembered; of older moments nothing is known then.
const MAX_SPANS: usize = 64;

/// The readings of one thing, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History<T>(VecDeque<Span<T>>);

/// Readings in a row that showed the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<T> {
    /// When the first of them was made.
    pub first: Timestamp,
    /// When the last of them was made.
    pub last: Timestamp,
    /// What they showed.
    pub state: T,
}

/// What is known of a moment.
#[derive(Debug, PartialEq, Eq)]
pub enum Known<'a, T> {
    /// Nothing: it was not read yet.
    Before,
    /// The readings around it showed this, or the last one before it did and nothing was read since.
    As(&'a Span<T>),
    /// It changed between two readings, before or after the moment.
    Between(&'a Span<T>, &'a Span<T>),
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: PartialEq> History<T> {
    /// Adds a reading. One that is older than those before it counts as one of the same time.
    pub fn note(&mut self, at: Timestamp, state: T) {
        match self.0.back_mut() {
            Some(span) if span.state == state => span.last = span.last.max(at),
            Some(span) => {
                let at = at.max(span.last);
                self.0.push_back(Span { first: at, last: at, state });
            }
            None => self.0.push_back(Span { first: at, last: at, state }),
        }
        if self.0.len() > MAX_SPANS {
            self.0.pop_front();
        }
    }

    /// What is known of a moment.
    pub fn at(&self, moment: Timestamp) -> Known<'_, T> {
        let after = self.0.partition_point(|span| span.first <= moment);
        let Some(span) = after.checked_sub(1).and_then(|index| self.0.get(index)) else { return Known::Before };
        match self.0.get(after) {
            Some(next) if span.last < moment => Known::Between(span, next),
            _ => Known::As(span),
        }
    }

    /// All that was read, oldest first.
    pub fn spans(&self) -> impl DoubleEndedIterator<Item = &Span<T>> {
        self.0.iter()
    }

    /// What the latest readings showed.
    pub fn latest(&self) -> Option<&Span<T>> {
        self.0.back()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_moment_is_known_only_where_the_readings_around_it_agree() {
        let mut history = History::default();
        assert_eq!(history.at(at(5)), Known::Before);
        for (second, state) in [(10, 'a'), (20, 'a'), (30, 'b')] {
            history.note(at(second), state);
        }
        let state = |second| match history.at(at(second)) {
            Known::Before => "before".to_owned(),
            Known::As(span) => span.state.to_string(),
            Known::Between(one, other) => format!("{} or {}", one.state, other.state),
        };
        let states: Vec<String> = [9, 10, 15, 20, 25, 30, 99].into_iter().map(state).collect();
        assert_eq!(states, ["before", "a", "a", "a", "a or b", "b", "b"]);
    }

    #[test]
    fn it_is_bounded_and_forgets_the_oldest() {
        let mut history = History::default();
        for second in 0..1_000 {
            history.note(at(second), second);
        }
        assert_eq!(history.spans().count(), MAX_SPANS);
        assert_eq!(history.at(at(0)), Known::Before);
        assert_eq!(history.latest().map(|span| span.state), Some(999));
    }
}
