//! The join: uploads of this process, writes named by the log, invocations, and delivery statuses come together here.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::attempts::Invocation;
use super::index::{Group, Index, Upload};
use super::others::Found;
use super::{Joined, Timeline};
use crate::domain::evidence::{Fact, Write};
use crate::text::clean::Clean;

/// Whose facts are folded.
#[derive(Clone, Copy)]
pub(super) struct OneFunction<'a> {
    pub(super) function: &'a Clean,
    /// Whether it is the one that is followed: what was read of a log is known of that one's.
    pub(super) is_followed: bool,
    /// Whether it publishes to the topic whose subscribers are known.
    pub(super) shares_topic: bool,
    /// After how many receives its queue gives a message up.
    pub(super) max_receives: Option<u32>,
}

impl OneFunction<'_> {
    fn has(&self, fact: &Fact) -> bool {
        let is_of_function = fact.source().is_none_or(|source| source.function == *self.function);
        is_of_function && (self.is_followed || !matches!(fact, Fact::LogRead(_)))
    }
}

/// The timelines that follow from what one function logged, and from what others say of it, newest first.
pub(super) fn fold(facts: &BTreeSet<Fact>, line: OneFunction<'_>) -> Vec<Timeline> {
    let mut index = Index::of(facts.iter().filter(|fact| line.has(fact)));
    let is_others = |fact: &&Fact| fact.source().is_some_and(|source| source.function != *line.function);
    index.others = facts.iter().filter(is_others).collect();
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
    for (upload, Found { claim, unlisted, publications, uncounted }) in index.claims(unmatched) {
        let joined = claim.as_ref().map_or(Joined::UploadOnly, |claim| Joined::By(claim.basis));
        let mut timeline = index.timeline(Some(upload), &[], joined);
        (timeline.unlisted, timeline.uncounted) = (unlisted, uncounted);
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
    let envelopes = index.envelopes.by_invocation(&index.named);
    for timeline in &mut timelines {
        envelopes.open(timeline);
        (timeline.function, timeline.shares_topic) = (line.function.clone(), line.shares_topic);
        timeline.max_receives = line.max_receives;
    }
    sort(&mut timelines);
    timelines
}

pub(super) fn sort(timelines: &mut [Timeline]) {
    timelines.sort_by_cached_key(|timeline| (std::cmp::Reverse(timeline.first_seen()), timeline.id()));
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
pub(super) fn same_object(upload: &Write, event: &Write) -> bool {
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
