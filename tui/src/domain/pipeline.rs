//! The names of the pipeline that is followed.

use crate::text::clean::Clean;

/// The names of what is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    pub bucket: Clean,
    pub function: Clean,
    pub topic: Clean,
    /// Where: `local 127.0.0.1:4566`, or profile and region.
    pub target: Clean,
}
