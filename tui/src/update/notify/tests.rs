use super::*;
use crate::domain::evidence::{Fact, Write};
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{ObjectKey, Upload, UploadSource};
use crate::msg::Update;
use crate::support;
use crate::update::{Msg, settle, update};

fn at(seconds: i64) -> Timestamp {
    support::at(seconds * 1_000)
}

/// A dashboard that connected at second 0 and was asked to call.
fn model() -> Model {
    let pipeline = || Pipeline { bucket: "b".into(), function: "f".into(), topic: "t".into(), target: "here".into() };
    let mut model = Model::new(at(0), pipeline());
    model.notifications.how = Notify::Osc9;
    let connected = Update::Connected { pipeline: pipeline(), inbox: false };
    update(&mut model, Msg::Update(connected));
    settle(&mut model);
    model
}

fn published(key: &str, second: i64) -> Fact {
    let write = Write { bucket: "b".into(), ..support::write(key, Some(key)) };
    support::published(support::source(at(second), key), write, key)
}

/// What is called at a moment, after these facts.
fn notified(model: &mut Model, second: i64, facts: Vec<Fact>) -> Vec<String> {
    update(model, Msg::Tick(at(second)));
    update(model, Msg::Update(Update::Facts(facts)));
    let called = |effect| match effect {
        Effect::Terminal(TerminalEffect::Notify(Notify::Osc9, text)) => Some(text.shown().to_owned()),
        _ => None,
    };
    settle(model).into_iter().filter_map(called).collect()
}

#[test]
fn an_image_that_was_uploaded_elsewhere_notifies_once() {
    let mut model = model();
    assert_eq!(notified(&mut model, 20, vec![published("cat.png", 19)]), [""; 0], "it may be the first of many");
    assert_eq!(notified(&mut model, 21, vec![]), ["imgwatch: new image: cat.png"]);
    assert_eq!(notified(&mut model, 60, vec![published("cat.png", 19)]), [""; 0]);
}

#[test]
fn a_burst_is_one_notification_and_notifications_keep_their_distance() {
    let mut model = model();
    notified(&mut model, 20, (0..50).map(|n| published(&format!("{n}.png"), 20)).collect());
    assert_eq!(notified(&mut model, 21, vec![published("late.png", 21)]), ["imgwatch: 51 new images"]);
    notified(&mut model, 22, vec![published("a.png", 22)]);
    assert_eq!(notified(&mut model, 29, vec![published("b.png", 29)]), [""; 0]);
    assert_eq!(notified(&mut model, 31, vec![]), ["imgwatch: 2 new images"]);
}

#[test]
fn the_past_sends_no_notification() {
    let mut model = model();
    notified(&mut model, 20, vec![published("old.png", -5)]);
    assert_eq!(notified(&mut model, 30, vec![]), [""; 0]);
}

#[test]
fn a_user_who_is_present_is_not_notified_later() {
    let mut model = model();
    update(&mut model, Msg::Tick(at(19)));
    update(&mut model, Msg::Key(crate::text::key::Key::char('j')));
    notified(&mut model, 20, vec![published("cat.png", 20)]);
    assert_eq!(notified(&mut model, 60, vec![]), [""; 0]);
}

#[test]
fn an_own_upload_notifies_only_when_it_fails() {
    let mut model = model();
    let transfer = |id, key: &str, state| Transfer {
        id: UploadId(id),
        upload: Upload {
            source: UploadSource::File("/cat.png".into()),
            key: ObjectKey::Named(key.to_owned()),
            replace: false,
        },
        key: key.into(),
        size: Some(1),
        sent: 0,
        began: at(10),
        moved: at(10),
        state,
    };
    // The log may be sooner than S3's own answer.
    let mine = transfer(1, "mine.png", TransferState::Sending);
    model.uploads.transfers = vec![mine.clone()].into();
    notified(&mut model, 20, vec![published("mine.png", 20)]);
    assert_eq!(notified(&mut model, 30, vec![]), [""; 0]);
    let problem = Problem::new(ProblemKind::Other, "no", "no");
    let dog = transfer(2, "dog\u{1b}]9;x\u{7}.png", TransferState::Failed(problem));
    model.uploads.transfers = vec![mine, dog].into();
    notified(&mut model, 40, vec![]);
    assert_eq!(notified(&mut model, 41, vec![]), ["imgwatch: upload failed: dog␛]9;x␇.png"]);
}

#[test]
fn without_the_setting_no_notification_is_sent() {
    let mut model = model();
    model.notifications.how = Notify::default();
    notified(&mut model, 20, vec![published("cat.png", 20)]);
    assert!(
        update(&mut model, Msg::Tick(at(30))).is_empty()
            && settle(&mut model).iter().all(|e| !matches!(e, Effect::Terminal(TerminalEffect::Notify(..))))
    );
}

#[test]
fn a_terminal_with_ascii_only_gets_ascii_only() {
    let mut model = model();
    model.display.ascii = true;
    notified(&mut model, 20, vec![published("käse.png", 20)]);
    assert_eq!(notified(&mut model, 21, vec![]), ["imgwatch: new image: k?se.png"]);
}
