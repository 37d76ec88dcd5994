//! Deliveries: what each subscriber's state claims, and what it is claimed by.

use super::{at, fold_of, published, write};
use crate::model::probe::Probe;
use crate::model::subscriptions::{Protocol, Receipts, Subscription, Subscriptions};
use crate::model::uploads::delivery::DeliveryState::{self, Accepted, Delivered, PendingConfirmation, Unknown};
use crate::model::uploads::delivery::{deliveries, settled};
use crate::model::uploads::fact::{Fact, Probed, Receipt};
use crate::text::clean::Clean;

fn subscription(protocol: Protocol, endpoint: &str, confirmed: bool) -> Subscription {
    Subscription {
        arn: confirmed.then(|| Clean::new(endpoint)),
        protocol,
        endpoint: endpoint.into(),
        authenticated: None,
        pending_since: None,
        absent_until: None,
        gone_since: None,
        confirmed_since: None,
        filter_policy: None,
    }
}

#[test]
fn nothing_is_delivered_without_a_receipt() {
    let queue = "arn:aws:sqs:us-east-1:1:audit";
    let mut facts = vec![published(30, "L-1", write("a.png", Some("S3-1")), "M-1")];
    let mut subscriptions = Subscriptions {
        items: vec![
            subscription(Protocol::Email, "a@example.com", true),
            subscription(Protocol::Email, "b@example.com", false),
            subscription(Protocol::Sqs, queue, true),
        ],
        ..Subscriptions::default()
    };
    let states = |facts: &[Fact], subscriptions: &Subscriptions| -> Vec<DeliveryState> {
        deliveries(&fold_of(facts)[0], subscriptions).iter().map(|delivery| delivery.state).collect()
    };
    assert_eq!(states(&facts, &subscriptions), [Accepted, PendingConfirmation, Unknown]);
    subscriptions.receipts = Receipts { protocols: Some(vec![Protocol::Sqs]) };
    assert_eq!(states(&facts, &subscriptions), [Accepted, PendingConfirmation, Accepted]);
    let receipt = |success, millis| {
        Fact::Receipt(Receipt {
            message_id: "M-1".into(),
            at: at(millis),
            destination: queue.into(),
            success,
            status_code: Some(if success { 200 } else { 403 }),
            response: None,
            dwell_ms: Some(12),
            attempts: Some(1),
        })
    };
    facts.push(receipt(false, 40));
    assert_eq!(states(&facts, &subscriptions), [DeliveryState::Failed, Accepted, PendingConfirmation]);
    facts.push(receipt(true, 50));
    assert_eq!(states(&facts, &subscriptions), [Accepted, PendingConfirmation, Delivered]);
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
    let mut subscriptions = Subscriptions {
        items: vec![
            subscription(Protocol::Email, "a@example.com", true),
            subscription(Protocol::Sqs, queue, true),
            subscription(Protocol::Sqs, PROBE, true),
        ],
        probe: listening(0),
        ..Subscriptions::default()
    };
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
    subscriptions.items.pop();
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
    let email = |name: &str, confirmed| subscription(Protocol::Email, name, confirmed);
    subscriptions.replace(vec![email("old@example.com", true), email("late@example.com", false)], at(0));
    // One that is added pending after the message has nothing to do with it.
    let added = email("soon@example.com", false);
    subscriptions.replace(vec![email("old@example.com", true), email("late@example.com", false), added], at(100));
    let then = [("old@example.com".to_owned(), Accepted), ("late@example.com".to_owned(), PendingConfirmation)];
    assert_eq!(states(&subscriptions), then);
    // Confirmed, removed and added afterwards: what was, stays.
    subscriptions.replace(vec![email("late@example.com", true), email("new@example.com", true)], at(200));
    let mut now = states(&subscriptions);
    now.sort_by_key(|(name, _)| std::cmp::Reverse(name.clone()));
    assert_eq!(now, then);
}
