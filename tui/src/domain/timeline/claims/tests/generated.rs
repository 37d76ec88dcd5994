//! A generator that knows which invocation handled what, and who published which message.

mod cases;
mod world;

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::*;
use crate::domain::evidence::{Counted, Listed, LogStretch};
use crate::domain::timeline::by_time::{ByTime, Silent, Surroundings, by_time};
use cases::{Prints, Seen, Writer, cases};
use world::{Handled, Message, World};

/// Whatever the order, the delays, the overwrites, the other keys that are named and the other publishers: no upload gets the
/// invocation of another one, and none gets a message of another invocation. CloudWatch counts messages and names no
/// publisher: a stranger's message can be taken for an invocation's that published nothing.
#[test]
fn no_upload_gets_the_invocation_of_another() {
    let config = ProptestConfig {
        cases: ProptestConfig::default().cases.max(10_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let number = config.cases;
    // Uploads that are joined by time, messages that are found by count, and those of strangers among them.
    let (by_time, by_count, strange) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let outcome = TestRunner::new(config).run(&cases(), |case| {
        let world = World::of(&case);
        let (ours, last) = (world.ours(), world.last());
        let listed = world.listed(last + case.listing);
        let log = LogStretch { from: at(case.log_from), to: at(last + 100) };
        let joins = all_joined(&ours, &world.handled, &listed, log);
        for ((number, began, write), join) in ours.iter().zip(&joins) {
            match join {
                None => prop_assert!(!matches!(case.prints, Prints::Event), "an id joins always: {write:?}"),
                Some((Basis::Time, ids)) => {
                    by_time.set(by_time.get() + 1);
                    prop_assert!(matches!(case.prints, Prints::Nothing), "{write:?} got {ids:?} of {world:?}");
                    prop_assert!(world.is_alone(*number, &ids[0]), "{write:?} at {began} got {ids:?} of {world:?}");
                    let first = *world.handled.iter().find(|one| one.id.raw() == ids[0]).unwrap().runs.start();
                    prop_assert!(log.from <= at(first - 240) && log.to >= listed.at, "an unread stretch");
                    // Only what nobody can see makes it false.
                    let unseen = world.writes.iter().any(|(_, at, writer, _)| {
                        *writer == Writer::Unseen && (began - 120..=began + 120).contains(at)
                    });
                    prop_assert!(unseen || ids[0].starts_with(&format!("L{number}-")), "{ids:?} of {world:?}");
                }
                Some((basis, ids)) => {
                    for id in ids {
                        let is_own = id.starts_with(&format!("L{number}-"));
                        prop_assert!(is_own, "{write:?} by {basis:?} got {id} of {world:?}");
                    }
                }
            }
        }
        let counted = world.counted(last + case.listing + case.counted);
        for (id, message) in world.judged(&counted, log) {
            by_count.set(by_count.get() + 1);
            strange.set(strange.get() + usize::from(message.sender.is_none()));
            is_right(&world, &counted, log, id, message)?;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let (by_time, by_count, strange) = (by_time.get(), by_count.get(), strange.get());
    let count = usize::try_from(number).unwrap();
    println!("{count} cases: {by_time} joined by time, {by_count} messages by count, {strange} of them of strangers");
    assert!(by_time > count / 1_000 && by_count > count / 100, "{by_time} {by_count}: the rules hold nowhere");
}

/// Whether a message may be taken for an invocation's, told once more without haste.
fn is_right(
    world: &World,
    counted: &Counted,
    log: LogStretch,
    id: &Clean,
    message: &Message,
) -> Result<(), TestCaseError> {
    let runs = &world.handled.iter().find(|one| one.id == *id).unwrap().runs;
    let others = || world.messages.iter().filter(|other| other.id != message.id);
    prop_assert!(runs.contains(&message.at), "{id} got {message:?} of {world:?}");
    // Of the messages that it may have sent there is no other, seen or not, and of the invocations that may have sent it.
    prop_assert!(!others().any(|other| runs.contains(&other.at)), "{id} got {message:?} of {world:?}");
    let overlaps = |other: &Handled| *other.runs.start() <= runs.end() + 1 && *other.runs.end() + 1 >= *runs.start();
    prop_assert!(!world.handled.iter().any(|other| other.id != *id && overlaps(other)), "{id} of {world:?}");
    prop_assert!(log.from <= at(runs.start() - 60) && log.to >= counted.at, "an unread stretch");
    prop_assert!(counted.complete_to > at(*runs.end()), "not counted completely: {counted:?}");
    // Only a publisher whom nobody can see makes it false, and only if the invocation published nothing.
    let is_strange = message.sender.is_none() && !others().any(|other| other.sender.as_ref() == Some(id));
    prop_assert!(message.sender.as_ref() == Some(id) || is_strange, "{id} got {message:?} of {world:?}");
    // Whoever else publishes has shown nothing of it in that minute.
    let minute = |second: i64| at(second).as_second().div_euclid(60);
    let is_seen = |other: &Message| {
        other.sender.is_none() && other.sent.seen != Seen::Not && minute(other.at) == minute(message.at)
    };
    let is_covered = |other: &Message| world.handled.iter().any(|one| one.runs.contains(&other.at));
    prop_assert!(!others().any(|other| is_seen(other) && !is_covered(other)), "{id} got {message:?} of {world:?}");
    Ok(())
}

/// All that is joined, by time too.
fn all_joined(
    ours: &[(usize, i64, Write)],
    handled: &[Handled],
    listed: &Listed,
    log: LogStretch,
) -> Vec<Option<(Basis, Vec<String>)>> {
    let mut known = KnownNames::default();
    for (.., write) in ours {
        known.add(write);
    }
    let names = |one: &Handled| one.text.split('\n').flat_map(|line| known.find(line)).collect::<BTreeSet<Name>>();
    let found: Vec<(&Handled, BTreeSet<Name>)> = handled.iter().map(|one| (one, names(one))).collect();
    let mut invocations: BTreeMap<&Clean, Names<'_>> = BTreeMap::new();
    for (one, names) in found.iter().filter(|(_, names)| !names.is_empty()) {
        let at = at(*one.runs.start());
        invocations.entry(&one.id).or_default().extend(names.iter().map(|name| (name, at)));
    }
    let upload = |(_, began, write): &'_ (usize, i64, Write)| (at(*began), write.clone());
    let uploads: Vec<(Timestamp, Write)> = ours.iter().map(upload).collect();
    let uploads: Vec<Upload<'_>> =
        uploads.iter().map(|(at, write)| Upload { began: *at, stored: *at, write, is_joined: false }).collect();
    let claims = claims(&uploads, &invocations);
    let silent = found.iter().filter(|(_, names)| names.is_empty()).map(|(one, _)| Silent {
        began: at(*one.runs.start()),
        ended: Some(at(*one.runs.end())),
        id: &one.id,
        is_started: true,
    });
    let mut silent: Vec<Silent<'_>> = silent.collect();
    silent.sort();
    let around = Surroundings { silent, loose: vec![], listings: vec![listed], log: vec![log] };
    let by_time = by_time(&uploads, |place| claims.spoken_of.contains(&place), &around);
    let plain = |claim: Claim<'_>| (claim.basis, claim.invocations.iter().map(|id| id.raw().to_owned()).collect());
    let mut joins: Vec<_> = claims.of.into_iter().map(|claim| claim.map(plain)).collect();
    for (place, join) in by_time {
        if let ByTime::Joined(id) = join {
            assert!(joins[place].is_none(), "a weaker basis takes nothing of a stronger one");
            joins[place] = Some((Basis::Time, vec![id.raw().to_owned()]));
        }
    }
    joins
}
