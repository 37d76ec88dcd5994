//! Transfers: this process's uploads on their way to S3.

use jiff::Timestamp;

use super::fact::UploadId;
use crate::model::problem::Problem;
use crate::text::clean::Clean;

/// One upload that S3 has not answered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its name in this process.
    pub id: UploadId,
    /// The key it is written to.
    pub key: Clean,
    /// Bytes in all; `None` until the file is opened.
    pub size: Option<u64>,
    /// Bytes handed to the connection.
    pub sent: u64,
    /// When it began.
    pub began: Timestamp,
    /// How it stands.
    pub state: TransferState,
}

/// How a transfer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferState {
    /// Bytes are going out.
    Sending,
    /// It went wrong.
    Failed(Problem),
    /// The user stopped it.
    Cancelled,
}

impl Transfer {
    /// Whether bytes are still going out.
    pub fn is_sending(&self) -> bool {
        self.state == TransferState::Sending
    }

    /// Bytes a second since the beginning.
    pub fn rate(&self, now: Timestamp) -> u64 {
        let millis = (now.as_millisecond() - self.began.as_millisecond()).max(1);
        self.sent.saturating_mul(1_000) / millis.unsigned_abs()
    }
}
