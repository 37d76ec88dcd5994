//! The message of an invocation of which nothing else shows what it published: the only message that the topic accepted
//! while it ran.
//!
//! Four things are asked for. No other attempt of any invocation ran at that time or may have, by a log that was read
//! without a gap from before all that may have until CloudWatch was asked. The topic accepted one known message while the
//! invocation ran, and none shortly before or after. Every other known message of these minutes was accepted during
//! another invocation, so that nobody else is seen to publish. And CloudWatch counts as many messages in each of these
//! minutes as are known, so that none is missing.
//!
//! A count does not name publishers: if someone else publishes just then and the function does not, the message is taken
//! for the function's. Hence its basis is `time`, whatever joins the invocation to the upload.

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use crate::domain::evidence::{Counted, LogStretch};
use crate::text::clean::Clean;

/// The clocks of Lambda, SNS and CloudWatch may differ by so much. It counts against a join and never for it.
pub(super) const SKEW_MS: i64 = 1_000;

/// Lambda lets no attempt run for longer.
pub(super) const LONGEST_MS: i64 = 15 * 60_000;

const MINUTE_MS: i64 = 60_000;

/// One attempt of an invocation, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    /// Lambda's request id.
    pub(super) id: &'a Clean,
    /// Where no line says when it began, the earliest time that it can have.
    pub(super) began: i64,
    /// Where no line says when it ended, the latest time that it can have.
    pub(super) ended: i64,
    /// Whether lines say both.
    pub(super) is_whole: bool,
}

/// A message that the topic is known to have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted<'a> {
    pub(super) id: &'a Clean,
    /// When SNS accepted it, in milliseconds, where that is known.
    pub(super) at: Option<i64>,
    /// A time by which SNS had accepted it.
    pub(super) by: i64,
    /// Whether nothing else says what it is about.
    pub(super) is_free: bool,
}

/// All that is known of the function's attempts and of one topic.
#[derive(Debug)]
pub(super) struct Traffic<'a> {
    /// The topic's ARN.
    topic: &'a Clean,
    /// By their beginnings.
    runs: Vec<Run<'a>>,
    /// Those whose time is known, by it.
    messages: Vec<(i64, Accepted<'a>)>,
    /// The latest time by which SNS had accepted a message whose time is not known.
    unknown_by: Option<i64>,
    counted: Vec<&'a Counted>,
    log: Vec<LogStretch>,
    /// The longest that an attempt can run.
    longest_ms: i64,
}

/// The counts that would tell whether a message is an invocation's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncounted {
    /// The topic's ARN.
    pub topic: Clean,
    /// The beginning of the first minute.
    pub from: Timestamp,
    /// The end of the last one.
    pub to: Timestamp,
    /// Counts say enough that are complete to this moment.
    pub until: Timestamp,
}

/// The message of one invocation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ByCount<'a> {
    Found(&'a Clean, Timestamp),
    /// It is the only one that it can be, and CloudWatch's counts do not say yet whether another one is missing.
    Uncounted(Uncounted),
}

impl<'a> Traffic<'a> {
    pub(super) fn new(
        topic: &'a Clean,
        mut runs: Vec<Run<'a>>,
        messages: impl IntoIterator<Item = Accepted<'a>>,
        counted: Vec<&'a Counted>,
        log: Vec<LogStretch>,
        longest_ms: i64,
    ) -> Self {
        runs.sort_by_key(|run| run.began);
        let (mut known, mut unknown_by) = (Vec::new(), None);
        for message in messages {
            match message.at {
                Some(at) => known.push((at, message)),
                None => unknown_by = unknown_by.max(Some(message.by)),
            }
        }
        known.sort_by_key(|(at, message)| (*at, message.id));
        Self { topic, runs, messages: known, unknown_by, counted, log, longest_ms }
    }

