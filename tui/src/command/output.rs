//! Standard output: results, and nothing else.

use std::io::{self, ErrorKind};
use std::time::Duration;

use super::failure::Failure;
use crate::terminal::{console, signals};

/// How long a reader has after a signal.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Whether anybody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Go on.
    Reading,
    /// The pipe is closed, as `| head` does once it has enough.
    Gone,
}

/// Writes whole lines and waits until they are written, so that a reader sees them at once.
///
/// # Errors
/// When the output cannot be written, for example on a full disk, or a signal came while it was not read. A closed pipe is
/// no error.
pub(crate) async fn write(lines: &str) -> Result<Reader, Failure> {
    tokio::select! {
        written = console::print(lines) => outcome(written),
        () = signals::stop() => Err(Failure::interrupted()),
    }
}

/// The same for what is said at the end, also after a signal: a reader then has a moment to take it.
///
/// # Errors
/// As those of [`write`].
pub(crate) async fn write_last(lines: &str) -> Result<Reader, Failure> {
    let too_late = async {
        signals::stop().await;
        tokio::time::sleep(LAST_WORDS).await;
    };
    tokio::select! {
        written = console::print(lines) => outcome(written),
        () = too_late => Err(Failure::interrupted()),
    }
}

fn outcome(written: io::Result<()>) -> Result<Reader, Failure> {
    match written {
        Ok(()) => Ok(Reader::Reading),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"), "")),
    }
}
