//! What Lambda says at the end of an attempt.

use crate::text::clean::Clean;

/// What Lambda says at the end of one attempt. Durations in microseconds, so that the type has an order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvocationReport {
    /// How long the handler ran.
    pub duration_us: Option<u64>,
    /// What is paid for, rounded up by Lambda; since 2025 with the start of the environment.
    pub billed_us: Option<u64>,
    /// How long the environment took to start; only for the first invocation in it.
    pub init_us: Option<u64>,
    /// Memory size in MB.
    pub memory_mb: Option<u64>,
    /// Most memory used in MB.
    pub memory_used_mb: Option<u64>,
    /// How it ended.
    pub status: ReportStatus,
    /// Lambda's error type, for example `Runtime.ExitError`.
    pub error: Option<Clean>,
}

impl InvocationReport {
    /// What is paid for, and how much of the memory was used: `billed 50 ms, 25 of 128 MB`. Empty where nothing is known.
    pub fn cost(&self) -> String {
        let billed = self.billed_us.map(|us| format!("billed {} ms", us.div_ceil(1_000)));
        let memory = match (self.memory_used_mb, self.memory_mb) {
            (Some(used), Some(size)) => Some(format!("{used} of {size} MB")),
            (Some(used), None) => Some(format!("{used} MB")),
            (None, _) => None,
        };
        billed.into_iter().chain(memory).collect::<Vec<_>>().join(", ")
    }
}

/// How an attempt ended, in Lambda's words; text logs name only errors and time-outs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportStatus {
    /// `success`, or a text line that names no error.
    #[default]
    Success,
    /// The function answered with an error.
    Failure,
    /// The process crashed.
    Error,
    /// The time ran out.
    Timeout,
}
