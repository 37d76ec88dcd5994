//! One stage of an upload's story in one row of the panel.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, right};
use super::super::theme;
use super::row::NARROW;
use crate::text::width::{columns, cut};

/// One stage.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) at: String,
    pub(super) text: String,
    pub(super) style: Style,
}

/// The columns that all stages of an upload share.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    name: usize,
    time: usize,
}

impl Columns {
    /// Times have no more than they need where the evidence beside them would be cut.
    pub(super) fn of(steps: &[Step], width: usize) -> Self {
        let name = steps.iter().map(|step| columns(step.name)).max().unwrap_or(0).max(9);
        let usual = if width < NARROW { 9 } else { 11 };
        let room = width.saturating_sub(4 + name + usual + 2);
        let is_cut = steps.iter().any(|step| columns(&step.text) > room);
        let widest = steps.iter().map(|step| columns(&step.at) + 1).max().unwrap_or(0);
        Self { name, time: if is_cut { widest.min(usual) } else { usual } }
    }
}

impl Step {
    /// One stage in one row. In the narrowest panels a time leaves no room for the evidence, which the details have.
    pub(super) fn row(&self, width: usize, shared: Columns) -> Line<'static> {
        let Columns { name, time } = shared;
        let is_narrow = width < NARROW;
        let (indent, time, gap) = match (is_narrow, self.at.is_empty()) {
            (false, _) => ("    ", time, "  "),
            (true, false) => ("  ", time, " "),
            (true, true) => ("  ", 0, " "),
        };
        let room = width.saturating_sub(indent.len() + name + time + gap.len());
        let text = if is_narrow && room < 8 { String::new() } else { cut(&self.text, room) };
        Line::from(vec![
            Span::raw(indent),
            cell(self.name, name, theme::strong()),
            Span::raw(right(&self.at, time)),
            Span::raw(gap),
            Span::styled(text, self.style),
        ])
    }
}
