//! Transfers: this process's uploads until S3 has stored them, and their queue.

use jiff::Timestamp;

use crate::domain::ids::UploadId;
use crate::domain::problem::Problem;
use crate::text::clean::{Clean, is_harmful};
use std::path::PathBuf;

/// One object to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// What to write.
    pub source: UploadSource,
    /// Under which key.
    pub key: ObjectKey,
    /// Whether an object that has the key already is overwritten.
    pub replace: bool,
}

/// What an upload writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadSource {
    /// A freshly generated PNG.
    TestImage,
    File(PathBuf),
    /// A file whose name is not UTF-8, as a key is: its upload fails.
    Nameless(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObjectKey {
    /// The file's own name, or one that is made for the test image, after a prefix.
    Own {
        prefix: String,
    },
    Named(String),
}

/// One object to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    pub key: Clean,
    /// Which of its versions; `None` for what the key names now.
    pub version_id: Option<Clean>,
    /// The content that is meant, by its entity tag without quotes; `None` for whatever is there.
    pub e_tag: Option<Clean>,
    pub to: Destination,
    /// Whether a file that is there already is overwritten.
    pub replace: bool,
}

/// Where a download goes. A directory takes the file under the name of the key's last part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A path as a person types it: `~/` is the home directory.
    Typed(String),
    Path(PathBuf),
    /// Standard output.
    Stdout,
}

/// One upload that S3 has not answered yet, or that belongs to a queue which is not through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its name in this process.
    pub id: UploadId,
    /// What is sent, and where to; sending it again takes the same.
    pub upload: Upload,
    /// The key as far as it is known: that of a test image is made when it begins.
    pub key: Clean,
    /// Bytes in all; `None` until they are known.
    pub size: Option<u64>,
    /// Bytes handed to the connection.
    pub sent: u64,
    /// When it was asked for, and once it is being sent, when that began.
    pub began: Timestamp,
    /// When bytes were handed over last, or it began.
    pub moved: Timestamp,
    /// How it stands.
    pub state: TransferState,
}

/// How a transfer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferState {
    /// It waits for its turn.
    Queued,
    /// Bytes are going out.
    Sending,
    /// It failed for a reason that may pass, and is retried automatically.
    Held(Problem),
    /// S3 has it: a timeline shows the rest.
    Stored,
    /// It went wrong.
    Failed(Problem),
    /// An object of this key is in the bucket already, and was not to be overwritten.
    Exists,
    /// The user stopped it.
    Cancelled,
    /// S3 may have stored it, and does not say. Why.
    OutcomeUnknown(Problem),
}

impl Transfer {
    /// Whether bytes are going out.
    pub fn is_sending(&self) -> bool {
        self.state == TransferState::Sending
    }

    /// Whether it is still to be stored without anyone doing anything.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, TransferState::Queued | TransferState::Sending | TransferState::Held(_))
    }

    /// Whether it came to an end without being stored.
    pub fn is_unfinished(&self) -> bool {
        !self.is_under_way() && self.state != TransferState::Stored
    }

    /// Whether it can be sent again as it is.
    pub fn can_be_resumed(&self) -> bool {
        matches!(self.state, TransferState::Failed(_) | TransferState::Cancelled | TransferState::OutcomeUnknown(_))
    }

    /// Bytes a second since the beginning.
    pub fn rate(&self, now: Timestamp) -> u64 {
        per_second(self.sent, self.began, now)
    }

    /// Milliseconds that the rest takes at this rate; `None` while there is no telling.
    pub fn left_ms(&self, now: Timestamp) -> Option<u64> {
        left(self.size?.saturating_sub(self.sent), self.rate(now))
    }
}

/// All uploads that were asked for since the last time there was nothing to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    pub stored: usize,
    /// Files in all, those that failed or were stopped among them.
    pub files: usize,
    /// Files that are still to be stored.
    pub left: usize,
    /// Bytes that were sent of what is stored and what is left.
    pub sent: u64,
    /// Bytes of both, as far as they are known.
    pub bytes: u64,
    /// Whether any of them is being sent.
    pub is_sending: bool,
    /// When the first of them began.
    pub began: Timestamp,
}

