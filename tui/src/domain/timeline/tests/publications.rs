//! Messages of functions of others: which are about an upload, and what is known of their subscribers.

use crate::domain::delivery::DeliveryState::{self, Accepted, Delivered, Filtered, Unknown};
use crate::domain::delivery::{deliveries, incomplete};
use crate::domain::evidence::{DeliveryStatusEntry, Fact, ReportStatus, TopicMessage};
use crate::domain::subscriptions::{Attributes, DeliveryStatusLogging, FilterPolicy, Protocol, Subscriptions};
use crate::domain::timeline::tests::{at, first, invocation, line, published, stored, write};
use crate::domain::timeline::{Basis, FoundBy, Outcome, Timeline, UploadStatus, status};
use crate::support;
use crate::text::clean::Clean;

pub(super) const ID: &str = "1f7e3f0a-6f0e-5a58-9b0f-5d9f1c1b2a3c";
pub(super) const OTHER: &str = "2a8d4c1b-7f1e-4b69-8c1a-6e0a2d2c3b4d";

pub(super) fn printed(millis: i64, id: &str, text: &str) -> Fact {
    Fact::Printed(line(millis, id), Clean::log(text))
}

pub(super) fn arrived(message: &str) -> Fact {
    Fact::DeliveryStatusEntry(support::delivery_status(at(70), message, "arn:aws:sqs:us-east-1:1:audit"))
}

pub(super) fn message(id: &str, millis: i64, attributes: &str, text: &str) -> Fact {
    let message = TopicMessage {
        message_id: id.into(),
        topic: "arn:aws:sns:us-east-1:1:uploads".into(),
        at: at(millis),
        attributes: attributes.into(),
    };
    Fact::MessageText(message, text.into())
}

/// An upload of which the function prints the key.
fn by_key() -> Vec<Fact> {
    let mut facts = vec![stored(1, 0, write("in/a.png", None)), printed(45, "L-1", "new image in/a.png")];
    facts.extend(invocation(40, 60, "L-1", ReportStatus::Success));
    facts
}

/// The messages of the first upload: what shows them, and what joins them to it.
pub(super) fn messages(facts: &[Fact]) -> Vec<(String, FoundBy, Option<Basis>)> {
    let one = |it: &crate::domain::timeline::Publication| (it.message_id.raw().to_owned(), it.found, it.basis);
    first(facts).publications().iter().map(one).collect()
}

pub(super) fn with(facts: Vec<Fact>) -> Vec<Fact> {
    [by_key(), facts].concat()
}

#[test]
fn an_id_in_the_log_is_a_message_where_the_topic_is_known_to_have_it() {
    let logged = printed(50, "L-1", &format!("sent {ID}"));
    assert_eq!(messages(&with(vec![logged.clone()])), [], "it may be the id of anything");
    assert_eq!(first(&with(vec![logged.clone(), arrived(OTHER)])).outcome, Outcome::Waiting);
    let facts = with(vec![logged.clone(), arrived(ID)]);
    assert_eq!(messages(&facts), [(ID.to_owned(), FoundBy::MessageId, Some(Basis::Key))]);
    let timeline = first(&facts);
    assert_eq!((status(&timeline, None, at(100)), timeline.delivery_statuses.len()), (UploadStatus::Published, 1));
    let twice = with(vec![logged.clone(), arrived(ID), printed(90, "L-2", &format!("the last one was {ID}"))]);
    let twice = [twice, invocation(80, 95, "L-2", ReportStatus::Success).to_vec()].concat();
    assert_eq!(messages(&twice), [], "two invocations name it");
    let two = vec![logged, printed(51, "L-1", &format!("sent {OTHER}")), arrived(ID), arrived(OTHER)];
    assert_eq!(messages(&with(two)).len(), 2);
}

#[test]
fn an_event_of_several_records_has_nobodys_message() {
    let mut facts = vec![
        stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810"))),
        stored(2, 0, write("in/b.png", Some("C3D13FE58DE4C811"))),
        printed(45, "L-1", "C3D13FE58DE4C810 C3D13FE58DE4C811"),
        printed(50, "L-1", &format!("sent {ID}")),
        arrived(ID),
    ];
    facts.extend(invocation(40, 60, "L-1", ReportStatus::Success));
    assert_eq!((first(&facts).basis(), messages(&facts)), (Some(Basis::S3RequestId), vec![]));
}

