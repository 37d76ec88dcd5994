//! Files and folders of this machine, as they are listed and as they are found for an upload.

use std::path::PathBuf;

use jiff::Timestamp;

use super::problem::Problem;
use crate::text::clean::Clean;

/// Which folder is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderRequest {
    /// Where a relative path begins.
    pub base: Option<PathBuf>,
    /// The path up to its last `/`, as it was typed.
    pub typed: String,
}

/// A folder that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What was asked for.
    pub place: FolderRequest,
    /// The folder itself.
    pub folder: PathBuf,
    /// The same as it is shown: `~` is the home directory.
    pub shown: Clean,
    /// Folders first, then files, by name; or why it cannot be read.
    pub entries: Result<Vec<Entry>, Problem>,
    /// Whether there are more entries than are listed.
    pub more: bool,
}

/// A folder or a file in the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: Clean,
    pub path: PathBuf,
    /// What it is, or what a link to it leads to.
    pub kind: EntryKind,
    /// Bytes of a file.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    Folder,
    /// A regular file.
    File,
    /// Neither: a link that leads nowhere, a pipe, a device.
    Other,
}

impl Entry {
    /// Whether its name begins with a dot.
    pub fn is_hidden(&self) -> bool {
        self.name.raw().starts_with('.')
    }
}

/// S3's limit for a key, in bytes.
pub const KEY_MAX: usize = 1_024;

/// Files that one plan has at most, so that the queue and its timelines stay within their bounds.
pub const FILES_MAX: usize = 10_000;

/// Entries that are looked at in all: a wrong folder must not be searched without an end.
pub const ENTRIES_MAX: usize = 200_000;

/// What the chosen files and folders hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileScan {
    /// The files, each folder's in the order of their names.
    pub files: Vec<ScannedFile>,
    /// What was left out on purpose: hidden files, links to folders, and what is no file.
    pub skipped: usize,
    /// What cannot be read.
    pub problems: Vec<Problem>,
    /// Why it was not looked at everything.
    pub limit: Option<Limit>,
}

/// What ended a scan early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// There are more files than one upload takes.
    Files,
    /// There are more entries, of whatever kind, than are looked at.
    Entries,
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedFile {
    pub path: PathBuf,
    /// Its path below the folder that holds what was chosen, with `/` between the names.
    pub name: Clean,
    /// Bytes.
    pub size: u64,
    /// The content type that S3 is told.
    pub content_type: Clean,
}
