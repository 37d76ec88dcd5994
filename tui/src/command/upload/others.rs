//! What the logs say of uploads of other programs. It is left out, because a command is about its own files, and a busy
//! bucket writes many times as much about others.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use crate::domain::evidence::{Fact, LogSource, Write};
use crate::text::clean::Clean;

/// Facts that are kept whatever they are about: they show what the log has.
const FEW: usize = 1_000;
/// Ids that are remembered, and as many before them. What comes of one invocation comes soon.
const MOST: usize = 100_000;

/// Which invocations and messages are about objects of others only.
#[derive(Debug, Default)]
pub(super) struct OtherUploads {
    kept: usize,
    /// Invocations and messages of which something was kept: then all of it is, so that none seems to name nothing. Also log
    /// streams with a line that names no invocation: it may be of any that was running there.
    begun: Ids,
    /// Invocations and messages of others, and log streams in which such an invocation was left out.
    others: Ids,
    has_left_out: bool,
}

impl OtherUploads {
    /// Leaves out what is about others. `facts` come together, so that the start of an invocation is judged by the records
    /// behind it; `own` are the keys of this program's files.
    pub(super) fn leave_out(&mut self, facts: &mut Vec<Fact>, own: &HashSet<&Clean>) {
        let is_own = |write: &Write| own.contains(&write.key);
        for fact in &*facts {
            match fact {
                Fact::Printed(source, _) if !self.others.has(printer(source)) => self.begun.insert(printer(source)),
                _ => {
                    if let Some((id, _)) = record(fact).filter(|(_, write)| is_own(write)) {
                        self.begun.insert(id);
                    }
                }
            }
        }
        if self.kept >= FEW {
            for fact in &*facts {
                let is_others = |id: &Clean, source: &LogSource, write: &Write| {
                    !is_own(write) && !self.begun.has(id) && !self.begun.has(&source.stream)
                };
                let Some((source, write)) = fact.record() else { continue };
                let Some(id) = source.lambda_request_id.as_ref().filter(|id| is_others(id, source, write)) else {
                    continue;
                };
                self.others.insert(id);
                self.others.insert(&source.stream);
                if let Fact::Published { message_id, .. } = fact {
                    self.others.insert(message_id);
                }
            }
        }
        let count = facts.len();
        facts.retain_mut(|fact| self.keeps(fact));
        self.has_left_out |= facts.len() < count;
        self.kept += facts.len();
        for id in facts.iter().filter_map(id) {
            self.begun.insert(id);
        }
    }

    /// Whether records of other uploads were left out: then the function logs objects.
    pub(super) fn has_left_out(&self) -> bool {
        self.has_left_out
    }

    fn keeps(&self, fact: &mut Fact) -> bool {
        let is_left_out = |id: &Clean| self.others.has(id) && !self.begun.has(id);
        match fact {
            // What it names is named by one more invocation than those that are kept, whichever it is.
            Fact::Printed(source, _) => {
                if is_left_out(printer(source)) {
                    (source.stream, source.lambda_request_id) = (Clean::default(), None);
                }
                true
            }
            // A message that was kept is known to be about another upload.
            Fact::Published { message_id, .. } if self.begun.has(message_id) => true,
            _ => id(fact).is_none_or(|id| !is_left_out(id)),
        }
    }
}

/// What printed a line: the invocation, or, of a line that names none, the log stream.
fn printer(source: &LogSource) -> &Clean {
    source.lambda_request_id.as_ref().unwrap_or(&source.stream)
}

/// A record of imgwatch's handler: its invocation, and the write that it is about.
fn record(fact: &Fact) -> Option<(&Clean, &Write)> {
    fact.record().and_then(|(source, write)| Some((source.lambda_request_id.as_ref()?, write)))
}

/// The invocation or the message that a fact is about.
fn id(fact: &Fact) -> Option<&Clean> {
    fact.invocation().or_else(|| fact.message_id())
}

/// The latest ids, as hashes: there are many, and none is shown.
#[derive(Debug, Default)]
struct Ids {
    new: HashSet<u64>,
    old: HashSet<u64>,
}

impl Ids {
    fn insert(&mut self, id: &Clean) {
        if self.new.len() >= MOST {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(hash(id));
    }

    fn has(&self, id: &Clean) -> bool {
        let hash = hash(id);
        self.new.contains(&hash) || self.old.contains(&hash)
    }
}

fn hash(id: &Clean) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}
