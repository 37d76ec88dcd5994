//! Choosing what to upload: typing, moving between folders, marking, and going on with what is chosen.

use std::path::PathBuf;

use nucleo_matcher::{Config, Matcher, Utf32Str};
use tui_input::Input;

use super::{plan, queue};
use crate::domain::files::{Entry, EntryKind, FolderRequest, Listing};
use crate::domain::ids::RequestId;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::chooser::{Chooser, ChooserRow, PendingAction, pattern};
use crate::model::dialog::Dialog;
use crate::model::selection::Selection;
use crate::text::clean::Clean;

/// Opens the chooser.
pub(super) fn open(model: &mut Model) {
    model.dialog = Some(Dialog::Choose(Box::default()));
}

/// Asks for the folder that is meant now, unless it is there or being read.
pub(super) fn list_when_due(model: &mut Model) -> Option<Effect> {
    let Some(Dialog::Choose(chooser)) = &model.dialog else { return None };
    let place = chooser.place();
    if chooser.current().is_some() || chooser.asked.as_ref().is_some_and(|(_, asked)| *asked == place) {
        return None;
    }
    let request = model.next_request();
    let chooser = opened(model)?;
    chooser.asked = Some((request, place.clone()));
    Some(Effect::Cloud(CloudEffect::ListFolder { request, place }))
}

/// A folder was read.
pub(super) fn listed(model: &mut Model, request: RequestId, listing: Listing) -> Vec<Effect> {
    let Some(chooser) = opened(model) else { return Vec::new() };
    if chooser.asked.take_if(|(asked, _)| *asked == request).is_none() {
        return Vec::new();
    }
    chooser.listing = Some(listing);
    settle(chooser);
    search(chooser);
    select(chooser);
    let pending = std::mem::take(&mut chooser.pending);
    let mut effects = Vec::new();
    for action in pending {
        match action {
            PendingAction::Complete => effects.extend(complete(model)),
            PendingAction::MarkAll => mark_all(model),
            // A typed folder and Enter mean: open it.
            PendingAction::Submit
                if opened(model).is_some_and(|chooser| chooser.name().is_empty() && chooser.marked.is_empty()) => {}
            PendingAction::Submit => effects.extend(submit(model)),
        }
    }
    effects
}

/// A folder that was typed and can be read is where choosing goes on: what is left of the text is a part of a name.
fn settle(chooser: &mut Chooser) {
    let (place, name) = (chooser.place(), chooser.name().to_owned());
    let Some(listing) = chooser.listing.as_mut().filter(|listing| listing.place == place) else { return };
    if !place.typed.is_empty() && listing.entries.is_ok() {
        listing.place = FolderRequest { base: Some(listing.folder.clone()), typed: String::new() };
        chooser.base = Some(listing.folder.clone());
        chooser.text = Input::new(name);
    }
}

/// Puts the cursor onto the folder that one came from.
fn select(chooser: &mut Chooser) {
    let Some(from) = chooser.came_from.take() else { return };
    let entries = chooser.entries();
    let row = chooser.found.iter().position(|index| entries.get(*index).is_some_and(|entry| entry.path == from));
    if let Some(row) = row {
        let offered = usize::from(chooser.offers_test_image());
        chooser.selection.cursor = row + offered;
    }
}

/// Something else is typed.
pub(super) fn typed(chooser: &mut Chooser) {
    chooser.error = None;
    chooser.pending.clear();
    search(chooser);
}

/// Moves the cursor.
pub(super) fn go(chooser: &mut Chooser, action: Action, height: usize) {
    let cursor = super::navigate::moved(chooser.selection.cursor, action, chooser.len(), height);
    chooser.selection.place(cursor, chooser.len(), height);
}

/// Enters the folder under the cursor, or completes the name; of the test image the key can be changed.
pub(super) fn complete(model: &mut Model) -> Vec<Effect> {
    let Some(chooser) = opened(model) else { return Vec::new() };
    if chooser.current().is_none() {
        chooser.pending.push(PendingAction::Complete);
        return Vec::new();
    }
    match chooser.selected() {
        Some(ChooserRow::TestImage) => return plan::open(model, Vec::new()),
        Some(ChooserRow::Entry(Entry { kind: EntryKind::Folder, path, .. })) => enter(chooser, path.clone()),
        Some(ChooserRow::Entry(file)) => {
            let text = format!("{}{}", chooser.place().typed, file.name.raw());
            chooser.text = Input::new(text);
            typed(chooser);
        }
        None => say_nothing_found(chooser),
    }
    Vec::new()
}

/// Enters the folder under the cursor.
pub(super) fn enter_selected(model: &mut Model) {
    let Some(chooser) = opened(model) else { return };
    if let Some(folder) = chooser.selected_entry().filter(|entry| entry.kind == EntryKind::Folder) {
        let path = folder.path.clone();
        enter(chooser, path);
    }
}

/// Goes to the folder above, unless the key is still held down that erased the last letter.
pub(super) fn leave(model: &mut Model) {
    const HELD_MS: i64 = 500;
    let now = model.now;
    let Some(chooser) = opened(model) else { return };
    if let Some(erased) = &mut chooser.erased
        && now.as_millisecond() - erased.as_millisecond() < HELD_MS
    {
        *erased = now;
        return;
    }
    // A folder that is not read yet can be left, too.
    let here = chooser.current().map(|listing| listing.folder.clone()).or_else(|| chooser.base.clone());
    if let Some(above) = here.as_ref().and_then(|here| here.parent()).map(PathBuf::from) {
        enter(chooser, above);
        chooser.came_from = here;
    }
}

