//! What is left of a list under a filter: words that all have to match, words that are excluded, and the states of
//! uploads; and how a batch stands once it is stored.

use imgwatch::domain::evidence::Fact;
use imgwatch::domain::ids::UploadId;
use imgwatch::domain::log::Tail;
use imgwatch::domain::transfer::{Transfer, TransferState, UploadNews};
use imgwatch::model::uploads::{BatchCount, UploadState};
use imgwatch::model::{Model, palette};
use imgwatch::msg::Update;
use imgwatch::update::{Msg, settle, update};

use super::{at, list, model, object, press, problem, send, subscribe_all, subscription, support};

fn keys(model: &Model) -> Vec<&str> {
    model.uploads.rows().map(|row| row.key().raw()).collect()
}

fn stored(number: u64, key: &str) -> Fact {
    support::stored(number, at(0), at(1), support::write(key, Some(&format!("S3-{number}"))), 3)
}

fn published(number: u64, key: &str) -> Vec<Fact> {
    let write = support::write(key, Some(&format!("S3-{number}")));
    vec![stored(number, key), support::published(support::source(at(2), &format!("L-{number}")), write, key)]
}

/// An upload in each state: one that failed, one that exists already, one in progress, one that waits, one that is
/// published, one whose delivery failed, and one that is late a minute from now.
fn states() -> Model {
    let (mut model, _) = model();
    let transfers = [
        ("broken.png", TransferState::Failed(problem())),
        ("there.png", TransferState::Exists),
        ("moving.png", TransferState::Sending),
    ];
    let transfers: Vec<Transfer> =
        (91..).zip(transfers).map(|(id, (key, state))| support::transfer(id, key, at(0), state)).collect();
    model.uploads.transfers = transfers.into();
    let undelivered = imgwatch::domain::evidence::DeliveryStatusEntry {
        success: false,
        ..support::delivery_status(at(3), "undelivered.png", "https://example.com/hook")
    };
    let late = support::write("slow.png", Some("S3-4"));
    let facts = [
        published(1, "done.png"),
        published(2, "undelivered.png"),
        vec![Fact::DeliveryStatusEntry(undelivered)],
        vec![stored(4, "slow.png"), Fact::Received(support::source(at(2), "L-4"), late)],
    ];
    // What is late is known of a log that was read only.
    send(&mut model, Update::Tail(Tail::Live));
    send(&mut model, Update::LogRead(at(3)));
    send(&mut model, Update::LogSettings(support::json_logs("INFO", "INFO")));
    send(&mut model, Update::Facts(facts.concat()));
    update(&mut model, Msg::Tick(at(50)));
    send(
        &mut model,
        Update::Facts(vec![support::stored(3, at(49), at(50), support::write("fresh.png", Some("S3-3")), 3)]),
    );
    update(&mut model, Msg::Tick(at(80)));
    settle(&mut model);
    model
}

#[test]
fn the_filter_of_uploads_matches_keys_and_states() {
    let mut model = states();
    for (text, found) in [
        ("failed", vec!["broken.png", "undelivered.png"]),
        ("exists", vec!["there.png"]),
        ("uploading", vec!["moving.png"]),
        ("waiting", vec!["fresh.png"]),
        ("late", vec!["slow.png"]),
        ("published", vec!["done.png", "undelivered.png"]),
        ("published !failed", vec!["done.png"]),
        ("png failed bro", vec!["broken.png"]),
        ("!png", vec![]),
    ] {
        let typed = text.split(' ').map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" space ");
        press(&mut model, &format!("1 / {typed} enter"));
        let mut shown = keys(&model);
        shown.sort_unstable();
        assert_eq!(shown, found, "{text}");
        assert_eq!(model.uploads.len(), found.len(), "{text}");
        press(&mut model, "esc");
    }
    assert_eq!(model.uploads.len(), 7);
}

