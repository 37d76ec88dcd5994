//! Several functions that get the events of one bucket: what each did with an upload stands beside what the others did.
//!
//! The facts of each function are folded by themselves: an invocation of one function is no rival of an invocation of another
//! one, and each may fail while the others succeed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::join::{self, OneFunction};
use super::{FoundBy, Outcome, Timeline};
use crate::domain::evidence::{Fact, LogSource};
use crate::domain::wiring::{Node, NodeKind, Wiring};
use crate::text::clean::Clean;

/// What the wiring says of functions: which one is the line's, and what decides over the others' messages and retries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownFunctions {
    /// The line's function; empty while it is not known.
    pub name: Clean,
    /// Other functions that publish to its topic, and to no other one.
    pub publishers: BTreeSet<Clean>,
    /// After how many receives the queue of a function gives a message up.
    pub max_receives: BTreeMap<Clean, u32>,
}

impl KnownFunctions {
    pub fn of(wiring: &Wiring) -> Self {
        let name = wiring.followed(NodeKind::Function).map(|node| node.name.clone()).unwrap_or_default();
        let topic = wiring.followed(NodeKind::Topic);
        let publishes_there = |topics: &[_]| topic.is_some_and(|topic| topics.len() == 1 && topics.contains(&topic));
        let others = wiring.of(NodeKind::Function).filter(|node| {
            let topics: Vec<_> = wiring.after(node, NodeKind::Topic).collect();
            node.name != name && publishes_there(&topics)
        });
        Self {
            publishers: others.map(|node| node.name.clone()).collect(),
            max_receives: wiring.of(NodeKind::Function).filter_map(|node| limit(wiring, node)).collect(),
            name,
        }
    }

    /// Whether a function is the one that is followed: any is, while its name is not known.
    pub(in crate::domain) fn is(&self, function: &Clean) -> bool {
        self.name.raw().is_empty() || *function == self.name
    }

    /// Whether a line is of its log.
    pub(super) fn has(&self, source: &LogSource) -> bool {
        self.is(&source.function)
    }

    fn line<'a>(&self, function: &'a Clean) -> OneFunction<'a> {
        let is_followed = self.is(function);
        OneFunction {
            function,
            is_followed,
            shares_topic: is_followed || self.publishers.contains(function),
            max_receives: self.max_receives.get(function).copied(),
        }
    }
}

/// The receives after which the queue of a function gives a message up, if all its queues say the same.
fn limit(wiring: &Wiring, function: &Node) -> Option<(Clean, u32)> {
    let is_read = |queue: &&Node| wiring.after(queue, NodeKind::Function).any(|it| it.id() == function.id());
    let limits: BTreeSet<Option<u32>> =
        wiring.of(NodeKind::Queue).filter(is_read).map(|queue| queue.max_receives).collect();
    let limit = limits.first().copied().flatten().filter(|_| limits.len() == 1)?;
    Some((function.name.clone(), limit))
}

/// The timelines that follow from a set of facts, newest first.
pub fn fold(facts: &BTreeSet<Fact>, followed: &KnownFunctions) -> Vec<Timeline> {
    let mut functions: BTreeSet<&Clean> = facts.iter().filter_map(|fact| Some(&fact.source()?.function)).collect();
    let first = if followed.name.raw().is_empty() { functions.first().copied() } else { None };
    let first = first.unwrap_or(&followed.name);
    functions.remove(first);
    let mut all = join::fold(facts, OneFunction { is_followed: true, shares_topic: true, ..followed.line(first) });
    if functions.is_empty() {
        return all;
    }
    let mut places: HashMap<String, usize> = all.iter().enumerate().map(|(at, one)| (one.id(), at)).collect();
    for function in functions {
        for part in join::fold(facts, OneFunction { is_followed: false, ..followed.line(function) }) {
            match places.get(&part.id()).and_then(|at| all.get_mut(*at)) {
                Some(known) if part.is_known() => known.beside.push(part),
                // This process's uploads are on the timelines of every function.
                Some(_) => {}
                None => {
                    places.insert(part.id(), all.len());
                    all.push(part);
                }
            }
        }
    }
    all.iter_mut().for_each(settle);
    join::sort(&mut all);
    all
}

/// Leaves out the functions that are not known to have got the upload's event, and gives each message to one of the others.
fn settle(timeline: &mut Timeline) {
    if timeline.beside.is_empty() {
        return;
    }
    let beside = std::mem::take(&mut timeline.beside);
    let mut parts: Vec<Timeline> = std::iter::once(timeline.clone()).chain(beside).collect();
    part_messages(&mut parts);
    if parts.iter().any(Timeline::is_known) {
        // What a listing may still join to the upload stays.
        parts.retain(|part| part.is_known() || part.unlisted.is_some());
    } else {
        parts.truncate(1);
    }
    let mut parts = parts.into_iter();
    if let Some(first) = parts.next() {
        *timeline = first;
        timeline.beside = parts.collect();
    }
}

/// A message whose text names the object was published by a function whose log names the message, if there is one. Of several
/// that may have published it, nothing tells which one did.
fn part_messages(parts: &mut [Timeline]) {
    let mut claims: BTreeMap<Clean, Vec<FoundBy>> = BTreeMap::new();
    for publication in parts.iter().flat_map(Timeline::publications) {
        claims.entry(publication.message_id.clone()).or_default().push(publication.found);
    }
    let is_of_several = |id: &Clean| claims.get(id).is_some_and(|found| found.len() > 1);
    for part in parts {
        let Outcome::Published(publications) = &mut part.outcome else { continue };
        let count = publications.len();
        let is_doubtful = |found| matches!(found, FoundBy::Text | FoundBy::Count);
        publications.retain(|one| !is_doubtful(one.found) || !is_of_several(&one.message_id));
        if publications.len() == count {
            continue;
        }
        let ids: BTreeSet<Clean> = publications.iter().map(|one| one.message_id.clone()).collect();
        if ids.is_empty() {
            part.outcome = Outcome::Waiting;
        }
        part.delivery_statuses.retain(|entry| ids.contains(&entry.message_id));
        part.probed.retain(|probed| ids.contains(&probed.message_id));
    }
}
