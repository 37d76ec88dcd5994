//! The facts of one function by what joins them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::attempts::{self, Invocation};
use super::envelopes::Envelopes;
use super::named::NamedLines;
use super::outcome::{merged, outcome};
use super::publications::Messages;
use super::{Joined, Outcome, Publication, Timeline};
use crate::domain::evidence::{Counted, DeliveryStatusEntry, Fact, Listed, LogSource, LogStretch, Probed, Write};
use crate::domain::ids::UploadId;
use crate::text::clean::Clean;

/// What the log says of one write.
pub(super) struct Group<'a> {
    /// As different lines name it; one S3 request, where they name that.
    pub(super) events: Vec<&'a Write>,
    /// Milliseconds of the first line.
    pub(super) first_line: i64,
}

pub(super) struct Upload<'a> {
    pub(super) id: UploadId,
    pub(super) began: Timestamp,
    pub(super) at: Timestamp,
    pub(super) not_before: Timestamp,
    pub(super) write: &'a Write,
    pub(super) size: u64,
}

/// The facts by what joins them.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Oldest first.
    pub(super) uploads: Vec<Upload<'a>>,
    /// Writes that the log names, with their facts.
    pub(super) events: BTreeMap<&'a Write, Vec<&'a Fact>>,
    pub(super) by_request: HashMap<&'a Clean, Vec<&'a Write>>,
    /// Lambda's own lines: starts and reports.
    pub(super) by_invocation: HashMap<&'a Clean, Vec<&'a Fact>>,
    pub(super) delivery_statuses: HashMap<&'a Clean, Vec<&'a DeliveryStatusEntry>>,
    /// Lines of functions of others.
    pub(super) named: NamedLines<'a>,
    pub(super) probed: HashMap<&'a Clean, Vec<&'a Probed>>,
    pub(super) messages: Messages<'a>,
    pub(super) listings: Vec<&'a Listed>,
    pub(super) log: Vec<LogStretch>,
    pub(super) counted: Vec<&'a Counted>,
    /// How long an attempt may take, as the function's configuration said whenever it was read.
    pub(super) timeouts_ms: Vec<i64>,
    /// What other functions logged.
    pub(super) others: Vec<&'a Fact>,
    pub(super) envelopes: Envelopes<'a>,
}

impl<'a> Index<'a> {
    pub(super) fn of(facts: impl Iterator<Item = &'a Fact>) -> Self {
        let mut index = Self::default();
        for fact in facts {
            match fact {
                Fact::Stored { upload, began, at, not_before, write, size } => {
                    let (began, at, not_before) = (*began, *at, *not_before);
                    index.uploads.push(Upload { id: *upload, began, at, not_before, write, size: *size });
                }
                Fact::DeliveryStatusEntry(entry) => {
                    index.delivery_statuses.entry(&entry.message_id).or_default().push(entry);
                }
                Fact::Probed(probed) => index.probed.entry(&probed.message_id).or_default().push(probed),
                Fact::Message(message) => index.messages.add(message),
                Fact::MessageNamed(message, name) => index.messages.add_name(message, name),
                Fact::Listed(listed) => index.listings.push(listed),
                Fact::LogRead(stretch) => index.log.push(*stretch),
                Fact::Counted(counted) => index.counted.push(counted),
                Fact::Timeout(timeout) => index.timeouts_ms.push(i64::from(timeout.seconds) * 1_000),
                Fact::Enveloped(source, write, envelope) => index.envelopes.add(source, write, envelope),
                Fact::Invoked(source) | Fact::Reported(source, _) | Fact::Named(source, _) => {
                    index.named.add(fact);
                    index.invoked(source, fact);
                }
                Fact::Printed(..) | Fact::MessageText(..) => {}
                Fact::Published { write, message_id, .. } => {
                    index.messages.add_recorded(message_id);
                    index.events.entry(write).or_default().push(fact);
                }
                Fact::Received(_, write) | Fact::Skipped { write, .. } | Fact::Failed { write, .. } => {
                    index.events.entry(write).or_default().push(fact);
                }
            }
        }
        index.uploads.sort_by_key(|upload| (upload.at, upload.id));
        for write in index.events.keys().copied() {
            if let Some(id) = &write.s3_request_id {
                index.by_request.entry(id).or_default().push(write);
            }
        }
        index
    }

    fn invoked(&mut self, source: &'a LogSource, fact: &'a Fact) {
        if let Some(id) = &source.lambda_request_id {
            self.by_invocation.entry(id).or_default().push(fact);
        }
    }

