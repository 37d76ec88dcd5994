//! Functions of others: what is known of uploads of which no record of imgwatch's handler tells.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::by_count::Uncounted;
use super::by_time::{self, ByTime, Silent, Surroundings};
use super::claims::{self, Claim};
use super::index::{Index, Upload};
use super::publications::Span;
use super::{Basis, Publication};
use crate::domain::evidence::Fact;
use crate::domain::ids::UploadId;
use crate::text::clean::Clean;

/// What is known of the invocations of an upload of which no record tells.
#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) claim: Option<Claim<'a>>,
    pub(super) unlisted: Option<Timestamp>,
    pub(super) publications: Vec<Publication>,
    pub(super) uncounted: Vec<Uncounted>,
}

impl<'a> Index<'a> {
    /// What the lines of functions of others say about uploads that no record names.
    pub(super) fn claims<'b>(&self, unmatched: Vec<&'b Upload<'a>>) -> Vec<(&'b Upload<'a>, Found<'a>)> {
        if unmatched.is_empty() {
            return Vec::new();
        }
        let mut names = self.named.names();
        let recorded: HashSet<&Clean> = self.events.values().flatten().filter_map(|fact| fact.invocation()).collect();
        // No upload claims an invocation that a record names.
        names.of.retain(|id, _| !recorded.contains(id));
        let names_an_object = |id: &Clean| recorded.contains(id) || names.of.contains_key(id);
        let silent = by_time::silent(self.by_invocation.iter().filter_map(silent), names_an_object);
        if silent.is_empty() && names.of.is_empty() && self.messages.named.is_empty() {
            return unmatched.into_iter().map(|upload| (upload, Found::default())).collect();
        }
        let open: HashSet<UploadId> = unmatched.iter().map(|upload| upload.id).collect();
        let one = |upload: &Upload<'a>| claims::Upload {
            began: upload.not_before,
            stored: upload.at,
            write: upload.write,
            is_joined: !open.contains(&upload.id),
        };
        let all: Vec<claims::Upload<'a>> = self.uploads.iter().map(one).collect();
        let claims = claims::claims(&all, &names.of);
        let around =
            Surroundings { silent, loose: names.loose, listings: self.listings.clone(), log: self.log.clone() };
        let by_time = by_time::by_time(&all, |place| claims.spoken_of.contains(&place), &around);
        let mut found: Vec<Found<'a>> =
            claims.of.into_iter().map(|claim| Found { claim, ..Found::default() }).collect();
        for (place, join) in by_time {
            let Some(found) = found.get_mut(place) else { continue };
            match join {
                ByTime::Joined(id) => found.claim = Some(Claim { basis: Basis::Time, invocations: [id].into() }),
                ByTime::Unlisted(ended) => found.unlisted = Some(ended),
            }
        }
        let joined: Vec<Option<&Claim<'a>>> = found.iter().map(|found| found.claim.as_ref()).collect();
        let publications = self.messages.publications(&all, &joined, &names.messages, |id| self.span(id));
        for (found, publications) in found.iter_mut().zip(publications) {
            found.publications = publications;
        }
        self.add_by_count(&mut found, &names.messages);
        let mut found: HashMap<UploadId, Found<'a>> = self.uploads.iter().map(|upload| upload.id).zip(found).collect();
        unmatched.into_iter().map(|upload| (upload, found.remove(&upload.id).unwrap_or_default())).collect()
    }

    /// When an invocation began, and its last attempt ended.
    fn span(&self, id: &Clean) -> Option<Span> {
        let facts = self.by_invocation.get(id)?;
        let began = facts.iter().map(|fact| fact.at()).min()?;
        let starts = facts.iter().filter(|fact| matches!(fact, Fact::Invoked(_))).map(|fact| fact.at());
        let ends = facts.iter().filter(|fact| matches!(fact, Fact::Reported(..))).map(|fact| fact.at());
        Some((began, ends.max().filter(|ended| starts.max().is_none_or(|started| started <= *ended))))
    }
}

/// An invocation from its lines.
fn silent<'a>((id, facts): (&&'a Clean, &Vec<&'a Fact>)) -> Option<Silent<'a>> {
    let began = facts.iter().map(|fact| fact.at()).min()?;
    let ended = facts.iter().filter(|fact| matches!(fact, Fact::Reported(..))).map(|fact| fact.at()).min();
    let is_started = facts.iter().any(|fact| matches!(fact, Fact::Invoked(_)) && fact.at() == began);
    Some(Silent { began, ended, id, is_started })
}
