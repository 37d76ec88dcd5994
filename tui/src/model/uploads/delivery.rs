//! Deliveries: what is known of each subscriber of one message, and from which evidence.
//!
//! `Delivered` needs evidence of its own; SNS accepting a message is never enough.

use jiff::Timestamp;

use super::fact::{Probed, Receipt};
use super::timeline::{Outcome, Publication, Timeline};
use crate::model::subscriptions::{Protocol, Subscription, Subscriptions, Verdict};
use crate::text::clean::Clean;

/// One subscriber of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// How SNS reaches it.
    pub protocol: Protocol,
    /// Its address.
    pub endpoint: Clean,
    /// How far the message is known to have come.
    pub state: DeliveryState,
    /// What says so.
    pub evidence: String,
    /// When that evidence is from.
    pub at: Option<Timestamp>,
    /// Whether it is a probe queue: this program made it to see whether the topic sends messages on.
    pub probe: bool,
}

/// How far a message is known to have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeliveryState {
    /// The subscription is not confirmed; it gets nothing.
    PendingConfirmation,
    /// Its filter policy excludes the message.
    Filtered,
    /// SNS has the message; no word of this endpoint.
    Accepted,
    /// A receipt, or the probe queue itself, says that it arrived.
    Delivered,
    /// SNS says that it did not arrive.
    Failed,
    /// There would be receipts for this protocol, but the topic does not write them.
    Unknown,
}

impl DeliveryState {
    /// The word on the screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::PendingConfirmation => "pending confirmation",
            Self::Filtered => "filtered",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// The subscribers of a timeline, as they were at its first message; empty while nothing is published.
///
/// Where the event came twice, a receipt of either message counts: what is told is whether the image's news arrived.
pub fn deliveries(timeline: &Timeline, subscriptions: &Subscriptions) -> Vec<Delivery> {
    let Outcome::Published(publications) = &timeline.outcome else { return Vec::new() };
    let Some(publication) = publications.first() else { return Vec::new() };
    let mut rows: Vec<Delivery> = subscriptions
        .at(publication.at)
        // The probe is told of by what it received, not by what the listing says.
        .filter(|subscription| subscriptions.probe.queue() != Some(&subscription.endpoint))
        .map(|subscription| delivery(timeline, publication, subscription, subscriptions))
        .collect();
    for probed in &timeline.probed {
        if !rows.iter().any(|row| row.endpoint == probed.queue) {
            rows.push(from_probe(probed));
        }
    }
    let moment = timeline.began.unwrap_or(publication.at);
    if let Some(queue) = subscriptions.probe.expects(moment)
        && !rows.iter().any(|row| row.endpoint == *queue)
    {
        rows.push(awaited(queue, publication));
    }
    // A receipt can outlive what is known of its subscription: show it all the same.
    for receipt in &timeline.receipts {
        if !rows.iter().any(|row| row.endpoint == receipt.destination) {
            rows.push(from_receipt(Protocol::of_destination(receipt.destination.raw()), receipt));
        }
    }
    // What went wrong comes first, where space is short.
    rows.sort_by_key(|row| row.state != DeliveryState::Failed);
    rows
}

/// Whether nothing more is to be learned about these deliveries.
pub fn settled(deliveries: &[Delivery], subscriptions: &Subscriptions) -> bool {
    !deliveries.iter().any(|delivery| {
        delivery.state == DeliveryState::Accepted
            && (delivery.probe || subscriptions.receipts.writes(delivery.protocol))
    })
}

fn delivery(
    timeline: &Timeline,
    publication: &Publication,
    subscription: &Subscription,
    subscriptions: &Subscriptions,
) -> Delivery {
    let row = |state, evidence: String, at| Delivery {
        protocol: subscription.protocol,
        endpoint: subscription.endpoint.clone(),
        state,
        evidence,
        at,
        probe: false,
    };
    if let Some(probed) = timeline.probed.iter().find(|probed| probed.queue == subscription.endpoint) {
        return from_probe(probed);
    }
    if let Some(receipt) = best(timeline, &subscription.endpoint) {
        return from_receipt(subscription.protocol, receipt);
    }
    if subscription.was_pending(publication.at) {
        let why =
            if subscription.is_pending() { "not confirmed yet: it gets nothing" } else { "confirmed only afterwards" };
        return row(DeliveryState::PendingConfirmation, why.to_owned(), None);
    }
    match subscription.verdict(&timeline.write, timeline.size) {
        Verdict::Passes => {}
        Verdict::FiltersOut => {
            return row(DeliveryState::Filtered, "its filter policy excludes this message".to_owned(), None);
        }
        Verdict::Unknown => {
            let why = "SNS accepted the message; its filter policy decides by what is not known here".to_owned();
            return row(DeliveryState::Accepted, why, Some(publication.at));
        }
    }
    let at = Some(publication.at);
    match (subscription.protocol.has_receipts(), subscriptions.receipts.enabled(subscription.protocol)) {
        (false, _) => {
            let why =
                format!("SNS accepted the message; topics write no receipts for {}", subscription.protocol.word());
            row(DeliveryState::Accepted, why, at)
        }
        (true, Some(true)) if !subscriptions.unreadable.is_empty() => {
            let groups: Vec<&str> = subscriptions.unreadable.keys().map(Clean::shown).collect();
            row(DeliveryState::Unknown, format!("log group {} cannot be read", groups.join(", ")), None)
        }
        (true, Some(true)) => row(DeliveryState::Accepted, "SNS accepted the message; receipt awaited".to_owned(), at),
        (true, Some(false)) => {
            let why = format!("receipts for {} are not enabled on the topic", subscription.protocol.word());
            row(DeliveryState::Unknown, why, None)
        }
        (true, None) => row(DeliveryState::Unknown, "the topic's receipt settings are not known".to_owned(), None),
    }
}

/// The receipt that decides: a success outweighs the failed attempts before it.
fn best<'a>(timeline: &'a Timeline, endpoint: &Clean) -> Option<&'a Receipt> {
    timeline
        .receipts
        .iter()
        .filter(|receipt| receipt.destination == *endpoint)
        .max_by_key(|receipt| (receipt.success, receipt.at))
}

