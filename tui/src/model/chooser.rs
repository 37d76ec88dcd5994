//! The file chooser: what is typed to find a file, the folder that it is looked for in, and what is marked.
//!
//! Data and its own rules. Folders are read by `cloud/`, names are searched by `update/`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use super::selection::Selection;
use crate::domain::files::{Entry, FolderRequest, Listing};
use crate::domain::ids::RequestId;
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
    pub asked: Option<(RequestId, FolderRequest)>,
    /// Entries of the listing that the name finds, the best ones first.
    pub found: Vec<usize>,
    /// The row under the cursor, and the first row in view.
    pub selection: Selection,
    /// What is marked, in whichever folder.
    pub marked: BTreeSet<PathBuf>,
    /// The folder that was left for the one above.
    pub came_from: Option<PathBuf>,
    /// What was asked for before the folder was read, in that order.
    pub pending: Vec<PendingAction>,
    /// When the last letter was erased: a key that is held down for that is not meant to leave the folder, too.
    pub erased: Option<Timestamp>,
    /// What cannot be done, until something else is typed.
    pub error: Option<Clean>,
}

/// What waits for the folder to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PendingAction {
    Complete,
    MarkAll,
    /// Continue with what is chosen.
    Submit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChooserRow<'a> {
    /// A generated test image: offered until something is typed or another folder is entered.
    TestImage,
    Entry(&'a Entry),
}

impl Chooser {
    /// The folder that the text means.
    pub fn place(&self) -> FolderRequest {
        let typed = self.text.value().rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
        FolderRequest { base: self.base.clone(), typed }
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

    /// The folder in which files were chosen last.
    pub fn last_folder(&self) -> Option<&PathBuf> {
        self.listing.as_ref()?.last.as_ref()
    }

    /// The entries of the folder, as far as it could be read.
    pub fn entries(&self) -> &[Entry] {
        self.current().and_then(|listing| listing.entries.as_deref().ok()).unwrap_or_default()
    }

    /// How many entries wait for a dot to be typed.
    pub fn hidden(&self) -> usize {
        self.entries().iter().filter(|entry| entry.is_hidden()).count()
    }

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

    pub fn row(&self, index: usize) -> Option<ChooserRow<'_>> {
        let index = match (self.offers_test_image(), index) {
            (true, 0) => return Some(ChooserRow::TestImage),
            (offered, index) => index - usize::from(offered),
        };
        Some(ChooserRow::Entry(self.entries().get(*self.found.get(index)?)?))
    }

    /// The row under the cursor.
    pub fn selected(&self) -> Option<ChooserRow<'_>> {
        self.row(self.selection.cursor)
    }

    /// The file or folder under the cursor.
    pub fn selected_entry(&self) -> Option<&Entry> {
        match self.selected()? {
            ChooserRow::TestImage => None,
            ChooserRow::Entry(entry) => Some(entry),
        }
    }
}

/// One piece: blanks and signs in a name are parts of it.
pub fn pattern(name: &str) -> Atom {
    Atom::new(name, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false)
}

/// The places of the letters in an entry's name by which it was found.
pub fn letters(typed: &str, name: &str) -> Vec<usize> {
    let mut places = Vec::new();
    if !typed.is_empty() {
        let letters = &mut Vec::new();
        let text = Utf32Str::new(name, letters);
        pattern(typed).indices(text, &mut Matcher::new(Config::DEFAULT), &mut places);
    }
    places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()
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
        assert_eq!(chooser("").row(0), Some(ChooserRow::TestImage));
        assert_eq!(chooser("a").row(0), None);
        assert_eq!(Chooser { base: Some("/x".into()), ..chooser("") }.row(0), None);
    }

    #[test]
    fn the_letters_by_which_a_name_was_found_have_their_places() {
        assert_eq!(letters("dgp", "dog.png"), [0, 2, 4]);
        assert_eq!(letters("", "dog.png"), [0; 0]);
        assert_eq!(letters("東", "写真.東京.png"), [3]);
    }
}
