//! The set of facts and the timelines that they give. Timelines are derived from the facts, never edited.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::nameless::nameless;
use super::printed::PrintedLines;
use super::{Nameless, Timeline, Unnamed, fold, unnamed};
use crate::domain::evidence::Fact;
use crate::domain::ids::UploadId;

/// Facts kept; the oldest go first. About ten belong to one upload.
pub const MAX_FACTS: usize = 100_000;

/// Up to so many facts are told at once. Beyond, timelines wait a millisecond for each so many, but never longer than this.
const QUICK: usize = 1_000;

const FACTS_PER_MS: usize = 20;

const LONGEST_PAUSE_MS: usize = 1_000;

/// Facts and what they say.
#[derive(Debug)]
pub struct Timelines {
    /// How many facts are kept.
    limit: usize,
    facts: BTreeSet<Fact>,
    printed: PrintedLines,
    /// Whether `all` lags behind `facts`.
    stale: bool,
    /// When the timelines were derived last.
    folded_at: Option<Timestamp>,
    all: Vec<Timeline>,
    /// Invocations of which no line names an image, oldest first.
    pub(in crate::domain) unnamed: Vec<Unnamed>,
    nameless: Option<Nameless>,
    /// Whether the log has shown lines that Lambda itself writes of invocations.
    pub(in crate::domain) has_platform_lines: bool,
    /// Where each of this process's uploads is among the timelines.
    ours: HashMap<UploadId, usize>,
}

impl Default for Timelines {
    fn default() -> Self {
        Self::keeping(MAX_FACTS)
    }
}

impl Timelines {
    /// One that keeps this many facts.
    pub fn keeping(limit: usize) -> Self {
        Self {
            limit,
            facts: BTreeSet::new(),
            printed: PrintedLines::default(),
            stale: false,
            folded_at: None,
            all: Vec::new(),
            unnamed: Vec::new(),
            nameless: None,
            has_platform_lines: false,
            ours: HashMap::new(),
        }
    }

    /// All of them, newest first.
    pub fn all(&self) -> &[Timeline] {
        &self.all
    }

    /// Adds facts; one that is known already changes nothing.
    pub fn learn(&mut self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            if let Fact::Printed(source, line) = fact {
                for named in self.printed.read(source, line) {
                    self.stale |= self.facts.insert(named);
                }
                continue;
            }
            self.printed.know(&fact);
            self.stale |= self.facts.insert(fact);
        }
        if self.facts.len() > self.limit {
            self.forget();
        }
    }

    /// Derives the timelines again if facts have come, though the more there are, the less often: a thousand uploads at once
    /// are watched as a whole. Says whether it has.
    pub fn refold_when_due(&mut self, now: Timestamp) -> bool {
        let pause = self.facts.len().saturating_sub(QUICK) / FACTS_PER_MS;
        let pause = i64::try_from(pause.min(LONGEST_PAUSE_MS)).unwrap_or(0);
        let is_due = self.folded_at.is_none_or(|at| now.as_millisecond() - at.as_millisecond() >= pause);
        let folds = self.stale && is_due;
        if folds {
            self.folded_at = Some(now);
            self.refold();
        }
        folds
    }

    /// Derives the timelines again if facts have come.
    pub fn refold(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.facts.extend(self.printed.look_again());
            self.all = fold(&self.facts);
            self.unnamed = unnamed(&self.facts, &self.all);
            self.nameless = nameless(&self.facts);
            self.has_platform_lines |=
                self.facts.iter().any(|fact| matches!(fact, Fact::Invoked(_) | Fact::Reported(..)));
            let ours = self.all.iter().enumerate().filter_map(|(index, timeline)| Some((timeline.upload?, index)));
            self.ours = ours.collect();
        }
    }

    /// The invocations since this process's first upload, where no line of the log names an object.
    pub fn nameless(&self) -> Option<Nameless> {
        self.nameless
    }

    /// The timeline of one of this process's uploads.
    pub fn of_upload(&self, id: UploadId) -> Option<&Timeline> {
        self.all.get(*self.ours.get(&id)?)
    }

    /// Drops the oldest tenth.
    fn forget(&mut self) {
        let mut times: Vec<Timestamp> = self.facts.iter().map(Fact::at).collect();
        times.sort_unstable();
        if let Some(limit) = times.get(self.limit / 10).copied() {
            self.facts.retain(|fact| fact.at() > limit);
            self.printed.keep(&self.facts);
        }
        self.stale = true;
    }
}
