//! What all panels have in common: border, title, error and the filter's text field.
//!
//! ```text
//! ┌ 2 Objects ──────────── 1,204 · newest ┐
//! │ body                                  │
//! │ ✗ what failed: why                    │  only after a failure; the data above stays
//! │   what to do                          │
//! │ /filter being typed                   │  only while it is typed
//! └───────────────────────────────────────┘
//! ─ 2 Objects ─ ✗ error · 1,204 · newest    folded, where the screen is narrow or low
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Paragraph};

use super::text::{field, prose};
use super::{layout, theme};
use crate::domain::log::Tail;
use crate::domain::problem::Problem;
use crate::keymap::action::Panel;
use crate::model::dialog::Dialog;
use crate::model::{Connection, Model};
use crate::text::width::{columns, cut};

/// Columns that say what failed where one row is all there is.
const ONE_LINE: usize = 8;

/// The parts of a panel inside its border.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slots {
    pub(super) body: Rect,
    problem: Rect,
    filter: Rect,
}

/// Where the parts of a panel lie.
pub(super) fn slots(model: &Model, panel: Panel, area: Rect) -> Slots {
    let inner = Block::bordered().inner(area);
    let filter_rows = u16::from(typed(model, panel) && inner.height > 1);
    let rest = inner.height - filter_rows;
    let empty = is_empty(model, panel);
    let width = usize::from(inner.width.saturating_sub(1));
    let wanted = problem_of(model, panel).map_or(0, |problem| sentences(problem, width).len());
    // An error may take everything from a panel that has nothing else to show, and half of one that has.
    let limit = if empty { rest } else { (rest / 2).clamp(2, 5).min(rest.saturating_sub(1).max(1)).min(rest) };
    let problem_rows = u16::try_from(wanted).unwrap_or(limit).min(limit);
    let body_rows = rest - problem_rows;
    let (body_y, problem_y) = if empty { (inner.y + problem_rows, inner.y) } else { (inner.y, inner.y + body_rows) };
    let body = Rect { y: body_y, height: body_rows, ..inner };
    let problem = Rect { x: inner.x + 1, y: problem_y, width: inner.width.saturating_sub(1), height: problem_rows };
    Slots { body, problem, filter: Rect { y: inner.y + rest, height: filter_rows, ..inner } }
}

/// Draws all but the body, and says where the body goes.
pub(super) fn open(frame: &mut Frame<'_>, area: Rect, model: &Model, panel: Panel, state: Vec<Span<'static>>) -> Rect {
    let focused = is_focused(model, panel);
    let is_folded = layout::is_folded(area);
    let title = Span::styled(format!(" {} {} ", panel as usize + 1, panel.title()), theme::title(focused));
    // Where a corner would stand, the line of a folded panel begins.
    let corner = Span::styled(if is_folded { "─" } else { "" }, theme::border(focused));
    let room = usize::from(area.width).saturating_sub(title.width() + if is_folded { 1 } else { 4 });
    let kind = if focused { BorderType::Thick } else { BorderType::Plain };
    let state = match problem_of(model, panel) {
        // No row could show it; the state of Logs does.
        Some(_) if is_folded && panel != Panel::Logs => {
            std::iter::once(Span::styled("✗ error", theme::bad())).chain(state).collect()
        }
        _ => state,
    };
    let block = Block::new()
        .borders(if is_folded { Borders::TOP } else { Borders::ALL })
        .border_type(kind)
        .border_style(theme::border(focused))
        .title(Line::from(vec![corner, lit(title)]))
        .title(fitting(state, room).into_iter().map(lit).collect::<Line<'_>>().right_aligned());
    frame.render_widget(block, area);
    let slots = slots(model, panel, area);
    if let Some(problem) = problem_of(model, panel) {
        let lines = squeezed(problem, usize::from(slots.problem.width), usize::from(slots.problem.height));
        frame.render_widget(Paragraph::new(lines), slots.problem);
    }
    if let (Some(Dialog::Filter(input)), false) = (&model.dialog, slots.filter.is_empty()) {
        let (shown, column) = field(input, usize::from(slots.filter.width).saturating_sub(1));
        frame.render_widget(Line::from(vec![Span::styled("/", theme::key()), shown.into()]), slots.filter);
        let column = u16::try_from(column).unwrap_or_default();
        frame.set_cursor_position((slots.filter.x + 1 + column, slots.filter.y));
    }
    slots.body
}

/// A text on the border in its own looks: neither in the border's colour nor as dim.
pub(super) fn lit(span: Span<'_>) -> Span<'_> {
    let own = Style::new().fg(Color::Reset).remove_modifier(Modifier::DIM).patch(span.style);
    span.style(own)
}

/// Shows what a panel without rows has to say.
pub(super) fn say(frame: &mut Frame<'_>, body: Rect, sentences: &[&str]) {
    let width = usize::from(body.width.saturating_sub(1));
    let lines: Vec<Line<'_>> = sentences.iter().flat_map(|text| prose(text, width, theme::dim())).collect();
    frame.render_widget(Paragraph::new(lines), Rect { x: body.x + 1, width: body.width.saturating_sub(1), ..body });
}

/// Draws rows; the one under the cursor stands out where its panel has the keys.
pub(super) fn list(frame: &mut Frame<'_>, body: Rect, rows: Vec<Line<'static>>, cursor: Option<usize>) {
    let lines: Vec<Line<'_>> = rows
        .into_iter()
        .enumerate()
        .map(|(index, row)| if cursor == Some(index) { chosen(row, usize::from(body.width)) } else { row })
        .collect();
    frame.render_widget(Paragraph::new(lines), body);
}

/// The row under the cursor, up to the edge: a text's style would end where the text does.
pub(super) fn chosen(mut row: Line<'static>, width: usize) -> Line<'static> {
    row.push_span(" ".repeat(width.saturating_sub(row.width())));
    row.style(theme::cursor())
}

/// The mark at the start of a row.
pub(super) fn mark(is_cursor: bool) -> Span<'static> {
    Span::raw(if is_cursor { "▸ " } else { "  " })
}

pub(super) fn is_focused(model: &Model, panel: Panel) -> bool {
    model.focus == panel
}

fn typed(model: &Model, panel: Panel) -> bool {
    is_focused(model, panel) && matches!(model.dialog, Some(Dialog::Filter(_)))
}

/// The last error of a panel. An error of the connection is shown in the first panel.
fn problem_of(model: &Model, panel: Panel) -> Option<&Problem> {
    match (panel, &model.logs.tail, &model.connection) {
        (Panel::Uploads, _, Connection::Failed(problem)) | (Panel::Logs, Tail::Failed(problem), _) => Some(problem),
        (Panel::Objects, ..) => model.objects.load.problem(),
        (Panel::Subscriptions, ..) => model.subscriptions.load.problem(),
        _ => None,
    }
}

fn is_empty(model: &Model, panel: Panel) -> bool {
    match panel {
        Panel::Uploads => model.uploads.is_empty(),
        Panel::Objects => model.objects.is_empty(),
        Panel::Logs => model.logs.is_empty(),
        Panel::Subscriptions => model.subscriptions.known.items.is_empty(),
        Panel::Inbox => model.inbox.messages.is_empty(),
    }
}

/// What and why, then what to do.
fn sentences(problem: &Problem, width: usize) -> Vec<Line<'static>> {
    let mut lines = prose(&format!("✗ {}: {}", problem.what.shown(), problem.why.shown()), width, theme::bad());
    lines.extend(hint(problem, width));
    lines
}

fn hint(problem: &Problem, width: usize) -> Vec<Line<'static>> {
    if problem.hint.is_empty() {
        return Vec::new();
    }
    prose(&format!("→ {}", problem.hint), width, theme::strong())
}

