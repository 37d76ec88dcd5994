//! What counts once, what counts twice, and what is forgotten.

use super::*;

fn event(at: i64, id: &str) -> FilteredLogEvent {
    FilteredLogEvent::builder().timestamp(at).event_id(id).log_stream_name("s").message(id).build()
}

/// The same line from either source; only the sweep gives it an id.
fn line(at: i64, id: Option<&str>, text: &str) -> FilteredLogEvent {
    FilteredLogEvent::builder()
        .timestamp(at)
        .set_event_id(id.map(str::to_owned))
        .log_stream_name("s")
        .message(text)
        .build()
}

#[test]
fn an_event_counts_once_even_when_it_is_late() {
    let mut dedup = EventDedup::since(1_000);
    assert!(dedup.swept(&event(400_000, "a")));
    assert!(dedup.swept(&event(400_000, "b")), "one millisecond holds several events");
    dedup.slide(500_000);
    assert_eq!(dedup.start(), 220_000);
    assert!(!dedup.swept(&event(400_000, "a")));
    assert!(dedup.swept(&event(300_000, "late")));
    assert!(!dedup.swept(&event(300_000, "late")));
    assert!(!dedup.swept(&event(219_999, "not asked for")));
}

#[test]
fn events_that_a_page_repeats_count_once() {
    let mut dedup = EventDedup::since(0);
    let pages = [["1", "2", "3"], ["3", "4", "5"]];
    let shown: Vec<&str> = pages.iter().flatten().copied().filter(|id| dedup.swept(&event(7, id))).collect();
    assert_eq!(shown, ["1", "2", "3", "4", "5"]);
}

#[test]
fn lines_of_one_text_are_as_many_as_they_have_ids() {
    let mut dedup = EventDedup::since(0);
    for id in ["a", "b", "c"] {
        assert!(dedup.swept(&line(5, Some(id), "same")));
        assert!(!dedup.swept(&line(5, Some(id), "same")));
    }
}

#[test]
fn what_is_remembered_is_bounded_by_the_window() {
    let mut dedup = EventDedup::since(0);
    for at in (0..10_000_000).step_by(10_000) {
        dedup.swept(&event(at, &at.to_string()));
        dedup.slide(at);
    }
    assert!(dedup.ids.len() <= 19, "{}", dedup.ids.len());
    assert_eq!(dedup.ids.len(), dedup.counts.len());
}

#[test]
fn what_is_remembered_is_bounded_in_a_flood_and_still_nothing_counts_twice() {
    let mut dedup = EventDedup { most: 100, ..EventDedup::since(0) };
    let flood: Vec<FilteredLogEvent> = (0..1_000).map(|at| event(at, &at.to_string())).collect();
    for page in flood.chunks(10) {
        assert!(page.iter().all(|event| dedup.swept(event)));
        dedup.bound();
    }
    assert!(dedup.ids.len() <= 101 && dedup.counts.len() <= 101);
    assert!(dedup.swept(&event(3, "far out of order, in the first sweep")));
    dedup.slide(1_000);
    assert!(dedup.start() > 850, "what was forgotten is not asked for again");
    assert!(flood.iter().all(|event| !dedup.swept(event)));
}

#[test]
fn an_event_from_the_future_does_not_freeze_the_window() {
    let mut dedup = EventDedup::since(0);
    let future =
        |id: &str, ingested| FilteredLogEvent::builder().timestamp(9_000_000).ingestion_time(ingested).event_id(id);
    dedup.swept(&future("future", 1_000_000).build());
    // This machine's clock is an hour ahead; CloudWatch's own counts.
    dedup.slide(4_600_000);
    assert_eq!(dedup.start(), 820_000);
    assert!(dedup.swept(&event(990_000, "now")));
    assert!(dedup.swept(&future("again", 1_200_000).build()));
    dedup.slide(4_800_000);
    assert_eq!(dedup.start(), 1_020_000, "the window moves on with the time");
}

#[test]
fn an_event_from_the_future_is_held_to_the_clock_where_the_server_tells_no_ingestion() {
    let mut dedup = EventDedup::since(0);
    dedup.swept(&event(9_000_000, "future"));
    dedup.slide(1_000_000);
    assert_eq!(dedup.start(), 820_000);
}

#[test]
fn a_line_that_live_tail_brought_is_not_shown_again() {
    let mut dedup = EventDedup::since(0);
    assert!(dedup.live(&line(5, None, "hello")));
    assert!(!dedup.swept(&line(5, Some("1"), "hello\n")));
    assert!(!dedup.swept(&line(5, Some("1"), "hello\n")));
    // And the other way round.
    assert!(dedup.swept(&line(6, Some("2"), "hello")));
    assert!(!dedup.live(&line(6, None, "hello")));
}

#[test]
fn equal_lines_stay_two_from_either_source() {
    let shown = |order: &[Option<&str>]| {
        let mut dedup = EventDedup::since(0);
        let mut shown = 0;
        for id in order {
            let line = line(5, *id, "twin");
            shown += usize::from(if id.is_some() { dedup.swept(&line) } else { dedup.live(&line) });
        }
        shown
    };
    assert_eq!(shown(&[None, None, Some("1"), Some("2")]), 2);
    assert_eq!(shown(&[None, Some("1"), None, Some("2")]), 2);
    assert_eq!(shown(&[Some("1"), Some("2"), None, None]), 2);
    assert_eq!(shown(&[None, Some("1"), Some("2"), None]), 2);
    // The first was written before the session began, or the session lost it.
    assert_eq!(shown(&[Some("1"), None, Some("2")]), 2);
    assert_eq!(shown(&[None, Some("1"), Some("2")]), 2);
}

#[test]
fn a_session_that_repeats_what_the_last_one_told_shows_it_once() {
    let mut dedup = EventDedup::since(0);
    assert!(dedup.live(&line(5, None, "hello")));
    dedup.forget_live();
    assert!(!dedup.live(&line(5, None, "hello")));
    assert!(!dedup.swept(&line(5, Some("1"), "hello")));
    assert!(dedup.swept(&line(5, Some("2"), "hello")), "a twin is shown by the sweep at the latest");
}

#[test]
fn live_lines_from_before_the_window_are_left_to_the_past() {
    let mut dedup = EventDedup::since(0);
    dedup.swept(&event(1_000_000, "a"));
    dedup.slide(1_000_000);
    assert!(!dedup.live(&line(1, None, "old")));
}
