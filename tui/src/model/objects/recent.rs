//! When the latest objects were written. Kept in order beside the objects, so that no count goes through all of them.

use jiff::Timestamp;

/// The times of the objects that were written after a moment, in order.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// The moment; nothing is kept until one was asked for.
    after: Option<Timestamp>,
    times: Vec<Timestamp>,
}

impl Recent {
    /// Adds objects, in any order.
    pub(super) fn add(&mut self, times: impl IntoIterator<Item = Timestamp>) {
        let Some(after) = self.after else { return };
        let before = self.times.len();
        self.times.extend(times.into_iter().filter(|at| *at > after));
        if self.times.len() > before {
            // Two runs, which are merged.
            self.times.sort();
        }
    }

    /// An object is gone, or has new content.
    pub(super) fn remove(&mut self, at: Timestamp) {
        if let Ok(place) = self.times.binary_search(&at) {
            self.times.remove(place);
        }
    }

    /// Other objects than before: they are checked again.
    pub(super) fn reset(&mut self) {
        self.times.clear();
        self.after = None;
    }

    /// How many there are after a moment, and until another one. Only an earlier moment than before has to look at `all`.
    pub(super) fn count(&mut self, after: Timestamp, until: Timestamp, all: impl Iterator<Item = Timestamp>) -> usize {
        if self.after.is_some_and(|known| known <= after) {
            self.times.drain(..self.times.partition_point(|at| *at <= after));
            self.after = Some(after);
        } else {
            self.times.clear();
            self.after = Some(after);
            self.add(all);
        }
        self.times.partition_point(|at| *at <= until)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Objects;
    use super::*;
    use crate::domain::objects::Object;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn object(key: u8, second: i64) -> Object {
        Object { key: key.to_string().as_str().into(), size: 1, modified: at(second), e_tag: None }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Put(u8, i64),
        Page(Vec<(u8, i64)>, bool),
        Refresh,
        Count(i64, i64),
    }

    fn step() -> impl Strategy<Value = Step> {
        let object = || (0u8..6, 0i64..12);
        prop_oneof![
            3 => object().prop_map(|(key, second)| Step::Put(key, second)),
            3 => (prop::collection::vec(object(), 0..5), any::<bool>()).prop_map(|(page, last)| Step::Page(page, last)),
            1 => Just(Step::Refresh),
            3 => (0i64..12, 0i64..12).prop_map(|(after, until)| Step::Count(after, until)),
        ]
    }

    proptest! {
        #[test]
        fn the_count_is_that_of_all_objects(steps in prop::collection::vec(step(), 1..40)) {
            let mut objects = Objects::default();
            for step in steps {
                match step {
                    Step::Put(key, second) => objects.put(object(key, second)),
                    Step::Page(page, last) => {
                        let page: Vec<Object> = page.into_iter().map(|(key, second)| object(key, second)).collect();
                        objects.take_page(page, last);
                    }
                    Step::Refresh => objects.begin_listing(),
                    Step::Count(after, until) => {
                        let is_between = |object: &&Object| object.modified > at(after) && object.modified <= at(until);
                        let all = (0..objects.len()).filter_map(|row| objects.row(row));
                        let wanted = all.filter(|object| is_between(&object)).count();
                        prop_assert_eq!(objects.written(at(after), at(until)), wanted);
                    }
                }
            }
        }
    }
}
