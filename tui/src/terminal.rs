//! The terminal: taken over, given back, whatever happens.

pub(crate) mod clipboard;
mod clusters;
pub(crate) mod console;
pub(crate) mod crash;
pub mod exit;
pub mod frames;
pub mod input;
pub(crate) mod notify;
pub mod pictures;
pub(crate) mod signals;
mod writer;

use std::cell::RefCell;
use std::io::{self, IsTerminal as _, Write, stdout};
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::queue;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use tokio::time::{Instant, sleep_until};

use clusters::{Clusters, Printer};
use writer::Writer;

/// The screen while this program has it. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<Printer<Sheet>>,
    clusters: Clusters,
    /// What the terminal draws on: nothing here waits for the real one, or fails with it.
    sheet: Sheet,
    area: Rect,
    writer: &'static Writer,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// Standard output is not a terminal, or one that cannot place text, or the terminal refuses.
    pub fn enter() -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::other("standard output is not one"));
        }
        if std::env::var_os("TERM").is_some_and(|name| name == "dumb") {
            return Err(io::Error::other("TERM=dumb has no cursor control; set TERM to its real name if it has"));
        }
        let writer = writer()?;
        take(writer)?;
        let area = area().inspect_err(|_| give_back())?;
        let sheet = Sheet::default();
        let terminal = blank(&sheet, area).inspect_err(|_| give_back())?;
        Ok(Self { terminal, clusters: Clusters::default(), sheet, area, writer })
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// The terminal does not say.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        area().map(|area| (area.width, area.height))
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        let mut sequence = Vec::new();
        if taken { queue!(sequence, EnableMouseCapture) } else { queue!(sequence, DisableMouseCapture) }?;
        self.send(&sequence)
    }

    /// Sends a sequence that is no part of a frame. Never waits.
    ///
    /// # Errors
    /// The terminal is gone, or has not read for long.
    pub fn send(&self, sequence: &[u8]) -> io::Result<()> {
        self.writer.send(sequence)
    }

    /// Waits for a time, and until the terminal has taken what was sent before. Cancel safe.
    pub async fn ready_at(&self, at: Instant) {
        sleep_until(at).await;
        self.writer.ready().await;
    }

    /// Draws one frame, shown at once by terminals that can. Never waits.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.sheet, BeginSynchronizedUpdate)?;
        let area = area()?;
        if area != self.area {
            self.terminal.resize(area)?;
            self.area = area;
        }
        self.terminal.draw(|frame| {
            render(frame);
            self.clusters.settle(frame.buffer_mut());
        })?;
        queue!(self.sheet, EndSynchronizedUpdate)?;
        self.writer.send(&self.sheet.take())
    }

    /// Gives the terminal to the shell until it continues this job.
    ///
    /// # Errors
    /// The terminal cannot be taken over again.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_job();
        take(self.writer)?;
        // A new one knows nothing of the old screen, so that the next frame is drawn whole.
        self.terminal = blank(&self.sheet, self.area)?;
        self.sheet.take();
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// What frames are drawn on before they are sent.
#[derive(Clone, Default)]
struct Sheet(Rc<RefCell<Vec<u8>>>);

impl Sheet {
    fn take(&self) -> Vec<u8> {
        self.0.take()
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of which nothing is known. Its size is asked for here: ratatui would start a program for it where there is
/// no terminal left.
fn blank(sheet: &Sheet, area: Rect) -> io::Result<Terminal<Printer<Sheet>>> {
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    Terminal::with_options(Printer::new(sheet.clone()), options)
}

/// Whether an error says that the terminal is gone: its window was closed.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error());
    #[cfg(not(unix))]
    return error.kind() == io::ErrorKind::BrokenPipe;
}

#[cfg(unix)]
fn area() -> io::Result<Rect> {
    let size = rustix::termios::tcgetwinsize(stdout())?;
    Ok(Rect::new(0, 0, size.ws_col, size.ws_row))
}

#[cfg(not(unix))]
fn area() -> io::Result<Rect> {
    crossterm::terminal::size().map(|(width, height)| Rect::new(0, 0, width, height))
}

/// Whether this program has the terminal: it is given back once, so that a report after it stays on the screen.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The one that writes to the terminal, from the first time on that it is taken over.
static WRITER: OnceLock<Writer> = OnceLock::new();

fn writer() -> io::Result<&'static Writer> {
    if let Some(writer) = WRITER.get() {
        return Ok(writer);
    }
    let started = Writer::start()?;
    Ok(WRITER.get_or_init(|| started))
}

fn take(writer: &Writer) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    writer.open();
    let mut sequence = Vec::new();
    queue!(sequence, EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)?;
    writer.send(&sequence).inspect_err(|_| give_back())
}

/// Gives the terminal back, if this program has it. Best effort: where this fails there is no terminal left. One
/// that is not read is waited for only for a moment.
pub(crate) fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut sequence = Vec::new();
    // Cleared first: some terminals carry rows of a screen that was resized over to the shell's.
    let queued = queue!(
        sequence,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        Clear(ClearType::All),
        LeaveAlternateScreen,
        Show
    );
    if let (Ok(()), Some(writer)) = (queued, WRITER.get()) {
        writer.send_last(&sequence);
    }
    let _ = disable_raw_mode();
}

/// Stops the whole job, as Ctrl-Z does outside of raw mode; returns when the shell continues it.
#[cfg(unix)]
fn stop_job() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
fn stop_job() {}
