use super::*;
use crate::domain::pipeline::Pipeline;
use crate::keymap::action::Panel;
use crate::model::Model;
use crate::model::keys::{active, lookup};
use jiff::Timestamp;

/// Lines of a config file: `panels.upload = U F1`, counted from 1.
fn asked(text: &str) -> Vec<KeyOverride> {
    let line = |(index, line): (usize, &str)| {
        let (name, keys) = line.trim().split_once(" =").unwrap();
        let (scope, action) = name.split_once('.').unwrap();
        let keys = keys.split_whitespace().map(str::to_owned).collect();
        KeyOverride { line: index + 1, scope: scope.to_owned(), action: action.to_owned(), keys }
    };
    text.trim().lines().enumerate().map(line).collect()
}

fn refused(text: &str) -> Vec<String> {
    bind(&asked(text)).expect_err(text).into_iter().map(|error| format!("{}: {}", error.line, error.text)).collect()
}

fn model(text: &str) -> Model {
    let pipeline = Pipeline { bucket: "b".into(), function: "f".into(), topic: "t".into(), target: "here".into() };
    let mut model = Model::new(Timestamp::UNIX_EPOCH, pipeline);
    model.keys = bind(&asked(text)).unwrap();
    model
}

#[test]
fn all_keys_of_the_action_are_replaced_and_no_others() {
    let mut model = model("panels.upload = U F1\nlogs.pause = ctrl-x\npanels.first = Home");
    for key in [Key::char('U'), Key::plain(Code::F(1))] {
        assert_eq!(lookup(&model, key), Some(Action::Upload));
    }
    assert_eq!(lookup(&model, Key::char('u')), None);
    assert_eq!(lookup(&model, Key::char('g')), None);
    assert_eq!(lookup(&model, Key::char('s')), Some(Action::Subscribe));
    model.focus = Panel::Logs;
    assert_eq!(lookup(&model, Key::char(' ')), None);
    assert_eq!(lookup(&model, Key::ctrl('x')), Some(Action::Pause));
}

#[test]
fn keys_change_places() {
    let model = model("panels.upload = s\npanels.subscribe = u");
    assert_eq!(lookup(&model, Key::char('s')), Some(Action::Upload));
    assert_eq!(lookup(&model, Key::char('u')), Some(Action::Subscribe));
}

#[test]
fn an_action_without_keys_is_found_by_the_palette() {
    let mut model = model("panels.upload =");
    assert_eq!(lookup(&model, Key::char('u')), None);
    assert!(active(&model).iter().all(|row| row.action != Action::Upload));
    let name = |model: &Model, action| crate::model::keys::key_of(model, Scope::Panels, action);
    assert_eq!((name(&model, Action::Upload), name(&model, Action::Subscribe)), (": upload".into(), "s".into()));
    assert_eq!(crate::model::palette::found(&model, "upload").first().map(|row| row.action), Some(Action::Upload));
    model.keys = bind(&asked("panels.upload =\npanels.palette =")).unwrap();
    assert_eq!(name(&model, Action::Upload), "no key");
}

#[test]
fn unknown_names_are_refused_with_the_ones_that_were_meant() {
    let cases = [
        ("pannels.upload = U", "1: [keys.pannels] upload: there is no scope \"pannels\"; did you mean panels?"),
        ("panels.uplaod = U", "1: [keys.panels] uplaod: this scope has no such action; did you mean upload?"),
        ("panels.pause = U", "1: [keys.panels] pause: this scope has no such action; write it under [keys.logs]"),
        ("inbox.teleport = U", "1: [keys.inbox] teleport: this scope has no such action; there are confirm"),
    ];
    for (text, error) in cases {
        assert_eq!(refused(text), [error]);
    }
    let [error] = refused("everywhere.upload = U").try_into().unwrap();
    assert!(error.contains("there are uploads, objects, logs,") && error.ends_with("always"), "{error}");
}

