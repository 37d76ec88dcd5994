//! Lines that functions of others print, and texts of messages: what each names of the uploads that are known, also of those that become known later.

use std::collections::{BTreeSet, VecDeque};

use crate::domain::evidence::names::{KnownNames, Name};
use crate::domain::evidence::{Fact, LogSource, TopicMessage, Write, printed_event};
use crate::text::clean::Clean;

/// Lines kept for uploads that are not known yet. S3 answers an upload before anyone can print its name, so that they are few.
const MOST_LINES: usize = 2_000;

/// The longest line that is read, in bytes: an event of many records, and no dump of a file.
const LONGEST_LINE: usize = 64 * 1024;

/// The lines, and the names that are looked for in them.
#[derive(Debug, Default)]
pub(super) struct PrintedLines {
    known: KnownNames,
    /// Those of the known names that were not looked for in the lines that are kept.
    fresh: Option<KnownNames>,
    lines: VecDeque<(Printed, Clean)>,
}

/// Where a text stands.
#[derive(Debug)]
pub(super) enum Printed {
    Line(LogSource),
    Message(TopicMessage),
}

impl Printed {
    fn names(&self, name: Name) -> Fact {
        match self {
            Self::Line(source) => Fact::Named(source.clone(), name),
            Self::Message(message) => Fact::MessageNamed(message.clone(), name),
        }
    }

    /// What a text names of what is known, and in what the events of these objects came that are printed in it.
    fn facts(&self, known: &KnownNames, text: &str) -> Vec<Fact> {
        let names = known.find(text);
        let is_of = |write: &Write| {
            names.iter().any(|name| match name {
                Name::S3RequestId(id) => write.s3_request_id.as_ref() == Some(id),
                Name::Key(object) => object.bucket == write.bucket && object.key == write.key,
                _ => false,
            })
        };
        let came = match self {
            Self::Line(source) if !names.is_empty() => {
                let own = printed_event::envelopes(text).into_iter().filter(|(write, _)| is_of(write));
                own.map(|(write, envelope)| Fact::Enveloped(source.clone(), write, envelope)).collect()
            }
            _ => Vec::new(),
        };
        names.iter().map(|name| self.names(name.clone())).chain(came).collect()
    }
}

impl PrintedLines {
    /// What a line names.
    pub(super) fn read(&mut self, source: Printed, line: Clean) -> Vec<Fact> {
        if line.raw().len() > LONGEST_LINE {
            return vec![source.names(Name::Unread)];
        }
        let found = source.facts(&self.known, line.raw());
        self.lines.push_back((source, line));
        if self.lines.len() > MOST_LINES {
            self.lines.pop_front();
        }
        found
    }

    /// Looks for the names of this fact from now on.
    pub(super) fn know(&mut self, fact: &Fact) {
        if is_named(fact) {
            add(&mut self.known, fact);
            add(self.fresh.get_or_insert_default(), fact);
        }
    }

    /// What the lines that are kept name of what has become known since the last time.
    pub(super) fn look_again(&mut self) -> Vec<Fact> {
        let Some(fresh) = self.fresh.take() else { return Vec::new() };
        self.lines.iter().flat_map(|(source, line)| source.facts(&fresh, line.raw())).collect()
    }

    /// Forgets the names of all but these facts.
    pub(super) fn keep(&mut self, facts: &BTreeSet<Fact>) {
        self.known = KnownNames::default();
        for fact in facts {
            add(&mut self.known, fact);
        }
    }
}

/// Whether a fact has names that others print: an upload, and a message that the topic is known to have.
fn is_named(fact: &Fact) -> bool {
    matches!(fact, Fact::Stored { .. } | Fact::DeliveryStatusEntry(_) | Fact::Probed(_))
}

fn add(known: &mut KnownNames, fact: &Fact) {
    match fact {
        Fact::Stored { write, .. } => known.add(write),
        Fact::DeliveryStatusEntry(entry) => known.add_message(&entry.message_id),
        Fact::Probed(probed) => known.add_message(&probed.message_id),
        _ => {}
    }
}
