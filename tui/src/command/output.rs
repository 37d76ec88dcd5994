//! Standard output: results, and nothing else.

use std::io::{ErrorKind, Write as _};

use super::failure::Failure;

/// Whether anybody still reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Go on.
    Reading,
    /// The pipe is closed, as `| head` does once it has enough.
    Gone,
}

/// Writes whole lines and flushes them, so that a reader sees them at once.
///
/// # Errors
/// When the output cannot be written, for example on a full disk. A closed pipe is no error.
pub(crate) fn write(lines: &str) -> Result<Reader, Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(Reader::Reading),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Failure::new(format!("cannot write to standard output: {error}"), "")),
    }
}
