//! The directory of the objects' bodies; directories that a killed program left behind are removed.
//!
//! A locked file marks a directory as in use: the system releases the lock however a program ends.

use std::fs::{File, OpenOptions};
use std::path::Path;

const PREFIX: &str = "imgwatch-objects-";
/// No object has this name: theirs are hexadecimal digits.
const LOCK: &str = "in-use.lock";

/// A temporary directory, removed with everything in it when this is dropped.
pub(super) struct Directory {
    /// Closed before the directory is removed: not every system removes an open file.
    _lock: File,
    directory: tempfile::TempDir,
}

impl Directory {
    /// Makes a directory below `parent`, and removes those that are no longer in use.
    pub(super) fn new(parent: &Path) -> std::io::Result<Self> {
        sweep(parent);
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // The file is locked before it gets its name, so another program never sees it unlocked.
        let unnamed = directory.path().join("new.lock");
        let lock = File::create(&unnamed)?;
        lock.lock()?;
        std::fs::rename(unnamed, directory.path().join(LOCK))?;
        Ok(Self { _lock: lock, directory })
    }

    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Errors are ignored: such a directory is another user's, or is removed at the next start.
fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        // Links are not followed.
        if !is_ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let path = entry.path();
        let Ok(lock) = OpenOptions::new().read(true).write(true).open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            drop(lock);
            if let Err(error) = std::fs::remove_dir_all(&path) {
                tracing::debug!(%error, path = %path.display(), "a directory that nobody uses could not be removed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_removes_what_nobody_uses_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let make = |name: &str, file: &str| {
            let path = parent.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join(file), "").unwrap();
            path
        };
        let left_behind = make("imgwatch-objects-left", LOCK);
        let unknown = make("imgwatch-objects-unknown", "another file");
        let others = make("others", LOCK);
        let used = Directory::new(parent.path()).unwrap();
        assert!(!left_behind.exists());
        let second = Directory::new(parent.path()).unwrap();
        assert!(unknown.exists() && others.exists() && used.path().exists() && second.path().exists());
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }
}