#[test]
fn what_is_no_key_is_refused() {
    let [error] = refused("panels.upload = uu").try_into().unwrap();
    assert!(error.starts_with("1: [keys.panels] upload: unknown key \"uu\"; write a character"), "{error}");
    assert_eq!(refused("panels.upload = U U"), ["1: [keys.panels] upload: U is listed twice; remove one"]);
}

#[test]
fn one_key_does_one_thing_in_a_place() {
    assert_eq!(
        refused("panels.upload = s"),
        ["1: [keys.panels] upload: s is already the key of subscribe; choose another key for one of them"]
    );
    assert_eq!(
        refused("panels.subscribe = U\npanels.upload = U"),
        ["2: [keys.panels] upload: U is already the key of subscribe; choose another key for one of them"]
    );
}

#[test]
fn no_key_takes_the_place_of_one_that_holds_more_widely() {
    assert_eq!(
        refused("logs.pause = d"),
        ["1: [keys.logs] pause: d would hide [keys.panels] doctor; choose another key for one of them"]
    );
    assert_eq!(
        refused("panels.doctor = x"),
        [
            "1: [keys.panels] doctor: x would be hidden by [keys.uploads] cancel-upload; choose another key for one of them",
            "1: [keys.panels] doctor: x would be hidden by [keys.objects] cancel-download; choose another key for one of them",
            "1: [keys.panels] doctor: x would be hidden by [keys.subscriptions] unsubscribe; choose another key for one of them",
        ]
    );
    assert_eq!(
        refused("panels.upload = ctrl-c"),
        ["1: [keys.panels] upload: Ctrl-C would hide [keys.always] quit-now; choose another key for one of them"]
    );
}

#[test]
fn what_the_table_itself_does_is_allowed() {
    // The inbox's own key confirms as the one of every panel does, and doctor's list takes Enter and d from details.
    for text in
        ["inbox.confirm = K\npanels.confirm = K", "doctor.details = enter\ndetails.doctor = d", "panels.upload = u"]
    {
        assert!(bind(&asked(text)).is_ok(), "{text}");
    }
}

#[test]
fn letters_are_for_typing_where_text_is_typed() {
    for (text, name) in
        [("input.submit = x", "submit"), ("palette.down = left", "down"), ("always.suspend = Z", "suspend")]
    {
        let [error] = refused(text).try_into().unwrap();
        assert!(error.contains(name) && error.contains("types text here"), "{error}");
    }
    assert!(bind(&asked("input.submit = ctrl-s\npalette.down = F2")).is_ok());
}

#[test]
fn every_place_can_be_left() {
    let cases = [
        ("panels.quit =", "quit", "panels"),
        ("first-run.quit =", "quit", "first-run"),
        ("details.back =", "back", "details"),
        ("input.back =", "back", "input"),
        ("confirm.no =", "no", "confirm"),
        // Doctor's list takes Enter for the details.
        ("details.back = enter", "back", "doctor"),
    ];
    for (text, action, place) in cases {
        let [error] = refused(text).try_into().unwrap();
        let end = format!("{action}: {place} would have no key to close it; choose a key");
        assert!(error.ends_with(&end), "{error}");
    }
    assert_eq!(
        refused("always.quit-now = ctrl-x"),
        ["1: [keys.always] quit-now: Ctrl-C always quits; add it to the list"]
    );
    assert!(bind(&asked("always.quit-now = ctrl-x ctrl-c\npanels.quit = Q")).is_ok());
}

#[test]
fn forms_can_be_sent_and_questions_answered() {
    assert_eq!(
        refused("input.submit =\nconfirm.yes ="),
        [
            "1: [keys.input] submit: no key would be left to submit a form; choose a key",
            "2: [keys.confirm] yes: no key would be left to answer yes; choose a key",
        ]
    );
    assert!(bind(&asked("input.submit = ctrl-s\nconfirm.yes = J")).is_ok());
}

#[test]
fn every_error_is_reported_at_once_in_the_order_of_the_lines() {
    let errors = refused("panels.upload = uu\nlogs.paus = p\npanels.quit = q");
    assert_eq!(errors.len(), 2);
    assert!(errors[0].starts_with("1: ") && errors[1].starts_with("2: "), "{errors:?}");
}
