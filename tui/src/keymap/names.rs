//! What places, actions and keys are called in the config file.
//!
//! Config files hold these names, so they are written out here and do not follow the names in the code.
//! `tests/contracts/keys.json` lists them, and `docs/keys.md` shows them.

use std::str::FromStr;

use super::{KEYMAP, Scope};
use crate::keymap::action::{Action, Panel};
use crate::text::key::{Code, Key};

/// Keys that are no characters, by the names that the screen shows; arrows also by words, which are easier to type.
const NAMED: [(&str, Code); 19] = [
    ("space", Code::Char(' ')),
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pgup", Code::PageUp),
    ("pgdn", Code::PageDown),
    ("↑", Code::Up),
    ("↓", Code::Down),
    ("←", Code::Left),
    ("→", Code::Right),
];

/// The highest function key.
const F_KEYS: u8 = 12;

/// `[keys.NAME]` of a place.
pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Panels => "panels",
        Scope::In(Panel::Uploads) => "uploads",
        Scope::In(Panel::Objects) => "objects",
        Scope::In(Panel::Logs) => "logs",
        Scope::In(Panel::Subscriptions) => "subscriptions",
        Scope::In(Panel::Inbox) => "inbox",
        Scope::Reading => "details",
        Scope::Doctor => "doctor",
        Scope::Pipeline => "pipeline",
        Scope::Versions => "versions",
        Scope::Asking => "confirm",
        Scope::Typing => "input",
        Scope::Choosing => "file-picker",
        Scope::Browsing => "file-picker-list",
        Scope::Planning => "upload-form",
        Scope::SubscribeForm => "subscribe-form",
        Scope::Finding => "palette",
        Scope::FirstRun => "first-run",
        Scope::FirstChoice => "first-run-pipelines",
        Scope::SwitchForm => "switch-form",
        Scope::Always => "always",
    }
}

pub fn action(action: Action) -> &'static str {
    match action {
        Action::Quit => "quit",
        Action::QuitNow => "quit-now",
        Action::Suspend => "suspend",
        Action::Help => "help",
        Action::Back => "back",
        Action::Focus(Panel::Uploads) => "focus-uploads",
        Action::Focus(Panel::Objects) => "focus-objects",
        Action::Focus(Panel::Logs) => "focus-logs",
        Action::Focus(Panel::Subscriptions) => "focus-subscriptions",
        Action::Focus(Panel::Inbox) => "focus-inbox",
        Action::FocusNext => "focus-next",
        Action::FocusPrevious => "focus-previous",
        Action::Zoom => "zoom",
        Action::Refresh => "refresh",
        Action::Filter => "filter",
        Action::Up => "up",
        Action::Down => "down",
        Action::PageUp => "page-up",
        Action::PageDown => "page-down",
        Action::First => "first",
        Action::Last => "last",
        Action::Details => "details",
        Action::Upload => "upload",
        Action::CancelUpload => "cancel-upload",
        Action::CancelUploads => "cancel-uploads",
        Action::SendAgain => "send-again",
        Action::SendAllAgain => "send-all-again",
        Action::Download => "download",
        Action::CancelDownload => "cancel-download",
        Action::Versions => "versions",
        Action::Sort => "sort",
        Action::UploadState => "upload-state",
        Action::Pause => "pause",
        Action::Wrap => "wrap",
        Action::NextMatch => "next-match",
        Action::PreviousMatch => "previous-match",
        Action::Severity => "severity",
        Action::Clock => "clock",
        Action::Theme => "theme",
        Action::Copy => "copy",
        Action::CopyName => "copy-name",
        Action::Mouse => "mouse",
        Action::History => "history",
        Action::Palette => "palette",
        Action::LiveTail => "live-tail",
        Action::Subscribe => "subscribe",
        Action::Unsubscribe => "unsubscribe",
        Action::Confirm => "confirm",
        Action::Probe => "probe",
        Action::Doctor => "doctor",
        Action::Pipeline => "pipeline",
        Action::Submit => "submit",
        Action::Complete => "complete",
        Action::Enter => "enter",
        Action::Parent => "parent",
        Action::LastFolder => "last-folder",
        Action::Mark => "mark",
        Action::MarkAll => "mark-all",
        Action::Overwrite => "overwrite",
        Action::NextProtocol => "next-protocol",
        Action::PreviousProtocol => "previous-protocol",
        Action::Switch => "switch",
        Action::StartLocal => "start-local",
        Action::Retry => "retry",
        Action::NextRegion => "next-region",
        Action::PreviousRegion => "previous-region",
        Action::NextChoice => "next-choice",
        Action::PreviousChoice => "previous-choice",
        Action::Yes => "yes",
        Action::No => "no",
    }
}

/// The places of the table, in its order.
pub fn scopes() -> Vec<Scope> {
    let mut scopes = Vec::new();
    for row in KEYMAP {
        if !scopes.contains(&row.scope) {
            scopes.push(row.scope);
        }
    }
    scopes
}

