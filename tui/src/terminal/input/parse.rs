//! The bytes of a terminal become keys, pastes and the mouse; answers of the terminal are swallowed whole. Pure.
//!
//! A sequence may come in any number of reads. Where one is not complete, [`Parser::patience`] says how long to wait for
//! its next byte, and [`Parser::silence`] what it is to be taken for when none has come.

use std::time::Duration;

use crate::terminal::input::Input;
use crate::terminal::input::state::{State, Step, alt, paste};
use crate::text::key::{Code, Key};

/// After an escape character alone: longer than a terminal takes for the rest of a key, and not felt by who pressed Esc.
const ESCAPE: Duration = Duration::from_millis(50);
/// Within a sequence that has begun.
const SEQUENCE: Duration = Duration::from_millis(250);
/// Within a paste, and within a string that has begun for sure: the rest of it would be taken for keys.
const WHOLE: Duration = Duration::from_secs(5);
/// After something was given up: its rest may still come.
const LATE: Duration = Duration::from_secs(2);

/// Reads bytes.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: State,
    /// What was given up a moment ago.
    given_up: Option<State>,
}

impl Parser {
    /// Takes in what was read at once.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        if let Some(late) = self.given_up.take() {
            // On a busy machine the rest of a sequence may come after it was given up. Then it comes at once, which what is
            // typed does not.
            let mut belated = Self { state: late, given_up: None };
            if let Some(inputs) = belated.complete(bytes) {
                self.state = belated.state;
                return inputs;
            }
        }
        bytes.iter().flat_map(|byte| self.push(*byte)).collect()
    }

    /// How long to wait for the next byte; `None` where nothing depends on it.
    pub(super) fn patience(&self) -> Option<Duration> {
        match &self.state {
            State::Ground => self.given_up.is_some().then_some(LATE),
            State::Escape => Some(ESCAPE),
            State::Paste(_) => Some(WHOLE),
            State::Text(text) if !text.is_bare() => Some(WHOLE),
            _ => Some(SEQUENCE),
        }
    }

    /// No byte has come for that long.
    pub(super) fn silence(&mut self) -> Option<Input> {
        let state = std::mem::take(&mut self.state);
        let input = match &state {
            State::Escape => Some(Input::Key(Key::plain(Code::Esc))),
            // Nothing came after what is also a key with Alt.
            State::Ss3 => Some(alt('O')),
            State::Csi(_) if state.is_bare() => Some(alt('[')),
            State::Text(text) if text.is_bare() => text.head.first().map(|byte| alt(char::from(*byte))),
            State::Paste(bytes) => Some(paste(bytes)),
            _ => None,
        };
        // What was handed on does not come again.
        let may_go_on = matches!(state, State::Escape | State::Ss3 | State::Csi(_) | State::Mouse(_) | State::Text(_));
        self.given_up = may_go_on.then_some(state);
        input
    }

    /// Takes bytes in if they complete what was given up; `None` where they do not.
    fn complete(&mut self, bytes: &[u8]) -> Option<Vec<Input>> {
        for (at, byte) in bytes.iter().enumerate() {
            let (was_escape, was_bare) = (self.state == State::Escape, at == 0 && self.state.is_bare());
            match self.step(*byte) {
                Step::More => {}
                // A character after Esc is one: Alt would have sent both at once.
                Step::Done(_) if was_escape => return None,
                // So is one after Alt-[ or Alt-O, unless both together are a key.
                Step::Done(None) if was_bare => return None,
                Step::Done(input) => {
                    let rest = bytes.get(at + 1..).unwrap_or_default();
                    return Some(input.into_iter().chain(rest.iter().flat_map(|byte| self.push(*byte))).collect());
                }
                Step::Again(_) => return None,
            }
        }
        // A paste is not complete for long; it has begun, though.
        matches!(self.state, State::Paste(_)).then(Vec::new)
    }

    fn step(&mut self, byte: u8) -> Step {
        let (state, step) = std::mem::take(&mut self.state).next(byte);
        self.state = state;
        step
    }

    /// Takes one byte in.
    fn push(&mut self, byte: u8) -> Vec<Input> {
        let mut inputs = Vec::new();
        loop {
            match self.step(byte) {
                Step::More => return inputs,
                Step::Done(input) => {
                    inputs.extend(input);
                    return inputs;
                }
                Step::Again(input) => inputs.extend(input),
            }
        }
    }
}

#[cfg(test)]
mod tests;
