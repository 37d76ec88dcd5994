//! What can go wrong, and under which name Lambda and the operator see it.
//!
//! Nothing here decides whether to go on: `lib.rs` does.

use std::fmt;

use lambda_runtime::Diagnostic;

/// Why an event's image was not published, ordered from what passes by itself to what never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// SNS was slow, busy or unreachable: another attempt may do.
    Unavailable,
    /// SNS refused, and an operator can fix it: permission, missing topic, encryption key.
    Refused,
    /// SNS, or its limits, reject this very message.
    Message,
    /// The record in the event cannot be understood.
    Record,
    /// The event, or a message in it, is not one of S3's.
    Event,
}

impl Cause {
    /// The `errorType` that Lambda reports.
    pub fn error_type(self) -> &'static str {
        match self {
            Self::Unavailable => "SnsUnavailable",
            Self::Refused => "SnsRefused",
            Self::Message => "MessageRejected",
            Self::Record => "BadRecord",
            Self::Event => "UnknownEvent",
        }
    }
}

/// One image that was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct PublishError {
    /// What kind of failure it is.
    pub cause: Cause,
    /// What happened, with a hint where the operator can act.
    pub text: String,
}

impl PublishError {
    /// A failure of this kind.
    pub fn new(cause: Cause, text: impl Into<String>) -> Self {
        Self { cause, text: text.into() }
    }
}

/// The invocation failed: at least one record of its event was not published.
///
/// `Debug` is the same text as `Display`, because `lambda_runtime` writes the `Debug` form into the log.
#[derive(Clone, PartialEq, Eq)]
pub struct InvocationError {
    /// How many records failed.
    pub failed: usize,
    /// How many records the event had.
    pub records: usize,
    /// The failure that is likeliest to be gone on the next attempt.
    pub first: PublishError,
}

impl fmt::Display for InvocationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { failed, records, first } = self;
        write!(out, "{failed} of {records} records not published: {first}")
    }
}

impl fmt::Debug for InvocationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl std::error::Error for InvocationError {}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.first.cause.error_type().to_owned(), error_message: error.to_string() }
    }
}

/// The function cannot start as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable of the environment is missing.
    #[error("{name} is not set; {hint}")]
    Missing { name: &'static str, hint: &'static str },
    /// A variable of the environment has a value that cannot work.
    #[error("{name} is {value:?}, {reason}")]
    Invalid {
        name: &'static str,
        value: String,
        /// Why it cannot work and what to write instead.
        reason: &'static str,
    },
}
