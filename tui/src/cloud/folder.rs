//! Folders of this machine, for choosing files in them. It reads folders, and remembers which one was used last.

use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::cloud::connection::Connection;
use crate::cloud::upload::source::reason;
use crate::config::xdg;
use crate::domain::files::{Entry, EntryKind, FolderRequest, Listing};
use crate::domain::ids::RequestId;
use crate::domain::preview::Preview;
use crate::domain::problem::{Problem, ProblemKind};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Entries of a folder at most: more cannot be looked through by hand, and a name that is typed narrows them.
const MOST: usize = 20_000;

/// Names of a folder that its preview has at most: more than any screen has rows.
const PREVIEWED: usize = 200;

/// How long a folder may take; one on a disk that is gone never answers.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn list(connection: &Connection, request: RequestId, place: FolderRequest) {
    let asked = place.clone();
    let read = tokio::task::spawn_blocking(move || read(place));
    let listing = match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(listing)) => listing,
        Ok(Err(_)) => return,
        Err(_) => silent(asked),
    };
    connection.send(Update::FolderListed { request, listing }).await;
}

/// What is said of a folder that does not answer.
fn silent(place: FolderRequest) -> Listing {
    let folder = place.base.clone().unwrap_or_default().join(&place.typed);
    let (shown, entries) = (Clean::new(&folder.to_string_lossy()), Err(unread(&folder, "it does not answer")));
    Listing { place, folder, shown, entries, more: false, last: None }
}

fn unread(folder: &Path, why: &str) -> Problem {
    Problem::new(ProblemKind::File, format!("cannot read the folder {}", folder.to_string_lossy()), why)
        .with_hint("choose another folder")
}

/// What is in a folder, as far as it would be uploaded with it: hidden entries would not.
pub(super) async fn preview(folder: PathBuf) -> Result<Preview, Problem> {
    let asked = folder.clone();
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(move || entries(&asked))).await {
        Ok(Ok(entries)) => entries.map(|(entries, more)| summary(&entries, more)),
        Ok(Err(error)) => Err(unread(&folder, &error.to_string())),
        Err(_) => Err(unread(&folder, "it does not answer")),
    }
}

fn summary(entries: &[Entry], more: bool) -> Preview {
    let (hidden, seen): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| entry.is_hidden());
    let (others, entries): (Vec<&Entry>, Vec<&Entry>) =
        seen.into_iter().partition(|entry| entry.kind == EntryKind::Other || entry.is_folder_link());
    let folders = entries.iter().filter(|entry| entry.kind == EntryKind::Folder).count();
    let name = |entry: &&Entry| match entry.kind {
        EntryKind::Folder => Clean::new(&format!("{}/", entry.name.raw())),
        EntryKind::File | EntryKind::Other => entry.name.clone(),
    };
    Preview::Folder {
        names: entries.iter().take(PREVIEWED).map(name).collect(),
        folders,
        files: entries.len() - folders,
        hidden: hidden.len(),
        others: others.len(),
        bytes: entries.iter().filter(|entry| entry.kind == EntryKind::File).map(|entry| entry.size).sum(),
        more,
    }
}

/// Keeps in mind which folder files were chosen in.
pub(super) async fn remember(folder: PathBuf) {
    // Best effort: where nothing can be kept, there is no last folder to go to.
    let _ = tokio::task::spawn_blocking(move || {
        let file = memory()?;
        fs::create_dir_all(file.parent()?).ok()?;
        fs::write(file, folder.to_str()?).ok()
    })
    .await;
}

fn memory() -> Option<PathBuf> {
    Some(xdg::state()?.join("last-folder"))
}

/// The folder of the last time. Whether it is still there is seen when it is entered: its disk may be gone.
fn last() -> Option<PathBuf> {
    let folder = PathBuf::from(fs::read_to_string(memory()?).ok()?);
    folder.is_absolute().then_some(folder)
}

/// Where choosing begins: where the program was started.
fn start() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

fn read(place: FolderRequest) -> Listing {
    let folder = match below_home(&place.typed) {
        Some(folder) => folder,
        None => place.base.clone().unwrap_or_else(start).join(&place.typed),
    };
    let folder = plain(&folder);
    let shown = match home().as_ref().and_then(|home| folder.strip_prefix(home).ok()) {
        Some(below) if below.as_os_str().is_empty() => "~/".to_owned(),
        Some(below) => format!("~/{}/", below.to_string_lossy()),
        None => format!("{}/", folder.to_string_lossy().trim_end_matches('/')),
    };
    let (entries, more) = match entries(&folder) {
        Ok((entries, more)) => (Ok(entries), more),
        Err(problem) => (Err(problem), false),
    };
    Listing { place, folder, shown: Clean::new(&shown), entries, more, last: last() }
}

fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// A path that is typed as one below the home directory.
pub(super) fn below_home(typed: &str) -> Option<PathBuf> {
    let below = if typed == "~" { "" } else { typed.strip_prefix("~/")? };
    Some(home()?.join(below))
}

/// The path without `.` and `..`, as a person reads it: the folder above is the one that the path names before.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

fn entries(folder: &Path) -> Result<(Vec<Entry>, bool), Problem> {
    let mut found: Vec<Entry> = fs::read_dir(folder)
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => unread(folder, "there is no such folder"),
            ErrorKind::NotADirectory => unread(folder, "it is not a folder"),
            _ => unread(folder, &reason(&error)),
        })?
        .flatten()
        .take(MOST + 1)
        .map(|entry| look(&entry))
        .collect();
    let more = found.len() > MOST;
    found.truncate(MOST);
    found.sort_by_cached_key(|entry| {
        (entry.kind != EntryKind::Folder, entry.name.raw().to_lowercase(), entry.name.clone())
    });
    Ok((found, more))
}

fn look(entry: &fs::DirEntry) -> Entry {
    let path = entry.path();
    // Of a link that which it leads to; of one that leads nowhere, nothing.
    let metadata = fs::metadata(&path).ok();
    let modified = metadata.as_ref().and_then(|metadata| Timestamp::try_from(metadata.modified().ok()?).ok());
    Entry {
        name: Clean::new(&entry.file_name().to_string_lossy()),
        kind: match &metadata {
            Some(metadata) if metadata.is_dir() => EntryKind::Folder,
            Some(metadata) if metadata.is_file() => EntryKind::File,
            _ => EntryKind::Other,
        },
        is_link: entry.file_type().is_ok_and(|kind| kind.is_symlink()),
        size: metadata.as_ref().map_or(0, fs::Metadata::len),
        modified,
        path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(base: &Path, typed: &str) -> FolderRequest {
        FolderRequest { base: Some(base.to_owned()), typed: typed.to_owned() }
    }

    #[test]
    fn folders_come_first_and_paths_lead_where_they_say() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("cats/small")).expect("a folder");
        for name in ["b.png", "A.png", "cats/c.png"] {
            fs::write(root.path().join(name), "x").expect("a file");
        }
        let names = |listing: &Listing| -> Vec<String> {
            listing.entries.as_ref().expect("entries").iter().map(|entry| entry.name.raw().to_owned()).collect()
        };
        assert_eq!(names(&read(place(root.path(), ""))), ["cats", "A.png", "b.png"]);
        let below = read(place(root.path(), "cats/./"));
        assert_eq!(
            (below.folder.as_path(), names(&below)),
            (&*root.path().join("cats"), vec!["small".into(), "c.png".into()])
        );
        assert_eq!(read(place(&root.path().join("cats"), "../")).folder, root.path());
        let absolute = format!("{}/cats/", root.path().display());
        assert_eq!(read(place(Path::new("/"), &absolute)).folder, root.path().join("cats"));
    }

    #[tokio::test]
    async fn a_folders_preview_counts_what_would_be_uploaded() {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(root.path().join("cats/small")).expect("a folder");
        for name in ["b.png", "a.png", ".hidden", "cats/c.png"] {
            fs::write(root.path().join(name), "four").expect("a file");
        }
        let seen = preview(root.path().to_owned()).await.expect("a preview");
        let names = ["cats/", "a.png", "b.png"].map(Clean::new).to_vec();
        assert_eq!(seen, Preview::Folder { names, folders: 1, files: 2, bytes: 8, hidden: 1, others: 0, more: false });
        let problem = preview(root.path().join("nowhere")).await.expect_err("none");
        assert!(problem.to_string().contains("there is no such folder"), "{problem}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_is_not_uploaded_with_a_folder_is_counted_apart() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join(".hidden"), "four").expect("a file");
        std::os::unix::fs::symlink("nowhere", root.path().join("link")).expect("a link");
        std::os::unix::fs::symlink(".", root.path().join("loop")).expect("a link");
        let seen = preview(root.path().to_owned()).await.expect("a preview");
        let nothing =
            Preview::Folder { names: Vec::new(), folders: 0, files: 0, bytes: 0, hidden: 1, others: 2, more: false };
        assert_eq!(seen, nothing);
    }

    #[test]
    fn a_folder_that_cannot_be_read_says_why() {
        let listing = read(place(Path::new("/nowhere at all"), ""));
        let problem = listing.entries.expect_err("no entries").to_string();
        assert!(problem.starts_with("cannot read the folder /nowhere at all: there is no such"), "{problem}");
        assert_eq!(listing.shown.shown(), "/nowhere at all/");
    }
}
