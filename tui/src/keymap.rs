//! THE table of keys. Input, footer and help all read this one list, with the keys that the config file replaces.

pub mod action;
mod bind;
mod effective;
pub mod names;
mod scope;

use crate::keymap::action::{Action, Panel};
use crate::text::key::{Code, Key};

pub use bind::{KeyOverride, KeymapError, bind};
pub use effective::{CustomKeys, Keymap};
pub use scope::wider;

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Wherever panels have the keys.
    Panels,
    In(Panel),
    /// Where text is scrolled: details and help.
    Reading,
    /// In the list of doctor's checks.
    Doctor,
    /// The pipeline's list of resources.
    Pipeline,
    /// In the list of an object's versions.
    Versions,
    /// Where a question is asked.
    Asking,
    /// In every form with a text field.
    Typing,
    /// Where files are chosen.
    Choosing,
    /// The same, as long as no name is typed.
    Browsing,
    /// Where it is said how to upload what was chosen.
    Planning,
    SubscribeForm,
    /// Where an action is looked for by its name.
    Finding,
    /// On the screen that is shown while no pipeline is known.
    FirstRun,
    /// There, where the config file has pipelines to choose from.
    FirstChoice,
    /// Where a profile, a region or a pipeline is chosen.
    SwitchForm,
    /// Everywhere, whatever else is open.
    Always,
}

/// Where the scopes beyond those of panels hold, in words, in the order in which the help shows them.
pub const PLACES: [(Scope, &str); 15] = [
    (Scope::Reading, "In details and help"),
    (Scope::Doctor, "In the list of checks"),
    (Scope::Versions, "In the list of versions"),
    (Scope::Pipeline, "In the pipeline"),
    (Scope::Asking, "In a confirmation"),
    (Scope::Choosing, "In the file picker"),
    (Scope::Browsing, "In the file picker, while no name is typed"),
    (Scope::Planning, "In the upload form"),
    (Scope::SubscribeForm, "In the subscribe form"),
    (Scope::Finding, "In the action palette"),
    (Scope::SwitchForm, "In the switch form"),
    (Scope::FirstRun, "While no pipeline is known"),
    (Scope::FirstChoice, "While the config file's pipelines are listed"),
    (Scope::Typing, "In every text field"),
    (Scope::Always, "Always"),
];

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it holds.
    pub scope: Scope,
    /// The keys, unless the config file names others: [`Keymap::of`] knows those that hold.
    keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// A word for the footer; empty rows are only in the help.
    pub hint: &'static str,
    /// A line for the help.
    pub help: &'static str,
}

const fn row(scope: Scope, keys: &'static [Key], action: Action, hint: &'static str, help: &'static str) -> Binding {
    Binding { scope, keys, action, hint, help }
}

const fn c(c: char) -> Key {
    Key::char(c)
}

const UP: Key = Key::plain(Code::Up);
const DOWN: Key = Key::plain(Code::Down);
const ENTER: Key = Key::plain(Code::Enter);
const ESC: Key = Key::plain(Code::Esc);
const TAB: Key = Key::plain(Code::Tab);
const BACKSPACE: Key = Key::plain(Code::Backspace);
const LEFT: Key = Key::plain(Code::Left);
const RIGHT: Key = Key::plain(Code::Right);
const BACK_TAB: Key = Key::plain(Code::BackTab);
const HOME: Key = Key::plain(Code::Home);
const END: Key = Key::plain(Code::End);
const PAGE_UP: Key = Key::plain(Code::PageUp);
const PAGE_DOWN: Key = Key::plain(Code::PageDown);

