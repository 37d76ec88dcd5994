//! What delivery statuses say of a timeline's messages, those of topics included whose subscriptions are not listed.

use std::collections::BTreeSet;

use super::{Delivery, DeliveryState};
use crate::domain::evidence::DeliveryStatusEntry;
use crate::domain::subscriptions::{Protocol, Subscriptions};
use crate::domain::timeline::{Publication, Timeline};
use crate::text::clean::Clean;

/// Whether a delivery status says that a subscriber did not get the message, and none says that it did.
pub fn has_failed(timeline: &Timeline) -> bool {
    let has_failed = |part: &Timeline| {
        let is_failure =
            |entry: &DeliveryStatusEntry| best(part, |other| is_same(entry, other)).is_some_and(|it| !it.success);
        part.delivery_statuses.iter().any(is_failure)
    };
    timeline.each().any(has_failed)
}

/// The deliveries with those that only a delivery status shows: it can outlive what is known of its subscription, and be of a
/// topic whose subscriptions are not listed.
pub(super) fn with_logged(
    timeline: &Timeline,
    mut rows: Vec<Delivery>,
    subscriptions: &Subscriptions,
) -> Vec<Delivery> {
    let listed: BTreeSet<Clean> = rows.iter().map(|row| row.endpoint.clone()).collect();
    let mut seen = BTreeSet::new();
    for entry in &timeline.delivery_statuses {
        let other = topic_beside(entry, subscriptions);
        let is_listed = other.is_none() && listed.contains(&entry.destination);
        if is_listed || !seen.insert((&entry.destination, &entry.topic)) {
            continue;
        }
        let Some(best) = best(timeline, |one| is_same(entry, one)) else { continue };
        let mut row = from_entry(Protocol::of_destination(entry.destination.raw()), best);
        if let Some(topic) = other {
            row.evidence = format!("topic {}, {}", imgwatch_shared::arn::name(topic.shown()), row.evidence);
        }
        rows.push(row);
    }
    // What went wrong comes first, where space is short.
    rows.sort_by_key(|row| row.state != DeliveryState::Failed);
    rows
}

/// The delivery status that decides of a subscriber of the topic whose subscriptions are listed.
pub(super) fn of_listed<'a>(
    timeline: &'a Timeline,
    endpoint: &Clean,
    subscriptions: &Subscriptions,
) -> Option<&'a DeliveryStatusEntry> {
    best(timeline, |entry| entry.destination == *endpoint && topic_beside(entry, subscriptions).is_none())
}

/// The topic of a message, where its delivery statuses name another one than that whose subscriptions are listed.
pub(super) fn other_topic<'a>(
    timeline: &'a Timeline,
    publication: &Publication,
    subscriptions: &Subscriptions,
) -> Option<&'a Clean> {
    let mut entries = timeline.delivery_statuses.iter().filter(|entry| entry.message_id == publication.message_id);
    entries.find_map(|entry| topic_beside(entry, subscriptions))
}

/// The topic of a delivery status, where it is another one than that whose subscriptions are listed.
fn topic_beside<'a>(entry: &'a DeliveryStatusEntry, subscriptions: &Subscriptions) -> Option<&'a Clean> {
    let own = subscriptions.topic_arn.as_ref()?;
    entry.topic.as_ref().filter(|topic| *topic != own)
}

fn is_same(one: &DeliveryStatusEntry, other: &DeliveryStatusEntry) -> bool {
    (&one.destination, &one.topic) == (&other.destination, &other.topic)
}

/// The delivery status that decides: a success outweighs the failed attempts before it.
fn best(timeline: &Timeline, is_one: impl Fn(&DeliveryStatusEntry) -> bool) -> Option<&DeliveryStatusEntry> {
    timeline.delivery_statuses.iter().filter(|entry| is_one(entry)).max_by_key(|entry| (entry.success, entry.at))
}

pub(super) fn from_entry(protocol: Protocol, entry: &DeliveryStatusEntry) -> Delivery {
    let code = entry.status_code.map(|code| format!(", status {code}")).unwrap_or_default();
    let (state, evidence) = if entry.success {
        let dwell = entry.dwell_ms.map(|ms| format!(" after {ms} ms")).unwrap_or_default();
        (DeliveryState::Delivered, format!("delivery-status log: SUCCESS{dwell}{code}"))
    } else {
        let said = entry.response.as_ref().map(|r| format!(": {}", r.shown())).unwrap_or_default();
        (DeliveryState::Failed, format!("delivery-status log: FAILURE{code}{said}"))
    };
    Delivery {
        protocol,
        endpoint: entry.destination.clone(),
        state,
        evidence,
        at: Some(entry.at),
        is_unlogged: false,
        probe: false,
    }
}
