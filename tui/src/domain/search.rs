//! What was looked for while no pipeline is known: the first-run screen shows it. Plain data.

use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// The search for a pipeline, as far as it has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The places, in the order in which they were looked into.
    pub looked: Vec<Looked>,
    /// What stands in the way of looking further.
    pub problem: Option<Problem>,
    /// Whether it has come to an end.
    pub is_over: bool,
    /// The pipeline of the config file that is chosen meanwhile.
    pub cursor: usize,
}

/// One place, and what came of looking there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub place: Clean,
    /// What came of it.
    pub outcome: Clean,
    /// How to read it.
    pub mark: Mark,
}

/// How an outcome is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nothing is there.
    Nothing,
    /// Several are there: the user has to choose.
    Choose,
    /// It could not be read.
    NotRead,
}

impl Looked {
    /// Nothing was there.
    pub fn nothing(place: &str, outcome: &str) -> Self {
        Self { place: place.into(), outcome: Clean::new(outcome), mark: Mark::Nothing }
    }
}
