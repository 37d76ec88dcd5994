//! Uploads: the set of facts, what they say, and this process's transfers that are still on their way.
//!
//! Timelines are derived from the facts, never edited.

pub mod delivery;
pub mod fact;
pub mod silence;
pub mod timeline;
pub mod transfer;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use fact::{Fact, UploadId};
use silence::Silence;
use timeline::{Outcome, Timeline, Unnamed};
use transfer::{Transfer, TransferState};

use super::filter::Filter;
use super::selection::Selection;
use crate::text::clean::Clean;

/// Facts kept; the oldest go first. About ten belong to one upload.
pub const MAX_FACTS: usize = 100_000;

/// Up to so many facts are told at once. Beyond, timelines wait a millisecond for each so many, but never longer than this.
const QUICK: usize = 1_000;
const FACTS_PER_MS: usize = 20;
const LONGEST_PAUSE_MS: usize = 1_000;

/// The Uploads panel.
#[derive(Debug)]
pub struct Uploads {
    /// How many facts are kept.
    limit: usize,
    facts: BTreeSet<Fact>,
    /// Whether `timelines` lags behind `facts`.
    stale: bool,
    /// When the timelines were derived last.
    folded_at: Option<Timestamp>,
    timelines: Vec<Timeline>,
    /// Invocations of which no line names an image, oldest first.
    unnamed: Vec<Unnamed>,
    /// Whether the log has shown lines that Lambda itself writes of invocations.
    has_platform_lines: bool,
    /// Where each of this process's uploads is among the timelines.
    ours: HashMap<UploadId, usize>,
    /// This process's uploads that S3 has not answered, oldest first; while any is under way, the stored ones of the
    /// queue are among them.
    pub transfers: Vec<Transfer>,
    /// What the keys of the last upload began with.
    pub prefix: String,
    /// What `/` narrows the rows to.
    pub filter: Filter,
    /// The row under the cursor.
    pub selection: Selection,
    /// The selected row's name, so that new rows do not move the selection.
    pub selected: Option<String>,
}

/// One row of the panel.
#[derive(Debug, Clone, Copy)]
pub enum Row<'a> {
    /// On its way to S3, failed on it, or cancelled.
    Transfer(&'a Transfer),
    /// In S3, or known from the log.
    Timeline(&'a Timeline),
}

/// Where an upload stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It waits for its turn to be sent.
    Queued,
    /// Bytes are going to S3.
    Uploading,
    /// It went wrong for a reason that may pass, and is tried again by itself.
    Held,
    /// Something more is expected, and it is not late.
    Waiting,
    /// Something expected has not come for over a minute.
    Late,
    /// Nothing has come for over five minutes.
    Stuck,
    /// What may have come of it cannot be told.
    Unknown,
    /// SNS has the message.
    Published,
    /// The handler had nothing to publish.
    Skipped,
    /// It went wrong for good.
    Failed,
    /// The user stopped it.
    Cancelled,
    /// An object of its key is there, and was not to be overwritten.
    Exists,
}

impl Default for Uploads {
    fn default() -> Self {
        Self::keeping(MAX_FACTS)
    }
}

impl Uploads {
    /// One that keeps this many facts.
    pub fn keeping(limit: usize) -> Self {
        Self {
            limit,
            facts: BTreeSet::new(),
            stale: false,
            folded_at: None,
            timelines: Vec::new(),
            unnamed: Vec::new(),
            has_platform_lines: false,
            ours: HashMap::new(),
            transfers: Vec::new(),
            prefix: String::new(),
            filter: Filter::default(),
            selection: Selection::default(),
            selected: None,
        }
    }

    /// Adds facts; one that is known already changes nothing.
    pub fn learn(&mut self, facts: impl IntoIterator<Item = Fact>) {
        for fact in facts {
            self.stale |= self.facts.insert(fact);
        }
        if self.facts.len() > self.limit {
            self.forget();
        }
    }

    /// Derives the timelines anew if facts have come, though the more there are, the less often: a thousand uploads at once
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

