//! Deliveries: what is known of each subscriber of one message, and from which evidence.
//!
//! `Delivered` needs evidence of its own; SNS accepting a message is never enough.

mod state;
mod statuses;

use jiff::Timestamp;

use crate::domain::evidence::Probed;
use crate::domain::subscriptions::{MessageAttributes as Attributes, Protocol, Subscriptions, Then, Verdict};
use crate::domain::timeline::{FoundBy, Publication, Timeline};
use crate::text::clean::Clean;

pub use state::DeliveryState;
pub use statuses::has_failed;

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
    /// Whether it is unknown only because the topic writes no delivery status for it.
    pub is_unlogged: bool,
    /// Whether it is a probe queue: this program made it to see whether the topic sends messages on.
    pub probe: bool,
}

/// The subscribers of the messages of all functions of a timeline.
pub fn deliveries(timeline: &Timeline, subscriptions: &Subscriptions) -> Vec<Delivery> {
    timeline.each().flat_map(|part| of_function(part, subscriptions)).collect()
}

/// The subscribers of what one function published, as they were when its first message was; empty while nothing is.
///
/// If the event came twice, a delivery status of either message counts: each of them is the news of the image.
pub fn of_function(timeline: &Timeline, subscriptions: &Subscriptions) -> Vec<Delivery> {
    let publications = timeline.publications();
    if publications.is_empty() {
        return Vec::new();
    }
    let is_here = |publication: &&Publication| statuses::other_topic(timeline, publication, subscriptions).is_none();
    let Some(publication) = publications.iter().find(is_here).filter(|_| timeline.shares_topic) else {
        // Of the subscribers of another topic only that is known which they are shown to have got.
        return with_evidence(timeline, Vec::new(), subscriptions);
    };
    if elsewhere(timeline, subscriptions).is_some() {
        return Vec::new();
    }
    let moment = published_at(timeline, publication);
    let mut rows: Vec<Delivery> = subscriptions
        .at(moment)
        // The state of the probe is what it received, not what the listing says.
        .filter(|(_, endpoint, _)| subscriptions.probe.queue() != Some(*endpoint))
        .map(|(protocol, endpoint, then)| delivery(timeline, publication, subscriptions, protocol, endpoint, then))
        .collect();
    let moment = timeline.began.unwrap_or(publication.at);
    if let Some(queue) = subscriptions.probe.expects(moment)
        && !rows.iter().any(|row| row.endpoint == *queue)
        && !timeline.probed.iter().any(|probed| probed.queue == *queue)
    {
        rows.push(awaited(queue, publication));
    }
    with_evidence(timeline, rows, subscriptions)
}

/// Adds what is shown to have arrived, or not to have, of what is not among these rows.
fn with_evidence(timeline: &Timeline, mut rows: Vec<Delivery>, subscriptions: &Subscriptions) -> Vec<Delivery> {
    for probed in &timeline.probed {
        if !rows.iter().any(|row| row.endpoint == probed.queue) {
            rows.push(from_probe(probed));
        }
    }
    statuses::with_logged(timeline, rows, subscriptions)
}

/// Whether nothing more is to be learned about these deliveries.
pub fn settled(deliveries: &[Delivery], subscriptions: &Subscriptions) -> bool {
    !deliveries.iter().any(|delivery| delivery.is_awaited(subscriptions))
}

impl Delivery {
    /// Whether a delivery status, or the probe's message, may still tell more.
    pub fn is_awaited(&self, subscriptions: &Subscriptions) -> bool {
        let may_come = subscriptions.status_logging.writes(self.protocol) && subscriptions.unreadable.is_empty();
        matches!(self.state, DeliveryState::Accepted | DeliveryState::Unknown) && (self.probe || may_come)
    }
}

/// Why the list of a timeline's deliveries is not complete, where it is not.
pub fn incomplete(timeline: &Timeline, subscriptions: &Subscriptions) -> Option<String> {
    timeline.each().find_map(|part| incomplete_of(part, subscriptions))
}

fn incomplete_of(timeline: &Timeline, subscriptions: &Subscriptions) -> Option<String> {
    let publications = timeline.publications();
    let publication = publications.first()?;
    if !timeline.shares_topic {
        let function = timeline.function.shown();
        return Some(format!("the subscribers of what function {function} publishes are not listed"));
    }
    let unlisted = || {
        let topic = publications.iter().find_map(|one| statuses::other_topic(timeline, one, subscriptions))?;
        Some(format!("the subscribers of {} are not listed: only delivery statuses show them", topic.shown()))
    };
    let unknown = || subscriptions.unknown_at(published_at(timeline, publication));
    elsewhere(timeline, subscriptions).or_else(unlisted).or_else(unknown)
}

