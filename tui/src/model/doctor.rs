//! What the dashboard shows of doctor.

use super::load::Load;
use crate::domain::diagnosis::Diagnosis;
use crate::text::clean::Clean;

/// Rows above the checks in the dashboard's list: the summary and a blank one.
pub const HEAD: usize = 2;

/// What the dashboard remembers of doctor.
#[derive(Debug, Default)]
pub struct Doctor {
    /// The key in question.
    pub key: Option<Clean>,
    /// The latest looking.
    pub load: Load,
    /// What came of the latest that succeeded.
    pub report: Option<Diagnosis>,
}
