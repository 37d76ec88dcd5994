//! Several functions that get the events of one bucket: what each did with an upload stands beside what the others did.
//!
//! The facts of each function are folded by themselves: an invocation of one function is no rival of an invocation of another
//! one, and each may fail while the others succeed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::join::{self, Line};
use super::{FoundBy, Outcome, Timeline};
use crate::domain::evidence::{Fact, LogSource};
use crate::domain::wiring::{NodeKind, Wiring};
use crate::text::clean::Clean;

/// Which function is followed, and what is known of the topics of the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed {
    /// Its name; empty while it is not known.
    pub function: Clean,
    /// Other functions that publish to its topic, and to no other one.
    pub publishers: BTreeSet<Clean>,
}

impl Followed {
    pub fn of(wiring: &Wiring) -> Self {
        let function = wiring.followed(NodeKind::Function).map(|node| node.name.clone()).unwrap_or_default();
        let topic = wiring.followed(NodeKind::Topic);
        let publishes_there = |topics: &[_]| topic.is_some_and(|topic| topics.len() == 1 && topics.contains(&topic));
        let others = wiring.of(NodeKind::Function).filter(|node| {
            let topics: Vec<_> = wiring.after(node, NodeKind::Topic).collect();
            node.name != function && publishes_there(&topics)
        });
        Self { publishers: others.map(|node| node.name.clone()).collect(), function }
    }

    /// Whether a function is the one that is followed: any is, while its name is not known.
    pub(in crate::domain) fn is(&self, function: &Clean) -> bool {
        self.function.raw().is_empty() || *function == self.function
    }

    /// Whether a line is of its log.
    pub(super) fn has(&self, source: &LogSource) -> bool {
        self.is(&source.function)
    }

    fn line<'a>(&self, function: &'a Clean) -> Line<'a> {
        let is_followed = self.is(function);
        Line { function, is_followed, shares_topic: is_followed || self.publishers.contains(function) }
    }
}

/// The timelines that follow from a set of facts, newest first.
pub fn fold(facts: &BTreeSet<Fact>, followed: &Followed) -> Vec<Timeline> {
    let mut functions: BTreeSet<&Clean> = facts.iter().filter_map(|fact| Some(&fact.source()?.function)).collect();
    let first = if followed.function.raw().is_empty() { functions.first().copied() } else { None };
    let first = first.unwrap_or(&followed.function);
    functions.remove(first);
    let mut all = join::fold(facts, Line { is_followed: true, shares_topic: true, ..followed.line(first) });
    if functions.is_empty() {
        return all;
    }
    let mut places: HashMap<String, usize> = all.iter().enumerate().map(|(at, one)| (one.id(), at)).collect();
    for function in functions {
        for part in join::fold(facts, Line { is_followed: false, ..followed.line(function) }) {
            match places.get(&part.id()).and_then(|at| all.get_mut(*at)) {
                Some(known) => known.beside.push(part),
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
    let beside = std::mem::take(&mut timeline.beside);
    let mut parts: Vec<Timeline> = std::iter::once(timeline.clone()).chain(beside).collect();
    part_messages(&mut parts);
    let is_known = |part: &Timeline| !part.invocations.is_empty() || part.outcome != Outcome::Waiting;
    if parts.iter().any(is_known) {
        parts.retain(is_known);
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
