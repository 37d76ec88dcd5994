//! Whatever the size and whatever the names: nothing panics, nothing harmful reaches a cell, columns stay straight.

use imgwatch::domain::subscriptions::Protocol;
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::dialog::{
    ConfirmAction, Details, Dialog, DoctorView, PipelineView, Question, Subject, SubscribeForm,
};
use imgwatch::model::uploads::UploadRow;
use imgwatch::text::clean::is_harmful;
use imgwatch::view;
use ratatui::buffer::Buffer;
use tui_input::Input;

use crate::dialogs;
use crate::models::{broken, busy, first, hostile, quiet};
use crate::picture::text;
use crate::shot::{dialog, panel, screen};

fn assert_harmless(buffer: &Buffer) {
    for cell in &buffer.content {
        assert!(!cell.symbol().chars().any(is_harmful), "{:?}", cell.symbol());
    }
}

fn dialogs() -> Vec<Option<Dialog>> {
    let nasty = || Input::new("\u{1b}[2J\u{202e}日本語".repeat(20));
    let model = hostile();
    let upload = model.uploads.rows().next().map(|row| row.id()).unwrap();
    let log = model.logs.visible().next_back().unwrap().id.clone();
    let details = |subject| Some(Dialog::Details(Details { subject, offset: 3 }));
    vec![
        None,
        Some(Dialog::Choose(Box::new(crate::choosing::hostile(nasty())))),
        Some(Dialog::Plan(Box::new(crate::choosing::hostile_plan(&nasty())))),
        Some(Dialog::Subscribe(SubscribeForm { protocol: Protocol::Https, endpoint: nasty() })),
        Some(Dialog::Question(Question { text: nasty().value().into(), action: ConfirmAction::Quit })),
        Some(Dialog::Filter(nasty())),
        Some(Dialog::Help { offset: 1_000 }),
        details(Subject::Upload(upload)),
        details(Subject::LogLine(log)),
        details(Subject::InboxMessage(20)),
        Some(Dialog::Doctor(DoctorView { cursor: 3, offset: 2, open: None })),
        Some(Dialog::Doctor(DoctorView { open: Some(("key", 1)), ..DoctorView::default() })),
        Some(Dialog::Pipeline(PipelineView { cursor: 3, offset: 2, open: None })),
        Some(Dialog::Pipeline(PipelineView { open: Some((crate::wired::hostile_id(), 1)), ..PipelineView::default() })),
    ]
}

#[test]
fn no_size_panics_and_nothing_harmful_is_drawn() {
    let dialogs = dialogs();
    let mut model = hostile();
    model.doctor = crate::doctor::hostile();
    crate::wired::make_hostile(&mut model);
    let mut turn = 0usize;
    // Nothing is laid out again from one column to the next on a wide screen.
    for width in (1..=130).chain((131..=200).step_by(6)) {
        // A step that shares no factor with the other turns below, so that all of them meet.
        for height in (1 + width % 7..=60).step_by(7) {
            turn += 1;
            model.focus = Panel::ALL[turn % 5];
            model.zoom = turn.is_multiple_of(3);
            model.logs.wrap = turn.is_multiple_of(2);
            model.logs.follow = !turn.is_multiple_of(4);
            model.uploads.selection.cursor = turn % 16;
            model.dialog.clone_from(&dialogs[turn % dialogs.len()]);
            assert_harmless(&screen(&model, (width, height)));
            let viewports = view::viewports(&model, width, height);
            assert!(viewports.panels.iter().all(|rows| *rows >= 1) && viewports.dialog >= 1);
        }
    }
}

/// Each border stands where it does on a screen of plain names: no name has pushed anything.
#[test]
fn hostile_names_move_no_column() {
    let (plain, mut nasty) = (quiet(), hostile());
    // A long one lies over the panels, as it should.
    nasty.notice = None;
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let (plain, nasty) = (screen(&plain, (width, height)), screen(&nasty, (width, height)));
        for y in 3..height - 1 {
            for x in 0..width {
                let is_side = |buffer: &Buffer| matches!(buffer[(x, y)].symbol(), "│" | "┃");
                if is_side(&plain) {
                    assert!(is_side(&nasty), "{x},{y} at {width}x{height}");
                }
            }
        }
    }
}

