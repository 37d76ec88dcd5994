//! What was asked for, file by file, and how each of them ended.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use tokio::time::Instant;

use crate::cli::{Until, UploadArgs};
use crate::cloud::upload::file_scan;
use crate::command::failure::{Failure, warn};
use crate::domain::files::{FILES_MAX, FileScan, Refused, ScannedFile};
use crate::domain::ids::UploadId;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::transfer::{ObjectKey, Upload, UploadSource};
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;
use crate::text::size::count;

/// One file, or the test image: what becomes of it after its transfer, and what was said of it.
pub(super) struct Job {
    pub(super) id: UploadId,
    /// The path as given, or as it was found in a directory that was; `None` for the test image.
    pub(super) file: Option<String>,
    /// When this process learned that it is published, or processed: delivery statuses, or records of a publication, are
    /// waited for from here.
    pub(super) last_news: Option<(End, Instant)>,
    pub(super) end: Option<End>,
    /// What has been printed of it.
    pub(super) printed: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Stored,
    Published,
    /// The invocation succeeded, and nothing shows whether it published.
    Processed,
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
            Self::Processed => "processed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::TimedOut => "timed_out",
        }
    }

    /// What it means for a script. `is_probable` is what is known of an invocation by time only.
    pub(super) fn exit(self, until: Until, is_probable: bool) -> Exit {
        match self {
            Self::Failed if is_probable => Exit::Unknown,
            Self::Published if is_probable && until == Until::Published => Exit::Unknown,
            Self::Processed if until == Until::Published => Exit::Unknown,
            Self::Stored | Self::Published | Self::Processed => Exit::Proven,
            Self::Skipped | Self::Failed => Exit::Failed,
            Self::OutcomeUnknown | Self::TimedOut => Exit::Unknown,
        }
    }
}

impl Job {
    pub(super) fn new(id: UploadId, file: Option<String>) -> Self {
        Self { id, file, last_news: None, end: None, printed: BTreeSet::new() }
    }

    /// Since when it has stood like this, as far as this process knows.
    pub(super) fn waits_since(&mut self, end: End, now: Instant) -> Instant {
        match self.last_news {
            Some((before, since)) if before == end => since,
            _ => self.last_news.insert((end, now)).1,
        }
    }
}

/// One upload that the arguments ask for.
pub(super) struct Planned {
    pub(super) upload: Upload,
    /// The path that names it in what is printed; `None` for the test image.
    pub(super) file: Option<String>,
    /// Why it cannot be sent.
    pub(super) refused: Option<Problem>,
}

/// What the arguments ask for. What cannot be read is named with its reason, and does not stop the rest.
pub(super) fn planned(args: &UploadArgs) -> Result<Vec<Planned>, Failure> {
    let mut files: Vec<File> = Vec::new();
    for given in &args.files {
        found(given, args.key.is_some(), &mut files)?;
    }
    if let Some((one, other)) = same_name(&files) {
        let (one, other) = (one.display(), other.display());
        let what = format!("{one} and {other} have the same key, because the key is the file's name");
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
        Planned { upload: Upload { source: UploadSource::TestImage, key, replace }, file: None, refused: None }
    });
    let key = |name: &str| args.key.clone().unwrap_or_else(|| format!("{}{name}", args.prefix));
    let files = files.into_iter().map(|file| match file {
        File::Found(found) => Planned {
            file: Some(found.path.to_string_lossy().into_owned()),
            upload: Upload {
                key: ObjectKey::Named(key(found.name.raw())),
                source: UploadSource::File(found.path),
                replace,
            },
            refused: None,
        },
        File::Refused(refused) => Planned {
            upload: refused.upload(key, replace),
            file: Some(refused.path.to_string_lossy().into_owned()),
            refused: Some(refused.problem),
        },
    });
    Ok(files.chain(test_image).collect())
}

/// A file that an argument names.
enum File {
    Found(ScannedFile),
    Refused(Refused),
}

/// Adds the files that an argument names: itself, or those of a directory, and what of it cannot be uploaded.
fn found(given: &Path, has_key: bool, files: &mut Vec<File>) -> Result<(), Failure> {
    let FileScan { files: found, skipped, mut refused, limit } = file_scan::of(given, has_key);
    let shown = given.display();
    if limit.is_some() {
        let what = format!("{shown} has too many files: the limit is {}", count(FILES_MAX));
        return Err(Failure::new(what, "nothing was uploaded; upload its directories one by one"));
    }
    if skipped > 0 {
        warn(&format!("{} skipped in {shown}: hidden files and links to directories", count(skipped)));
    }
    if found.is_empty() && refused.is_empty() {
        let problem = Problem::new(ProblemKind::File, format!("cannot upload {shown}"), "there is no file in it");
        refused.push(Refused { path: given.to_owned(), name: Some(Clean::default()), problem });
    }
    files.extend(found.into_iter().map(File::Found));
    files.extend(refused.into_iter().map(File::Refused));
    Ok(())
}

/// Two files of which the second would overwrite the first in the bucket.
fn same_name(files: &[File]) -> Option<(&Path, &Path)> {
    let mut names = HashMap::new();
    files.iter().find_map(|file| {
        let File::Found(found) = file else { return None };
        let other = names.insert(found.name.raw(), found.path.as_path())?;
        Some((other, found.path.as_path()))
    })
}
