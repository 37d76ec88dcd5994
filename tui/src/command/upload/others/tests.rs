//! What is left out, and that no join becomes possible by it.

use jiff::Timestamp;

use super::*;
use crate::domain::evidence::{
    DeliveryStatusEntry, InvocationReport, Listed, ListedObject, LogSource, ReportStatus, TopicMessage,
};
use crate::domain::ids::UploadId;
use crate::domain::timeline::Timelines;
use crate::support::{self, at};

fn source(id: &str) -> LogSource {
    LogSource {
        at: Timestamp::UNIX_EPOCH,
        function: "f".into(),
        stream: "s".into(),
        lambda_request_id: Some(id.into()),
    }
}

fn write(key: &str) -> Write {
    let (bucket, key) = ("images".into(), key.into());
    Write { bucket, key, e_tag: None, version_id: None, sequencer: None, s3_request_id: None }
}

fn started(id: &str) -> Fact {
    Fact::Invoked(source(id))
}

fn received(id: &str, key: &str) -> Fact {
    Fact::Received(source(id), write(key))
}

fn published(id: &str, key: &str) -> Fact {
    let message_id = format!("message-{id}").as_str().into();
    Fact::Published { source: source(id), write: write(key), message_id }
}

fn reported(id: &str) -> Fact {
    Fact::Reported(source(id), InvocationReport::default())
}

fn delivered(id: &str) -> Fact {
    Fact::DeliveryStatusEntry(DeliveryStatusEntry {
        message_id: format!("message-{id}").as_str().into(),
        topic: None,
        at: Timestamp::UNIX_EPOCH,
        accepted: None,
        destination: "arn".into(),
        success: true,
        status_code: None,
        response: None,
        dwell_ms: None,
        attempts: None,
    })
}

fn whole(id: &str, key: &str) -> Vec<Fact> {
    vec![started(id), received(id, key), published(id, key), reported(id), delivered(id)]
}

/// One that has kept enough to leave things out.
fn full() -> OtherUploads {
    OtherUploads { kept: FEW, ..OtherUploads::default() }
}

fn kept(others: &mut OtherUploads, facts: Vec<Fact>) -> Vec<Fact> {
    let mut facts = facts;
    let own = "own.png".into();
    others.leave_out(&mut facts, &HashSet::from([&own]));
    facts
}

#[test]
fn all_of_an_invocation_for_others_is_left_out_in_any_batches() {
    let mut others = full();
    assert_eq!(kept(&mut others, whole("1", "other.png")), []);
    assert_eq!(kept(&mut others, vec![reported("1"), delivered("1"), received("1", "other.png")]), []);
    // What names nothing may be anyone's.
    let unnamed = vec![started("2"), reported("2"), delivered("9")];
    assert_eq!(kept(&mut others, unnamed.clone()), unnamed);
}

#[test]
fn all_of_an_invocation_of_which_something_was_kept_is_kept() {
    let mut others = full();
    assert_eq!(kept(&mut others, vec![started("1")]), [started("1")]);
    let rest = vec![received("1", "other.png"), published("1", "other.png"), reported("1"), delivered("1")];
    assert_eq!(kept(&mut others, rest.clone()), rest, "else it would seem to name nothing");
    let mut uploads = Timelines::default();
    uploads.learn([vec![started("1")], rest].concat());
    uploads.refold();
    assert_eq!(uploads.all().len(), 1);
}

#[test]
fn what_is_about_own_files_is_kept_also_beside_others() {
    let mut others = full();
    assert_eq!(kept(&mut others, whole("1", "own.png")), whole("1", "own.png"));
    let mixed = [whole("2", "other.png"), whole("2", "own.png")].concat();
    assert_eq!(kept(&mut others, mixed.clone()), mixed);
    // A batch of images whose first page was about others.
    assert_eq!(kept(&mut others, vec![started("3"), received("3", "other.png")]), []);
    let own = vec![received("3", "own.png"), published("3", "own.png"), reported("3"), delivered("3")];
    assert_eq!(kept(&mut others, own.clone()), own);
}

#[test]
fn a_short_log_is_kept_as_it_is() {
    let mut others = OtherUploads::default();
    assert_eq!(kept(&mut others, whole("1", "other.png")), whole("1", "other.png"));
}

#[test]
fn ids_are_bounded() {
    let mut ids = Ids::default();
    let id = |number: usize| Clean::new(&number.to_string());
    for number in 0..=MOST * 2 {
        ids.insert(&id(number));
    }
    assert!(ids.new.len() + ids.old.len() <= MOST * 2);
    assert!(ids.has(&id(MOST * 2)) && ids.has(&id(MOST)) && !ids.has(&id(0)));
}

