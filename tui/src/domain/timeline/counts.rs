//! Which of CloudWatch's counts are asked for, and when: once they are complete, and again while they turn out not to be.

use std::collections::HashMap;

use jiff::Timestamp;

use super::Uncounted;
use crate::text::clean::Clean;

/// CloudWatch has all counts of a moment so long after it, as a rule.
const SETTLE_MS: i64 = 3 * 60_000;

/// How often counts are asked for that were not complete: CloudWatch's, and those of the local cloud.
const EVERY_MS: (i64, i64) = (60_000, 2_000);

/// How long they are asked for.
const LONGEST_MS: i64 = 10 * 60_000;

/// The counts of a topic that would tell something now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountsWanted {
    /// The topic's ARN.
    pub topic: Clean,
    /// The beginning of the first minute.
    pub from: Timestamp,
    /// The end of the last one.
    pub to: Timestamp,
    /// They can be taken for complete to this moment.
    pub complete_to: Timestamp,
}

/// What is missing, and what was asked for.
#[derive(Debug, Default)]
pub(super) struct CountsSchedule {
    pub(super) missing: Vec<Uncounted>,
    /// Whether a message is counted at once: the local cloud does.
    pub(super) are_immediate: bool,
    /// When the counts of a topic were asked for.
    asked: HashMap<Clean, Timestamp>,
}

impl CountsSchedule {
    fn settle_ms(&self) -> i64 {
        if self.are_immediate { 0 } else { SETTLE_MS }
    }

    /// When counts are complete that are missing.
    pub(super) fn due(&self, missing: &Uncounted) -> Timestamp {
        later(missing.until, self.settle_ms())
    }

    /// Whether there is no hope for them any more.
    pub(super) fn is_over(&self, missing: &Uncounted, now: Timestamp) -> bool {
        later(self.due(missing), LONGEST_MS) < now
    }

    /// When they are to be asked for.
    fn next(&self, missing: &Uncounted) -> Timestamp {
        let due = self.due(missing);
        match self.asked.get(&missing.topic) {
            Some(asked) if *asked >= due => later(*asked, if self.are_immediate { EVERY_MS.1 } else { EVERY_MS.0 }),
            _ => due,
        }
    }

    /// The counts to ask for now, of one topic.
    pub(super) fn ask(&mut self, now: Timestamp) -> Option<CountsWanted> {
        let open = || self.missing.iter().filter(|one| self.due(one) <= now && !self.is_over(one, now));
        let topic = &open().find(|one| self.next(one) <= now)?.topic;
        let of_topic = || open().filter(|one| one.topic == *topic);
        let wanted = CountsWanted {
            topic: topic.clone(),
            from: of_topic().map(|one| one.from).min()?,
            to: of_topic().map(|one| one.to).max()?,
            complete_to: later(now, -self.settle_ms()),
        };
        self.asked.insert(wanted.topic.clone(), now);
        Some(wanted)
    }

    /// When something is to be asked for next.
    pub(super) fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.missing.iter().filter(|one| !self.is_over(one, now)).map(|one| self.next(one)).filter(|at| *at > now).min()
    }
}

fn later(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond() + millis).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_040 + seconds).unwrap()
    }

    fn missing(topic: &str, minute: i64) -> Uncounted {
        let (from, to) = (at(60 * minute), at(60 * minute + 60));
        Uncounted { topic: topic.into(), from, to, until: at(60 * minute + 10) }
    }

    /// What is asked for at a moment: topics, first and last minutes.
    fn asked(schedule: &mut CountsSchedule, now: i64) -> Vec<(String, i64, i64)> {
        let minutes = |time: Timestamp| (time.as_second() - at(0).as_second()) / 60;
        let one = |wanted: CountsWanted| (wanted.topic.raw().to_owned(), minutes(wanted.from), minutes(wanted.to));
        std::iter::from_fn(|| schedule.ask(at(now))).map(one).collect()
    }

    #[test]
    fn counts_are_asked_for_once_complete_and_again_while_they_are_not() {
        let mut schedule = CountsSchedule { missing: vec![missing("t", 0)], ..CountsSchedule::default() };
        let one = [("t".to_owned(), 0, 1)];
        for (now, expected) in
            [(189, &[][..]), (190, &one), (191, &[]), (249, &[]), (250, &one), (790, &one), (791, &[])]
        {
            assert_eq!(asked(&mut schedule, now), expected, "{now}");
        }
        assert_eq!(schedule.next_due(at(795)), None, "it is too late");
    }

    #[test]
    fn counts_of_all_uploads_are_asked_for_together() {
        let all = vec![missing("t", 0), missing("t", 2), missing("u", 1), missing("t", 9)];
        let mut schedule = CountsSchedule { missing: all, ..CountsSchedule::default() };
        assert_eq!(schedule.next_due(at(0)), Some(at(190)));
        assert_eq!(asked(&mut schedule, 320), [("t".to_owned(), 0, 3), ("u".to_owned(), 1, 2)]);
        assert_eq!(schedule.next_due(at(320)), Some(at(380)), "again");
    }

    #[test]
    fn the_local_cloud_counts_at_once() {
        let mut schedule =
            CountsSchedule { missing: vec![missing("t", 0)], are_immediate: true, ..CountsSchedule::default() };
        assert_eq!(asked(&mut schedule, 9), []);
        let wanted = schedule.ask(at(10)).unwrap();
        assert_eq!((wanted.complete_to, schedule.ask(at(11))), (at(10), None));
        assert_eq!(schedule.next_due(at(11)), Some(at(12)));
    }
}
