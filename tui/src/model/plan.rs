//! The plan of an upload: every file that was chosen, and the key that each is to have, before anything is sent.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use tui_input::Input;

use super::chooser::Chooser;
use crate::domain::files::{FileScan, KEY_MAX, ScannedFile};
use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;
use crate::domain::transfer::Upload;
use crate::text::clean::Clean;

/// What is about to be uploaded.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The files and folders that were chosen; none: a generated test image.
    pub sources: Vec<PathBuf>,
    /// The request that looks at them.
    pub asked: RequestId,
    /// What was found there; `None` while it is being checked.
    pub scan: Option<FileScan>,
    /// The whole key of a single file; the start of the keys of several.
    pub key: Input,
    /// Whether objects that are there already are overwritten; otherwise those files are left out.
    pub replace: bool,
    /// Files whose objects the bucket's listing has, by their place in the scan, in rising order.
    pub clashes: Vec<usize>,
    /// Files that S3 would refuse or that would replace another file, and why.
    pub unfit: BTreeMap<usize, Clean>,
    /// Whether keys or bucket have changed since both were found out.
    pub is_stale: bool,
    /// Why it cannot be done at present.
    pub fault: Option<Clean>,
    /// Whether Enter was pressed before everything was checked.
    pub is_wanted: bool,
    /// What it was chosen in; going back leads there.
    pub chooser: Option<Box<Chooser>>,
}

impl Plan {
    /// A plan for these files and folders, of which nothing is known yet.
    pub fn new(sources: Vec<PathBuf>, asked: RequestId, prefix: &str) -> Self {
        Self {
            scan: sources.is_empty().then(FileScan::default),
            sources,
            asked,
            key: Input::new(prefix.to_owned()),
            replace: false,
            clashes: Vec::new(),
            unfit: BTreeMap::new(),
            is_stale: false,
            fault: None,
            is_wanted: false,
            chooser: None,
        }
    }

    /// Whether a generated image is meant.
    pub fn is_test_image(&self) -> bool {
        self.sources.is_empty()
    }

    /// The files that were found so far.
    pub fn files(&self) -> &[ScannedFile] {
        self.scan.as_ref().map(|scan| scan.files.as_slice()).unwrap_or_default()
    }

    /// The single file that was chosen as such, whose whole key can be typed.
    pub fn single(&self) -> Option<&ScannedFile> {
        match (self.sources.as_slice(), self.files()) {
            ([source], [file]) if file.path == *source => Some(file),
            _ => None,
        }
    }

    pub fn key_of(&self, file: &ScannedFile) -> String {
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
    pub fn uploads(&self) -> impl Iterator<Item = (&ScannedFile, String, bool)> {
        let clashes: HashSet<usize> = self.clashes.iter().copied().collect();
        self.files()
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.unfit.contains_key(index))
            .map(move |(index, file)| (file, self.key_of(file), clashes.contains(&index)))
            .filter(|(.., clashes)| self.replace || !clashes)
    }

    /// What cannot be uploaded: the upload that it would have been, and why.
    pub fn refused(&self) -> impl Iterator<Item = (Upload, &Problem)> {
        let refused = self.scan.as_ref().map(|scan| scan.refused.as_slice()).unwrap_or_default();
        refused.iter().map(|one| (one.upload(|name| format!("{}{name}", self.key.value()), false), &one.problem))
    }

    /// How many files would be sent.
    pub fn len(&self) -> usize {
        let left_out = if self.replace { 0 } else { self.clashes.len() };
        self.files().len() - self.unfit.len() - left_out
    }

    /// Whether no file would be sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Checks again which keys exist in the bucket, and which S3 would refuse.
    pub fn check(&mut self, exists: impl Fn(&Clean) -> bool) {
        (self.is_stale, self.fault) = (false, None);
        (self.clashes, self.unfit) = (Vec::new(), BTreeMap::new());
        let keys: Vec<Clean> = self.files().iter().map(|file| Clean::new(&self.key_of(file))).collect();
        let mut taken = HashSet::new();
        for (index, key) in keys.iter().enumerate() {
            if let Some(reason) = unfit(key).or_else(|| {
                (!taken.insert(key.raw())).then(|| format!("another file has the same key {}", key.shown()))
            }) {
                self.unfit.insert(index, Clean::new(&reason));
            } else if exists(key) {
                self.clashes.push(index);
            }
        }
    }
}

/// What S3 would refuse.
fn unfit(key: &Clean) -> Option<String> {
    match key.raw().len() {
        0 => Some("enter a key".to_owned()),
        length if length > KEY_MAX => {
            Some(format!("the key {} has {length} bytes; the limit of S3 is {KEY_MAX}", key.shown()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, name: &str) -> ScannedFile {
        ScannedFile { path: path.into(), name: name.into(), size: 1, content_type: "image/png".into() }
    }

    fn plan(sources: &[&str], files: Vec<ScannedFile>, key: &str) -> Plan {
        let sources = sources.iter().map(PathBuf::from).collect();
        Plan { scan: Some(FileScan { files, ..FileScan::default() }), ..Plan::new(sources, RequestId(1), key) }
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
    fn what_s3_would_refuse_is_left_out_with_its_reason() {
        let unfit = |files: Vec<ScannedFile>, key: &str| {
            let mut plan = plan(&["/x", "/y"], files, key);
            plan.check(|_| false);
            (plan.len(), plan.unfit.into_values().map(|reason| reason.shown().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(unfit(vec![found("/x/a", "a"), found("/y/b", "b")], ""), (2, vec![]));
        let twins = unfit(vec![found("/x/a", "a"), found("/y/a", "a")], "p/");
        assert_eq!(twins, (1, vec!["another file has the same key p/a".to_owned()]));
        let (left, reasons) = unfit(vec![found("/x/a", "a"), found("/x/b", "")], &"p".repeat(KEY_MAX));
        assert!(left == 1 && reasons[0].contains("1025 bytes"), "{reasons:?}");
    }
}
