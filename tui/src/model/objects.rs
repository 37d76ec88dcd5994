//! The Objects panel: the bucket's objects, in an order of the user's choice.
//!
//! Objects stay where they arrived; the rows are indices into them. All of them are always in order, and what matches
//! the filter is a copy of that in the same order: a page costs a merge, a typed letter a scan, and neither a sort.

#[cfg(test)]
mod tests;

mod recent;
mod sort;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::filter::Filter;
use super::load::Load;
use super::selection::Selection;
use crate::domain::objects::Object;
use crate::text::clean::Clean;
use recent::Recent;

pub use sort::{Column, Sort};

#[derive(Debug, Default)]
pub struct Objects {
    items: Vec<Object>,
    by_key: HashMap<Clean, u32>,
    /// Indices of all items, in order.
    order: Vec<u32>,
    /// Those of them that match the filter, in order; unused while the filter is empty.
    matching: Vec<u32>,
    /// A refresh in progress; it takes over when it is complete.
    incoming: Option<Vec<Object>>,
    recent: Recent,
    sort: Sort,
    filter: Filter,
    /// When the listing began that is on its way, or came last.
    pub asked_at: Timestamp,
    /// When the latest one began that came to its end.
    pub listed_at: Option<Timestamp>,
    /// The latest listing.
    pub load: Load,
    /// Timelines whose objects were looked up; not again, since what is not found has been deleted.
    pub looked_up: HashSet<String>,
    /// When a listing last failed.
    pub tried_at: Option<Timestamp>,
    /// The row under the cursor.
    pub selection: Selection,
    /// The selected key, so that new rows do not move the selection.
    pub selected: Option<Clean>,
}

impl Objects {
    /// How many objects are known, the filter aside.
    pub fn total(&self) -> usize {
        self.items.len()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows().len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows().is_empty()
    }

    pub fn row(&self, index: usize) -> Option<&Object> {
        self.items.get(*self.rows().get(index)? as usize)
    }

    /// The row that holds a key.
    pub fn row_of(&self, key: &Clean) -> Option<usize> {
        let index = *self.by_key.get(key)?;
        let place = self.place(self.rows(), index);
        (self.rows().get(place) == Some(&index)).then_some(place)
    }

    /// The object of a key, whether the filter shows it or not.
    pub fn object(&self, key: &Clean) -> Option<&Object> {
        self.items.get(*self.by_key.get(key)? as usize)
    }

    /// The object under the cursor.
    pub fn selected_object(&self) -> Option<&Object> {
        self.row(self.selection.cursor)
    }

    /// The order of the rows.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// What `/` narrows the rows to.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// How many objects were written after a moment, and until another one.
    pub fn written(&mut self, after: Timestamp, until: Timestamp) -> usize {
        self.recent.count(after, until, self.items.iter().map(|object| object.modified))
    }

