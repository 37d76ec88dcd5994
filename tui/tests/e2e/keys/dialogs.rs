//! What the keys of forms, questions and texts bring about, and those of the first screen.

use imgwatch::keymap::Scope;
use imgwatch::keymap::action::Action;
use imgwatch::keymap::action::Panel;

use super::see::{at, both, bottom, gone, home, no_probe, past, text, wrote};
use super::stage::{Effect, Expectation, Step, ends, never, press, refused, shows};
use crate::{ENTER, ESC};

pub(super) fn all() -> Vec<Expectation> {
    let parts = [
        reading(),
        doctor(),
        pipeline(),
        versions(),
        asking(),
        subscribing(),
        finding(),
        switching(),
        typing(),
        first_screen(),
        always(),
    ];
    parts.into_iter().flatten().collect()
}

fn help() -> Step {
    press("?", at(1))
}

pub(super) fn close() -> Vec<Step> {
    vec![press(ESC, home())]
}

fn reading() -> Vec<Expectation> {
    let scope = Scope::Reading;
    let moves = |action, before: Vec<Step>, then| shows(scope, action, before, then, close());
    vec![
        shows(scope, Action::Back, vec![help()], home(), vec![]),
        shows(scope, Action::Back, vec![press(ENTER, text("┏ Upload ━"))], home(), vec![]),
        shows(scope, Action::Back, vec![press("!", text("┏ Messages ━"))], home(), vec![]),
        moves(Action::Down, vec![help()], at(2)),
        moves(Action::Up, vec![help(), press("jjj", at(4))], at(3)),
        moves(Action::PageDown, vec![help()], past(5)),
        moves(Action::PageUp, vec![help(), press(" ", past(5))], at(1)),
        moves(Action::First, vec![help(), press("G", bottom())], at(1)),
        moves(Action::Last, vec![help()], bottom()),
        shows(
            scope,
            Action::Copy,
            vec![press(ENTER, text("┏ Upload ━"))],
            both(text("copied the key: pic-"), wrote(b"\x1b]52;c;")),
            close(),
        ),
        shows(
            scope,
            Action::CopyName,
            vec![press(ENTER, text("┏ Upload ━"))],
            both(text("copied the message id: "), wrote(b"\x1b]52;c;")),
            close(),
        ),
        shows(
            scope,
            Action::Confirm,
            vec![press("5", text("┏ 5 Inbox")), press("g", text("▸")), press(ENTER, text("press c to confirm"))],
            text("Confirm the subscription of ada@example.com?"),
            [returns("n", "┏ Confirm", "┏ Message ━"), vec![press(ESC, gone("┏ Message ━")), press("1", home())]]
                .into_iter()
                .flatten()
                .collect(),
        ),
        shows(
            scope,
            Action::Download,
            vec![press("2", text("┏ 2 Objects")), press(ENTER, text("┏ Object ━"))],
            both(text("┏ Download ━"), text("Enter downloads the object")),
            [returns(ESC, "┏ Download ━", "┏ Object ━"), vec![press(ESC, gone("┏ Object ━")), press("1", home())]]
                .into_iter()
                .flatten()
                .collect(),
        ),
        shows(
            scope,
            Action::CancelDownload,
            vec![
                Step::Trouble("s3", "GetObject", never()),
                press("2", text("┏ 2 Objects")),
                press("D", text("┏ Download ━")),
                press("\u{15}~/album\r", text("downloading 0%")),
                press("v", both(text("┏ Versions ━"), text("download    waiting for data"))),
            ],
            text("cancelled the download of pic-"),
            vec![press(ESC, gone("┏ Versions ━")), press("1", home()), Step::Calm],
        ),
        shows(scope, Action::Help, vec![help()], home(), vec![]),
        shows(scope, Action::Help, vec![press("!", text("┏ Messages ━"))], text("┏ Keys ━"), close()),
        shows(
            scope,
            Action::Versions,
            vec![press(ENTER, text("┏ Upload ━"))],
            both(text("┏ Versions ━"), text("1 version")),
            returns(ESC, "┏ Versions ━", "┏ Upload ━").into_iter().chain(close()).collect(),
        ),
        // In an upload's details it looks for that upload's key.
        shows(
            scope,
            Action::Doctor,
            vec![press(ENTER, text("┏ Upload ━"))],
            both(text("┏ Doctor ━"), text("for pic-")),
            returns(ESC, "┏ Doctor ━", "┏ Upload ━").into_iter().chain(close()).collect(),
        ),
    ]
}

/// This key closes the one, and the other, which it was opened over, is there again.
fn returns(key: &'static str, closes: &'static str, comes_back: &'static str) -> Vec<Step> {
    vec![press(key, both(gone(closes), text(comes_back)))]
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
                press("d", text("? not checked")),
                Step::Calm,
            ],
            both(text("┏ Doctor ━"), both(gone("? not checked"), text(" ok"))),
            close(),
        ),
    ]
}

