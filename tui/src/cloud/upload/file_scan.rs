//! Finds the files in the files and folders that were chosen for an upload. It reads names and sizes; it sends nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::source::{self, reason, unreadable};
use crate::cloud::connection::Connection;
use crate::domain::files::{ENTRIES_MAX, FILES_MAX, FileScan, Limit, ScannedFile};
use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Problems that are listed; what they have in common is seen by then.
const PROBLEMS: usize = 20;

/// Finds the files.
pub(in crate::cloud) async fn run(connection: &Connection, request: RequestId, sources: Vec<PathBuf>) {
    let (stop, found) = (connection.stop.clone(), Scanner::default());
    let scan = tokio::task::spawn_blocking(move || found.over(&sources, || stop.is_cancelled())).await;
    if let Ok(scan) = scan {
        connection.send(Update::FilesFound { request, scan }).await;
    }
}

/// The files of a directory, for a command that has nothing else to do meanwhile.
pub(crate) fn of(directory: &Path) -> FileScan {
    // `.` and `..` have names, too.
    let named = if directory.file_name().is_none() { fs::canonicalize(directory).ok() } else { None };
    let directory = named.unwrap_or_else(|| directory.to_owned());
    Scanner::default().over(&[directory], || false)
}

#[derive(Default)]
struct Scanner {
    scan: FileScan,
    entries: usize,
}

impl Scanner {
    fn over(mut self, sources: &[PathBuf], is_over: impl Fn() -> bool) -> FileScan {
        // The next one to look at comes last; with each, whether it was chosen itself.
        let mut waiting: Vec<(PathBuf, String, bool)> = Vec::new();
        for source in sources.iter().rev() {
            match source.file_name() {
                // Alone, its key can be typed.
                Some(name) if name.to_str().is_none() && sources.len() > 1 => self.nameless(source),
                Some(name) => waiting.push((source.clone(), name.to_string_lossy().into_owned(), true)),
                None => self.skip(source, "it has no name of its own"),
            }
        }
        while let Some((path, name, is_chosen)) = waiting.pop() {
            if is_over() || self.entries >= ENTRIES_MAX {
                self.scan.limit = Some(Limit::Entries);
                break;
            }
            self.entries += 1;
            match fs::metadata(&path) {
                Err(error) => self.skip(&path, &reason(&error)),
                // A link to a folder may lead back to where it is.
                Ok(metadata) if metadata.is_dir() && !is_chosen && path.is_symlink() => self.scan.skipped += 1,
                Ok(metadata) if metadata.is_dir() => self.open(&path, &name, &mut waiting),
                Ok(metadata) if metadata.is_file() && self.scan.files.len() >= FILES_MAX => {
                    self.scan.limit = Some(Limit::Files);
                    break;
                }
                Ok(metadata) if metadata.is_file() => self.file(path, &name, metadata.len()),
                Ok(_) if is_chosen => self.skip(&path, "it is not a regular file"),
                Ok(_) => self.scan.skipped += 1,
            }
        }
        self.scan
    }

    fn open(&mut self, folder: &Path, name: &str, waiting: &mut Vec<(PathBuf, String, bool)>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.skip(folder, &reason(&error)),
        };
        let mut below: Vec<(PathBuf, String, bool)> = Vec::new();
        for entry in entries.flatten().take(ENTRIES_MAX) {
            match entry.file_name().to_str() {
                Some(own) if own.starts_with('.') => self.scan.skipped += 1,
                Some(own) => below.push((entry.path(), format!("{name}/{own}"), false)),
                // Letters in the place of others would give it another's key.
                None => self.nameless(&entry.path()),
            }
        }
        below.sort_by(|a, b| b.1.cmp(&a.1));
        waiting.append(&mut below);
    }

    fn file(&mut self, path: PathBuf, name: &str, size: u64) {
        // Metadata can be read where content cannot.
        if let Err(error) = File::open(&path) {
            return self.skip(&path, &reason(&error));
        }
        let content_type = Clean::new(&source::content_type(&path));
        self.scan.files.push(ScannedFile { path, name: Clean::new(name), size, content_type });
    }

    /// A file whose name makes no key.
    fn nameless(&mut self, path: &Path) {
        let problem = unreadable(path, "its name is not UTF-8, as a key is");
        self.report(problem.with_hint("upload it alone, and enter its key"));
    }

    fn skip(&mut self, path: &Path, why: &str) {
        // The hint says what to do with this file.
        self.report(unreadable(path, why).with_hint(""));
    }

    fn report(&mut self, problem: Problem) {
        if self.scan.problems.len() < PROBLEMS {
            self.scan.problems.push(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(sources: &[PathBuf]) -> FileScan {
        Scanner::default().over(sources, || false)
    }

    fn names(scan: &FileScan) -> Vec<&str> {
        scan.files.iter().map(|file| file.name.raw()).collect()
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
        assert_eq!((found.skipped, found.limit, found.problems.len()), (1, None, 0));
        assert_eq!((found.files[2].size, found.files[2].content_type.raw()), (5, "image/jpeg"));
        let single = scan(&[folder.join(".hidden.png")]);
        assert_eq!(names(&single), [".hidden.png"], "who chooses a hidden file means it");
        #[cfg(target_os = "linux")]
        {
            let odd = folder.join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"b\xFFd.png"));
            fs::write(&odd, "x").expect("a file");
            assert_eq!(scan(std::slice::from_ref(&odd)).files.len(), 1, "alone, its key can be typed");
            let several = scan(&[odd, folder.join("a.png")]);
            assert_eq!((names(&several), several.problems.len()), (vec!["a.png"], 1));
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_and_what_is_no_file_are_left_out_or_named() {
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
        let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
        assert!(problems.len() == 1 && problems[0].contains("missing.png: there is no such file"), "{problems:?}");
    }
}
