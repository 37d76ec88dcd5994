//! Where an upload stands at one moment.

use jiff::Timestamp;

use super::{Outcome, Timeline, Timelines};
use crate::domain::log::{LogReading, Tail};
use crate::domain::silence::Silence;
use crate::domain::transfer::{Transfer, TransferState};

/// Where an upload stands at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadStatus {
    /// It waits for its turn to be sent.
    Queued,
    /// Bytes are going to S3.
    Uploading,
    /// It failed for a reason that may pass, and is retried automatically.
    Held,
    /// Something more is expected, and it is not late.
    Waiting,
    /// Something expected has not come for over a minute.
    Late,
    /// Nothing has come for over five minutes.
    Stuck,
    /// What became of it is not known.
    Unknown,
    /// Its invocation succeeded; whether it published is not known.
    Processed,
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

impl UploadStatus {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Uploading => "uploading",
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Late | Self::Stuck => "late",
            Self::Unknown => "unknown",
            Self::Processed => "processed",
            Self::Published => "published",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Exists => "exists",
        }
    }
}

impl UploadStatus {
    /// How much it matters beside those of other functions: what went wrong first, then what is not over, then what was done.
    fn gravity(self) -> u8 {
        match self {
            Self::Failed => 7,
            Self::Stuck => 6,
            Self::Late => 5,
            Self::Unknown => 4,
            Self::Queued | Self::Uploading | Self::Held | Self::Waiting => 3,
            Self::Published => 2,
            Self::Processed => 1,
            Self::Skipped | Self::Cancelled | Self::Exists => 0,
        }
    }
}

/// Normal S3 notification delays reach a minute.
pub(super) const LATE_MS: i64 = 60_000;

/// Lambda waits one minute before the second attempt and two before the third.
pub(super) const LATE_RETRY_MS: i64 = 150_000;

/// After this, waiting on alone does not help.
pub const STUCK_MS: i64 = 5 * 60_000;

/// Where a timeline stands at `now`. What is not known of its invocation is `silence`.
pub fn status(timeline: &Timeline, silence: Option<Silence>, now: Timestamp) -> UploadStatus {
    match &timeline.outcome {
        Outcome::Published(_) => UploadStatus::Published,
        Outcome::Skipped(_) => UploadStatus::Skipped,
        Outcome::Waiting | Outcome::Failed(_) if timeline.has_given_up() => UploadStatus::Failed,
        Outcome::Waiting if timeline.is_processed() => UploadStatus::Processed,
        Outcome::Waiting | Outcome::Failed(_) => {
            let since = last_progress(timeline).unwrap_or(now);
            let late = if timeline.awaits_retry() { LATE_RETRY_MS } else { LATE_MS };
            match now.as_millisecond() - since.as_millisecond() {
                waited if waited < late => UploadStatus::Waiting,
                _ if silence.is_some_and(|silence| !silence.is_evidence()) => UploadStatus::Unknown,
                STUCK_MS.. => UploadStatus::Stuck,
                _ => UploadStatus::Late,
            }
        }
    }
}

impl Timelines {
    /// Where one of the timelines stands at `now`: of several functions, the one that stands worst.
    pub fn status(&self, timeline: &Timeline, log: LogReading<'_>, now: Timestamp) -> UploadStatus {
        let all = timeline.each().map(|part| self.status_of_part(part, log, now));
        all.max_by_key(|status| status.gravity()).unwrap_or(UploadStatus::Unknown)
    }

    /// Where one function stands with an upload.
    pub fn status_of_part(&self, part: &Timeline, log: LogReading<'_>, now: Timestamp) -> UploadStatus {
        // Silence matters only where something is late, and takes a look at other invocations.
        match status(part, None, now) {
            UploadStatus::Late | UploadStatus::Stuck => match self.silence(part, log, now) {
                // What is missing may stand in the part of the log that is not read yet.
                None if log.read_at.is_none() && *log.tail == Tail::Connecting => UploadStatus::Waiting,
                // Its end may have come without a line.
                None if part.lacks_report() && self.platform_lines_of(&part.function, log) != Some(true) => {
                    UploadStatus::Unknown
                }
                silence => status(part, silence, now),
            },
            status => status,
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
pub fn transfer_status(transfer: &Transfer) -> UploadStatus {
    match transfer.state {
        TransferState::Queued => UploadStatus::Queued,
        TransferState::Sending => UploadStatus::Uploading,
        TransferState::Held(_) => UploadStatus::Held,
        // Its timeline takes over with the same batch of messages.
        TransferState::Stored => UploadStatus::Waiting,
        TransferState::Exists => UploadStatus::Exists,
        TransferState::Failed(_) => UploadStatus::Failed,
        TransferState::Cancelled => UploadStatus::Cancelled,
        TransferState::OutcomeUnknown(_) => UploadStatus::Unknown,
    }
}
