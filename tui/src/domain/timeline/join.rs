//! The join: uploads of this process, writes named by the log, invocations, and delivery statuses come together here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use crate::domain::evidence::{DeliveryStatusEntry, Fact, Listed, LogSource, LogStretch, Probed, Write};
use crate::domain::ids::UploadId;
use crate::domain::timeline::attempts::{self, Invocation};
use crate::domain::timeline::named::NamedLines;
use crate::domain::timeline::others::Found;
use crate::domain::timeline::outcome::{merged, outcome};
use crate::domain::timeline::publications::Messages;
use crate::domain::timeline::{Joined, Outcome, Publication, Timeline};
use crate::text::clean::Clean;

/// The timelines that follow from a set of facts, newest first.
pub fn fold(facts: &BTreeSet<Fact>) -> Vec<Timeline> {
    let index = Index::of(facts);
    let mut taken: HashSet<&Write> = HashSet::new();
    let mut timelines: Vec<Timeline> = Vec::new();

    // The surest joins first, so that a weaker one can never take what belongs to another upload. Each event is given
    // away once.
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
    let groups = index.groups();
    let mut by_key: HashMap<&Clean, Vec<&Group<'_>>> = HashMap::new();
    for group in &groups {
        if let Some(event) = group.events.first() {
            by_key.entry(&event.key).or_default().push(group);
        }
    }
    for rule in [is_same_version, may_be_same] {
        unmatched.retain(|upload| {
            let is_free = |group: &&Group<'_>| group.events.iter().all(|event| !taken.contains(event));
            // Both rules ask for the upload's own key in all of a group's events.
            let same_key = by_key.get(&upload.write.key).into_iter().flatten().copied();
            let Some(group) = same_key.filter(|group| rule(upload, group)).find(is_free) else { return true };
            taken.extend(group.events.iter().copied());
            timelines.push(index.timeline(Some(upload), &group.events, Joined::ByObject));
            false
        });
    }
    for (upload, Found { claim, unlisted, publications }) in index.claims(unmatched) {
        let joined = claim.as_ref().map_or(Joined::UploadOnly, |claim| Joined::By(claim.basis));
        let mut timeline = index.timeline(Some(upload), &[], joined);
        timeline.unlisted = unlisted;
        index.publish(&mut timeline, publications);
        timeline.invocations =
            index.invocations(claim.into_iter().flat_map(|claim| claim.invocations).map(|id| (id, Vec::new())));
        timeline.logged = timeline.invocations.iter().filter_map(Invocation::first_seen).min();
        timelines.push(timeline);
    }
    for group in &groups {
        if !group.events.iter().any(|event| taken.contains(event)) {
            timelines.push(index.timeline(None, &group.events, Joined::LogOnly));
        }
    }
    timelines.sort_by_cached_key(|timeline| (std::cmp::Reverse(timeline.first_seen()), timeline.id()));
    timelines
}

/// Whether the log names the very version that the upload made. No two writes share one.
fn is_same_version(upload: &Upload<'_>, group: &Group<'_>) -> bool {
    // What a bucket without versions calls its only one.
    let version = upload.write.version_id.as_ref().filter(|version| version.raw() != "null");
    version.is_some()
        && group.events.iter().any(|event| event.version_id.as_ref() == version)
        && group.events.iter().all(|event| same_object(upload.write, event))
}

/// Whether an event without the upload's request id may be that upload's: one object, one content by the entity tag of both, and no line of it from
/// before the upload began, since that is about an earlier upload of the same.
///
/// Only emulators put no request id into an event, or one of another form. Their clock is taken for Lambda's: with a tolerance,
/// who uploads a file twice would be shown the first one's message for the second.
fn may_be_same(upload: &Upload<'_>, group: &Group<'_>) -> bool {
    let is_same_content = |event: &&Write| event.e_tag.is_some() && event.e_tag == upload.write.e_tag;
    group.first_line >= upload.not_before.as_millisecond()
        && group.events.iter().any(is_same_content)
        && group.events.iter().all(|event| same_object(upload.write, event))
}

/// One object, one content, as far as both sides say.
fn same_object(upload: &Write, event: &Write) -> bool {
    let agree = |a: &Option<Clean>, b: &Option<Clean>| a.is_none() || b.is_none() || a == b;
    let is_contradicted = |a: &Clean, b: &Clean| a != b && is_of_s3(a) && is_of_s3(b);
    let is_other_request = upload.s3_request_id.as_ref().zip(event.s3_request_id.as_ref());
    upload.bucket == event.bucket
        && upload.key == event.key
        && !is_other_request.is_some_and(|(a, b)| is_contradicted(a, b))
        && agree(&upload.e_tag, &event.e_tag)
        && agree(&upload.version_id, &event.version_id)
}

/// Whether an id has the form of those that S3 gives its requests. An emulator may put one of another form, which says
/// nothing, into its events.
fn is_of_s3(id: &Clean) -> bool {
    id.raw().len() == 16 && id.raw().bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What the log says of one write.
struct Group<'a> {
    /// As different lines name it; one S3 request, where they name that.
    events: Vec<&'a Write>,
    /// Milliseconds of the first line.
    first_line: i64,
}

pub(super) struct Upload<'a> {
    pub(super) id: UploadId,
    pub(super) began: Timestamp,
    pub(super) at: Timestamp,
    pub(super) not_before: Timestamp,
    pub(super) write: &'a Write,
    size: u64,
}

/// The facts by what joins them.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Oldest first.
    pub(super) uploads: Vec<Upload<'a>>,
    /// Writes that the log names, with their facts.
    pub(super) events: BTreeMap<&'a Write, Vec<&'a Fact>>,
    by_request: HashMap<&'a Clean, Vec<&'a Write>>,
    /// Lambda's own lines: starts and reports.
    pub(super) by_invocation: HashMap<&'a Clean, Vec<&'a Fact>>,
    delivery_statuses: HashMap<&'a Clean, Vec<&'a DeliveryStatusEntry>>,
    /// Lines of functions of others.
    pub(super) named: NamedLines<'a>,
    probed: HashMap<&'a Clean, Vec<&'a Probed>>,
    pub(super) messages: Messages<'a>,
    pub(super) listings: Vec<&'a Listed>,
    pub(super) log: Vec<LogStretch>,
}

impl<'a> Index<'a> {
    fn of(facts: &'a BTreeSet<Fact>) -> Self {
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
    fn groups(&self) -> Vec<Group<'a>> {
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
    fn publish(&self, timeline: &mut Timeline, mut publications: Vec<Publication>) {
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
    fn invocations(&self, lines: impl IntoIterator<Item = (&'a Clean, Vec<&'a Fact>)>) -> Vec<Invocation> {
        let one = |(id, mut lines): (&'a Clean, Vec<&'a Fact>)| {
            lines.extend(self.by_invocation.get(id).into_iter().flatten());
            attempts::invocation(id, &lines)
        };
        let mut invocations: Vec<Invocation> = lines.into_iter().map(one).collect();
        invocations.sort_by_cached_key(|invocation| (invocation.first_seen(), invocation.request_id.clone()));
        invocations
    }

    fn timeline(&self, upload: Option<&Upload<'_>>, events: &[&'a Write], joined: Joined) -> Timeline {
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
        }
    }
}
