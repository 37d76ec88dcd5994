//! The Objects panel: the bucket's objects, in an order of the user's choice.
//!
//! Objects stay where they arrived; `order` holds indices, so that a page of a large bucket costs a merge, not a sort.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::filter::Filter;
use super::load::Load;
use super::selection::Selection;
use crate::text::clean::Clean;

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: Clean,
    /// Bytes.
    pub size: u64,
    /// When S3 wrote it.
    pub modified: Timestamp,
    /// Entity tag without quotes.
    pub e_tag: Option<Clean>,
}

/// What the rows are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Latest first.
    #[default]
    Newest,
    /// By key, as S3 lists them.
    Key,
    /// Largest first.
    Largest,
    /// Earliest first.
    Oldest,
}

impl Sort {
    /// The next one in turn.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Newest => Self::Key,
            Self::Key => Self::Largest,
            Self::Largest => Self::Oldest,
            Self::Oldest => Self::Newest,
        }
    }

    /// Its name on the panel.
    pub fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Key => "key",
            Self::Largest => "size",
            Self::Oldest => "age",
        }
    }

    fn compare(self, a: &Object, b: &Object) -> Ordering {
        let first = match self {
            Self::Newest => b.modified.cmp(&a.modified),
            Self::Key => Ordering::Equal,
            Self::Largest => b.size.cmp(&a.size),
            Self::Oldest => a.modified.cmp(&b.modified),
        };
        first.then_with(|| a.key.cmp(&b.key))
    }
}

/// The Objects panel.
#[derive(Debug, Default)]
pub struct Objects {
    items: Vec<Object>,
    by_key: HashMap<Clean, u32>,
    /// Indices of the rows that match the filter, in order.
    order: Vec<u32>,
    /// A refresh in progress; it takes over when it is complete.
    incoming: Option<Vec<Object>>,
    sort: Sort,
    filter: Filter,
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
        self.order.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The object in a row.
    pub fn row(&self, index: usize) -> Option<&Object> {
        self.items.get(*self.order.get(index)? as usize)
    }

    /// The object under the cursor.
    pub fn selected_object(&self) -> Option<&Object> {
        self.row(self.selection.cursor)
    }

    /// Whether a key is known.
    pub fn contains(&self, key: &Clean) -> bool {
        self.by_key.contains_key(key)
    }

    /// The order of the rows.
    pub fn sort(&self) -> Sort {
        self.sort
    }

    /// What `/` narrows the rows to.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.reorder();
    }

    /// Changes the filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.reorder();
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
            incoming.retain(|known| known.key != object.key);
            incoming.push(object.clone());
        }
        match self.by_key.get(&object.key).and_then(|index| self.items.get_mut(*index as usize)) {
            Some(known) => {
                *known = object;
                self.reorder();
            }
            None => self.append(vec![object]),
        }
    }

    fn replace(&mut self, items: Vec<Object>) {
        self.items.clear();
        self.by_key.clear();
        self.order.clear();
        self.append(items);
    }

    /// Adds objects and merges their rows into the order.
    fn append(&mut self, page: Vec<Object>) {
        let mut fresh: Vec<u32> = Vec::with_capacity(page.len());
        for object in page {
            // A listing has at most 2^32 rows to show.
            let Ok(index) = u32::try_from(self.items.len()) else { break };
            match self.by_key.get(&object.key).and_then(|known| self.items.get_mut(*known as usize)) {
                // Known from an upload that finished while the listing was on its way.
                Some(known) => *known = object,
                None => {
                    self.by_key.insert(object.key.clone(), index);
                    if self.filter.matches(object.key.shown()) {
                        fresh.push(index);
                    }
                    self.items.push(object);
                }
            }
        }
        let Self { items, sort, order, .. } = self;
        let compare = |a: &u32, b: &u32| match (items.get(*a as usize), items.get(*b as usize)) {
            (Some(a), Some(b)) => sort.compare(a, b),
            _ => Ordering::Equal,
        };
        fresh.sort_by(compare);
        let old = std::mem::take(order);
        order.reserve(old.len() + fresh.len());
        let (mut left, mut right) = (old.into_iter().peekable(), fresh.into_iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            let next = if compare(a, b) == Ordering::Greater { right.next() } else { left.next() };
            order.extend(next);
        }
        order.extend(left.chain(right));
    }

    fn reorder(&mut self) {
        let Self { items, filter, sort, order, .. } = self;
        order.clear();
        order.extend((0u32..).zip(items.iter()).filter(|(_, o)| filter.matches(o.key.shown())).map(|(index, _)| index));
        order.sort_by(|a, b| match (items.get(*a as usize), items.get(*b as usize)) {
            (Some(a), Some(b)) => sort.compare(a, b),
            _ => Ordering::Equal,
        });
    }

    /// The row that holds a key.
    pub fn row_of(&self, key: &Clean) -> Option<usize> {
        let index = *self.by_key.get(key)?;
        self.order.iter().position(|row| *row == index)
    }
}