    /// The log's writes, one group for each S3 request, or for each write where there is no request id; earliest first.
    pub(super) fn groups(&self) -> Vec<Group<'a>> {
        let mut by_name: BTreeMap<String, Vec<&'a Write>> = BTreeMap::new();
        for write in self.events.keys().copied() {
            let name = write.s3_request_id.as_ref().map_or_else(|| format!("{write:?}"), |id| id.raw().to_owned());
            by_name.entry(name).or_default().push(write);
        }
        let groups = by_name.into_values().map(|events| {
            let lines = events.iter().filter_map(|event| self.events.get(event)).flatten();
            let first_line = lines.map(|fact| fact.at().as_millisecond()).min().unwrap_or(i64::MAX);
            Group { events, first_line }
        });
        let mut groups: Vec<Group<'a>> = groups.collect();
        // Stable: those of one millisecond stay in the order of their names.
        groups.sort_by_key(|group| group.first_line);
        groups
    }

    /// Adds what is known of its messages.
    pub(super) fn publish(&self, timeline: &mut Timeline, mut publications: Vec<Publication>) {
        if publications.is_empty() {
            return;
        }
        publications.sort();
        let ids: Vec<&Clean> = publications.iter().map(|publication| &publication.message_id).collect();
        (timeline.delivery_statuses, timeline.probed) = self.received(&ids);
        timeline.outcome = Outcome::Published(publications);
    }

    /// What delivery-status logs and the probe say of some messages.
    fn received(&self, messages: &[&Clean]) -> (Vec<DeliveryStatusEntry>, Vec<Probed>) {
        let statuses = messages.iter().filter_map(|id| self.delivery_statuses.get(*id)).flatten();
        let mut statuses: Vec<DeliveryStatusEntry> = statuses.map(|entry| (*entry).clone()).collect();
        statuses.sort();
        let mut probed: Vec<Probed> =
            messages.iter().filter_map(|id| self.probed.get(*id)).flatten().map(|p| (*p).clone()).collect();
        // Queues deliver at least once: of one message in one queue the earliest counts.
        probed.sort_by(|a, b| (&a.message_id, &a.queue, a.at).cmp(&(&b.message_id, &b.queue, b.at)));
        probed.dedup_by(|later, first| later.message_id == first.message_id && later.queue == first.queue);
        probed.sort_by(|a, b| (a.at, a).cmp(&(b.at, b)));
        (statuses, probed)
    }

    /// Invocations from what was logged about a write, and Lambda's own lines.
    pub(super) fn invocations(&self, lines: impl IntoIterator<Item = (&'a Clean, Vec<&'a Fact>)>) -> Vec<Invocation> {
        let one = |(id, mut lines): (&'a Clean, Vec<&'a Fact>)| {
            lines.extend(self.by_invocation.get(id).into_iter().flatten());
            attempts::invocation(id, &lines)
        };
        let mut invocations: Vec<Invocation> = lines.into_iter().map(one).collect();
        invocations.sort_by_cached_key(|invocation| (invocation.first_seen(), invocation.request_id.clone()));
        invocations
    }

    pub(super) fn timeline(&self, upload: Option<&Upload<'_>>, events: &[&'a Write], joined: Joined) -> Timeline {
        let facts: BTreeSet<&Fact> =
            events.iter().filter_map(|event| self.events.get(event)).flatten().copied().collect();
        let mut outcome = outcome(&facts);
        if let Outcome::Published(publications) = &mut outcome {
            for publication in publications {
                publication.basis = joined.basis();
                publication.attributes = self.messages.attributes(&publication.message_id);
            }
        }
        let mut lines: BTreeMap<&Clean, Vec<&Fact>> = BTreeMap::new();
        for fact in facts.iter().copied() {
            if let Some(id) = fact.invocation() {
                lines.entry(id).or_default().push(fact);
            }
        }
        let invocations = self.invocations(lines);
        let messages: Vec<&Clean> = match &outcome {
            Outcome::Published(publications) => publications.iter().map(|p| &p.message_id).collect(),
            _ => Vec::new(),
        };
        let (delivery_statuses, probed) = self.received(&messages);
        Timeline {
            write: merged(upload.map(|upload| upload.write), events),
            size: upload.map(|upload| upload.size),
            upload: upload.map(|upload| upload.id),
            joined,
            began: upload.map(|upload| upload.began),
            stored: upload.map(|upload| upload.at),
            not_before: upload.map(|upload| upload.not_before),
            logged: facts.iter().map(|fact| fact.at()).min(),
            invocations,
            outcome,
            delivery_statuses,
            probed,
            unlisted: None,
            uncounted: Vec::new(),
            function: Clean::default(),
            shares_topic: true,
            max_receives: None,
            beside: Vec::new(),
        }
    }
}
