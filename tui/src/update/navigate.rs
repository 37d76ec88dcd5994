//! Moving: the cursor of a panel, or the text of an open dialog.

use crate::domain::files::EntryKind;
use crate::effect::Effect;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::Dialog;
use crate::model::objects::Sort;
use crate::model::palette::found;
use crate::model::{Hit, Model};
use crate::update::{chooser, doctor, palette, pipeline, rows, versions};

/// Moves what has the keys.
pub(super) fn go(model: &mut Model, action: Action) {
    let (height, len) = (model.viewports.dialog.max(1), model.viewports.dialog_len);
    match &mut model.dialog {
        Some(Dialog::Help { offset } | Dialog::History { offset }) => {
            *offset = moved(*offset, action, len.saturating_sub(height) + 1, height);
        }
        Some(Dialog::Details(details)) => {
            details.offset = moved(details.offset, action, len.saturating_sub(height) + 1, height);
        }
        Some(Dialog::Palette(form)) => {
            let text = form.text.value().to_owned();
            let rows = found(model, &text).len();
            if let Some(Dialog::Palette(form)) = &mut model.dialog {
                form.cursor = moved(form.cursor, action, rows, height);
            }
        }
        Some(Dialog::Choose(chooser)) => chooser::go(chooser, action, height),
        Some(Dialog::Doctor(_)) => doctor::go(model, action),
        Some(Dialog::Versions(_)) => versions::go(model, action),
        Some(Dialog::Pipeline(_)) => pipeline::go(model, action),
        Some(_) => {
            let first = model.scroll.unwrap_or(0);
            model.scroll = Some(moved(first, action, len.saturating_sub(height) + 1, height));
        }
        None => go_in_panel(model, action),
    }
}

/// Gives a panel the keys, and puts its cursor on the row or orders it by the column.
pub(super) fn click(model: &mut Model, hit: Hit) {
    // A click beside a dialog is not meant for what the dialog covers.
    if model.dialog.is_some() {
        return;
    }
    model.focus = hit.panel;
    if let Some(row) = hit.row {
        put(model, hit.panel, row);
    }
    if let Some(column) = hit.column {
        order(model, model.objects.sort().by(column));
    }
}

/// Orders the objects; the cursor stays on its object.
pub(super) fn order(model: &mut Model, sort: Sort) {
    model.objects.set_sort(sort);
    rows::restore(model);
}

/// Puts the cursor of the open dialog's list on a row. Where it is there already, a folder is entered, a file marked, an
/// action done, and a version shown in full.
pub(super) fn pick(model: &mut Model, row: usize) -> Vec<Effect> {
    let height = model.viewports.dialog.max(1);
    match &mut model.dialog {
        Some(Dialog::Choose(chooser)) if chooser.selection.cursor != row => {
            chooser.selection.place(row, chooser.len(), height);
        }
        Some(Dialog::Choose(chooser))
            if chooser.selected_entry().is_some_and(|entry| entry.kind == EntryKind::Folder) =>
        {
            chooser::enter_selected(model);
        }
        Some(Dialog::Choose(_)) => chooser::mark(model),
        Some(Dialog::Palette(form)) if form.cursor != row => form.cursor = row,
        Some(Dialog::Palette(_)) => return palette::choose(model),
        Some(Dialog::Versions(_)) => versions::pick(model, row),
        _ => {}
    }
    Vec::new()
}

/// Moves the cursor of what is under the mouse, whichever panel has the keys.
pub(super) fn wheel(model: &mut Model, panel: Option<Panel>, rows: isize) {
    let action = if rows < 0 { Action::Up } else { Action::Down };
    if model.dialog.is_some() {
        (0..rows.unsigned_abs()).for_each(|_| go(model, action));
        return;
    }
    let Some(panel) = panel else { return };
    let here = cursor(model, panel);
    put(model, panel, here.saturating_add_signed(rows));
}

fn go_in_panel(model: &mut Model, action: Action) {
    let panel = model.focus;
    let (height, len) = (model.rows(panel), rows::len(model, panel));
    let row = moved(cursor(model, panel), action, len, height);
    put(model, panel, row);
}

fn cursor(model: &mut Model, panel: Panel) -> usize {
    let in_log = model.logs.cursor;
    rows::selection(model, panel).map_or(in_log, |selection| selection.cursor)
}

/// Puts a panel's cursor on a row, or on the last one.
fn put(model: &mut Model, panel: Panel, row: usize) {
    let (height, len) = (model.rows(panel), rows::len(model, panel));
    match rows::selection(model, panel) {
        Some(selection) => {
            selection.place(row, len, height);
            rows::remember(model, panel);
        }
        None => {
            model.logs.cursor = row.min(len.saturating_sub(1));
            let at_end = model.logs.cursor + 1 >= len;
            rows::set_follow(model, at_end);
        }
    }
}

/// Where an index goes in a list of `len` rows, `height` of which are in view.
pub(super) fn moved(index: usize, action: Action, len: usize, height: usize) -> usize {
    let page = height.saturating_sub(1).max(1);
    let target = match action {
        Action::Up => index.saturating_sub(1),
        Action::Down => index.saturating_add(1),
        Action::PageUp => index.saturating_sub(page),
        Action::PageDown => index.saturating_add(page),
        Action::First => 0,
        Action::Last => usize::MAX,
        _ => index,
    };
    target.min(len.saturating_sub(1))
}
