use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::log::LineKind;

const LIMIT: usize = 12;

fn line(at: i64, id: &str, text: &str) -> LogLine {
    crate::support::line(Timestamp::from_millisecond(at).unwrap(), id, text)
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
    assert_eq!(ids(logs.visible()), ["error", "none", "warn"], "a level that is not known may be any");
    logs.insert([LogLine { kind: LineKind::Start, ..line(3, "start", "START") }]);
    assert_eq!(logs.len(), 3, "a line of Lambda has the level INFO unless it reports an error");
    logs.set_least(None);
    assert_eq!(logs.len(), 5);
}

/// A line of an environment: `start`, `end` and `report` of an invocation, or a text that may name one.
fn of(stream: &str, at: i64, kind: LineKind, names: Option<&str>) -> LogLine {
    let request_id = names.map(Clean::new);
    LogLine { stream: stream.into(), kind, request_id, ..line(at, &format!("{stream}{at}"), "text") }
}

/// Whose each line is, the oldest first.
fn whose(logs: &Logs) -> Vec<Option<&str>> {
    logs.visible().map(|line| line.invocation.as_ref().map(Clean::raw)).collect()
}

#[test]
fn a_line_that_names_no_invocation_belongs_to_the_one_that_is_open_in_its_own_environment() {
    let mut logs = Logs::default();
    logs.insert([
        of("a", 1, LineKind::Start, Some("first")),
        of("b", 2, LineKind::Start, Some("second")),
        of("a", 3, LineKind::Text, None),
        of("b", 4, LineKind::Text, None),
        of("c", 5, LineKind::Text, None),
        of("a", 6, LineKind::Report, Some("first")),
        of("a", 7, LineKind::Text, None),
        of("b", 8, LineKind::Text, None),
    ]);
    let (first, second) = (Some("first"), Some("second"));
    assert_eq!(whose(&logs), [first, second, first, second, None, first, None, second]);
    assert!(logs.is_mixed());
}

#[test]
fn where_several_invocations_are_open_in_one_environment_only_names_tell() {
    let mut logs = Logs::default();
    logs.insert([
        of("a", 1, LineKind::Start, Some("first")),
        of("a", 2, LineKind::Start, Some("second")),
        of("a", 3, LineKind::Text, None),
        of("a", 4, LineKind::Text, Some("second")),
        of("a", 5, LineKind::End, Some("first")),
        of("a", 6, LineKind::Text, None),
    ]);
    let (first, second) = (Some("first"), Some("second"));
    assert_eq!(whose(&logs), [first, second, None, second, first, second]);
    assert!(!logs.is_mixed());
}

#[test]
fn a_filter_finds_a_line_by_its_invocation_also_when_the_start_comes_late() {
    let mut logs = Logs::default();
    logs.set_filter(Filter::new("first"));
    logs.insert([of("a", 3, LineKind::Text, None)]);
    assert_eq!(logs.len(), 0);
    logs.insert([of("a", 1, LineKind::Start, Some("first"))]);
    assert_eq!(whose(&logs), [Some("first"), Some("first")]);
}

#[test]
fn a_line_keeps_its_invocation_when_the_start_is_too_old_to_be_kept() {
    let mut logs = Logs { max_lines: 3, ..Logs::default() };
    logs.insert([of("a", 1, LineKind::Start, Some("first"))]);
    for at in [3, 5, 7] {
        logs.insert([of("a", at, LineKind::Text, None)]);
    }
    assert_eq!(whose(&logs), [Some("first"); 3]);
    logs.insert([of("a", 6, LineKind::Report, Some("first"))]);
    assert_eq!(whose(&logs), [Some("first"), Some("first"), None]);
}

fn any_of() -> impl Strategy<Value = LogLine> {
    let kind = prop::sample::select(vec![LineKind::Start, LineKind::Text, LineKind::Text, LineKind::End]);
    let parts = (prop::sample::select(vec!["a", "b"]), 0i64..40, kind, prop::option::of(0u8..3));
    parts.prop_map(|(stream, at, kind, id)| of(stream, at, kind, id.map(|id| format!("{stream}-{id}")).as_deref()))
}

proptest! {
    #[test]
    fn the_order_in_which_lines_come_changes_nothing(
        lines in prop::collection::vec(any_of(), 1..40), batch in 1usize..8
    ) {
        let mut known = HashSet::new();
        let lines: Vec<LogLine> = lines.into_iter().filter(|line| known.insert(line.id.clone())).collect();
        let mut logs = Logs::default();
        for batch in lines.chunks(batch) {
            logs.insert(batch.to_vec());
        }
        let mut sorted = lines;
        sorted.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut streams = Streams::default();
        let wanted: Vec<Option<Clean>> = sorted.iter().map(|line| streams.apply(line)).collect();
        let found: Vec<Option<Clean>> = logs.visible().map(|line| line.invocation.clone()).collect();
        prop_assert_eq!(found, wanted);
    }
}