fn from_receipt(protocol: Protocol, receipt: &Receipt) -> Delivery {
    let code = receipt.status_code.map(|code| format!(", status {code}")).unwrap_or_default();
    let (state, evidence) = if receipt.success {
        let dwell = receipt.dwell_ms.map(|ms| format!(" after {ms} ms")).unwrap_or_default();
        (DeliveryState::Delivered, format!("delivery-status log: SUCCESS{dwell}{code}"))
    } else {
        let said = receipt.response.as_ref().map(|r| format!(": {}", r.shown())).unwrap_or_default();
        (DeliveryState::Failed, format!("delivery-status log: FAILURE{code}{said}"))
    };
    Delivery { protocol, endpoint: receipt.destination.clone(), state, evidence, at: Some(receipt.at), probe: false }
}

/// The probe queue has it: the strongest evidence that there is, and of nothing but itself.
fn from_probe(probed: &Probed) -> Delivery {
    Delivery {
        protocol: Protocol::Sqs,
        endpoint: probed.queue.clone(),
        state: DeliveryState::Delivered,
        evidence: "the probe queue received it".to_owned(),
        at: Some(probed.at),
        probe: true,
    }
}

fn awaited(queue: &Clean, publication: &Publication) -> Delivery {
    Delivery {
        protocol: Protocol::Sqs,
        endpoint: queue.clone(),
        state: DeliveryState::Accepted,
        evidence: "SNS accepted the message; the probe queue has not received it".to_owned(),
        at: Some(publication.at),
        probe: true,
    }
}
