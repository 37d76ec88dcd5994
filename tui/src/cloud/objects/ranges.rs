//! The ranges of a listing: what has been listed of the key space, what is being listed, and what comes next.
//!
//! It begins as one range: all keys after the pages that have come already. Where requests may be made at the same time,
//! a range is split: the part above a key that was guessed becomes a range of its own. The ranges cover the key space and
//! have no key in common, so that nothing is listed twice and nothing is left out, whatever the guesses are. It sends
//! nothing.

use super::split::Seen;
use crate::domain::objects::ListingOrder;

/// Pages that wait for those before them at most.
const HELD: usize = 512;

/// What has a key.
pub(super) trait Keyed {
    fn key(&self) -> &str;
}

/// A request to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    /// Names the range.
    pub(super) range: u64,
    /// The key that it starts after.
    pub(super) after: String,
    /// Continues where the range's last page ended; it comes first.
    pub(super) token: Option<String>,
}

/// The endpoint does not list as S3 does: its keys are not in order, or not after the key that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OutOfOrder;

/// Keys that were shown already, in a listing that begins again from the first key.
#[derive(Debug)]
pub(super) struct Shown {
    until: String,
    /// The last key that came again.
    last: String,
}

impl Shown {
    /// All keys up to this one.
    pub(super) fn until(key: String) -> Self {
        Self { until: key, last: String::new() }
    }

    /// What was not shown yet of the next page.
    ///
    /// # Errors
    /// When keys are not in order: those that were shown cannot be distinguished then.
    pub(super) fn rest<T: Keyed>(&mut self, mut items: Vec<T>) -> Result<Vec<T>, OutOfOrder> {
        let is_after = items.first().is_none_or(|first| first.key() > self.last.as_str());
        if !is_after || !items.is_sorted_by(|a, b| a.key() < b.key()) {
            return Err(OutOfOrder);
        }
        if let Some(last) = items.last() {
            last.key().clone_into(&mut self.last);
        }
        Ok(items.split_off(items.partition_point(|item| item.key() <= self.until.as_str())))
    }
}

#[derive(Debug)]
struct Range<P> {
    id: u64,
    /// The last key that was listed of it, or the one that it starts after.
    after: String,
    /// The last key that belongs to it; nothing for all that follow.
    until: Option<String>,
    token: Option<String>,
    state: State,
    /// Pages that have come of it.
    pages: u32,
    /// Whether a page has come since it was split.
    is_fresh: bool,
    /// Pages that wait for those of the ranges before.
    held: Vec<P>,
}

