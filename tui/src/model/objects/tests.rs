use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn object(key: &str, size: u64, modified: i64) -> Object {
    crate::support::object(key, size, Timestamp::from_second(modified).unwrap())
}

fn keys(objects: &Objects) -> Vec<String> {
    (0..objects.len()).filter_map(|index| objects.row(index)).map(|object| object.key.raw().to_owned()).collect()
}

#[test]
fn a_page_with_a_known_key_moves_its_row() {
    let mut objects = Objects::default();
    objects.put(object("a.png", 1, 10));
    objects.put(object("b.png", 1, 20));
    assert_eq!(keys(&objects), ["b.png", "a.png"]);
    objects.take_page(vec![object("a.png", 1, 30)], true);
    assert_eq!(keys(&objects), ["a.png", "b.png"], "the newest first");
    assert_eq!(objects.row_of(&"a.png".into()), Some(0));
}

#[test]
fn an_object_that_the_filter_hides_is_still_found_by_its_key() {
    let mut objects = Objects::default();
    objects.take_page(vec![object("cat.png", 1, 10), object("dog.png", 2, 20)], true);
    objects.set_filter(Filter::new("cat"));
    assert_eq!(keys(&objects), ["cat.png"]);
    assert_eq!(objects.object(&"dog.png".into()).map(|object| object.size), Some(2));
    assert_eq!((objects.row_of(&"dog.png".into()), objects.object(&"owl.png".into())), (None, None));
}

#[test]
fn many_objects_get_rows_from_work_which_another_order_cancels() {
    let mut objects = Objects::default();
    for page in 0..5 {
        let page = (page * 1_000..).take(1_000).map(|number| object(&format!("{number:06}.png"), 1, number));
        objects.take_page(page.collect::<Page>(), false);
    }
    assert_eq!((objects.total(), objects.len()), (5_000, 2_000), "few are arranged at once");
    assert!(objects.object(&"004999.png".into()).is_some(), "what has no row yet is known");

    let work = objects.work().unwrap();
    assert!(objects.work().is_none(), "there is one at a time");
    objects.set_sort(Sort::Key);
    objects.arranged(work.run());
    assert_eq!(objects.len(), 2_000, "what was cancelled changes nothing");

    let work = objects.work().unwrap();
    objects.put(object("000001.png", 7, 9_000));
    objects.arranged(work.run());
    assert_eq!(objects.len(), 5_000);
    assert_eq!(objects.object(&"000001.png".into()).map(|object| object.size), Some(7), "what came meanwhile counts");
    objects.arrange();
    assert_eq!((objects.total(), objects.row(1).map(|object| object.size)), (5_000, Some(7)));

    objects.set_filter(Filter::new("4999"));
    objects.arrange();
    assert_eq!(keys(&objects), ["004999.png"]);
}

/// What the panel must show, worked out in the plainest way.
#[derive(Default)]
struct Naive {
    items: BTreeMap<String, Object>,
    incoming: Option<Vec<Object>>,
    sort: Sort,
    filter: &'static str,
}

impl Naive {
    fn take_page(&mut self, page: &[Object], last: bool) {
        match &mut self.incoming {
            None => {
                for object in page {
                    self.learn(object);
                }
            }
            Some(incoming) => {
                incoming.extend_from_slice(page);
                if last {
                    let all = self.incoming.take().unwrap();
                    self.items.clear();
                    for object in &all {
                        self.learn(object);
                    }
                }
            }
        }
    }

    fn put(&mut self, object: &Object) {
        if let Some(incoming) = &mut self.incoming {
            incoming.push(object.clone());
        }
        self.learn(object);
    }

    fn learn(&mut self, object: &Object) {
        self.items.insert(object.key.raw().to_owned(), object.clone());
    }

    fn rows(&self) -> Vec<&Object> {
        let mut rows: Vec<&Object> =
            self.items.values().filter(|object| object.key.raw().contains(self.filter)).collect();
        // Stable, and the map is in the order of the keys.
        match self.sort {
            Sort::Key => {}
            Sort::Newest => rows.sort_by_key(|object| std::cmp::Reverse(object.modified)),
            Sort::Oldest => rows.sort_by_key(|object| object.modified),
            Sort::Largest => rows.sort_by_key(|object| std::cmp::Reverse(object.size)),
        }
        rows
    }
}

#[derive(Debug, Clone)]
enum Step {
    Begin,
    Page(Vec<Object>, bool),
    Put(Object),
    Sort(Sort),
    Filter(&'static str),
}

fn any_object() -> impl Strategy<Value = Object> {
    ("[ab]{1,3}", 0u64..4, 0i64..4).prop_map(|(key, size, modified)| object(&key, size, modified))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Begin),
        4 => (prop::collection::vec(any_object(), 0..8), any::<bool>()).prop_map(|(page, last)| Step::Page(page, last)),
        6 => any_object().prop_map(Step::Put),
        2 => prop::sample::select(vec![Sort::Newest, Sort::Key, Sort::Largest, Sort::Oldest]).prop_map(Step::Sort),
        2 => prop::sample::select(vec!["", "a", "ab", "bb", "x"]).prop_map(Step::Filter),
    ]
}

proptest! {
    #[test]
    fn the_rows_are_those_of_a_plain_sort(steps in prop::collection::vec(step(), 1..40), at_once in any::<bool>()) {
        let (mut objects, mut naive) = (Objects::default(), Naive::default());
        // What is many is arranged as work; here it is little.
        objects.few = (!at_once).then_some(0);
        for step in steps {
            match step {
                Step::Begin => {
                    objects.begin_listing();
                    naive.incoming = (!naive.items.is_empty()).then(Vec::new);
                }
                Step::Page(page, last) => {
                    naive.take_page(&page, last);
                    objects.take_page(page, last);
                }
                Step::Put(object) => {
                    naive.put(&object);
                    objects.put(object);
                }
                Step::Sort(sort) => {
                    naive.sort = sort;
                    objects.set_sort(sort);
                }
                Step::Filter(text) => {
                    naive.filter = text;
                    objects.set_filter(Filter::new(text));
                }
            }
            if !at_once {
                objects.arrange();
            }
            let rows: Vec<Object> = (0..objects.len()).filter_map(|index| objects.row(index)).collect();
            let expected = naive.rows();
            prop_assert!(rows.iter().eq(expected.iter().copied()), "{:?} are {:?}", rows, expected);
            prop_assert_eq!((objects.len(), objects.total()), (expected.len(), naive.items.len()));
            for (key, object) in &naive.items {
                let key = Clean::new(key);
                prop_assert!(objects.object(&key).is_some_and(|found| found == *object));
                prop_assert_eq!(objects.row_of(&key), expected.iter().position(|row| row.key == key));
            }
        }
    }
}
