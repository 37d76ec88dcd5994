//! The first-run screen: what was looked for, what came of it, and what can be done now.
//!
//! ```text
//! No pipeline is known yet
//!
//!   ○ flags        no --bucket, --stack or --pipeline
//!   ○ config file  /home/ada/.config/imgwatch/config.toml is not there
//!   ✗ stacks       cloudformation:DescribeStacks is not allowed
//!
//! l  try it: start a cloud on this machine
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::text::{cell, prose, words};
use super::theme;
use crate::action::Action;
use crate::keymap::{KEYMAP, Scope};
use crate::model::Model;
use crate::model::search::{Looked, Mark, Search};
use crate::text::width::columns;

/// Screens with fewer columns have no margin, and no column for the places' names.
const NARROW: u16 = 60;
/// Rows that the places keep before the names to give have room.
const LEAST_HEAD: usize = 10;
/// Columns of the places' names; what came of looking into a longer one stands below it.
const PLACE: usize = 13;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, search: &Search) {
    let width = area.width.saturating_sub(if area.width < NARROW { 0 } else { 4 }).min(100);
    let inner = Rect { x: area.x + (area.width - width) / 2, width, ..area };
    let lines = lines(model, search, usize::from(width), usize::from(area.height));
    frame.render_widget(Paragraph::new(lines), inner);
}

fn lines(model: &Model, search: &Search, width: usize, height: usize) -> Vec<Line<'static>> {
    let title = if search.is_over { "No pipeline is known yet" } else { "Looking for a pipeline …" };
    let mut head = vec![Line::default(), Line::styled(title, theme::strong()), Line::default()];
    for looked in &search.looked {
        head.extend(place(looked, width));
    }
    if !search.is_over {
        let target = model.pipeline.target.shown();
        head.push(Line::styled(format!("  … asking {target} for a stack with a pipeline"), theme::busy()));
    } else if let Some(problem) = &search.problem {
        let why = format!("{}: {}", problem.what.shown(), problem.why.shown());
        head.extend(marked("✗", &why, theme::bad(), width));
        if !problem.hint.is_empty() {
            head.extend(marked("→", problem.hint, theme::strong(), width));
        }
    }
    let mut tail = keys(width);
    let names = names(width);
    if head.len().min(LEAST_HEAD) + tail.len() + names.len() <= height {
        tail.extend(names);
    }
    // What to do matters more than why: the top gives way.
    let room = height.saturating_sub(tail.len());
    if head.len() > room {
        head.truncate(room.saturating_sub(1));
        head.push(Line::styled("  … more on a higher screen", theme::dim()));
        head.truncate(room);
    }
    head.extend(tail);
    head
}

/// One place that was looked into.
fn place(looked: &Looked, width: usize) -> Vec<Line<'static>> {
    let (glyph, style) = match looked.mark {
        Mark::Nothing => ("○", Style::new()),
        Mark::Choose => ("?", theme::warn()),
        Mark::Trouble => ("✗", theme::warn()),
    };
    let (name, outcome) = (looked.place.shown(), looked.outcome.shown());
    if columns(name) > PLACE || width < usize::from(NARROW) {
        return marked(glyph, &format!("{name}: {outcome}"), style, width);
    }
    let rows = words(outcome, width.saturating_sub(PLACE + 4).max(10)).into_iter().enumerate();
    rows.map(|(index, row)| {
        let (glyph, name) = if index == 0 { (glyph, name) } else { (" ", "") };
        Line::from(vec![
            Span::styled(format!("  {glyph} "), style),
            cell(name, PLACE, theme::dim()),
            Span::styled(row, style),
        ])
    })
    .collect()
}

/// A paragraph behind a mark.
fn marked(glyph: &str, text: &str, style: Style, width: usize) -> Vec<Line<'static>> {
    let rows = words(text, width.saturating_sub(4).max(10)).into_iter().enumerate();
    rows.map(|(index, row)| Line::styled(format!("  {} {row}", if index == 0 { glyph } else { " " }), style)).collect()
}

/// What can be done: the keys of this screen.
fn keys(width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let actions = [Action::StartLocal, Action::Switch, Action::Retry];
    for binding in KEYMAP.iter().filter(|row| row.scope == Scope::FirstRun && actions.contains(&row.action)) {
        let key = binding.keys.first().map(ToString::to_string).unwrap_or_default();
        for (index, row) in words(binding.help, width.saturating_sub(5)).into_iter().enumerate() {
            let key = if index == 0 { cell(&key, 3, theme::key()) } else { cell("", 3, Style::new()) };
            lines.push(Line::from(vec![Span::raw("  "), key, Span::raw(row)]));
        }
    }
    lines
}

/// The names to give instead, where the screen has room for them.
fn names(width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    lines.extend(prose(
        "Or start it with --bucket NAME or --stack NAME, or write the config file:",
        width,
        theme::dim(),
    ));
    let example = ["[pipelines.dev]", "bucket = \"my-images\"", "profile = \"dev\"", "region = \"eu-west-1\""];
    lines.extend(example.map(|row| Line::from(format!("    {row}"))));
    lines
}
