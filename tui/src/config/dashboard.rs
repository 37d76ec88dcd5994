//! `[dashboard]` of the config file: how the dashboard begins. Each has a flag and a variable, which come before it.

use serde::Deserialize;

use crate::model::looks::{Clock, Theme};
use crate::model::notify::Notify;

/// The table as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Dashboard {
    /// Its colours.
    pub theme: Option<Theme>,
    /// How times are told.
    pub clock: Option<Clock>,
    /// Whether it takes the mouse.
    pub mouse: Option<bool>,
    /// Whether Live Tail is on from the beginning.
    pub live_tail: Option<bool>,
    /// How it calls for attention.
    pub notify: Option<Notify>,
}
