//! What each byte of a terminal leads to. Pure.

use crate::terminal::input::{Answer, Input, csi};
use crate::text::key::{Code, Key};

/// Bytes of a CSI sequence at most; keys and the mouse need far less.
const LONGEST_CSI: usize = 64;
/// Bytes of an answer at most.
const LONGEST_STRING: usize = 64 * 1024;
/// Bytes of a paste that are kept.
const LONGEST_PASTE: usize = 1024 * 1024;

/// How an answer begins that says whether the terminal shows pictures in kitty's way.
const KITTY: &[u8] = b"_Gi=31;OK";
/// How a paste ends.
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What has come of something that is not complete.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    #[default]
    Ground,
    /// The first bytes of a character; with Alt.
    Character(Vec<u8>, bool),
    /// An escape character.
    Escape,
    /// `ESC O`.
    Ss3,
    /// `ESC [` and these.
    Csi(Vec<u8>),
    /// `ESC [ M` and these: the mouse in its oldest form.
    Mouse(Vec<u8>),
    /// A string (DCS, OSC, SOS, PM or APC).
    Text(Text),
    Paste(Vec<u8>),
}

/// A string that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    /// The byte that it began with after the escape character, and as many more as are looked at.
    pub(super) head: Vec<u8>,
    /// Bytes so far.
    length: usize,
    /// The last one was an escape character.
    is_ending: bool,
    /// It began with a control character of eight bits, and may end with one.
    is_8_bit: bool,
}

impl Text {
    /// Whether it may be a key with Alt as well.
    pub(super) fn is_bare(&self) -> bool {
        self.length == 1 && !self.is_8_bit
    }
}

/// What a byte led to.
pub(super) enum Step {
    /// More is needed.
    More,
    /// Something is complete, and nothing is left of it.
    Done(Option<Input>),
    /// Something else has ended before this byte, which is still to be read.
    Again(Option<Input>),
}

impl State {
    /// Whether it may be a key with Alt as well.
    pub(super) fn is_bare(&self) -> bool {
        match self {
            Self::Ss3 => true,
            Self::Csi(bytes) => bytes.is_empty(),
            _ => false,
        }
    }

    /// What a byte makes of it.
    pub(super) fn next(self, byte: u8) -> (Self, Step) {
        match self {
            State::Ground => first(byte, false),
            State::Character(bytes, alt) => character(bytes, byte, alt),
            State::Escape => escape(byte),
            State::Ss3 => (State::Ground, Step::Done(csi::ss3(byte).map(Input::Key))),
            State::Csi(bytes) => csi(bytes, byte),
            State::Mouse(mut bytes) => {
                bytes.push(byte);
                match *bytes.as_slice() {
                    [button, x, y] => (State::Ground, Step::Done(csi::old_mouse(button, x, y))),
                    _ => (State::Mouse(bytes), Step::More),
                }
            }
            State::Text(text) => string(text, byte),
            State::Paste(mut bytes) => {
                // The end is looked for in what is too much, too.
                if bytes.len() >= LONGEST_PASTE + PASTE_ENDS.len() {
                    bytes.remove(LONGEST_PASTE);
                }
                bytes.push(byte);
                match bytes.strip_suffix(PASTE_ENDS) {
                    Some(text) => (State::Ground, Step::Done(Some(paste(text)))),
                    None => (State::Paste(bytes), Step::More),
                }
            }
        }
    }
}

/// Where nothing has begun.
fn first(byte: u8, is_alt: bool) -> (State, Step) {
    let key = |code, ctrl| (State::Ground, Step::Done(Some(Input::Key(Key { code, ctrl, alt: is_alt }))));
    match byte {
        0x1b => (State::Escape, Step::More),
        b'\r' => key(Code::Enter, false),
        b'\t' => key(Code::Tab, false),
        0x7f => key(Code::Backspace, false),
        0 => key(Code::Char(' '), true),
        1..=0x1a => key(Code::Char(char::from(b'a' - 1 + byte)), true),
        0x1c..=0x1f => key(Code::Char(char::from(b'4' - 0x1c + byte)), true),
        0x20..=0x7e => key(Code::Char(char::from(byte)), false),
        // The control characters of eight bits are those of seven with an escape character before them.
        0x80..=0x9f => control(byte),
        0xc2..=0xf4 => (State::Character(vec![byte], is_alt), Step::More),
        // No character begins with it.
        0xa0..=0xc1 | 0xf5.. => (State::Ground, Step::Done(None)),
    }
}

