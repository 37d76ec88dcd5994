//! Functions of others that print nothing: the only upload and the only invocation of a moment.

use crate::domain::evidence::{Fact, Listed, ListedObject, ReportStatus};
use crate::domain::ids::UploadId;
use crate::domain::timeline::tests::{at, invocation, line, stored, write};
use crate::domain::timeline::{Basis, Joined, Timeline, Timelines, UploadStatus, status};
use crate::support::report;

/// A listing that shows these keys, each written at these milliseconds.
fn listed(millis: i64, objects: &[(&str, i64)]) -> Fact {
    let one = |(key, modified): &(&str, i64)| ListedObject { key: (*key).into(), e_tag: None, modified: at(*modified) };
    let objects = Some(objects.iter().map(one).collect());
    Fact::Listed(Listed { at: at(millis), since: at(-200_000), bucket: "images".into(), objects })
}

/// What is known of the first upload, with the log read from ten minutes before to half a minute after.
fn first(facts: &[Fact]) -> Timeline {
    let learn = |facts: &mut dyn Iterator<Item = &Fact>| {
        let mut uploads = Timelines::default();
        uploads.log_begins(at(-600_000));
        for fact in facts {
            uploads.learn([fact.clone()]);
            uploads.log_read(at(30_000));
            uploads.refold();
        }
        uploads.of_upload(UploadId(1)).unwrap().clone()
    };
    let timeline = learn(&mut facts.iter());
    assert_eq!(timeline, learn(&mut facts.iter().rev()));
    timeline
}

fn alone(end: ReportStatus) -> Vec<Fact> {
    let mut facts = vec![stored(1, 0, write("in/a.png", None)), listed(10_000, &[("in/a.png", 0)])];
    facts.extend(invocation(40, 60, "L-1", end));
    facts
}

#[test]
fn the_only_upload_has_probably_been_processed() {
    let timeline = first(&alone(ReportStatus::Success));
    assert_eq!((timeline.joined, timeline.basis()), (Joined::By(Basis::Time), Some(Basis::Time)));
    assert_eq!(status(&timeline, None, at(9_000)), UploadStatus::Processed);
    for (why, more) in [
        ("an upload at the same time", vec![stored(2, 30, write("in/b.png", None))]),
        ("another object", vec![listed(11_000, &[("in/a.png", 0), ("in/b.png", -5_000)])]),
        ("another invocation", invocation(50, 80, "L-2", ReportStatus::Success).to_vec()),
        ("it names an object", vec![Fact::Printed(line(50, "L-1"), "got s3://images/other.png".into())]),
        ("a line too long to be read", vec![Fact::Printed(line(50, "L-1"), "x".repeat(70_000).as_str().into())]),
    ] {
        let facts = [alone(ReportStatus::Success), more].concat();
        assert_eq!(first(&facts).joined, Joined::UploadOnly, "{why}");
    }
    let later = [alone(ReportStatus::Success), vec![stored(2, 6_000, write("in/b.png", None))]].concat();
    assert_eq!(first(&later).joined, Joined::By(Basis::Time), "an upload that began after the invocation");
}

#[test]
fn a_name_replaces_what_was_joined_by_time() {
    let mut facts = alone(ReportStatus::Success);
    facts.push(Fact::Printed(line(50, "L-1"), "in/a.png".into()));
    assert_eq!(first(&facts).basis(), Some(Basis::Key));
}

/// A second attempt that runs takes nothing back.
#[test]
fn an_invocation_that_is_tried_again_stays_joined() {
    let mut facts = alone(ReportStatus::Failure);
    assert_eq!((first(&facts).basis(), first(&facts).awaits_retry()), (Some(Basis::Time), true));
    facts.push(Fact::Invoked(line(60_000, "L-1")));
    assert_eq!((first(&facts).basis(), first(&facts).invocations[0].attempts.len()), (Some(Basis::Time), 2));
    facts.push(Fact::Reported(line(60_100, "L-1"), report(ReportStatus::Failure)));
    facts.extend(invocation(180_000, 180_100, "L-1", ReportStatus::Failure));
    assert_eq!(status(&first(&facts), None, at(181_000)), UploadStatus::Failed);
}

#[test]
fn the_bucket_is_listed_where_nothing_else_is_missing() {
    let mut uploads = Timelines::default();
    uploads.log_begins(at(-600_000));
    uploads.learn([stored(1, 0, write("in/a.png", None))]);
    uploads.learn(invocation(40, 60, "L-1", ReportStatus::Success));
    uploads.refold();
    assert_eq!(uploads.listing_due(at(1_000)), Some(at(3_060)), "a little after the invocation");
    assert_eq!(uploads.listing_to_ask(at(1_000)), None);
    let since = Some(at(-20 - 120_000));
    assert_eq!(uploads.listing_to_ask(at(4_000)), since);
    assert_eq!(uploads.listing_to_ask(at(5_000)), None, "it is asked for once");
    assert_eq!(uploads.listing_to_ask(at(40_000)), since, "no answer came");
    uploads.learn([listed(41_000, &[("in/a.png", 0)])]);
    uploads.refold();
    assert_eq!(uploads.of_upload(UploadId(1)).unwrap().joined, Joined::UploadOnly, "the log is not read so far");
    uploads.log_read(at(42_000));
    uploads.refold();
    assert_eq!(uploads.of_upload(UploadId(1)).unwrap().joined, Joined::By(Basis::Time));
    assert_eq!(uploads.listing_to_ask(at(80_000)), None);
}
