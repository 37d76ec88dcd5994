//! Joins without the upload's own request id: by version, else by object, content and time.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::domain::evidence::{Fact, Write};
use crate::domain::timeline::tests::{fold_of, publication, published, stored, write};
use crate::domain::timeline::{Basis, Joined, Outcome};
use crate::text::clean::Clean;

/// What became of each upload of this process, in their order.
fn by_upload(facts: &[Fact]) -> Vec<(u64, Joined, Outcome)> {
    let timelines = fold_of(facts).into_iter();
    let mut rows: Vec<_> = timelines.filter_map(|t| Some((t.upload?.0, t.joined, t.outcome))).collect();
    rows.sort_by_key(|(upload, ..)| *upload);
    rows
}

fn message(id: &str, millis: i64) -> Outcome {
    Outcome::Published(vec![publication(id, millis, Basis::KeyAndETag)])
}

#[test]
fn the_same_content_again_waits_for_its_own_message_where_events_name_other_requests() {
    for event_id in [Some("other"), None] {
        // Another run of this program uploaded the same, and its message was logged just before this upload began.
        let mut facts =
            vec![published(470, "L-1", write("a.png", event_id), "M-1"), stored(1, 500, write("a.png", Some("S3-1")))];
        assert_eq!(by_upload(&facts), [(1, Joined::UploadOnly, Outcome::Waiting)], "{event_id:?}");
        let own = Write { sequencer: Some("2".into()), ..write("a.png", event_id.map(|_| "another")) };
        facts.push(published(510, "L-2", own, "M-2"));
        assert_eq!(by_upload(&facts), [(1, Joined::ByObject, message("M-2", 510))], "{event_id:?}");
    }
}

#[test]
fn two_of_the_same_content_get_a_message_each_in_the_order_of_the_log() {
    let facts = [
        stored(1, 0, write("a.png", Some("S3-1"))),
        stored(2, 10, write("a.png", Some("S3-2"))),
        // Their names sort the other way round.
        published(40, "L-1", write("a.png", Some("z")), "M-1"),
        published(50, "L-2", write("a.png", Some("y")), "M-2"),
    ];
    let expected = [(1, Joined::ByObject, message("M-1", 40)), (2, Joined::ByObject, message("M-2", 50))];
    assert_eq!(by_upload(&facts), expected);
    assert_eq!(by_upload(&facts[..3]), [expected[0].clone(), (2, Joined::UploadOnly, Outcome::Waiting)]);
}

#[test]
fn a_version_joins_whatever_the_clocks_say() {
    let version = |request: &str, id: &str| Write { version_id: Some(id.into()), ..write("a.png", Some(request)) };
    let facts = [
        stored(1, 0, version("S3-1", "v1")),
        stored(2, 10, version("S3-2", "v2")),
        published(-9_000, "L-2", version("x", "v2"), "M-2"),
        published(-8_000, "L-1", version("y", "v1"), "M-1"),
    ];
    let expected = [(1, Joined::ByObject, message("M-1", -8_000)), (2, Joined::ByObject, message("M-2", -9_000))];
    assert_eq!(by_upload(&facts), expected);
    // Every write to a bucket without versions is version `null`.
    let facts = [stored(1, 0, version("S3-1", "null")), published(-9_000, "L-0", version("x", "null"), "M-0")];
    assert_eq!(by_upload(&facts), [(1, Joined::UploadOnly, Outcome::Waiting)]);
}

proptest! {
    #[test]
    fn a_message_joins_at_most_one_upload_and_none_that_began_after_it(
        uploads in prop::collection::vec(0i64..200, 0..8),
        events in prop::collection::vec((0i64..300, any::<bool>()), 0..8),
        order in any::<prop::sample::Index>(),
    ) {
        let uploads = (0..).zip(uploads).map(|(n, millis)| stored(n, millis, write("a.png", Some(&format!("S3-{n}")))));
        let events = (0..).zip(events).map(|(n, (millis, named)): (i64, _)| {
            let id = named.then(|| format!("foreign {}", 9 - n));
            let image = Write { sequencer: Some(Clean::new(&n.to_string())), ..write("a.png", id.as_deref()) };
            published(millis, "L", image, &format!("M-{n}"))
        });
        let mut facts: Vec<Fact> = uploads.chain(events).collect();
        let timelines = fold_of(&facts);
        let mut messages = BTreeSet::new();
        for timeline in &timelines {
            let Outcome::Published(publications) = &timeline.outcome else { continue };
            for publication in publications {
                prop_assert!(messages.insert(publication.message_id.clone()), "{} twice", publication.message_id);
                prop_assert!(timeline.began.is_none_or(|began| publication.at >= began));
            }
        }
        prop_assert_eq!(messages.len(), facts.iter().filter(|fact| matches!(fact, Fact::Published { .. })).count());
        if !facts.is_empty() {
            let middle = order.index(facts.len());
            facts.rotate_left(middle);
            facts.reverse();
        }
        prop_assert_eq!(timelines, fold_of(&facts));
    }
}

#[test]
fn an_event_of_another_request_of_s3_is_another_write() {
    // Another program wrote the same content under the same key after this upload.
    let facts = |id: &str| {
        [stored(1, 0, write("a.png", Some("EEEE35E5A2C4D101"))), published(40, "L-1", write("a.png", Some(id)), "M-1")]
    };
    assert_eq!(by_upload(&facts("31E49D0FB1A2C3D4")), [(1, Joined::UploadOnly, Outcome::Waiting)]);
    // An emulator's id says nothing: S3 never gives one of this form.
    let emulator = facts("16455d70-bb62-4a6b-a1f8-e1ee14ff229b");
    assert_eq!(by_upload(&emulator), [(1, Joined::ByObject, message("M-1", 40))]);
}

#[test]
fn an_event_without_an_entity_tag_says_nothing_of_the_content() {
    let event = Write { e_tag: None, ..write("a.png", None) };
    let facts = [stored(1, 0, write("a.png", Some("S3-1"))), published(40, "L-1", event, "M-1")];
    assert_eq!(by_upload(&facts), [(1, Joined::UploadOnly, Outcome::Waiting)]);
}
