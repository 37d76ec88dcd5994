//! What the facts say of each topic's messages and of the function's attempts beside them: which message is an invocation's
//! by CloudWatch's count.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::attempts::{self, Attempt};
use super::by_count::{Accepted, ByCount, LONGEST_MS, Run, SKEW_MS, Traffic};
use super::index::Index;
use super::others::Found;
use super::{Basis, FoundBy};
use crate::domain::evidence::{Fact, ReportStatus};
use crate::text::clean::Clean;

impl<'a> Index<'a> {
    /// Adds the messages that only CloudWatch's counts show, and the counts that are missing for that. An upload that has one
    /// invocation for itself, and no message, gets one of each topic at most. `named` are the messages that the log names.
    pub(super) fn add_by_count<T>(&self, found: &mut [Found<'a>], named: &BTreeMap<&'a Clean, T>) {
        let mut uploads_of: HashMap<&Clean, usize> = HashMap::new();
        for id in found.iter().flat_map(|one| &one.claim).flat_map(|claim| &claim.invocations) {
            *uploads_of.entry(id).or_default() += 1;
        }
        let is_open =
            |one: &Found<'a>| one.publications.is_empty() && only(one).is_some_and(|id| uploads_of.get(id) == Some(&1));
        let topics = self.topics();
        if topics.is_empty() || !found.iter().any(is_open) {
            return;
        }
        let attempts = self.attempts();
        let traffic: Vec<Traffic<'a>> = topics.into_iter().map(|topic| self.traffic(topic, &attempts, named)).collect();
        for one in found.iter_mut().filter(|one| is_open(one)) {
            let Some(run) = only(one).and_then(|id| succeeded(id, attempts.get(id)?)) else { continue };
            for by_count in traffic.iter().filter_map(|traffic| traffic.judge(&run)) {
                match by_count {
                    ByCount::Found(id, at) => {
                        one.publications.push(self.messages.publication(id, at, FoundBy::Count, Basis::Time));
                    }
                    ByCount::Uncounted(uncounted) => one.uncounted.push(uncounted),
                }
            }
        }
    }

    /// The topics of the messages that are known.
    fn topics(&self) -> BTreeSet<&'a Clean> {
        let logged = self.delivery_statuses.values().flatten().filter_map(|entry| entry.topic.as_ref());
        logged.chain(self.messages.all.values().map(|message| &message.topic)).collect()
    }

    /// The attempts of all invocations, of other functions too: any of them may publish.
    fn attempts(&self) -> HashMap<&'a Clean, Vec<Attempt>> {
        let mut facts: HashMap<&'a Clean, Vec<&'a Fact>> = self.by_invocation.clone();
        for fact in self.events.values().flatten().chain(&self.others) {
            if let Some(id) = fact.invocation() {
                facts.entry(id).or_default().push(fact);
            }
        }
        facts.into_iter().map(|(id, facts)| (id, attempts::invocation(id, &facts).attempts)).collect()
    }

    fn traffic<T>(
        &self,
        topic: &'a Clean,
        attempts: &HashMap<&'a Clean, Vec<Attempt>>,
        named: &BTreeMap<&'a Clean, T>,
    ) -> Traffic<'a> {
        let longest_ms = self.timeouts_ms.iter().copied().max().unwrap_or(LONGEST_MS);
        let runs =
            attempts.iter().flat_map(|(id, all)| all.iter().map(|attempt| run(id, attempt, longest_ms))).collect();
        let ids: HashSet<&'a Clean> =
            self.delivery_statuses.keys().chain(self.messages.all.keys()).chain(self.probed.keys()).copied().collect();
        let accepted = ids.into_iter().filter_map(|id| {
            let is_free = self.messages.is_free(id) && !named.contains_key(id);
            self.accepted(id, topic).map(|(at, by)| Accepted { id, at, by, is_free })
        });
        let counted = self.counted.iter().copied().filter(|counted| counted.topic == *topic).collect();
        Traffic::new(topic, runs, accepted, counted, self.log.clone(), longest_ms)
    }

    /// When SNS accepted a message that may be of a topic, if what is known of that agrees, and a time by which it had.
    fn accepted(&self, id: &Clean, topic: &Clean) -> Option<(Option<i64>, i64)> {
        let entries = self.delivery_statuses.get(id).map(Vec::as_slice).unwrap_or_default();
        let message = self.messages.all.get(id).copied();
        let topics = entries.iter().filter_map(|entry| entry.topic.as_ref()).chain(message.map(|it| &it.topic));
        let topics: BTreeSet<&Clean> = topics.collect();
        if !topics.is_empty() && !topics.contains(topic) {
            return None;
        }
        let times = entries.iter().filter_map(|entry| entry.accepted).chain(message.map(|message| message.at));
        let times: BTreeSet<i64> = times.map(Timestamp::as_millisecond).collect();
        let agree = times.first().zip(times.last()).filter(|(first, last)| *last - *first <= SKEW_MS);
        let probed = self.probed.get(id).into_iter().flatten().map(|probed| probed.at);
        let seen = entries.iter().map(|entry| entry.at).chain(probed).chain(message.map(|message| message.at));
        Some((agree.map(|(first, _)| *first), seen.map(Timestamp::as_millisecond).min()?))
    }
}

/// The only invocation of an upload.
fn only<'a>(found: &Found<'a>) -> Option<&'a Clean> {
    let invocations = &found.claim.as_ref()?.invocations;
    invocations.first().copied().filter(|_| invocations.len() == 1)
}

/// The only attempt of an invocation, if it succeeded.
fn succeeded<'a>(id: &'a Clean, attempts: &[Attempt]) -> Option<Run<'a>> {
    let [attempt] = attempts else { return None };
    let has_succeeded = attempt.report.as_ref().is_some_and(|report| report.status == ReportStatus::Success);
    // It is whole: how long it might have run is of no interest.
    Some(run(id, attempt, 0)).filter(|run| run.is_whole && has_succeeded)
}

fn run<'a>(id: &'a Clean, attempt: &Attempt, longest_ms: i64) -> Run<'a> {
    let first_line = attempt.first_line.as_millisecond();
    let began = attempt.started.map_or(first_line - longest_ms, Timestamp::as_millisecond);
    let ended = attempt.ended.map_or(first_line + longest_ms, Timestamp::as_millisecond);
    Run { id, began, ended, is_whole: attempt.started.is_some() && attempt.ended.is_some() }
}
