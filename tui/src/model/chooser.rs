//! The file chooser: what is typed to find a file, the folder that it is looked for in, and what is marked.
//!
//! Data and its own rules. Folders are read by `cloud/`, names are searched by `update/`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use tui_input::Input;

use super::load::RequestId;
use super::problem::Problem;
use super::selection::Selection;
use crate::text::clean::Clean;

/// What is chosen to be uploaded.
#[derive(Debug, Clone, Default)]
pub struct Chooser {
    /// A part of a name, or a path; what precedes its last `/` says which folder.
    pub text: Input,
    /// The folder that a relative path begins in; at first the cloud side knows which one that is.
    pub base: Option<PathBuf>,
    /// The folder that was read last.
    pub listing: Option<Listing>,
    /// The folder that is being read.
    pub asked: Option<(RequestId, Place)>,
    /// Entries of the listing that the name finds, the best ones first.
    pub found: Vec<usize>,
    /// The row under the cursor, and the first row in view.
    pub selection: Selection,
    /// What is marked, in whichever folder.
    pub marked: BTreeSet<PathBuf>,
    /// The folder that was left for the one above.
    pub came_from: Option<PathBuf>,
    /// What was asked for before the folder was read, in that order.
    pub wishes: Vec<Wish>,
    /// When the last letter was erased: a key that is held down for that is not meant to leave the folder, too.
    pub erased: Option<Timestamp>,
    /// What cannot be done, until something else is typed.
    pub error: Option<Clean>,
}

/// Which folder is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// Where a relative path begins.
    pub base: Option<PathBuf>,
    /// The path up to its last `/`, as it was typed.
    pub typed: String,
}

/// A folder that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What was asked for.
    pub place: Place,
    /// The folder itself.
    pub folder: PathBuf,
    /// The same as it is shown: `~` is the home directory.
    pub shown: Clean,
    /// Folders first, then files, by name; or why it cannot be read.
    pub entries: Result<Vec<Entry>, Problem>,
    /// Whether there are more entries than are listed.
    pub more: bool,
}

/// A folder or a file in the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: Clean,
    /// Where it is.
    pub path: PathBuf,
    /// What it is, or what a link to it leads to.
    pub kind: Kind,
    /// Bytes of a file.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A regular file.
    File,
    /// Neither: a link that leads nowhere, a pipe, a device.
    Other,
}

/// What waits for the folder to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Complete the name.
    Complete,
    /// Mark everything.
    MarkAll,
    /// Go on with what is chosen.
    Submit,
}

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// A generated test image: offered until something is typed or another folder is entered.
    TestImage,
    /// An entry of the folder.
    Entry(&'a Entry),
}

impl Entry {
    /// Whether its name begins with a dot.
    pub fn is_hidden(&self) -> bool {
        self.name.raw().starts_with('.')
    }
}

impl Chooser {
    /// The folder that the text means.
    pub fn place(&self) -> Place {
        let typed = self.text.value().rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        Place { base: self.base.clone(), typed }
    }

    /// The part of the text that a name is looked for by.
    pub fn name(&self) -> &str {
        let text = self.text.value();
        text.rsplit_once('/').map_or(text, |(_, name)| name)
    }

    /// The listing, unless it is of another folder than the text means.
    pub fn current(&self) -> Option<&Listing> {
        let place = self.place();
        self.listing.as_ref().filter(|listing| listing.place == place)
    }

    /// The entries of the folder, as far as it could be read.
    pub fn entries(&self) -> &[Entry] {
        self.current().and_then(|listing| listing.entries.as_deref().ok()).unwrap_or_default()
    }

    /// How many entries wait for a dot to be typed.
    pub fn hidden(&self) -> usize {
        self.entries().iter().filter(|entry| entry.is_hidden()).count()
    }

    /// Whether the test image is offered.
    pub fn offers_test_image(&self) -> bool {
        self.base.is_none() && self.text.value().is_empty()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.found.len() + usize::from(self.offers_test_image())
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A row.
    pub fn row(&self, index: usize) -> Option<Row<'_>> {
        let index = match (self.offers_test_image(), index) {
            (true, 0) => return Some(Row::TestImage),
            (offered, index) => index - usize::from(offered),
        };
        Some(Row::Entry(self.entries().get(*self.found.get(index)?)?))
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<Row<'_>> {
        self.row(self.selection.cursor)
    }

    /// The file or folder under the cursor.
    pub fn selected_entry(&self) -> Option<&Entry> {
        match self.selected()? {
            Row::TestImage => None,
            Row::Entry(entry) => Some(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooser(text: &str) -> Chooser {
        Chooser { text: Input::new(text.to_owned()), ..Chooser::default() }
    }

    #[test]
    fn the_last_slash_parts_folder_and_name() {
        for (text, folder, name) in [("", "", ""), ("cat", "", "cat"), ("~/a/", "~/a/", ""), ("/x/y.p", "/x/", "y.p")] {
            let chooser = chooser(text);
            assert_eq!((chooser.place().typed.as_str(), chooser.name()), (folder, name), "{text}");
        }
    }

    #[test]
    fn the_test_image_is_offered_before_anything_is_typed_or_entered() {
        assert_eq!(chooser("").row(0), Some(Row::TestImage));
        assert_eq!(chooser("a").row(0), None);
        assert_eq!(Chooser { base: Some("/x".into()), ..chooser("") }.row(0), None);
    }
}
