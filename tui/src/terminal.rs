//! The terminal: taken over, given back, whatever happens.

use std::io::{self, IsTerminal as _, Stdout, Write as _, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::execute;
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};
use tokio_util::sync::CancellationToken;

/// The screen while this program has it. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// A panic anywhere gives it back before it prints, and cancels `panicked`, so that the loop ends instead of drawing
    /// over the report.
    ///
    /// # Errors
    /// Standard output is not a terminal, or the terminal refuses.
    pub fn enter(panicked: CancellationToken) -> io::Result<Self> {
        if !stdout().is_terminal() {
            return Err(io::Error::other("standard output is not one"));
        }
        take()?;
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            panicked.cancel();
            report(info);
        }));
        Ok(Self { terminal: Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| give_back())? })
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// The terminal does not say.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn mouse(&mut self, taken: bool) -> io::Result<()> {
        if taken { execute!(stdout(), EnableMouseCapture) } else { execute!(stdout(), DisableMouseCapture) }
    }

    /// Draws one frame, shown at once by terminals that can.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        execute!(stdout(), BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        execute!(stdout(), EndSynchronizedUpdate)
    }

    /// Gives the terminal to the shell until it continues this job.
    ///
    /// # Errors
    /// The terminal cannot be taken over again.
    pub fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_job();
        take()?;
        // A new one knows nothing of the old screen, so that the next frame is drawn whole. Clearing the old one would ask
        // the terminal for its cursor, and not every terminal answers.
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Whether this program has the terminal: it is given back once, so that a report after it stays on the screen.
static TAKEN: AtomicBool = AtomicBool::new(false);

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableMouseCapture, Hide)
        .inspect_err(|_| give_back())
}

/// Best effort: where this fails there is no terminal left to mend.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    // Cleared first: some terminals carry rows of a screen that was resized over to the shell's.
    let _ = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        Clear(ClearType::All),
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
    let _ = stdout().flush();
}

/// Stops the whole job, as Ctrl-Z does outside of raw mode; returns when the shell continues it.
#[cfg(unix)]
fn stop_job() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
}

#[cfg(not(unix))]
fn stop_job() {}