/// Every key of the program.
#[rustfmt::skip]
pub const KEYMAP: &[Binding] = &[
    row(Scope::In(Panel::Uploads), &[c('x')], Action::CancelUpload, "cancel",
        "cancel the selected upload, or remove a failed one from the list"),
    row(Scope::In(Panel::Uploads), &[c('R')], Action::SendAgain, "retry",
        "retry the selected upload after it failed or was cancelled"),
    row(Scope::In(Panel::Uploads), &[Key::ctrl('r')], Action::SendAllAgain, "retry all",
        "retry all uploads that failed or were cancelled"),
    row(Scope::In(Panel::Uploads), &[c('X')], Action::CancelUploads, "",
        "cancel all uploads (asks first); with none running, remove the failed ones from the list"),
    row(Scope::In(Panel::Uploads), &[c('f')], Action::UploadState, "states",
        "show all uploads, or only those that failed, are waiting, late or unknown; the filter finds states, too"),
    row(Scope::In(Panel::Objects), &[c('D')], Action::Download, "download", "download the selected object"),
    row(Scope::In(Panel::Objects), &[c('x')], Action::CancelDownload, "cancel download",
        "cancel the downloads of the selected object and of its versions"),
    row(Scope::In(Panel::Objects), &[c('o')], Action::Sort, "sort", "sort by newest, key, size or oldest"),
    row(Scope::In(Panel::Objects), &[c('v')], Action::Versions, "versions",
        "list the versions of the selected object, each with its upload"),
    row(Scope::In(Panel::Logs), &[c(' ')], Action::Pause, "pause", "pause, or follow the newest line again"),
    row(Scope::In(Panel::Logs), &[c('w')], Action::Wrap, "wrap", "wrap or cut long lines"),
    row(Scope::In(Panel::Logs), &[c('n')], Action::NextMatch, "",
        "go to the next newer match of the filter, also after the filter is cleared"),
    row(Scope::In(Panel::Logs), &[c('N')], Action::PreviousMatch, "", "go to the next older match"),
    row(Scope::In(Panel::Logs), &[c('l')], Action::Severity, "levels",
        "show all lines, or only INFO, WARN or ERROR and above"),
    row(Scope::In(Panel::Logs), &[c('t')], Action::LiveTail, "live tail",
        "turn CloudWatch Live Tail (billed) on or off; it runs while an upload is in progress"),
    row(Scope::In(Panel::Subscriptions), &[c('x')], Action::Unsubscribe, "unsubscribe",
        "remove the selected subscription (asks first)"),
    row(Scope::In(Panel::Inbox), &[c('c')], Action::Confirm, "confirm",
        "confirm the subscription of the selected confirmation email"),

    row(Scope::Panels, &[c('u')], Action::Upload, "upload", "upload files, folders or a test image"),
    row(Scope::Panels, &[c('s')], Action::Subscribe, "subscribe", "subscribe an email address or another endpoint"),
    row(Scope::Panels, &[c('c')], Action::Confirm, "",
        "confirm a subscription with the link of its confirmation email"),
    row(Scope::Panels, &[c('p')], Action::Probe, "",
        "create a temporary probe queue to prove delivery (asks first), or remove it"),
    row(Scope::Panels, &[c('d')], Action::Doctor, "doctor",
        "diagnose the pipeline and suggest fixes; on an object, or a late or failed upload, check its key"),
    row(Scope::Panels, &[c('m')], Action::Pipeline, "",
        "show the pipeline: every resource, what leads to it, and its state"),
    row(Scope::Panels, &[ENTER], Action::Details, "details", "show the selected row in full"),
    row(Scope::Panels, &[c('/')], Action::Filter, "filter",
        "filter this panel by words; an exclamation mark before a word excludes it"),
    row(Scope::Panels, &[c('z')], Action::Zoom, "zoom", "toggle full screen"),
    row(Scope::Panels, &[c(':'), Key::ctrl('p')], Action::Palette, "actions", "find an action by name and run it"),
    row(Scope::Panels, &[c('y')], Action::Copy, "", "copy the key, line, endpoint or text of the selected row"),
    row(Scope::Panels, &[c('Y')], Action::CopyName, "", "copy its S3 URI, message id, request id or ARN"),
    row(Scope::Panels, &[c('!')], Action::History, "", "show past messages and errors"),
    row(Scope::Panels, &[c('M')], Action::Mouse, "", "turn mouse support off, to select text in the terminal, or on"),
    row(Scope::Panels, &[c('T')], Action::Clock, "", "show timestamps in UTC, in local time or as ages"),
    row(Scope::Panels, &[Key::ctrl('t')], Action::Theme, "", "change the theme: terminal, dark, light, contrast"),
    row(Scope::Panels, &[c('r')], Action::Refresh, "", "refresh"),
    row(Scope::Panels, &[TAB], Action::FocusNext, "", "go to the next panel"),
    row(Scope::Panels, &[BACK_TAB], Action::FocusPrevious, "", "go to the previous panel"),
    row(Scope::Panels, &[c('1')], Action::Focus(Panel::Uploads), "", "go to Uploads"),
    row(Scope::Panels, &[c('2')], Action::Focus(Panel::Objects), "", "go to Objects"),
    row(Scope::Panels, &[c('3')], Action::Focus(Panel::Logs), "", "go to Logs"),
    row(Scope::Panels, &[c('4')], Action::Focus(Panel::Subscriptions), "", "go to Subscriptions"),
    row(Scope::Panels, &[c('5')], Action::Focus(Panel::Inbox), "", "go to Inbox (local cloud)"),
    row(Scope::Panels, &[c('j'), DOWN], Action::Down, "", "one row down"),
    row(Scope::Panels, &[c('k'), UP], Action::Up, "", "one row up"),
    row(Scope::Panels, &[c('g'), HOME], Action::First, "", "the first row"),
    row(Scope::Panels, &[c('G'), END], Action::Last, "", "the last row"),
    row(Scope::Panels, &[PAGE_DOWN, Key::ctrl('d')], Action::PageDown, "", "one screen down"),
    row(Scope::Panels, &[PAGE_UP, Key::ctrl('u')], Action::PageUp, "", "one screen up"),
    row(Scope::Panels, &[c('P')], Action::Switch, "", "switch profile, region or pipeline"),
    row(Scope::Panels, &[ESC], Action::Back, "",
        "clear the filter, then the state in Uploads or the matches in Logs, then leave full screen"),
    row(Scope::Panels, &[c('?')], Action::Help, "help", "show all keys"),
    row(Scope::Panels, &[c('q')], Action::Quit, "quit", "quit (confirms while transfers are running)"),

    row(Scope::Reading, &[ESC, c('q'), ENTER], Action::Back, "close", "close"),
    row(Scope::Reading, &[c('c')], Action::Confirm, "confirm", "confirm the subscription of this confirmation email"),
    row(Scope::Reading, &[c('D')], Action::Download, "download", "in an object's details and in versions: download it"),
    row(Scope::Reading, &[c('x')], Action::CancelDownload, "cancel download",
        "in an object's details and in versions: cancel the downloads of its key"),
    row(Scope::Reading, &[c('v')], Action::Versions, "versions",
        "in an object's or an upload's details: list the versions of its key"),
    row(Scope::Reading, &[c('y')], Action::Copy, "copy",
        "copy the key, line, endpoint, text, version id or the commands of a check"),
    row(Scope::Reading, &[c('j'), DOWN], Action::Down, "down", "one row down"),
    row(Scope::Reading, &[c('k'), UP], Action::Up, "up", "one row up"),
    row(Scope::Reading, &[PAGE_DOWN, c(' '), Key::ctrl('d')], Action::PageDown, "more", "one screen down"),
    row(Scope::Reading, &[PAGE_UP, Key::ctrl('u')], Action::PageUp, "", "one screen up"),
    row(Scope::Reading, &[c('g'), HOME], Action::First, "", "the first row"),
    row(Scope::Reading, &[c('G'), END], Action::Last, "", "the last row"),
    row(Scope::Reading, &[c('Y')], Action::CopyName, "", "copy its S3 URI, message id, request id or ARN"),
    row(Scope::Reading, &[c('d')], Action::Doctor, "",
        "diagnose the pipeline and suggest fixes; in details of an object or an upload and in versions, check the key"),
    row(Scope::Reading, &[c('?')], Action::Help, "", "close this help"),

    row(Scope::Doctor, &[ENTER], Action::Details, "details", "show the selected check in full, with its suggested fix"),
    row(Scope::Doctor, &[c('r'), c('d')], Action::Refresh, "refresh", "run the checks again"),

    row(Scope::Versions, &[ENTER], Action::Details, "details", "show the selected version in full, with a preview"),
    row(Scope::Versions, &[c('1')], Action::Focus(Panel::Uploads), "upload",
        "go to the upload of the selected version, if known"),
    row(Scope::Versions, &[c('y')], Action::Copy, "copy id", "copy the id of the selected version"),
    row(Scope::Versions, &[c('r'), c('v')], Action::Refresh, "refresh", "refresh the list"),

    row(Scope::Pipeline, &[ENTER], Action::Details, "details", "show the selected resource in full"),
    row(Scope::Pipeline, &[c('3')], Action::Focus(Panel::Logs), "logs",
        "show the log lines of the selected function or log group alone"),
    row(Scope::Pipeline, &[c('r'), c('m')], Action::Refresh, "refresh", "read the pipeline again"),
    row(Scope::Pipeline, &[c('y')], Action::Copy, "copy name", "copy the name of the selected resource"),
    row(Scope::Pipeline, &[c('Y')], Action::CopyName, "copy ARN", "copy the ARN of the selected resource"),

    row(Scope::Asking, &[c('y')], Action::Yes, "yes", "confirm"),
    row(Scope::Asking, &[c('n'), ESC, ENTER, c('q')], Action::No, "no", "cancel"),
    row(Scope::Asking, &[PAGE_DOWN, c(' '), Key::ctrl('d')], Action::PageDown, "more", "one screen down"),
    row(Scope::Asking, &[PAGE_UP, Key::ctrl('u')], Action::PageUp, "", "one screen up"),
    row(Scope::Asking, &[c('j'), DOWN], Action::Down, "", "one row down"),
    row(Scope::Asking, &[c('k'), UP], Action::Up, "", "one row up"),

    row(Scope::Browsing, &[c(' ')], Action::Mark, "mark",
        "mark or unmark the file or folder; the keys of a folder begin with its name"),
    row(Scope::Browsing, &[BACKSPACE, LEFT], Action::Parent, "up", "go to the parent folder"),
    row(Scope::Browsing, &[RIGHT], Action::Enter, "", "open the folder"),
    row(Scope::Choosing, &[Key::ctrl(' ')], Action::Mark, "", "mark or unmark the file or folder"),
    row(Scope::Choosing, &[Key::ctrl('a')], Action::MarkAll, "mark all",
        "mark or unmark everything but links to folders; keys begin without this folder's name"),
    row(Scope::Choosing, &[Key::ctrl('o')], Action::LastFolder, "last folder",
        "go to the folder from which files were uploaded last"),
    row(Scope::Choosing, &[TAB], Action::Complete, "complete",
        "open the folder or complete the name; on the test image, enter its key"),
    row(Scope::Choosing, &[DOWN, Key::ctrl('n')], Action::Down, "", "one row down"),
    row(Scope::Choosing, &[UP, Key::ctrl('p')], Action::Up, "", "one row up"),
    row(Scope::Choosing, &[PAGE_DOWN], Action::PageDown, "", "one screen down"),
    row(Scope::Choosing, &[PAGE_UP], Action::PageUp, "", "one screen up"),
    row(Scope::Planning, &[TAB], Action::Overwrite, "overwrite", "overwrite or skip objects that already exist"),
    row(Scope::Planning, &[DOWN, Key::ctrl('n')], Action::Down, "", "one row down"),
    row(Scope::Planning, &[UP, Key::ctrl('p')], Action::Up, "", "one row up"),
    row(Scope::SubscribeForm, &[TAB, DOWN], Action::NextProtocol, "protocol", "the next protocol"),
    row(Scope::SubscribeForm, &[BACK_TAB, UP], Action::PreviousProtocol, "", "the previous protocol"),
    row(Scope::Finding, &[DOWN, Key::ctrl('n'), TAB], Action::Down, "down", "the next action"),
    row(Scope::Finding, &[UP, Key::ctrl('p'), BACK_TAB], Action::Up, "up", "the previous action"),
    row(Scope::SwitchForm, &[DOWN], Action::NextChoice, "choose", "the next profile or pipeline"),
    row(Scope::SwitchForm, &[UP], Action::PreviousChoice, "", "the previous profile or pipeline"),
    row(Scope::SwitchForm, &[TAB], Action::NextRegion, "region", "the next region; any region can be typed"),
    row(Scope::SwitchForm, &[BACK_TAB], Action::PreviousRegion, "", "the previous region"),
    row(Scope::FirstChoice, &[ENTER], Action::Submit, "watch", "watch the selected pipeline"),
    row(Scope::FirstChoice, &[DOWN, c('j')], Action::NextChoice, "choose", "the next pipeline of the config file"),
    row(Scope::FirstChoice, &[UP, c('k')], Action::PreviousChoice, "", "the previous pipeline of the config file"),
    row(Scope::FirstRun, &[c('l')], Action::StartLocal, "local cloud", "start a local cloud and watch its pipeline"),
    row(Scope::FirstRun, &[c('P')], Action::Switch, "profile", "choose a profile, region or pipeline"),
    row(Scope::FirstRun, &[c('r')], Action::Retry, "retry", "look for the pipeline again"),
    row(Scope::FirstRun, &[c('?')], Action::Help, "help", "show all keys"),
    row(Scope::FirstRun, &[c('q')], Action::Quit, "quit", "quit"),
    row(Scope::Typing, &[ENTER], Action::Submit, "submit", "submit the form"),
    row(Scope::Typing, &[ESC], Action::Back, "cancel",
        "close the form; in the file picker, first clear the text, then the marks"),
    row(Scope::Typing, &[PAGE_DOWN], Action::PageDown, "more", "one screen down"),
    row(Scope::Typing, &[PAGE_UP], Action::PageUp, "", "one screen up"),

    row(Scope::Always, &[Key::ctrl('c')], Action::QuitNow, "", "quit at once"),
    row(Scope::Always, &[Key::ctrl('z')], Action::Suspend, "", "suspend; the shell's fg resumes"),
];

impl Binding {
    /// The table's own keys; the first is the one that is shown.
    pub fn usual(&self) -> &'static [Key] {
        self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_scope_binds_a_key_twice() {
        for (index, a) in KEYMAP.iter().enumerate() {
            for b in KEYMAP.iter().skip(index + 1).filter(|b| b.scope == a.scope) {
                assert!(!a.keys.iter().any(|key| b.keys.contains(key)), "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn every_row_explains_itself() {
        assert!(KEYMAP.iter().all(|binding| !binding.help.is_empty() && !binding.keys.is_empty()));
    }
}
