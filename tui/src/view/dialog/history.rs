//! All notices and errors, the latest first.
//!
//! ```text
//! 15:04:05  ✗ cannot list bucket images: access denied
//! 15:03:58  ✓ subscribed ada@example.com
//! ```

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{clock, words};
use super::super::theme;
use crate::model::{Model, NoticeLevel};

/// Columns below which a text has no room beside its time.
const NARROW: usize = 44;

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    if model.history.is_empty() {
        return vec![Line::styled("no messages yet", theme::dim())];
    }
    let mut lines = Vec::new();
    for notice in model.history.iter().rev() {
        let (glyph, style) = match notice.level {
            NoticeLevel::Done => ("✓", theme::good()),
            NoticeLevel::Hint => ("·", Style::new()),
            NoticeLevel::Error => ("✗", theme::bad()),
        };
        let time = clock(notice.at, &model.display, model.now);
        // On a narrow screen the text has the rows below its time.
        let is_narrow = width < NARROW;
        let indent = if is_narrow { "  ".to_owned() } else { " ".repeat(time.len() + 4) };
        for (index, row) in
            words(notice.text.shown(), width.saturating_sub(indent.len()).max(8)).into_iter().enumerate()
        {
            if index == 0 && is_narrow {
                lines.push(Line::styled(time.clone(), theme::dim()));
            }
            lines.push(if index == 0 {
                let head = if is_narrow { String::new() } else { format!("{time}  ") };
                let head = Span::styled(head, theme::dim());
                Line::from(vec![head, Span::styled(format!("{glyph} "), style), Span::raw(row)])
            } else {
                Line::from(format!("{indent}{row}"))
            });
        }
    }
    lines
}
