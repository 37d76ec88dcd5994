//! Notifications, sent to the terminal: its bell, or a notification of the desktop (OSC 9).
//!
//! Inside tmux and screen, a notification is handed through to the terminal around them; tmux does so where its option
//! `allow-passthrough` is on.

use crate::domain::display::Notify;
use crate::text::clean::Clean;

/// The sequence that calls with a text.
pub(crate) fn call(how: Notify, text: &Clean) -> String {
    sequence(how, text, |name| std::env::var(name).ok())
}

fn sequence(how: Notify, text: &Clean, variable: impl Fn(&str) -> Option<String>) -> String {
    let set = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let osc_9 = || format!("\u{1b}]9;{}\u{7}", text.shown());
    match how {
        Notify::None => String::new(),
        Notify::Bell => "\u{7}".to_owned(),
        // Inside of the wrapping, tmux reads every escape character twice.
        Notify::Osc9 if set("TMUX") => format!("\u{1b}Ptmux;{}\u{1b}\\", osc_9().replace('\u{1b}', "\u{1b}\u{1b}")),
        Notify::Osc9 if set("STY") => format!("\u{1b}P{}\u{1b}\\", osc_9()),
        Notify::Osc9 => osc_9(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(how: Notify, text: &str, set: &str) -> String {
        sequence(how, &text.into(), |name| (name == set).then(|| "yes".to_owned()))
    }

    #[test]
    fn each_way_has_its_bytes() {
        assert_eq!(written(Notify::None, "x", ""), "");
        assert_eq!(written(Notify::Bell, "x", "TMUX"), "\u{7}");
        assert_eq!(written(Notify::Osc9, "x", ""), "\u{1b}]9;x\u{7}");
        assert_eq!(written(Notify::Osc9, "x", "TMUX"), "\u{1b}Ptmux;\u{1b}\u{1b}]9;x\u{7}\u{1b}\\");
        assert_eq!(written(Notify::Osc9, "x", "STY"), "\u{1b}P\u{1b}]9;x\u{7}\u{1b}\\");
    }

    #[test]
    fn a_text_cannot_end_the_sequence() {
        let text = written(Notify::Osc9, "a\u{7}\u{1b}]52;c;x\u{9c}\u{7}", "");
        assert_eq!(text.matches(['\u{1b}', '\u{7}', '\u{9c}']).count(), 2, "{text:?}");
    }
}