/// A control character of eight bits.
fn control(byte: u8) -> (State, Step) {
    match escape(byte - 0x40) {
        (State::Text(text), step) => (State::Text(Text { is_8_bit: true, ..text }), step),
        begun @ (State::Csi(_) | State::Ss3, _) => begun,
        _ => (State::Ground, Step::Done(None)),
    }
}

/// After an escape character.
fn escape(byte: u8) -> (State, Step) {
    match byte {
        // Esc was pressed before.
        0x1b => (State::Escape, Step::Done(Some(Input::Key(Key::plain(Code::Esc))))),
        b'[' => (State::Csi(Vec::new()), Step::More),
        b'O' => (State::Ss3, Step::More),
        b'P' | b'X' | b']' | b'^' | b'_' => {
            (State::Text(Text { head: vec![byte], length: 1, is_ending: false, is_8_bit: false }), Step::More)
        }
        byte => first(byte, true),
    }
}

/// Within a character of several bytes.
fn character(mut bytes: Vec<u8>, byte: u8, is_alt: bool) -> (State, Step) {
    if !(0x80..=0xbf).contains(&byte) {
        return (State::Ground, Step::Again(None));
    }
    bytes.push(byte);
    let length = match bytes.first() {
        Some(0xf0..) => 4,
        Some(0xe0..) => 3,
        _ => 2,
    };
    if bytes.len() < length {
        return (State::Character(bytes, is_alt), Step::More);
    }
    match std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
        Some('\u{80}'..='\u{9f}') => control(byte),
        Some(c) => {
            let key = Key { alt: is_alt, ..Key::char(c) };
            (State::Ground, Step::Done(Some(Input::Key(key))))
        }
        None => (State::Ground, Step::Done(None)),
    }
}

/// Within a CSI sequence.
fn csi(mut bytes: Vec<u8>, byte: u8) -> (State, Step) {
    match byte {
        // The function keys of Linux's console: `ESC [ [ A`.
        b'[' if bytes.is_empty() => (State::Csi(vec![byte]), Step::More),
        b'M' if bytes.is_empty() => (State::Mouse(Vec::new()), Step::More),
        0x20..=0x3f if bytes.len() < LONGEST_CSI => {
            bytes.push(byte);
            (State::Csi(bytes), Step::More)
        }
        b'~' if bytes == b"200" => (State::Paste(Vec::new()), Step::More),
        0x40..=0x7e => (State::Ground, Step::Done(csi::read(&bytes, byte))),
        // It was cut off, and the next one begins.
        0x1b => (State::Escape, Step::More),
        // Terminals take these for the end of a sequence.
        0x18 | 0x1a => (State::Ground, Step::Done(None)),
        _ => (State::Ground, Step::Again(None)),
    }
}

/// Within a string.
fn string(mut text: Text, byte: u8) -> (State, Step) {
    let is_over = match byte {
        7 => true,
        b'\\' => text.is_ending,
        0x9c => text.is_8_bit,
        _ => false,
    };
    if is_over {
        let answer = text.head.starts_with(KITTY).then_some(Input::Answer(Answer::Kitty));
        return (State::Ground, Step::Done(answer));
    }
    // A string has no escape character within it but for its end: it was cut off, and a key has begun.
    if text.is_ending {
        return (State::Escape, Step::Again(None));
    }
    match byte {
        0x18 | 0x1a => return (State::Ground, Step::Done(None)),
        _ if text.length >= LONGEST_STRING => return (State::Ground, Step::Again(None)),
        _ => {}
    }
    text.is_ending = byte == 0x1b;
    text.length += 1;
    if text.head.len() < KITTY.len() {
        text.head.push(byte);
    }
    (State::Text(text), Step::More)
}

/// A character with Alt.
pub(super) fn alt(c: char) -> Input {
    Input::Key(Key { alt: true, ..Key::char(c) })
}

/// A paste as text; an end of it that is not complete is none of it.
pub(super) fn paste(bytes: &[u8]) -> Input {
    let kept = bytes.get(..LONGEST_PASTE).unwrap_or(bytes);
    Input::Paste(String::from_utf8_lossy(kept).into_owned())
}
