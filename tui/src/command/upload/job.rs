//! What was asked for, file by file, and how each of them ended.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use crate::cli::UploadArgs;
use crate::cloud::upload::file_scan;
use crate::command::failure::{Failure, warn};
use crate::domain::files::{FILES_MAX, ScannedFile};
use crate::domain::ids::UploadId;
use crate::domain::transfer::{ObjectKey, Upload, UploadSource};
use crate::terminal::exit::Exit;
use crate::text::size::count;

/// One file, or the test image: what becomes of it after its transfer, and what was said of it.
pub(super) struct Job {
    pub(super) id: UploadId,
    /// The path as given, or as it was found in a directory that was; `None` for the test image.
    pub(super) file: Option<String>,
    /// When this process learned that it is published: delivery statuses are waited for from here.
    pub(super) published: Option<Instant>,
    pub(super) end: Option<End>,
    /// What has been printed of it.
    pub(super) printed: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Stored,
    Published,
    Skipped,
    Failed,
    /// It may be stored: S3 did not say.
    OutcomeUnknown,
    TimedOut,
}

impl End {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Published => "published",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::TimedOut => "timed_out",
        }
    }

    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Stored | Self::Published => Exit::Proven,
            Self::Skipped | Self::Failed => Exit::Failed,
            Self::OutcomeUnknown | Self::TimedOut => Exit::Unknown,
        }
    }
}

impl Job {
    pub(super) fn new(id: UploadId, file: Option<String>) -> Self {
        Self { id, file, published: None, end: None, printed: BTreeSet::new() }
    }
}

/// What the arguments ask for: what is to be written, and the path that it is told by. Everything that cannot be read
/// is named, and then nothing is uploaded at all.
pub(super) fn planned(args: &UploadArgs) -> Result<Vec<(Upload, Option<String>)>, Failure> {
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for given in &args.files {
        match found(given) {
            Ok(found) => files.extend(found),
            Err(problems) => wrong.extend(problems),
        }
    }
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("; "), "nothing was uploaded; correct or remove these paths"));
    }
    if let Some((one, other)) = same_name(&files) {
        let what = format!("{one:?} and {other:?} have the same key, because the key is the file's name");
        return Err(
            Failure::new(what, "nothing was uploaded; give them different keys with --prefix, in two calls").usage()
        );
    }
    let several = files.len() + usize::from(args.test_image);
    if let Some(key) = args.key.as_deref().filter(|_| several != 1) {
        let what = format!("{several} files cannot all have the key {key:?}");
        return Err(Failure::new(what, "nothing was uploaded; --key is for one file, --prefix for several").usage());
    }
    // As the AWS CLI does, it overwrites unless told otherwise.
    let replace = !args.no_overwrite;
    let test_image = args.test_image.then(|| {
        let key = match &args.key {
            Some(key) => ObjectKey::Named(key.clone()),
            None => ObjectKey::Own { prefix: args.prefix.clone() },
        };
        (Upload { source: UploadSource::TestImage, key, replace }, None)
    });
    let key = |name: &str| ObjectKey::Named(args.key.clone().unwrap_or_else(|| format!("{}{name}", args.prefix)));
    let files = files.iter().map(|file| {
        let source = UploadSource::File(PathBuf::from(&file.path));
        (Upload { source, key: key(&file.name), replace }, Some(file.path.clone()))
    });
    Ok(files.chain(test_image).collect())
}

struct File {
    path: String,
    /// What its key ends in: its own name, below the names of the directories that it was found through.
    name: String,
}

/// The files that an argument names: itself, or those in a directory. Otherwise what is wrong, in a sentence each.
fn found(given: &str) -> Result<Vec<File>, Vec<String>> {
    let path = Path::new(given);
    if !path.is_dir() {
        if let Some(why) = unreadable(given) {
            return Err(vec![why]);
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(vec![File { path: given.to_owned(), name }]);
    }
    let scan = file_scan::of(path);
    let mut problems: Vec<String> = scan.problems.iter().map(|one| format!("{}: {}", one.what, one.why)).collect();
    if scan.limit.is_some() {
        problems.push(format!("{given:?} has too many files: the limit is {}", count(FILES_MAX)));
    }
    if scan.files.is_empty() {
        problems.push(format!("there is no file to upload in {given:?}"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if scan.skipped > 0 {
        let left_out = count(scan.skipped);
        warn(&format!("{left_out} skipped in {given:?}: hidden files, links to directories and special files"));
    }
    let file = |found: ScannedFile| File {
        path: found.path.to_string_lossy().into_owned(),
        name: found.name.raw().to_owned(),
    };
    Ok(scan.files.into_iter().map(file).collect())
}

/// Two files of which the second would overwrite the first in the bucket.
fn same_name(files: &[File]) -> Option<(&str, &str)> {
    let mut names = HashMap::new();
    files.iter().find_map(|file| {
        let other = names.insert(file.name.as_str(), file.path.as_str())?;
        Some((other, file.path.as_str()))
    })
}

/// Why a file cannot be uploaded.
fn unreadable(file: &str) -> Option<String> {
    let why = match fs::metadata(file) {
        Err(error) => error.to_string(),
        Ok(metadata) if !metadata.is_file() => "it is not a regular file".to_owned(),
        Ok(_) => fs::File::open(file).err()?.to_string(),
    };
    Some(format!("cannot read {file:?}: {why}"))
}
