//! How the screen looks: the theme, how many colours the terminal has, whether it can show more than ASCII, and how
//! times are shown. Data only; `view/paint` paints by it.

use crate::domain::display::{Clock, Theme};
use jiff::tz::TimeZone;

/// What the user chose and the terminal can do.
#[derive(Debug, Clone, Default)]
pub struct DisplaySettings {
    /// The colours of the roles.
    pub theme: Theme,
    /// How many colours there are.
    pub depth: Depth,
    /// Whether `NO_COLOR` takes them away.
    pub no_color: bool,
    /// Whether only ASCII can be shown.
    pub ascii: bool,
    /// The timestamp format.
    pub clock: Clock,
    pub zone: Option<TimeZone>,
    /// Whether the mouse is left to the terminal, to select text with.
    pub mouse_off: bool,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Depth {
    /// None, or none are wanted.
    None,
    #[default]
    Sixteen,
    /// 256 or more.
    Many,
}

impl DisplaySettings {
    /// What the environment says of the terminal.
    ///
    /// `NO_COLOR` takes the colours away. A locale that names a character set other than UTF-8, or `C`, takes everything
    /// but ASCII away; where no locale is set at all, as in many containers, nothing is known against UTF-8.
    pub fn from_environment(theme: Theme, variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let many = set("COLORTERM").is_some_and(|value| value.contains("truecolor") || value.contains("24bit"))
            || ["256", "direct", "kitty", "alacritty", "ghostty", "wezterm", "foot"]
                .iter()
                .any(|part| term.contains(part));
        let no_color = set("NO_COLOR").is_some();
        let depth = match (no_color || term == "dumb", many) {
            (true, _) => Depth::None,
            (false, true) => Depth::Many,
            (false, false) => Depth::Sixteen,
        };
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let ascii = set("IMGWATCH_ASCII").is_some()
            || locale.is_some_and(|locale| {
                let locale = locale.to_ascii_lowercase();
                !locale.contains("utf-8") && !locale.contains("utf8")
            });
        Self { theme, depth, no_color, ascii, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> DisplaySettings {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        DisplaySettings::from_environment(Theme::Terminal, variable)
    }

    #[test]
    fn the_environment_decides_colours() {
        assert_eq!(settings(&[("TERM", "xterm-256color")]).depth, Depth::Many);
        assert_eq!(settings(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]).depth, Depth::Many);
        assert_eq!(settings(&[("TERM", "linux")]).depth, Depth::Sixteen);
        assert_eq!(settings(&[("TERM", "dumb")]).depth, Depth::None);
        assert_eq!(settings(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]).depth, Depth::None);
        let by_whom = |variables| settings(variables).no_color;
        assert!(by_whom(&[("TERM", "dumb"), ("NO_COLOR", "1")]) && !by_whom(&[("TERM", "dumb")]));
        assert_eq!(settings(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]).depth, Depth::Many, "empty means not set");
    }

    #[test]
    fn the_first_locale_that_is_set_decides_glyphs() {
        assert!(!settings(&[]).ascii);
        assert!(!settings(&[("LANG", "en_GB.UTF-8")]).ascii);
        assert!(!settings(&[("LANG", "C.utf8")]).ascii);
        assert!(settings(&[("LANG", "C")]).ascii);
        assert!(settings(&[("LANG", "de_DE.ISO-8859-1")]).ascii);
        assert!(settings(&[("LC_ALL", "POSIX"), ("LANG", "en_GB.UTF-8")]).ascii);
        assert!(settings(&[("LANG", "en_GB.UTF-8"), ("IMGWATCH_ASCII", "1")]).ascii);
    }

    #[test]
    fn themes_go_round() {
        assert_eq!(Theme::ALL.map(Theme::next), [Theme::Dark, Theme::Light, Theme::Contrast, Theme::Terminal]);
    }
}