#[test]
fn the_selected_upload_and_its_story_stay_in_view() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut model = busy();
        for cursor in 0..model.uploads.len() {
            model.uploads.selection.cursor = cursor;
            let rows = view::viewports(&model, width, height).panels[Panel::Uploads as usize];
            model.uploads.selection.place(cursor, model.uploads.len(), rows);
            let shown = TestScreen::of(&model, width, height);
            assert_eq!(shown.rows_with("▾"), 1, "{cursor} at {width}x{height}\n{}", shown.0);
            if let (Some(UploadRow::Timeline(timeline)), true) = (model.uploads.selected_row(), height >= 24) {
                let last = if timeline.delivery_statuses.is_empty() { "stored" } else { "sqs" };
                assert!(shown.0.contains(last), "{cursor} at {width}x{height}\n{}", shown.0);
            }
        }
    }
}

/// A dialog is one box inside its room, and what is in it neither moves its sides nor leaves them.
#[test]
fn a_dialog_of_every_kind_is_a_whole_box_at_every_size() {
    for (name, model) in dialogs::of_every_kind() {
        for width in [30, 44, 59, 60, 61, 80, 100, 120, 160, 200] {
            for height in [11, 15, 23, 59] {
                let buffer = dialog(&model, (width, height));
                let rows = text(&buffer).join("\n");
                let what = format!("{name} at {width}x{height}\n{rows}");
                let at = |x, y| buffer[(x, y)].symbol();
                let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
                let corner = |symbol| places.clone().find(|(x, y)| at(*x, *y) == symbol).expect(&what);
                let ((left, top), (right, bottom)) = (corner("┏"), corner("┛"));
                assert_eq!((at(right, top), at(left, bottom)), ("┓", "┗"), "{what}");
                for y in top + 1..bottom {
                    assert_eq!((at(left, y), at(right, y)), ("┃", "┃"), "{what}");
                }
                let is_outside = |(x, y): &(u16, u16)| !(left..=right).contains(x) || !(top..=bottom).contains(y);
                let mut outside = places.clone().filter(|place| place.1 < height - 1 && is_outside(place));
                assert!(outside.all(|(x, y)| at(x, y) == " "), "{what}");
                assert!(
                    rows.lines().last().is_some_and(|keys| keys.contains("Esc ") || keys.contains(" no")),
                    "{what}"
                );
            }
        }
    }
}

/// The narrower the panel, the fewer columns; one that is gone does not come back, and the key is always there.
#[test]
fn columns_of_objects_go_one_after_the_other() {
    let mut model = busy();
    model.focus = Panel::Objects;
    let columns = |width| {
        let names = text(&panel(&model, Panel::Objects, (width, 8)))[1].replace(['┃', '↑', '↓'], " ");
        names.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut seen = vec![columns(200)];
    for width in (30..200).rev() {
        let now = columns(width);
        let before = seen.last().unwrap();
        assert!(now.iter().all(|name| before.contains(name)), "{now:?} after {before:?} at {width}");
        if now != *before {
            seen.push(now);
        }
    }
    assert_eq!(seen, [vec!["key", "size", "written", "age"], vec!["key", "size", "age"], vec!["key", "size"]]);
}

/// The rows that the model gets are the rows that are drawn.
#[test]
fn viewports_are_what_is_drawn() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        for mut model in [busy(), broken()] {
            model.focus = Panel::Objects;
            model.zoom = true;
            let rows = view::viewports(&model, width, height).panels[Panel::Objects as usize];
            let shown = TestScreen::of(&model, width, height);
            let drawn = shown.0.lines().filter(|line| line.contains("iB ") || line.contains("913 B ")).count();
            assert_eq!(drawn, rows, "{width}x{height}\n{}", shown.0);

            model.dialog = Some(Dialog::Help { offset: 0 });
            let viewports = view::viewports(&model, width, height);
            let place = format!(" 1-{} of {} ", viewports.dialog, viewports.dialog_len);
            let shown = TestScreen::of(&model, width, height);
            let fits = viewports.dialog >= viewports.dialog_len;
            assert!(fits || shown.0.contains(&place), "{place} at {width}x{height}\n{}", shown.0);
        }
    }
}

#[test]
fn words_not_only_colours_tell_where_the_keys_go() {
    for model in [first(), quiet(), busy()] {
        let buffer = screen(&model, (80, 24));
        assert_eq!(buffer[(0, 2)].symbol(), "┏", "the focused panel has a thick border");
    }
}

struct TestScreen(String);

impl TestScreen {
    fn of(model: &Model, width: u16, height: u16) -> Self {
        Self(text(&screen(model, (width, height))).join("\n"))
    }

    fn rows_with(&self, text: &str) -> usize {
        self.0.lines().filter(|line| line.contains(text)).count()
    }
}
