//! Objects in order: by key, in the order of the user's choice, and what of that matches the filter.
//!
//! All three hold the numbers of objects. One object more or less costs a search and a move. For many objects,
//! [`Work`](super::work::Work) arranges all of them again, because that takes longer than a frame.

use std::cmp::Ordering;
use std::sync::Arc;

use super::pages::{Id, Pages};
use super::sort::Sort;
use crate::domain::objects::{Object, Page};
use crate::model::filter::Filter;

#[derive(Debug, Clone, Default)]
pub(super) struct Arrangement {
    pub(super) pages: Pages,
    /// By key; no two have the same.
    pub(super) by_key: Vec<Id>,
    /// In the order of `sort`; unused where that is the order of keys.
    pub(super) by_rank: Vec<Id>,
    /// Those that match the filter, in the same order; unused while the filter is empty.
    pub(super) matching: Vec<Id>,
    pub(super) sort: Sort,
    pub(super) filter: Filter,
}

impl Arrangement {
    /// All of them in order.
    pub(super) fn ordered(&self) -> &[Id] {
        if self.sort == Sort::Key { &self.by_key } else { &self.by_rank }
    }

    /// What the panel shows.
    pub(super) fn rows(&self) -> &[Id] {
        if self.filter.is_empty() { self.ordered() } else { &self.matching }
    }

    pub(super) fn object(&self, key: &str) -> Option<Object> {
        self.pages.get(self.find(key).ok().and_then(|at| self.by_key.get(at).copied())?)
    }

    /// The row that has a key.
    pub(super) fn row_of(&self, key: &str) -> Option<usize> {
        let id = *self.by_key.get(self.find(key).ok()?)?;
        let rows = self.rows();
        let at = self.place(rows, id);
        (rows.get(at) == Some(&id)).then_some(at)
    }

    /// Adds the objects of a small page; known keys move to their new rows.
    pub(super) fn put(&mut self, page: Arc<Page>) {
        let (mut by_rank, mut matching) = (std::mem::take(&mut self.by_rank), std::mem::take(&mut self.matching));
        for id in self.pages.add(page) {
            match self.find(self.pages.key(id)) {
                Ok(at) => {
                    let Some(known) = self.by_key.get_mut(at) else { continue };
                    let old = std::mem::replace(known, id);
                    self.remove(&mut by_rank, old);
                    self.remove(&mut matching, old);
                }
                Err(at) => self.by_key.insert(at, id),
            }
            if self.sort != Sort::Key {
                by_rank.insert(self.place(&by_rank, id), id);
            }
            if !self.filter.is_empty() && self.pages.matches(id, &self.filter) {
                matching.insert(self.place(&matching, id), id);
            }
        }
        (self.by_rank, self.matching) = (by_rank, matching);
    }

    fn remove(&self, rows: &mut Vec<Id>, id: Id) {
        let at = self.place(rows, id);
        if rows.get(at) == Some(&id) {
            rows.remove(at);
        }
    }

    /// Where an object is in rows that are in order, or would be.
    fn place(&self, rows: &[Id], id: Id) -> usize {
        rows.partition_point(|row| self.pages.compare(*row, id, self.sort) == Ordering::Less)
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.by_key.binary_search_by(|id| self.pages.key(*id).cmp(key))
    }
}
