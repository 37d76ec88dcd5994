//! What the keys of the panels bring about. The way begins and ends at the panels, with Uploads focused.

use imgwatch::keymap::Scope;
use imgwatch::keymap::action::Action;
use imgwatch::keymap::action::Panel;

use super::see::{beyond, both, gone, ground, home, marked, no_probe, on, text, unmarked, wrote};
use super::stage::{Expectation, Step, ends, never, press, refused, shows};
use super::uploads::{no_longer_sending, sending};
use crate::{ENTER, ESC};

pub(super) fn all() -> Vec<Expectation> {
    let parts = [objects(), logs(), others(), forms(), panels(), looks(), copies(), moves(), leaving()];
    parts.into_iter().flatten().collect()
}

/// To a panel.
fn to(number: &'static str, title: &'static str) -> Step {
    press(number, text(title))
}

/// Back to Uploads.
fn back() -> Step {
    press("1", home())
}

fn objects() -> Vec<Expectation> {
    let rest = vec![press("o", text("by size")), press("o", text("· oldest")), press("o", text("· newest")), back()];
    let scope = Scope::In(Panel::Objects);
    let objects = || vec![to("2", "┏ 2 Objects")];
    let form = || press("D", text("┏ Download ━"));
    let slow = [Step::Trouble("s3", "GetObject", never())].into_iter().chain(objects());
    vec![
        shows(scope, Action::Sort, objects(), text("by key"), rest),
        shows(
            scope,
            Action::Download,
            objects(),
            both(text("┏ Download ━"), text("Enter downloads the object")),
            vec![press(ESC, gone("┏ Download ━")), back()],
        ),
        shows(
            scope,
            Action::CancelDownload,
            slow.chain([form(), press("\u{15}~/album\r", text("downloading 0%"))]).collect(),
            text("cancelled the download of pic-"),
            vec![back(), Step::Calm],
        ),
        shows(
            scope,
            Action::Versions,
            objects(),
            both(text("┏ Versions ━"), text("1 version")),
            vec![press(ESC, gone("┏ Versions ━")), back()],
        ),
    ]
}

/// A search for the ends of invocations, and all lines again.
fn searched() -> Vec<Step> {
    vec![
        to("3", "┏ 3 Logs"),
        press("/", text("┃/")),
        press("REPORT", both(marked(), gone(" received pic-"))),
        press(ENTER, gone("┃/")),
        press(ESC, both(marked(), text(" received pic-"))),
    ]
}

fn logs() -> Vec<Expectation> {
    let scope = Scope::In(Panel::Logs);
    let log = || vec![to("3", "┏ 3 Logs")];
    let older = || searched().into_iter().chain([press("N", text("PAUSED"))]).collect();
    let unsearched = || vec![press(ESC, unmarked()), back()];
    vec![
        shows(scope, Action::Pause, log(), text("PAUSED"), vec![press(" ", gone("PAUSED")), back()]),
        shows(scope, Action::Wrap, log(), text("· wrap ·"), vec![press("w", gone("· wrap ·")), back()]),
        shows(scope, Action::PreviousMatch, searched(), text("PAUSED"), {
            let follow = press(" ", gone("PAUSED"));
            [follow].into_iter().chain(unsearched()).collect()
        }),
        // The next newer end of an invocation is the last line, which is followed again.
        shows(scope, Action::NextMatch, older(), gone("PAUSED"), unsearched()),
        shows(
            scope,
            Action::Severity,
            log(),
            text("INFO+"),
            vec![press("l", text("WARN+")), press("l", text("ERROR+")), press("l", gone("ERROR+")), back()],
        ),
        shows(
            scope,
            Action::LiveTail,
            log(),
            both(text("Live Tail on"), text("about $0.01 a minute")),
            vec![press("t", gone("Live Tail on")), back()],
        ),
    ]
}

fn others() -> Vec<Expectation> {
    let (subscriptions, inbox) = (Scope::In(Panel::Subscriptions), Scope::In(Panel::Inbox));
    let question = "Confirm the subscription of ada@example.com?";
    vec![
        shows(
            subscriptions,
            Action::Unsubscribe,
            vec![to("4", "┏ 4 Subscriptions"), press("g", text("▸ ✓ email"))],
            text("Unsubscribe email you@example.com?"),
            vec![press("n", gone("┏ Confirm")), back()],
        ),
        shows(
            inbox,
            Action::Confirm,
            vec![to("5", "┏ 5 Inbox"), press("g", text("▸"))],
            text(question),
            vec![press("n", gone("┏ Confirm")), back()],
        ),
        shows(Scope::Panels, Action::Confirm, vec![], text(question), vec![press("n", home())]),
    ]
}

fn forms() -> Vec<Expectation> {
    let opens = |action, title| shows(Scope::Panels, action, vec![], text(title), vec![press(ESC, home())]);
    vec![
        opens(Action::Upload, "┏ Upload ━"),
        opens(Action::Subscribe, "┏ Subscribe ━"),
        opens(Action::Doctor, "┏ Doctor ━"),
        opens(Action::Pipeline, "┏ Pipeline ━"),
        shows(
            Scope::Panels,
            Action::Doctor,
            vec![to("2", "┏ 2 Objects")],
            both(text("┏ Doctor ━"), text("for pic-")),
            vec![press(ESC, gone("┏ Doctor ━")), back()],
        ),
        opens(Action::Details, "┏ Upload ━"),
        opens(Action::Palette, "┏ Actions ━"),
        opens(Action::History, "┏ Messages ━"),
        opens(Action::Switch, "┏ Profile and region ━"),
        opens(Action::Help, "┏ Keys ━"),
        shows(Scope::Panels, Action::Probe, vec![], text("imgwatch-probe-<random>"), vec![press("n", home())]),
        shows(
            Scope::Panels,
            Action::Probe,
            vec![press("p", text("imgwatch-probe-<random>")), press("y", text("probe on"))],
            both(no_probe(), text("2 confirmed")),
            vec![],
        ),
    ]
}

