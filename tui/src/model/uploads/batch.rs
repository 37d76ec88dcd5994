//! What the pipeline did with the files that were sent together, once they are stored.

use jiff::Timestamp;

use super::Uploads;
use crate::domain::ids::UploadId;
use crate::domain::log::LogReading;
use crate::domain::timeline::UploadStatus;

/// How many stored files of a batch stand how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BatchCount {
    /// SNS has the message.
    pub published: usize,
    /// The invocation succeeded; whether it published is not known.
    pub processed: usize,
    /// The function had nothing to publish.
    pub skipped: usize,
    /// Something more is expected.
    pub waiting: usize,
    /// Nothing has come for too long.
    pub late: usize,
    /// The log does not show whether anything has come.
    pub unknown: usize,
    /// The function could not publish.
    pub failed: usize,
}

impl BatchCount {
    /// All of them.
    pub fn files(&self) -> usize {
        self.published + self.processed + self.skipped + self.waiting + self.late + self.unknown + self.failed
    }
}

impl Uploads {
    /// Uploads are about to be sent: a new batch, unless others are under way or these belong to the last one.
    pub(crate) fn add_to_batch(&mut self, uploads: impl Iterator<Item = UploadId> + Clone) {
        let is_same = uploads.clone().all(|id| self.batch.contains(&id));
        if !is_same && self.transfers.under_way().next().is_none() {
            self.batch.clear();
        }
        self.batch.extend(uploads);
    }

    /// How the last batch stands; `None` while any upload is under way, and where only one file is stored.
    pub fn batch(&self, log: LogReading<'_>, now: Timestamp) -> Option<BatchCount> {
        if self.batch.len() < 2 || self.transfers.under_way().next().is_some() {
            return None;
        }
        let mut count = BatchCount::default();
        // What was not stored is counted as unfinished.
        for timeline in self.batch.iter().filter_map(|id| self.timelines.of_upload(*id)) {
            let number = match self.timelines.status(timeline, log, now) {
                UploadStatus::Published => &mut count.published,
                UploadStatus::Processed => &mut count.processed,
                UploadStatus::Skipped => &mut count.skipped,
                UploadStatus::Late | UploadStatus::Stuck => &mut count.late,
                UploadStatus::Unknown => &mut count.unknown,
                UploadStatus::Failed | UploadStatus::Exists | UploadStatus::Cancelled => &mut count.failed,
                UploadStatus::Queued | UploadStatus::Uploading | UploadStatus::Held | UploadStatus::Waiting => {
                    &mut count.waiting
                }
            };
            *number += 1;
        }
        Some(count).filter(|count| count.files() > 1)
    }
}
