//! Orders of the Objects panel's rows.

use std::cmp::Ordering;

use super::Object;

/// What the rows are ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// Latest first.
    #[default]
    Newest,
    /// By key, as S3 lists them.
    Key,
    /// Largest first.
    Largest,
    /// Earliest first.
    Oldest,
}

impl Sort {
    /// The next one in turn.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Newest => Self::Key,
            Self::Key => Self::Largest,
            Self::Largest => Self::Oldest,
            Self::Oldest => Self::Newest,
        }
    }

    /// Its name on the panel.
    pub fn word(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Key => "key",
            Self::Largest => "size",
            Self::Oldest => "age",
        }
    }

    pub(super) fn compare(self, a: &Object, b: &Object) -> Ordering {
        let first = match self {
            Self::Newest => b.modified.cmp(&a.modified),
            Self::Key => Ordering::Equal,
            Self::Largest => b.size.cmp(&a.size),
            Self::Oldest => a.modified.cmp(&b.modified),
        };
        first.then_with(|| a.key.cmp(&b.key))
    }
}
