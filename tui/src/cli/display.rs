//! Flags of the dashboard, and what it begins with: a flag, else a variable, else the config file, else the usual.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::Cli;
use super::sources::{Origin, Sourced};
use crate::config::Opening;
use crate::config::dashboard::Dashboard;
use crate::config::file::Choice;
use crate::domain::display::{Clock, Notify, Theme};
use crate::keymap::{Keymap, KeymapError, bind};
use crate::text::clean::Clean;

/// Flags of the dashboard.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Dashboard")]
pub struct DisplayArgs {
    /// Colours of the dashboard [default: terminal]
    ///
    /// `terminal` uses the terminal's sixteen colours and its background. Ctrl-T changes the theme. NO_COLOR turns colours
    /// off. If the locale is not UTF-8, or IMGWATCH_ASCII is set, only ASCII is drawn.
    #[arg(long, value_name = "NAME", env = "IMGWATCH_THEME", hide_env_values = true,
        value_parser = words(Theme::ALL, Theme::word))]
    pub theme: Option<Theme>,

    /// Timestamp format [default: utc]
    #[arg(long, value_name = "NAME", env = "IMGWATCH_CLOCK", hide_env_values = true,
        value_parser = words(Clock::ALL, Clock::name))]
    pub clock: Option<Clock>,

    /// Mouse support; `off` leaves the mouse to the terminal [default: on]
    #[arg(long, value_name = "ON", env = "IMGWATCH_MOUSE", hide_env_values = true, value_parser = switch())]
    pub mouse: Option<bool>,

    /// Notify when an upload fails or an image is uploaded elsewhere [default: none]
    ///
    /// `osc9` sends a desktop notification through the terminal (iTerm2, WezTerm, Ghostty); tmux needs
    /// `set -g allow-passthrough on`. `bell` rings the terminal's bell. Nothing is sent within ten seconds of a key press or
    /// a mouse event, and a burst of events sends one notification.
    #[arg(long, value_name = "HOW", env = "IMGWATCH_NOTIFY", hide_env_values = true,
        value_parser = words(Notify::ALL, Notify::word))]
    pub notify: Option<Notify>,

    /// Ask before the first upload to AWS, naming the subscribers [default: on]
    ///
    /// Every image that the function publishes goes to the subscribers of the topic. The dashboard asks once for each
    /// pipeline that is watched, and not for the local cloud. The command `upload` never asks.
    #[arg(long, value_name = "ON", env = "IMGWATCH_CONFIRM_UPLOAD", hide_env_values = true, value_parser = switch())]
    pub confirm_upload: Option<bool>,
}

/// A parser for one of some words.
pub(super) fn words<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.map(word))
        .try_map(move |found| all.into_iter().find(|one| word(*one) == found).ok_or("no such word"))
}

/// A parser for what is on or off. Variables are often set to 1 or true.
pub(super) fn switch() -> impl TypedValueParser<Value = bool> {
    let (on, off) = (PossibleValue::new("on").aliases(ON), PossibleValue::new("off").aliases(["false", "0", "no"]));
    PossibleValuesParser::new([on, off]).map(|word| word == "on" || ON.contains(&word.as_str()))
}

/// Other words for on.
const ON: [&str; 3] = ["true", "1", "yes"];

/// What a switch is called.
pub(crate) fn on_or_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

/// What the dashboard begins with, each with where it came from.
#[derive(Debug, Clone)]
pub(crate) struct SourcedDisplay {
    pub(crate) theme: Sourced<Theme>,
    pub(crate) clock: Sourced<Clock>,
    pub(crate) mouse: Sourced<bool>,
    pub(crate) live_tail: Sourced<bool>,
    pub(crate) notify: Sourced<Notify>,
    pub(crate) confirm_upload: Sourced<bool>,
}

