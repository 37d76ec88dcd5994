//! Objects that leave no trace in the log: counted where the log is read, after two minutes, as far as the bucket is listed.

use imgwatch::domain::evidence::Fact;
use imgwatch::domain::log::{LineKind, LogLine, Tail};
use imgwatch::domain::newer::Since;
use imgwatch::effect::{CloudEffect, Effect};
use imgwatch::model::Model;
use imgwatch::msg::Update;
use imgwatch::update::{Msg, settle, update};

use super::{at, list, model, object, press, problem, send, support};

fn line(second: i64, kind: LineKind, id: Option<&str>) -> LogLine {
    LogLine { kind, request_id: id.map(Into::into), ..support::line(at(second), &second.to_string(), "text") }
}

fn pass(model: &mut Model, second: i64) {
    update(model, Msg::Tick(at(second)));
    settle(model);
}

/// How many objects are newer, than what, and whether all of the bucket is listed.
fn newer(model: &Model) -> Option<(usize, Since, bool)> {
    model.newer.as_ref().map(|newer| (newer.count, newer.since, newer.listed_at.is_some()))
}

/// Followed, with this level of Lambda's own lines.
fn followed_with(system_level: &str) -> Model {
    let (mut model, _) = model();
    send(&mut model, Update::Tail(Tail::Live));
    send(&mut model, Update::LogSettings(support::json_logs("INFO", system_level)));
    model
}

/// Followed: an invocation of three seconds, and objects before, during and after it.
fn followed() -> Model {
    let mut model = followed_with("INFO");
    let id = Some("L-1");
    send(
        &mut model,
        Update::LogLines(vec![
            line(1, LineKind::Start, id),
            line(2, LineKind::Text, None),
            line(4, LineKind::Report, id),
        ]),
    );
    let page = [("before", 0), ("written by the function", 3), ("after", 5), ("later", 60)];
    list(&mut model, page.map(|(key, written)| object(key, 1, written)).to_vec(), true);
    model
}

#[test]
fn an_object_counts_two_minutes_after_it_was_written() {
    let mut model = followed();
    pass(&mut model, 124);
    assert_eq!(newer(&model), None);
    pass(&mut model, 125);
    assert_eq!(newer(&model), Some((1, Since::Invocation(at(4)), true)));
    pass(&mut model, 180);
    assert_eq!(newer(&model), Some((2, Since::Invocation(at(4)), true)));
    // Another invocation, and the log is no longer behind.
    send(&mut model, Update::LogLines(vec![line(61, LineKind::Start, Some("L-2"))]));
    assert_eq!(newer(&model), None);
}

#[test]
fn the_wiring_is_read_again_when_objects_leave_no_trace_in_the_log() {
    let is_read = |model: &mut Model, second| {
        update(model, Msg::Tick(at(second)));
        settle(model).contains(&Effect::Cloud(CloudEffect::ReadWiring))
    };
    let mut model = followed();
    let reads = [124, 125, 126, 180, 184, 185, 600].map(|second| is_read(&mut model, second));
    // One object, a second one too soon, and once no more comes.
    assert_eq!(reads, [false, true, false, false, false, true, false]);
    // What is logged elsewhere is found; then another object leaves no trace.
    send(&mut model, Update::LogLines(vec![line(61, LineKind::Start, Some("L-2"))]));
    assert!(!is_read(&mut model, 601));
    list(&mut model, vec![object("last", 1, 500)], true);
    assert!(is_read(&mut model, 621));
}

#[test]
fn lines_of_no_invocation_are_no_invocation() {
    let mut model = followed();
    send(&mut model, Update::LogLines(vec![line(100, LineKind::Text, None)]));
    pass(&mut model, 300);
    assert_eq!(newer(&model), Some((2, Since::Invocation(at(4)), true)));
    // A function whose platform lines are off names invocations in its own lines.
    send(&mut model, Update::LogLines(vec![line(110, LineKind::Text, Some("L-2"))]));
    assert_eq!(newer(&model), None);
}

