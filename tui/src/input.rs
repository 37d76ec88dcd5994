//! The terminal's events in this program's own terms.

use std::io;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind};

use tokio::sync::mpsc;

use crate::action::{Code, Key};

/// Rows that one step of the wheel moves.
const WHEEL: isize = 3;

/// Terminal events that wait to be read at most.
const QUEUE: usize = 256;

/// The terminal's events, read by a thread of their own.
///
/// Not in the UI task: on a terminal that is gone, crossterm's read never comes back, and the loop has to see the signal
/// that says so. The thread ends with the process.
pub fn events() -> mpsc::Receiver<io::Result<Event>> {
    let (events, inbox) = mpsc::channel(QUEUE);
    std::thread::spawn(move || {
        loop {
            let event = crossterm::event::read();
            let is_over = event.is_err();
            if events.blocking_send(event).is_err() || is_over {
                return;
            }
        }
    });
    inbox
}

/// What the terminal said.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// A key went down.
    Key(Key),
    /// Text was pasted in one piece.
    Paste(String),
    /// The mouse was pressed at this column and row.
    Click(u16, u16),
    /// The wheel was turned there: so many rows, down is positive.
    Wheel(u16, u16, isize),
    /// The screen has another size now.
    Resized,
}

/// Takes a terminal event in; `None` for what means nothing here, such as a key going up.
pub fn read(event: Event) -> Option<Input> {
    match event {
        Event::Key(event) if event.kind != KeyEventKind::Release => {
            let code = code(event.code)?;
            let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
            let alt = event.modifiers.contains(KeyModifiers::ALT);
            let code = match code {
                // Some terminals report Ctrl with the upper-case letter.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyEvent, KeyEventState};

    fn event(code: KeyCode, modifiers: KeyModifiers, kind: KeyEventKind) -> Event {
        Event::Key(KeyEvent { code, modifiers, kind, state: KeyEventState::NONE })
    }

    #[test]
    fn a_key_going_up_is_not_a_second_press() {
        assert_eq!(read(event(KeyCode::Char('u'), KeyModifiers::NONE, KeyEventKind::Release)), None);
        let repeated = read(event(KeyCode::Char('j'), KeyModifiers::NONE, KeyEventKind::Repeat));
        assert_eq!(repeated, Some(Input::Key(Key::char('j'))));
    }

    #[test]
    fn ctrl_and_shift_tab_have_one_form_each() {
        let ctrl = read(event(KeyCode::Char('C'), KeyModifiers::CONTROL, KeyEventKind::Press));
        assert_eq!(ctrl, Some(Input::Key(Key::ctrl('c'))));
        let back = read(event(KeyCode::Tab, KeyModifiers::SHIFT, KeyEventKind::Press));
        assert_eq!(back, Some(Input::Key(Key::plain(Code::BackTab))));
    }
}
