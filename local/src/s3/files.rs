//! Object bodies: files in a temporary directory, so that memory stays small however large the objects are.
//!
//! A locked file marks a directory as in use: the system releases the lock however a program ends. Directories that a
//! killed program left behind are removed.

use std::fs::OpenOptions;
use std::io::SeekFrom;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, stream};
use s3s::StdError;
use s3s::dto::StreamingBlob;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

const PIECE: usize = 128 * 1024;

/// The disk failed, not the body that was written to it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(crate) struct DiskError(pub(crate) std::io::Error);

/// One stored body. Dropping it removes the file.
#[derive(Debug)]
pub(crate) struct Blob {
    path: PathBuf,
}

impl Drop for Blob {
    fn drop(&mut self) {
        // A file that cannot be removed here is removed with its directory.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Blob {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a body to the file. If the disk fails, the rest of the body is read nevertheless: a client that is still
    /// sending would find the connection closed, not the response.
    /// Errors: [`DiskError`], or what the body says.
    pub(crate) async fn receive<S>(self, mut body: S) -> Result<Self, StdError>
    where
        S: Stream<Item = Result<Bytes, StdError>> + Unpin,
    {
        let mut file = File::create(&self.path).await.map_err(DiskError);
        while let Some(piece) = body.next().await {
            match &mut file {
                Ok(open) => {
                    if let Err(error) = open.write_all(&piece?).await {
                        file = Err(DiskError(error));
                        // The part that arrived takes no space while the rest is read.
                        let _ = tokio::fs::remove_file(&self.path).await;
                    }
                }
                Err(_) if piece.is_err() => break,
                Err(_) => {}
            }
        }
        file?.flush().await.map_err(DiskError)?;
        Ok(self)
    }

    pub(crate) async fn read(self: Arc<Self>, range: Range<u64>) -> std::io::Result<StreamingBlob> {
        let mut file = File::open(&self.path).await?;
        file.seek(SeekFrom::Start(range.start)).await?;
        let file = file.take(range.end.saturating_sub(range.start));
        // The reader holds the blob, so that an overwritten object's body exists until it has been sent.
        let pieces = stream::try_unfold((file, self), |(mut file, blob)| async move {
            let mut buffer = BytesMut::with_capacity(PIECE);
            let read = file.read_buf(&mut buffer).await?;
            Ok::<_, std::io::Error>((read > 0).then(|| (buffer.freeze(), (file, blob))))
        });
        Ok(StreamingBlob::wrap(pieces))
    }
}

const PREFIX: &str = "imgwatch-objects-";
/// No object has this name: theirs are hexadecimal digits.
const LOCK: &str = "in-use.lock";

/// A temporary directory, removed with everything in it when this is dropped.
pub(super) struct Directory {
    /// Closed before the directory is removed: not every system removes an open file.
    _lock: std::fs::File,
    directory: tempfile::TempDir,
}

impl Directory {
    /// Makes a directory below `parent`, and removes those that are no longer in use.
    pub(super) fn new(parent: &Path) -> std::io::Result<Self> {
        sweep(parent);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        // Other users of this machine must not read the bodies.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let directory = builder.tempdir_in(parent)?;
        // The file is locked before it gets its name, so another program never sees it unlocked.
        let unnamed = directory.path().join("new.lock");
        let lock = std::fs::File::create(&unnamed)?;
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
                tracing::debug!(%error, path = %path.display(), "an unused directory could not be removed");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_an_error_of_its_own_and_the_body_is_read_to_its_end() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("body");
        // Every write to this device fails as on a full disk.
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let mut left = 64;
        let body = stream::poll_fn(|_| {
            left -= 1;
            std::task::Poll::Ready((left > 0).then(|| Ok(Bytes::from(vec![0; PIECE]))))
        });
        let error = Blob::new(path.clone()).receive(body).await.unwrap_err();
        let disk: &DiskError = error.downcast_ref().unwrap();
        assert_eq!(disk.0.kind(), std::io::ErrorKind::StorageFull);
        assert_eq!(left, 0, "the client has sent everything");
        assert!(path.symlink_metadata().is_err(), "nothing is left");

        let missing = Blob::new(parent.path().join("no/such/directory"));
        let body = stream::iter([Ok(Bytes::from_static(b"a"))]);
        let error = missing.receive(body).await.unwrap_err();
        assert_eq!(error.downcast_ref::<DiskError>().unwrap().0.kind(), std::io::ErrorKind::NotFound);
    }

    #[test]
    fn a_start_removes_unused_directories_and_nothing_else() {
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

    #[cfg(unix)]
    #[test]
    fn other_users_cannot_open_the_directory() {
        use std::os::unix::fs::PermissionsExt as _;

        let parent = tempfile::tempdir().unwrap();
        let directory = Directory::new(parent.path()).unwrap();
        assert_eq!(directory.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
