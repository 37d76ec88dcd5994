//! The Subscriptions panel: who is told, and what the topic says about receipts.

mod protocol;

use std::collections::{BTreeMap, VecDeque};

use imgwatch_shared::filter_policy as policy;
use jiff::Timestamp;

use super::filter::Filter;
use super::load::Load;
use super::metrics::Metrics;
use super::probe::Probe;
use super::problem::Problem;
use super::selection::Selection;
use super::uploads::fact::Write;
use crate::text::clean::Clean;
pub use protocol::Protocol;

/// The Subscriptions panel.
#[derive(Debug, Default)]
pub struct Subscriptions {
    /// As SNS lists them.
    pub items: Vec<Subscription>,
    /// Those that were removed since: messages from before went to them.
    pub gone: VecDeque<Subscription>,
    /// The topic's delivery-status settings.
    pub receipts: Receipts,
    /// The delivery-status logs that cannot be read, and why.
    pub unreadable: BTreeMap<Clean, Problem>,
    /// The topic's ARN, once the connection has resolved it.
    pub topic_arn: Option<Clean>,
    /// The endpoint that is talked to instead of AWS.
    pub endpoint: Option<Clean>,
    /// What CloudWatch counts of the topic.
    pub metrics: Metrics,
    /// This program's probe queue.
    pub probe: Probe,
    /// The latest listing.
    pub load: Load,
    /// When the latest listing arrived.
    pub listed_at: Option<Timestamp>,
    /// When the latest listing was answered, well or not.
    pub tried_at: Option<Timestamp>,
    /// What `/` narrows the list to.
    pub filter: Filter,
    /// The row under the cursor, among those that match.
    pub selection: Selection,
    /// The selected one, so that another order does not move the selection.
    pub selected: Option<(Protocol, Clean)>,
}

/// One subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// `None` while SNS says only `PendingConfirmation`.
    pub arn: Option<Clean>,
    /// How SNS reaches it.
    pub protocol: Protocol,
    /// Its address.
    pub endpoint: Clean,
    /// Whether only its owner can unsubscribe it, not whoever has a mail; `None` where that is not known.
    pub authenticated: Option<bool>,
    /// When this process saw it begin to wait for confirmation; `None` when it waited from the start.
    pub pending_since: Option<Timestamp>,
    /// When this process last listed the topic without it; `None` when it was there from the start.
    pub absent_until: Option<Timestamp>,
    /// When this process first listed the topic without it again.
    pub gone_since: Option<Timestamp>,
    /// When this process last saw it not confirmed; `None` when it was confirmed from the start, or is pending.
    pub confirmed_since: Option<Timestamp>,
    /// Its filter policy in JSON, where it has one and it could be read.
    pub filter_policy: Option<FilterPolicy>,
}

/// A filter policy and what it is applied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPolicy {
    /// The policy's JSON.
    pub json: Clean,
    /// `MessageBody` as opposed to `MessageAttributes`.
    pub on_body: bool,
}

/// What a filter policy makes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It lets the message through, or there is none.
    Passes,
    /// It excludes the message.
    FiltersOut,
    /// It looks at something that is not known here.
    Unknown,
}

/// How long a subscription may wait for confirmation: SNS's two days.
const PENDING_MS: i64 = 48 * 3_600_000;

/// Removed subscriptions kept; the oldest go first.
const MAX_GONE: usize = 200;

impl Subscription {
    /// Whether it is the same one, in another state perhaps.
    fn is_same(&self, other: &Self) -> bool {
        self.protocol == other.protocol && self.endpoint == other.endpoint
    }

    /// Whether it was not confirmed yet at a moment, so that a message of then did not go to it.
    pub fn was_pending(&self, moment: Timestamp) -> bool {
        self.is_pending() || self.confirmed_since.is_some_and(|since| since > moment)
    }

    /// Milliseconds until SNS removes it unless it is confirmed; only where this process saw it begin to wait.
    pub fn expires_in(&self, now: Timestamp) -> Option<i64> {
        let since = self.pending_since.filter(|_| self.is_pending())?;
        Some((PENDING_MS - (now.as_millisecond() - since.as_millisecond())).max(0))
    }

    /// Whether it waits for its owner's confirmation.
    pub fn is_pending(&self) -> bool {
        self.arn.is_none()
    }