impl Queue {
    /// What the transfers are together; `None` where nothing is under way.
    pub fn of(transfers: &[Transfer]) -> Option<Self> {
        if !transfers.iter().any(Transfer::is_under_way) {
            return None;
        }
        let is_part = |transfer: &&Transfer| transfer.is_under_way() || transfer.state == TransferState::Stored;
        let began = transfers.iter().filter(is_part).map(|transfer| transfer.began).min()?;
        // What was over before this queue began is no part of it.
        let over = transfers.iter().filter(|transfer| transfer.is_unfinished() && transfer.began >= began).count();
        let none = Self { stored: 0, files: over, left: 0, sent: 0, bytes: 0, is_sending: false, began };
        Some(transfers.iter().filter(is_part).fold(none, |queue, transfer| {
            let is_stored = transfer.state == TransferState::Stored;
            let size = transfer.size.unwrap_or_default();
            Self {
                stored: queue.stored + usize::from(is_stored),
                files: queue.files + 1,
                left: queue.left + usize::from(!is_stored),
                sent: queue.sent + if is_stored { size } else { transfer.sent },
                bytes: queue.bytes + size,
                is_sending: queue.is_sending || transfer.is_sending(),
                began,
            }
        }))
    }

    /// Bytes a second since the beginning.
    pub fn rate(&self, now: Timestamp) -> u64 {
        per_second(self.sent, self.began, now)
    }

    /// Milliseconds that the rest takes: by its bytes or by its files, whichever takes longer; `None` while there is no
    /// telling. Of many small files it is not the bytes that take time.
    pub fn left_ms(&self, now: Timestamp) -> Option<u64> {
        let millis = (now.as_millisecond() - self.began.as_millisecond()).max(1).unsigned_abs();
        let (stored, files) = (u64::try_from(self.stored).ok()?, u64::try_from(self.left).ok()?);
        let by_files = files.saturating_mul(millis).checked_div(stored);
        let by_bytes = left(self.bytes.saturating_sub(self.sent), self.rate(now));
        by_bytes.max(by_files)
    }
}

/// Bytes a second since a moment.
pub fn per_second(bytes: u64, since: Timestamp, now: Timestamp) -> u64 {
    let millis = (now.as_millisecond() - since.as_millisecond()).max(1);
    bytes.saturating_mul(1_000) / millis.unsigned_abs()
}

/// Milliseconds that so many bytes take at a rate; `None` while there is no telling.
pub fn left(bytes: u64, rate: u64) -> Option<u64> {
    bytes.saturating_mul(1_000).checked_div(rate)
}

/// What became of an upload, unless S3 stored it: a fact says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadNews {
    /// It begins: its key and size are known now.
    Began {
        /// Where it goes.
        key: Clean,
        /// Bytes.
        size: u64,
    },
    /// It went wrong for a reason that may pass, and is tried again.
    Held(Problem),
    /// It went wrong.
    Failed(Problem),
    /// An object of its key is there already, and was not to be overwritten.
    Exists,
    /// It was stopped.
    Cancelled,
    /// S3 may have stored it, and does not say. Why.
    OutcomeUnknown(Problem),
}

#[derive(Debug, Clone)]
pub enum DownloadNews {
    /// The file can be written: the object comes as soon as it has its turn.
    Began {
        /// The file's path.
        to: Clean,
    },
    /// Something of that name is there already, and was not to be overwritten.
    Exists {
        /// Its path.
        to: Clean,
    },
    /// The whole object has come.
    Done {
        /// The file's path.
        to: Clean,
        /// Bytes.
        size: u64,
        /// Entity tag without quotes.
        e_tag: Option<Clean>,
    },
    /// It went wrong, and left nothing.
    Failed(Problem),
    /// It was stopped, and left nothing.
    Cancelled,
}

/// Bytes that file systems take for a name.
const NAME_MOST: usize = 255;

/// What a file of a key's object is called: the last part of the key that is a name, and never a way to another folder.
///
/// What terminals act on or hide is replaced, as is what parts paths on any system.
pub fn file_name(key: &str) -> String {
    let last = key.rsplit('/').find(|part| !matches!(part.trim(), "" | "." | ".."));
    let is_unfit = |c: char| is_harmful(c) || c == '\\' || (cfg!(windows) && "<>:\"|?*".contains(c));
    let name: String = last.unwrap_or("object").chars().map(|c| if is_unfit(c) { '_' } else { c }).collect();
    // The ending says what it is.
    let surplus = name.len().saturating_sub(NAME_MOST);
    let start = (surplus..=name.len()).find(|at| name.is_char_boundary(*at)).unwrap_or(0);
    name.get(start..).unwrap_or_default().to_owned()
}
#[cfg(test)]
mod tests;
