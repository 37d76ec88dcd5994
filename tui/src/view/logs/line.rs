//! One line of the log in its rows: when, how severe, whose, and what it says.

use imgwatch_shared::record::Level;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, clock, words};
use super::super::{excerpt, panel, theme};
use super::functions::Names;
use crate::domain::log::{LineKind, LogLine};
use crate::keymap::action::Panel;
use crate::model::Model;
use crate::text::clean::Clean;
use crate::text::width::{columns, cut};

/// Columns that a panel needs for the time of a line.
const LEAST_TIME: usize = 34;
/// Columns from which on nothing is shortened but the text. Below it a level is a letter: most lines have none, and the
/// text needs the columns.
pub(super) const WIDE: usize = 60;

/// A line among its neighbours in the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub(super) line: &'a LogLine,
    pub(super) above: Option<&'a LogLine>,
    pub(super) below: Option<&'a LogLine>,
}

impl Placed<'_> {
    /// The part of its invocation's bracket beside its first row, and beside those that follow. Lines of other invocations
    /// may stand between: an arm reaches a neighbour only where both are of one invocation in one environment. At the ends
    /// of the list the bracket goes on.
    fn bracket(&self) -> (&'static str, &'static str) {
        let (above, line, below) = (self.above, self.line, self.below);
        let is_same = |other: &LogLine| other.invocation == line.invocation && other.stream == line.stream;
        let is_joined = match line.kind {
            LineKind::Start => return ("┌ ", if below.is_none_or(is_same) { "│ " } else { "  " }),
            LineKind::Report => return ("└ ", "  "),
            _ => line.invocation.is_some(),
        };
        let up = is_joined && above.is_none_or(|above| is_same(above) && above.kind != LineKind::Report);
        let down = is_joined && below.is_none_or(|below| is_same(below) && below.kind != LineKind::Start);
        match (up, down) {
            _ if !is_joined => ("  ", "  "),
            (true, true) => ("│ ", "│ "),
            (true, false) => ("╵ ", "  "),
            (false, true) => ("╷ ", "│ "),
            (false, false) => ("· ", "  "),
        }
    }
}

/// One line of the log, in one row or, wrapped, in several.
pub(super) fn rows(
    placed: Placed<'_>,
    model: &Model,
    names: Option<&Names>,
    width: usize,
    is_cursor: bool,
) -> Vec<Line<'static>> {
    let line = placed.line;
    let (level, level_style) = line.level.map_or(("", Style::new()), level);
    let (gutter, goes_on) = placed.bracket();
    let time = clock(line.at, &model.display, model.now);
    // Narrow panels lose the fractions of a second and the rest of the level's word first, then the time.
    let time = match width {
        WIDE.. => time,
        LEAST_TIME.. => cut_time(&time),
        _ => String::new(),
    };
    let (level, level_columns) = if width >= WIDE { (level, 6) } else { (level.get(..1).unwrap_or_default(), 2) };
    let gap = if time.is_empty() { "" } else { " " };
    let whose = match (model.logs.is_mixed(), width >= WIDE) {
        (false, _) => String::new(),
        (true, true) => format!("{} ", line.whose(8)),
        (true, false) => format!("{} ", line.whose(6)),
    };
    let function = names.map_or_else(String::new, |names| format!("{} ", names.fitted(&line.function)));
    let whose_style = if line.invocation.is_some() { look(line) } else { theme::dim() };
    let used = 2 + columns(&time) + gap.len() + level_columns + columns(&function) + columns(&whose) + 2;
    let room = width.saturating_sub(used).max(1);
    let is_frame = matches!(line.kind, LineKind::Start | LineKind::End | LineKind::Report | LineKind::Init);
    let style = if is_frame { theme::dim() } else { Style::new() };
    let mut out = Vec::new();
    for (index, text) in texts(line, model, &format!("{function}{whose}"), room).into_iter().enumerate() {
        let first = index == 0;
        let blank = |text: &str| " ".repeat(columns(text));
        let rule = room.saturating_sub(columns(&text) + 1);
        let mut spans = vec![
            panel::mark(is_cursor && first),
            Span::styled(if first { time.clone() } else { blank(&time) }, theme::dim()),
            Span::raw(gap),
            cell(if first { level } else { "" }, level_columns, level_style),
            Span::raw(if first { function.clone() } else { blank(&function) }),
            Span::styled(if first { whose.clone() } else { blank(&whose) }, whose_style),
            Span::styled(if first { gutter } else { goes_on }, look(line)),
            Span::styled(text, style),
        ];
        if line.kind == LineKind::Start && first && rule > 1 {
            spans.push(Span::styled(format!(" {}", "─".repeat(rule)), theme::dim()));
        }
        out.push(Line::from(spans));
    }
    out
}

/// The text in its rows; where neither they nor what stands before them show what was looked for, the place that has it
/// follows.
fn texts(line: &LogLine, model: &Model, whose: &str, room: usize) -> Vec<String> {
    let (text, search) = (line.text.shown(), model.marked(Panel::Logs));
    let is_shown = search.find(whose).is_some();
    if !model.logs.wrap {
        return vec![if is_shown { cut(text, room) } else { excerpt::beside(text, line.texts(), search, room) }];
    }
    let mut rows = words(text, room);
    if !is_shown && !rows.iter().any(|row| search.find(row).is_some()) {
        let found = line.texts().find_map(|text| Some(excerpt::around(text, &search.find(text)?, room)));
        rows.extend(found);
    }
    rows
}

/// One of two looks, by the request id.
fn look(line: &LogLine) -> Style {
    let sum = |id: &Clean| id.shown().bytes().map(u32::from).sum::<u32>();
    theme::invocation(line.invocation.as_ref().is_some_and(|id| sum(id) % 2 == 1))
}

pub(super) fn level(level: Level) -> (&'static str, Style) {
    match level {
        Level::Error => ("ERROR", theme::bad()),
        Level::Warn => ("WARN", theme::warn()),
        Level::Info => ("INFO", theme::good()),
        Level::Debug => ("DEBUG", theme::dim()),
        Level::Trace => ("TRACE", theme::dim()),
    }
}

fn cut_time(time: &str) -> String {
    // An age has no fractions; it stands at the right end.
    let whole = time.split('.').next().unwrap_or_default();
    whole.get(whole.len().saturating_sub(8)..).unwrap_or(whole).to_owned()
}
