//! The Objects panel: the bucket's objects, in an order of the user's choice.
//!
//! What is shown is an [`Arrangement`]. Pages that have come since then are young; they are known by their keys and have no
//! rows yet. A few objects are put into the arrangement at once. Many are arranged by [`Work`], which another thread does,
//! because a frame does not wait for a million objects: until it is done, the rows are those of before.

#[cfg(test)]
mod tests;

mod arrangement;
mod pages;
mod recent;
mod sort;
mod work;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::filter::Filter;
use super::load::Load;
use super::selection::Selection;
use crate::domain::objects::{Object, Page};
use crate::text::clean::Clean;
use arrangement::Arrangement;
use recent::Recent;

pub use sort::{Column, Sort};
pub use work::{Arranged, Work};

/// Objects that are arranged at once.
const FEW: usize = 2_000;
/// Written objects that are put in their places one by one: each takes a third of a millisecond among a million.
const WRITTEN: usize = 16;
/// While a bucket is being listed, objects get rows once so many of them have none: this part of those that have.
const SHARE: usize = 8;

#[derive(Debug, Default)]
pub struct Objects {
    shown: Arrangement,
    /// Pages that have no rows yet.
    young: Vec<Arc<Page>>,
    /// Whether the young pages are all that there is.
    replaces: bool,
    /// What the work in progress is about: how many of the young pages, and how to cancel it.
    working: Option<(usize, Arc<AtomicBool>)>,
    /// A refresh in progress; it takes over when it is complete.
    incoming: Option<Vec<Arc<Page>>>,
    recent: Recent,
    /// Another number than [`FEW`].
    few: Option<usize>,
    sort: Sort,
    filter: Filter,
    /// When the listing began that is in progress, or was the last.
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
        let arranged = if self.replaces { 0 } else { self.shown.by_key.len() };
        arranged + self.young_len()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.shown.rows().len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.shown.rows().is_empty()
    }

    pub fn row(&self, index: usize) -> Option<Object> {
        self.shown.pages.get(*self.shown.rows().get(index)?)
    }

    /// The row that holds a key.
    pub fn row_of(&self, key: &Clean) -> Option<usize> {
        self.shown.row_of(key.raw())
    }

    /// The object of a key, whether it has a row or not.
    pub fn object(&self, key: &Clean) -> Option<Object> {
        let young = self.young.iter().rev().find_map(|page| page.find(key.raw()).and_then(|at| page.get(at)));
        young.or_else(|| self.shown.object(key.raw()))
    }

    /// The object under the cursor.
    pub fn selected_object(&self) -> Option<Object> {
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
        let ids = self.shown.by_key.iter().filter(|_| !self.replaces);
        let arranged = ids.map(|id| self.shown.pages.modified(*id));
        let young = self.young.iter().flat_map(|page| (0..page.len()).map(|at| page.modified(at)));
        self.recent.count(after, until, arranged.chain(young))
    }

    /// Changes the order.
    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        self.cancel();
        self.arrange_few();
    }

    pub fn set_filter(&mut self, filter: Filter) {
        self.filter = filter;
        self.cancel();
        self.arrange_few();
    }

    /// A listing begins; what is shown stays until it is complete.
    pub fn begin_listing(&mut self) {
        self.incoming = (self.total() > 0).then(Vec::new);
    }

    /// One page of the listing; the last one completes it.
    pub fn take_page(&mut self, page: impl Into<Page>, last: bool) {
        let pages = of_size(page.into());
        if let Some(incoming) = &mut self.incoming {
            incoming.extend(pages);
            if last {
                self.young = self.incoming.take().unwrap_or_default();
                self.replaces = true;
                self.recent.reset();
                self.cancel();
            }
        } else {
            for page in pages {
                self.learn(page);
            }
        }
        self.arrange_few();
    }

    /// An object that was just written: new, or the new content of a known key.
    pub fn put(&mut self, object: Object) {
        let page = Arc::new(Page::from(vec![object]));
        if let Some(incoming) = &mut self.incoming {
            // Of two with one key the later one will count.
            incoming.push(Arc::clone(&page));
        }
        self.learn(page);
        self.arrange_few();
    }

    fn learn(&mut self, page: Arc<Page>) {
        // Of many, those that had come already are noticed when they are arranged.
        let only = page.get(0).filter(|_| page.len() == 1);
        if let Some(known) = only.and_then(|only| self.object(&only.key)) {
            self.recent.remove(known.modified);
        }
        self.recent.add(times(&page));
        self.young.push(page);
    }

    /// The work that is due, for another thread. While one is in progress there is no other.
    pub fn work(&mut self) -> Option<Work> {
        if self.are_few_written() {
            self.put_young();
        }
        let (young, arranged) = (self.young_len(), self.shown.by_key.len());
        let is_due = !self.is_current() || young > 0 && (!self.load.is_loading() || young >= arranged / SHARE);
        (self.working.is_none() && is_due).then(|| self.begin())
    }

    /// The work that was in progress is done, or was cancelled.
    pub fn arranged(&mut self, arranged: Arranged) {
        let Some((young, cancelled)) = self.working.take() else { return };
        let Some(arrangement) = arranged.0.filter(|_| !cancelled.load(Ordering::Relaxed)) else { return };
        let known = if self.replaces { 0 } else { self.shown.by_key.len() };
        let added: usize = self.young.drain(..young.min(self.young.len())).map(|page| page.len()).sum();
        if arrangement.by_key.len() < known + added {
            // Some had come twice.
            self.recent.reset();
        }
        self.shown = *arrangement;
        self.replaces = false;
        self.arrange_few();
    }

    /// Does all work that is due at once, as tests and measurements need it.
    pub fn arrange(&mut self) {
        while let Some(work) = self.work() {
            self.arranged(work.run());
        }
    }

    fn begin(&mut self) -> Work {
        let cancelled = Arc::<AtomicBool>::default();
        self.working = Some((self.young.len(), Arc::clone(&cancelled)));
        let Arrangement { pages, by_key, .. } = if self.replaces { &Arrangement::default() } else { &self.shown };
        let (pages, by_key) = (pages.clone(), by_key.clone());
        let (young, sort, filter) = (self.young.clone(), self.sort, self.filter.clone());
        let stays = young.is_empty() && !self.replaces && self.shown.sort == sort;
        let by_rank = stays.then(|| self.shown.by_rank.clone());
        Work { pages, by_key, by_rank, young, sort, filter, cancelled }
    }

    /// Whether the rows are in the order that the user chose, but for those that are young.
    fn is_current(&self) -> bool {
        self.shown.sort == self.sort && self.shown.filter == self.filter && !self.replaces
    }

    /// What is being arranged is of no use any more.
    fn cancel(&mut self) {
        if let Some((_, cancelled)) = &self.working {
            cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Whether all that has no rows are some objects that were just written.
    fn are_few_written(&self) -> bool {
        let is_one = |page: &Arc<Page>| page.len() == 1;
        self.working.is_none() && self.is_current() && self.young.len() <= WRITTEN && self.young.iter().all(is_one)
    }

    fn put_young(&mut self) {
        for page in std::mem::take(&mut self.young) {
            self.shown.put(page);
        }
    }

    /// Does at once what takes no time.
    fn arrange_few(&mut self) {
        if self.working.is_some() || self.is_current() && self.young.is_empty() {
            return;
        }
        if self.total() > self.few.unwrap_or(FEW) {
            return;
        }
        if self.are_few_written() {
            self.put_young();
        } else {
            let work = self.begin();
            self.arranged(work.run());
        }
    }

    fn young_len(&self) -> usize {
        self.young.iter().map(|page| page.len()).sum()
    }
}

/// Pages of a size whose objects can be named, with their keys in order.
fn of_size(page: Page) -> Vec<Arc<Page>> {
    let is_sorted = (1..page.len()).all(|at| page.key(at - 1) < page.key(at));
    if is_sorted && page.len() <= pages::MOST {
        return vec![Arc::new(page)];
    }
    // Of two with one key the later one counts.
    let objects: BTreeMap<Clean, Object> = page.iter().map(|object| (object.key.clone(), object)).collect();
    let objects: Vec<Object> = objects.into_values().collect();
    objects.chunks(pages::MOST).map(|objects| Arc::new(objects.iter().cloned().collect())).collect()
}

fn times(page: &Page) -> impl Iterator<Item = Timestamp> {
    (0..page.len()).map(|at| page.modified(at))
}