#[test]
fn a_key_shows_what_failed_then_what_waits_is_late_and_is_unknown_then_all() {
    let mut model = states();
    let shown = |model: &mut Model, pressed: &str| {
        press(model, pressed);
        let mut keys: Vec<String> = keys(model).into_iter().map(str::to_owned).collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(shown(&mut model, "1 f"), ["broken.png", "there.png", "undelivered.png"]);
    assert_eq!(shown(&mut model, "f"), ["fresh.png", "moving.png"]);
    assert_eq!(shown(&mut model, "f"), ["slow.png"]);
    assert_eq!(shown(&mut model, "f"), [""; 0]);
    assert_eq!(shown(&mut model, "f").len(), 7);
    assert_eq!(shown(&mut model, "f / 'undel' enter"), ["undelivered.png"], "a filter narrows further");
    assert_eq!(shown(&mut model, "esc").len(), 3, "the filter is cleared first");
    assert_eq!((shown(&mut model, "esc").len(), model.uploads.only), (7, None));
    assert_eq!(shown(&mut model, "f f").len(), 2);
    // A minute later nothing has come of it, and the log was not read: it is listed as unknown, not as late.
    update(&mut model, Msg::Tick(at(120)));
    settle(&mut model);
    assert_eq!(keys(&model), ["moving.png"]);
    assert_eq!(model.uploads.only, Some(UploadState::Waiting));
    assert_eq!(shown(&mut model, "f"), ["slow.png"]);
    assert_eq!(shown(&mut model, "f"), ["fresh.png"]);
}

#[test]
fn details_stay_open_when_their_upload_leaves_the_list() {
    let mut model = states();
    press(&mut model, "1 / 'fresh' enter enter y");
    update(&mut model, Msg::Tick(at(120)));
    press(&mut model, "esc f f");
    assert!(keys(&model).is_empty(), "{:?}", keys(&model));
    let row = model.uploads.find("upload 3").map(|row| row.key().raw().to_owned());
    assert_eq!(row.as_deref(), Some("fresh.png"));
}

#[test]
fn several_words_narrow_every_panel() {
    let (mut model, _) = model();
    let objects = ["2026/cat.png", "2026/dog.png", "2025/cat.png"];
    list(&mut model, objects.map(|key| object(key, 1, 0)).to_vec(), true);
    let people = ["ada@example.com", "bob@example.com", "ada@example.org"];
    subscribe_all(&mut model, people.map(|name| subscription(name, true)).to_vec());
    let lines = ["GET cat 200", "GET dog 404", "PUT cat 404"];
    let lines = (1..).zip(lines).map(|(number, text)| support::line(at(number), &number.to_string(), text));
    send(&mut model, Update::LogLines(lines.collect()));
    for (panel, typed, found) in [
        ("2", "'cat' space '2026'", 1),
        ("2", "'png' space '!cat'", 1),
        ("3", "'404' space 'get'", 1),
        ("3", "'!404'", 1),
        ("4", "'ada' space '.org'", 1),
        ("4", "'email' space '!ada'", 1),
    ] {
        press(&mut model, &format!("{panel} / {typed} enter"));
        let len = match panel {
            "2" => model.objects.len(),
            "3" => model.logs.len(),
            _ => model.subscriptions.visible().count(),
        };
        assert_eq!(len, found, "{panel} {typed}");
        press(&mut model, "esc");
    }
}

#[test]
fn words_exclude_in_the_palette_as_well() {
    let (model, _) = model();
    let found = |text: &str| palette::found(&model, text).iter().map(|row| row.hint).collect::<Vec<_>>();
    assert_eq!(found("retry")[..2], ["retry", "retry all"]);
    let left = found("retry !all");
    assert!(left.first() == Some(&"retry") && !left.contains(&"retry all"), "{left:?}");
}

#[test]
fn a_batch_that_is_stored_counts_what_the_pipeline_did_with_it() {
    let (mut model, _) = model();
    let count = |model: &Model| model.uploads.batch(model.logs.reading(), model.now);
    for _ in 0..5 {
        press(&mut model, "u enter");
    }
    let ids: Vec<UploadId> = model.uploads.transfers.iter().map(|transfer| transfer.id).collect();
    assert_eq!((ids.len(), count(&model)), (5, None), "while it is sent, what is stored is counted");
    let key = |id: UploadId| format!("{}.png", id.0);
    send(&mut model, Update::Facts(ids[..4].iter().map(|id| stored(id.0, &key(*id))).collect()));
    send(&mut model, Update::Upload(ids[4], UploadNews::Failed(problem())));
    assert_eq!(count(&model), Some(BatchCount { waiting: 4, ..BatchCount::default() }));
    let skipped = Fact::Skipped {
        source: support::source(at(2), "L-s"),
        write: support::write(&key(ids[1]), Some(&format!("S3-{}", ids[1].0))),
        reason: "not an image".into(),
    };
    send(&mut model, Update::Facts([published(ids[0].0, &key(ids[0])), vec![skipped]].concat()));
    update(&mut model, Msg::Tick(at(30)));
    let so_far = BatchCount { published: 1, skipped: 1, waiting: 2, ..BatchCount::default() };
    assert_eq!(count(&model), Some(so_far));
    update(&mut model, Msg::Tick(at(200)));
    let unread = BatchCount { waiting: 0, unknown: 2, ..so_far };
    assert_eq!(count(&model), Some(unread), "a log that was not read makes nothing late");
    // A log that cannot be read does not make them late.
    let tail = std::mem::replace(&mut model.logs.tail, Tail::Failed(problem()));
    assert_eq!(
        model.uploads.batch(model.logs.reading(), at(3_600)),
        Some(BatchCount { waiting: 0, unknown: 2, ..so_far })
    );
    model.logs.tail = tail;
    // What is sent again belongs to the same batch.
    press(&mut model, "ctrl-r");
    send(&mut model, Update::Facts(vec![stored(ids[4].0, &key(ids[4]))]));
    assert_eq!(count(&model), Some(BatchCount { unknown: 3, ..unread }));
    // The next upload is no part of it.
    press(&mut model, "u enter");
    let next = model.uploads.transfers.last().unwrap().id;
    send(&mut model, Update::Facts(vec![stored(next.0, "single.png")]));
    assert_eq!(count(&model), None);
}
