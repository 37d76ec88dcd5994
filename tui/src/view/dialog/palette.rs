//! The palette: a field, and the actions that it finds, each with its key.
//!
//! ```text
//! ┏ Actions ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ > sub                                                  ┃
//! ┃                                                        ┃
//! ┃ ▸ s       subscribe an email address or another …      ┃
//! ┃   x       Subscriptions: remove the selected …         ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Line;

use super::super::panel::{chosen, mark};
use super::super::text::{cell, prose, window};
use super::super::{letters, theme};
use super::Content;
use crate::model::Model;
use crate::model::dialog::PaletteForm;
use crate::model::palette::{found, shown as sentence};
use crate::model::selection::Selection;
use crate::text::width::columns;

/// Columns of the key: the longest is Shift-Tab, and its words stand apart from it.
const KEYS: usize = 10;
/// Rows of actions, where the screen has them, and those above them.
const ROWS: usize = 14;
const ABOVE: usize = 2;

pub(super) fn content<'a>(form: &'a PaletteForm, model: &Model, width: usize, height: usize) -> Content<'a> {
    let rows = found(model, form.text.value());
    let mut lines = vec![Line::default(); ABOVE];
    let room = width.saturating_sub(KEYS + 2);
    let (mut whole, mut longest) = (Vec::new(), 0);
    for index in shown(form, rows.len(), height) {
        let Some(row) = rows.get(index) else { continue };
        let key = model.keys.of(row).first().map(ToString::to_string).unwrap_or_default();
        let Some((text, places)) = sentence(row, form.text.value()) else { continue };
        let is_cursor = index == form.cursor;
        let mut spans = vec![mark(is_cursor), cell(&key, KEYS, theme::key())];
        spans.extend(letters::marked(&text, &places, room, Style::new()));
        let line = Line::from(spans);
        lines.push(if is_cursor { chosen(line, width) } else { line });
        if columns(&text) > room {
            let sentence = prose(&text, width, theme::dim());
            longest = longest.max(sentence.len());
            if is_cursor {
                whole = sentence;
            }
        }
    }
    // A sentence that was cut stands below in full, where the screen has rows for it. The box keeps its height.
    if longest > 0 && lines.len() + 1 + longest <= height {
        lines.push(Line::default());
        whole.resize(longest, Line::default());
        lines.append(&mut whole);
    }
    if rows.is_empty() {
        lines.push(Line::styled("no matching action", theme::dim()));
    }
    Content { title: "Actions", lines, offset: 0, field: Some((0, &form.text)), list: None }
}

/// The actions in view on a screen of this height.
fn shown(form: &PaletteForm, len: usize, height: usize) -> Range<usize> {
    let fit = ROWS.min(height.saturating_sub(ABOVE + 2)).max(1);
    window(Selection { cursor: form.cursor, offset: 0 }, len, fit)
}

/// The action in a line of the box.
pub(super) fn row_at(form: &PaletteForm, model: &Model, height: usize, line: usize) -> Option<usize> {
    let shown = shown(form, found(model, form.text.value()).len(), height);
    Some(shown.start + line.checked_sub(ABOVE)?).filter(|row| shown.contains(row))
}