fn pipeline() -> Vec<Expectation> {
    let scope = Scope::Pipeline;
    let list = || press("m", both(text("┏ Pipeline ━"), text("→ topic image-uploads")));
    vec![
        shows(
            scope,
            Action::Details,
            vec![list()],
            text("┏ Resource ━"),
            vec![press(ESC, text("┏ Pipeline ━")), press(ESC, home())],
        ),
        shows(scope, Action::Copy, vec![list()], both(text("copied the name: images"), wrote(b"\x1b]52;c;")), close()),
        shows(
            scope,
            Action::CopyName,
            vec![list(), press("j", text("┏ Pipeline ━"))],
            both(text("copied the ARN: arn:aws:"), wrote(b"\x1b]52;c;")),
            close(),
        ),
        shows(
            scope,
            Action::Focus(Panel::Logs),
            vec![list(), press("j", text("┏ Pipeline ━"))],
            text("┏ 3 Logs ━"),
            vec![press("1", home())],
        ),
        // What was not allowed is by now.
        shows(
            scope,
            Action::Refresh,
            vec![
                Step::Trouble("sns", "ListSubscriptionsByTopic", refused()),
                press("m", text("sns:ListSubscriptionsByTopic is not allowed")),
                Step::Calm,
            ],
            both(text("┏ Pipeline ━"), gone("is not allowed")),
            close(),
        ),
    ]
}

/// On a screen that is too small for a long question or form.
pub(super) fn squeezed(steps: Vec<Step>) -> Vec<Step> {
    steps.into_iter().chain([Step::Resize(30, 12), press("", at(1))]).collect()
}

/// On a screen of the usual size again.
pub(super) fn unsqueezed(steps: Vec<Step>) -> Vec<Step> {
    [Step::Resize(120, 40), press("", text("images → ImageUploadProcessor → image-uploads"))]
        .into_iter()
        .chain(steps)
        .collect()
}

fn versions() -> Vec<Expectation> {
    let scope = Scope::Versions;
    let list = || vec![press("2", text("┏ 2 Objects")), press("v", both(text("1 version"), text("✓ published")))];
    let back = || vec![press(ESC, gone("┏ Versions ━")), press("1", home())];
    vec![
        shows(
            scope,
            Action::Details,
            list(),
            both(text("┏ Version ━"), text("state       current")),
            [press(ESC, text("┏ Versions ━"))].into_iter().chain(back()).collect(),
        ),
        shows(scope, Action::Focus(Panel::Uploads), list(), home(), vec![]),
        shows(scope, Action::Copy, list(), both(text("copied the version id: "), wrote(b"\x1b]52;c;")), back()),
        // What was not allowed is by now.
        shows(
            scope,
            Action::Refresh,
            vec![
                Step::Trouble("s3", "ListObjectVersions", refused()),
                press("2", text("┏ 2 Objects")),
                press("v", text("s3:ListBucketVersions is not allowed")),
                Step::Calm,
            ],
            both(text("1 version"), gone("is not allowed")),
            back(),
        ),
    ]
}

fn asking() -> Vec<Expectation> {
    let scope = Scope::Asking;
    let question = "imgwatch-probe-<random>";
    let asked = || vec![press("p", text(question))];
    let small = || squeezed(asked());
    let further = |keys, then| small().into_iter().chain([press(keys, then)]).collect::<Vec<_>>();
    let moves = |action, before, then| shows(scope, action, before, then, unsqueezed(close()));
    vec![
        shows(scope, Action::Yes, asked(), text("probe on"), vec![press("p", no_probe())]),
        shows(scope, Action::No, asked(), both(home(), gone("probe …")), vec![]),
        moves(Action::Down, small(), at(2)),
        moves(Action::Up, further("jj", at(3)), at(2)),
        moves(Action::PageDown, small(), past(5)),
        moves(Action::PageUp, further(" ", past(5)), at(1)),
    ]
}

fn subscribing() -> Vec<Expectation> {
    let scope = Scope::SubscribeForm;
    let form = || press("s", text("[email]"));
    let next = press("\t", text("[email-json]"));
    vec![
        shows(scope, Action::NextProtocol, vec![form()], text("[email-json]"), close()),
        shows(scope, Action::PreviousProtocol, vec![form(), next], text("[email]"), close()),
    ]
}

/// The first two actions, with Uploads focused.
const FIRST: &str = "▸ x ";
const SECOND: &str = "▸ R ";

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
        shows(Scope::SwitchForm, Action::NextChoice, vec![form()], text("to profile b"), close()),
        shows(
            Scope::SwitchForm,
            Action::PreviousChoice,
            vec![form(), press("\u{1b}[B", text("to profile b"))],
            text("to profile a"),
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
    let (scope, choice) = (Scope::FirstRun, Scope::FirstChoice);
    vec![
        shows(choice, Action::NextChoice, vec![], text("▸ live"), vec![]),
        shows(choice, Action::PreviousChoice, vec![press("j", text("▸ live"))], text("▸ dev"), vec![]),
        shows(choice, Action::Submit, vec![], text("found.png"), vec![]),
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
