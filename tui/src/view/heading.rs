//! The names of a list's columns above its rows, where there is room for both. Rows matter more.

use ratatui::layout::Rect;
use ratatui::text::Span;

use super::text::right;
use super::{layout, theme};
use crate::text::width::fit;

/// So few rows need no names above them.
const FEW: u16 = 5;

/// The line of the names, and the rows below it.
pub(super) fn above(body: Rect) -> (Option<Rect>, Rect) {
    if body.height <= FEW {
        return (None, body);
    }
    let (line, rows) = layout::top(body, 1);
    (Some(line), rows)
}

/// A name at the start of exactly `width` columns.
pub(super) fn name(text: &str, width: usize) -> Span<'static> {
    Span::styled(fit(text, width), theme::dim())
}

/// The same at their end, as numbers and times stand below it.
pub(super) fn name_right(text: &str, width: usize) -> Span<'static> {
    Span::styled(right(text, width), theme::dim())
}
