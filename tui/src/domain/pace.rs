//! How often the cloud is asked.

/// How often the cloud is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Nothing is expected soon.
    #[default]
    Idle,
    /// An upload is in progress.
    InFlight,
}
