//! Orders of the Objects panel's rows.

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

/// A column of the panel, by whose name rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Key,
    Size,
    Written,
    Age,
}

impl Sort {
    /// The order after this one that a column stands for. The two of time turn the order round.
    #[must_use]
    pub fn by(self, column: Column) -> Self {
        match (column, self) {
            (Column::Key, _) => Self::Key,
            (Column::Size, _) => Self::Largest,
            (Column::Written | Column::Age, Self::Newest) => Self::Oldest,
            (Column::Written | Column::Age, _) => Self::Newest,
        }
    }

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
            Self::Key => "by key",
            Self::Largest => "by size",
            Self::Oldest => "oldest",
        }
    }
}