/// Reads a key as the screen shows it, in upper or lower case: `ctrl-x`, `alt-x`, `shift-tab`, `space`, `f1`, `U`.
impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut rest, mut ctrl, mut alt) = (text, false, false);
        loop {
            if let Some(after) = without(rest, "ctrl-").filter(|_| !ctrl) {
                (rest, ctrl) = (after, true);
            } else if let Some(after) = without(rest, "alt-").filter(|_| !alt) {
                (rest, alt) = (after, true);
            } else {
                break;
            }
        }
        let code = code(rest).ok_or_else(|| {
            let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).filter(|name| name.is_ascii()).collect();
            format!(
                "unknown key {text:?}; write a character, f1 to f{F_KEYS}, or {}, with an optional ctrl- or alt- \
                 prefix",
                names.join(", ")
            )
        })?;
        let code = if ctrl { told_apart(code, text)? } else { code };
        Ok(Self { code, ctrl, alt })
    }
}

fn without<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    (start.eq_ignore_ascii_case(prefix) && !rest.is_empty()).then_some(rest)
}

fn code(text: &str) -> Option<Code> {
    let mut characters = text.chars();
    if let (Some(c), None) = (characters.next(), characters.next())
        && !c.is_control()
        && !NAMED.iter().any(|(name, _)| *name == text)
    {
        return Some(Code::Char(c));
    }
    let lower = text.to_lowercase();
    let named = NAMED.iter().find(|(name, _)| *name == lower).map(|(_, code)| *code);
    let number = || lower.strip_prefix('f')?.parse().ok().filter(|number| (1..=F_KEYS).contains(number));
    named.or_else(|| number().map(Code::F))
}

/// With Ctrl, terminals send only letters and Space as something of their own, and some of the letters as other keys.
fn told_apart(code: Code, text: &str) -> Result<Code, String> {
    let sent = |which: &str, key: &str| {
        Err(format!("{which} send {text:?} as {key}; write {}, or choose another key", key.to_lowercase()))
    };
    match code {
        Code::Char('i' | 'I') => sent("terminals", "Tab"),
        Code::Char('m' | 'M') => sent("terminals", "Enter"),
        Code::Char('j' | 'J') => sent("many terminals", "Enter"),
        Code::Char('h' | 'H') => sent("many terminals", "Backspace"),
        Code::Char(' ') => Ok(code),
        Code::Char(c) if c.is_ascii_alphabetic() => Ok(Code::Char(c.to_ascii_lowercase())),
        Code::Char(_) | Code::Enter | Code::Esc | Code::Tab | Code::BackTab | Code::Backspace => {
            Err(format!("terminals cannot tell {text:?} from the key without Ctrl; choose another key"))
        }
        code => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_and_every_action_of_a_place_has_a_name_of_its_own() {
        let names: Vec<&str> = scopes().into_iter().map(scope).collect();
        for (index, name) in names.iter().enumerate() {
            assert!(!names[index + 1..].contains(name), "{name} twice");
        }
        for (index, row) in KEYMAP.iter().enumerate() {
            let twice = KEYMAP[index + 1..].iter().find(|other| other.scope == row.scope && other.action == row.action);
            assert!(twice.is_none(), "{row:?} and {twice:?}: the config file could not tell them apart");
        }
    }

    #[test]
    fn every_key_is_read_as_it_is_shown() {
        for key in KEYMAP.iter().flat_map(|row| row.keys) {
            assert_eq!(key.to_string().parse(), Ok(*key), "{key}");
        }
        let cases = [
            ("U", Key::char('U')),
            (" ", Key::char(' ')),
            ("ctrl-X", Key::ctrl('x')),
            ("Ctrl-Space", Key::ctrl(' ')),
            ("alt-U", Key { alt: true, ..Key::char('U') }),
            ("alt--", Key { alt: true, ..Key::char('-') }),
            ("ctrl-alt-x", Key { alt: true, ..Key::ctrl('x') }),
            ("-", Key::char('-')),
            ("F12", Key::plain(Code::F(12))),
            ("f", Key::char('f')),
            ("PGDN", Key::plain(Code::PageDown)),
            ("Down", Key::plain(Code::Down)),
            ("é", Key::char('é')),
        ];
        for (text, key) in cases {
            assert_eq!(text.parse(), Ok(key), "{text}");
            assert_eq!(key.to_string().parse(), Ok(key), "{key}");
        }
    }

    #[test]
    fn what_is_no_key_or_comes_as_another_one_is_refused() {
        for text in ["", "pageup", "f0", "f13", "ctrl-", "uu", "\t", "shift-u"] {
            let error = text.parse::<Key>().unwrap_err();
            assert!(error.contains("unknown key"), "{text}: {error}");
        }
        for (text, word) in [
            ("ctrl-i", "as Tab; write tab,"),
            ("Ctrl-M", "as Enter; write enter,"),
            ("ctrl-j", "as Enter; write enter,"),
            ("Ctrl-H", "as Backspace; write backspace,"),
            ("alt-ctrl-h", "as Backspace"),
            ("ctrl-[", "without Ctrl"),
            ("ctrl-tab", "without Ctrl"),
        ] {
            let error = text.parse::<Key>().unwrap_err();
            assert!(error.contains(word) && error.contains("choose another key"), "{text}: {error}");
        }
    }
}
