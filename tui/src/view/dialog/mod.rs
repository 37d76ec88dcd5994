//! The one dialog over the panels: a box in the middle, large enough for what it says.
//!
//! ```text
//! ┏ title ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 1-20 of 48 ┓
//! ┃ text, or a form                                    ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```
//!
//! What does not fit is scrolled to, and the title says so; a form shows its field until the user scrolls. Its keys are
//! in the footer. The filter's field is no box: `panel` draws it at the foot of its panel.

mod chooser;
mod details;
mod doctor;
mod download;
mod forms;
mod help;
mod history;
mod json;
mod link;
mod palette;
mod pipeline;
mod plan;
mod probe;
mod switch;
mod upload;
mod versions;

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Clear, Paragraph};
use ratatui_image::protocol::Protocol;

use super::text::{count, field, prose};
use super::{layout, preview, theme};
use crate::domain::preview::Preview;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::dialog::{ConfirmAction, Dialog, Question, Subject};
use crate::model::keys::{key_of, keys_of};
use crate::text::width::{columns, cut};
use tui_input::Input;

/// Screens with fewer columns have no room beside a box.
const NARROW: u16 = 60;
/// Columns of both answers in one row.
const ANSWERS: usize = 33;
/// Rows that a list needs at least below lines that stay.
const LIST_LEAST: usize = 3;

/// What a box says.
struct Content<'a> {
    title: &'static str,
    lines: Vec<Line<'static>>,
    /// First row shown; questions and forms have none of their own.
    offset: usize,
    /// A text field and the row that it stands in.
    field: Option<(usize, &'a Input)>,
    /// A list below the lines, which scrolls alone where the box has room for both.
    list: Option<List<'a>>,
}

/// Rows that are made only where they are in view, since there can be thousands of them.
struct List<'a> {
    len: usize,
    row: Box<dyn Fn(usize) -> Line<'static> + 'a>,
}

impl Content<'_> {
    fn len(&self) -> usize {
        self.lines.len() + self.list.as_ref().map_or(0, |list| list.len)
    }

    /// The first rows, which stay where they are in a box of this height.
    fn pinned(&self, height: usize) -> usize {
        let has_room = self.list.is_some() && self.lines.len() + LIST_LEAST <= height;
        if has_room { self.lines.len() } else { 0 }
    }

    fn row(&self, index: usize) -> Option<Line<'static>> {
        let in_list = || {
            let index = index - self.lines.len();
            self.list.as_ref().filter(|list| index < list.len).map(|list| (list.row)(index))
        };
        self.lines.get(index).cloned().or_else(in_list)
    }
}

pub(super) fn draw(frame: &mut Frame<'_>, main: Rect, model: &Model, picture: Option<&Protocol>) {
    let Some((area, content)) = place(model, main) else { return };
    let inner = inner(area);
    let height = usize::from(inner.height);
    let pinned = content.pinned(height);
    let (rows, len) = (height - pinned, content.len() - pinned);
    let offset = first_row(model, &content, height);
    let end = (offset + rows).min(len);
    let place =
        if len > rows { format!(" {}-{} of {} ", count(offset + 1), count(end), count(len)) } else { String::new() };
    let title = cut(content.title, usize::from(area.width).saturating_sub(columns(&place) + 5));
    let block = Block::bordered()
        .border_type(BorderType::Thick)
        .border_style(theme::border(true))
        .title(Span::styled(format!(" {title} "), theme::title(true)))
        .title(Line::from(place).right_aligned());
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    let shown = (0..pinned).chain(pinned + offset..pinned + end);
    let lines: Vec<Line<'_>> = shown.filter_map(|index| content.row(index)).collect();
    frame.render_widget(Paragraph::new(lines), inner);
    if let Some(area) = picture_area(model, main) {
        preview::draw_picture(frame, area, picture);
    }
    let seen = |row: usize| if row < pinned { Some(row) } else { row.checked_sub(offset) };
    let field_row = content.field.and_then(|(row, input)| Some((seen(row).filter(|row| *row < height)?, input)));
    if let Some((row, input)) = field_row {
        let line = Rect { y: inner.y + u16::try_from(row).unwrap_or(0), height: 1, ..inner };
        let (shown, column) = field(input, usize::from(line.width).saturating_sub(2));
        frame.render_widget(Line::from(vec![Span::styled("> ", theme::key()), Span::raw(shown)]), line);
        let column = u16::try_from(column + 2).unwrap_or_default().min(line.width.saturating_sub(1));
        frame.set_cursor_position((line.x + column, line.y));
    }
}

