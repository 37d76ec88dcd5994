//! Deliveries: what each subscriber's state claims, and what it is claimed by.

use crate::domain::delivery::DeliveryState::{self, Accepted, Delivered, PendingConfirmation, Unknown};
use crate::domain::delivery::{deliveries, settled};
use crate::domain::evidence::{DeliveryStatusEntry, Fact, Probed};
use crate::domain::probe::Probe;
use crate::domain::problem::Problem;
use crate::domain::subscriptions::{
    Attributes, DeliveryStatusLogging, FilterPolicy, Protocol, Subscription, Subscriptions,
};
use crate::domain::timeline::tests::{at, fold_of, published, stored, write};
use crate::support;

fn subscription(protocol: Protocol, endpoint: &str, confirmed: bool) -> Subscription {
    with_policy(protocol, endpoint, confirmed, None)
}

fn with_policy(protocol: Protocol, endpoint: &str, confirmed: bool, policy: Option<&str>) -> Subscription {
    let mut item = support::subscription(protocol, endpoint, confirmed.then(|| at(-1_000)));
    if let Attributes::Read { filter_policy, .. } = &mut item.attributes {
        *filter_policy = policy.map(|json| FilterPolicy { json: json.into(), on_body: false });
    }
    item
}

/// The same as another listing shows it, which read its attributes again.
fn seen_at(millis: i64, mut item: Subscription) -> Subscription {
    if let Attributes::Read { at: read, .. } = &mut item.attributes {
        *read = at(millis);
    }
    item
}

fn denied() -> Problem {
    support::problem("cannot read", "sns:GetSubscriptionAttributes is not allowed", "")
}

/// The subscribers of a message that was published at 30 ms, with what is said of each.
fn told(subscriptions: &Subscriptions) -> Vec<(String, DeliveryState, String)> {
    let facts = [published(30, "L-1", write("a.png", Some("S3-1")), "M-1")];
    let rows = deliveries(&fold_of(&facts)[0], subscriptions);
    rows.into_iter().map(|row| (row.endpoint.raw().to_owned(), row.state, row.evidence)).collect()
}

fn state(subscriptions: &Subscriptions) -> (DeliveryState, String) {
    let rows = told(subscriptions);
    assert_eq!(rows.len(), 1, "{rows:?}");
    (rows[0].1, rows[0].2.clone())
}

const PNG_ONLY: &str = r#"{"contentType":["image/png"]}"#;
const JPEG_ONLY: &str = r#"{"contentType":["image/jpeg"]}"#;

#[test]
fn nothing_is_delivered_without_a_delivery_status() {
    let queue = "arn:aws:sqs:us-east-1:1:audit";
    let mut facts = vec![published(30, "L-1", write("a.png", Some("S3-1")), "M-1")];
    let items = vec![
        subscription(Protocol::Email, "a@example.com", true),
        subscription(Protocol::Email, "b@example.com", false),
        subscription(Protocol::Sqs, queue, true),
    ];
    let listed = |status_logging| {
        let mut subscriptions = Subscriptions::default();
        subscriptions.replace(items.clone(), status_logging, at(0));
        subscriptions
    };
    let states = |facts: &[Fact], subscriptions: &Subscriptions| -> Vec<DeliveryState> {
        deliveries(&fold_of(facts)[0], subscriptions).iter().map(|delivery| delivery.state).collect()
    };
    for unknown in [
        DeliveryStatusLogging::Unread,
        DeliveryStatusLogging::NotRead(denied()),
        DeliveryStatusLogging::For(Vec::new()),
    ] {
        assert_eq!(states(&facts, &listed(unknown)), [Accepted, PendingConfirmation, Unknown]);
    }
    let subscriptions = listed(DeliveryStatusLogging::For(vec![Protocol::Sqs]));
    assert_eq!(states(&facts, &subscriptions), [Accepted, PendingConfirmation, Accepted]);
    let entry = |success, millis| {
        Fact::DeliveryStatusEntry(DeliveryStatusEntry {
            message_id: "M-1".into(),
            topic: None,
            at: at(millis),
            accepted: None,
            destination: queue.into(),
            success,
            status_code: Some(if success { 200 } else { 403 }),
            response: None,
            dwell_ms: Some(12),
            attempts: Some(1),
        })
    };
    facts.push(entry(false, 40));
    assert_eq!(states(&facts, &subscriptions), [DeliveryState::Failed, Accepted, PendingConfirmation]);
    facts.push(entry(true, 50));
    assert_eq!(states(&facts, &subscriptions), [Accepted, PendingConfirmation, Delivered]);
}

