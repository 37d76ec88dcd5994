//! How a command ends: its exit code, and what is said where it went wrong.

use serde::Serialize;

use super::json;
use crate::domain::problem::Problem;
use crate::terminal::console;
use crate::terminal::crash::Panicked;
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

/// Why a command stopped.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    what: Clean,
    hint: Clean,
    /// Whether standard output has it already, for programs.
    is_in_json: bool,
}

impl Failure {
    pub(crate) fn new(what: impl Into<Clean>, hint: impl Into<Clean>) -> Self {
        Self { exit: Exit::Failed, what: what.into(), hint: hint.into(), is_in_json: false }
    }

    /// The user stopped the command.
    pub(crate) fn interrupted() -> Self {
        Self { exit: Exit::Interrupted, ..Self::new("interrupted", "") }
    }

    /// The same failure as wrong usage.
    pub(crate) fn usage(self) -> Self {
        Self { exit: Exit::Usage, ..self }
    }

    /// The same failure, which standard output has already.
    pub(crate) fn in_json(self) -> Self {
        Self { is_in_json: true, ..self }
    }

    /// The failure as one JSON object, unless standard output has it. The user who interrupts a command knows why it ends.
    pub(crate) fn document(&self) -> Option<String> {
        let is_told = self.is_in_json || self.exit == Exit::Interrupted;
        let document = Document { error: self.what.raw(), hint: Some(self.hint.raw()).filter(|hint| !hint.is_empty()) };
        if is_told { None } else { json::line(&document).ok() }
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What went wrong.
    pub(crate) fn what(&self) -> &Clean {
        &self.what
    }

    /// Says it on standard error. Where that is closed, only the exit code is left.
    pub fn report(&self) {
        console::say(&format!("error: {}", self.what));
        if !self.hint.shown().is_empty() {
            console::say(&format!("hint: {}", self.hint));
        }
    }
}

/// A failure in JSON.
#[derive(Serialize)]
struct Document<'a> {
    error: &'a str,
    hint: Option<&'a str>,
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string(), "")
    }
}

impl From<Panicked> for Failure {
    fn from(_: Panicked) -> Self {
        Self::new("the command stopped because a part of it failed; the report is above", "")
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        // Both texts were cleaned at the cloud's edge; what is shown of them stays as it is.
        Self::new(format!("{}: {}", problem.what.shown(), problem.why.shown()), problem.hint.as_ref())
    }
}

/// Something to know that does not stop the command.
pub(crate) fn warn(text: &str) {
    console::say(&format!("warning: {}", Clean::new(text)));
}

/// Something that was done, or that the user may like to know, and is no result.
pub(crate) fn note(text: &str) {
    console::say(&format!("note: {}", Clean::new(text)));
}
