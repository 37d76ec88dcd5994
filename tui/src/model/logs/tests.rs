use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 12;

fn line(at: i64, id: &str, text: &str) -> LogLine {
    LogLine {
        id: id.into(),
        at: Timestamp::from_millisecond(at).unwrap(),
        stream: "stream".into(),
        kind: LineKind::Text,
        level: None,
        request_id: None,
        invocation: None,
        text: text.into(),
        full: text.into(),
    }
}

fn ids<'a>(lines: impl Iterator<Item = &'a LogLine>) -> Vec<&'a str> {
    lines.map(|line| line.id.raw()).collect()
}

#[test]
fn a_line_that_the_filter_hides_is_still_found_by_its_id() {
    let mut logs = Logs::default();
    logs.insert([line(1, "a", "cat")]);
    logs.insert([line(2, "b", "dog")]);
    logs.set_filter(Filter::new("cat"));
    assert_eq!(ids(logs.visible()), ["a"]);
    assert_eq!(logs.line(&"b".into()).map(|line| line.text.raw()), Some("dog"));
    assert_eq!(logs.line(&"c".into()), None);
}

#[test]
fn a_new_filter_leaves_nothing_unseen() {
    let mut logs = Logs { follow: false, ..Logs::default() };
    logs.insert([line(1, "a", "cat")]);
    logs.insert([line(2, "b", "dog")]);
    assert_eq!(logs.unseen, 2);
    logs.set_filter(Filter::new("cat"));
    assert_eq!((logs.unseen, logs.cursor), (0, 0));
}

#[test]
fn what_is_too_old_for_a_full_list_is_not_counted_as_unseen() {
    let mut logs = Logs { max_lines: 2, follow: false, ..Logs::default() };
    logs.insert([line(5, "a", "cat")]);
    logs.insert([line(6, "b", "cat")]);
    logs.insert([line(1, "late", "cat")]);
    assert_eq!((ids(logs.visible()), logs.unseen), (vec!["a", "b"], 2));
}

/// What the panel must show, worked out in the plainest way.
#[derive(Default)]
struct Naive {
    lines: BTreeMap<(i64, String), String>,
}

impl Naive {
    fn insert(&mut self, at: i64, id: &str, text: &str) {
        self.lines.entry((at, id.to_owned())).or_insert_with(|| text.to_owned());
        while self.lines.len() > LIMIT {
            self.lines.pop_first();
        }
    }

    fn rows(&self, filter: &str) -> Vec<&str> {
        self.lines.iter().filter(|(_, text)| text.contains(filter)).map(|((_, id), _)| id.as_str()).collect()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(i64, u8, &'static str),
    Filter(&'static str),
    Follow,
    Pause(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop::sample::select(vec!["cat", "dog", "a cat and a dog", ""]);
    prop_oneof![
        12 => (0i64..20, 0u8..3, text).prop_map(|(at, id, text)| Step::Insert(at, id, text)),
        1 => prop::sample::select(vec!["", "cat", "dog", "bird"]).prop_map(Step::Filter),
        1 => Just(Step::Follow),
        2 => (0usize..LIMIT).prop_map(Step::Pause),
    ]
}

proptest! {
    #[test]
    fn the_rows_are_those_of_a_plain_list(steps in prop::collection::vec(step(), 1..120)) {
        let mut logs = Logs { max_lines: LIMIT, ..Logs::default() };
        let mut naive = Naive::default();
        for step in steps {
            let selected = logs.selected().map(|line| line.id.raw().to_owned());
            let inserts = matches!(step, Step::Insert(..));
            match step {
                Step::Insert(at, id, text) => {
                    let id = format!("{at}-{id}");
                    naive.insert(at, &id, text);
                    logs.insert([line(at, &id, text)]);
                }
                Step::Filter(text) => logs.set_filter(Filter::new(text)),
                Step::Follow => (logs.follow, logs.cursor) = (true, logs.len().saturating_sub(1)),
                Step::Pause(cursor) => (logs.follow, logs.cursor) = (false, cursor.min(logs.len().saturating_sub(1))),
            }
            let rows = naive.rows(logs.filter().text());
            prop_assert_eq!(ids(logs.visible()), rows.clone());
            prop_assert_eq!((logs.len(), logs.total()), (rows.len(), naive.lines.len()));
            prop_assert_eq!(logs.bytes, logs.lines.iter().map(|kept| cost(&kept.line)).sum::<usize>());
            prop_assert!(logs.cursor < logs.len().max(1));
            prop_assert_eq!(logs.selected().map(|line| line.id.raw()), rows.get(logs.cursor).copied());
            prop_assert!(!logs.follow || logs.cursor + 1 == logs.len().max(1));
            if let Some(selected) = selected.filter(|_| inserts && !logs.follow) {
                let now = logs.selected().map(|line| line.id.raw());
                // Only a line that had to go loses the cursor.
                if rows.contains(&selected.as_str()) {
                    prop_assert_eq!(now, Some(selected.as_str()));
                } else {
                    prop_assert_eq!(logs.cursor, 0);
                }
            }
        }
    }

    #[test]
    fn the_bounds_hold(sizes in prop::collection::vec(0usize..400, 1..60)) {
        let mut logs = Logs { max_lines: 20, max_bytes: 8_000, ..Logs::default() };
        for (at, size) in (0..).zip(sizes) {
            logs.insert([line(at, "id", &"x".repeat(size))]);
            prop_assert!(logs.total() <= 20 && logs.bytes <= 8_000);
            prop_assert_eq!(logs.visible().next_back().map(|line| line.at.as_millisecond()), Some(at));
        }
    }
}

#[test]
fn a_search_goes_on_after_its_filter_is_dropped() {
    let mut logs = Logs::default();
    for (at, text) in [(1, "cat"), (2, "dog"), (3, "cat"), (4, "dog")] {
        logs.insert([line(at, &at.to_string(), text)]);
    }
    logs.set_filter(Filter::new("cat"));
    logs.set_filter(Filter::default());
    assert_eq!((logs.len(), logs.search().text()), (4, "cat"));
    logs.follow = false;
    assert!(logs.seek(false) && logs.cursor == 2, "the older cat");
    assert!(logs.seek(false) && logs.cursor == 0, "and the one before");
    assert!(!logs.seek(false) && logs.cursor == 0, "there is no other");
    assert!(logs.seek(true) && logs.cursor == 2);
}

#[test]
fn dropping_the_filter_stays_on_the_line_that_it_found() {
    let mut logs = Logs::default();
    for (at, text) in [(1, "cat"), (2, "dog"), (3, "dog")] {
        logs.insert([line(at, &at.to_string(), text)]);
    }
    logs.follow = false;
    logs.set_filter(Filter::new("cat"));
    assert_eq!(logs.selected().map(|line| line.id.raw()), Some("1"));
    logs.set_filter(Filter::default());
    assert_eq!((logs.selected().map(|line| line.id.raw()), logs.len()), (Some("1"), 3));
}

#[test]
fn lines_below_the_severity_that_is_asked_for_are_not_shown() {
    let mut logs = Logs::default();
    for (id, level) in [("none", None), ("info", Some(Level::Info)), ("error", Some(Level::Error))] {
        logs.insert([LogLine { level, ..line(1, id, "text") }]);
    }
    logs.set_least(Some(Level::Warn));
    logs.insert([LogLine { level: Some(Level::Warn), ..line(2, "warn", "text") }]);
    assert_eq!(ids(logs.visible()), ["error", "warn"]);
    logs.set_least(None);
    assert_eq!(logs.len(), 4);
}
