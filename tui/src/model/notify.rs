//! Calls for attention: how they are made, and which events wait to be called out. `update/notify` decides.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::Deserialize;

use crate::text::clean::Clean;

/// How the dashboard calls for attention.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Notify {
    /// Not at all: nobody is disturbed unasked.
    #[default]
    None,
    /// By the terminal's bell.
    Bell,
    /// By a notification of the desktop, where the terminal can (OSC 9).
    Osc9,
}

impl Notify {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Bell, Self::Osc9];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Bell => "bell",
            Self::Osc9 => "osc9",
        }
    }
}

/// Something that is worth a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An upload went wrong for good.
    Failed(Clean),
    /// Somebody else's image is in the bucket, and the topic knows.
    Landed(Clean),
}

/// What was called out, and what waits.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// How.
    pub how: Notify,
    /// What lies before it was read from the past. `None` until the connection stands.
    pub since: Option<Timestamp>,
    /// When the user last pressed a key or the mouse.
    pub touched: Option<Timestamp>,
    /// Uploads that were seen to end, by name.
    pub seen: HashSet<String>,
    /// What waits to be called out together.
    pub waiting: Vec<Event>,
    /// When the first of those began to wait.
    pub gathering: Option<Timestamp>,
    /// When it was last looked what ended.
    pub looked: Option<Timestamp>,
    /// When the last call was made.
    pub called: Option<Timestamp>,
}
