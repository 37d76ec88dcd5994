//! Single cases; the generator beside `claims` has all of them together.

use super::*;

/// Milliseconds since the beginning of a minute.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_040_000 + millis).unwrap()
}

fn millis(millis: i64) -> i64 {
    at(millis).as_millisecond()
}

/// When counts were asked for, to when they are complete, and the minutes that have some.
type Counts = (i64, i64, Option<Vec<(i64, u64)>>);

/// What is known of a topic: one invocation from second 10 to 12 of a minute, and its message; all of it is counted.
struct World {
    runs: Vec<(&'static str, i64, i64, bool)>,
    messages: Vec<(&'static str, Option<i64>, i64, bool)>,
    counts: Vec<Counts>,
    log: (i64, i64),
}

impl World {
    fn new() -> Self {
        Self {
            runs: vec![("L-1", 10_000, 12_000, true)],
            messages: vec![("M-1", Some(11_000), 11_050, true)],
            counts: vec![(240_000, 60_000, Some(vec![(0, 1)]))],
            log: (10_000 - LONGEST_MS, 300_000),
        }
    }

    /// The message of the first run; or `uncounted`, or nothing.
    fn judge(&self) -> Option<String> {
        let (topic, ids): (Clean, Vec<Clean>) = (
            "t".into(),
            self.runs.iter().map(|run| run.0).chain(self.messages.iter().map(|it| it.0)).map(Clean::new).collect(),
        );
        let id = |name: &str| ids.iter().find(|id| id.raw() == name).unwrap();
        let runs = self.runs.iter().map(|(name, began, ended, is_whole)| Run {
            id: id(name),
            began: millis(*began),
            ended: millis(*ended),
            is_whole: *is_whole,
        });
        let runs: Vec<Run<'_>> = runs.collect();
        let messages = self.messages.iter().map(|(name, accepted, by, is_free)| Accepted {
            id: id(name),
            at: accepted.map(millis),
            by: millis(*by),
            is_free: *is_free,
        });
        let counted: Vec<Counted> = self
            .counts
            .iter()
            .map(|(asked, complete_to, minutes)| counted(*asked, *complete_to, minutes.as_deref()))
            .collect();
        let log = LogStretch { from: at(self.log.0), to: at(self.log.1) };
        let traffic = Traffic::new(&topic, runs.clone(), messages, counted.iter().collect(), vec![log], LONGEST_MS);
        Some(match traffic.judge(&runs[0])? {
            ByCount::Found(message, accepted) => {
                assert_eq!(
                    (accepted.as_millisecond(), message),
                    traffic.messages.iter().map(|(at, it)| (*at, it.id)).find(|it| it.1 == message).unwrap()
                );
                message.raw().to_owned()
            }
            ByCount::Uncounted(Uncounted { from, to, until, .. }) => {
                assert!((from..to).contains(&until) && from.as_second() % 60 == 0 && to.as_second() % 60 == 0);
                "uncounted".to_owned()
            }
        })
    }
}

fn counted(asked: i64, complete_to: i64, minutes: Option<&[(i64, u64)]>) -> Counted {
    let minutes = minutes.map(|all| all.iter().map(|(minute, count)| (at(60_000 * minute), *count)).collect());
    Counted {
        at: at(asked),
        topic: "t".into(),
        from: at(-60_000),
        to: at(180_000),
        complete_to: at(complete_to),
        minutes,
    }
}

fn judged(change: impl FnOnce(&mut World)) -> Option<String> {
    let mut world = World::new();
    change(&mut world);
    world.judge()
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside None")]
fn found(what: &str) -> Option<String> {
    Some(what.to_owned())
}

#[test]
fn the_only_message_while_an_invocation_ran_is_its() {
    assert_eq!(World::new().judge(), found("M-1"));
    for (accepted, expected) in
        [(10_000, found("M-1")), (12_000, found("M-1")), (9_999, None), (12_001, None), (8_999, None)]
    {
        assert_eq!(judged(|world| world.messages[0].1 = Some(accepted)), expected, "{accepted}");
    }
    assert_eq!(judged(|world| world.messages.clear()), None);
    assert_eq!(judged(|world| world.messages[0].3 = false), None, "something else says what it is about");
    assert_eq!(judged(|world| world.runs[0].3 = false), None, "it has no START or no REPORT");
}

#[test]
fn another_invocation_at_the_time_may_have_sent_it() {
    for (began, ended, expected) in [
        (11_000, 11_500, None),
        (0, 9_000, None),
        (0, 8_999, found("M-1")),
        (13_000, 14_000, None),
        (13_001, 14_000, found("M-1")),
        (-800_000, 800_000, None),
    ] {
        for is_whole in [true, false] {
            let other = ("L-2", began, ended, is_whole);
            assert_eq!(judged(|world| world.runs.push(other)), expected, "{other:?}");
        }
    }
}

#[test]
fn another_message_at_the_time_may_be_its() {
    for accepted in [9_000, 11_000, 13_000] {
        let counts = |world: &mut World| world.counts[0].2 = Some(vec![(0, 2)]);
        let other = ("M-2", Some(accepted), 11_100, true);
        let both = |world: &mut World| {
            counts(world);
            world.messages.push(other);
        };
        assert_eq!(judged(both), None, "{accepted}");
    }
    // Whose time is not known.
    assert_eq!(judged(|world| world.messages.push(("M-2", None, 11_100, true))), None);
    assert_eq!(judged(|world| world.messages.push(("M-2", None, 0, true))), None);
    assert_eq!(judged(|world| world.messages.push(("M-2", None, -1, true))), found("M-1"), "from the minute before");
}

#[test]
fn a_message_outside_of_any_invocation_is_someone_elses() {
    let with = |runs: &[(&'static str, i64, i64, bool)], accepted| {
        judged(|world| {
            world.runs.extend(runs);
            world.messages.push(("M-2", Some(accepted), accepted, false));
            world.counts[0].2 = Some(vec![(0, if accepted < 60_000 { 2 } else { 1 }), (1, 1)]);
        })
    };
    let other = ("L-2", 30_000, 31_000, true);
    assert_eq!(with(&[], 30_500), None);
    assert_eq!(with(&[other], 30_500), found("M-1"), "of an invocation in the same minute");
    assert_eq!(with(&[other], 31_001), None);
    assert_eq!(with(&[("L-2", 30_000, 31_000, false)], 30_500), None, "it may have run then, or not");
    assert_eq!(with(&[], 60_000), found("M-1"), "in another minute");
}

#[test]
fn every_message_of_the_minutes_has_to_be_known() {
    let counts = |counts: &[Counts]| judged(|world| world.counts = counts.to_vec());
    let one = |count| Some(vec![(0, count)]);
    assert_eq!(counts(&[]), found("uncounted"));
    assert_eq!(counts(&[(240_000, 60_000, one(2))]), None, "another one, of which nothing is known");
    assert_eq!(counts(&[(240_000, 60_000, one(0))]), found("uncounted"), "it comes late");
    assert_eq!(counts(&[(240_000, 60_000, Some(vec![]))]), found("uncounted"));
    assert_eq!(counts(&[(240_000, 60_000, None)]), None, "it may not be read");
    assert_eq!(counts(&[(240_000, 12_999, one(1))]), found("uncounted"), "not complete to the end");
    assert_eq!(counts(&[(240_000, 13_000, one(1))]), found("M-1"));
    // The later ones are more complete.
    assert_eq!(counts(&[(240_000, 60_000, one(1)), (260_000, 80_000, one(2))]), None);
    assert_eq!(counts(&[(260_000, 80_000, one(1)), (240_000, 60_000, one(0))]), found("M-1"));
    // What was accepted after them is not among them, and does not make up for what is missing.
    let late = |complete_to| {
        judged(|world| {
            world.runs.push(("L-2", 50_000, 51_000, true));
            world.messages.push(("M-2", Some(50_500), 50_550, false));
            world.counts[0] = (240_000, complete_to, one(2));
        })
    };
    assert_eq!(late(30_000), found("uncounted"), "it may be the later one, or another one");
    assert_eq!((late(50_500), late(60_000)), (found("M-1"), found("M-1")));
}

/// A message at the edge of a minute may be counted in either.
#[test]
fn both_minutes_count_where_an_invocation_is_at_their_edge() {
    let edge = |counts: Vec<(i64, u64)>| {
        judged(|world| {
            world.runs[0] = ("L-1", 59_000, 59_600, true);
            world.messages[0] = ("M-1", Some(59_300), 59_400, true);
            world.counts[0] = (300_000, 120_000, Some(counts.clone()));
        })
    };
    assert_eq!(edge(vec![(0, 1)]), found("M-1"));
    assert_eq!(edge(vec![(0, 1), (1, 1)]), None);
    assert_eq!(edge(vec![(1, 1)]), None, "it is counted in the other one");
}

/// Two messages are known in the minute, and CloudWatch counts two: the later one, or another one that is not known.
#[test]
fn a_message_at_the_edge_of_the_minutes_makes_their_counts_doubtful() {
    let other = |accepted: i64| {
        judged(|world| {
            world.runs.push(("L-2", accepted - 100, accepted + 100, true));
            world.messages.push(("M-2", Some(accepted), accepted, false));
            world.counts[0].2 = Some(vec![(0, 2)]);
        })
    };
    assert_eq!(other(58_999), found("M-1"));
    assert_eq!((other(59_000), other(59_999), other(1_000), other(0)), (None, None, None, None));
    assert_eq!(other(1_001), found("M-1"));
}

#[test]
fn the_log_has_to_be_read_from_before_the_longest_attempt_until_after_the_counts() {
    assert_eq!(judged(|world| world.log.0 += 1), None);
    assert_eq!(judged(|world| world.log.1 = 239_999), found("uncounted"));
    assert_eq!(judged(|world| world.log.1 = 240_000), found("M-1"));
}