/// Goes to the folder in which files were chosen last.
pub(super) fn enter_last(model: &mut Model) {
    let Some(chooser) = opened(model) else { return };
    match chooser.last_folder().cloned() {
        Some(folder) => enter(chooser, folder),
        None => chooser.error = Some("no folder is remembered yet: upload a file first".into()),
    }
}

/// Marks what is under the cursor, or takes the mark back.
pub(super) fn mark(model: &mut Model) {
    let height = model.viewports.dialog;
    let Some(chooser) = opened(model) else { return };
    let Some(path) = chooser.selected_entry().map(|entry| entry.path.clone()) else { return };
    if !chooser.marked.remove(&path) {
        chooser.marked.insert(path);
    }
    go(chooser, Action::Down, height);
}

/// Marks everything that is found, or takes those marks back where all of it is marked. Like an upload of the folder, it
/// leaves out links to folders.
pub(super) fn mark_all(model: &mut Model) {
    let Some(chooser) = opened(model) else { return };
    if chooser.current().is_none() {
        chooser.pending.push(PendingAction::MarkAll);
        return;
    }
    let entries = chooser.entries();
    let found = chooser.found.iter().filter_map(|index| entries.get(*index));
    let paths: Vec<PathBuf> = found.filter(|entry| !entry.is_folder_link()).map(|entry| entry.path.clone()).collect();
    if paths.iter().all(|path| chooser.marked.contains(path)) {
        for path in &paths {
            chooser.marked.remove(path);
        }
    } else {
        chooser.marked.extend(paths);
    }
}

/// Takes what is marked, else with what is under the cursor.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    let Some(chooser) = opened(model) else { return Vec::new() };
    if chooser.current().is_none() && !chooser.pending.is_empty() {
        chooser.pending.push(PendingAction::Submit);
        return Vec::new();
    }
    if !chooser.marked.is_empty() {
        // What lies in a folder that is marked as well comes with it.
        let is_within = |path: &PathBuf| path.ancestors().skip(1).any(|above| chooser.marked.contains(above));
        let marked = chooser.marked.iter().filter(|path| !is_within(path)).cloned().collect();
        return plan::open(model, marked);
    }
    if chooser.current().is_none() && !chooser.offers_test_image() {
        chooser.pending.push(PendingAction::Submit);
        return Vec::new();
    }
    match chooser.selected() {
        Some(ChooserRow::TestImage) => return queue::send_test_image(model),
        Some(ChooserRow::Entry(Entry { kind: EntryKind::Folder, path, .. })) => enter(chooser, path.clone()),
        // It is written out already that this cannot be uploaded.
        Some(ChooserRow::Entry(Entry { kind: EntryKind::Other, .. })) => {}
        Some(ChooserRow::Entry(file)) => {
            let path = file.path.clone();
            return plan::open(model, vec![path]);
        }
        None => {
            // A folder that cannot be listed, or not to its end, may have the file all the same.
            let is_open = |listing: &&Listing| listing.entries.is_err() || listing.more;
            let unread = chooser.current().filter(is_open).filter(|_| !chooser.name().is_empty());
            if let Some(path) = unread.map(|listing| listing.folder.join(chooser.name())) {
                return plan::open(model, vec![path]);
            }
            say_nothing_found(chooser);
        }
    }
    Vec::new()
}

fn opened(model: &mut Model) -> Option<&mut Chooser> {
    match &mut model.dialog {
        Some(Dialog::Choose(chooser)) => Some(chooser),
        _ => None,
    }
}

fn enter(chooser: &mut Chooser, folder: PathBuf) {
    chooser.base = Some(folder);
    chooser.text = Input::default();
    typed(chooser);
}

fn say_nothing_found(chooser: &mut Chooser) {
    let Some(listing) = chooser.current() else { return };
    let text = match (&listing.entries, chooser.name()) {
        (Err(_), _) => return,
        (Ok(_), "") => "this folder has no files to upload".to_owned(),
        (Ok(_), name) => {
            format!("no match for \"{}\" in {}", Clean::new(name).shown(), listing.shown.shown())
        }
    };
    chooser.error = Some(Clean::new(&text));
}

/// Finds the entries that the typed name means; without one, all but the hidden ones.
fn search(chooser: &mut Chooser) {
    let name = chooser.name();
    let is_shown = |entry: &Entry| name.starts_with('.') || !entry.is_hidden();
    let entries = chooser.entries().iter().enumerate().filter(|(_, entry)| is_shown(entry));
    let found = if name.is_empty() { entries.map(|(index, _)| index).collect() } else { ranked(name, entries) };
    chooser.found = found;
    chooser.selection = Selection::default();
}

/// The entries whose names have the letters, those that have them best first.
fn ranked<'a>(name: &str, entries: impl Iterator<Item = (usize, &'a Entry)>) -> Vec<usize> {
    let pattern = pattern(name);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let lower = name.to_lowercase();
    let mut scored: Vec<((bool, bool, u16), usize)> = entries
        .filter_map(|(index, entry)| {
            let own = entry.name.raw();
            let score = pattern.score(Utf32Str::new(own, &mut letters), &mut matcher)?;
            // A name that begins with the text comes first, and the whole name before all.
            Some(((own == name, own.to_lowercase().starts_with(&lower), score), index))
        })
        .collect();
    // Stable: among equals the folder's order stays.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests;