impl Cli {
    /// What the dashboard begins with.
    pub(crate) fn sourced_display(&self) -> SourcedDisplay {
        let file = self.file.file.as_ref().map(|file| file.dashboard.clone()).unwrap_or_default();
        let Dashboard { theme, clock, mouse, live_tail, notify, confirm_upload } = file;
        let given = &self.display;
        SourcedDisplay {
            theme: self.choose("theme", given.theme, theme, Theme::default()),
            clock: self.choose("clock", given.clock, clock, Clock::default()),
            mouse: self.choose("mouse", given.mouse, mouse, true),
            live_tail: self.choose("live_tail", self.live_tail, live_tail, false),
            notify: self.choose("notify", given.notify, notify, Notify::default()),
            confirm_upload: self.choose("confirm_upload", given.confirm_upload, confirm_upload, true),
        }
    }

    fn choose<T>(&self, id: &'static str, given: Option<T>, file: Option<T>, usual: T) -> Sourced<T> {
        match (given, file) {
            (Some(value), _) => Sourced { value, origin: self.origin(id) },
            (None, Some(value)) => Sourced { value, origin: Origin::File { table: "dashboard".to_owned() } },
            (None, None) => Sourced { value: usual, origin: Origin::Default },
        }
    }

    /// The same without the sources, and with the keys.
    pub fn opening(&self) -> Opening {
        let sourced_display = self.sourced_display();
        Opening {
            theme: sourced_display.theme.value,
            clock: sourced_display.clock.value,
            mouse: sourced_display.mouse.value,
            live_tail: sourced_display.live_tail.value,
            notify: sourced_display.notify.value,
            confirm_upload: sourced_display.confirm_upload.value,
            keys: self.keys.clone(),
        }
    }
}

/// The keys that hold with this config file.
///
/// # Errors
/// Everything that is wrong with them, with file and line.
pub(super) fn keys(file: &Choice) -> Result<Keymap, String> {
    bind(&file.keys).map_err(|errors| {
        let place = file.path.as_deref().unwrap_or(std::path::Path::new("")).display();
        let clean = |text: &str| Clean::new(text).shown().to_owned();
        let lines = errors.iter().map(|KeymapError { line, text }| format!("\n  line {line}: {}", clean(text)));
        format!("cannot use the keys in the config file {place}:{}", lines.collect::<String>())
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::config::file::File;

    fn sourced_display(line: &str, dashboard: Dashboard) -> SourcedDisplay {
        let mut cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        cli.file = Choice { file: Some(File { dashboard, ..File::default() }), ..Choice::default() };
        cli.sourced_display()
    }

    #[test]
    fn a_flag_comes_before_the_file_and_the_file_before_the_usual() {
        let file = || Dashboard {
            theme: Some(Theme::Dark),
            clock: Some(Clock::Local),
            mouse: Some(false),
            live_tail: Some(true),
            notify: Some(Notify::Bell),
            confirm_upload: Some(false),
        };
        let of_file = sourced_display("imgwatch", file());
        let table = Origin::File { table: "dashboard".to_owned() };
        assert_eq!((of_file.theme.value, of_file.theme.origin), (Theme::Dark, table));
        assert_eq!((of_file.clock.value, of_file.mouse.value), (Clock::Local, false));
        assert_eq!((of_file.live_tail.value, of_file.notify.value), (true, Notify::Bell));
        assert!(!of_file.confirm_upload.value);
        let flags = "--theme light --clock ago --mouse on --live-tail=off --notify osc9 --confirm-upload on";
        let typed = sourced_display(&format!("imgwatch {flags}"), file());
        assert!(typed.confirm_upload.value);
        assert_eq!(
            (typed.theme.value, typed.theme.origin),
            (Theme::Light, Origin::Flag { name: "--theme".to_owned() })
        );
        assert_eq!((typed.clock.value, typed.mouse.value), (Clock::Relative, true));
        assert_eq!((typed.live_tail.value, typed.notify.value), (false, Notify::Osc9));
        let usual = sourced_display("imgwatch", Dashboard::default());
        assert_eq!((usual.theme.value, usual.theme.origin), (Theme::Terminal, Origin::Default));
        assert_eq!((usual.mouse.value, usual.live_tail.value, usual.notify.value), (true, false, Notify::None));
        assert!(usual.confirm_upload.value);
        assert!(sourced_display("imgwatch --live-tail", Dashboard::default()).live_tail.value);
    }
}