/// The row of the open dialog's list at a place, where it has one to choose from.
pub(super) fn row_at(model: &Model, main: Rect, at: Position) -> Option<usize> {
    let (area, content) = place(model, main)?;
    let inner = inner(area);
    if !inner.contains(at) {
        return None;
    }
    let line = usize::from(at.y - inner.y) + first_row(model, &content, usize::from(inner.height));
    match model.dialog.as_ref()? {
        Dialog::Choose(form) => chooser::row_at(form, inner, at),
        Dialog::Palette(form) => palette::row_at(form, model, usize::from(main.height), line),
        Dialog::Versions(view) if view.open.is_none() => {
            // The lines that stay above the list are none of its rows, wherever it is scrolled to.
            let is_above = usize::from(at.y - inner.y) < content.pinned(usize::from(inner.height));
            let row = line.checked_sub(content.lines.len()).filter(|_| !is_above)?;
            (row < model.versions.items.len()).then_some(row)
        }
        _ => None,
    }
}

/// Where a picture stands: in the details of an object or a version below what is said of it, in the chooser beside the
/// list.
pub(super) fn picture_area(model: &Model, main: Rect) -> Option<Rect> {
    let (area, content) = place(model, main)?;
    let inner = inner(area);
    if matches!(model.dialog, Some(Dialog::Choose(_))) {
        return chooser::picture_area(inner).filter(|_| chooser::shows_picture(model));
    }
    if !shows_picture(model) {
        return None;
    }
    Some(layout::top(inner, u16::try_from(content.lines.len() + 1).unwrap_or(u16::MAX)).1)
}

fn shows_picture(model: &Model) -> bool {
    let is_object = match &model.dialog {
        Some(Dialog::Details(details)) => matches!(details.subject, Subject::Object(_)),
        Some(Dialog::Versions(view)) => view.open.is_some(),
        _ => false,
    };
    is_object && matches!(model.preview(), Some(Preview::Picture(_)))
}

/// Rows of the open dialog's text that fit, and that there are; where only its list moves, those of the list.
pub(super) fn extent(model: &Model, main: Rect) -> (usize, usize) {
    if let Some(Dialog::Choose(chooser)) = &model.dialog {
        return (chooser::rows(usize::from(main.height.saturating_sub(2))), chooser.len());
    }
    place(model, main).map_or((1, 0), |(area, content)| {
        let height = usize::from(inner(area).height);
        let pinned = content.pinned(height);
        (height - pinned, content.len() - pinned)
    })
}

