//! Moving: the cursor of a panel, or the text of an open dialog.

use crate::action::Action;
use crate::model::dialog::Dialog;
use crate::model::{Model, Panel};
use crate::update::{doctor, rows};

/// Moves what has the keys.
pub(super) fn go(model: &mut Model, action: Action) {
    let (height, len) = (model.viewports.dialog.max(1), model.viewports.dialog_len);
    match &mut model.dialog {
        Some(Dialog::Help { offset }) => *offset = moved(*offset, action, len.saturating_sub(height) + 1, height),
        Some(Dialog::Details(details)) => {
            details.offset = moved(details.offset, action, len.saturating_sub(height) + 1, height);
        }
        Some(Dialog::Doctor(_)) => doctor::go(model, action),
        Some(_) => {}
        None => go_in_panel(model, action),
    }
}

fn go_in_panel(model: &mut Model, action: Action) {
    let height = model.rows(model.focus);
    let len = rows::len(model, model.focus);
    match model.focus {
        Panel::Logs => {
            model.logs.cursor = moved(model.logs.cursor, action, len, height);
            let at_end = model.logs.cursor + 1 >= len;
            rows::set_follow(model, at_end);
        }
        panel => {
            let Some(selection) = rows::selection(model, panel) else { return };
            let cursor = moved(selection.cursor, action, len, height);
            selection.place(cursor, len, height);
            rows::remember(model, panel);
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