    /// What its filter policy makes of the notification of this write; attributes are those that our handler publishes.
    pub fn verdict(&self, write: &Write, size: Option<u64>) -> Verdict {
        let Some(policy) = &self.filter_policy else { return Verdict::Passes };
        // The body holds more than is known here, and the log does not name sizes.
        if policy.on_body || (size.is_none() && policy.json.raw().contains("\"size\"")) {
            return Verdict::Unknown;
        }
        let Ok(read) = policy::FilterPolicy::parse(policy.json.raw(), policy::Scope::MessageAttributes) else {
            return Verdict::Unknown;
        };
        let mut attributes = serde_json::Map::new();
        attributes.insert("type".to_owned(), imgwatch_shared::notification::TYPE.into());
        attributes.insert("bucket".to_owned(), write.bucket.raw().into());
        let extension = imgwatch_shared::object_key::extension(write.key.raw()).unwrap_or_default();
        if let Some(content_type) = mime_guess::from_ext(extension).first_raw() {
            attributes.insert("contentType".to_owned(), content_type.into());
        }
        if let Some(size) = size {
            attributes.insert("size".to_owned(), size.into());
        }
        if read.passes(&attributes, "") { Verdict::Passes } else { Verdict::FiltersOut }
    }
}

/// For which protocols the topic writes delivery-status logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipts {
    /// `None` while the topic's attributes are not known.
    pub protocols: Option<Vec<Protocol>>,
}

impl Receipts {
    /// Whether successes of a protocol are logged; `None` when that is not known.
    pub fn enabled(&self, protocol: Protocol) -> Option<bool> {
        let known = self.protocols.as_ref()?;
        Some(known.contains(&protocol) || (protocol == Protocol::Https && known.contains(&Protocol::Http)))
    }

    /// Whether a receipt is to be expected.
    pub fn writes(&self, protocol: Protocol) -> bool {
        protocol.has_receipts() && self.enabled(protocol) == Some(true)
    }
}

impl Subscriptions {
    /// Takes a new listing over, and keeps what it knows of when each came, was confirmed and went.
    pub fn replace(&mut self, mut items: Vec<Subscription>, now: Timestamp) {
        for item in &mut items {
            match self.items.iter().find(|old| old.is_same(item)) {
                Some(old) => {
                    item.absent_until = old.absent_until;
                    item.pending_since = match (old.is_pending(), item.is_pending()) {
                        (true, true) => old.pending_since,
                        (false, true) => Some(now),
                        (_, false) => None,
                    };
                    item.confirmed_since = match (old.is_pending(), item.is_pending()) {
                        (false, _) => old.confirmed_since,
                        // Somewhere between this listing and the one before; the earlier moment hides no delivery.
                        (true, false) => self.listed_at,
                        (true, true) => None,
                    };
                }
                // A pending one gets nothing, so it may count late; a confirmed one may have got what came since the last
                // listing.
                None if item.is_pending() => {
                    item.absent_until = self.listed_at.map(|_| now);
                    item.pending_since = item.absent_until;
                }
                None => item.absent_until = self.listed_at,
            }
        }
        let gone = self.items.drain(..).filter(|old| !items.iter().any(|item| item.is_same(old)));
        self.gone.extend(gone.map(|old| Subscription { gone_since: Some(now), ..old }));
        while self.gone.len() > MAX_GONE {
            self.gone.pop_front();
        }
        self.items = items;
        self.listed_at = Some(now);
    }

    /// Those that were there at a moment, as far as the listings tell.
    pub fn at(&self, moment: Timestamp) -> impl Iterator<Item = &Subscription> {
        self.items.iter().chain(&self.gone).filter(move |item| {
            item.absent_until.is_none_or(|until| until <= moment) && item.gone_since.is_none_or(|since| since > moment)
        })
    }

    /// Notes whether one of the topic's delivery-status logs can be read.
    pub fn note_receipt_log(&mut self, group: Clean, problem: Option<Problem>) {
        match problem {
            Some(problem) => self.unreadable.insert(group, problem),
            None => self.unreadable.remove(&group),
        };
    }

    /// Those that match the filter.
    pub fn visible(&self) -> impl Iterator<Item = &Subscription> {
        self.items
            .iter()
            .filter(|item| self.filter.matches(item.endpoint.shown()) || self.filter.matches(item.protocol.word()))
    }

    /// A subscription by its name; what the filter hides is found as well.
    pub fn find(&self, protocol: Protocol, endpoint: &Clean) -> Option<&Subscription> {
        self.items.iter().find(|item| item.protocol == protocol && item.endpoint == *endpoint)
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&Subscription> {
        self.visible().nth(self.selection.cursor)
    }

    /// Whether anybody is told of whom SNS writes no receipts: only the topic's own counts say anything then.
    pub fn has_silent(&self) -> bool {
        self.items.iter().any(|item| !item.is_pending() && !item.protocol.has_receipts())
    }

    /// How many wait for confirmation.
    pub fn pending(&self) -> usize {
        self.items.iter().filter(|item| item.is_pending()).count()
    }
}