fn place(model: &Model, main: Rect) -> Option<(Rect, Content<'_>)> {
    let dialog = model.dialog.as_ref()?;
    // Text is read in a wide box; questions and forms are seen better in a narrow one. A narrow screen is one box.
    let margin = if main.width < NARROW { 0 } else { 4 };
    let widest = match dialog {
        Dialog::Doctor(_) | Dialog::Pipeline(_) => 150,
        Dialog::Choose(_)
        | Dialog::Plan(_)
        | Dialog::Details(_)
        | Dialog::Versions(_)
        | Dialog::Help { .. }
        | Dialog::History { .. } => 110,
        // Its sentences are read at a glance, so that they are not to be cut.
        Dialog::Palette(_) => 100,
        _ => 68,
    };
    let width = main.width.saturating_sub(margin).min(widest);
    let columns = usize::from(width.saturating_sub(4));
    let content = match dialog {
        Dialog::Filter(_) => return None,
        Dialog::Choose(form) => chooser::content(form, model, columns, usize::from(main.height.saturating_sub(2))),
        Dialog::Plan(plan) => plan::content(plan, model, columns),
        Dialog::Subscribe(form) => forms::subscribe(form, model, columns),
        Dialog::Palette(form) => palette::content(form, model, columns, usize::from(main.height)),
        Dialog::Link(form) => link::form(form, model, columns),
        Dialog::Download(form) => download::form(form, model, columns),
        Dialog::Question(question) if question.action == ConfirmAction::Probe => probe::ask(question, model, columns),
        Dialog::Question(question) if matches!(question.action, ConfirmAction::Upload { .. }) => {
            upload::ask(question, model, columns)
        }
        Dialog::Switch(form) => switch::content(form, model, columns, usize::from(main.height)),
        Dialog::Question(question) => ask(question, model, columns),
        Dialog::Details(details) => {
            let (title, lines) = details::text(&details.subject, model, columns);
            Content { title, lines, offset: details.offset, field: None, list: None }
        }
        Dialog::Versions(view) => versions::content(view, model, columns, usize::from(main.height.saturating_sub(2))),
        Dialog::Pipeline(view) => {
            let (title, lines, offset) = pipeline::text(view, model, columns);
            Content { title, lines, offset, field: None, list: None }
        }
        Dialog::Doctor(view) => {
            let (title, lines, offset) = doctor::text(view, &model.doctor, columns);
            Content { title, lines, offset, field: None, list: None }
        }
        Dialog::History { offset } => Content {
            title: "Messages",
            lines: history::lines(model, columns),
            offset: *offset,
            field: None,
            list: None,
        },
        Dialog::Help { offset } => {
            Content { title: "Keys", lines: help::lines(model, columns), offset: *offset, field: None, list: None }
        }
    };
    let rows = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    let height = if shows_picture(model) { main.height } else { rows.min(main.height) };
    let area = Rect { x: main.x + (main.width - width) / 2, y: main.y + (main.height - height) / 2, width, height };
    Some((area, content))
}

/// The first row that is shown of what scrolls: where the user has scrolled to, else where the field is in view.
fn first_row(model: &Model, content: &Content<'_>, height: usize) -> usize {
    let field = content.field.map_or(0, |(row, _)| (row + 1).saturating_sub(height));
    let first = model.scroll.unwrap_or(content.offset.max(field));
    first.min(content.len().saturating_sub(height))
}

fn inner(area: Rect) -> Rect {
    Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) }
}

fn ask(question: &Question, model: &Model, width: usize) -> Content<'static> {
    let mut lines = prose(question.text.shown(), width, theme::strong());
    lines.push(Line::default());
    lines.extend(answers(model, width));
    Content { title: "Confirm", lines, offset: 0, field: None, list: None }
}

/// The keys that answer a question.
fn answers(model: &Model, width: usize) -> Vec<Line<'static>> {
    let keys: Vec<String> = keys_of(model, Scope::Asking, Action::No);
    let (first, rest) = keys.split_first().map_or(("no key", &[][..]), |(first, rest)| (first.as_str(), rest));
    // The keys that most people try are named, too.
    let also: Vec<&str> = ["Enter", "Esc"].into_iter().filter(|key| rest.iter().any(|other| other == key)).collect();
    let also = if also.is_empty() { " no".to_owned() } else { format!(" no, also {}", also.join(" and ")) };
    let yes = vec![Span::styled(key_of(model, Scope::Asking, Action::Yes), theme::key()), Span::raw(" yes")];
    let no = vec![Span::styled(first.to_owned(), theme::key()), Span::raw(also)];
    if width < ANSWERS {
        return vec![Line::from(yes), Line::from(no)];
    }
    vec![Line::from([yes, vec![Span::raw("    ")], no].concat())]
}
