//! Messages that only CloudWatch's count shows.

use jiff::{SignedDuration, Timestamp};

use super::publications::{ID, OTHER, arrived, message, messages, printed, with};
use crate::domain::evidence::{Counted, DeliveryStatusEntry, Fact, FunctionTimeout, LogStretch, ReportStatus};
use crate::domain::timeline::tests::{at, first, invocation, line, published, stored, write};
use crate::domain::timeline::{Basis, FoundBy};
use crate::support::{self, report};
use crate::text::clean::Clean;

/// A delivery status that says when SNS accepted the message.
fn accepted(id: &str, millis: i64) -> Fact {
    let entry = support::delivery_status(at(millis + 20), id, "arn:aws:sqs:us-east-1:1:audit");
    let topic = Some(Clean::new("arn:aws:sns:us-east-1:1:uploads"));
    Fact::DeliveryStatusEntry(DeliveryStatusEntry { topic, accepted: Some(at(millis)), ..entry })
}

/// CloudWatch's answer, minutes later, about the minute of all of this; the log is read before and after.
fn counted(count: u64) -> [Fact; 2] {
    let minute = Timestamp::from_second(at(0).as_second().div_euclid(60) * 60).unwrap();
    let counted = Counted {
        at: at(300_000),
        topic: "arn:aws:sns:us-east-1:1:uploads".into(),
        from: minute - SignedDuration::from_mins(2),
        to: minute + SignedDuration::from_mins(3),
        complete_to: at(120_000),
        minutes: Some([(minute, count)].into()),
    };
    [Fact::Counted(counted), Fact::LogRead(LogStretch { from: at(-900_000), to: at(300_000) })]
}

#[test]
fn the_only_message_of_the_topic_is_probably_the_uploads() {
    let found = [(ID.to_owned(), FoundBy::Count, Some(Basis::Time))];
    let of = |facts: &[&[Fact]]| messages(&with(facts.concat()));
    assert_eq!(of(&[&[accepted(ID, 50)], &counted(1)]), found);
    let timeline = first(&with([&[accepted(ID, 50)], &counted(1)[..]].concat()));
    assert_eq!((timeline.basis(), timeline.outcome_basis()), (Some(Basis::Key), Some(Basis::Time)));
    assert_eq!((timeline.publications()[0].at, timeline.delivery_statuses.len()), (at(50), 1));
    // Without the counts, or with others, it is processed.
    let state = |facts: &[&[Fact]]| {
        let timeline = first(&with(facts.concat()));
        (timeline.is_processed(), timeline.uncounted.len())
    };
    assert_eq!(state(&[&[accepted(ID, 50)], &counted(1)[1..]]), (true, 1));
    assert_eq!(state(&[&[accepted(ID, 50)], &counted(2)]), (true, 0));
    assert_eq!(state(&[&[accepted(ID, 2_000)], &counted(1)]), (true, 0));
    assert_eq!(state(&[&[arrived(ID)], &counted(1)]), (true, 0), "nothing says when SNS accepted it");
    assert_eq!(state(&[&[accepted(ID, 50), accepted(OTHER, 55)], &counted(2)]), (true, 0));
    // The log of another invocation at that time; a line alone may be of one that began long before.
    assert_eq!(
        state(&[&[accepted(ID, 50)], &counted(1), &invocation(45, 55, "L-2", ReportStatus::Success)]),
        (true, 0)
    );
    assert_eq!(state(&[&[accepted(ID, 50)], &counted(1), &[printed(-700_000, "L-2", "in/a.png")]]), (true, 0));
    assert_eq!(of(&[&[accepted(ID, 50)], &counted(1), &invocation(5_000, 6_000, "L-2", ReportStatus::Success)]), found);
}

#[test]
fn a_message_of_which_something_else_speaks_is_not_given_away_by_count() {
    let facts = |more: Vec<Fact>| with([vec![accepted(ID, 50)], counted(1).to_vec(), more].concat());
    let text = |text| message(ID, 50, "{}", text);
    assert_eq!(messages(&facts(vec![text("in/a.png")])), [(ID.to_owned(), FoundBy::Text, Some(Basis::Key))]);
    let other = stored(2, 9_000, write("in/b.png", None));
    assert_eq!(messages(&facts(vec![text("in/b.png"), other])), []);
    let logged = printed(50, "L-1", &format!("sent {ID}"));
    assert_eq!(messages(&facts(vec![logged]))[0].1, FoundBy::MessageId);
    let of_another = [
        vec![printed(9_000, "L-2", &format!("the last one was {ID}"))],
        invocation(8_990, 9_010, "L-2", ReportStatus::Success).to_vec(),
    ];
    assert_eq!(messages(&facts(of_another.concat())), []);
    let recorded = published(45, "L-3", write("in/z.png", Some("C3D13FE58DE4C819")), ID);
    assert_eq!(messages(&facts(vec![recorded])), []);
}

#[test]
fn an_invocation_that_ran_twice_or_failed_or_is_shared_has_no_message_by_count() {
    let of = |facts: Vec<Fact>| messages(&[facts, vec![accepted(ID, 50)], counted(1).to_vec()].concat());
    let named = |id: &str| printed(45, id, "new image in/a.png");
    let upload = || stored(1, 0, write("in/a.png", None));
    let failed = Fact::Reported(line(60, "L-1"), report(ReportStatus::Error));
    assert_eq!(of(vec![upload(), named("L-1"), Fact::Invoked(line(40, "L-1")), failed]), []);
    let twice =
        [invocation(40, 60, "L-1", ReportStatus::Success), invocation(60_000, 60_010, "L-1", ReportStatus::Success)]
            .concat();
    assert_eq!(of([vec![upload(), named("L-1")], twice].concat()), []);
    let running = vec![upload(), named("L-1"), Fact::Invoked(line(40, "L-1"))];
    assert_eq!(of(running), []);
    let two = vec![
        stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810"))),
        stored(2, 0, write("in/b.png", Some("C3D13FE58DE4C811"))),
        printed(45, "L-1", "C3D13FE58DE4C810 C3D13FE58DE4C811"),
    ];
    assert_eq!(of([two, invocation(40, 60, "L-1", ReportStatus::Success).to_vec()].concat()), []);
}

/// Only an attempt that can have run so long may have begun before the log is read.
#[test]
fn the_functions_timeout_says_from_when_on_the_log_has_to_be_read() {
    let of = |seconds: Option<u16>| {
        let [count, _] = counted(1);
        let log = Fact::LogRead(LogStretch { from: at(-60_000), to: at(300_000) });
        let timeout = seconds.map(|seconds| Fact::Timeout(FunctionTimeout { at: at(0), seconds }));
        messages(&with([vec![accepted(ID, 50), count, log], timeout.into_iter().collect()].concat())).len()
    };
    assert_eq!((of(None), of(Some(61)), of(Some(60)), of(Some(3))), (0, 0, 1, 1));
}
