//! What is known of a subscription at a moment, so that a message is judged by what was then and not by what is now.
//!
//! What lies before the first listing, or between two that differ, is unknown.

use std::collections::{HashMap, HashSet, VecDeque};

use jiff::Timestamp;

use crate::domain::history::{History, Known, Span};
use crate::domain::subscriptions::{
    Attributes, DeliveryStatusLogging, FilterPolicy, Protocol, Subscription, Subscriptions,
};
use crate::text::clean::Clean;

/// How long a subscription may wait for confirmation: SNS's two days.
const PENDING_MS: i64 = 48 * 3_600_000;

/// SNS may take so long to apply a changed filter policy.
const POLICY_TAKES_MS: i64 = 15 * 60_000;
const UNREAD: &str = "the filter policy could not be read (sns:GetSubscriptionAttributes)";

/// Removed subscriptions that are remembered; the oldest go first.
const MAX_GONE: usize = 200;

/// What the listings showed of each subscription.
#[derive(Debug, Default)]
pub(super) struct Past {
    /// By endpoint: one may be subscribed by several protocols.
    known: HashMap<Clean, Vec<(Protocol, History<Standing>)>>,
    /// Those that were removed, the latest last.
    gone: VecDeque<(Protocol, Clean)>,
    /// When the first and the latest listing arrived.
    listed: Option<(Timestamp, Timestamp)>,
}

/// What one listing shows of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not there.
    Absent,
    /// It is not confirmed.
    Pending,
    /// It is confirmed, and its attributes could not be read.
    Unread,
    /// It is confirmed, with this filter policy or none.
    Confirmed(Option<FilterPolicy>),
}

/// What a subscription was when a message was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then<'a> {
    /// It was not confirmed: it got nothing.
    Pending,
    /// It was confirmed, with this filter policy or none.
    Confirmed(Option<&'a FilterPolicy>),
    /// That is not known, and why.
    Unknown(String),
}

impl Past {
    /// Adds a listing that takes the place of `before`. Attributes are as old as their own reading.
    pub(super) fn note(&mut self, before: &[Subscription], items: &[Subscription], now: Timestamp) {
        let there: HashSet<(Protocol, &Clean)> = items.iter().map(|item| (item.protocol, &item.endpoint)).collect();
        for old in before.iter().filter(|old| !there.contains(&(old.protocol, &old.endpoint))) {
            self.add(old, now, Standing::Absent);
            self.gone.push_back((old.protocol, old.endpoint.clone()));
        }
        self.gone.retain(|(protocol, endpoint)| !there.contains(&(*protocol, endpoint)));
        for item in items {
            match &item.attributes {
                _ if item.is_pending() => self.add(item, now, Standing::Pending),
                Attributes::Read { at, filter_policy, .. } => {
                    self.add(item, *at, Standing::Confirmed(filter_policy.clone()));
                }
                Attributes::Pending | Attributes::NotRead(_) => self.add(item, now, Standing::Unread),
            }
        }
        while self.gone.len() > MAX_GONE
            && let Some((protocol, endpoint)) = self.gone.pop_front()
        {
            if let Some(known) = self.known.get_mut(&endpoint) {
                known.retain(|(other, _)| *other != protocol);
            }
        }
        self.known.retain(|_, known| !known.is_empty());
        self.listed = Some((self.listed.map_or(now, |(first, _)| first), now));
    }

    fn add(&mut self, item: &Subscription, at: Timestamp, standing: Standing) {
        let listed = self.listed;
        let known = self.known.entry(item.endpoint.clone()).or_default();
        if let Some((_, history)) = known.iter_mut().find(|(protocol, _)| *protocol == item.protocol) {
            return history.note(at, standing);
        }
        let mut history = History::default();
        if let Some((first, latest)) = listed {
            history.note(first, Standing::Absent);
            history.note(latest, Standing::Absent);
        }
        history.note(at, standing);
        known.push((item.protocol, history));
    }

    fn of(&self, protocol: Protocol, endpoint: &Clean) -> Option<&History<Standing>> {
        self.known.get(endpoint)?.iter().find(|(other, _)| *other == protocol).map(|(_, history)| history)
    }
}