#[test]
fn without_an_invocation_the_last_line_counts_or_else_where_reading_began() {
    let mut model = followed_with("INFO");
    send(&mut model, Update::Tail(Tail::Every { seconds: 5 }));
    let page = [("older than what is read", -601), ("a", -599), ("b", 5)];
    list(&mut model, page.map(|(key, written)| object(key, 1, written)).to_vec(), true);
    pass(&mut model, 300);
    assert_eq!(newer(&model), Some((2, Since::Reading(at(-600)), true)));
    send(&mut model, Update::LogLines(vec![line(1, LineKind::Text, None)]));
    assert_eq!(newer(&model), Some((1, Since::Line(at(1)), true)));
}

#[test]
fn where_not_every_invocation_leaves_a_line_nothing_is_said() {
    let page = || [("a", 5), ("b", 6)].map(|(key, written)| object(key, 1, written)).to_vec();
    let mut model = followed_with("WARN");
    send(&mut model, Update::LogLines(vec![line(1, LineKind::Text, Some("L-1"))]));
    list(&mut model, page(), true);
    pass(&mut model, 300);
    assert_eq!(newer(&model), None, "Lambda's own lines are switched off");
    send(&mut model, Update::LogSettings(support::json_logs("WARN", "INFO")));
    assert_eq!(newer(&model), Some((2, Since::Invocation(at(1)), true)), "those of the function do not matter");

    // The configuration may not be read: the log itself shows what is written.
    let (mut model, _) = super::model();
    send(&mut model, Update::Tail(Tail::Live));
    list(&mut model, page(), true);
    pass(&mut model, 300);
    assert_eq!(newer(&model), None);
    let start = support::line(at(1), "1", "START");
    send(
        &mut model,
        Update::LogLines(vec![LogLine { kind: LineKind::Start, request_id: Some("L-1".into()), ..start }]),
    );
    send(&mut model, Update::Facts(vec![Fact::Invoked(support::source(at(1), "L-1"))]));
    assert_eq!(newer(&model), Some((2, Since::Invocation(at(1)), true)));
}

#[test]
fn where_the_log_cannot_be_read_nothing_is_said() {
    for (tail, says) in [
        (Tail::Connecting, false),
        (Tail::Failed(problem()), false),
        (Tail::BackingOff { seconds: 5 }, false),
        // Lines prove that there was a group.
        (Tail::NoInvocationYet, false),
        (Tail::Live, true),
    ] {
        let mut model = followed();
        send(&mut model, Update::Tail(tail.clone()));
        pass(&mut model, 300);
        assert_eq!(newer(&model).is_some(), says, "{tail:?}");
    }
    let (mut model, _) = model();
    send(&mut model, Update::Tail(Tail::NoInvocationYet));
    list(&mut model, vec![object("a", 1, 5)], true);
    pass(&mut model, 300);
    assert_eq!(newer(&model), Some((1, Since::NoGroup(at(-600)), true)));
}

#[test]
fn a_listing_that_is_not_over_may_have_more() {
    let mut model = followed_with("INFO");
    list(&mut model, (0..1_000).map(|number| object(&number.to_string(), 1, 5)).collect(), false);
    pass(&mut model, 300);
    assert_eq!(newer(&model), Some((1_000, Since::Reading(at(-600)), false)));
    list(&mut model, (1_000..20_000).map(|number| object(&number.to_string(), 1, 5)).collect(), true);
    assert_eq!(newer(&model), Some((20_000, Since::Reading(at(-600)), true)));
    // It is of when the listing was asked for, also while the next one is in progress.
    assert_eq!(model.newer.as_ref().and_then(|newer| newer.listed_at), Some(at(0)));
    press(&mut model, "2 r");
    list(&mut model, vec![object("0", 1, 5)], false);
    assert_eq!(model.newer.as_ref().and_then(|newer| newer.listed_at), Some(at(0)));
}
