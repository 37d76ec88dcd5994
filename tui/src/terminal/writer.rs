//! What is sent to the terminal is written by a thread of its own: a terminal that is not read holds up this thread, and
//! nothing else.

use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

/// Bytes that may wait beside a frame; what comes then is for a terminal that is not read.
const MOST: usize = 1024 * 1024;

/// Bytes that are written at once: the end waits for so many at most.
const PIECE: usize = 1024;

/// How long the end waits for a terminal that does not read, once before what lies in the system's queue is dropped and
/// once after it.
const PATIENCE: Duration = Duration::from_millis(250);

/// Ends whatever sequence was cut off.
const CUT_OFF: &[u8] = b"\x1b\\";

/// The terminal's only writer.
pub(super) struct Writer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Something waits to be written, or was written.
    changed: Condvar,
    /// The same for a task.
    written: Notify,
    /// What is being written is not to be written to its end.
    is_cut: AtomicBool,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    is_writing: bool,
    /// The last bytes were sent: a frame that another task has drawn meanwhile would come after them.
    is_closed: bool,
    failed: Option<io::Error>,
}

impl State {
    fn is_done(&self) -> bool {
        self.failed.is_some() || !self.is_writing && self.waiting.is_empty()
    }
}

impl Writer {
    /// Starts the thread. It ends with the process, or with the terminal.
    pub(super) fn start() -> io::Result<Self> {
        Self::to(terminal()?)
    }

    fn to(mut terminal: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let own = Arc::clone(&shared);
        std::thread::Builder::new().name("terminal".to_owned()).spawn(move || write(&own, &mut terminal))?;
        Ok(Self(shared))
    }

    /// Takes bytes again after the last ones.
    pub(super) fn open(&self) {
        self.0.lock().is_closed = false;
    }

    /// Has bytes written after those before. Never waits. After the last ones, they are dropped.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.0.lock();
        if let Some(failed) = &state.failed {
            return Err(failed.raw_os_error().map_or_else(|| failed.kind().into(), io::Error::from_raw_os_error));
        }
        if state.is_closed {
            return Ok(());
        }
        if state.waiting.len() + bytes.len() > MOST && !state.is_done() {
            return Err(io::Error::new(ErrorKind::WouldBlock, "the terminal is not read"));
        }
        state.waiting.extend_from_slice(bytes);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Waits until everything is written, or cannot be. Cancel safe.
    pub(super) async fn ready(&self) {
        loop {
            let written = self.0.written.notified();
            if self.0.lock().is_done() {
                return;
            }
            written.await;
        }
    }

    /// Replaces all that waits with these bytes, and waits until they are written: for a moment, if the terminal is not
    /// read.
    pub(super) fn send_last(&self, bytes: &[u8]) {
        let mut state = self.0.lock();
        if state.is_writing {
            self.0.is_cut.store(true, Ordering::SeqCst);
        }
        state.is_closed = true;
        state.waiting = [CUT_OFF, bytes].concat();
        self.0.changed.notify_all();
        state = self.wait(state);
        if !state.is_done() {
            drop(state);
            drop_output();
            drop(self.wait(self.0.lock()));
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        let waited = self.0.changed.wait_timeout_while(state, PATIENCE, |state| !state.is_done());
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self) -> MutexGuard<'_, State> {
        let waited = self.changed.wait_while(self.lock(), |state| state.waiting.is_empty());
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread.
fn write(shared: &Shared, terminal: &mut impl Write) {
    loop {
        let mut state = shared.wait();
        let bytes = std::mem::take(&mut state.waiting);
        state.is_writing = true;
        shared.is_cut.store(false, Ordering::SeqCst);
        drop(state);
        let mut pieces = bytes.chunks(PIECE).take_while(|_| !shared.is_cut.load(Ordering::SeqCst));
        let outcome = pieces.try_for_each(|piece| write_piece(terminal, piece)).and_then(|()| terminal.flush());
        let mut state = shared.lock();
        state.is_writing = false;
        state.failed = outcome.err();
        let is_over = state.failed.is_some();
        drop(state);
        shared.changed.notify_all();
        shared.written.notify_waiters();
        if is_over {
            return;
        }
    }
}

/// Writes all of it, also where another program has left the terminal in a state in which writing does not wait.
fn write_piece(terminal: &mut impl Write, mut piece: &[u8]) -> io::Result<()> {
    while !piece.is_empty() {
        match terminal.write(piece) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(count) => piece = piece.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_for_room()?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Not the standard library's: its lock would be held for as long as a write waits.
#[cfg(unix)]
fn terminal() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(unix)]
fn wait_for_room() -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = io::stdout();
    poll(&mut [PollFd::new(&stdout, PollFlags::OUT)], None)
        .map(drop)
        .or_else(|error| if error == rustix::io::Errno::INTR { Ok(()) } else { Err(error.into()) })
}

/// Drops what the terminal has not read yet, so that there is room for what comes.
#[cfg(unix)]
fn drop_output() {
    let _ = rustix::termios::tcflush(io::stdout(), rustix::termios::QueueSelector::OFlush);
}

#[cfg(not(unix))]
fn terminal() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

#[cfg(not(unix))]
fn wait_for_room() -> io::Result<()> {
    std::thread::sleep(Duration::from_millis(10));
    Ok(())
}

#[cfg(not(unix))]
fn drop_output() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn nothing_comes_after_the_last_bytes_until_it_is_opened_again() {
        let written = Written::default();
        let writer = Writer::to(written.clone()).unwrap();
        writer.send(b"frame,").unwrap();
        writer.ready().await;
        writer.send_last(b"last,");
        writer.send(b"late frame,").unwrap();
        writer.ready().await;
        writer.open();
        writer.send(b"again").unwrap();
        writer.ready().await;
        assert_eq!(String::from_utf8_lossy(&written.0.lock().unwrap()), "frame,\u{1b}\\last,again");
    }
}
