//! The fold: any order and any repetition of the same facts gives the same timeline.

mod by_time;
mod counted;
mod deliveries;
mod functions;
mod generated;
mod join;
mod named;
mod path;
mod publications;
mod retries;

use std::fmt::Debug;

use crate::domain::evidence::{Fact, LogSource, ReportStatus, Write};
use crate::domain::ids::UploadId;
use crate::domain::log::{LogReading, Tail};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::silence::Silence;
use crate::domain::timeline::{
    Basis, FoundBy, Joined, KnownFunctions, Outcome, Publication, Timelines, UploadStatus, fold, status,
};
use crate::support::{self, at, report, write};

fn line(millis: i64, request: &str) -> LogSource {
    support::source(at(millis), request)
}

fn stored(upload: u64, millis: i64, write: Write) -> Fact {
    support::stored(upload, at(millis - 20), at(millis), write, 10)
}

fn published(millis: i64, lambda: &str, write: Write, message: &str) -> Fact {
    support::published(line(millis, lambda), write, message)
}

fn publication(id: &str, millis: i64, basis: Basis) -> Publication {
    let (at, basis) = (at(millis), Some(basis));
    Publication { at, message_id: id.into(), found: FoundBy::Record, basis, attributes: None }
}

fn fold_of(facts: &[Fact]) -> Vec<super::Timeline> {
    fold(&facts.iter().cloned().collect(), &KnownFunctions::default())
}

/// What is found of the timelines that learn these facts one at a time, folded in between, as they arrive in life: the same
/// in whatever order they come.
fn in_any_order<T: PartialEq + Debug>(
    facts: &[Fact],
    timelines: impl Fn() -> Timelines,
    of: impl Fn(&Timelines) -> T,
) -> T {
    let learn = |facts: &mut dyn Iterator<Item = &Fact>| {
        let mut uploads = timelines();
        for fact in facts {
            uploads.learn([fact.clone()]);
            uploads.refold();
        }
        of(&uploads)
    };
    let found = learn(&mut facts.iter());
    assert_eq!(found, learn(&mut facts.iter().rev()));
    found
}

/// The first upload's timeline.
fn first(facts: &[Fact]) -> super::Timeline {
    in_any_order(facts, Timelines::default, |uploads| uploads.of_upload(UploadId(1)).unwrap().clone())
}

/// An invocation that begins and ends at these moments.
fn invocation(from: i64, to: i64, id: &str, end: ReportStatus) -> [Fact; 2] {
    [Fact::Invoked(line(from, id)), Fact::Reported(line(to, id), report(end))]
}

#[test]
fn the_request_id_joins_even_when_the_content_is_the_same() {
    let timelines = fold_of(&[
        stored(1, 0, write("a.png", Some("S3-1"))),
        stored(2, 10, write("a.png", Some("S3-2"))),
        published(30, "L-2", write("a.png", Some("S3-2")), "M-2"),
        published(40, "L-1", write("a.png", Some("S3-1")), "M-1"),
    ]);
    let joined: Vec<_> = timelines.iter().map(|t| (t.upload.unwrap().0, t.joined, t.outcome.clone())).collect();
    let message = |id: &str, millis| Outcome::Published(vec![publication(id, millis, Basis::S3RequestId)]);
    assert_eq!(joined, [(2, Joined::Exactly, message("M-2", 30)), (1, Joined::Exactly, message("M-1", 40))]);
}

#[test]
fn without_the_request_id_the_object_joins() {
    let timelines =
        fold_of(&[stored(1, 0, write("a.png", Some("S3-1"))), published(30, "L-1", write("a.png", None), "M-1")]);
    assert_eq!(timelines.len(), 1);
    assert_eq!(timelines[0].joined, Joined::ByObject);
}

#[test]
fn an_earlier_upload_of_the_same_content_is_not_taken_for_this_one() {
    let timelines = fold_of(&[
        published(-60_000, "L-0", write("a.png", Some("S3-0")), "M-0"),
        stored(1, 0, write("a.png", Some("S3-1"))),
    ]);
    let joined: Vec<_> = timelines.iter().map(|t| (t.upload, t.joined)).collect();
    assert_eq!(joined, [(Some(UploadId(1)), Joined::UploadOnly), (None, Joined::LogOnly)]);
}

