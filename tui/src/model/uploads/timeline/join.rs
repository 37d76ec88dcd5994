//! The join: uploads of this process, writes named by the log, invocations, and receipts come together here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::attempts::{self, Invocation};
use super::{Joined, Outcome, Publication, Timeline, write_of};
use crate::model::uploads::fact::{Fact, Probed, Receipt, Source, UploadId, Write};
use crate::text::clean::Clean;

/// How much earlier than our upload's end its event may be logged: clocks differ.
const CLOCK_SLACK_MS: i64 = 5 * 60 * 1_000;
/// The same, for an event that names another request than ours.
const FOREIGN_SLACK_MS: i64 = 1_000;

/// The timelines that a set of facts tells of, newest first.
pub fn fold(facts: &BTreeSet<Fact>) -> Vec<Timeline> {
    let index = Index::of(facts);
    let mut taken: HashSet<&Write> = HashSet::new();
    let mut timelines: Vec<Timeline> = Vec::new();

    // Exact joins first, so that a fallback can never take what belongs to another upload.
    let mut unmatched = Vec::new();
    for upload in &index.uploads {
        let same = upload.write.s3_request_id.as_ref().and_then(|id| index.by_request.get(id));
        match same {
            Some(events) => {
                taken.extend(events.iter().copied());
                timelines.push(index.timeline(Some(upload), events, Joined::Exactly));
            }
            None => unmatched.push(upload),
        }
    }
    for upload in unmatched {
        let event = index.events.keys().copied().find(|event| {
            same_object(upload.write, event)
                && index.first_line(event) >= earliest_line(upload, event)
                && !taken.contains(event)
        });
        match event {
            Some(event) => {
                taken.insert(event);
                timelines.push(index.timeline(Some(upload), &[event], Joined::ByObject));
            }
            None => timelines.push(index.timeline(Some(upload), &[], Joined::UploadOnly)),
        }
    }
    for events in index.groups().into_values() {
        if !events.iter().any(|event| taken.contains(event)) {
            timelines.push(index.timeline(None, &events, Joined::LogOnly));
        }
    }
    timelines.sort_by_cached_key(|timeline| (std::cmp::Reverse(timeline.first_seen()), timeline.id()));
    timelines
}

/// Whether an event without the upload's request id may be that upload's: one object, one content.
fn same_object(upload: &Write, event: &Write) -> bool {
    let agree = |a: &Option<Clean>, b: &Option<Clean>| a.is_none() || b.is_none() || a == b;
    upload.bucket == event.bucket
        && upload.key == event.key
        && agree(&upload.e_tag, &event.e_tag)
        && agree(&upload.version_id, &event.version_id)
}

/// From when on a line about the same object may be about this upload, in milliseconds.
///
/// Some emulators put a request id of their own into the event, so another id does not rule it out; but it may also be an
/// earlier upload of the same content, and that one's message is not ours.
fn earliest_line(upload: &Upload<'_>, event: &Write) -> i64 {
    if upload.write.s3_request_id.is_some() && event.s3_request_id.is_some() {
        upload.began.as_millisecond() - FOREIGN_SLACK_MS
    } else {
        upload.at.as_millisecond() - CLOCK_SLACK_MS
    }
}

struct Upload<'a> {
    id: UploadId,
    began: Timestamp,
    at: Timestamp,
    write: &'a Write,
    size: u64,
}

/// The facts by what joins them.
#[derive(Default)]
struct Index<'a> {
    /// Oldest first.
    uploads: Vec<Upload<'a>>,
    /// Writes that the log names, with their facts.
    events: BTreeMap<&'a Write, Vec<&'a Fact>>,
    by_request: HashMap<&'a Clean, Vec<&'a Write>>,
    /// Lambda's own lines: starts and reports.
    by_invocation: HashMap<&'a Clean, Vec<&'a Fact>>,
    receipts: HashMap<&'a Clean, Vec<&'a Receipt>>,
    probed: HashMap<&'a Clean, Vec<&'a Probed>>,
}