/// The sentences in so many rows. Where they do not fit, what to do matters more than why.
fn squeezed(problem: &Problem, width: usize, rows: usize) -> Vec<Line<'static>> {
    let mut lines = sentences(problem, width);
    if lines.len() <= rows {
        return lines;
    }
    if rows < 2 {
        return vec![one_line(problem, width)];
    }
    let hint = hint(problem, width);
    if hint.len() >= rows && !hint.is_empty() {
        // The header and the list of messages say what failed.
        let alone = prose(&format!("✗ → {}", problem.hint), width, theme::strong());
        return shortened(alone, rows, width, theme::strong());
    }
    lines = prose(&format!("✗ {}: {}", problem.what.shown(), problem.why.shown()), width, theme::bad());
    lines = shortened(lines, rows - hint.len(), width, theme::bad());
    lines.extend(hint);
    lines
}

/// At most so many lines; a mark says that there is more.
fn shortened(mut lines: Vec<Line<'static>>, rows: usize, width: usize, style: Style) -> Vec<Line<'static>> {
    if lines.len() > rows {
        lines.truncate(rows);
        if let Some(last) = lines.last_mut() {
            let text: String = last.spans.iter().map(|span| span.content.as_ref()).collect();
            let text = text.trim_end_matches([',', ';', ':']);
            // A name that fills the row, such as a permission, stays whole.
            let mark = if columns(text) + 2 <= width { " …" } else { "…" };
            let room = width.saturating_sub(columns(mark));
            *last = Line::styled(format!("{}{mark}", cut(text, room).trim_end_matches('…')), style);
        }
    }
    lines
}

/// What failed and what to do in one row: what to do is cut last.
fn one_line(problem: &Problem, width: usize) -> Line<'static> {
    let hint = if problem.hint.is_empty() { String::new() } else { format!(" → {}", problem.hint) };
    let what = cut(&format!("✗ {}", problem.what.shown()), width.saturating_sub(columns(&hint)).max(ONE_LINE));
    let room = width.saturating_sub(columns(&what));
    Line::from(vec![Span::styled(what, theme::bad()), Span::styled(cut(&hint, room), theme::strong())])
}

/// The parts of a state that fit, the first ones first, with a space at each end.
fn fitting(state: Vec<Span<'static>>, room: usize) -> Vec<Span<'static>> {
    let mut out = vec![Span::raw(" ")];
    let mut used = 2;
    for (index, span) in state.into_iter().filter(|span| !span.content.is_empty()).enumerate() {
        let gap = if index == 0 { "" } else { " · " };
        used += columns(gap) + span.width();
        if used > room {
            break;
        }
        out.extend([Span::styled(gap, theme::dim()), span]);
    }
    if out.len() == 1 {
        return Vec::new();
    }
    out.push(Span::raw(" "));
    out
}
