//! What the keys of forms, questions and texts bring about, and those of the first screen.

use imgwatch::action::Action;
use imgwatch::keymap::Scope;

use super::see::{at, both, bottom, gone, home, past, text};
use super::stage::{Effect, Expectation, Step, ends, press, refused, shows};
use crate::{ENTER, ESC};

pub(super) fn all() -> Vec<Expectation> {
    let parts = [reading(), doctor(), asking(), forms(), finding(), switching(), typing(), first_screen(), always()];
    parts.into_iter().flatten().collect()
}

fn help() -> Step {
    press("?", at(1))
}

fn close() -> Vec<Step> {
    vec![press(ESC, home())]
}

fn reading() -> Vec<Expectation> {
    let scope = Scope::Reading;
    let moves = |action, before: Vec<Step>, then| shows(scope, action, before, then, close());
    vec![
        shows(scope, Action::Back, vec![help()], home(), vec![]),
        shows(scope, Action::Back, vec![press(ENTER, text("┏ Upload ━"))], home(), vec![]),
        shows(scope, Action::Back, vec![press("!", text("┏ So far ━"))], home(), vec![]),
        moves(Action::Down, vec![help()], at(2)),
        moves(Action::Up, vec![help(), press("jjj", at(4))], at(3)),
        moves(Action::PageDown, vec![help()], past(5)),
        moves(Action::PageUp, vec![help(), press(" ", past(5))], at(1)),
        moves(Action::First, vec![help(), press("G", bottom())], at(1)),
        moves(Action::Last, vec![help()], bottom()),
        // In an upload's details it looks for that upload's key.
        moves(Action::Doctor, vec![press(ENTER, text("┏ Upload ━"))], both(text("┏ Doctor ━"), text("for pic-"))),
    ]
}

fn doctor() -> Vec<Expectation> {
    let healthy = || press("d", both(text("┏ Doctor ━"), text(" ok")));
    vec![
        shows(
            Scope::Doctor,
            Action::Details,
            vec![healthy()],
            text("┏ Check ━"),
            vec![press(ESC, text("┏ Doctor ━")), press(ESC, home())],
        ),
        // What could not be looked at can be by now.
        shows(
            Scope::Doctor,
            Action::Refresh,
            vec![
                Step::Trouble("lambda", "GetFunctionConfiguration", refused()),
                press("d", text("? could not look")),
                Step::Calm,
            ],
            both(text("┏ Doctor ━"), both(gone("? could not look"), text(" ok"))),
            close(),
        ),
    ]
}

fn asking() -> Vec<Expectation> {
    let question = "imgwatch-probe-<random>";
    let asked = || vec![press("p", text(question))];
    vec![
        shows(Scope::Asking, Action::Yes, asked(), text("probe on"), vec![press("p", gone("probe on"))]),
        shows(Scope::Asking, Action::No, asked(), both(home(), gone("probe …")), vec![]),
    ]
}

fn forms() -> Vec<Expectation> {
    let subscribe = || press("s", text("[email]"));
    vec![
        shows(
            Scope::UploadForm,
            Action::Complete,
            vec![press("u", text("┏ Upload ━")), Step::Type("{files}/aws-con", text("/aws-con"))],
            text("/aws-config"),
            close(),
        ),
        shows(Scope::SubscribeForm, Action::NextProtocol, vec![subscribe()], text("[email-json]"), close()),
        shows(
            Scope::SubscribeForm,
            Action::PreviousProtocol,
            vec![subscribe(), press("\t", text("[email-json]"))],
            text("[email]"),
            close(),
        ),
    ]
}

/// The first two actions, with Uploads focused.
const FIRST: &str = "▸ x ";
const SECOND: &str = "▸ o ";

fn finding() -> Vec<Expectation> {
    let palette = || press(":", text(FIRST));
    vec![
        shows(Scope::Finding, Action::Down, vec![palette()], text(SECOND), close()),
        shows(Scope::Finding, Action::Up, vec![palette(), press("\t", text(SECOND))], text(FIRST), close()),
    ]
}

fn switching() -> Vec<Expectation> {
    let form = || press("P", both(text("▸ profile  a "), text("> eu-west-1")));
    vec![
        shows(Scope::SwitchForm, Action::NextChoice, vec![form()], text("for profile b"), close()),
        shows(
            Scope::SwitchForm,
            Action::PreviousChoice,
            vec![form(), press("\u{1b}[B", text("for profile b"))],
            text("for profile a"),
            close(),
        ),
        shows(Scope::SwitchForm, Action::NextRegion, vec![form()], text("> eu-west-2"), close()),
        shows(Scope::SwitchForm, Action::PreviousRegion, vec![form()], text("> eu-central-1"), close()),
    ]
}

fn typing() -> Vec<Expectation> {
    let submits = |before, then, after| shows(Scope::Typing, Action::Submit, before, then, after);
    let closes = |key, title| shows(Scope::Typing, Action::Back, vec![press(key, text(title))], home(), vec![]);
    let narrowed = || vec![press("2", text("┏ 2 Objects")), press("/", text("┃/")), press("-07", text("1 of 30"))];
    vec![
        // The field closes, and the rows stay narrowed.
        submits(narrowed(), both(gone("┃/"), text("1 of 30")), vec![press(ESC, gone("1 of 30")), press("1", home())]),
        submits(
            vec![press(":", text("┏ Actions ━")), press("zoom", text("▸ z "))],
            both(gone("┏ Actions ━"), gone("2 Objects")),
            vec![press("z", home())],
        ),
        submits(
            vec![press("s", text("┏ Subscribe ━")), press("grace@example.com", text("✓ Enter"))],
            both(home(), text("2 pending")),
            vec![],
        ),
        closes("u", "┏ Upload ━"),
        closes("s", "┏ Subscribe ━"),
        closes(":", "┏ Actions ━"),
        closes("P", "┏ Profile and region ━"),
        shows(Scope::Typing, Action::Back, narrowed(), both(gone("┃/"), gone("1 of 30")), vec![press("1", home())]),
    ]
}

fn first_screen() -> Vec<Expectation> {
    let scope = Scope::FirstRun;
    vec![
        shows(scope, Action::StartLocal, vec![], both(text("┏ 1 Uploads"), text("LIVE")), vec![]),
        shows(scope, Action::Switch, vec![], text("┏ Profile and region ━"), vec![]),
        shows(scope, Action::Retry, vec![Step::OneStack], text("found.png"), vec![]),
        shows(scope, Action::Help, vec![], text("┏ Keys ━"), vec![]),
        ends(scope, Action::Quit, vec![]),
    ]
}

fn always() -> Vec<Expectation> {
    let form = || vec![press("s", text("An email address"))];
    vec![
        ends(Scope::Always, Action::QuitNow, vec![]),
        // Also where text is typed.
        ends(Scope::Always, Action::QuitNow, form()),
        Expectation {
            row: (Scope::Always, Action::Suspend),
            before: form(),
            effect: Effect::Suspends,
            after: Vec::new(),
        },
    ]
}
