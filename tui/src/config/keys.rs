//! `[keys.PLACE]` of the config file, as it is written: which keys, and on which line. What they mean is `keymap`'s
//! business.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::keymap::KeyOverride;

/// The tables below `[keys]`: places, and the actions there.
pub(crate) type Tables = BTreeMap<String, BTreeMap<Spanned<String>, Keys>>;

/// One key, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a key, such as \"ctrl-x\", or a list of keys")]
pub(crate) enum Keys {
    /// `pause = "space"`
    One(String),
    /// `quit = ["Q", "ctrl-q"]`
    Many(Vec<String>),
}

/// What the tables ask for; `text` is the file that they were read from.
pub(super) fn asked(tables: Tables, text: &str) -> Vec<KeyOverride> {
    let mut all = Vec::new();
    for (scope, actions) in tables {
        for (action, keys) in actions {
            let before = text.get(..action.span().start).unwrap_or_default();
            let keys = match keys {
                Keys::One(key) => vec![key],
                Keys::Many(keys) => keys,
            };
            let line = 1 + before.matches('\n').count();
            all.push(KeyOverride { line, scope: scope.clone(), action: action.into_inner(), keys });
        }
    }
    all
}
