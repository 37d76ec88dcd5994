//! A generator that knows which invocation handled what, and who published which message.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::RangeInclusive;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::tests::{at, write};
use super::*;
use crate::domain::evidence::names::KnownNames;
use crate::domain::evidence::{Counted, Listed, ListedObject, LogStretch};
use crate::domain::timeline::by_count::{Accepted, ByCount, Run, Traffic};
use crate::domain::timeline::by_time::{ByTime, Silent, Surroundings, by_time};

/// What a function prints of the object that it handles.
#[derive(Debug, Clone, Copy)]
enum Prints {
    Event,
    EventWithoutIds,
    Encoded,
    Decoded,
    Uri,
    KeyAndETag,
    ETag,
    Nothing,
}

fn print(prints: Prints, write: &Write) -> String {
    let (key, tag) = (write.key.raw(), write.e_tag.as_ref().map_or("", Clean::raw));
    let form = imgwatch_shared::notification_rule::encoded(key);
    let id = write.s3_request_id.as_ref().map_or("", Clean::raw);
    match prints {
        Prints::Event => {
            format!("{{\"x-amz-request-id\":\"{id}\",\"key\":\"{form}\",\"eTag\":\"{tag}\",\"sequencer\":\"0\"}}")
        }
        Prints::EventWithoutIds => format!("{{'key': '{form}', 'eTag': '{tag}', 'sequencer': '0'}}"),
        Prints::Encoded => format!("key: {form}"),
        Prints::Decoded => format!("new object {key}"),
        Prints::Uri => format!("s3://images/{key}"),
        Prints::KeyAndETag => format!("key={form} etag={tag}"),
        Prints::ETag => format!("etag {tag}"),
        Prints::Nothing => "working".to_owned(),
    }
}

/// Keys that contain each other; none is another one's encoded form, since one text would name both.
const KEYS: [&str; 9] = [
    "in/a.png",
    "in/a.png.png",
    "x/in/a.png",
    "in/a b.png",
    "b.png",
    "in/é 🐈.png",
    "in/100%2F.png",
    "in/a (1).png",
    "a.png",
];

/// One write, and what comes of it.
#[derive(Debug, Clone)]
struct Plan {
    key: usize,
    content: u8,
    writer: Writer,
    /// Seconds after the write before.
    gap: i64,
    /// Seconds until it is handled.
    delay: i64,
    /// How often its event comes.
    events: i64,
    /// Which other key its function names.
    other: Option<usize>,
    /// How many seconds an invocation takes.
    lasts: i64,
    /// What each invocation publishes.
    sends: Vec<Sent>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// This process.
    Us,
    /// Somebody else.
    Other,
    /// Somebody else, and the object is gone again before the bucket is listed.
    Unseen,
}

/// One message.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Seconds after the invocation began.
    after: i64,
    seen: Seen,
    /// Whether CloudWatch counts it in another minute, if it comes in the first or in the last second of one.
    is_shifted: bool,
}

/// What a delivery status says of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Accepted,
    WithoutTime,
    /// There is none.
    Not,
}

fn sent(after: std::ops::Range<i64>) -> impl Strategy<Value = Sent> {
    let seen = prop_oneof![6 => Just(Seen::Accepted), 1 => Just(Seen::WithoutTime), 2 => Just(Seen::Not)];
    (after, seen, any::<bool>()).prop_map(|(after, seen, is_shifted)| Sent { after, seen, is_shifted })
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let other = proptest::option::weighted(0.2, 0..KEYS.len());
    let writer = prop_oneof![3 => Just(Writer::Us), 2 => Just(Writer::Other), 1 => Just(Writer::Unseen)];
    let gap = prop::sample::select(vec![1_i64, 1, 1, 40, 130, 400, 700]);
    let events = prop_oneof![3 => Just(1_i64), 1 => Just(2)];
    let lasts = prop::sample::select(vec![0_i64, 0, 1, 3, 40]);
    let sends = prop_oneof![
        4 => sent(0..41).prop_map(|sent| vec![sent]),
        1 => Just(Vec::new()),
        1 => proptest::collection::vec(sent(0..41), 2..3),
    ];
    let plan = (0..KEYS.len(), 0..4_u8, writer, gap, 0..90_i64, events, other, lasts, sends);
    let plan = plan.prop_map(|(key, content, writer, gap, delay, events, other, lasts, sends)| Plan {
        key,
        content,
        writer,
        gap,
        delay,
        events,
        other,
        lasts,
        sends,
    });
    proptest::collection::vec(plan, 1..12)
}

