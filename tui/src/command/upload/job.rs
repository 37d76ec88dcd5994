//! One file's way: what was asked for, and how far it has come on this side of S3.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use tokio::time::Instant;

use crate::cli::UploadArgs;
use crate::command::failure::{Exit, Failure};
use crate::effect::UploadSource;
use crate::model::problem::Problem;
use crate::model::uploads::fact::UploadId;
use crate::text::clean::Clean;

/// One file, or the test image.
pub(super) struct Job {
    pub(super) id: UploadId,
    pub(super) source: UploadSource,
    /// The path as given; `None` for the test image.
    pub(super) file: Option<String>,
    pub(super) key: Option<Clean>,
    pub(super) size: Option<u64>,
    pub(super) step: Step,
    /// When this process learned that it is published: receipts are waited for from here.
    pub(super) published: Option<Instant>,
    pub(super) end: Option<End>,
    /// What has been printed of it.
    pub(super) printed: BTreeSet<String>,
}

/// How far it has come on this side of S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Waits for its turn.
    Queued,
    /// On its way to S3.
    Sending,
    /// S3 has it.
    Stored,
    /// It did not get there.
    Failed(Problem),
    /// An object of its key was there, and is as it was.
    Exists,
    /// It was broken off.
    Stopped,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Stored,
    Published,
    Skipped,
    Failed,
    TimedOut,
}

impl End {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Published => "published",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
        }
    }

    pub(super) fn exit(self) -> Exit {
        match self {
            Self::Stored | Self::Published => Exit::Success,
            Self::Skipped | Self::Failed => Exit::Failed,
            Self::TimedOut => Exit::TimedOut,
        }
    }
}

impl Job {
    fn new(number: u64, source: UploadSource, file: Option<String>) -> Self {
        Self {
            id: UploadId(number),
            source,
            file,
            key: None,
            size: None,
            step: Step::Queued,
            published: None,
            end: None,
            printed: BTreeSet::new(),
        }
    }

    /// What it is called before its key is known.
    pub(super) fn name(&self) -> Clean {
        self.key.clone().unwrap_or_else(|| Clean::new(self.file.as_deref().unwrap_or("test image")))
    }
}

/// What the arguments ask for. Every file that cannot be read is named, and then nothing is uploaded at all.
pub(super) fn jobs(args: &UploadArgs) -> Result<Vec<Job>, Failure> {
    let wrong: Vec<String> = args.files.iter().filter_map(|file| unreadable(file)).collect();
    if !wrong.is_empty() {
        return Err(Failure::new(wrong.join("; "), hint(&args.files, wrong.len())));
    }
    if let Some((one, other)) = same_key(&args.files) {
        let what = format!("{one:?} and {other:?} would be one object, since the key is the file's name");
        return Err(
            Failure::new(what, "nothing was uploaded; give them different keys with --prefix, in two calls").usage()
        );
    }
    let files = args.files.iter().map(|file| (UploadSource::File(PathBuf::from(file)), Some(file.clone())));
    let test_image = args.test_image.then_some((UploadSource::TestImage, None));
    Ok((1..).zip(files.chain(test_image)).map(|(number, (source, file))| Job::new(number, source, file)).collect())
}

/// Two files of which the second would overwrite the first in the bucket.
fn same_key(files: &[String]) -> Option<(&str, &str)> {
    let mut keys = HashMap::new();
    files.iter().find_map(|file| {
        let key = Path::new(file).file_name()?;
        Some((*keys.insert(key, file.as_str()).as_ref()?, file.as_str()))
    })
}

/// What to do about so many of the files that cannot be read.
fn hint(files: &[String], wrong: usize) -> String {
    let folders: Vec<&String> = files.iter().filter(|file| Path::new(file).is_dir()).collect();
    let names = (wrong > folders.len()).then(|| "correct the names".to_owned());
    let glob = folders.first().map(|folder| {
        format!("give a directory's files, for example with a glob ({}/*)", folder.trim_end_matches('/'))
    });
    let advice: Vec<String> = names.into_iter().chain(glob).collect();
    format!("nothing was uploaded; {}", advice.join(", and "))
}

/// Why a file cannot be uploaded.
fn unreadable(file: &str) -> Option<String> {
    let why = match fs::metadata(file) {
        Err(error) => error.to_string(),
        Ok(metadata) if metadata.is_dir() => "it is a directory".to_owned(),
        Ok(metadata) if !metadata.is_file() => "it is no regular file".to_owned(),
        Ok(_) => fs::File::open(file).err()?.to_string(),
    };
    Some(format!("cannot read {file:?}: {why}"))
}
