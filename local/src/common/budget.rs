//! A limit on what may wait in memory for something slow: a function, an endpoint, a mail server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much waits, and how much may.
#[derive(Debug)]
pub(crate) struct Budget {
    most: Amount,
    taken: Mutex<Amount>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

impl Budget {
    pub(crate) fn new(items: usize, bytes: usize) -> Arc<Self> {
        Arc::new(Self { most: Amount { items, bytes }, taken: Mutex::default() })
    }

    /// A place for one item, until it is dropped; `None` when too much waits already. One item alone may be of any size.
    pub(crate) fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        let mut taken = self.lock();
        let fits = taken.items == 0 || taken.bytes.saturating_add(bytes) <= self.most.bytes;
        if taken.items >= self.most.items || !fits {
            return None;
        }
        taken.items += 1;
        taken.bytes = taken.bytes.saturating_add(bytes);
        drop(taken);
        Some(Share { budget: Arc::clone(self), bytes })
    }

    pub(crate) fn taken(&self) -> Amount {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Amount> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One item's part of a budget.
#[derive(Debug)]
pub(crate) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.budget.lock();
        taken.items -= 1;
        taken.bytes = taken.bytes.saturating_sub(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_makes_room() {
        let budget = Budget::new(2, 100);
        let first = budget.take(60).unwrap();
        assert!(budget.take(41).is_none(), "too many bytes");
        let second = budget.take(40).unwrap();
        assert_eq!(budget.taken(), Amount { items: 2, bytes: 100 });
        assert!(budget.take(0).is_none(), "too many items");
        drop(first);
        assert!(budget.take(61).is_none());
        drop(second);
        let large = budget.take(1_000).expect("one alone may be of any size");
        assert!(budget.take(1).is_none());
        drop(large);
        assert_eq!(budget.taken(), Amount::default());
    }
}
