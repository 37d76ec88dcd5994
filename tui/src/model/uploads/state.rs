//! Which uploads are shown: those whose key and state have the words of the filter, and those of one state.

use jiff::Timestamp;

use super::Uploads;
use crate::domain::delivery;
use crate::domain::log::LogReading;
use crate::domain::timeline::{Timeline, UploadStatus, transfer_status};
use crate::domain::transfer::Transfer;

/// A state whose uploads alone can be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadState {
    /// Not stored, not published, or not delivered to a subscriber.
    Failed,
    /// On their way, and not late.
    Waiting,
    /// Without progress for too long.
    Late,
    /// What may have come of it cannot be read.
    Unknown,
}

impl UploadState {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Late => "late",
            Self::Unknown => "unknown",
        }
    }

    /// The state after this one; after the last one, all are shown again.
    pub fn next(here: Option<Self>) -> Option<Self> {
        match here {
            None => Some(Self::Failed),
            Some(Self::Failed) => Some(Self::Waiting),
            Some(Self::Waiting) => Some(Self::Late),
            Some(Self::Late) => Some(Self::Unknown),
            Some(Self::Unknown) => None,
        }
    }

    fn has(self, status: UploadStatus, has_failed_delivery: bool) -> bool {
        match status {
            UploadStatus::Failed | UploadStatus::Exists => self == Self::Failed,
            UploadStatus::Published => self == Self::Failed && has_failed_delivery,
            UploadStatus::Queued | UploadStatus::Uploading | UploadStatus::Held | UploadStatus::Waiting => {
                self == Self::Waiting
            }
            UploadStatus::Late | UploadStatus::Stuck => self == Self::Late,
            UploadStatus::Unknown => self == Self::Unknown,
            UploadStatus::Processed | UploadStatus::Skipped | UploadStatus::Cancelled => false,
        }
    }
}

impl Uploads {
    /// Whether some rows may be hidden.
    pub fn is_narrowed(&self) -> bool {
        !self.filter.is_empty() || self.only.is_some()
    }

    /// Finds out which timelines are shown. States change with time: this is for when facts, the filter or the time have
    /// changed, so that a frame does not do it.
    pub(crate) fn sift(&mut self, log: LogReading<'_>, now: Timestamp) {
        let mut sifted = std::mem::take(&mut self.sifted);
        sifted.clear();
        if self.is_narrowed() {
            let shows = |timeline: &Timeline| self.shows(timeline, self.timelines.status(timeline, log, now));
            sifted.extend(self.timelines.all().iter().map(shows));
        }
        self.sifted = sifted;
    }

    fn shows(&self, timeline: &Timeline, status: UploadStatus) -> bool {
        let has_failed_delivery = delivery::has_failed(timeline);
        let failed = has_failed_delivery.then_some(UploadState::Failed.word());
        let texts = || [timeline.write.key.shown(), status.word()].into_iter().chain(failed);
        self.only.is_none_or(|only| only.has(status, has_failed_delivery)) && self.filter.matches_any(texts)
    }

    pub(super) fn shows_timeline(&self, index: usize, timeline: &Timeline) -> bool {
        // A timeline that is new since then is found by its key.
        let by_key = || self.only.is_none() && self.filter.matches(timeline.write.key.shown());
        !self.is_narrowed() || self.sifted.get(index).copied().unwrap_or_else(by_key)
    }

    pub(super) fn shows_transfer(&self, transfer: &Transfer) -> bool {
        let status = transfer_status(transfer);
        self.only.is_none_or(|only| only.has(status, false))
            && self.filter.matches_any(|| [transfer.key.shown(), status.word()])
    }
}
