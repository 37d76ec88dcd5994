//! From names in lines to invocations: which invocation each line belongs to.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::claims::Names;
use crate::domain::evidence::names::Name;
use crate::domain::evidence::{Fact, LogSource};
use crate::text::clean::Clean;

/// No environment runs more invocations at a time.
const MOST_RUNNING: usize = 64;

/// The lines that name something, and the attempts during which they may have been printed.
#[derive(Default)]
pub(super) struct NamedLines<'a> {
    lines: Vec<&'a Fact>,
    /// By log stream, the earliest first.
    attempts: HashMap<&'a Clean, Vec<Attempt<'a>>>,
}

/// What lines name, by invocation.
#[derive(Default)]
pub(super) struct NamesOf<'a> {
    pub(super) of: BTreeMap<&'a Clean, Names<'a>>,
    /// When lines were written that name an object and belong to no invocation.
    pub(super) loose: Vec<Timestamp>,
    /// Which invocations name a message, if that is known of its lines, and when they first do.
    pub(super) messages: BTreeMap<&'a Clean, BTreeMap<Option<&'a Clean>, Timestamp>>,
}

struct Attempt<'a> {
    id: &'a Clean,
    began: Timestamp,
    ended: Option<Timestamp>,
}

impl<'a> NamedLines<'a> {
    /// Adds a line, the start or the end of an attempt; starts in their order, and ends after them.
    pub(super) fn add(&mut self, fact: &'a Fact) {
        match fact {
            Fact::Named(..) => self.lines.push(fact),
            Fact::Invoked(LogSource { at, stream, lambda_request_id: Some(id), .. }) => {
                self.attempts.entry(stream).or_default().push(Attempt { id, began: *at, ended: None });
            }
            Fact::Reported(source, _) => self.end(source),
            _ => {}
        }
    }

    fn end(&mut self, source: &LogSource) {
        let (Some(id), Some(attempts)) = (&source.lambda_request_id, self.attempts.get_mut(&source.stream)) else {
            return;
        };
        let begun = attempts.partition_point(|attempt| attempt.began <= source.at);
        let latest = attempts.iter_mut().take(begun).rev().take(MOST_RUNNING).find(|attempt| attempt.id == id);
        if let Some(attempt) = latest {
            attempt.ended = attempt.ended.max(Some(source.at));
        }
    }

    /// What the lines of each invocation name.
    pub(super) fn names(&self) -> NamesOf<'a> {
        let mut names = NamesOf::default();
        let began = self.began();
        for fact in &self.lines {
            let Fact::Named(source, name) = fact else { continue };
            let invocation = self.invocation(source);
            if let Name::MessageId(message) = name {
                let first = names.messages.entry(message).or_default().entry(invocation).or_insert(source.at);
                *first = (*first).min(source.at);
                continue;
            }
            let Some(id) = invocation else {
                names.loose.push(source.at);
                continue;
            };
            // One that began before an upload is not about it, whenever it prints a name.
            let at = began.get(id).copied().unwrap_or(source.at).min(source.at);
            let first = names.of.entry(id).or_default().entry(name).or_insert(at);
            *first = (*first).min(at);
        }
        names.loose.sort_unstable();
        names
    }

    /// When each invocation began: its first attempt.
    fn began(&self) -> HashMap<&'a Clean, Timestamp> {
        let mut began: HashMap<&'a Clean, Timestamp> = HashMap::new();
        for attempt in self.attempts.values().flatten() {
            let first = began.entry(attempt.id).or_insert(attempt.began);
            *first = (*first).min(attempt.began);
        }
        began
    }

    /// The invocation that a line names, else the only one that was running in its log stream.
    pub(super) fn invocation(&self, source: &'a LogSource) -> Option<&'a Clean> {
        if let Some(id) = &source.lambda_request_id {
            return Some(id);
        }
        let attempts = self.attempts.get(&source.stream)?;
        let begun = attempts.get(..attempts.partition_point(|attempt| attempt.began <= source.at))?;
        let newest = begun.iter().rev().take(MOST_RUNNING);
        let mut running = newest.filter(|attempt| attempt.ended.is_none_or(|ended| ended >= source.at));
        let only = running.next()?;
        running.next().is_none().then_some(only.id)
    }
}
