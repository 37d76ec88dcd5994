//! Finds the files in the files and folders that were chosen for an upload. It reads names and sizes; it sends nothing.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::source::{self, nameless, reason, unreadable};
use crate::cloud::connection::Connection;
use crate::domain::files::{ENTRIES_MAX, FILES_MAX, FileScan, Limit, Refused, ScannedFile, means_contents};
use crate::domain::ids::RequestId;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Finds the files.
pub(in crate::cloud) async fn run(connection: &Connection, request: RequestId, sources: Vec<PathBuf>) {
    let stop = connection.stop.clone();
    // The key of a single file can be typed.
    let names_are_free = sources.len() == 1;
    let scan = tokio::task::spawn_blocking(move || Scanner::new(names_are_free).over(&sources, || stop.is_cancelled()));
    if let Ok(scan) = scan.await {
        connection.send(Update::FilesFound { request, scan }).await;
    }
}

/// The files that a path names, for a command that has nothing else to do meanwhile. `has_key`: a file is given its whole
/// key, whatever its name is.
pub(crate) fn of(path: &Path, has_key: bool) -> FileScan {
    Scanner::new(has_key).over(&[path.to_owned()], || false)
}

struct Scanner {
    scan: FileScan,
    entries: usize,
    /// Whether the name of a chosen file matters for nothing.
    names_are_free: bool,
}

/// What is scanned next.
struct Next {
    path: PathBuf,
    /// What keys end in or, of a folder, go on with; empty for a folder whose contents are meant.
    name: String,
    is_chosen: bool,
}

impl Scanner {
    fn new(names_are_free: bool) -> Self {
        Self { scan: FileScan::default(), entries: 0, names_are_free }
    }

    fn over(mut self, sources: &[PathBuf], is_over: impl Fn() -> bool) -> FileScan {
        // The next one to look at comes last.
        let mut waiting: Vec<Next> = Vec::new();
        for source in sources.iter().rev() {
            let name = if means_contents(source) { Some(OsStr::new("")) } else { source.file_name() };
            match name {
                Some(name) if name.to_str().is_none() && !self.names_are_free => self.refuse_name(source),
                Some(name) => {
                    let name = name.to_string_lossy().into_owned();
                    waiting.push(Next { path: source.clone(), name, is_chosen: true });
                }
                None => self.refuse(source, "", "the path is empty"),
            }
        }
        while let Some(next) = waiting.pop()
            && self.scan.limit.is_none()
        {
            if is_over() || self.entries >= ENTRIES_MAX {
                self.scan.limit = Some(Limit::Entries);
                break;
            }
            self.entries += 1;
            self.look(&next, &mut waiting);
        }
        self.scan
    }

