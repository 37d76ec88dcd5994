//! Files and folders of this machine, as they are listed and as they are found for an upload.

use std::path::{Path, PathBuf, is_separator};

use jiff::Timestamp;

use super::problem::Problem;
use super::transfer::{ObjectKey, Upload, UploadSource};
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
    /// The folder in which files were chosen last, also by another run of the program.
    pub last: Option<PathBuf>,
}

/// A folder or a file in the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: Clean,
    pub path: PathBuf,
    /// What it is, or what a link to it leads to.
    pub kind: EntryKind,
    pub is_link: bool,
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

    /// Whether it is a link to a folder. It may lead back to where it is: an upload of everything leaves it out.
    pub fn is_folder_link(&self) -> bool {
        self.is_link && self.kind == EntryKind::Folder
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
    /// How many entries were left out on purpose: hidden files and links to folders.
    pub skipped: usize,
    /// The files and folders that cannot be uploaded, each with its reason.
    pub refused: Vec<Refused>,
    /// Why the scan ended early.
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
    /// The content type that is sent to S3.
    pub content_type: Clean,
}

/// A file or folder that cannot be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it is.
    pub path: PathBuf,
    /// What its key would end in; `None` where its name is not UTF-8 and makes no key.
    pub name: Option<Clean>,
    /// Why.
    pub problem: Problem,
}

impl Refused {
    /// The upload that it would have been: it can be sent again once the reason has passed. `key` makes keys of names.
    pub fn upload(&self, key: impl Fn(&str) -> String, replace: bool) -> Upload {
        let path = self.path.clone();
        match &self.name {
            Some(name) => Upload { source: UploadSource::File(path), key: ObjectKey::Named(key(name.raw())), replace },
            None => {
                let shown = path.to_string_lossy().into_owned();
                Upload { source: UploadSource::Nameless(path), key: ObjectKey::Named(shown), replace }
            }
        }
    }
}

/// Whether a path means what is in the folder, and not the folder itself: `dir/`, `.` and `..`, as `rsync` reads them.
pub fn means_contents(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let last = path.rsplit(|byte| is_separator(char::from(*byte))).next();
    !path.is_empty() && matches!(last, Some(b"" | b"." | b".."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_means_the_contents() {
        for path in ["dir/", "a/dir//", ".", "./", "..", "../", "dir/.", "dir/..", "/"] {
            assert!(means_contents(Path::new(path)), "{path}");
        }
        for path in ["dir", "a/dir", "./dir", "../dir", ".dir", "dir..", "dir/..a", ""] {
            assert!(!means_contents(Path::new(path)), "{path}");
        }
    }
}
