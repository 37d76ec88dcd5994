//! Single cases, and a generator that knows which invocation handled what.

use proptest::prelude::*;

use super::*;
use crate::domain::evidence::names::KnownNames;
use crate::domain::evidence::{Listed, ListedObject, LogStretch};
use crate::domain::timeline::by_time::{ByTime, Silent, Surroundings, by_time};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

fn write(key: &str, e_tag: &str, request: &str) -> Write {
    Write {
        bucket: "images".into(),
        key: key.into(),
        e_tag: Some(Clean::new(&format!("entity-tag-{e_tag}"))),
        version_id: None,
        sequencer: None,
        s3_request_id: Some(Clean::new(&format!("REQUEST-{request}"))),
    }
}

/// The bases and invocations that uploads of these writes, begun one second after another, get by lines at these seconds.
fn joined(writes: &[Write], lines: &[(&str, i64, &str)]) -> Vec<Option<(Basis, Vec<String>)>> {
    let mut known = KnownNames::default();
    for write in writes {
        known.add(write);
    }
    let mut found: Vec<(Clean, Timestamp, BTreeSet<Name>)> = Vec::new();
    for (id, second, text) in lines {
        found.extend(text.split('\n').map(|line| (Clean::new(id), at(*second), known.find(line))));
    }
    let mut invocations: BTreeMap<&Clean, Names<'_>> = BTreeMap::new();
    for (id, at, names) in &found {
        let all = invocations.entry(id).or_default();
        for name in names {
            let first = all.entry(name).or_insert(*at);
            *first = (*first).min(*at);
        }
    }
    let upload = |(second, write)| Upload { began: at(second), stored: at(second), write, is_joined: false };
    let uploads: Vec<Upload<'_>> = (0..).zip(writes).map(upload).collect();
    let plain = |claim: Claim<'_>| (claim.basis, claim.invocations.iter().map(|id| id.raw().to_owned()).collect());
    claims(&uploads, &invocations).of.into_iter().map(|claim| claim.map(plain)).collect()
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside None")]
fn by(basis: Basis, id: &str) -> Option<(Basis, Vec<String>)> {
    Some((basis, vec![id.to_owned()]))
}

#[test]
fn each_basis_joins_where_nothing_else_may_be_meant() {
    let writes = [write("in/a b.png", "1", "1"), write("in/c.png", "2", "2")];
    for (line, basis) in [
        ("\"x-amz-request-id\":\"REQUEST-1\"", Basis::S3RequestId),
        ("in/a+b.png entity-tag-1", Basis::KeyAndETag),
        ("got in/a b.png", Basis::Key),
        ("got s3://images/in/a b.png", Basis::Key),
        ("resizing /tmp/a b.png", Basis::KeyPart),
        ("tag entity-tag-1", Basis::ETag),
    ] {
        assert_eq!(joined(&writes, &[("L", 3, line)]), [by(basis, "L"), None], "{line}");
    }
    assert_eq!(joined(&writes, &[("L", 3, "nothing")]), [None, None]);
}

#[test]
fn lines_of_one_invocation_count_together() {
    let writes = [write("in/a.png", "1", "1")];
    assert_eq!(joined(&writes, &[("L", 3, "in/a.png"), ("L", 4, "entity-tag-1")]), [by(Basis::KeyAndETag, "L")]);
}

#[test]
fn nobody_gets_what_two_could_claim() {
    let twice = [write("in/a.png", "1", "1"), write("in/a.png", "2", "2")];
    assert_eq!(joined(&twice, &[("L", 3, "in/a.png")]), [None, None], "two writes of one key");
    assert_eq!(joined(&twice, &[("L", 3, "in/a.png entity-tag-2")]), [None, by(Basis::KeyAndETag, "L")]);
    let same = [write("in/a.png", "1", "1"), write("in/a.png", "1", "2")];
    assert_eq!(joined(&same, &[("L", 3, "in/a.png entity-tag-1")]), [None, None], "one content twice");
    let other = [write("in/a.png", "1", "1"), write("x/a.png", "1", "2")];
    assert_eq!(joined(&other, &[("L", 3, "a.png")]), [None, None], "one last part");
    assert_eq!(joined(&other, &[("L", 3, "entity-tag-1")]), [None, None], "one content");
    let two = [write("in/a.png", "1", "1"), write("in/b.png", "2", "2")];
    assert_eq!(joined(&two, &[("L", 3, "in/a.png, not in/b.png")]), [None, None], "two keys in one invocation");
    assert_eq!(joined(&two[..1], &[("L", 3, "in/a.png"), ("M", 4, "in/a.png")]), [None], "two invocations");
}

/// One content under two keys, as a user who tries a pipeline uploads it.
#[test]
fn a_key_and_an_entity_tag_in_different_lines_may_be_of_different_objects() {
    let writes = [write("in/a.png", "1", "1"), write("in/b.png", "1", "2")];
    assert_eq!(joined(&writes, &[("L", 3, "in/a.png entity-tag-1")]), [by(Basis::KeyAndETag, "L"), None]);
    assert_eq!(joined(&writes, &[("L", 3, "entity-tag-1\nsee also in/a.png")]), [None, None]);
}

#[test]
fn a_weaker_basis_takes_nothing_of_a_stronger_one() {
    let writes = [write("in/a.png", "1", "1"), write("in/b.png", "2", "2")];
    let exact = ("L", 3, "REQUEST-1 in/b.png");
    assert_eq!(joined(&writes, &[exact]), [by(Basis::S3RequestId, "L"), None]);
    let later = ("M", 4, "in/b.png");
    assert_eq!(joined(&writes, &[exact, later]), [by(Basis::S3RequestId, "L"), by(Basis::Key, "M")]);
    // What is contested by key is not given away by its last part.
    let contested = [("L", 3, "in/a.png"), ("M", 3, "in/a.png"), ("N", 3, "/tmp/a.png")];
    assert_eq!(joined(&writes[..1], &contested), [None]);
}

#[test]
fn the_file_that_is_made_of_a_key_is_not_another_objects() {
    let writes = [write("in/a.png", "1", "1"), write("x/a.png", "2", "2")];
    let lines = [("L", 3, "in/a.png to /tmp/a.png"), ("M", 3, "x/a.png to /tmp/a.png")];
    assert_eq!(joined(&writes, &lines), [by(Basis::Key, "L"), by(Basis::Key, "M")]);
}

#[test]
fn an_event_names_its_own_write_and_no_other_of_its_key() {
    let writes = [write("in/a.png", "1", "1")];
    let of_another = "\"x-amz-request-id\":\"OTHER-REQUEST\",\"key\":\"in/a.png\",\"sequencer\":\"00\"";
    assert_eq!(joined(&writes, &[("L", 3, of_another)]), [None]);
    let without_ids = "'key': 'in/a.png', 'eTag': 'other-entity-tag', 'sequencer': '00'";
    assert_eq!(joined(&writes, &[("L", 3, without_ids)]), [None]);
    let its_own = "'key': 'in/a.png', 'eTag': 'entity-tag-1', 'sequencer': '00'";
    assert_eq!(joined(&writes, &[("L", 3, its_own)]), [by(Basis::KeyAndETag, "L")]);
}

#[test]
fn an_event_of_several_records_is_shared() {
    let writes = [write("in/a.png", "1", "1"), write("in/b.png", "2", "2")];
    let ids = "REQUEST-1 request-id REQUEST-2 sequencer in/a.png in/b.png";
    assert_eq!(joined(&writes, &[("L", 3, ids)]), [by(Basis::S3RequestId, "L"), by(Basis::S3RequestId, "L")]);
    let tags = "in/a.png, entity-tag-1, sequencer, in/b.png, entity-tag-2";
    assert_eq!(joined(&writes, &[("L", 3, tags)]), [by(Basis::KeyAndETag, "L"), by(Basis::KeyAndETag, "L")]);
}

#[test]
fn an_invocation_that_names_very_many_objects_is_of_none_of_them() {
    let writes: Vec<Write> =
        (0..40).map(|number| write(&format!("in/{number}-x.png"), &number.to_string(), &number.to_string())).collect();
    let keys = |count: usize| writes.iter().take(count).map(|write| write.key.raw()).collect::<Vec<_>>().join("\n");
    // When they are printed, the first one only is in flight.
    assert_eq!(joined(&writes, &[("A", 0, &keys(2))])[0], by(Basis::Key, "A"));
    assert_eq!(joined(&writes, &[("A", 0, &keys(40))])[0], None);
    // It may still be the one that handled what another one names.
    assert_eq!(joined(&writes, &[("A", 0, &keys(40)), ("B", 0, &keys(1))])[0], None);
}

#[test]
fn a_line_is_about_an_upload_in_flight_only() {
    let writes = [write("in/a.png", "1", "1")];
    for (second, is_joined) in [(-1, false), (0, true), (600, true), (601, false)] {
        assert_eq!(joined(&writes, &[("L", second, "in/a.png")])[0].is_some(), is_joined, "{second}");
        assert!(joined(&writes, &[("L", second, "REQUEST-1")])[0].is_some(), "an id is about it at any time");
    }
    let later =
        [vec![write("in/a.png", "1", "1")], (0..620).map(|n| write("in/b.png", "x", &format!("{n}"))).collect()]
            .concat();
    assert_eq!(joined(&later, &[("L", 3, "in/a.png")])[0], by(Basis::Key, "L"));
}

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

/// One write: its key, its content, who made it, how long after the one before, how long until it is handled, how often its
/// event comes, and which other key its function names.
type Plan = (usize, u8, Writer, i64, i64, usize, Option<usize>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writer {
    /// This process.
    Us,
    /// Another program.
    Other,
    /// Another program, and the object is gone again before the bucket is listed.
    Unseen,
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let other = proptest::option::weighted(0.2, 0..KEYS.len());
    let writer = prop_oneof![3 => Just(Writer::Us), 2 => Just(Writer::Other), 1 => Just(Writer::Unseen)];
    let gap = prop::sample::select(vec![1_i64, 1, 1, 40, 130, 400, 700]);
    let events = prop_oneof![3 => Just(1_usize), 1 => Just(2)];
    proptest::collection::vec((0..KEYS.len(), 0..4_u8, writer, gap, 0..90_i64, events, other), 1..12)
}

fn prints() -> impl Strategy<Value = Prints> {
    use Prints::{Decoded, ETag, Encoded, Event, EventWithoutIds, KeyAndETag, Nothing, Uri};
    prop::sample::select(vec![Event, EventWithoutIds, Encoded, Decoded, Uri, KeyAndETag, ETag, Nothing])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(10_000), ..ProptestConfig::default() })]

    /// Whatever the order, the delays, the overwrites and the other keys that are named: no upload gets the invocation of
    /// another one. A write of the same key by a stranger is left out unless the log has its ids: no line tells them apart.
    #[test]
    fn no_upload_gets_the_invocation_of_another(
        plans in plans(),
        prints in prints(),
        log_from in -700..100_i64,
        listing in 10..200_i64,
    ) {
        let mut writes: Vec<(usize, i64, Writer, Write)> = Vec::new();
        let mut lines: Vec<(String, i64, String)> = Vec::new();
        let mut began = 0;
        for (number, (key, content, writer, gap, delay, events, other)) in plans.iter().enumerate() {
            let (key, is_ours) = (KEYS[*key], *writer == Writer::Us);
            let has_ids = matches!(prints, Prints::Event);
            let is_same = |plan: &Plan| plan.2 == Writer::Us && (KEYS[plan.0] == key || plan.1 == *content);
            if !is_ours && !has_ids && plans.iter().any(is_same) {
                continue;
            }
            let write = write(key, &content.to_string(), &format!("{number:03}"));
            began += gap;
            for event in 0..*events {
                let mut line = print(prints, &write);
                // Where a line does not tell which object is its own, what else it names may be taken for it.
                let is_told = match prints {
                    Prints::Nothing => false,
                    Prints::ETag => is_ours,
                    _ => true,
                };
                if let Some(other) = other.filter(|_| is_told) {
                    line.push_str(&format!("\nsee also: {}", KEYS[other]));
                }
                let second = began + delay + 30 * i64::try_from(event).unwrap();
                lines.push((format!("L{number}-{event}"), second, line));
            }
            writes.push((number, began, *writer, write));
        }
        let is_alone = |number: usize, id: &str| alone(number, id, &writes, &lines);
        let ours: Vec<(usize, i64, Write)> = writes.iter().filter(|(.., writer, _)| *writer == Writer::Us)
            .map(|(number, began, _, write)| (*number, *began, write.clone())).collect();
        let last = lines.iter().map(|(_, second, _)| *second).max().unwrap_or_default();
        let listed = Listed {
            at: at(last + listing),
            since: at(-1_000),
            bucket: "images".into(),
            objects: Some(writes.iter().filter(|(.., writer, _)| *writer != Writer::Unseen).map(|(_, began, _, write)| {
                ListedObject { key: write.key.clone(), e_tag: write.e_tag.clone(), modified: at(*began) }
            }).collect()),
        };
        let log = LogStretch { from: at(log_from), to: at(last + 100) };
        let joins = all_joined(&ours, &lines, &listed, log);
        for ((number, began, write), join) in ours.iter().zip(joins) {
            match join {
                None => prop_assert!(!matches!(prints, Prints::Event), "an id joins always: {write:?}"),
                Some((Basis::Time, ids)) => {
                    prop_assert!(matches!(prints, Prints::Nothing), "{write:?} got {ids:?} of {lines:?}");
                    prop_assert!(is_alone(*number, &ids[0]), "{write:?} at {began} got {ids:?} of {lines:?} {writes:?}");
                    let first = lines.iter().find(|(id, ..)| *id == ids[0]).unwrap().1;
                    prop_assert!(log.from <= at(first - 240) && log.to >= listed.at, "an unread stretch");
                    // Only what cannot be seen makes it false.
                    let unseen = writes.iter().any(|(_, at, writer, _)| {
                        *writer == Writer::Unseen && (began - 120..=began + 120).contains(at)
                    });
                    prop_assert!(unseen || ids[0].starts_with(&format!("L{number}-")), "{ids:?} of {lines:?}");
                }
                Some((basis, ids)) => for id in ids {
                    prop_assert!(id.starts_with(&format!("L{number}-")), "{write:?} by {basis:?} got {id} of {lines:?}");
                },
            }
        }
    }
}

