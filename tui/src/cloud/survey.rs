//! What there is to upload in the files and folders that were chosen. It looks and reads names; it sends nothing.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::cloud::connection::Connection;
use crate::cloud::source::{self, reason, unreadable};
use crate::domain::files::{ENTRIES_MAX, FILES_MAX, Found, Limit, Survey};
use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;
use crate::msg::Update;
use crate::text::clean::Clean;

/// Problems that are told; what they have in common is seen by then.
const PROBLEMS: usize = 20;

/// Finds the files.
pub(super) async fn take(connection: &Connection, request: RequestId, sources: Vec<PathBuf>) {
    let (stop, found) = (connection.stop.clone(), Surveyor::default());
    let survey = tokio::task::spawn_blocking(move || found.over(&sources, || stop.is_cancelled())).await;
    if let Ok(survey) = survey {
        connection.send(Update::Surveyed { request, survey }).await;
    }
}

/// The files of a directory, for a command that has nothing else to do meanwhile.
pub(crate) fn of(directory: &Path) -> Survey {
    // `.` and `..` have names, too.
    let named = if directory.file_name().is_none() { fs::canonicalize(directory).ok() } else { None };
    let directory = named.unwrap_or_else(|| directory.to_owned());
    Surveyor::default().over(&[directory], || false)
}

#[derive(Default)]
struct Surveyor {
    survey: Survey,
    looked_at: usize,
}

impl Surveyor {
    fn over(mut self, sources: &[PathBuf], is_over: impl Fn() -> bool) -> Survey {
        // The next one to look at comes last; with each, whether it was chosen itself.
        let mut waiting: Vec<(PathBuf, String, bool)> = Vec::new();
        for source in sources.iter().rev() {
            match source.file_name() {
                // Alone, its key can be typed.
                Some(name) if name.to_str().is_none() && sources.len() > 1 => self.nameless(source),
                Some(name) => waiting.push((source.clone(), name.to_string_lossy().into_owned(), true)),
                None => self.trouble(source, "it has no name of its own"),
            }
        }
        while let Some((path, name, is_chosen)) = waiting.pop() {
            if is_over() || self.looked_at >= ENTRIES_MAX {
                self.survey.limit = Some(Limit::Entries);
                break;
            }
            self.looked_at += 1;
            match fs::metadata(&path) {
                Err(error) => self.trouble(&path, &reason(&error)),
                // A link to a folder may lead back to where it is.
                Ok(metadata) if metadata.is_dir() && !is_chosen && path.is_symlink() => self.survey.skipped += 1,
                Ok(metadata) if metadata.is_dir() => self.open(&path, &name, &mut waiting),
                Ok(metadata) if metadata.is_file() && self.survey.files.len() >= FILES_MAX => {
                    self.survey.limit = Some(Limit::Files);
                    break;
                }
                Ok(metadata) if metadata.is_file() => self.file(path, &name, metadata.len()),
                Ok(_) if is_chosen => self.trouble(&path, "it is not a regular file"),
                Ok(_) => self.survey.skipped += 1,
            }
        }
        self.survey
    }

    fn open(&mut self, folder: &Path, name: &str, waiting: &mut Vec<(PathBuf, String, bool)>) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.trouble(folder, &reason(&error)),
        };
        let mut below: Vec<(PathBuf, String, bool)> = Vec::new();
        for entry in entries.flatten().take(ENTRIES_MAX) {
            match entry.file_name().to_str() {
                Some(own) if own.starts_with('.') => self.survey.skipped += 1,
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
            return self.trouble(&path, &reason(&error));
        }
        let content_type = Clean::new(&source::content_type(&path));
        self.survey.files.push(Found { path, name: Clean::new(name), size, content_type });
    }

    /// A file whose name makes no key.
    fn nameless(&mut self, path: &Path) {
        let problem = unreadable(path, "its name is not UTF-8, as a key is");
        self.tell(problem.with_hint("choose it alone, and type its key"));
    }

    fn trouble(&mut self, path: &Path, why: &str) {
        // Whoever has chosen it sees what to do.
        self.tell(unreadable(path, why).with_hint(""));
    }

    fn tell(&mut self, problem: Problem) {
        if self.survey.problems.len() < PROBLEMS {
            self.survey.problems.push(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survey(sources: &[PathBuf]) -> Survey {
        Surveyor::default().over(sources, || false)
    }

    fn names(survey: &Survey) -> Vec<&str> {
        survey.files.iter().map(|file| file.name.raw()).collect()
    }

    #[test]
    fn a_folder_is_searched_to_its_end_in_the_order_of_names() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("photos");
        fs::create_dir_all(folder.join("b/c")).expect("a folder");
        for name in ["z.png", "a.png", "b/y.jpg", "b/c/x.txt", ".hidden.png"] {
            fs::write(folder.join(name), "12345").expect("a file");
        }
        let found = survey(std::slice::from_ref(&folder));
        assert_eq!(names(&found), ["photos/a.png", "photos/b/c/x.txt", "photos/b/y.jpg", "photos/z.png"]);
        assert_eq!((found.skipped, found.limit, found.problems.len()), (1, None, 0));
        assert_eq!((found.files[2].size, found.files[2].content_type.raw()), (5, "image/jpeg"));
        let single = survey(&[folder.join(".hidden.png")]);
        assert_eq!(names(&single), [".hidden.png"], "who chooses a hidden file means it");
        #[cfg(target_os = "linux")]
        {
            let odd = folder.join(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"b\xFFd.png"));
            fs::write(&odd, "x").expect("a file");
            assert_eq!(survey(std::slice::from_ref(&odd)).files.len(), 1, "alone, its key can be typed");
            let several = survey(&[odd, folder.join("a.png")]);
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
        let found = survey(&[root.path().to_owned(), root.path().join("missing.png")]);
        assert_eq!((found.files.len(), found.skipped), (2, 1));
        // A link that was chosen itself is meant, wherever it stands among the chosen.
        let other = tempfile::tempdir().expect("a folder");
        std::os::unix::fs::symlink(root.path(), other.path().join("link")).expect("a link");
        let chosen = survey(&[root.path().to_owned(), other.path().join("link")]);
        assert_eq!((chosen.files.len(), chosen.skipped), (4, 2), "the loops inside are left out");
        let problems: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
        assert!(problems.len() == 1 && problems[0].contains("missing.png: there is no such file"), "{problems:?}");
    }
}