impl<'a> Index<'a> {
    fn of(facts: &'a BTreeSet<Fact>) -> Self {
        let mut index = Self::default();
        for fact in facts {
            match fact {
                Fact::Stored { upload, began, at, write, size } => {
                    index.uploads.push(Upload { id: *upload, began: *began, at: *at, write, size: *size });
                }
                Fact::Receipt(receipt) => index.receipts.entry(&receipt.message_id).or_default().push(receipt),
                Fact::Probed(probed) => index.probed.entry(&probed.message_id).or_default().push(probed),
                Fact::Invoked(source) | Fact::Reported(source, _) => index.invoked(source, fact),
                Fact::Received(..) | Fact::Published { .. } | Fact::Skipped { .. } | Fact::Failed { .. } => {
                    if let Some(write) = write_of(fact) {
                        index.events.entry(write).or_default().push(fact);
                    }
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

    fn invoked(&mut self, source: &'a Source, fact: &'a Fact) {
        if let Some(id) = &source.lambda_request_id {
            self.by_invocation.entry(id).or_default().push(fact);
        }
    }

    /// The log's writes, one group for each S3 request, or for each write where there is no request id.
    fn groups(&self) -> BTreeMap<String, Vec<&'a Write>> {
        let mut groups: BTreeMap<String, Vec<&'a Write>> = BTreeMap::new();
        for write in self.events.keys().copied() {
            let name = write.s3_request_id.as_ref().map_or_else(|| format!("{write:?}"), |id| id.raw().to_owned());
            groups.entry(name).or_default().push(write);
        }
        groups
    }

    /// Milliseconds of the first line about a write.
    fn first_line(&self, write: &Write) -> i64 {
        let lines = self.events.get(write).into_iter().flatten();
        lines.map(|fact| fact.at().as_millisecond()).min().unwrap_or(i64::MAX)
    }

    fn timeline(&self, upload: Option<&Upload<'_>>, events: &[&'a Write], joined: Joined) -> Timeline {
        let facts: BTreeSet<&Fact> =
            events.iter().filter_map(|event| self.events.get(event)).flatten().copied().collect();
        let outcome = outcome(&facts);
        let mut lines: BTreeMap<&Clean, Vec<&Fact>> = BTreeMap::new();
        for fact in facts.iter().copied() {
            if let Some(id) = request_id(fact) {
                lines.entry(id).or_default().push(fact);
            }
        }
        let mut invocations: Vec<Invocation> = lines
            .into_iter()
            .map(|(id, mut lines)| {
                lines.extend(self.by_invocation.get(id).into_iter().flatten());
                attempts::invocation(id, &lines)
            })
            .collect();
        invocations.sort_by_cached_key(|invocation| (invocation.first_seen(), invocation.request_id.clone()));
        let messages: Vec<&Clean> = match &outcome {
            Outcome::Published(publications) => publications.iter().map(|p| &p.message_id).collect(),
            _ => Vec::new(),
        };
        let mut receipts: Vec<Receipt> =
            messages.iter().filter_map(|id| self.receipts.get(*id)).flatten().map(|r| (*r).clone()).collect();
        receipts.sort();
        let mut probed: Vec<Probed> =
            messages.iter().filter_map(|id| self.probed.get(*id)).flatten().map(|p| (*p).clone()).collect();
        // Queues deliver at least once: of one message in one queue the earliest counts.
        probed.sort_by(|a, b| (&a.message_id, &a.queue, a.at).cmp(&(&b.message_id, &b.queue, b.at)));
        probed.dedup_by(|later, first| later.message_id == first.message_id && later.queue == first.queue);
        probed.sort_by(|a, b| (a.at, a).cmp(&(b.at, b)));
        Timeline {
            write: merged(upload.map(|upload| upload.write), events),
            size: upload.map(|upload| upload.size),
            upload: upload.map(|upload| upload.id),
            joined,
            began: upload.map(|upload| upload.began),
            stored: upload.map(|upload| upload.at),
            logged: facts.iter().map(|fact| fact.at()).min(),
            invocations,
            outcome,
            receipts,
            probed,
        }
    }
}

/// One success outweighs every failure: a message that SNS accepted stays accepted.
fn outcome(facts: &BTreeSet<&Fact>) -> Outcome {
    let mut published: BTreeMap<Clean, Timestamp> = BTreeMap::new();
    let mut latest: Option<(Timestamp, Outcome)> = None;
    for fact in facts {
        let candidate = match fact {
            Fact::Published { source, message_id, .. } => {
                let at = published.entry(message_id.clone()).or_insert(source.at);
                *at = (*at).min(source.at);
                continue;
            }
            Fact::Skipped { source, reason, .. } => (source.at, Outcome::Skipped(reason.clone())),
            Fact::Failed { source, reason, .. } => (source.at, Outcome::Failed(reason.clone())),
            _ => continue,
        };
        if latest.as_ref().is_none_or(|(at, _)| *at <= candidate.0) {
            latest = Some(candidate);
        }
    }
    if published.is_empty() {
        return latest.map_or(Outcome::Waiting, |(_, outcome)| outcome);
    }
    let mut publications: Vec<Publication> =
        published.into_iter().map(|(message_id, at)| Publication { at, message_id }).collect();
    publications.sort();
    Outcome::Published(publications)
}

/// The invocation that logged something about a write.
fn request_id(fact: &Fact) -> Option<&Clean> {
    match fact {
        Fact::Received(source, _)
        | Fact::Published { source, .. }
        | Fact::Skipped { source, .. }
        | Fact::Failed { source, .. } => source.lambda_request_id.as_ref(),
        _ => None,
    }
}

/// What all sources together know of a write; the upload's own answer comes first.
fn merged(upload: Option<&Write>, events: &[&Write]) -> Write {
    let mut sources = upload.into_iter().chain(events.iter().copied());
    let Some(mut write) = sources.next().cloned() else {
        return Write {
            bucket: Clean::new(""),
            key: Clean::new(""),
            e_tag: None,
            version_id: None,
            sequencer: None,
            s3_request_id: None,
        };
    };
    for other in sources {
        let fill = |into: &mut Option<Clean>, from: &Option<Clean>| {
            if into.is_none() {
                into.clone_from(from);
            }
        };
        fill(&mut write.e_tag, &other.e_tag);
        fill(&mut write.version_id, &other.version_id);
        fill(&mut write.sequencer, &other.sequencer);
        fill(&mut write.s3_request_id, &other.s3_request_id);
    }
    write
}
