//! The keys that hold: those of the table, but for the rows whose keys the config file names.

use super::{Binding, Scope};
use crate::keymap::action::Action;
use crate::text::key::Key;

/// The rows that have other keys than the table's. It is made by [`bind`](super::bind), which refuses what cannot work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keymap {
    pub(super) own: Vec<CustomKeys>,
}

/// The user's keys for one row, instead of the table's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomKeys {
    pub scope: Scope,
    /// What they do.
    pub action: Action,
    /// The keys; none where the action has no key any more.
    pub keys: Vec<Key>,
}

impl Keymap {
    /// The keys of a row; the first is the one that is shown.
    pub fn of<'a>(&'a self, row: &Binding) -> &'a [Key] {
        let own = self.own.iter().find(|own| own.scope == row.scope && own.action == row.action);
        own.map_or(row.keys, |own| &own.keys)
    }

    /// The rows that have other keys than the table's.
    pub fn own(&self) -> &[CustomKeys] {
        &self.own
    }

    /// A row's keys as they are shown, in one text.
    pub fn shown(&self, row: &Binding) -> String {
        let keys: Vec<String> = self.of(row).iter().map(ToString::to_string).collect();
        if keys.is_empty() { "no key".to_owned() } else { keys.join(" ") }
    }
}