    /// Derives the timelines anew if facts have come; a transfer that has a timeline now is over.
    pub fn refold(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.timelines = timeline::fold(&self.facts);
            self.unnamed = timeline::unnamed(&self.facts);
            self.has_platform_lines |=
                self.facts.iter().any(|fact| matches!(fact, Fact::Invoked(_) | Fact::Reported(..)));
            let ours =
                self.timelines.iter().enumerate().filter_map(|(index, timeline)| Some((timeline.upload?, index)));
            self.ours = ours.collect();
        }
    }

    /// Lets the stored transfers go once nothing is under way any more: the queue that they are counted in is through.
    pub fn drop_stored(&mut self) {
        if !self.transfers.iter().any(Transfer::is_under_way) {
            self.transfers.retain(|transfer| transfer.state != TransferState::Stored);
        }
    }

    /// Newest first.
    pub fn timelines(&self) -> &[Timeline] {
        &self.timelines
    }

    /// Transfers and timelines together; those that match the filter. First what is being sent and what waits for it, in
    /// that order; then what was not stored, which nothing but a key changes; then the timelines. The newest come first.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let sending = self.transfers.iter().filter(|transfer| transfer.is_sending());
        let held = self.transfers.iter().filter(|transfer| matches!(transfer.state, TransferState::Held(_)));
        let queued = self.transfers.iter().filter(|transfer| transfer.state == TransferState::Queued);
        let over = self.transfers.iter().rev().filter(|transfer| transfer.is_over());
        let transfers = sending.chain(held).chain(queued).chain(over).map(Row::Transfer);
        let rows = transfers.chain(self.timelines.iter().map(Row::Timeline));
        rows.filter(|row| self.filter.matches(row.key().shown()))
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        if self.filter.is_empty() { self.total() } else { self.rows().count() }
    }

    /// How many rows there are, the filter aside.
    pub fn total(&self) -> usize {
        let stored = self.transfers.iter().filter(|transfer| transfer.state == TransferState::Stored).count();
        self.transfers.len() - stored + self.timelines.len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row under the cursor.
    pub fn selected_row(&self) -> Option<Row<'_>> {
        self.rows().nth(self.selection.cursor)
    }

    /// The timeline of one of this process's uploads.
    pub fn timeline_of(&self, id: UploadId) -> Option<&Timeline> {
        self.timelines.get(*self.ours.get(&id)?)
    }

    /// Drops the oldest tenth.
    fn forget(&mut self) {
        let mut times: Vec<Timestamp> = self.facts.iter().map(Fact::at).collect();
        times.sort_unstable();
        if let Some(limit) = times.get(self.limit / 10).copied() {
            self.facts.retain(|fact| fact.at() > limit);
        }
        self.stale = true;
    }
}

impl<'a> Row<'a> {
    /// The object's key.
    pub fn key(&self) -> &'a Clean {
        match self {
            Self::Transfer(transfer) => &transfer.key,
            Self::Timeline(timeline) => &timeline.write.key,
        }
    }

    /// Names the row across changes of the list.
    pub fn id(&self) -> String {
        match self {
            Self::Transfer(transfer) => format!("upload {}", transfer.id.0),
            Self::Timeline(timeline) => timeline.id(),
        }
    }
}

/// Normal S3 notification delays reach a minute.
pub const LATE_MS: i64 = 60_000;
/// Lambda waits one minute before the second attempt and two before the third.
pub const LATE_RETRY_MS: i64 = 150_000;
/// After this, waiting on alone does not help.
pub const STUCK_MS: i64 = 5 * 60_000;

/// Where a timeline stands at `now`. What is not known of its invocation is `silence`.
pub fn status(timeline: &Timeline, silence: Option<Silence>, now: Timestamp) -> Status {
    match &timeline.outcome {
        Outcome::Published(_) => Status::Published,
        Outcome::Skipped(_) => Status::Skipped,
        Outcome::Waiting | Outcome::Failed(_) if timeline.has_given_up() => Status::Failed,
        Outcome::Waiting | Outcome::Failed(_) => {
            let since = last_progress(timeline).unwrap_or(now);
            let late = if timeline.awaits_retry() { LATE_RETRY_MS } else { LATE_MS };
            match now.as_millisecond() - since.as_millisecond() {
                waited if waited < late => Status::Waiting,
                _ if silence.is_some_and(|silence| !silence.is_evidence()) => Status::Unknown,
                STUCK_MS.. => Status::Stuck,
                _ => Status::Late,
            }
        }
    }
}

/// When something was last seen of a timeline.
pub fn last_progress(timeline: &Timeline) -> Option<Timestamp> {
    let attempts = timeline.invocations.iter().flat_map(|invocation| &invocation.attempts);
    let lines = attempts.map(|attempt| attempt.ended.unwrap_or(attempt.first_line));
    timeline.stored.into_iter().chain(lines).max()
}

/// Where a transfer stands.
pub fn transfer_status(transfer: &Transfer) -> Status {
    match transfer.state {
        TransferState::Queued => Status::Queued,
        TransferState::Sending => Status::Uploading,
        TransferState::Held(_) => Status::Held,
        // Its timeline takes over with the same batch of messages.
        TransferState::Stored => Status::Waiting,
        TransferState::Exists => Status::Exists,
        TransferState::Failed(_) => Status::Failed,
        TransferState::Cancelled | TransferState::Unheard => Status::Cancelled,
    }
}
