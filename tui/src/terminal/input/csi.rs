//! What CSI and SS3 sequences mean: keys, the mouse, and the answers that are waited for. Everything else is no key. Pure.

use crate::terminal::input::{Answer, Input, WHEEL};
use crate::text::key::{Code, Key};

/// A sequence without its introducer: parameters, and the byte that ends it.
pub(super) fn read(parameters: &[u8], last: u8) -> Option<Input> {
    let text = std::str::from_utf8(parameters).ok()?;
    match (text.chars().next(), last) {
        (Some('<'), b'M') => mouse(text.get(1..)?, 0),
        (Some('?'), b'c') => {
            text.get(1..)?.split(';').any(|number| number == "4").then_some(Input::Answer(Answer::Sixel))
        }
        (Some('['), b'A'..=b'E') => Some(Input::Key(Key::plain(Code::F(last - b'A' + 1)))),
        // Numbers alone: everything else has another sign, and is an answer.
        _ if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b';' | b':')) => numbered(text, last),
        _ => None,
    }
}

fn numbered(text: &str, last: u8) -> Option<Input> {
    let mut numbers = text.split(';');
    let first = numbers.next().unwrap_or_default();
    match last {
        b'M' => return mouse(text, 32),
        b't' => return cells(text),
        b'n' if text == "0" => return Some(Input::Answer(Answer::Ready)),
        b'u' => return unicode(first, numbers.next().unwrap_or_default()),
        b'~' if first == "27" => {
            let held = numbers.next().unwrap_or_default();
            return unicode(numbers.next()?, held);
        }
        _ => {}
    }
    let code = match last {
        b'~' => special(first.parse().ok()?)?,
        b'Z' => Code::BackTab,
        // With `R`, the third one would read like the place of the cursor.
        b'P' | b'Q' | b'S' => Code::F(last - b'P' + 1),
        _ => arrow(last)?,
    };
    held(code, numbers.next().unwrap_or_default()).map(Input::Key)
}

/// After `ESC O`.
pub(super) fn ss3(byte: u8) -> Option<Key> {
    Some(Key::plain(match byte {
        b'P'..=b'S' => Code::F(byte - b'P' + 1),
        b'M' => Code::Enter,
        byte => arrow(byte)?,
    }))
}

fn arrow(byte: u8) -> Option<Code> {
    Some(match byte {
        b'A' => Code::Up,
        b'B' => Code::Down,
        b'C' => Code::Right,
        b'D' => Code::Left,
        b'F' => Code::End,
        b'H' => Code::Home,
        _ => return None,
    })
}

fn special(number: u8) -> Option<Code> {
    Some(match number {
        1 | 7 => Code::Home,
        3 => Code::Delete,
        4 | 8 => Code::End,
        5 => Code::PageUp,
        6 => Code::PageDown,
        11..=15 => Code::F(number - 10),
        17..=21 => Code::F(number - 11),
        23..=26 => Code::F(number - 12),
        28..=29 => Code::F(number - 15),
        31..=34 => Code::F(number - 17),
        _ => return None,
    })
}

/// A key with what was held, as in `5` for Ctrl, or `1:3` for a key that goes up.
fn held(code: Code, held: &str) -> Option<Key> {
    let mut parts = held.split(':');
    let mask = parts.next().and_then(|mask| mask.parse::<u16>().ok()).unwrap_or(1).saturating_sub(1);
    if parts.next() == Some("3") {
        return None;
    }
    let (shift, alt, ctrl) = (mask & 1 != 0, mask & 2 != 0, mask & 4 != 0);
    let code = match code {
        // Some terminals report Ctrl with the upper-case letter.
        Code::Char(c) if ctrl => Code::Char(c.to_ascii_lowercase()),
        Code::Char(c) if shift => Code::Char(c.to_ascii_uppercase()),
        Code::Tab if shift => Code::BackTab,
        code => code,
    };
    Some(Key { code, ctrl, alt })
}

/// A key by its character: `97;5` is Ctrl-A. Terminals send it where a program before this one has asked for it.
fn unicode(keys: &str, modifiers: &str) -> Option<Input> {
    let mut keys = keys.split(':').map(|key| key.parse::<u32>().ok());
    let plain = keys.next().flatten()?;
    let code = match plain {
        27 => Code::Esc,
        13 | 57_414 => Code::Enter,
        9 => Code::Tab,
        127 | 8 => Code::Backspace,
        57_399..=57_408 => Code::Char(char::from_digit(plain - 57_399, 10)?),
        57_417 => Code::Left,
        57_418 => Code::Right,
        57_419 => Code::Up,
        57_420 => Code::Down,
        57_421 => Code::PageUp,
        57_422 => Code::PageDown,
        57_423 => Code::Home,
        57_424 => Code::End,
        57_426 => Code::Delete,
        // Keys of this form that no character stands for.
        57_344..=63_743 => return None,
        _ => Code::Char(char::from_u32(keys.next().flatten().unwrap_or(plain)).filter(|c| !c.is_control())?),
    };
    held(code, modifiers).map(Input::Key)
}

/// The size of a cell: `6;20;10` for 20 pixels in height and 10 in width.
fn cells(text: &str) -> Option<Input> {
    let numbers: Vec<u16> = text.split(';').map(str::parse).collect::<Result<_, _>>().ok()?;
    match *numbers.as_slice() {
        [6, height, width] if height > 0 && width > 0 => Some(Input::Answer(Answer::Cell { width, height })),
        _ => None,
    }
}

/// The mouse: `button;column;row` from one on. Only what goes down counts.
fn mouse(text: &str, offset: u16) -> Option<Input> {
    let numbers: Vec<u16> = text.split(';').map(str::parse).collect::<Result<_, _>>().ok()?;
    match *numbers.as_slice() {
        [button, x, y] => pressed(button.checked_sub(offset)?, x, y),
        _ => None,
    }
}

/// The mouse in its oldest form, where every number is a byte with 32 added.
pub(super) fn old_mouse(button: u8, x: u8, y: u8) -> Option<Input> {
    let number = |byte: u8| u16::from(byte).saturating_sub(32);
    pressed(number(button), number(x), number(y))
}

fn pressed(button: u16, x: u16, y: u16) -> Option<Input> {
    let (x, y) = (x.checked_sub(1)?, y.checked_sub(1)?);
    // What was held is of no account, and what moves with a button held is no press.
    match button & !0b1_1100 {
        0 => Some(Input::Click(x, y)),
        64 => Some(Input::Wheel(x, y, -WHEEL)),
        65 => Some(Input::Wheel(x, y, WHEEL)),
        _ => None,
    }
}
