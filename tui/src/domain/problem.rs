//! Problems: what went wrong, why, and what the user can do. The only error text that reaches a person.

use std::fmt;

use crate::text::clean::Clean;

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// What failed, lower case: `cannot list bucket images`.
    pub what: Clean,
    /// Why, in the source's words.
    pub why: Clean,
    /// What to do, in the imperative; empty where nothing is known to help.
    pub hint: &'static str,
    /// Whether trying again by itself makes sense.
    pub transient: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)?;
        if !self.hint.is_empty() {
            write!(f, "; {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
