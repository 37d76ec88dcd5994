//! The output of a function's process, as whole lines.

use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::{Child, ChildStderr, ChildStdout};

/// CloudWatch Logs takes no larger events, so longer lines are split.
const LINE_LIMIT: usize = 256 * 1024;
/// The output counts as complete when the pipes were empty for this long.
const QUIET: Duration = Duration::from_millis(2);
/// The longest time for reading what is left in the pipes.
const DRAIN_LIMIT: Duration = Duration::from_millis(250);

/// Both pipes of one process.
///
/// The environment itself reads them, rather than tasks of their own, so that "everything printed before the answer"
/// can be distinguished from "printed later".
pub(super) struct Output {
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
}

impl Output {
    pub(super) fn of(child: &mut Child) -> Self {
        Self { stdout: Pipe::new(child.stdout.take()), stderr: Pipe::new(child.stderr.take()) }
    }

    pub(super) fn is_open(&self) -> bool {
        self.stdout.source.is_some() || self.stderr.source.is_some()
    }

    fn has_unread(&self) -> bool {
        self.stdout.source.as_ref().is_some_and(has_unread) || self.stderr.source.as_ref().is_some_and(has_unread)
    }

    /// The next lines of either pipe; possibly none, when a line is not complete yet or a pipe closed.
    ///
    /// Nothing is lost when this is dropped while it waits. Once both pipes are closed, it never returns.
    pub(super) async fn lines(&mut self) -> Vec<String> {
        tokio::select! {
            () = self.stdout.fill(), if self.stdout.source.is_some() => self.stdout.take_lines(),
            () = self.stderr.fill(), if self.stderr.source.is_some() => self.stderr.take_lines(),
            else => std::future::pending().await,
        }
    }

    /// Everything that the process has printed so far.
    ///
    /// The system itself is asked whether the pipes are empty: on a busy machine the timer ends before the runtime has
    /// learnt that a pipe can be read.
    pub(super) async fn drain(&mut self) -> Vec<String> {
        let limit = tokio::time::Instant::now() + DRAIN_LIMIT;
        let mut all = Vec::new();
        while self.is_open() {
            let quiet = (tokio::time::Instant::now() + QUIET).min(limit);
            tokio::select! {
                biased;
                lines = self.lines() => all.extend(lines),
                () = tokio::time::sleep_until(quiet) => if !self.has_unread() {
                    break;
                },
            }
            if tokio::time::Instant::now() >= limit {
                break;
            }
        }
        all.extend(self.stdout.take_rest());
        all.extend(self.stderr.take_rest());
        all
    }
}

/// Whether bytes are in a pipe.
#[cfg(unix)]
fn has_unread(pipe: &impl std::os::fd::AsFd) -> bool {
    rustix::io::ioctl_fionread(pipe).is_ok_and(|bytes| bytes > 0)
}

#[cfg(not(unix))]
fn has_unread<T>(_pipe: &T) -> bool {
    false
}

struct Pipe<R> {
    source: Option<R>,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Pipe<R> {
    fn new(source: Option<R>) -> Self {
        Self { source, buffer: BytesMut::new() }
    }

    /// Reads once; the end of the pipe closes it.
    async fn fill(&mut self) {
        let Some(source) = &mut self.source else { return };
        self.buffer.reserve(8 * 1024);
        match source.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => self.source = None,
            Ok(_) => {}
        }
    }

    fn take_lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let end = self.buffer.iter().position(|&byte| byte == b'\n');
            let (length, skip) = match end {
                Some(end) if end <= LINE_LIMIT => (end, 1),
                _ if self.buffer.len() > LINE_LIMIT => (boundary(&self.buffer, LINE_LIMIT), 0),
                _ => break,
            };
            let line = self.buffer.split_to(length + skip);
            push(&mut lines, line.get(..length).unwrap_or_default());
        }
        if self.source.is_none() {
            lines.extend(self.take_rest());
        }
        lines
    }

    /// A last line without its end.
    fn take_rest(&mut self) -> Option<String> {
        let mut lines = Vec::new();
        push(&mut lines, &self.buffer.split());
        lines.pop()
    }
}

/// CloudWatch Logs takes no empty events.
fn push(lines: &mut Vec<String>, line: &[u8]) {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !line.is_empty() {
        lines.push(String::from_utf8_lossy(line).into_owned());
    }
}

/// The last start of a character at or before `limit`.
fn boundary(bytes: &[u8], limit: usize) -> usize {
    (limit.saturating_sub(3)..=limit)
        .rev()
        .find(|&at| bytes.get(at).is_none_or(|byte| byte & 0xC0 != 0x80))
        .unwrap_or(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines_of(input: &[u8]) -> Vec<String> {
        let mut pipe = Pipe::new(Some(input));
        let mut lines = Vec::new();
        while pipe.source.is_some() {
            pipe.fill().await;
            lines.extend(pipe.take_lines());
        }
        lines
    }

    #[tokio::test]
    async fn cuts_output_into_lines() {
        assert_eq!(lines_of(b"one\r\ntwo\n\nthree").await, ["one", "two", "three"]);
        assert_eq!(lines_of(b"bad \xFF byte\n").await, ["bad \u{FFFD} byte"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_in_a_pipe_is_known_before_it_is_read() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        assert!(!has_unread(&reader));
        std::io::Write::write_all(&mut writer, b"printed").unwrap();
        assert!(has_unread(&reader));
    }

    #[tokio::test]
    async fn a_long_line_is_cut_between_characters() {
        let long = "é".repeat(LINE_LIMIT);
        let lines = lines_of(format!("a{long}\n").as_bytes()).await;
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= LINE_LIMIT));
        assert_eq!(lines.concat(), format!("a{long}"));
    }
}