impl<P> Range<P> {
    fn new(id: u64, after: String, until: Option<String>) -> Self {
        Self { id, after, until, token: None, state: State::Waiting, pages: 0, is_fresh: false, held: Vec::new() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Asked,
    Over,
}

/// All ranges that are not over, in the order of their keys. Pages are kept and leave as `P`.
#[derive(Debug)]
pub(super) struct Ranges<P> {
    order: ListingOrder,
    list: Vec<Range<P>>,
    last_id: u64,
    /// Pages that wait for those before them, and how many may.
    held: usize,
    most_held: usize,
    seen: Seen,
}

impl<P> Ranges<P> {
    /// One range that holds all keys after those that have come, which are in order and end with `after`; `token` goes on
    /// from there.
    pub(super) fn new(order: ListingOrder, known: &[String], after: String, token: String) -> Self {
        let mut seen = Seen::default();
        seen.learn(known.iter().map(String::as_str));
        let first = Range { token: Some(token), pages: 1, is_fresh: true, ..Range::new(0, after, None) };
        Self { order, list: vec![first], last_id: 0, held: 0, most_held: HELD, seen }
    }

    /// Whether everything is listed.
    pub(super) fn is_over(&self) -> bool {
        self.list.is_empty()
    }

    /// The last key that has left, where pages leave in order: everything up to it has.
    pub(super) fn shown(&self) -> Option<String> {
        let first = self.list.first().filter(|_| self.order == ListingOrder::ByKey)?;
        Some(first.after.clone())
    }

    /// The next request, where there is one. `free` requests may be made at the same time, this one among them; ranges are
    /// split so that there are as many, but for one, which splits none.
    pub(super) fn next(&mut self, free: usize) -> Option<Job> {
        if free > 1 && !self.within_reach().any(|range| range.state == State::Waiting) {
            self.split(free);
        }
        let range = self.within_reach().find(|range| range.state == State::Waiting)?;
        range.state = State::Asked;
        let token = range.token.clone();
        Some(Job { range: range.id, after: range.after.clone(), token })
    }

    /// The ranges that may be listed: all of them, and only the first one while too many pages wait for it.
    fn within_reach(&mut self) -> impl Iterator<Item = &mut Range<P>> {
        let most = if self.held < self.most_held { self.list.len() } else { 1 };
        self.list.iter_mut().take(most)
    }

    /// Splits the range that probably has most keys left: the one of which most pages have come.
    fn split(&mut self, free: usize) {
        let behind = self.held >= self.most_held / 4;
        let fresh = self.list.iter().enumerate().filter(|(_, range)| range.is_fresh && range.state != State::Over);
        // The first of all is what other pages wait for.
        let chosen = if behind { fresh.map(|(at, _)| at).next() } else { longest(fresh) };
        let Some((at, range)) = chosen.and_then(|at| Some((at, self.list.get_mut(at)?))) else { return };
        range.is_fresh = false;
        // A range that has gone on for long is worth more guesses.
        let most = free.min(2 * range.pages as usize);
        let points = self.seen.points(&range.after, range.until.as_deref(), most);
        let Some(first) = points.first() else { return };
        let last = range.until.replace(first.clone());
        let ends = points.iter().skip(1).cloned().map(Some).chain([last]);
        let rest = self.list.split_off(at + 1);
        for (after, until) in points.iter().cloned().zip(ends) {
            self.last_id += 1;
            self.list.push(Range::new(self.last_id, after, until));
        }
        self.list.extend(rest);
    }

    /// Takes a page of a range in, and returns the pages that leave now.
    ///
    /// # Errors
    /// When the page cannot be what was asked for.
    pub(super) fn answered<T: Keyed>(
        &mut self,
        id: u64,
        mut items: Vec<T>,
        token: Option<String>,
    ) -> Result<Vec<P>, OutOfOrder>
    where
        P: From<Vec<T>>,
    {
        let Some(at) = self.list.iter().position(|range| range.id == id) else { return Ok(Vec::new()) };
        let Some(range) = self.list.get_mut(at) else { return Ok(Vec::new()) };
        let is_after = items.first().is_none_or(|first| first.key() > range.after.as_str());
        if !is_after || !items.is_sorted_by(|a, b| a.key() < b.key()) {
            return Err(OutOfOrder);
        }
        self.seen.learn(items.iter().map(Keyed::key));
        let all = items.len();
        if let Some(until) = &range.until {
            items.truncate(items.partition_point(|item| item.key() <= until.as_str()));
        }
        range.state = if items.len() < all || token.is_none() { State::Over } else { State::Waiting };
        (range.token, range.is_fresh) = (token, true);
        range.pages += 1;
        if let Some(last) = items.last() {
            last.key().clone_into(&mut range.after);
        }
        let mut leaving = Vec::new();
        if self.order == ListingOrder::AsTheyCome {
            leaving.extend((!items.is_empty()).then(|| items.into()));
            self.list.retain(|range| range.state != State::Over);
        } else {
            if !items.is_empty() {
                range.held.push(items.into());
                self.held += 1;
            }
            while let Some(first) = self.list.first_mut() {
                self.held -= first.held.len();
                leaving.append(&mut first.held);
                if first.state != State::Over {
                    break;
                }
                self.list.remove(0);
            }
        }
        Ok(leaving)
    }
}

fn longest<'a, P: 'a>(ranges: impl Iterator<Item = (usize, &'a Range<P>)>) -> Option<usize> {
    // Of several, the first: it often has more keys.
    ranges.min_by_key(|(_, range)| std::cmp::Reverse(range.pages)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests;
