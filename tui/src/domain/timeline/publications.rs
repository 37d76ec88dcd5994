//! Messages of functions of others: which of them are about an upload.
//!
//! The log of its invocation names the id of a message, and the topic is known to have that message; or the text of a message
//! of the topic names the object. What two invocations or two uploads
//! could claim belongs to none, and a message of which a record says the write is not claimed at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::claims::{self, Claim, Names, Upload};
use super::{Basis, FoundBy, Publication};
use crate::domain::evidence::TopicMessage;
use crate::domain::evidence::names::Name;
use crate::text::clean::Clean;

/// Clocks of AWS differ by so much.
const SKEW_MS: i64 = 1_000;

/// What is known of the topic's messages.
#[derive(Default)]
pub(super) struct Messages<'a> {
    pub(super) all: HashMap<&'a Clean, &'a TopicMessage>,
    /// What their texts name.
    pub(super) named: BTreeMap<&'a Clean, Names<'a>>,
    /// Those of which a record says which write they are about.
    recorded: BTreeSet<&'a Clean>,
}

/// When an invocation began, and ended, as far as that is known.
pub(super) type Span = (Timestamp, Option<Timestamp>);

impl<'a> Messages<'a> {
    pub(super) fn add(&mut self, message: &'a TopicMessage) {
        self.all.insert(&message.message_id, message);
    }

    pub(super) fn add_name(&mut self, message: &'a TopicMessage, name: &'a Name) {
        self.named.entry(&message.message_id).or_default().insert(name, message.at);
    }

    pub(super) fn add_recorded(&mut self, id: &'a Clean) {
        self.recorded.insert(id);
    }

    /// A message's attributes, where they were seen.
    pub(super) fn attributes(&self, id: &Clean) -> Option<Clean> {
        self.all.get(id).map(|message| message.attributes.clone())
    }

    /// The messages of uploads whose invocations are claimed, in their order. `named_by` are the invocations that name a
    /// message; `None` is a line of which the invocation is not known.
    pub(super) fn publications(
        &self,
        uploads: &[Upload<'_>],
        claims: &[Option<&Claim<'a>>],
        named_by: &BTreeMap<&'a Clean, BTreeMap<Option<&'a Clean>, Timestamp>>,
        span: impl Fn(&Clean) -> Option<Span>,
    ) -> Vec<Vec<Publication>> {
        let mut found: Vec<Vec<Publication>> = uploads.iter().map(|_| Vec::new()).collect();
        let mut uploads_of: HashMap<&Clean, Vec<(usize, Basis)>> = HashMap::new();
        for (place, claim) in claims.iter().enumerate() {
            for id in claim.iter().flat_map(|claim| &claim.invocations) {
                uploads_of.entry(id).or_default().extend(claim.map(|claim| (place, claim.basis)));
            }
        }
        let mut taken = self.recorded.clone();
        for (message, namers) in named_by {
            if !taken.insert(message) {
                continue;
            }
            let mut namers = namers.iter();
            let (Some((Some(invocation), at)), None) = (namers.next(), namers.next()) else { continue };
            // An event of several records has a message for each, or one for all: nothing tells.
            let Some([(place, basis)]) = uploads_of.get(invocation).map(Vec::as_slice) else { continue };
            if let Some(found) = found.get_mut(*place) {
                found.push(self.publication(message, *at, FoundBy::MessageId, *basis));
            }
        }
        let texts: BTreeMap<&'a Clean, Names<'_>> =
            self.named.iter().filter(|(id, _)| !taken.contains(*id)).map(|(id, names)| (*id, names.clone())).collect();
        if texts.is_empty() {
            return found;
        }
        let is_known = |place: usize| found.get(place).is_some_and(|found| !found.is_empty());
        let open: Vec<Upload<'_>> = uploads
            .iter()
            .enumerate()
            .map(|(place, upload)| Upload { is_joined: upload.is_joined || is_known(place), ..*upload })
            .collect();
        let texts = claims::claims(&open, &texts).of;
        for ((found, claim), text) in found.iter_mut().zip(claims).zip(texts) {
            let Some(text) = text.filter(|text| text.basis >= Basis::Key) else { continue };
            let spans: Option<Vec<Span>> =
                claim.map(|claim| claim.invocations.iter().filter_map(|id| span(id)).collect());
            for id in text.invocations {
                let Some(message) = self.all.get(id) else { continue };
                let is_in_time = spans.as_ref().is_none_or(|all| all.iter().any(|span| is_within(message.at, *span)));
                found.extend(is_in_time.then(|| self.publication(id, message.at, FoundBy::Text, text.basis)));
            }
        }
        found
    }

    /// Whether neither a record nor its text says what a message is about.
    pub(super) fn is_free(&self, id: &Clean) -> bool {
        !self.recorded.contains(id) && !self.named.contains_key(id)
    }

    pub(super) fn publication(&self, id: &Clean, at: Timestamp, found: FoundBy, basis: Basis) -> Publication {
        let attributes = self.attributes(id);
        Publication { at, message_id: id.clone(), found, basis: Some(basis), attributes }
    }
}

fn is_within(at: Timestamp, (began, ended): Span) -> bool {
    let at = at.as_millisecond();
    at >= began.as_millisecond() - SKEW_MS && ended.is_none_or(|ended| at <= ended.as_millisecond() + SKEW_MS)
}