    fn look(&mut self, next: &Next, waiting: &mut Vec<Next>) {
        let Next { path, name, is_chosen } = next;
        match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.is_symlink() => {
                self.refuse(path, name, "it is a link to a file that does not exist");
            }
            Err(error) => self.refuse(path, name, &reason(&error)),
            // A link to a folder may lead back to where it is.
            Ok(metadata) if metadata.is_dir() && !is_chosen && path.is_symlink() => self.scan.skipped += 1,
            Ok(metadata) if metadata.is_dir() => self.open(path, name, waiting),
            Ok(metadata) if metadata.is_file() => self.file(path, name, metadata.len()),
            Ok(_) => self.refuse(path, name, "it is not a regular file"),
        }
    }

    fn open(&mut self, folder: &Path, name: &str, waiting: &mut Vec<Next>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(folder, name, &reason(&error)),
        };
        let mut below: Vec<Next> = Vec::new();
        for entry in entries.take(ENTRIES_MAX) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.refuse(folder, name, &reason(&error)),
            };
            match entry.file_name().to_str() {
                Some(own) if own.starts_with('.') => self.scan.skipped += 1,
                Some(own) => {
                    let name = if name.is_empty() { own.to_owned() } else { format!("{name}/{own}") };
                    below.push(Next { path: entry.path(), name, is_chosen: false });
                }
                // With characters replaced, its key could be that of another file.
                None => self.refuse_name(&entry.path()),
            }
        }
        below.sort_by(|a, b| b.name.cmp(&a.name));
        waiting.append(&mut below);
    }

    fn file(&mut self, path: &Path, name: &str, size: u64) {
        if let Err(why) = source::check_content(path, size) {
            return self.refuse(path, name, &why);
        }
        if self.has_room() {
            let content_type = Clean::new(&source::content_type(path));
            self.scan.files.push(ScannedFile { path: path.to_owned(), name: Clean::new(name), size, content_type });
        }
    }

    /// A file whose name makes no key.
    fn refuse_name(&mut self, path: &Path) {
        self.report(Refused { path: path.to_owned(), name: None, problem: nameless(path) });
    }

    fn refuse(&mut self, path: &Path, name: &str, why: &str) {
        // The hint says what to do with this file.
        let problem = unreadable(path, why).with_hint("");
        self.report(Refused { path: path.to_owned(), name: Some(Clean::new(name)), problem });
    }

    fn report(&mut self, refused: Refused) {
        if self.has_room() {
            self.scan.refused.push(refused);
        }
    }

    /// Whether one upload takes another file; where it does not, the scan ends.
    fn has_room(&mut self) -> bool {
        let has_room = self.scan.files.len() + self.scan.refused.len() < FILES_MAX;
        if !has_room {
            self.scan.limit = Some(Limit::Files);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(sources: &[PathBuf]) -> FileScan {
        Scanner::new(sources.len() == 1).over(sources, || false)
    }

    fn names(scan: &FileScan) -> Vec<&str> {
        scan.files.iter().map(|file| file.name.raw()).collect()
    }

    /// What is refused: the path below a folder, and why.
    fn refused(scan: &FileScan, root: &Path) -> Vec<(String, String)> {
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        scan.refused.iter().map(|one| (below(&one.path), one.problem.why.shown().to_owned())).collect()
    }

    #[test]
    fn a_folder_is_searched_to_its_end_in_the_order_of_names() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("photos");
        fs::create_dir_all(folder.join("b/c")).expect("a folder");
        for name in ["z.png", "a.png", "b/y.jpg", "b/c/x.txt", ".hidden.png"] {
            fs::write(folder.join(name), "12345").expect("a file");
        }
        let found = scan(std::slice::from_ref(&folder));
        assert_eq!(names(&found), ["photos/a.png", "photos/b/c/x.txt", "photos/b/y.jpg", "photos/z.png"]);
        assert_eq!((found.skipped, found.limit, found.refused.len()), (1, None, 0));
        assert_eq!((found.files[2].size, found.files[2].content_type.raw()), (5, "image/jpeg"));
        let single = scan(&[folder.join(".hidden.png")]);
        assert_eq!(names(&single), [".hidden.png"], "who chooses a hidden file means it");
    }

    #[test]
    fn what_is_in_a_folder_goes_without_its_name_after_a_slash_or_a_dot() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("photos");
        fs::create_dir_all(folder.join("b")).expect("a folder");
        for name in ["a.png", "b/y.jpg"] {
            fs::write(folder.join(name), "12345").expect("a file");
        }
        for contents in ["photos/", "photos/.", "photos/b/.."] {
            assert_eq!(names(&scan(&[root.path().join(contents)])), ["a.png", "b/y.jpg"], "{contents}");
        }
        assert_eq!(names(&scan(&[folder])), ["photos/a.png", "photos/b/y.jpg"]);
        let file = scan(&[root.path().join("photos/a.png/")]);
        assert_eq!((file.files.len(), file.refused.len()), (0, 1), "a file has no contents");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_cannot_be_uploaded_is_named_and_the_rest_is_found() {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("photos");
        fs::create_dir_all(folder.join("b")).expect("a folder");
        for name in ["a.png", "b/y.jpg"] {
            fs::write(folder.join(name), "12345").expect("a file");
        }
        symlink(folder.join("gone.png"), folder.join("link.png")).expect("a link");
        symlink(folder.join("ring.png"), folder.join("ring.png")).expect("a link");
        let _socket = std::os::unix::net::UnixListener::bind(folder.join("b/socket")).expect("a socket");
        let odd = folder.join(OsStr::from_bytes(b"b\xFFd.png"));
        fs::write(&odd, "x").expect("a file");
        let found = scan(std::slice::from_ref(&folder));
        assert_eq!(names(&found), ["photos/a.png", "photos/b/y.jpg"]);
        let mut refused = refused(&found, &folder);
        refused.sort();
        let named = refused.iter().map(|(path, why)| (path.as_str(), why.as_str())).collect::<Vec<_>>();
        assert_eq!(named[0], ("b/socket", "it is not a regular file"));
        assert_eq!(named[1], ("b\u{FFFD}d.png", "its name is not UTF-8, as a key is"));
        assert_eq!(named[2], ("link.png", "it is a link to a file that does not exist"));
        assert_eq!((named[3].0, named.len()), ("ring.png", 4), "{named:?}");
        assert_eq!(scan(std::slice::from_ref(&odd)).files.len(), 1, "alone, its key can be typed");
        let several = scan(&[odd, folder.join("a.png")]);
        assert_eq!((names(&several), several.refused.len()), (vec!["a.png"], 1));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_whose_content_is_not_as_long_as_their_size_are_refused() {
        let empty = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(scan(&[empty.path().to_owned()]).files.len(), 1);
        for (path, why) in [
            ("/proc/self/status", "its size is 0 bytes, but it has content: upload a copy of it"),
            ("/proc/version", "its size is 0 bytes, but it has content: upload a copy of it"),
            ("/sys/kernel/mm/transparent_hugepage/enabled", "it has less content than its size of"),
        ] {
            // Containers may lack some.
            if let Ok(content) = fs::read(path) {
                let found = scan(&[PathBuf::from(path)]);
                assert_eq!((found.files.len(), found.refused.len()), (0, 1), "{path}: {content:?}");
                assert!(found.refused[0].problem.why.shown().starts_with(why), "{:?}", found.refused);
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_left_out_and_what_is_missing_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("a.png"), "1").expect("a file");
        std::os::unix::fs::symlink(root.path(), root.path().join("loop")).expect("a link");
        std::os::unix::fs::symlink(root.path().join("a.png"), root.path().join("b.png")).expect("a link");
        let found = scan(&[root.path().to_owned(), root.path().join("missing.png")]);
        assert_eq!((found.files.len(), found.skipped), (2, 1));
        // A link that was chosen itself is meant, wherever it stands among the chosen.
        let other = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(root.path(), other.path().join("link")).expect("a link");
        let chosen = scan(&[root.path().to_owned(), other.path().join("link")]);
        assert_eq!((chosen.files.len(), chosen.skipped), (4, 2), "the loops inside are left out");
        let refused = refused(&found, root.path());
        assert_eq!(refused, [("missing.png".to_owned(), "there is no such file".to_owned())]);
    }
}