fn panels() -> Vec<Expectation> {
    let goes = |panel: Panel, title| shows(Scope::Panels, Action::Focus(panel), vec![], text(title), vec![back()]);
    vec![
        shows(Scope::Panels, Action::Focus(Panel::Uploads), vec![to("2", "┏ 2 Objects")], home(), vec![]),
        goes(Panel::Objects, "┏ 2 Objects"),
        goes(Panel::Logs, "┏ 3 Logs"),
        goes(Panel::Subscriptions, "┏ 4 Subscriptions"),
        goes(Panel::Inbox, "┏ 5 Inbox"),
        shows(Scope::Panels, Action::FocusNext, vec![], text("┏ 2 Objects"), vec![back()]),
        shows(Scope::Panels, Action::FocusPrevious, vec![], text("┏ 5 Inbox"), vec![back()]),
        shows(
            Scope::Panels,
            Action::Filter,
            vec![to("2", "┏ 2 Objects")],
            text("┃/"),
            vec![press("-07", text("1 of 30")), press(ESC, gone("1 of 30")), back()],
        ),
        shows(Scope::Panels, Action::Zoom, vec![], gone("2 Objects"), vec![press("z", home())]),
        // First the filter, then the marks, then the zoom.
        shows(
            Scope::Panels,
            Action::Back,
            vec![
                to("3", "┏ 3 Logs"),
                press("z", gone("2 Objects")),
                press("/", text("┃/")),
                press("REPORT", both(marked(), gone(" received pic-"))),
                press(ENTER, gone("┃/")),
            ],
            both(marked(), text(" received pic-")),
            vec![press(ESC, both(unmarked(), gone("2 Objects"))), press(ESC, text("2 Objects")), back()],
        ),
        // A preview that was refused is not asked for again by itself.
        shows(
            Scope::Panels,
            Action::Refresh,
            vec![
                Step::Trouble("s3", "GetObject", refused()),
                to("2", "┏ 2 Objects"),
                press("G", text("▸ pic-")),
                press("z", text("no preview:")),
                Step::Calm,
            ],
            text("PNG, 160 x 80 pixels"),
            vec![press("z", text("1 Uploads")), press("g", text("▸ pic-")), back()],
        ),
    ]
}

fn looks() -> Vec<Expectation> {
    vec![
        shows(
            Scope::Panels,
            Action::Mouse,
            vec![],
            both(text("mouse support is off"), wrote(b"\x1b[?1000l")),
            vec![press("M", wrote(b"\x1b[?1000h"))],
        ),
        shows(
            Scope::Panels,
            Action::Clock,
            vec![],
            both(text("timestamps: local time"), text("· local time ┐")),
            vec![press("T", text("· ago ┐")), press("T", text("· UTC ┐"))],
        ),
        shows(
            Scope::Panels,
            Action::Theme,
            vec![],
            both(text("theme: dark"), ground(Some(234))),
            vec![press("\u{14}", ground(Some(231))), press("\u{14}", ground(Some(16))), press("\u{14}", ground(None))],
        ),
    ]
}

fn copies() -> Vec<Expectation> {
    let object = || vec![to("2", "┏ 2 Objects"), press("o", on(0))];
    let rest = || vec![press("ooo", text("· newest")), back()];
    vec![
        // `pic-00.png` and `s3://images/pic-00.png` in Base64.
        shows(
            Scope::Panels,
            Action::Copy,
            object(),
            both(text("copied the key: pic-00.png"), wrote(b"\x1b]52;c;cGljLTAwLnBuZw==\x07")),
            rest(),
        ),
        shows(
            Scope::Panels,
            Action::CopyName,
            object(),
            both(
                text("copied the S3 URI: s3://images/pic-00.png"),
                wrote(b"\x1b]52;c;czM6Ly9pbWFnZXMvcGljLTAwLnBuZw==\x07"),
            ),
            rest(),
        ),
    ]
}

fn moves() -> Vec<Expectation> {
    let from = |keys: &'static str, place| {
        let first = vec![to("2", "┏ 2 Objects"), press("o", on(0))];
        let further = (!keys.is_empty()).then(|| press(keys, place));
        first.into_iter().chain(further).collect::<Vec<_>>()
    };
    let rest = || vec![press("g", on(0)), press("ooo", text("· newest")), back()];
    let moves = |action, before, then| shows(Scope::Panels, action, before, then, rest());
    let last = super::OBJECTS - 1;
    vec![
        moves(Action::Down, from("", on(0)), on(1)),
        moves(Action::Up, from("jj", on(2)), on(1)),
        moves(Action::Last, from("", on(0)), on(last)),
        shows(Scope::Panels, Action::First, from("jjj", on(3)), on(0), vec![press("ooo", text("· newest")), back()]),
        moves(Action::PageDown, from("", on(0)), both(beyond(1), Box::new(move |s, b| !on(last)(s, b)))),
        moves(Action::PageUp, from("G", on(last)), both(beyond(1), Box::new(move |s, b| !beyond(last - 2)(s, b)))),
    ]
}

fn leaving() -> Vec<Expectation> {
    let question = "One upload is not stored yet. Quit and cancel it?";
    let no = [press("n", gone(question))].into_iter().chain(no_longer_sending()).collect();
    vec![ends(Scope::Panels, Action::Quit, vec![]), shows(Scope::Panels, Action::Quit, sending(), text(question), no)]
}
