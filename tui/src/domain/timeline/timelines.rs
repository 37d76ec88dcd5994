//! The set of facts and the timelines that they give. Timelines are derived from the facts, never edited.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::by_time::{LULL_MS, USUAL_MS, listed_since};
use super::counts::{CountsSchedule, CountsWanted};
use super::nameless::nameless;
use super::printed::{Printed, PrintedLines};
use super::{KnownFunctions, Nameless, Timeline, Unnamed, fold, unnamed};
use crate::domain::evidence::{Counted, Fact, Listed, LogStretch};
use crate::domain::ids::UploadId;
use crate::domain::wiring::Wiring;
use crate::text::clean::Clean;

/// Facts kept; the oldest go first. About ten belong to one upload.
pub const MAX_FACTS: usize = 100_000;

/// Up to so many facts are folded at once. Beyond, timelines wait a millisecond for each so many, but no longer than this.
const QUICK: usize = 1_000;

const FACTS_PER_MS: usize = 20;

const LONGEST_PAUSE_MS: usize = 1_000;

/// How long a listing is waited for.
const LISTING_TAKES_MS: i64 = 30_000;

/// A listing of the bucket that would tell whether other uploads are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ListingWanted {
    /// Objects that were written before are of no interest.
    since: Timestamp,
    /// It says enough from this moment on.
    from: Timestamp,
    /// It says nothing that is of interest after this moment.
    until: Timestamp,
}

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
    /// The functions whose logs have shown lines that Lambda itself writes of invocations.
    platform_functions: BTreeSet<Clean>,
    /// The function that is followed best.
    pub(in crate::domain) line: KnownFunctions,
    /// From when on the function's log is read.
    log_from: Option<Timestamp>,
    /// The latest listing of the bucket or answer of CloudWatch: the log is needed to there.
    log_needed_to: Option<Timestamp>,
    /// Until when the log is known to be read, as a fact: only where a listing or a count needs it.
    log_to: Option<Timestamp>,
    /// From when on, and after which moment, the bucket is to be listed.
    listing: Option<ListingWanted>,
    /// The one that was asked for last, and when.
    listing_asked: Option<(ListingWanted, Timestamp)>,
    counts: CountsSchedule,
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
            platform_functions: BTreeSet::new(),
            line: KnownFunctions::default(),
            log_from: None,
            log_needed_to: None,
            log_to: None,
            listing: None,
            listing_asked: None,
            counts: CountsSchedule::default(),
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
            let (printed, text, message) = match fact {
                Fact::Printed(source, line) => (Printed::Line(source), line, None),
                Fact::MessageText(message, text) => (Printed::Message(message.clone()), text, Some(message)),
                fact => {
                    self.add(fact);
                    continue;
                }
            };
            let named = self.printed.read(printed, text).into_iter().chain(message.map(Fact::Message));
            named.for_each(|fact| self.stale |= self.facts.insert(fact));
        }
        if self.facts.len() > self.limit {
            self.forget();
        }
    }

    fn add(&mut self, fact: Fact) {
        self.printed.know(&fact);
        if let Fact::Listed(Listed { at, .. }) | Fact::Counted(Counted { at, .. }) = &fact {
            self.log_needed_to = self.log_needed_to.max(Some(*at));
        }
        self.stale |= self.facts.insert(fact);
    }

    /// The function's log is read from this moment on.
    pub fn log_begins(&mut self, from: Timestamp) {
        (self.log_from, self.log_to) = (Some(from), None);
        self.learn([Fact::LogRead(LogStretch { from, to: from })]);
    }

    /// The log was read to its end, as of this moment. It is a fact only where something depends on it, since this is said
    /// several times a second.
    pub fn log_read(&mut self, to: Timestamp) {
        let is_asked_for =
            self.log_needed_to.is_some_and(|needed| needed <= to && self.log_to.is_none_or(|at| at < needed));
        if let Some(from) = self.log_from.filter(|_| is_asked_for) {
            self.log_to = Some(to);
            self.learn([Fact::LogRead(LogStretch { from, to })]);
        }
    }

    /// From when on the bucket is to be listed now, if a listing is missing: it is asked for once, and again where no answer
    /// comes.
    pub fn listing_to_ask(&mut self, now: Timestamp) -> Option<Timestamp> {
        let wanted = self.listing.filter(|wanted| (wanted.from..=wanted.until).contains(&now))?;
        let is_asked = |(asked, at): (ListingWanted, Timestamp)| {
            asked == wanted && now.as_millisecond() - at.as_millisecond() < LISTING_TAKES_MS
        };
        if self.listing_asked.is_some_and(is_asked) {
            return None;
        }
        self.listing_asked = Some((wanted, now));
        Some(wanted.since)
    }

    /// When a listing will be of use, if not yet.
    pub fn listing_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.listing.map(|wanted| wanted.from).filter(|from| *from > now)
    }

    /// Whether a topic counts each message at once, and not minutes later.
    pub fn counts_are_immediate(&mut self, are_immediate: bool) {
        self.counts.are_immediate = are_immediate;
    }

    /// The counts of CloudWatch to ask for now, of one topic.
    pub fn counts_to_ask(&mut self, now: Timestamp) -> Option<CountsWanted> {
        self.counts.ask(now)
    }

    /// When counts are to be asked for next.
    pub fn counts_due(&self, now: Timestamp) -> Option<Timestamp> {
        self.counts.next_due(now)
    }

    /// When the counts should be complete that may show a publication of an upload, if they may still come.
    pub fn awaits_counts(&self, timeline: &Timeline, now: Timestamp) -> Option<Timestamp> {
        let missing = timeline.uncounted.iter().filter(|missing| !self.counts.is_over(missing, now));
        missing.map(|missing| self.counts.due(missing)).max()
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
            self.all = fold(&self.facts, &self.line);
            self.unnamed = unnamed(&self.facts, &self.all, &self.line);
            self.nameless = nameless(&self.facts, &self.line);
            for fact in &self.facts {
                if let Fact::Invoked(source) | Fact::Reported(source, _) = fact
                    && !self.platform_functions.contains(&source.function)
                {
                    self.platform_functions.insert(source.function.clone());
                }
            }
            let ours = self.all.iter().enumerate().filter_map(|(index, timeline)| Some((timeline.upload?, index)));
            self.ours = ours.collect();
            self.listing =
                self.all.iter().flat_map(Timeline::each).filter_map(wanted).max_by_key(|wanted| wanted.until);
            self.counts.missing =
                self.all.iter().flat_map(Timeline::each).flat_map(|part| part.uncounted.clone()).collect();
        }
    }

    /// The pipeline is known better.
    pub fn follow(&mut self, wiring: &Wiring) {
        let line = KnownFunctions::of(wiring);
        self.stale |= line != self.line;
        self.line = line;
    }

    /// Whether the log of a function is known to have lines that Lambda itself writes of invocations.
    pub(in crate::domain) fn has_platform_lines(&self, function: &Clean) -> bool {
        self.platform_functions.contains(function) || (function.raw().is_empty() && !self.platform_functions.is_empty())
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
            self.shorten_log(limit);
            self.printed.keep(&self.facts);
        }
        self.stale = true;
    }

    /// What was read before a moment is no longer known.
    fn shorten_log(&mut self, limit: Timestamp) {
        let shorter = |fact: &Fact| match fact {
            Fact::LogRead(LogStretch { from, to }) if *from < limit => {
                Some(Fact::LogRead(LogStretch { from: limit, to: *to }))
            }
            _ => None,
        };
        let fresh: Vec<Fact> = self.facts.iter().filter_map(shorter).collect();
        self.facts.retain(|fact| shorter(fact).is_none());
        self.facts.extend(fresh);
        self.log_from = self.log_from.map(|from| from.max(limit));
        self.facts.extend(self.log_from.map(|from| Fact::LogRead(LogStretch { from, to: from })));
    }
}

/// The listing that would join an upload with its only possible invocation.
fn wanted(timeline: &Timeline) -> Option<ListingWanted> {
    let (began, ended) = (timeline.not_before?, timeline.unlisted?);
    let after = |millis| Timestamp::from_millisecond(ended.as_millisecond() + millis).unwrap_or(ended);
    Some(ListingWanted { since: listed_since(began), from: after(LULL_MS), until: after(USUAL_MS) })
}
