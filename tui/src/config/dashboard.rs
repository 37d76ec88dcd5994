//! `[dashboard]` of the config file: how the dashboard begins. Each has a flag and a variable, which come before it.

use serde::{Deserialize, Deserializer};

use crate::domain::display::{Clock, Notify, Theme};

/// The table as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dashboard {
    /// Its colours.
    pub theme: Option<Theme>,
    /// The timestamp format.
    pub clock: Option<Clock>,
    /// Whether it takes the mouse.
    #[serde(default, deserialize_with = "switch")]
    pub mouse: Option<bool>,
    /// Whether Live Tail is on from the beginning.
    #[serde(default, deserialize_with = "switch")]
    pub live_tail: Option<bool>,
    /// How it calls for attention.
    pub notify: Option<Notify>,
    /// Whether the first upload to AWS is asked about.
    #[serde(default, deserialize_with = "switch")]
    pub confirm_upload: Option<bool>,
}

/// What is on or off: as TOML has it, or as the flag has it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected true or false, or the flag's \"on\" or \"off\"")]
enum Switch {
    /// `mouse = false`
    Plain(bool),
    /// `mouse = "off"`
    Word(Word),
}

#[derive(Deserialize)]
enum Word {
    #[serde(rename = "on")]
    On,
    #[serde(rename = "off")]
    Off,
}

pub(super) fn switch<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    Ok(Some(match Switch::deserialize(value)? {
        Switch::Plain(on) => on,
        Switch::Word(word) => matches!(word, Word::On),
    }))
}
