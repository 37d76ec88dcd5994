//! Problems: what went wrong, why, and what the user can do. The only error text that reaches a person.
//!
//! Code decides by the kind. The texts are for people: nothing compares them.

use std::borrow::Cow;
use std::fmt;

use crate::text::clean::Clean;

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// What sort of failure it is.
    pub kind: ProblemKind,
    /// What failed, lower case: `cannot list bucket images`.
    pub what: Clean,
    /// Why, in the source's words.
    pub why: Clean,
    /// What to do, in the imperative; empty where nothing is known to help.
    pub hint: Cow<'static, str>,
}

/// The kinds of failure that are distinguished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemKind {
    /// A permission is missing.
    Denied,
    /// The bucket does not exist.
    NoSuchBucket,
    /// Something else does not exist.
    NotFound,
    /// The bucket is in another region.
    WrongRegion,
    /// The session has come to its end.
    ExpiredCredentials,
    /// There are no credentials.
    NoCredentials,
    /// The service does not know these credentials.
    BadCredentials,
    /// This machine's clock is wrong.
    ClockSkew,
    Archived,
    /// Too many requests.
    Throttled,
    /// Nothing answers at this address.
    Unreachable,
    /// The connection ended early.
    Interrupted,
    /// No answer in time.
    TimedOut,
    /// The certificate is not trusted.
    Tls,
    /// The service failed.
    Server,
    /// The endpoint or this build does not have the operation.
    NotOffered,
    /// Something of this name exists already.
    Exists,
    /// The object or file is not the one that was meant any more.
    Changed,
    /// One at a time, and another one is not over yet.
    Busy,
    /// What was given cannot be used.
    Invalid,
    /// Nothing may be changed: the user asked for that.
    ReadOnly,
    /// A name that is needed was not given and not found.
    Unnamed,
    /// A file or folder of this machine cannot be read or written.
    File,
    /// A defect of this program.
    Internal,
    /// Everything else.
    Other,
}

impl ProblemKind {
    /// Whether the same request may work later without the user doing anything here.
    pub fn is_transient(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unreachable
            | Self::Interrupted
            | Self::TimedOut
            | Self::Server
            | Self::Busy
            // A session is renewed in another program, and then everything goes on.
            | Self::ExpiredCredentials => true,
            Self::Denied
            | Self::NoSuchBucket
            | Self::NotFound
            | Self::WrongRegion
            | Self::NoCredentials
            | Self::BadCredentials
            | Self::ClockSkew
            | Self::Archived
            | Self::Tls
            | Self::NotOffered
            | Self::Exists
            | Self::Changed
            | Self::Invalid
            | Self::ReadOnly
            | Self::Unnamed
            | Self::File
            | Self::Internal
            | Self::Other => false,
        }
    }

    /// Whether other credentials may help.
    pub fn is_about_credentials(self) -> bool {
        self.can_be_renewed() || self == Self::BadCredentials
    }

    /// Whether signing in again helps.
    pub fn can_be_renewed(self) -> bool {
        matches!(self, Self::ExpiredCredentials | Self::NoCredentials)
    }
}

impl Problem {
    /// A problem without a hint.
    pub fn new(kind: ProblemKind, what: impl Into<Clean>, why: impl Into<Clean>) -> Self {
        Self { kind, what: what.into(), why: why.into(), hint: Cow::Borrowed("") }
    }

    /// The same with another hint.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// Whether trying again by itself makes sense.
    pub fn is_transient(&self) -> bool {
        self.kind.is_transient()
    }
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
