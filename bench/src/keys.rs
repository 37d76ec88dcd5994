//! The keys of a bucket: computed, so that ten million of them take no memory, or a set that a test changes.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

/// What computed keys look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `photos/2026/000000017.png`.
    Numbers,
    /// `2026/03/17/09/img-0000017.png`.
    Dates,
    /// `user-00017/album-003/00009.jpg`.
    Tree,
    /// A uuid.
    Uuid,
}

impl Shape {
    pub const ALL: [Self; 4] = [Self::Numbers, Self::Dates, Self::Tree, Self::Uuid];

    /// The key of a place among `count` keys; later places have greater keys.
    fn key(self, place: u64, count: u64) -> String {
        match self {
            Self::Numbers => format!("photos/2026/{place:09}.png"),
            Self::Dates => {
                // A year has 8,760 hours; every hour has the same share of the keys.
                let each = count.div_ceil(8_760).max(1);
                let hour = place / each;
                let (month, day) = (hour / 730, hour % 730 / 24);
                format!("2026/{:02}/{:02}/{:02}/img-{:07}.png", month + 1, day + 1, hour % 730 % 24, place % each)
            }
            Self::Tree => {
                format!("user-{:05}/album-{:03}/{:05}.jpg", place / 1_000, place % 1_000 / 100, place % 100)
            }
            Self::Uuid => {
                let step = u64::MAX / count.max(1);
                let (high, low) = (place * step + mixed(place) % step.max(1), mixed(place + 1));
                let (first, rest) = (high >> 32, high & 0xFFFF_FFFF);
                format!(
                    "{first:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
                    rest >> 16,
                    rest & 0xFFFF,
                    low >> 48,
                    low & 0xFFFF_FFFF_FFFF
                )
            }
        }
    }
}

/// A number that looks like any other, always the same for the same place.
pub(crate) fn mixed(place: u64) -> u64 {
    let mixed = place.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9)
}

/// The keys of the bucket.
#[derive(Debug, Clone)]
pub enum Keys {
    Computed { shape: Shape, count: u64 },
    Set(Arc<RwLock<BTreeSet<String>>>),
}

impl Keys {
    /// At most `most` keys from a bound on, in the order of their bytes.
    pub(crate) fn from(&self, from: Bound<&str>, most: usize) -> Vec<String> {
        match self {
            Self::Computed { shape, count } => {
                let first = first(*count, |place| {
                    let key = shape.key(place, *count);
                    match from {
                        Bound::Included(bound) => key.as_str() >= bound,
                        Bound::Excluded(bound) => key.as_str() > bound,
                        Bound::Unbounded => true,
                    }
                });
                (first..*count).take(most).map(|place| shape.key(place, *count)).collect()
            }
            Self::Set(keys) => {
                let keys = keys.read().unwrap_or_else(PoisonError::into_inner);
                keys.range::<str, _>((from, Bound::Unbounded)).take(most).cloned().collect()
            }
        }
    }
}

/// The first place for which something holds that holds for all later ones.
fn first(count: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_keys_are_in_order_and_found_by_their_bytes() {
        for shape in Shape::ALL {
            for count in [1, 999, 20_000] {
                let keys = Keys::Computed { shape, count };
                let all = keys.from(Bound::Unbounded, usize::MAX);
                assert_eq!(all.len() as u64, count);
                assert!(all.is_sorted_by(|a, b| a < b), "{shape:?}, {count}");
                for place in [0, all.len() / 2, all.len() - 1] {
                    assert_eq!(keys.from(Bound::Included(&all[place]), 2), all[place..all.len().min(place + 2)]);
                    assert_eq!(keys.from(Bound::Excluded(&all[place]), 1), all[place + 1..all.len().min(place + 2)]);
                }
            }
        }
    }
}