#[test]
fn a_message_whose_text_names_the_key_is_about_the_upload() {
    let found = [(ID.to_owned(), FoundBy::Text, Some(Basis::Key))];
    for text in ["in/a.png is there", r#"{"key":"in/a.png"}"#, "subject\nhttps://images.s3.amazonaws.com/in/a.png"] {
        assert_eq!(messages(&with(vec![message(ID, 50, "{}", text)])), found, "{text}");
    }
    for (millis, text) in
        [(50, "xin/a.png"), (50, "a.png"), (50, "in/a.png.bak"), (5_000, "in/a.png"), (-5_000, "in/a.png")]
    {
        assert_eq!(messages(&with(vec![message(ID, millis, "{}", text)])), [], "{text} at {millis}");
    }
    // The function prints nothing.
    let silent =
        [vec![stored(1, 0, write("in/a.png", None))], invocation(40, 60, "L-1", ReportStatus::Success).to_vec()]
            .concat();
    assert_eq!(messages(&[silent.clone(), vec![message(ID, 50, "{}", "in/a.png")]].concat()), found);
    let again = vec![stored(2, 10, write("in/a.png", None)), message(ID, 50, "{}", "in/a.png")];
    assert_eq!(messages(&[silent.clone(), again].concat()), [], "two uploads of the key");
    let two = vec![message(ID, 50, "{}", "in/a.png"), message(OTHER, 51, "{}", "in/a.png")];
    assert_eq!(messages(&[silent, two].concat()), [], "two messages that name it");
}

#[test]
fn a_message_that_a_record_names_is_about_its_write_alone() {
    let of_another = published(45, "L-2", write("in/a.png", Some("C3D13FE58DE4C819")), ID);
    let own = stored(1, 0, write("in/a.png", Some("C3D13FE58DE4C810")));
    let text = message(ID, 50, "{}", "in/a.png");
    assert_eq!(messages(&[own.clone(), text.clone()]).len(), 1);
    assert_eq!(messages(&[own.clone(), text, of_another.clone()]), [], "another program wrote the key");
    let named = [
        vec![own, printed(50, "L-1", &format!("in/a.png {ID}"))],
        invocation(40, 60, "L-1", ReportStatus::Success).to_vec(),
    ]
    .concat();
    assert_eq!(messages(&[named.clone(), vec![arrived(ID)]].concat()).len(), 1);
    assert_eq!(messages(&[named, vec![arrived(ID), of_another]].concat()), []);
}

fn subscriptions(policy: Option<&str>, on_body: bool) -> Subscriptions {
    let mut item = support::subscription(Protocol::Email, "a@example.com", Some(at(-2_000_000)));
    if let Attributes::Read { filter_policy, .. } = &mut item.attributes {
        *filter_policy = policy.map(|json| FilterPolicy { json: json.into(), on_body });
    }
    let mut subscriptions = Subscriptions::default();
    subscriptions.replace(vec![item], DeliveryStatusLogging::default(), at(-2_000_000));
    subscriptions
}

fn states(timeline: &Timeline, subscriptions: &Subscriptions) -> Vec<(DeliveryState, String)> {
    deliveries(timeline, subscriptions).into_iter().map(|row| (row.state, row.evidence)).collect()
}