/// What a subscription was at a moment; `None` where it was not there.
fn then(history: &History<Standing>, moment: Timestamp) -> Option<Then<'_>> {
    let unknown = |why: &str| Some(Then::Unknown(why.to_owned()));
    match history.at(moment) {
        Known::Before if history.spans().next().is_some_and(|span| span.state == Standing::Absent) => None,
        Known::Before => unknown("published before the subscriptions were first read"),
        Known::As(span) => match &span.state {
            Standing::Absent => None,
            Standing::Pending => Some(Then::Pending),
            Standing::Unread => unknown(UNREAD),
            Standing::Confirmed(_) if may_use_older_policy(history, span, moment) => unknown(
                "the filter policy changed less than 15 minutes before: SNS may still have used the previous one",
            ),
            Standing::Confirmed(policy) => Some(Then::Confirmed(policy.as_ref())),
        },
        Known::Between(before, after) => match (&before.state, &after.state) {
            // Neither of them gets anything.
            (Standing::Absent, Standing::Pending) | (Standing::Pending, Standing::Absent) => None,
            (Standing::Absent, _) => unknown("it was subscribed at about the time of the message"),
            (_, Standing::Absent) => unknown("it was removed at about the time of the message"),
            (Standing::Pending, _) => unknown("it was confirmed at about the time of the message"),
            (Standing::Unread, _) | (_, Standing::Unread) => unknown(UNREAD),
            _ => unknown("its filter policy changed at about the time of the message"),
        },
    }
}

/// Whether the policy of these readings had replaced another one so short a time before that SNS may not have applied it
/// yet. The policy of a new subscription counts as a change, too.
fn may_use_older_policy(history: &History<Standing>, span: &Span<Standing>, moment: Timestamp) -> bool {
    let Standing::Confirmed(policy) = &span.state else { return false };
    let earlier = history.spans().rev().skip_while(|other| other.first >= span.first);
    let replaced = earlier.map(|span| &span.state).find_map(|standing| match standing {
        Standing::Confirmed(other) => Some(other != policy),
        Standing::Absent | Standing::Pending => Some(policy.is_some()),
        Standing::Unread => None,
    });
    replaced == Some(true) && moment.as_millisecond() - span.first.as_millisecond() < POLICY_TAKES_MS
}

impl Subscriptions {
    /// The subscribers of a message that was published at a moment, each with what it was then.
    pub fn at(&self, moment: Timestamp) -> impl Iterator<Item = (Protocol, &Clean, Then<'_>)> {
        let now = self.items.iter().map(|item| (item.protocol, &item.endpoint));
        let gone = self.past.gone.iter().map(|(protocol, endpoint)| (*protocol, endpoint));
        now.chain(gone).filter_map(move |(protocol, endpoint)| {
            Some((protocol, endpoint, then(self.past.of(protocol, endpoint)?, moment)?))
        })
    }

    /// Why the subscribers of a moment are not all known, if they are not.
    pub fn unknown_at(&self, moment: Timestamp) -> Option<String> {
        match self.past.listed {
            Some((first, _)) if first <= moment => None,
            Some(_) => Some("published before the subscriptions were first read".to_owned()),
            None => Some(match &self.not_listed {
                Some(problem) => problem.to_string(),
                None => "the subscriptions have not been read yet".to_owned(),
            }),
        }
    }

    /// Whether the topic wrote delivery-status logs for a protocol at a moment; `None` where that is not known.
    pub fn logged_status_at(&self, protocol: Protocol, moment: Timestamp) -> Option<bool> {
        let enabled = |span: &Span<DeliveryStatusLogging>| span.state.enabled(protocol);
        match self.past_status_logging.at(moment) {
            Known::Before => None,
            Known::As(span) => enabled(span),
            Known::Between(before, after) => enabled(before).filter(|_| enabled(before) == enabled(after)),
        }
    }

    /// Milliseconds until SNS removes a subscription unless it is confirmed; only where this process saw it begin to wait.
    pub fn expires_in(&self, item: &Subscription, now: Timestamp) -> Option<i64> {
        let history = self.past.of(item.protocol, &item.endpoint)?;
        let since = history.latest().filter(|span| span.state == Standing::Pending)?.first;
        let seen = history.spans().next().is_some_and(|span| span.first < since);
        seen.then(|| (PENDING_MS - (now.as_millisecond() - since.as_millisecond())).max(0))
    }

    /// When a listing first showed a subscription as confirmed that the one before it showed as pending.
    pub fn confirmed_since(&self, item: &Subscription) -> Option<Timestamp> {
        let mut spans = self.past.of(item.protocol, &item.endpoint)?.spans().rev();
        let mut since = None;
        spans.find_map(|span| match span.state {
            Standing::Confirmed(_) | Standing::Unread => {
                since = Some(span.first);
                None
            }
            Standing::Pending => Some(since),
            Standing::Absent => Some(None),
        })?
    }
}
