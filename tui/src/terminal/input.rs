//! The terminal's events in this program's own terms.
//!
//! The bytes are read here and not by crossterm: that takes a terminal's answers for keys where it does not know them, and
//! a key that comes in two reads for two.

mod csi;
mod parse;
mod state;

use std::io;

use tokio::sync::mpsc;

use crate::text::key::Key;

/// Rows that one step of the wheel moves.
const WHEEL: isize = 3;

/// Events that wait to be taken at most.
const QUEUE: usize = 256;

/// What the terminal said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key went down.
    Key(Key),
    /// Text was pasted in one piece.
    Paste(String),
    /// The mouse was pressed at this column and row.
    Click(u16, u16),
    /// The wheel was turned there: so many rows, down is positive.
    Wheel(u16, u16, isize),
    /// The terminal answers what it was asked.
    Answer(Answer),
    /// The screen has another size now.
    Resized,
}

/// What a terminal says of the pictures that it can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It takes pictures in kitty's way.
    Kitty,
    /// It takes sixels.
    Sixel,
    /// A cell is so many pixels wide and high.
    Cell {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// It works: what was asked before has been answered.
    Ready,
}

/// The terminal's events, read by a thread of their own; they end with the terminal.
///
/// Not in the UI task: nothing in the loop may wait for a terminal.
pub fn events() -> mpsc::Receiver<io::Result<Input>> {
    let (events, inbox) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        if let Err(error) = source::read(|input| events.blocking_send(Ok(input)).is_ok()) {
            // The receiver may be gone.
            let _ = events.blocking_send(Err(error));
        }
    });
    inbox
}

/// Reads events until there are no more, or until the receiver is gone.
#[cfg(unix)]
mod source {
    use std::fs::File;
    use std::io::{self, ErrorKind, IsTerminal as _, Read as _};
    use std::os::fd::AsFd as _;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use crate::terminal::input::Input;
    use crate::terminal::input::parse::Parser;
    use crate::text::key::{Code, Key};
    use crate::{panic_switch, terminal};

    pub(super) fn read(mut take: impl FnMut(Input) -> bool) -> io::Result<()> {
        let stdin = io::stdin();
        let mut terminal = if stdin.is_terminal() {
            File::from(stdin.as_fd().try_clone_to_owned()?)
        } else {
            // What is piped in is none of the keys.
            File::open("/dev/tty")?
        };
        let (mut parser, mut bytes) = (Parser::default(), [0; 4096]);
        loop {
            let patience = parser.patience().and_then(|patience| Timespec::try_from(patience).ok());
            let ready = match poll(&mut [PollFd::new(&terminal, PollFlags::IN)], patience.as_ref()) {
                Err(Errno::INTR) => continue,
                ready => ready?,
            };
            let inputs: Vec<Input> = if ready == 0 {
                parser.silence().into_iter().collect()
            } else {
                match terminal.read(&mut bytes) {
                    Ok(count @ 1..) => parser.feed(bytes.get(..count).unwrap_or_default()),
                    Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => continue,
                    Ok(0) => return Ok(()),
                    Err(error) if terminal::is_gone(&error) => return Ok(()),
                    Err(error) => return Err(error),
                }
            };
            if inputs.contains(&Input::Key(Key::plain(Code::F(12)))) {
                panic_switch::arm();
            }
            panic_switch::check("input");
            if !inputs.into_iter().all(&mut take) {
                return Ok(());
            }
        }
    }
}

/// Elsewhere the system itself distinguishes keys.
#[cfg(not(unix))]
mod source {
    use std::io;

    use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

    use crate::terminal::input::{Input, WHEEL};
    use crate::text::key::{Code, Key};

    pub(super) fn read(mut take: impl FnMut(Input) -> bool) -> io::Result<()> {
        loop {
            if !event(crossterm::event::read()?).into_iter().all(&mut take) {
                return Ok(());
            }
        }
    }

    fn event(event: Event) -> Option<Input> {
        match event {
            Event::Key(event) if event.kind != KeyEventKind::Release => {
                let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
                let alt = event.modifiers.contains(KeyModifiers::ALT);
                let code = match code(event.code)? {
                    Code::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
                    Code::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
                    code => code,
                };
                Some(Input::Key(Key { code, ctrl, alt }))
            }
            Event::Paste(text) => Some(Input::Paste(text)),
            Event::Mouse(event) => match event.kind {
                MouseEventKind::Down(MouseButton::Left) => Some(Input::Click(event.column, event.row)),
                MouseEventKind::ScrollUp => Some(Input::Wheel(event.column, event.row, -WHEEL)),
                MouseEventKind::ScrollDown => Some(Input::Wheel(event.column, event.row, WHEEL)),
                _ => None,
            },
            Event::Resize(..) => Some(Input::Resized),
            _ => None,
        }
    }

    fn code(code: KeyCode) -> Option<Code> {
        Some(match code {
            KeyCode::Char(c) => Code::Char(c),
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => Code::BackTab,
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::F(number) => Code::F(number),
            _ => return None,
        })
    }
}