#[test]
fn what_could_not_be_read_makes_a_delivery_unknown() {
    let mut item = subscription(Protocol::Email, "a@example.com", true);
    item.attributes = Attributes::NotRead(denied());
    let mut subscriptions = Subscriptions::default();
    subscriptions.replace(vec![item.clone()], DeliveryStatusLogging::default(), at(0));
    let (now, why) = state(&subscriptions);
    assert_eq!(now, Unknown);
    assert!(why.contains("sns:GetSubscriptionAttributes"), "{why}");
    // Read later, the policy of now says nothing of then.
    let readable = seen_at(100, with_policy(Protocol::Email, "a@example.com", true, Some(JPEG_ONLY)));
    subscriptions.replace(vec![readable], DeliveryStatusLogging::default(), at(100));
    assert_eq!(state(&subscriptions).0, Unknown);
    // A policy that decides by what is not known here.
    let mut subscriptions = Subscriptions::default();
    let by_content = with_policy(Protocol::Email, "a@example.com", true, Some(r#"{"size":[{"numeric":[">",1]}]}"#));
    subscriptions.replace(vec![by_content], DeliveryStatusLogging::default(), at(0));
    assert_eq!(state(&subscriptions), (Unknown, "the filter policy cannot be evaluated here".to_owned()));
}

#[test]
fn a_message_from_before_the_first_reading_has_unknown_deliveries() {
    for item in [
        subscription(Protocol::Email, "a@example.com", true),
        subscription(Protocol::Email, "a@example.com", false),
        with_policy(Protocol::Email, "a@example.com", true, Some(JPEG_ONLY)),
    ] {
        let mut subscriptions = Subscriptions::default();
        subscriptions.replace(vec![seen_at(40, item)], DeliveryStatusLogging::default(), at(40));
        assert_eq!(state(&subscriptions), (Unknown, "published before the subscriptions were first read".to_owned()));
        assert!(subscriptions.unknown_at(at(30)).is_some() && subscriptions.unknown_at(at(40)).is_none());
    }
    assert!(Subscriptions::default().unknown_at(at(30)).is_some(), "nothing was read at all");
}

#[test]
fn the_policy_of_the_moment_counts_and_a_change_makes_it_unknown_for_a_while() {
    fn item(read: i64, policy: Option<&str>) -> Subscription {
        seen_at(read, with_policy(Protocol::Email, "a@example.com", true, policy))
    }
    let listed = |readings: &[(i64, Option<&str>)]| {
        let mut subscriptions = Subscriptions::default();
        for (millis, policy) in readings {
            subscriptions.replace(vec![item(*millis, *policy)], DeliveryStatusLogging::default(), at(*millis));
        }
        state(&subscriptions).0
    };
    assert_eq!(listed(&[(0, Some(JPEG_ONLY))]), DeliveryState::Filtered);
    assert_eq!(listed(&[(0, Some(PNG_ONLY))]), Accepted);
    assert_eq!(listed(&[(0, None), (100, None)]), Accepted);
    // Set after the message, it excludes nothing of before; nor does taking it off let anything through.
    assert_eq!(listed(&[(0, None), (40, None), (100, Some(JPEG_ONLY))]), Accepted);
    assert_eq!(listed(&[(0, Some(JPEG_ONLY)), (40, Some(JPEG_ONLY)), (100, None)]), DeliveryState::Filtered);
    // Between two readings that differ, and while SNS may still use the old one.
    assert_eq!(listed(&[(0, None), (100, Some(JPEG_ONLY))]), Unknown);
    assert_eq!(listed(&[(-100, None), (0, Some(JPEG_ONLY)), (100, Some(JPEG_ONLY))]), Unknown);
    assert_eq!(listed(&[(-100, Some(JPEG_ONLY)), (0, None)]), Unknown);
    let long_ago = 30 - 15 * 60_000;
    assert_eq!(listed(&[(long_ago - 1, None), (long_ago, Some(JPEG_ONLY))]), DeliveryState::Filtered);
    assert_eq!(listed(&[(long_ago - 1, None), (long_ago + 1, Some(JPEG_ONLY))]), Unknown);
}

#[test]
fn an_own_upload_is_published_after_it_began_whatever_lambdas_clock_says() {
    let mut subscriptions = Subscriptions::default();
    subscriptions.replace(
        vec![seen_at(35, subscription(Protocol::Email, "a@example.com", true))],
        DeliveryStatusLogging::default(),
        at(35),
    );
    let image = || write("a.png", Some("S3-1"));
    let facts = [stored(1, 60, image()), published(30, "L-1", image(), "M-1")];
    let rows = deliveries(&fold_of(&facts)[0], &subscriptions);
    assert_eq!(rows.iter().map(|row| row.state).collect::<Vec<_>>(), [Accepted]);
}

#[test]
fn settings_of_the_topic_that_changed_are_not_called_unreadable() {
    let queue = || subscription(Protocol::Sqs, "arn:aws:sqs:us-east-1:1:audit", true);
    for (before, after, expected) in [
        (DeliveryStatusLogging::For(vec![Protocol::Sqs]), DeliveryStatusLogging::For(Vec::new()), "at the time of the"),
        (DeliveryStatusLogging::For(Vec::new()), DeliveryStatusLogging::For(vec![Protocol::Sqs]), "at the time of the"),
        (DeliveryStatusLogging::Unread, DeliveryStatusLogging::NotRead(denied()), "(sns:GetTopicAttributes)"),
    ] {
        let mut subscriptions = Subscriptions::default();
        subscriptions.replace(vec![queue()], before, at(0));
        subscriptions.replace(vec![queue()], after, at(100));
        let (state, evidence) = state(&subscriptions);
        assert!(state == Unknown && evidence.contains(expected), "{evidence}");
    }
}

#[test]
fn delivery_statuses_are_awaited_only_where_the_topic_logged_them_then() {
    let queue = || subscription(Protocol::Sqs, "arn:aws:sqs:us-east-1:1:audit", true);
    let mut subscriptions = Subscriptions::default();
    subscriptions.replace(vec![queue()], DeliveryStatusLogging::For(Vec::new()), at(0));
    subscriptions.replace(vec![queue()], DeliveryStatusLogging::For(Vec::new()), at(40));
    subscriptions.replace(vec![queue()], DeliveryStatusLogging::For(vec![Protocol::Sqs]), at(100));
    assert_eq!(
        state(&subscriptions),
        (Unknown, "the topic does not log the status of every delivery by sqs".to_owned())
    );
}

fn probed(millis: i64, message: &str) -> Fact {
    Fact::Probed(Probed { message_id: message.into(), at: at(millis), queue: PROBE.into() })
}

const PROBE: &str = "arn:aws:sqs:us-east-1:1:imgwatch-probe-1";

#[test]
fn the_probe_proves_its_own_delivery_and_nobody_elses() {
    let queue = "arn:aws:sqs:us-east-1:1:audit";
    let mut facts = vec![published(30, "L-1", write("a.png", Some("S3-1")), "M-1"), probed(50, "M-other")];
    let listening = |since| Probe::Listening { queue: PROBE.into(), since: at(since) };
    let mut subscriptions = Subscriptions::default();
    subscriptions.probe = listening(0);
    let items = vec![
        subscription(Protocol::Email, "a@example.com", true),
        subscription(Protocol::Sqs, queue, true),
        subscription(Protocol::Sqs, PROBE, true),
    ];
    subscriptions.replace(items.clone(), DeliveryStatusLogging::default(), at(0));
    let rows = |facts: &[Fact], subscriptions: &Subscriptions| -> Vec<(String, DeliveryState, bool)> {
        let rows = deliveries(&fold_of(facts)[0], subscriptions);
        rows.into_iter().map(|row| (row.endpoint.raw().to_owned(), row.state, row.probe)).collect()
    };
    let others = [("a@example.com".to_owned(), Accepted, false), (queue.to_owned(), Unknown, false)];
    let mut awaited = others.to_vec();
    awaited.push((PROBE.to_owned(), Accepted, true));
    assert_eq!(rows(&facts, &subscriptions), awaited, "another message proves nothing");
    assert!(!settled(&deliveries(&fold_of(&facts)[0], &subscriptions), &subscriptions), "the probe is waited for");
    // Subscribed only afterwards: it cannot have it.
    subscriptions.probe = listening(40);
    assert_eq!(rows(&facts, &subscriptions), others);
    subscriptions.probe = listening(0);
    facts.extend([probed(60, "M-1"), probed(45, "M-1")]);
    let mut proven = others.to_vec();
    proven.push((PROBE.to_owned(), Delivered, true));
    assert_eq!(rows(&facts, &subscriptions), proven);
    assert!(settled(&deliveries(&fold_of(&facts)[0], &subscriptions), &subscriptions));
    let timeline = &fold_of(&facts)[0];
    assert_eq!(timeline.probed.iter().map(|p| p.at).collect::<Vec<_>>(), [at(45)], "the earliest of two copies");
    // What was received stays received when the probe is gone.
    subscriptions.probe = Probe::Off;
    subscriptions.replace(items[..2].to_vec(), DeliveryStatusLogging::default(), at(100));
    assert_eq!(rows(&facts, &subscriptions), proven);
}

#[test]
fn a_subscription_is_shown_as_it_was_when_the_message_was_published() {
    let facts = [published(30, "L-1", write("a.png", Some("S3-1")), "M-1")];
    let mut subscriptions = Subscriptions::default();
    let states = |subscriptions: &Subscriptions| -> Vec<(String, DeliveryState)> {
        let rows = deliveries(&fold_of(&facts)[0], subscriptions);
        rows.iter().map(|row| (row.endpoint.raw().to_owned(), row.state)).collect()
    };
    let email = |name: &str, confirmed| seen_at(40, subscription(Protocol::Email, name, confirmed));
    let mut list = |items, millis| subscriptions.replace(items, DeliveryStatusLogging::default(), at(millis));
    list(vec![seen_at(0, email("old@example.com", true)), email("late@example.com", false)], 0);
    list(vec![email("old@example.com", true), email("late@example.com", false)], 40);
    // One that is added pending after the message has nothing to do with it.
    let added = email("soon@example.com", false);
    list(vec![email("old@example.com", true), email("late@example.com", false), added], 100);
    let then = [("old@example.com".to_owned(), Accepted), ("late@example.com".to_owned(), PendingConfirmation)];
    // Confirmed, removed and added afterwards: what was, stays.
    list(vec![email("late@example.com", true), email("new@example.com", true)], 200);
    let mut now = states(&subscriptions);
    now.sort_by_key(|(name, _)| std::cmp::Reverse(name.clone()));
    assert_eq!(now, then);
}

#[test]
fn what_changed_between_the_readings_around_a_message_is_unknown() {
    let email = |confirmed| seen_at(100, subscription(Protocol::Email, "a@example.com", confirmed));
    let cases = [
        (vec![email(false)], vec![email(true)], Some("confirmed")),
        (vec![], vec![email(true)], Some("subscribed")),
        (vec![seen_at(0, email(true))], vec![], Some("removed")),
        (vec![], vec![email(false)], None),
        (vec![email(false)], vec![], None),
    ];
    for (before, after, why) in cases {
        let mut subscriptions = Subscriptions::default();
        subscriptions.replace(before.clone(), DeliveryStatusLogging::default(), at(0));
        subscriptions.replace(after.clone(), DeliveryStatusLogging::default(), at(100));
        match (told(&subscriptions).as_slice(), why) {
            ([], None) => {}
            ([(_, Unknown, said)], Some(why)) => assert!(said.contains(why), "{said}"),
            (rows, _) => panic!("{before:?} then {after:?}: {rows:?}"),
        }
    }
}
