//! Where a download goes: a file beside its target that takes the target's name once it is whole, or standard output.
//!
//! What is not whole never has the target's name, and is removed however the download ends.

use std::fs::{self, Metadata, Permissions};
use std::io::{self, ErrorKind, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{NamedTempFile, TempPath};
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _, BufWriter};

use super::Stop;
use crate::cloud::folder;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{Destination, Download, file_name};
use crate::text::clean::Clean;

/// How long a file system may take to say whether the file can be written; one that is gone never answers.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes that are written at once.
const PIECE: usize = 256 * 1024;

/// What takes the bytes.
pub(super) enum Sink {
    File(Box<Part>),
    Stdout,
}

/// A file that is not whole yet. It goes with this value.
pub(super) struct Part {
    file: BufWriter<tokio::fs::File>,
    path: TempPath,
    target: PathBuf,
    replace: bool,
}

/// Looks at the path, and makes the file that becomes the target.
pub(super) async fn open(download: &Download) -> Result<Sink, Stop> {
    let path = match &download.to {
        Destination::Stdout => return Ok(Sink::Stdout),
        Destination::Typed(text) => folder::below_home(text).unwrap_or_else(|| PathBuf::from(text)),
        Destination::Path(path) => path.clone(),
    };
    let (name, replace, asked) = (file_name(download.key.raw()), download.replace, path.clone());
    let looked = tokio::task::spawn_blocking(move || look(&path, &name, replace));
    match tokio::time::timeout(PATIENCE, looked).await {
        Ok(Ok(sink)) => sink,
        Ok(Err(_)) => Err(Stop::Cancelled),
        Err(_) => Err(unwritable(&asked, "its directory does not answer").into()),
    }
}

/// A directory takes the file under the object's own name.
fn look(path: &Path, name: &str, replace: bool) -> Result<Sink, Stop> {
    let is_directory = path.as_os_str().as_encoded_bytes().ends_with(b"/") || path.is_dir();
    let target = if is_directory { path.join(name) } else { path.to_owned() };
    let target = std::path::absolute(&target).map_err(|error| unwritable(&target, &error.to_string()))?;
    let target = followed(target)?;
    let replaced = match fs::symlink_metadata(&target) {
        Ok(found) if found.is_dir() => return Err(unwritable(&target, "there is a directory of this name").into()),
        Ok(found) if !found.is_file() => return Err(unwritable(&target, "it is not a regular file").into()),
        Ok(_) if !replace => return Err(Stop::Exists(shown(&target))),
        Ok(found) => Some(found),
        // A name that is too long fits a file beside it, and would be found out at the end.
        Err(error) if error.kind() == ErrorKind::InvalidFilename => {
            return Err(unwritable(&target, "the path, or a part of it, is longer than the file system allows").into());
        }
        // Any other error that prevents reading it prevents writing it.
        Err(_) => None,
    };
    let directory = target.parent().unwrap_or_else(|| Path::new("/"));
    let made = beside(directory, replaced.as_ref().map(Metadata::permissions));
    let (file, path) = made.map_err(|error| unwritable(&target, &reason(&error, directory)))?.into_parts();
    let file = BufWriter::with_capacity(PIECE, tokio::fs::File::from_std(file));
    Ok(Sink::File(Box::new(Part { file, path, target, replace })))
}

/// What a link leads to, so that the link stays; any other path as it is.
fn followed(target: PathBuf) -> Result<PathBuf, Problem> {
    if !fs::symlink_metadata(&target).is_ok_and(|found| found.is_symlink()) {
        return Ok(target);
    }
    fs::canonicalize(&target).map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied => unwritable(&target, "there is a link of this name that may not be followed"),
        _ => unwritable(&target, "there is a link of this name that leads nowhere"),
    })
}