#[test]
fn an_exact_partner_is_never_taken_by_a_fallback() {
    let timelines = fold_of(&[
        stored(1, 0, write("a.png", Some("S3-1"))),
        stored(2, 10, write("a.png", Some("S3-2"))),
        published(30, "L-2", write("a.png", Some("S3-2")), "M-2"),
    ]);
    let first = timelines.iter().find(|t| t.upload == Some(UploadId(1))).unwrap();
    assert_eq!((first.joined, &first.outcome), (Joined::UploadOnly, &Outcome::Waiting));
}

#[test]
fn retries_are_attempts_on_one_timeline() {
    let image = || write("a.png", Some("S3-1"));
    let failed = |millis| Fact::Failed { source: line(millis, "L-1"), write: image(), reason: "throttled".into() };
    let timelines = fold_of(&[
        stored(1, 0, image()),
        Fact::Invoked(line(10, "L-1")),
        failed(20),
        Fact::Reported(line(21, "L-1"), report(ReportStatus::Failure)),
        Fact::Invoked(line(1_000, "L-1")),
        failed(1_010),
        Fact::Reported(line(1_011, "L-1"), report(ReportStatus::Failure)),
        Fact::Invoked(line(3_000, "L-1")),
        published(3_010, "L-1", image(), "M-1"),
        Fact::Reported(line(3_011, "L-1"), report(ReportStatus::Success)),
    ]);
    assert_eq!(timelines.len(), 1);
    let attempts = &timelines[0].invocations[0].attempts;
    assert_eq!(attempts.iter().map(super::Attempt::failed).collect::<Vec<_>>(), [true, true, false]);
    assert_eq!(status(&timelines[0], None, at(4_000)), UploadStatus::Published);
}

#[test]
fn three_failed_attempts_are_the_end() {
    let image = || write("a.png", Some("S3-1"));
    let mut facts = vec![stored(1, 0, image())];
    for attempt in 0..3 {
        facts.push(Fact::Invoked(line(attempt * 100 + 1, "L-1")));
        facts.push(Fact::Received(line(attempt * 100 + 2, "L-1"), image()));
        facts.push(Fact::Reported(line(attempt * 100 + 3, "L-1"), report(ReportStatus::Timeout)));
        let timelines = fold_of(&facts);
        let expected = if attempt == 2 { UploadStatus::Failed } else { UploadStatus::Waiting };
        assert_eq!(status(&timelines[0], None, at(500)), expected, "after attempt {}", attempt + 1);
    }
    assert_eq!(fold_of(&facts)[0].failure().as_deref(), Some("the function timed out"));
}

#[test]
fn waiting_turns_late_and_then_stuck() {
    let timelines = fold_of(&[stored(1, 0, write("a.png", Some("S3-1")))]);
    let states = |silence| [1_000, 61_000, 301_000].map(|now| status(&timelines[0], silence, at(now)));
    assert_eq!(states(Some(Silence::NoLine(at(0)))), [UploadStatus::Waiting, UploadStatus::Late, UploadStatus::Stuck]);
    // Where invocations came that name nothing, or nothing could be read, it is not known whether it is late.
    for silence in [
        Silence::Unnamed { invocations: 3, failed: 0 },
        Silence::Unreadable,
        Silence::NotRead,
        Silence::LinesOff(at(0)),
        Silence::LinesUnknown(at(0)),
    ] {
        assert_eq!(
            states(Some(silence)),
            [UploadStatus::Waiting, UploadStatus::Unknown, UploadStatus::Unknown],
            "{silence:?}"
        );
    }
}

#[test]
fn the_ledger_is_bounded() {
    let mut uploads = Timelines::default();
    let count = i64::try_from(super::MAX_FACTS).unwrap() + 10;
    uploads.learn((0..count).map(|n| published(n, "L", write(&format!("{n}.png"), Some(&n.to_string())), "M")));
    uploads.refold();
    assert!(uploads.all().len() <= super::MAX_FACTS);
    assert_eq!(uploads.all()[0].write.key.raw(), format!("{}.png", count - 1), "the newest are kept");
}

/// A log that is read to its end at this moment, in milliseconds.
fn read(millis: i64, platform_lines: Option<bool>) -> LogReading<'static> {
    LogReading { tail: &Tail::Live, read_at: Some(at(millis)), platform_lines }
}

fn silence_of(facts: &[Fact], log: LogReading<'_>, now: i64) -> Option<Silence> {
    let mut uploads = Timelines::default();
    uploads.learn(facts.iter().cloned());
    uploads.refold();
    uploads.silence(uploads.of_upload(UploadId(1)).unwrap(), log, at(now))
}

