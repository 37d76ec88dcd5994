//! Where a key is tried: what leads to its context, what it is to bring about, and the program that is driven there.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use imgwatch::keymap::Scope;
use imgwatch::keymap::action::Action;
use imgwatch::text::key::{Code, Key};
use imgwatch_local::{Fault, FaultRule, LocalCloud};

use super::see::See;
use crate::term::Term;

/// What is done before or after a key, and what is then seen.
pub(super) enum Step {
    /// Keys, in one piece.
    Press(&'static str, See),
    /// The terminal gets so many columns and rows.
    Resize(u16, u16),
    /// From now on the cloud answers these requests in another way.
    Trouble(&'static str, &'static str, Fault),
    /// The cloud answers as usual again.
    Calm,
    /// Only one of the two stacks is left; for the first screen.
    OneStack,
}

/// What a key brings about.
pub(super) enum Effect {
    Shows(See),
    /// The program ends.
    Ends,
    /// The shell has the terminal.
    Suspends,
}

/// One thing that a row of the key table is expected to do.
pub(super) struct Expectation {
    pub(super) row: (Scope, Action),
    pub(super) before: Vec<Step>,
    pub(super) effect: Effect,
    pub(super) after: Vec<Step>,
}

/// What a key shows, and the way there and back.
pub(super) fn shows(scope: Scope, action: Action, before: Vec<Step>, then: See, after: Vec<Step>) -> Expectation {
    Expectation { row: (scope, action), before, effect: Effect::Shows(then), after }
}

pub(super) fn ends(scope: Scope, action: Action, before: Vec<Step>) -> Expectation {
    Expectation { row: (scope, action), before, effect: Effect::Ends, after: Vec::new() }
}

pub(super) fn press(keys: &'static str, then: See) -> Step {
    Step::Press(keys, then)
}

/// An answer that does not come.
pub(super) fn never() -> Fault {
    Fault::Delay(Duration::from_secs(3_600))
}

pub(super) fn refused() -> Fault {
    Fault::Error { status: 403, code: "AccessDenied".to_owned(), message: "not allowed".to_owned() }
}

/// The bytes that a terminal sends for a key.
pub(crate) fn bytes(key: Key) -> String {
    match key.code {
        Code::Char(c) if key.ctrl => char::from(u8::try_from(c).unwrap() & 0x1f).to_string(),
        Code::Char(c) => c.to_string(),
        Code::Enter => "\r".to_owned(),
        Code::Esc => "\u{1b}".to_owned(),
        Code::Tab => "\t".to_owned(),
        Code::BackTab => "\u{1b}[Z".to_owned(),
        Code::Backspace => "\u{7f}".to_owned(),
        Code::Delete => "\u{1b}[3~".to_owned(),
        Code::Up => "\u{1b}[A".to_owned(),
        Code::Down => "\u{1b}[B".to_owned(),
        Code::Right => "\u{1b}[C".to_owned(),
        Code::Left => "\u{1b}[D".to_owned(),
        Code::Home => "\u{1b}[H".to_owned(),
        Code::End => "\u{1b}[F".to_owned(),
        Code::PageUp => "\u{1b}[5~".to_owned(),
        Code::PageDown => "\u{1b}[6~".to_owned(),
        Code::F(_) => panic!("what a terminal sends for {key} is not known here"),
    }
}

/// A program, and what it talks to.
pub(super) struct Stage<'a> {
    pub(super) term: Term,
    pub(super) cloud: &'a LocalCloud,
    pub(super) has_one_stack: Arc<AtomicBool>,
}

impl Stage<'_> {
    fn act(&mut self, what: &str, steps: &[Step]) {
        for (number, step) in steps.iter().enumerate() {
            let what = format!("{what}, step {}", number + 1);
            match step {
                Step::Press(keys, then) => self.press(&what, keys, then),
                Step::Resize(cols, rows) => self.term.resize(*cols, *rows),
                Step::Trouble(service, operation, fault) => self.cloud.inject(FaultRule {
                    service: (*service).to_owned(),
                    operation: Some((*operation).to_owned()),
                    times: u32::MAX,
                    fault: fault.clone(),
                }),
                Step::Calm => self.cloud.clear_faults(),
                Step::OneStack => self.has_one_stack.store(true, Ordering::Relaxed),
            }
        }
    }

    fn press(&mut self, what: &str, keys: &str, then: &See) {
        let mark = self.term.written();
        self.term.keys(keys);
        self.term.wait_since(&format!("{what} ({keys:?})"), mark, then);
    }

    /// Presses one key of a row in its context, and waits for what it is to bring about.
    pub(super) fn try_key(&mut self, expected: &Expectation, key: Key) {
        let what = format!("{:?} by {key}", expected.row);
        self.act(&format!("{what}: before"), &expected.before);
        if let Effect::Shows(then) = &expected.effect {
            // What is there already proves nothing.
            let mark = self.term.written();
            self.term.wait_since(&format!("{what}: not yet"), mark, |screen, bytes| !then(screen, bytes));
            self.press(&what, &bytes(key), then);
        } else {
            self.term.keys(&bytes(key));
        }
        self.act(&format!("{what}: after"), &expected.after);
    }
}