fn prints() -> impl Strategy<Value = Prints> {
    use Prints::{Decoded, ETag, Encoded, Event, EventWithoutIds, KeyAndETag, Nothing, Uri};
    prop::sample::select(vec![Event, EventWithoutIds, Encoded, Decoded, Uri, KeyAndETag, ETag, Nothing])
}

/// Messages of other publishers: near which write, and when.
fn strangers() -> impl Strategy<Value = Vec<(usize, Sent)>> {
    let near = (0..12_usize, sent(-70..130));
    prop_oneof![2 => Just(Vec::new()), 3 => proptest::collection::vec(near, 1..4)]
}

/// What there is to know, and what of it can be seen.
#[derive(Debug, Clone)]
struct Case {
    plans: Vec<Plan>,
    prints: Prints,
    strangers: Vec<(usize, Sent)>,
    /// The second from which on the log is read.
    log_from: i64,
    /// How long after the last invocation the bucket is listed.
    listing: i64,
    /// How long after that CloudWatch's counts are complete.
    counted: i64,
}

fn cases() -> impl Strategy<Value = Case> {
    let parts = (plans(), prints(), strangers(), -700..100_i64, 10..200_i64, -60..200_i64);
    parts.prop_map(|(plans, prints, strangers, log_from, listing, counted)| Case {
        plans,
        prints,
        strangers,
        log_from,
        listing,
        counted,
    })
}

/// An invocation: what it prints, and the seconds in which it runs.
#[derive(Debug)]
struct Handled {
    id: Clean,
    runs: RangeInclusive<i64>,
    text: String,
}

#[derive(Debug)]
struct Message {
    id: Clean,
    at: i64,
    /// The invocation that sent it; `None` is somebody else.
    sender: Option<Clean>,
    sent: Sent,
}

impl Message {
    /// The minute in which CloudWatch counts it.
    fn minute(&self) -> i64 {
        let second = at(self.at).as_second();
        let shift = match second.rem_euclid(60) {
            59 if self.sent.is_shifted => 1,
            0 if self.sent.is_shifted => -1,
            _ => 0,
        };
        (second.div_euclid(60) + shift) * 60
    }
}

/// What happens in a case.
#[derive(Debug)]
struct World {
    /// The number of a write, when it was made, and by whom.
    writes: Vec<(usize, i64, Writer, Write)>,
    handled: Vec<Handled>,
    messages: Vec<Message>,
}

impl World {
    /// A write of the same key by a stranger is left out unless the log has its ids: no line tells them apart.
    fn of(case: &Case) -> Self {
        let Case { plans, prints, .. } = case;
        let mut world = Self { writes: Vec::new(), handled: Vec::new(), messages: Vec::new() };
        let mut began = 0;
        for (number, plan) in plans.iter().enumerate() {
            let (key, is_ours) = (KEYS[plan.key], plan.writer == Writer::Us);
            let has_ids = matches!(prints, Prints::Event);
            let is_same =
                |other: &Plan| other.writer == Writer::Us && (KEYS[other.key] == key || other.content == plan.content);
            if !is_ours && !has_ids && plans.iter().any(is_same) {
                continue;
            }
            let write = write(key, &plan.content.to_string(), &format!("{number:03}"));
            began += plan.gap;
            for event in 0..plan.events {
                let mut text = print(*prints, &write);
                // Where a line does not tell which object is its own, what else it names may be taken for it.
                let is_told = match prints {
                    Prints::Nothing => false,
                    Prints::ETag => is_ours,
                    _ => true,
                };
                if let Some(other) = plan.other.filter(|_| is_told) {
                    text.push_str(&format!("\nsee also: {}", KEYS[other]));
                }
                let first = began + plan.delay + 30 * event;
                let id = Clean::new(&format!("L{number}-{event}"));
                for sent in &plan.sends {
                    world.publish(first + sent.after % (plan.lasts + 1), Some(&id), *sent);
                }
                world.handled.push(Handled { id, runs: first..=first + plan.lasts, text });
            }
            world.writes.push((number, began, plan.writer, write));
        }
        for (near, sent) in &case.strangers {
            let near = world.handled.iter().cycle().nth(*near).map_or(0, |handled| *handled.runs.start());
            world.publish(near + sent.after, None, *sent);
        }
        world
    }

