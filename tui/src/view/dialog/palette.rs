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

use ratatui::text::{Line, Span};

use super::super::panel::{chosen, mark};
use super::super::text::{cell, window};
use super::super::theme;
use super::Content;
use crate::model::Model;
use crate::model::dialog::PaletteForm;
use crate::model::selection::Selection;
use crate::text::width::cut;
use crate::update::palette::{found, place};

/// Columns of the key: the longest is Shift-Tab, and its words stand apart from it.
const KEYS: usize = 10;
/// Rows of actions, where the screen has them.
const ROWS: usize = 14;

pub(super) fn content<'a>(form: &'a PaletteForm, model: &Model, width: usize, height: usize) -> Content<'a> {
    let rows = found(model, form.text.value());
    let mut lines = vec![Line::default(), Line::default()];
    let fit = ROWS.min(height.saturating_sub(4)).max(1);
    let selection = Selection { cursor: form.cursor, offset: 0 };
    for index in window(selection, rows.len(), fit) {
        let Some(row) = rows.get(index) else { continue };
        let key = model.keys.of(row).first().map(ToString::to_string).unwrap_or_default();
        let text = match place(row.scope) {
            "" => row.help.to_owned(),
            panel => format!("{panel}: {}", row.help),
        };
        let is_cursor = index == form.cursor;
        let line = Line::from(vec![
            mark(is_cursor),
            cell(&key, KEYS, theme::key()),
            Span::raw(cut(&text, width.saturating_sub(KEYS + 2))),
        ]);
        lines.push(if is_cursor { chosen(line, width) } else { line });
    }
    if rows.is_empty() {
        lines.push(Line::styled("no action has these words", theme::dim()));
    }
    Content { title: "Actions", lines, offset: 0, field: Some((0, &form.text)) }
}
