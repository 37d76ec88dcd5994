//! Functions of others: what they print joins their invocations to uploads.

use crate::domain::evidence::{Fact, LogSource, ReportStatus};
use crate::domain::ids::UploadId;
use crate::domain::timeline::tests::{at, first, invocation, line, published, stored, write};
use crate::domain::timeline::{Basis, Joined, Outcome, Timeline, Timelines, UploadStatus, status};
use crate::support;
use crate::text::clean::Clean;

/// A line that names no request id, in the stream of all invocations here.
fn printed(millis: i64, text: &str) -> Fact {
    let source = LogSource { at: at(millis), function: "f".into(), stream: "stream".into(), lambda_request_id: None };
    Fact::Printed(source, Clean::log(text))
}

fn ids(timeline: &Timeline) -> Vec<&str> {
    timeline.invocations.iter().map(|invocation| invocation.request_id.raw()).collect()
}

#[test]
fn a_function_that_prints_the_key_has_processed_the_upload() {
    let key = "in/a b+é.png";
    let quoted = serde_json::json!({ "level": "INFO", "message": "new object", "key": key }).to_string();
    for (text, basis) in [
        ("in/a+b%2B%C3%A9.png", Basis::Key),
        ("s3://images/in/a b+é.png", Basis::Key),
        ("resizing a b+é.png", Basis::KeyPart),
        (quoted.as_str(), Basis::Key),
        ("{'responseElements': {'x-amz-request-id': 'C3D13FE58DE4C810'}}", Basis::S3RequestId),
        ("              \"x-amz-request-id\": \"C3D13FE58DE4C810\",", Basis::S3RequestId),
        ("content \"etag of in/a b+é.png\"", Basis::Key),
    ] {
        let mut facts = vec![stored(1, 0, write(key, Some("C3D13FE58DE4C810"))), printed(50, text)];
        facts.extend(invocation(40, 60, "L-1", ReportStatus::Success));
        facts.extend(invocation(70, 90, "L-2", ReportStatus::Success));
        let timeline = first(&facts);
        assert_eq!((timeline.joined, ids(&timeline)), (Joined::By(basis), vec!["L-1"]), "{text}");
        assert_eq!(status(&timeline, None, at(100)), UploadStatus::Processed, "{text}");
        assert!(!timeline.is_open() && timeline.outcome == Outcome::Waiting, "nothing says that it published");
    }
}

