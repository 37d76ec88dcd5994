//! Single cases.

mod generated;

use super::*;
use crate::domain::evidence::names::KnownNames;

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