const OWN_ID: &str = "1f7e3f0a-6f0e-5a58-9b0f-5d9f1c1b2a3c";

/// Facts of one environment, in milliseconds: two invocations run at a time, and only one has records.
fn in_stream(millis: i64, id: Option<&str>) -> LogSource {
    LogSource { at: at(millis), function: "f".into(), stream: "stream".into(), lambda_request_id: id.map(Clean::new) }
}

fn printed(millis: i64, id: Option<&str>, text: &str) -> Fact {
    Fact::Printed(in_stream(millis, id), text.into())
}

fn runs(from: i64, to: i64, id: &str) -> [Fact; 2] {
    let end = support::report(ReportStatus::Success);
    [Fact::Invoked(in_stream(from, Some(id))), Fact::Reported(in_stream(to, Some(id)), end)]
}

fn published_at(millis: i64, id: &str, message: &str) -> Fact {
    support::published(in_stream(millis, Some(id)), support::write("other.png", Some("S3-9")), message)
}

/// What becomes of the upload of `own.png` by facts that come in these batches: its invocations and messages.
fn becomes(batches: &[Vec<Fact>], others: Option<&mut OtherUploads>) -> (usize, usize) {
    let mut uploads = Timelines::default();
    uploads.log_begins(at(-600_000));
    let own = support::write("own.png", None);
    let object = ListedObject { key: own.key.clone(), e_tag: None, modified: at(0) };
    let objects = Some([object].into());
    uploads.learn([
        support::stored(1, at(-20), at(0), own, 1),
        Fact::Listed(Listed { at: at(10_000), since: at(-200_000), bucket: "images".into(), objects }),
    ]);
    uploads.log_read(at(30_000));
    match others {
        Some(others) => batches.iter().for_each(|facts| uploads.learn(kept(others, facts.clone()))),
        None => batches.iter().for_each(|facts| uploads.learn(facts.clone())),
    }
    uploads.refold();
    let timeline = uploads.of_upload(UploadId(1)).unwrap();
    (timeline.invocations.len(), timeline.publications().len())
}

#[test]
fn no_join_becomes_possible_by_what_is_left_out() {
    let other = |message: &str| [runs(30, 90, "B").to_vec(), vec![published_at(70, "B", message)]].concat();
    let own = |lines: Vec<Fact>| [runs(40, 80, "A").to_vec(), lines].concat();
    let status = || Fact::DeliveryStatusEntry(support::delivery_status(at(75), OWN_ID, "arn"));
    let text = || {
        let message =
            TopicMessage { message_id: OWN_ID.into(), topic: "t".into(), at: at(71), attributes: "{}".into() };
        Fact::MessageText(message, "own.png".into())
    };
    let names_both = || vec![printed(50, Some("A"), "own.png"), printed(51, Some("A"), OWN_ID)];
    for (what, one, two, expected) in [
        ("nothing", own(vec![]), vec![], (1, 0)),
        ("another invocation", own(vec![]), other("M"), (1, 0)),
        ("a line that either of them printed", own(vec![printed(50, None, "own.png")]), other("M"), (0, 0)),
        ("a message that is named", [own(names_both()), vec![status()]].concat(), other("M"), (1, 1)),
        (
            "a message that the other one names too",
            [own(names_both()), vec![status()]].concat(),
            [other("M"), vec![printed(60, Some("B"), OWN_ID)]].concat(),
            (1, 0),
        ),
        (
            "a message that a record says to be another one's",
            own([names_both(), vec![status()]].concat()),
            other(OWN_ID),
            (1, 0),
        ),
        ("the text of a message of another upload", own(vec![text()]), other(OWN_ID), (1, 0)),
    ] {
        let lines =
            |facts: &[Fact]| facts.iter().cloned().partition::<Vec<Fact>, _>(|fact| matches!(fact, Fact::Printed(..)));
        let (printed, rest) = lines(&two);
        for batches in [
            vec![[one.clone(), two.clone()].concat()],
            vec![one.clone(), two.clone()],
            vec![two.clone(), one.clone()],
            vec![rest, one.clone(), printed],
        ] {
            assert_eq!(becomes(&batches, None), expected, "{what}, nothing left out: {batches:?}");
            assert_eq!(becomes(&batches, Some(&mut full())), expected, "{what}: {batches:?}");
        }
    }
}