/// The rule of `time`, told once more without haste: no other upload, invocation or object that can be seen.
fn alone(number: usize, id: &str, writes: &[(usize, i64, Writer, Write)], lines: &[(String, i64, String)]) -> bool {
    let began = writes.iter().find(|write| write.0 == number).unwrap().1;
    let invoked = lines.iter().find(|line| line.0 == id).unwrap().1;
    let window = began - 5..=began + 120;
    let others = writes.iter().filter(|write| write.0 != number && write.2 != Writer::Unseen);
    let invocations = lines.iter().filter(|line| line.0 != id);
    window.contains(&invoked)
        && !others.map(|write| write.1).any(|at| (began - 120..=invoked + 5).contains(&at))
        && !invocations.map(|line| line.1).any(|at| window.contains(&at))
}

/// The same with what is joined by time: each invocation takes no time, and is of the first of its lines.
fn all_joined(
    ours: &[(usize, i64, Write)],
    lines: &[(String, i64, String)],
    listed: &Listed,
    log: LogStretch,
) -> Vec<Option<(Basis, Vec<String>)>> {
    let mut known = KnownNames::default();
    for (.., write) in ours {
        known.add(write);
    }
    let found: Vec<(Clean, Timestamp, BTreeSet<Name>)> = lines
        .iter()
        .map(|(id, second, text)| {
            (Clean::new(id), at(*second), text.split('\n').flat_map(|line| known.find(line)).collect())
        })
        .collect();
    let mut invocations: BTreeMap<&Clean, Names<'_>> = BTreeMap::new();
    for (id, at, names) in found.iter().filter(|(.., names)| !names.is_empty()) {
        invocations.entry(id).or_default().extend(names.iter().map(|name| (name, *at)));
    }
    let upload = |(_, began, write): &'_ (usize, i64, Write)| (at(*began), write.clone());
    let uploads: Vec<(Timestamp, Write)> = ours.iter().map(upload).collect();
    let uploads: Vec<Upload<'_>> =
        uploads.iter().map(|(at, write)| Upload { began: *at, stored: *at, write, is_joined: false }).collect();
    let claims = claims(&uploads, &invocations);
    let silent = found.iter().filter(|(.., names)| names.is_empty());
    let mut silent: Vec<Silent<'_>> =
        silent.map(|(id, at, _)| Silent { began: *at, ended: Some(*at), id, is_started: true }).collect();
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
