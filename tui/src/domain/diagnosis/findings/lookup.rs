//! What came of reading one thing: an answer, or why there is none. "Not read" is never the same value as "none".

use crate::text::clean::Clean;

/// What came of looking at one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Lookup<T> {
    /// AWS's answer.
    Found(T),
    /// AWS says that there is no such thing, in these words.
    Missing(Clean),
    /// It may not be read.
    Denied {
        /// The permission that is missing.
        permission: &'static str,
        /// AWS's words.
        why: Clean,
    },
    /// The endpoint, which is not AWS, has no such operation.
    NotOffered(&'static str),
    /// There was no usable answer.
    Failed(Clean),
    /// There was nothing to ask, or no name to ask by.
    #[default]
    NotAsked,
}

impl<T> Lookup<T> {
    /// The answer, if there is one.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(found) => Some(found),
            _ => None,
        }
    }

    /// The same with another answer.
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Found(found) => Lookup::Found(with(found)),
            Self::Missing(why) => Lookup::Missing(why),
            Self::Denied { permission, why } => Lookup::Denied { permission, why },
            Self::NotOffered(what) => Lookup::NotOffered(what),
            Self::Failed(why) => Lookup::Failed(why),
            Self::NotAsked => Lookup::NotAsked,
        }
    }

    /// Why there is no answer, in one phrase; `None` where there is one.
    pub fn reason(&self) -> Option<String> {
        Some(match self {
            Self::Found(_) => return None,
            Self::Missing(why) => format!("it does not exist: {}", why.raw()),
            Self::Denied { permission, why } => format!("{permission} is not allowed: {}", why.raw()),
            Self::NotOffered(what) => format!("the endpoint does not offer {what}"),
            Self::Failed(why) => why.raw().to_owned(),
            Self::NotAsked => "its name is not known".to_owned(),
        })
    }

    /// The permission that is missing, where that is why there is no answer.
    pub fn permission(&self) -> Option<&'static str> {
        match self {
            Self::Denied { permission, .. } => Some(permission),
            _ => None,
        }
    }
}

/// A listing of several pages, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was read.
    pub items: Vec<T>,
    /// What came of reading on: `Found` where the listing's end was reached.
    pub rest: Lookup<()>,
}

impl<T> From<Vec<T>> for Listing<T> {
    /// A listing that was read to its end.
    fn from(items: Vec<T>) -> Self {
        Self { items, rest: Lookup::Found(()) }
    }
}