#[test]
fn invocations_that_name_no_image_are_told_of() {
    let mut facts = vec![
        stored(1, 10_000, write("cat.png", Some("S1"))),
        // One that names its image is on that image's timeline, and one before the upload is about another.
        Fact::Reported(line(50, "L0"), report(ReportStatus::Error)),
        Fact::Received(line(20_000, "L1"), write("dog.png", Some("S2"))),
        Fact::Reported(line(20_010, "L1"), report(ReportStatus::Error)),
        Fact::Invoked(line(22_000, "L2")),
        Fact::Reported(line(22_001, "L2"), report(ReportStatus::Success)),
    ];
    let silence = |facts: &[Fact]| silence_of(facts, read(200_000, Some(true)), 200_000).unwrap();
    assert_eq!(silence(&facts), Silence::Unnamed { invocations: 1, failed: 0 });
    facts.push(Fact::Reported(line(30_000, "L3"), report(ReportStatus::Error)));
    assert_eq!(silence(&facts), Silence::Unnamed { invocations: 2, failed: 1 });
    let text = silence(&facts).sentence(|_| String::new());
    assert_eq!(
        text,
        "2 invocations since, 1 of them failed; the log does not show that one of them handled this object"
    );
    facts.push(published(31_000, "L4", write("cat.png", Some("S1")), "M"));
    assert_eq!(silence_of(&facts, read(200_000, Some(true)), 200_000), None, "now the log names it");
}

#[test]
fn an_absence_is_stated_only_of_what_was_read() {
    let facts = [stored(1, 10_000, write("cat.png", Some("S1")))];
    let silence = |log, now| silence_of(&facts, log, now).unwrap();
    assert_eq!(silence(read(130_000, Some(true)), 130_000), Silence::NoInvocation(at(130_000)));
    assert_eq!(silence(read(129_000, Some(true)), 129_000), Silence::NoLine(at(129_000)), "S3 may still be at it");
    assert_eq!(silence(read(130_000, Some(false)), 130_000), Silence::LinesOff(at(130_000)), "Lambda writes no lines");
    assert_eq!(
        silence(read(130_000, None), 130_000),
        Silence::LinesUnknown(at(130_000)),
        "it is not known whether it does"
    );
    assert_eq!(silence(read(9_000, Some(true)), 130_000), Silence::NotRead, "it was read before only");
    let denied = Tail::Failed(Problem::new(ProblemKind::Denied, "log", "denied"));
    assert_eq!(silence(LogReading { tail: &denied, ..read(130_000, Some(true)) }, 130_000), Silence::Unreadable);
    let missing = LogReading { tail: &Tail::NoInvocationYet, ..read(130_000, Some(true)) };
    assert_eq!(silence(missing, 130_000), Silence::NoLogGroup(at(130_000)));
    // Lines of another invocation, long ago, show that Lambda writes them.
    let with_lines = [facts[0].clone(), Fact::Invoked(line(100, "L0"))];
    assert_eq!(silence_of(&with_lines, read(130_000, None), 130_000), Some(Silence::NoInvocation(at(130_000))));
}

#[test]
fn an_end_that_is_not_logged_is_not_late() {
    // Its own line names the invocation and the key.
    let mut facts = vec![stored(1, 0, write("a.png", Some("S3-1"))), Fact::Printed(line(2, "L-1"), "got a.png".into())];
    let status = |facts: &[Fact], platform_lines| {
        let mut uploads = Timelines::default();
        uploads.learn(facts.iter().cloned());
        uploads.refold();
        let timeline = uploads.of_upload(UploadId(1)).unwrap();
        assert_eq!(timeline.invocations.len(), 1);
        [1_000, 61_000, 301_000].map(|now| uploads.status(timeline, read(now, platform_lines), at(now)))
    };
    assert_eq!(status(&facts, Some(true)), [UploadStatus::Waiting, UploadStatus::Late, UploadStatus::Stuck]);
    for platform_lines in [Some(false), None] {
        assert_eq!(
            status(&facts, platform_lines),
            [UploadStatus::Waiting, UploadStatus::Unknown, UploadStatus::Unknown]
        );
    }
    // Where the configuration may not be read, the log itself shows that Lambda writes them.
    facts.push(Fact::Invoked(line(1, "L-1")));
    assert_eq!(status(&facts, None), [UploadStatus::Waiting, UploadStatus::Late, UploadStatus::Stuck]);
}