    /// Changes the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        arrange(&mut self.order, &self.items, sort);
        self.narrow();
    }

    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.narrow();
    }

    /// A listing begins; what is shown stays until it is complete.
    pub fn begin_listing(&mut self) {
        self.incoming = (!self.items.is_empty()).then(Vec::new);
    }

    /// One page of the listing; the last one completes it.
    pub fn take_page(&mut self, page: Vec<Object>, last: bool) {
        if let Some(incoming) = &mut self.incoming {
            incoming.extend(page);
            if last {
                let items = self.incoming.take().unwrap_or_default();
                self.replace(items);
            }
        } else {
            self.append(page);
        }
    }

    /// An object that was just written: new, or the new content of a known key.
    pub fn put(&mut self, object: Object) {
        if let Some(incoming) = &mut self.incoming {
            // Of two with one key the later one will count.
            incoming.push(object.clone());
        }
        self.append(vec![object]);
    }

    fn replace(&mut self, items: Vec<Object>) {
        self.items.clear();
        self.by_key.clear();
        self.recent.clear();
        self.order.clear();
        self.matching.clear();
        self.append(items);
    }

    /// Adds objects and merges their rows into the order; those that are known move to their new rows.
    fn append(&mut self, page: Vec<Object>) {
        let mut fresh: Vec<u32> = Vec::with_capacity(page.len());
        for object in page {
            if let Some(index) = self.by_key.get(&object.key).copied() {
                self.change(index, object);
                continue;
            }
            // A listing has at most 2^32 rows to show.
            let Ok(index) = u32::try_from(self.items.len()) else { break };
            self.by_key.insert(object.key.clone(), index);
            self.items.push(object);
            fresh.push(index);
        }
        if fresh.is_empty() {
            return;
        }
        let written = fresh.iter().filter_map(|index| self.items.get(*index as usize)).map(|object| object.modified);
        self.recent.add(written);
        arrange(&mut fresh, &self.items, self.sort);
        self.order = self.merged(&self.order, &fresh);
        if !self.filter.is_empty() {
            fresh.retain(|index| self.matches(*index));
            self.matching = self.merged(&self.matching, &fresh);
        }
    }

    /// Gives a known key its new content; its rows are looked up by the old content and put by the new.
    fn change(&mut self, index: u32, object: Object) {
        let (mut order, mut matching) = (std::mem::take(&mut self.order), std::mem::take(&mut self.matching));
        let (in_order, in_matching) = (self.take_row(&mut order, index), self.take_row(&mut matching, index));
        if let Some(known) = self.items.get_mut(index as usize) {
            // One that has no row yet came in this very page, and is added with the page.
            if in_order {
                self.recent.remove(known.modified);
                self.recent.add([object.modified]);
            }
            *known = object;
        }
        // A row that is not merged yet will be.
        if in_order {
            order.insert(self.place(&order, index), index);
        }
        if in_matching {
            matching.insert(self.place(&matching, index), index);
        }
        (self.order, self.matching) = (order, matching);
    }

    fn take_row(&self, rows: &mut Vec<u32>, index: u32) -> bool {
        let place = self.place(rows, index);
        let found = rows.get(place) == Some(&index);
        if found {
            rows.remove(place);
        }
        found
    }

    /// Where an item stands in rows that are in order, or would stand.
    fn place(&self, rows: &[u32], index: u32) -> usize {
        let Some(item) = self.items.get(index as usize) else { return rows.len() };
        rows.partition_point(|row| {
            self.items.get(*row as usize).is_some_and(|other| self.sort.compare(other, item) == Ordering::Less)
        })
    }

    /// Both in one order. The new rows are few, so that their places are searched for and the rest is copied.
    fn merged(&self, rows: &[u32], fresh: &[u32]) -> Vec<u32> {
        let mut out = Vec::with_capacity(rows.len() + fresh.len());
        let mut rest = rows;
        for index in fresh {
            let (before, after) = rest.split_at(self.place(rest, *index));
            out.extend_from_slice(before);
            out.push(*index);
            rest = after;
        }
        out.extend_from_slice(rest);
        out
    }

    /// Filters the rows again.
    fn narrow(&mut self) {
        let mut rows = std::mem::take(&mut self.matching);
        rows.clear();
        if !self.filter.is_empty() {
            rows.extend(self.order.iter().copied().filter(|index| self.matches(*index)));
        }
        self.matching = rows;
    }

    fn rows(&self) -> &[u32] {
        if self.filter.is_empty() { &self.order } else { &self.matching }
    }

    fn matches(&self, index: u32) -> bool {
        self.items.get(index as usize).is_some_and(|object| self.filter.matches(object.key.shown()))
    }
}

/// No two items compare equal, since no two have the same key.
fn arrange(rows: &mut [u32], items: &[Object], sort: Sort) {
    rows.sort_unstable_by(|a, b| match (items.get(*a as usize), items.get(*b as usize)) {
        (Some(a), Some(b)) => sort.compare(a, b),
        _ => Ordering::Equal,
    });
}
