//! What the keys of the file chooser and of the plan that follows it bring about. The way begins and ends at the panels.

use imgwatch::keymap::Scope;
use imgwatch::keymap::action::Action;

use super::dialogs::{close, squeezed, unsqueezed};
use super::see::{at, both, chosen_beyond, gone, home, past, text};
use super::stage::{Expectation, Step, never, press, shows};
use crate::{ENTER, ESC};

const DOWN: &str = "\u{1b}[B";
const PAGE_DOWN: &str = "\u{1b}[6~";
const TEST_IMAGE: &str = "▸ a generated test image";
const ALBUM: &str = "▸   album/";

pub(super) fn all() -> Vec<Expectation> {
    choosing().into_iter().chain(planning()).collect()
}

fn choosing() -> Vec<Expectation> {
    let (typing, browsing) = (Scope::Choosing, Scope::Browsing);
    let to_end = || vec![chooser(), press(PAGE_DOWN, chosen_beyond(10))];
    let moves = |action, before, then| shows(typing, action, before, then, close());
    vec![
        shows(browsing, Action::Mark, on_album(), both(text("1 marked, "), text("● album/")), unmark()),
        shows(browsing, Action::Parent, in_album(), both(gone("~/album/"), text("pic-00.png")), close()),
        shows(browsing, Action::Enter, on_album(), both(text("~/album/"), text("inside.txt")), close()),
        shows(
            typing,
            Action::Mark,
            typed("pic-07", "▸   pic-07.png"),
            both(text("1 marked, "), text("> pic-07")),
            clear_and_unmark(),
        ),
        shows(
            typing,
            Action::MarkAll,
            typed("pic-", "▸   pic-00.png"),
            text("30 marked, 1-24 of 30"),
            clear_and_unmark(),
        ),
        shows(
            typing,
            Action::MarkAll,
            [typed("pic-", "▸   pic-00.png"), vec![press("\u{1}", text("30 marked, "))]]
                .into_iter()
                .flatten()
                .collect(),
            gone("marked"),
            clear(),
        ),
        shows(typing, Action::LastFolder, in_album(), both(gone("~/album/"), text("pic-00.png")), close()),
        shows(typing, Action::Complete, typed("aws-con", "▸   aws-config"), text("> aws-config"), clear()),
        shows(typing, Action::Complete, on_album(), both(text("~/album/"), text("inside.txt")), close()),
        shows(
            typing,
            Action::Complete,
            vec![chooser()],
            text("Key prefix in bucket images"),
            vec![press(ESC, text(TEST_IMAGE)), press(ESC, home())],
        ),
        // Esc takes back what is typed before it closes.
        shows(
            Scope::Typing,
            Action::Back,
            typed("pic-07", "▸   pic-07.png"),
            both(text(TEST_IMAGE), gone("> pic-07")),
            close(),
        ),
        moves(Action::Down, vec![chooser()], text(ALBUM)),
        moves(Action::Up, on_album(), text(TEST_IMAGE)),
        moves(Action::PageDown, vec![chooser()], chosen_beyond(10)),
        moves(Action::PageUp, to_end(), text(TEST_IMAGE)),
    ]
}

fn planning() -> Vec<Expectation> {
    let over = both(text("[overwrite it]"), text("Enter uploads 1 file and overwrites the existing object"));
    let typing = |action, before, then, after| shows(Scope::Typing, action, before, then, after);
    let small = || squeezed(clash());
    let further = || small().into_iter().chain([press(PAGE_DOWN, past(1))]).collect();
    vec![
        shows(Scope::Planning, Action::Overwrite, clash(), over, unplan()),
        shows(Scope::Planning, Action::Down, many(), both(at(2), text("[skip them]")), unplan_many()),
        shows(
            Scope::Planning,
            Action::Up,
            many().into_iter().chain([press(DOWN, at(2))]).collect(),
            both(at(1), text("pic-00.png")),
            unplan_many(),
        ),
        typing(Action::Submit, typed("pic-07", "▸   pic-07.png"), text("Key in bucket images"), unplan()),
        typing(
            Action::Submit,
            vec![
                Step::Trouble("s3", "PutObject", never()),
                chooser(),
                press("aws-con", text("▸   aws-config")),
                press(ENTER, text("Enter uploads 1 file")),
            ],
            both(home(), text("1 uploading")),
            vec![press("x", text("may be stored")), press("x", gone("may be stored")), Step::Calm],
        ),
        typing(Action::Back, clash(), both(text("> pic-07"), gone("[skip it]")), clear()),
        typing(Action::PageDown, small(), past(1), unsqueezed(unplan())),
        typing(Action::PageUp, further(), at(1), unsqueezed(unplan())),
    ]
}

/// The chooser, in the folder with the pictures.
fn chooser() -> Step {
    press("u", both(text("┏ Upload ━"), both(text(TEST_IMAGE), text("pic-00.png"))))
}

/// Also with the cursor on the folder in it.
fn on_album() -> Vec<Step> {
    vec![chooser(), press(DOWN, text(ALBUM))]
}

fn in_album() -> Vec<Step> {
    on_album().into_iter().chain([press("\t", text("~/album/"))]).collect()
}

/// With this typed, and what is found by it under the cursor.
fn typed(name: &'static str, found: &'static str) -> Vec<Step> {
    vec![chooser(), press(name, text(found))]
}

/// The plan of a file whose object is there already.
fn clash() -> Vec<Step> {
    [typed("pic-07", "▸   pic-07.png"), vec![press(ENTER, text("[skip it]"))]].into_iter().flatten().collect()
}

/// The plan of more files than there is room for; the objects of all of them are there already.
fn many() -> Vec<Step> {
    let marked = press("\u{1}", text("30 marked, 1-24 of 30"));
    let planned = press(ENTER, both(at(1), both(text("[skip them]"), text("(exists)"))));
    typed("pic-", "▸   pic-00.png").into_iter().chain([marked, planned]).collect()
}

/// Back from there, and out of the chooser.
fn unplan_many() -> Vec<Step> {
    [vec![press(ESC, both(gone("Key prefix"), text("30 marked, ")))], clear_and_unmark()]
        .into_iter()
        .flatten()
        .collect()
}

/// Takes the marks back, and closes the chooser.
fn unmark() -> Vec<Step> {
    vec![press(ESC, gone("marked, ")), press(ESC, home())]
}

/// Takes back what is typed first.
fn clear_and_unmark() -> Vec<Step> {
    [vec![press(ESC, text(TEST_IMAGE))], unmark()].into_iter().flatten().collect()
}

/// Takes back what is typed, and closes the chooser.
fn clear() -> Vec<Step> {
    vec![press(ESC, text(TEST_IMAGE)), press(ESC, home())]
}

/// Back to the chooser, and out of it.
fn unplan() -> Vec<Step> {
    [vec![press(ESC, both(gone("Key in bucket"), text("> pic-07")))], clear()].into_iter().flatten().collect()
}
