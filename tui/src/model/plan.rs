//! The plan of an upload: every file that was chosen, and the key that each is to have, before anything is sent.

use std::collections::HashSet;
use std::path::PathBuf;

use tui_input::Input;

use super::chooser::Chooser;
use super::load::RequestId;
use super::problem::Problem;
use crate::text::clean::Clean;

/// S3's limit for a key, in bytes.
pub const KEY_MAX: usize = 1_024;
/// Files that one plan has at most, so that the queue and its timelines stay within their bounds.
pub const FILES_MAX: usize = 10_000;

/// What is about to be uploaded.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The files and folders that were chosen; none: a generated test image.
    pub sources: Vec<PathBuf>,
    /// The request that looks at them.
    pub asked: RequestId,
    /// What was found there; `None` while it is looked at.
    pub survey: Option<Survey>,
    /// The whole key of a single file; the start of the keys of several.
    pub key: Input,
    /// Whether objects that are there already are overwritten; otherwise those files are left out.
    pub replace: bool,
    /// Files whose objects are in the bucket already, by their place in the survey.
    pub clashes: Vec<usize>,
    /// Why it cannot be done as it is.
    pub fault: Option<Clean>,
    /// Whether Enter was pressed before everything was looked at.
    pub is_wanted: bool,
    /// What it was chosen in; going back leads there.
    pub chooser: Option<Box<Chooser>>,
}

/// What the chosen files and folders hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// The files, each folder's in the order of their names.
    pub files: Vec<Found>,
    /// What was left out on purpose: hidden files, links to folders, and what is no file.
    pub skipped: usize,
    /// What cannot be read.
    pub problems: Vec<Problem>,
    /// Whether there are more files than one upload takes.
    pub more: bool,
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the folder that holds what was chosen, with `/` between the names.
    pub name: Clean,
    /// Bytes.
    pub size: u64,
    /// The content type that S3 is told.
    pub content_type: Clean,
}

impl Plan {
    /// Whether a generated image is meant.
    pub fn is_test_image(&self) -> bool {
        self.sources.is_empty()
    }

    /// The files that were found so far.
    pub fn files(&self) -> &[Found] {
        self.survey.as_ref().map(|survey| survey.files.as_slice()).unwrap_or_default()
    }

    /// The single file that was chosen as such, whose whole key can be typed.
    pub fn single(&self) -> Option<&Found> {
        match (self.sources.as_slice(), self.files()) {
            ([source], [file]) if file.path == *source => Some(file),
            _ => None,
        }
    }

    /// The key that a file is to have.
    pub fn key_of(&self, file: &Found) -> String {
        if self.single().is_some() {
            self.key.value().to_owned()
        } else {
            format!("{}{}", self.key.value(), file.name.raw())
        }
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files().iter().map(|file| file.size).sum()
    }

    /// The files that would be sent, each with its key and whether it overwrites.
    pub fn uploads(&self) -> impl Iterator<Item = (&Found, String, bool)> {
        let clashes: HashSet<usize> = self.clashes.iter().copied().collect();
        self.files()
            .iter()
            .enumerate()
            .map(move |(index, file)| (file, self.key_of(file), clashes.contains(&index)))
            .filter(|(.., clashes)| self.replace || !clashes)
    }

    /// How many files would be sent.
    pub fn len(&self) -> usize {
        if self.replace { self.files().len() } else { self.files().len() - self.clashes.len() }
    }

    /// Whether no file would be sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks anew at which keys are in the bucket, and at what S3 would refuse.
    pub fn check(&mut self, exists: impl Fn(&Clean) -> bool) {
        let keys: Vec<Clean> = self.files().iter().map(|file| Clean::new(&self.key_of(file))).collect();
        self.fault = fault_of(&keys);
        self.clashes = keys.iter().enumerate().filter(|(_, key)| exists(key)).map(|(index, _)| index).collect();
    }
}

/// What S3 would refuse, or what would be lost.
fn fault_of(keys: &[Clean]) -> Option<Clean> {
    let mut seen = HashSet::new();
    let fault = keys.iter().find_map(|key| match key.raw().len() {
        0 => Some("a key has at least one character".to_owned()),
        length if length > KEY_MAX => {
            Some(format!("{} has {length} bytes, and S3's limit for a key is {KEY_MAX}", key.shown()))
        }
        _ if !seen.insert(key.raw()) => Some(format!("two files would be one object: {}", key.shown())),
        _ => None,
    })?;
    Some(Clean::new(&fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, name: &str) -> Found {
        Found { path: path.into(), name: name.into(), size: 1, content_type: "image/png".into() }
    }

    fn plan(sources: &[&str], files: Vec<Found>, key: &str) -> Plan {
        Plan {
            sources: sources.iter().map(PathBuf::from).collect(),
            asked: RequestId(1),
            survey: Some(Survey { files, ..Survey::default() }),
            key: Input::new(key.to_owned()),
            replace: false,
            clashes: Vec::new(),
            fault: None,
            is_wanted: false,
            chooser: None,
        }
    }

    #[test]
    fn a_single_file_has_the_typed_key_and_several_begin_with_it() {
        let single = plan(&["/a.png"], vec![found("/a.png", "a.png")], "photos/b.png");
        assert_eq!(single.key_of(&single.files()[0]), "photos/b.png");
        let folder = plan(&["/x"], vec![found("/x/a.png", "x/a.png")], "photos/");
        assert_eq!(folder.key_of(&folder.files()[0]), "photos/x/a.png");
    }

    #[test]
    fn what_is_there_already_is_left_out_unless_it_is_to_be_overwritten() {
        let mut plan = plan(&["/x"], vec![found("/x/a", "x/a"), found("/x/b", "x/b")], "");
        plan.check(|key| key.raw() == "x/b");
        let keys = |plan: &Plan| plan.uploads().map(|(_, key, clashes)| (key, clashes)).collect::<Vec<_>>();
        assert_eq!((keys(&plan), plan.len()), (vec![("x/a".to_owned(), false)], 1));
        plan.replace = true;
        assert_eq!((keys(&plan)[1].clone(), plan.len()), (("x/b".to_owned(), true), 2));
    }

    #[test]
    fn what_s3_would_refuse_is_named() {
        let fault = |files: Vec<Found>, key: &str| {
            let mut plan = plan(&["/x", "/y"], files, key);
            plan.check(|_| false);
            plan.fault.map(|fault| fault.shown().to_owned())
        };
        assert_eq!(fault(vec![found("/x/a", "a"), found("/y/b", "b")], ""), None);
        let twins = fault(vec![found("/x/a", "a"), found("/y/a", "a")], "p/");
        assert_eq!(twins.as_deref(), Some("two files would be one object: p/a"));
        assert!(fault(vec![found("/x/a", "a")], &"p".repeat(KEY_MAX)).is_some_and(|text| text.contains("1025 bytes")));
    }
}