#[test]
fn what_the_shipped_function_publishes_is_not_assumed_of_another_one() {
    let by_id = first(&with(vec![printed(50, "L-1", ID), arrived(ID)]));
    let state = |timeline: &Timeline, policy, on_body| {
        let rows = deliveries(timeline, &subscriptions(policy, on_body));
        let row = rows.into_iter().find(|row| row.protocol == Protocol::Email).unwrap();
        (row.state, row.evidence)
    };
    for (policy, on_body) in [
        (r#"{"contentType":["image/png"]}"#, false),
        (r#"{"contentType":["image/jpeg"]}"#, false),
        (r#"{"bucket":["images"]}"#, false),
        (r#"{"key":["x"]}"#, true),
    ] {
        let (now, why) = state(&by_id, Some(policy), on_body);
        assert_eq!(now, Unknown, "{policy}");
        assert!(why.contains("attributes of this function's messages are not known"), "{why}");
    }
    assert_eq!(state(&by_id, None, false).0, Accepted);
    // The probe has seen them.
    let seen = |attributes| first(&with(vec![message(ID, 50, attributes, "in/a.png")]));
    let policy = Some(r#"{"kind":["photo"]}"#);
    assert_eq!(state(&seen(r#"{"kind":"photo"}"#), policy, false).0, Accepted);
    assert_eq!(state(&seen(r#"{"kind":"video"}"#), policy, false).0, Filtered);
    assert_eq!(state(&seen("{}"), policy, false).0, Filtered);
    assert_eq!(state(&seen("{}"), policy, true).0, Unknown, "a policy for the body");
    assert_eq!(states(&by_id, &subscriptions(None, false)).last().unwrap().0, Delivered, "the delivery status");
}

#[test]
fn a_topic_that_the_function_does_not_publish_to_has_no_deliveries_of_it() {
    let timeline =
        first(&[stored(1, 0, write("a.png", Some("S3-1"))), published(30, "L-1", write("a.png", Some("S3-1")), "M-1")]);
    let (topic, other) = ("arn:aws:sns:us-east-1:1:uploads", "arn:aws:sns:us-east-1:1:other");
    let mut known = subscriptions(None, false);
    known.topic_arn = Some(other.into());
    for (publishes_to, is_elsewhere) in [
        (None, false),
        (Some(vec![]), false),
        (Some(vec![other]), false),
        (Some(vec!["other"]), false),
        (Some(vec![topic, other]), false),
        (Some(vec![topic]), true),
        (Some(vec!["uploads"]), true),
    ] {
        known.publishes_to = publishes_to.clone().map(|all: Vec<&str>| all.into_iter().map(Clean::new).collect());
        assert_eq!(deliveries(&timeline, &known).is_empty(), is_elsewhere, "{publishes_to:?}");
        let why = incomplete(&timeline, &known);
        assert_eq!(why.is_some_and(|why| why.contains("publishes to another topic")), is_elsewhere, "{publishes_to:?}");
    }
    // The topic is known to have the message, whatever the configuration says.
    let facts = [
        stored(1, 0, write("a.png", Some("S3-1"))),
        published(30, "L-1", write("a.png", Some("S3-1")), "M-1"),
        arrived("M-1"),
    ];
    assert_eq!(deliveries(&first(&facts), &known).len(), 2);
}

/// A message of another topic, whose subscriptions are not listed, has the deliveries that its delivery statuses show.
#[test]
fn deliveries_of_another_topic_are_those_of_its_delivery_statuses() {
    let (topic, other) = ("arn:aws:sns:us-east-1:1:uploads", "arn:aws:sns:us-east-1:1:other");
    let status = |id: &str, topic: &str, success| {
        let entry = support::delivery_status(at(70), id, "arn:aws:sqs:us-east-1:1:audit");
        Fact::DeliveryStatusEntry(DeliveryStatusEntry { topic: Some(topic.into()), success, ..entry })
    };
    let mut known = subscriptions(None, false);
    known.topic_arn = Some(topic.into());
    let both = printed(50, "L-1", &format!("sent {ID} and {OTHER}"));
    let timeline = first(&with(vec![both, status(ID, topic, true), status(OTHER, other, false)]));
    let rows = states(&timeline, &known);
    assert_eq!(
        rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        [DeliveryState::Failed, Accepted, Delivered],
        "{rows:?}"
    );
    assert!(rows[0].1.starts_with("topic other, delivery-status log: FAILURE"), "{rows:?}");
    assert!(crate::domain::delivery::has_failed(&timeline));
    let why = incomplete(&timeline, &known).unwrap();
    assert_eq!(why, format!("the subscribers of {other} are not listed: only delivery statuses show them"));
    // Nothing is said of the subscribers of a topic that has no message.
    let alone = first(&with(vec![printed(50, "L-1", ID), status(ID, other, true)]));
    assert_eq!(states(&alone, &known).iter().map(|row| row.0).collect::<Vec<_>>(), [Delivered]);
}
