//! Foreign text made harmless: what a bucket, a log or an error says must not drive the terminal or reorder the screen.
//!
//! Every string that came from outside is a [`Clean`] before the model holds it; `view/` shows foreign text only as that.

use std::fmt::{self, Write as _};
use std::sync::Arc;

/// Foreign text: what may be shown, and the original for use in requests.
///
/// Equality, order and hash are the original's, so that two keys which look alike stay two keys.
#[derive(Clone)]
pub struct Clean {
    shown: Arc<str>,
    /// Only where cleaning changed something.
    raw: Option<Arc<str>>,
}

impl Clean {
    /// One line of foreign text: a key, an endpoint, an error's text.
    pub fn new(raw: &str) -> Self {
        if raw.chars().any(is_harmful) {
            Self { shown: escape(raw).into(), raw: Some(raw.into()) }
        } else {
            Self { shown: raw.into(), raw: None }
        }
    }

    /// A log line: trailing line breaks and colour sequences go, tabs become spaces.
    pub fn log(raw: &str) -> Self {
        let text = strip_colours(raw.trim_end_matches(['\n', '\r'])).replace('\t', "  ");
        Self { shown: Self::new(&text).shown, raw: Some(raw.into()) }
    }

    /// What may be shown on a terminal.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The original, for requests and comparisons; never for a terminal.
    pub fn raw(&self) -> &str {
        self.raw.as_deref().unwrap_or(&self.shown)
    }
}

/// Whether a character must not reach a terminal.
///
/// Emoji joiners are among them: terminals disagree on the width of joined emoji, and columns must stay straight.
pub fn is_harmful(c: char) -> bool {
    imgwatch_shared::clean::is_hidden(c)
}

/// Harmful characters as visible escapes; everything else as it is.
fn escape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    for c in raw.chars() {
        match u32::from(c) {
            // Control pictures: one column each, so that a hostile key cannot push the rest of a row away.
            code @ 0..=0x1F => out.push(char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}')),
            0x7F => out.push('\u{2421}'),
            code if is_harmful(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{code:x}}}");
            }
            _ => out.push(c),
        }
    }
    out
}

/// Removes CSI sequences that end in `m`; other escapes are left for [`escape`] to show.
pub fn strip_colours(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find("\u{1b}[") {
        let (before, sequence) = rest.split_at(start);
        out.push_str(before);
        let parameters = sequence.strip_prefix("\u{1b}[").unwrap_or_default();
        let parameters = parameters.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';');
        if let Some(after) = parameters.strip_prefix('m') {
            rest = after;
        } else {
            out.push('\u{1b}');
            rest = sequence.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

impl Default for Clean {
    fn default() -> Self {
        Self::new("")
    }
}

impl From<&str> for Clean {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Clean {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.shown)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.raw())
    }
}

impl PartialEq for Clean {
    fn eq(&self, other: &Self) -> bool {
        self.raw() == other.raw()
    }
}

impl Eq for Clean {}

impl PartialOrd for Clean {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Clean {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.raw().cmp(other.raw())
    }
}

impl std::hash::Hash for Clean {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.raw().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_hostile_key_is_shown_harmlessly() {
        let key = Clean::new("\u{1b}]0;x\u{7}a\u{202e}gpj.exe\n.png");
        assert_eq!(key.shown(), "␛]0;x␇a\\u{202e}gpj.exe␊.png");
        assert_eq!(key.raw(), "\u{1b}]0;x\u{7}a\u{202e}gpj.exe\n.png");
    }

    #[test]
    fn log_lines_lose_colours_and_tabs_but_show_other_escapes() {
        assert_eq!(Clean::log("\u{1b}[1;31mred\u{1b}[0m\tx\u{1b}[2J\r\n").shown(), "red  x␛[2J");
        assert_eq!(Clean::log("\u{1b}[").shown(), "␛[");
        assert_eq!(Clean::log("\u{1b}[\u{1b}[31mred").shown(), "␛[red");
    }

    /// CloudWatch takes lines of a megabyte. Where each beginning was compared with all that follow, this took minutes.
    #[test]
    fn beginnings_of_colours_cost_what_the_line_is_long() {
        let began = std::time::Instant::now();
        assert!(Clean::log(&"\u{1b}[".repeat(512 * 1024)).shown().starts_with("␛[␛["));
        assert!(began.elapsed() < std::time::Duration::from_secs(20));
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_ever_shown(raw in any::<String>()) {
            prop_assert!(!Clean::new(&raw).shown().chars().any(is_harmful));
            prop_assert!(!Clean::log(&raw).shown().chars().any(is_harmful));
            let clean = Clean::new(&raw);
            prop_assert_eq!(clean.raw(), raw.as_str());
        }
    }
}
