//! Standard output: results, and nothing else.

use std::io::ErrorKind;

use super::failure::Failure;
use crate::terminal::{console, signals};

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
    let written = tokio::select! {
        written = console::print(lines) => written,
        () = signals::stop() => return Err(Failure::interrupted()),
    };
    match written {
        Ok(()) => Ok(Reader::Reading),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"), "")),
    }
}