#[test]
fn a_function_that_prints_nothing_joins_nothing() {
    let mut facts = vec![stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810"))), printed(50, "working")];
    facts.extend(invocation(40, 60, "L-1", ReportStatus::Success));
    assert_eq!(first(&facts).joined, Joined::UploadOnly);
}

#[test]
fn a_function_that_fails_after_it_printed_the_key_is_followed_to_its_end() {
    let mut facts = vec![stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810")))];
    for attempt in 0..3 {
        facts.push(printed(50 + attempt * 1_000, "in/a.png"));
        facts.extend(invocation(40 + attempt * 1_000, 60 + attempt * 1_000, "L-1", ReportStatus::Failure));
        let timeline = first(&facts);
        assert_eq!(timeline.invocations[0].attempts.len(), usize::try_from(attempt).unwrap() + 1);
        let expected = if attempt < 2 { UploadStatus::Waiting } else { UploadStatus::Failed };
        assert_eq!(status(&timeline, None, at(3_000)), expected);
    }
}

#[test]
fn a_line_of_no_known_invocation_joins_nothing() {
    let upload = stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810")));
    let before =
        [vec![upload.clone(), printed(30, "in/a.png")], invocation(40, 60, "L-1", ReportStatus::Success).to_vec()];
    assert_eq!(first(&before.concat()).joined, Joined::UploadOnly, "the environment was starting");
    let mut both = vec![upload, printed(50, "in/a.png")];
    both.extend(invocation(40, 60, "L-1", ReportStatus::Success));
    both.extend(invocation(45, 70, "L-2", ReportStatus::Success));
    assert_eq!(first(&both).joined, Joined::UploadOnly, "two were running in the environment");
    both.push(Fact::Printed(line(55, "L-2"), "in/a.png".into()));
    assert_eq!(ids(&first(&both)), ["L-2"], "a line that names its invocation tells");
}

/// A record of imgwatch's handler is exact, and what else its invocation prints changes nothing.
#[test]
fn a_record_is_never_outweighed_by_what_is_printed() {
    let mut facts = vec![
        stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810"))),
        stored(2, 0, write("in/b.png", Some("C3D13FE58DE4C811"))),
        published(50, "L-1", write("in/a.png", Some("C3D13FE58DE4C810")), "M-1"),
    ];
    facts.extend(invocation(40, 60, "L-1", ReportStatus::Success));
    let before = first(&facts);
    facts
        .extend([Fact::Printed(line(51, "L-1"), "in/b.png".into()), Fact::Printed(line(52, "L-1"), "in/a.png".into())]);
    assert_eq!(first(&facts), before);
    let mut uploads = Timelines::default();
    uploads.learn(facts);
    uploads.refold();
    assert_eq!(uploads.of_upload(UploadId(2)).unwrap().joined, Joined::UploadOnly);
}

/// The fold is repeated while uploads come: with many of them, each line must cost what the line is long.
#[test]
fn many_uploads_are_joined_each_to_its_own_invocation() {
    let mut facts = Vec::new();
    let count = 2_000_i64;
    for number in 0..count {
        let (at, id) = (number * 10, format!("L-{number}"));
        let key = format!("photos/2026/{number}.png");
        facts.push(support::stored(number.unsigned_abs(), super::at(at), super::at(at), write(&key, None), 1));
        facts.extend(invocation(at + 1, at + 9, &id, ReportStatus::Success));
        facts.push(printed(at + 5, &key));
    }
    let mut uploads = Timelines::default();
    uploads.learn(facts);
    uploads.refold();
    for number in 0..count {
        let timeline = uploads.of_upload(UploadId(number.unsigned_abs())).unwrap();
        assert_eq!((timeline.joined, ids(timeline)), (Joined::By(Basis::Key), vec![format!("L-{number}").as_str()]));
    }
}

#[test]
fn an_invocation_that_began_before_the_upload_is_about_an_earlier_write() {
    let upload = stored(1, 100, write("in/a.png", None));
    // It prints the key only when the upload has begun.
    let earlier =
        [&invocation(50, 300, "L-1", ReportStatus::Success)[..], &[printed(200, "done with in/a.png")]].concat();
    let timeline = first(&[std::slice::from_ref(&upload), &earlier[..]].concat());
    assert_eq!((timeline.joined, ids(&timeline)), (Joined::UploadOnly, vec![]));
    let own = [&invocation(110, 300, "L-2", ReportStatus::Success)[..], &[printed(200, "done with in/a.png")]].concat();
    assert_eq!(ids(&first(&[&[upload], &own[..]].concat())), ["L-2"]);
}

/// An upload that began at `began` by this machine's clock, and at `not_before` by S3's.
fn skewed(began: i64, not_before: i64) -> Fact {
    let mut fact = stored(1, began, write("in/a.png", None));
    let Fact::Stored { not_before: by_s3, .. } = &mut fact else { panic!() };
    *by_s3 = super::at(not_before);
    fact
}

#[test]
fn a_clock_that_is_wrong_neither_hides_an_invocation_nor_gives_away_an_earlier_one() {
    let lines =
        [&invocation(110, 300, "L-1", ReportStatus::Success)[..], &[printed(200, "done with in/a.png")]].concat();
    for (began, not_before, joined) in [
        // Right, twenty seconds and five minutes ahead.
        (100, 100, true),
        (20_100, 100, true),
        (300_100, 100, true),
        // Twenty seconds behind: the invocation began before the upload.
        (-19_700, 300, false),
    ] {
        let timeline = first(&[&[skewed(began, not_before)], &lines[..]].concat());
        assert_eq!(!ids(&timeline).is_empty(), joined, "{began} {not_before}: {:?}", timeline.joined);
    }
}

#[test]
fn an_invocation_that_names_nothing_is_counted_by_the_clock_of_s3() {
    use crate::domain::log::{LogReading, Tail};
    use crate::domain::silence::Silence;

    let read_at = Some(super::at(300_000));
    let log = LogReading { tail: &Tail::Live, read_at, platform_lines: Some(true) };
    for (began, not_before, invocations) in [(100, 100, 1), (20_100, 100, 1), (-30_000, 30_000, 0)] {
        let facts = [&[skewed(began, not_before)], &invocation(110, 300, "L-1", ReportStatus::Success)[..]].concat();
        let mut uploads = super::Timelines::default();
        uploads.learn(facts);
        uploads.refold();
        let timeline = uploads.of_upload(crate::domain::ids::UploadId(1)).unwrap();
        let silence = uploads.silence(timeline, log, super::at(300_000));
        let counted = if let Some(Silence::Unnamed { invocations, .. }) = silence { invocations } else { 0 };
        assert_eq!(counted, invocations, "{began} {not_before}: {silence:?}");
    }
}
