//! The Uploads panel: this process's transfers in progress, and the timelines of what is in S3.

mod batch;
mod state;

use std::collections::HashSet;

use super::filter::Filter;
use super::selection::Selection;
use crate::domain::ids::UploadId;
use crate::domain::timeline::{Timeline, Timelines};
use crate::domain::transfer::{Transfer, TransferState};
use crate::domain::transfers::Transfers;
use crate::text::clean::Clean;

pub use batch::BatchCount;
pub use state::UploadState;

/// The Uploads panel.
#[derive(Debug, Default)]
pub struct Uploads {
    /// What the evidence says.
    pub timelines: Timelines,
    /// This process's uploads that S3 has not answered, oldest first; while any is under way, the stored ones of the
    /// queue are among them.
    pub transfers: Transfers,
    /// What the keys of the last upload began with.
    pub prefix: String,
    /// What `/` narrows the rows to.
    pub filter: Filter,
    /// The state whose uploads alone are shown.
    pub only: Option<UploadState>,
    /// Whether filter and state let each of the timelines through, as of the last look; see [`Uploads::sift`].
    sifted: Vec<bool>,
    /// The uploads that were asked for since there was nothing to send.
    batch: HashSet<UploadId>,
    /// The row under the cursor.
    pub selection: Selection,
    /// The selected row's name, so that new rows do not move the selection.
    pub selected: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub enum UploadRow<'a> {
    /// Being sent to S3, failed, or cancelled.
    Transfer(&'a Transfer),
    /// In S3, or known from the log.
    Timeline(&'a Timeline),
}

impl Uploads {
    /// The rows that filter and state let through. First what is being sent and what waits for it, in that order; then
    /// what was not stored, which nothing but a key changes; then the timelines. The newest come first.
    pub fn rows(&self) -> impl Iterator<Item = UploadRow<'_>> {
        let transfers = self.transfer_rows().filter(|transfer| self.shows_transfer(transfer));
        let timelines = self.timelines.all().iter().enumerate();
        let timelines = timelines.filter(|(index, timeline)| self.shows_timeline(*index, timeline));
        transfers.map(UploadRow::Transfer).chain(timelines.map(|(_, timeline)| UploadRow::Timeline(timeline)))
    }

    fn transfer_rows(&self) -> impl Iterator<Item = &Transfer> {
        let sending = self.transfers.iter().filter(|transfer| transfer.is_sending());
        let held = self.transfers.iter().filter(|transfer| matches!(transfer.state, TransferState::Held(_)));
        let queued = self.transfers.iter().filter(|transfer| transfer.state == TransferState::Queued);
        let over = self.transfers.iter().rev().filter(|transfer| transfer.is_unfinished());
        sending.chain(held).chain(queued).chain(over)
    }

    /// A row by its name, whether it is shown or not.
    pub fn find(&self, id: &str) -> Option<UploadRow<'_>> {
        let timelines = self.timelines.all().iter().map(UploadRow::Timeline);
        self.transfer_rows().map(UploadRow::Transfer).chain(timelines).find(|row| row.id() == id)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        if self.is_narrowed() { self.rows().count() } else { self.total() }
    }

    /// How many rows there are, the filter aside.
    pub fn total(&self) -> usize {
        let stored = self.transfers.iter().filter(|transfer| transfer.state == TransferState::Stored).count();
        self.transfers.len() - stored + self.timelines.all().len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The row under the cursor.
    pub fn selected_row(&self) -> Option<UploadRow<'_>> {
        self.rows().nth(self.selection.cursor)
    }
}

impl<'a> UploadRow<'a> {
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