/// A new file, with the rights of the one that it replaces; else with those that files usually get, and not those of a
/// secret.
fn beside(directory: &Path, replaced: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".imgwatch-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let replaced = replaced.map(|rights| Permissions::from_mode(rights.mode() & 0o777));
        let file = builder
            .permissions(replaced.clone().unwrap_or_else(|| Permissions::from_mode(0o666)))
            .tempfile_in(directory)?;
        if let Some(rights) = replaced {
            // The umask may have taken some. A file system that has no rights to give leaves it at that.
            let _ = file.as_file().set_permissions(rights);
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    {
        // There they are a mark that would keep the file from being written.
        drop(replaced);
        builder.tempfile_in(directory)
    }
}

impl Sink {
    /// The path that it ends at.
    pub(super) fn name(&self) -> Clean {
        match self {
            Self::File(part) => shown(&part.target),
            Self::Stdout => Clean::new("standard output"),
        }
    }

    /// Takes more.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self {
            Self::File(part) => {
                part.file.write_all(bytes).await.map_err(|error| unwritten(&part.target, &error).into())
            }
            Self::Stdout => print(bytes.to_vec()).await,
        }
    }

    /// Forgets what was written, so that all of it can come again. What was printed cannot be taken back.
    pub(super) async fn begin_again(&mut self) -> Result<bool, Stop> {
        let Self::File(part) = self else { return Ok(false) };
        let emptied = async {
            part.file.flush().await?;
            part.file.seek(SeekFrom::Start(0)).await?;
            part.file.get_mut().set_len(0).await
        };
        emptied.await.map_err(|error| unwritten(&part.target, &error))?;
        Ok(true)
    }

    /// All of it has come: the file gets its name.
    pub(super) async fn finish(self) -> Result<Clean, Stop> {
        let name = self.name();
        let Self::File(part) = self else { return Ok(name) };
        let Part { mut file, path, target, replace } = *part;
        file.flush().await.map_err(|error| unwritten(&target, &error))?;
        // Some systems name no file that is open.
        drop(file.into_inner().into_std().await);
        let named = move || keep(path, &target, replace).map_err(|error| unwritten(&target, &error));
        tokio::task::spawn_blocking(named).await.map_err(|_| Stop::Cancelled)??;
        Ok(name)
    }
}

/// Prints bytes as they are. A reader that has enough stops the download, and that is no failure.
async fn print(bytes: Vec<u8>) -> Result<(), Stop> {
    let written = tokio::task::spawn_blocking(move || {
        let mut stdout = io::stdout().lock();
        stdout.write_all(&bytes).and_then(|()| stdout.flush())
    });
    match written.await.map_err(|_| Stop::Cancelled)? {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Stop::Cancelled),
        Err(error) if is_full(&error) => {
            let full = unwritable(Path::new("to standard output"), "its disk is full");
            Err(full.with_hint("free some space, or write to another disk").into())
        }
        written => written.map_err(|error| unwritable(Path::new("to standard output"), &error.to_string()).into()),
    }
}

/// Gives the file its name. Where it must not replace anything, the file system itself sees to that.
fn keep(part: TempPath, target: &Path, replace: bool) -> io::Result<()> {
    if replace {
        return part.persist(target).map_err(|failed| failed.error);
    }
    part.persist_noclobber(target).or_else(|failed| {
        // Some file systems cannot see to it: then a look has to do.
        if failed.error.kind() == ErrorKind::AlreadyExists || fs::symlink_metadata(target).is_ok() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        failed.path.persist(target).map_err(|failed| failed.error)
    })
}

fn shown(path: &Path) -> Clean {
    Clean::new(&path.to_string_lossy())
}

fn reason(error: &io::Error, directory: &Path) -> String {
    match error.kind() {
        // Some systems say so of directories that cannot be written to.
        ErrorKind::NotFound if directory.is_dir() => "no file can be made in its directory".to_owned(),
        ErrorKind::NotFound => "there is no such directory".to_owned(),
        ErrorKind::PermissionDenied => "its directory may not be written to".to_owned(),
        ErrorKind::NotADirectory => "a part of the path is not a directory".to_owned(),
        _ if is_full(error) => full(directory),
        _ => error.to_string(),
    }
}

/// Whether there is no room for more, on the disk or for this user.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded)
}

fn full(directory: &Path) -> String {
    format!("the disk of {} is full", directory.to_string_lossy())
}

/// A file that cannot be made.
fn unwritable(path: &Path, why: &str) -> Problem {
    let what = Clean::new(&format!("cannot write {}", path.to_string_lossy()));
    Problem::new(ProblemKind::File, what, why).with_hint("choose another path")
}

/// A file that could not be written to its end.
fn unwritten(path: &Path, error: &io::Error) -> Problem {
    match error.kind() {
        ErrorKind::AlreadyExists => unwritable(path, "a file of this name was created meanwhile"),
        _ if is_full(error) => {
            let directory = path.parent().unwrap_or(path);
            unwritable(path, &full(directory)).with_hint("free some space, or choose a path on another disk")
        }
        _ => unwritable(path, &error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_its_directory() {
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            let problem = unwritten(Path::new("/pictures/cat.png"), &kind.into());
            let told = problem.to_string();
            assert!(
                told.starts_with("cannot write /pictures/cat.png: the disk of /pictures is full; free some"),
                "{told}"
            );
        }
        let made = reason(&ErrorKind::StorageFull.into(), Path::new("/pictures"));
        assert_eq!(made, "the disk of /pictures is full");
    }
}
