//! The pages that hold the objects, and the numbers that name objects in them.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;

use super::sort::Sort;
use crate::domain::objects::{Object, Page};
use crate::model::filter::Filter;

/// Names an object: its page and its place there. Of two objects with one key, the greater one is newer.
pub(super) type Id = u32;

/// Bits of the place.
const BITS: u32 = 10;
/// Objects of a page at most.
pub(super) const MOST: usize = 1 << BITS;

/// Pages only come; an object that has new content is in a later page again.
#[derive(Debug, Clone, Default)]
pub(super) struct Pages(Vec<Arc<Page>>);

impl Pages {
    /// Adds a page, and returns its objects; none where there are more than can be named.
    pub(super) fn add(&mut self, page: Arc<Page>) -> std::ops::Range<Id> {
        let number = u32::try_from(self.0.len()).ok().filter(|number| *number < Id::MAX >> BITS);
        let (Some(number), Ok(len)) = (number, u32::try_from(page.len().min(MOST))) else { return 0..0 };
        self.0.push(page);
        number << BITS..(number << BITS) + len
    }

    /// The number of an object's page, and its place there.
    pub(super) fn place(id: Id) -> (usize, usize) {
        ((id >> BITS) as usize, id as usize & (MOST - 1))
    }

    fn at(&self, id: Id) -> Option<(&Page, usize)> {
        let (page, at) = Self::place(id);
        Some((self.0.get(page)?, at))
    }

    pub(super) fn get(&self, id: Id) -> Option<Object> {
        let (page, at) = self.at(id)?;
        page.get(at)
    }

    pub(super) fn key(&self, id: Id) -> &str {
        self.at(id).map_or("", |(page, at)| page.key(at))
    }

    pub(super) fn modified(&self, id: Id) -> Timestamp {
        self.at(id).map_or(Timestamp::UNIX_EPOCH, |(page, at)| page.modified(at))
    }

    pub(super) fn matches(&self, id: Id, filter: &Filter) -> bool {
        self.at(id).is_some_and(|(page, at)| page.shown(at, |shown| filter.matches(shown)))
    }

    /// What an order compares before the key.
    pub(super) fn rank(&self, id: Id, sort: Sort) -> u64 {
        let Some((page, at)) = self.at(id) else { return 0 };
        match sort {
            Sort::Newest => u64::from(u32::MAX - page.seconds(at)),
            Sort::Oldest => page.seconds(at).into(),
            Sort::Largest => u64::MAX - page.size(at),
            Sort::Key => 0,
        }
    }

    pub(super) fn compare(&self, a: Id, b: Id, sort: Sort) -> Ordering {
        let ranks = self.rank(a, sort).cmp(&self.rank(b, sort));
        ranks.then_with(|| self.key(a).cmp(self.key(b)))
    }

    pub(super) fn all(&self) -> &[Arc<Page>] {
        &self.0
    }
}