/// Why this topic's subscribers are not those of the messages: a record does not name its topic, and the function's
/// configuration names another one. What the topic is known to have is its own.
fn elsewhere(timeline: &Timeline, subscriptions: &Subscriptions) -> Option<String> {
    let is_recorded = timeline.publications().iter().all(|publication| publication.found == FoundBy::Record);
    let is_confirmed = !timeline.delivery_statuses.is_empty() || !timeline.probed.is_empty();
    let other = subscriptions.other_topic().filter(|_| is_recorded && !is_confirmed)?;
    Some(format!("the function publishes to another topic: {other}"))
}

/// When a message was published, by the clock of this machine where that is later: listings are dated by it, and nothing
/// is published before its own upload began.
fn published_at(timeline: &Timeline, publication: &Publication) -> Timestamp {
    timeline.began.map_or(publication.at, |began| publication.at.max(began))
}

fn delivery(
    timeline: &Timeline,
    publication: &Publication,
    subscriptions: &Subscriptions,
    protocol: Protocol,
    endpoint: &Clean,
    then: Then<'_>,
) -> Delivery {
    if let Some(probed) = timeline.probed.iter().find(|probed| probed.queue == *endpoint) {
        return from_probe(probed);
    }
    if let Some(entry) = statuses::of_listed(timeline, endpoint, subscriptions) {
        return statuses::from_entry(protocol, entry);
    }
    let mut is_unlogged = false;
    let (state, evidence) = match then {
        Then::Unknown(why) => (DeliveryState::Unknown, why),
        Then::Pending => (DeliveryState::PendingConfirmation, "the subscription was not confirmed".to_owned()),
        Then::Confirmed(policy) => {
            let attributes = attributes(timeline, publication);
            match policy.map_or(Verdict::Passes, |policy| policy.verdict(&attributes)) {
                Verdict::Passes => {
                    let moment = published_at(timeline, publication);
                    is_unlogged = subscriptions.logged_status_at(protocol, moment) == Some(false);
                    no_delivery_status(protocol, subscriptions, moment)
                }
                Verdict::FiltersOut => (DeliveryState::Filtered, "the filter policy excludes this message".to_owned()),
                Verdict::Unknown => {
                    let why = match attributes {
                        Attributes::Unknown => {
                            "the filter policy cannot be evaluated: the attributes of this function's messages are not known"
                        }
                        _ => "the filter policy cannot be evaluated here",
                    };
                    (DeliveryState::Unknown, why.to_owned())
                }
            }
        }
    };
    let at = Some(publication.at).filter(|_| state == DeliveryState::Accepted);
    Delivery { protocol, endpoint: endpoint.clone(), state, evidence, at, is_unlogged, probe: false }
}

/// What is known of a message's attributes. Only imgwatch's own handler is known for those that it publishes.
fn attributes<'a>(timeline: &'a Timeline, publication: &'a Publication) -> Attributes<'a> {
    match (&publication.attributes, publication.found) {
        (Some(seen), _) => Attributes::Seen(seen),
        (None, FoundBy::Record) => Attributes::OfHandler { write: &timeline.write, size: timeline.size },
        (None, FoundBy::MessageId | FoundBy::Text | FoundBy::Count) => Attributes::Unknown,
    }
}

/// What is known of a subscriber that gets the message, and of which no delivery status has come.
fn no_delivery_status(protocol: Protocol, subscriptions: &Subscriptions, moment: Timestamp) -> (DeliveryState, String) {
    let word = protocol.word();
    if !protocol.logs_delivery_status() {
        let why = format!("SNS accepted the message; SNS logs no delivery status for {word}");
        return (DeliveryState::Accepted, why);
    }
    let why = match subscriptions.logged_status_at(protocol, moment) {
        Some(true) if subscriptions.unreadable.is_empty() => {
            return (DeliveryState::Accepted, "SNS accepted the message; waiting for the delivery status".to_owned());
        }
        Some(true) => {
            let groups: Vec<&str> = subscriptions.unreadable.keys().map(Clean::shown).collect();
            format!("log group {} cannot be read", groups.join(", "))
        }
        Some(false) => format!("the topic does not log the status of every delivery by {word}"),
        // It was read before the message, or after it, and was another one at the other time.
        None if subscriptions.status_logging.enabled(protocol).is_some() => {
            "the topic's delivery status logging at the time of the message is not known".to_owned()
        }
        None => "the topic's delivery status logging is not known (sns:GetTopicAttributes)".to_owned(),
    };
    (DeliveryState::Unknown, why)
}

/// The probe queue has it: the strongest evidence that there is, and of nothing but itself.
fn from_probe(probed: &Probed) -> Delivery {
    Delivery {
        protocol: Protocol::Sqs,
        endpoint: probed.queue.clone(),
        state: DeliveryState::Delivered,
        evidence: "the probe queue received it".to_owned(),
        at: Some(probed.at),
        is_unlogged: false,
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
        is_unlogged: false,
        probe: true,
    }
}