    /// The message of an invocation that has made one attempt, which succeeded.
    pub(super) fn judge(&self, run: &Run<'_>) -> Option<ByCount<'a>> {
        let (from, to) = (run.began - SKEW_MS, run.ended + SKEW_MS);
        let is_alone = run.is_whole && !self.runs_between(from, to).any(|other| other.id != run.id);
        let minutes = (from.div_euclid(MINUTE_MS) * MINUTE_MS, (to.div_euclid(MINUTE_MS) + 1) * MINUTE_MS);
        if !is_alone || self.unknown_by.is_some_and(|by| by >= minutes.0) {
            return None;
        }
        let mut candidates = self.between(from, to);
        let (at, message) = candidates.next().filter(|(at, message)| message.is_free && is_within(*at, run))?;
        let is_explained = |at: i64| self.runs_between(at, at).any(|other| other.is_whole && is_within(at, other));
        // Another message at the edge of these minutes may be counted outside of them, and make room for one that is not known.
        let is_at_edge = |at: i64| at <= minutes.0 + SKEW_MS || at >= minutes.1 - SKEW_MS;
        let is_begin_read = |log: &LogStretch| log.from.as_millisecond() <= run.began - self.longest_ms;
        let is_only = candidates.next().is_none()
            && self.between(minutes.0, minutes.1 - 1).all(|(at, _)| is_explained(*at) && !is_at_edge(*at))
            && self.log.iter().any(is_begin_read);
        if !is_only {
            return None;
        }
        let uncounted = || {
            let time = |millis| Timestamp::from_millisecond(millis).ok();
            let (from, to, until) = (time(minutes.0)?, time(minutes.1)?, time(to)?);
            Some(ByCount::Uncounted(Uncounted { topic: self.topic.clone(), from, to, until }))
        };
        let is_enough = |counted: &&&Counted| {
            counted.complete_to.as_millisecond() >= to
                && counted.from.as_millisecond() <= minutes.0
                && counted.to.as_millisecond() >= minutes.1
        };
        // Counts only grow until they are complete: the latest ones count.
        let Some(counted) = self.counted.iter().filter(is_enough).max_by_key(|counted| counted.at) else {
            return uncounted();
        };
        let is_end_read = self.log.iter().any(|log| is_begin_read(log) && log.to >= counted.at);
        if self.agrees(counted, minutes)? && is_end_read {
            return Some(ByCount::Found(message.id, Timestamp::from_millisecond(*at).ok()?));
        }
        uncounted()
    }

    /// Whether CloudWatch counts in each minute as many messages as are known. `None` where it counts more, or says nothing: only
    /// another line of a log can change that. It counts fewer where the counts were not complete after all, and may count more
    /// of a minute that is not over.
    fn agrees(&self, counted: &Counted, (from, to): (i64, i64)) -> Option<bool> {
        let minutes = counted.minutes.as_ref()?;
        let complete_to = counted.complete_to.as_millisecond();
        let mut agree = true;
        for minute in (from..to).step_by(usize::try_from(MINUTE_MS).ok()?) {
            let known = self.between(minute, complete_to.min(minute + MINUTE_MS - 1)).count();
            let count = minutes.get(&Timestamp::from_millisecond(minute).ok()?).copied().unwrap_or(0);
            let known = u64::try_from(known).ok()?;
            if count > known && complete_to >= minute + MINUTE_MS {
                return None;
            }
            agree &= count == known;
        }
        Some(agree)
    }

    /// The messages that were accepted from one moment to another one.
    fn between(&self, from: i64, to: i64) -> impl Iterator<Item = &(i64, Accepted<'a>)> {
        let start = self.messages.partition_point(|(at, _)| *at < from);
        self.messages.get(start..).unwrap_or_default().iter().take_while(move |(at, _)| *at <= to)
    }

    /// The attempts that ran, or may have, at some time from one moment to another one; those that began last come first.
    fn runs_between(&self, from: i64, to: i64) -> impl Iterator<Item = &Run<'a>> {
        let begun = self.runs.partition_point(|run| run.began <= to);
        // Where neither end is known, an attempt may fill twice the longest time.
        let earliest = from - 2 * LONGEST_MS;
        let begun = self.runs.get(..begun).unwrap_or_default().iter().rev();
        begun.take_while(move |run| run.began >= earliest).filter(move |run| run.ended >= from)
    }
}

fn is_within(at: i64, run: &Run<'_>) -> bool {
    at >= run.began && at <= run.ended
}