    fn publish(&mut self, at: i64, sender: Option<&Clean>, sent: Sent) {
        let id = Clean::new(&format!("M{}", self.messages.len()));
        self.messages.push(Message { id, at, sender: sender.cloned(), sent });
    }

    fn ours(&self) -> Vec<(usize, i64, Write)> {
        let ours = self.writes.iter().filter(|(.., writer, _)| *writer == Writer::Us);
        ours.map(|(number, began, _, write)| (*number, *began, write.clone())).collect()
    }

    fn last(&self) -> i64 {
        self.handled.iter().map(|handled| *handled.runs.end()).max().unwrap_or_default()
    }

    fn listed(&self, second: i64) -> Listed {
        let seen = self.writes.iter().filter(|(.., writer, _)| *writer != Writer::Unseen);
        let object = |(_, began, _, write): &(usize, i64, Writer, Write)| ListedObject {
            key: write.key.clone(),
            e_tag: write.e_tag.clone(),
            modified: at(*began),
        };
        Listed { at: at(second), since: at(-1_000), bucket: "images".into(), objects: Some(seen.map(object).collect()) }
    }

    /// What CloudWatch counts that has counted all to a moment, and every other message after it.
    fn counted(&self, complete_to: i64) -> Counted {
        let mut minutes = BTreeMap::new();
        let has = |(number, message): &(usize, &Message)| message.at <= complete_to || number % 2 == 0;
        for (_, message) in self.messages.iter().enumerate().filter(has) {
            *minutes.entry(Timestamp::from_second(message.minute()).unwrap()).or_default() += 1;
        }
        let whole = |second| Timestamp::from_second(at(second).as_second().div_euclid(60) * 60).unwrap();
        Counted {
            at: at(complete_to),
            topic: "topic".into(),
            from: whole(-600),
            to: whole(20_000),
            complete_to: at(complete_to),
            minutes: Some(minutes),
        }
    }

    /// The message of each invocation, as it is judged by what can be seen.
    fn judged(&self, counted: &Counted, log: LogStretch) -> HashMap<&Clean, &Message> {
        let millis = |second: i64| at(second).as_millisecond();
        let run = |handled: &'_ Handled| {
            let (began, ended) = (millis(*handled.runs.start()), millis(*handled.runs.end()));
            let from = log.from.as_millisecond();
            (began, ended, began >= from, ended >= from)
        };
        let runs = self.handled.iter().filter(|handled| run(handled).3).map(|handled| {
            let (began, ended, is_whole, _) = run(handled);
            Run { id: &handled.id, began: if is_whole { began } else { ended - LONGEST_MS }, ended, is_whole }
        });
        let runs: Vec<Run<'_>> = runs.collect();
        let seen = self.messages.iter().filter(|message| message.sent.seen != Seen::Not).map(|message| Accepted {
            id: &message.id,
            at: (message.sent.seen == Seen::Accepted).then(|| millis(message.at)),
            by: millis(message.at),
            is_free: true,
        });
        let topic = Clean::new("topic");
        let traffic = Traffic::new(&topic, runs.clone(), seen, vec![counted], vec![log], LONGEST_MS);
        let found = runs.iter().filter_map(|run| match traffic.judge(run)? {
            ByCount::Found(id, _) => Some((run.id, self.messages.iter().find(|message| message.id == *id)?)),
            ByCount::Uncounted(_) => None,
        });
        found.collect()
    }

    /// The rule of `time`, told once more without haste: no other upload, invocation or object that can be seen.
    fn is_alone(&self, number: usize, id: &str) -> bool {
        let began = self.writes.iter().find(|write| write.0 == number).unwrap().1;
        let first = |handled: &Handled| *handled.runs.start();
        let invoked = self.handled.iter().find(|one| one.id.raw() == id).map(first).unwrap();
        let window = began - 5..=began + 120;
        let others = self.writes.iter().filter(|write| write.0 != number && write.2 != Writer::Unseen);
        let invocations = self.handled.iter().filter(|one| one.id.raw() != id);
        window.contains(&invoked)
            && !others.map(|write| write.1).any(|at| (began - 120..=invoked + 5).contains(&at))
            && !invocations.map(first).any(|at| window.contains(&at))
    }
}

/// The longest that the function may run.
const LONGEST_MS: i64 = 60_000;

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
