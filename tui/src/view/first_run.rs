//! The first-run screen: what was looked for, what came of it, and what can be done now.
//!
//! ```text
//! No pipeline is known yet
//!
//!   ○ flags        no --bucket, --stack or --pipeline
//!   ○ config file  /home/ada/.config/imgwatch/config.toml is not there
//!   ✗ stacks       cloudformation:DescribeStacks is not allowed
//!
//! Pipelines of the config file
//!   ▸ dev   eu-west-1
//!     live
//!
//! l  try it: start a cloud on this machine
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::text::{cell, prose, window, words};
use super::{panel, theme};
use crate::domain::search::{Looked, Mark, Search};
use crate::keymap::action::Action;
use crate::keymap::{KEYMAP, Scope};
use crate::model::selection::Selection;
use crate::model::{Model, keys};
use crate::text::clean::Clean;
use crate::text::width::columns;

/// Screens with fewer columns have no margin, and no column for the places' names.
const NARROW: u16 = 60;
/// Columns of the keys.
const KEYS: usize = 7;
/// Pipelines shown at once; the others are scrolled to.
const MOST_PIPELINES: usize = 9;
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
    let title = match (search.is_over, model.pipelines.is_empty()) {
        (false, _) => "Looking for a pipeline …",
        (true, true) => "No pipeline is known yet",
        (true, false) => "No pipeline is chosen yet",
    };
    let mut head = vec![Line::default(), Line::styled(title, theme::strong()), Line::default()];
    for looked in &search.looked {
        head.extend(place(looked, width));
    }
    if !search.is_over {
        let target = model.pipeline.target.shown();
        head.push(Line::styled(format!("  … searching {target} for a stack with a pipeline"), theme::busy()));
    } else if let Some(problem) = &search.problem {
        let why = format!("{}: {}", problem.what.shown(), problem.why.shown());
        head.extend(marked("✗", &why, theme::bad(), width));
        if !problem.hint.is_empty() {
            head.extend(marked("→", &problem.hint, theme::strong(), width));
        }
    }
    let mut tail = pipelines(model, search, width, height);
    tail.extend(keys(model, width));
    let names = names(width);
    if model.pipelines.is_empty() && head.len().min(LEAST_HEAD) + tail.len() + names.len() <= height {
        tail.extend(names);
    }
    // What to do matters more than why: the top gives way.
    let room = height.saturating_sub(tail.len());
    if head.len() > room {
        head.truncate(room.saturating_sub(1));
        head.push(Line::styled("  … more (enlarge the terminal)", theme::dim()));
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
        Mark::NotRead => ("✗", theme::warn()),
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

fn pipelines(model: &Model, search: &Search, width: usize, height: usize) -> Vec<Line<'static>> {
    let choices = &model.pipelines;
    if choices.is_empty() {
        return Vec::new();
    }
    let rows = (height / 3).clamp(2, MOST_PIPELINES);
    let shown = window(Selection { cursor: search.cursor, offset: 0 }, choices.len(), rows);
    let mut title = "Pipelines of the config file".to_owned();
    if shown.len() < choices.len() {
        title = format!("{title}, {}-{} of {}", shown.start + 1, shown.end, choices.len());
    }
    let mut lines = vec![Line::default()];
    lines.extend(prose(&title, width, theme::strong()));
    let names = choices.iter().map(|choice| columns(choice.name.shown())).max().unwrap_or(0);
    let names = names.min(width.saturating_sub(4 + 2 + 16)).max(10);
    for (index, choice) in choices.iter().enumerate().skip(shown.start).take(shown.len()) {
        let is_cursor = index == search.cursor;
        let region = choice.region.as_ref().map(Clean::shown).unwrap_or_default();
        let row = Line::from(vec![
            Span::raw("  "),
            panel::mark(is_cursor),
            cell(choice.name.shown(), names, Style::new()),
            Span::styled(format!("  {region}"), theme::dim()),
        ]);
        lines.push(if is_cursor { panel::chosen(row, width) } else { row });
    }
    lines
}

/// What can be done: the keys of this screen.
fn keys(model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let has_pipelines = !model.pipelines.is_empty();
    let holds = |scope| scope == Scope::FirstRun || (scope == Scope::FirstChoice && has_pipelines);
    let actions = [Action::Submit, Action::NextChoice, Action::StartLocal, Action::Switch, Action::Retry];
    for binding in KEYMAP.iter().filter(|row| holds(row.scope) && actions.contains(&row.action)) {
        let key = keys::key_of(model, binding.scope, binding.action);
        for (index, row) in words(binding.help, width.saturating_sub(2 + KEYS)).into_iter().enumerate() {
            let key = if index == 0 { cell(&key, KEYS, theme::key()) } else { cell("", KEYS, Style::new()) };
            lines.push(Line::from(vec![Span::raw("  "), key, Span::raw(row)]));
        }
    }
    lines
}

/// The names to give instead, where the screen has room for them.
fn names(width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    lines.extend(prose(
        "Or start imgwatch with --bucket NAME or --stack NAME, or write the config file:",
        width,
        theme::dim(),
    ));
    let example = ["[pipelines.dev]", "bucket = \"my-images\"", "profile = \"dev\"", "region = \"eu-west-1\""];
    lines.extend(example.map(|row| Line::from(format!("    {row}"))));
    lines
}
