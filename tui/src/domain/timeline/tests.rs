//! The fold: any order and any repetition of the same facts tells the same story.

mod by_time;
mod counted;
mod deliveries;
mod functions;
mod join;
mod named;
mod path;
mod publications;
mod retries;

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::evidence::{
    Counted, DeliveryStatusEntry, Envelope, Fact, LogSource, LogStretch, Probed, ReportStatus, SqsReceive, Write,
};
use crate::domain::ids::UploadId;
use crate::domain::log::{LogReading, Tail};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::silence::Silence;
use crate::domain::timeline::{
    Basis, FoundBy, Joined, KnownFunctions, Outcome, Publication, Status, Timelines, fold, status,
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
    assert_eq!(status(&timelines[0], None, at(4_000)), Status::Published);
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
        let expected = if attempt == 2 { Status::Failed } else { Status::Waiting };
        assert_eq!(status(&timelines[0], None, at(500)), expected, "after attempt {}", attempt + 1);
    }
    assert_eq!(fold_of(&facts)[0].failure().as_deref(), Some("the function timed out"));
}

#[test]
fn waiting_turns_late_and_then_stuck() {
    let timelines = fold_of(&[stored(1, 0, write("a.png", Some("S3-1")))]);
    let states = |silence| [1_000, 61_000, 301_000].map(|now| status(&timelines[0], silence, at(now)));
    assert_eq!(states(Some(Silence::NoLine(at(0)))), [Status::Waiting, Status::Late, Status::Stuck]);
    // Where invocations came that name nothing, or nothing could be read, nobody knows whether it is late.
    for silence in [
        Silence::Unnamed { invocations: 3, failed: 0 },
        Silence::Unreadable,
        Silence::NotRead,
        Silence::LinesOff(at(0)),
        Silence::LinesUnknown(at(0)),
    ] {
        assert_eq!(states(Some(silence)), [Status::Waiting, Status::Unknown, Status::Unknown], "{silence:?}");
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

/// What CloudWatch counts of the minute of all of this.
fn counted(complete_to: i64, count: u64) -> Fact {
    let minute = |second: i64| Timestamp::from_second(at(0).as_second().div_euclid(60) * 60 + second).unwrap();
    Fact::Counted(Counted {
        at: at(complete_to),
        topic: "topic".into(),
        from: minute(-60),
        to: minute(120),
        complete_to: at(complete_to),
        minutes: Some([(minute(0), count)].into()),
    })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let key = prop::sample::select(vec!["a.png", "b.png"]);
    let request = prop::option::of(prop::sample::select(vec!["S3-1", "S3-2", "S3-3"]));
    let image = (key, request).prop_map(|(key, request)| write(key, request));
    let source = (0i64..50, prop::sample::select(vec!["L-1", "L-2"]), prop::sample::select(vec!["x", "y"]))
        .prop_map(|(millis, id, stream)| LogSource { stream: stream.into(), ..line(millis, id) });
    let message = prop::sample::select(vec!["M-1", "M-2"]);
    let received = (0i64..50, message.clone(), any::<bool>());
    let ends = prop::sample::select(vec![ReportStatus::Success, ReportStatus::Failure, ReportStatus::Timeout]);
    let text = prop::sample::select(vec!["a.png", "s3://images/b.png", "nothing"]);
    let printed = (source.clone(), text, any::<bool>()).prop_map(|(source, text, names)| {
        let lambda_request_id = source.lambda_request_id.clone().filter(|_| names);
        Fact::Printed(LogSource { lambda_request_id, ..source }, text.into())
    });
    prop_oneof![
        printed,
        (0u64..4).prop_map(|id| {
            // One upload has one answer from S3.
            stored(id, i64::try_from(id).unwrap() * 7, write("a.png", Some(&format!("S3-{id}"))))
        }),
        source.clone().prop_map(Fact::Invoked),
        (source.clone(), image.clone(), 1u32..3).prop_map(|(source, write, count)| {
            let sqs = Some(SqsReceive { message_id: "Q".into(), count: Some(count) });
            Fact::Enveloped(source, write, Envelope { sqs, ..Envelope::default() })
        }),
        (source.clone(), image.clone()).prop_map(|(source, image)| Fact::Received(source, image)),
        (source.clone(), image.clone(), message.clone()).prop_map(|(source, write, message)| Fact::Published {
            source,
            write,
            message_id: message.into()
        }),
        (0i64..50, message.clone(), prop::sample::select(vec!["Q-1", "Q-2"])).prop_map(|(millis, message, queue)| {
            Fact::Probed(Probed { message_id: message.into(), at: at(millis), queue: queue.into() })
        }),
        received.prop_map(|(millis, message, success)| Fact::DeliveryStatusEntry(DeliveryStatusEntry {
            message_id: message.into(),
            topic: Some("topic".into()),
            at: at(millis),
            accepted: success.then(|| at(millis - 1)),
            destination: "Q-1".into(),
            success,
            status_code: None,
            response: None,
            dwell_ms: None,
            attempts: None,
        })),
        (0i64..3_000, 0u64..3).prop_map(|(complete_to, count)| counted(complete_to, count)),
        Just(Fact::LogRead(LogStretch { from: at(-900_000), to: at(10_000) })),
        (source.clone(), image.clone()).prop_map(|(source, write)| Fact::Failed {
            source,
            write,
            reason: "why".into()
        }),
        (source.clone(), image).prop_map(|(source, write)| Fact::Skipped { source, write, reason: "why".into() }),
        (source, ends).prop_map(|(source, end)| Fact::Reported(source, report(end))),
    ]
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        facts in prop::collection::vec(any_fact(), 0..30),
        order in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
    ) {
        let learn = |facts: &[Fact]| {
            let mut uploads = Timelines::default();
            for fact in facts {
                // One at a time and folded in between, as they arrive in life.
                uploads.learn([fact.clone()]);
                uploads.refold();
            }
            uploads.all().to_vec()
        };
        let straight = learn(&facts);
        let mut shuffled = facts.clone();
        if !facts.is_empty() {
            shuffled.rotate_left(order.index(facts.len()));
            shuffled.reverse();
            shuffled.push(facts[again.index(facts.len())].clone());
        }
        prop_assert_eq!(&straight, &learn(&shuffled));
        let uploads: BTreeSet<_> = straight.iter().filter_map(|t| t.upload).collect();
        prop_assert_eq!(uploads.len(), straight.iter().filter(|t| t.upload.is_some()).count(), "no upload twice");
    }
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
        "nobody knows whether it does"
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
    assert_eq!(status(&facts, Some(true)), [Status::Waiting, Status::Late, Status::Stuck]);
    for platform_lines in [Some(false), None] {
        assert_eq!(status(&facts, platform_lines), [Status::Waiting, Status::Unknown, Status::Unknown]);
    }
    // Where the configuration may not be read, the log itself shows that Lambda writes them.
    facts.push(Fact::Invoked(line(1, "L-1")));
    assert_eq!(status(&facts, None), [Status::Waiting, Status::Late, Status::Stuck]);
}
