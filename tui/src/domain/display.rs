//! Display settings that a user can name: theme, timestamp format, notifications.

use serde::Deserialize;

/// Which colours the roles have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Theme {
    /// The terminal's own sixteen colours, on its own background.
    #[serde(rename = "terminal")]
    #[default]
    Terminal,
    /// Light on dark, whatever the terminal's own colours are.
    #[serde(rename = "dark")]
    Dark,
    /// Dark on light.
    #[serde(rename = "light")]
    Light,
    /// As much contrast as there is.
    #[serde(rename = "contrast")]
    Contrast,
}

/// How times are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Clock {
    /// The time of day in UTC, as AWS's consoles and logs give it.
    #[serde(rename = "utc")]
    #[default]
    Utc,
    /// The time of day where the user is.
    #[serde(rename = "local")]
    Local,
    /// How long ago.
    #[serde(rename = "ago")]
    Relative,
}

impl Theme {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Dark, Self::Light, Self::Contrast];

    pub fn word(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "contrast",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Terminal => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Contrast,
            Self::Contrast => Self::Terminal,
        }
    }
}

impl Clock {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Utc, Self::Local, Self::Relative];

    /// What flags and the config file call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Local => "local",
            Self::Relative => "ago",
        }
    }

    /// Its name on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Utc => "UTC",
            Self::Local => "local time",
            Self::Relative => "ago",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Utc => Self::Local,
            Self::Local => Self::Relative,
            Self::Relative => Self::Utc,
        }
    }
}

/// How the dashboard calls for attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Notify {
    /// Not at all: notifications are asked for.
    #[serde(rename = "none")]
    #[default]
    None,
    /// By the terminal's bell.
    #[serde(rename = "bell")]
    Bell,
    /// By a notification of the desktop, where the terminal can (OSC 9).
    #[serde(rename = "osc9")]
    Osc9,
}

impl Notify {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Bell, Self::Osc9];

    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}
