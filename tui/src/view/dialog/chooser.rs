//! The file chooser: the folder, what is typed, the entries that it finds, and beside them what the selected one looks
//! like. What Enter will do is written out before it is pressed.
//!
//! ```text
//! ┏ Upload ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 3 of 214 ┓
//! ┃ ~/pictures/                                                                     ┃
//! ┃ > ca                                                                            ┃
//! ┃                                                                                 ┃
//! ┃ ▸ ● cat.png          131.8 KiB    3d  │ PNG, 640 x 480 pixels                   ┃
//! ┃     cats/                        12d  │ ▄▄▄▄▄▄▄▄▄                               ┃
//! ┃     scarf.jpg          1.1 MiB    3d  │ ▀▀▀▀▀▀▀▀▀                               ┃
//! ┃                                                                                 ┃
//! ┃ Enter goes on with 1 that is marked: cat.png                                    ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::panel::{chosen, mark};
use super::super::text::{cell, cell_end, count, prose, right, window};
use super::super::{layout, letters, preview, theme};
use super::Content;
use crate::domain::files::{Entry, EntryKind};
use crate::domain::preview::Preview;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::chooser::{Chooser, ChooserRow, letters as found};
use crate::model::keys::key_of;
use crate::text::clean::Clean;
use crate::text::width::{columns, cut_start};
use crate::text::{size, time};

/// Rows above the list, and below it.
const ABOVE: usize = 3;
const BELOW: usize = 3;
/// Rows of the whole text, where the screen has them.
const MOST: usize = 30;
/// The text for a pipe, a link that leads nowhere, and what cannot be read.
const NEITHER: &str = "not a readable file or folder";
/// Columns from which on a preview stands beside the list.
const WIDE: usize = 76;

pub(super) fn content<'a>(chooser: &'a Chooser, model: &Model, width: usize, height: usize) -> Content<'a> {
    let rows = rows(height);
    let left = left(width);
    let folder =
        chooser.current().or(chooser.listing.as_ref()).map(|listing| listing.shown.shown()).unwrap_or_default();
    let head = count_text(chooser, rows);
    let room = width.saturating_sub(columns(&head) + 2);
    let mut lines = vec![
        Line::from(vec![
            cell_end(&cut_start(folder, room), room, theme::strong()),
            Span::styled(right(&head, width - room), theme::dim()),
        ]),
        Line::default(),
        Line::default(),
    ];
    let mut list: Vec<Line<'static>> = window(chooser.selection, chooser.len(), rows)
        .filter_map(|index| Some(line(chooser.row(index)?, index == chooser.selection.cursor, chooser, model, left)))
        .collect();
    if list.is_empty() {
        list = nothing(chooser, left);
    }
    list.resize(rows, Line::default());
    list.truncate(rows);
    if left < width {
        beside(&mut list, chooser, model, left, width - left - 3);
    }
    lines.extend(list);
    lines.push(Line::default());
    let mut below = consequence(chooser, model, width);
    below.truncate(BELOW - 1);
    lines.extend(below);
    Content { title: "Upload", lines, offset: 0, field: Some((1, &chooser.text)), list: None }
}

/// Rows of the list in a box whose text has so many rows.
pub(super) fn rows(height: usize) -> usize {
    height.min(MOST).saturating_sub(ABOVE + BELOW).max(1)
}

/// The row at a place, in a box of this inside.
pub(super) fn row_at(chooser: &Chooser, inner: Rect, at: Position) -> Option<usize> {
    let shown = window(chooser.selection, chooser.len(), rows(usize::from(inner.height)));
    let line = usize::from(at.y - inner.y).checked_sub(ABOVE)?;
    let is_in_list = usize::from(at.x - inner.x) < left(usize::from(inner.width));
    Some(shown.start + line).filter(|row| is_in_list && shown.contains(row))
}

/// Where the picture of the selected file stands, in a box of this inside.
pub(super) fn picture_area(inner: Rect) -> Option<Rect> {
    let (width, rows) = (usize::from(inner.width), rows(usize::from(inner.height)));
    let left = left(width);
    if left == width {
        return None;
    }
    let (_, below) = layout::top(inner, u16::try_from(ABOVE + 2).unwrap_or_default());
    let (_, right) = layout::left(below, u16::try_from(left + 3).unwrap_or_default());
    let height = u16::try_from(rows.saturating_sub(2)).unwrap_or_default();
    Some(Rect { height: right.height.min(height), ..right })
}

fn left(width: usize) -> usize {
    if width >= WIDE { width * 3 / 5 } else { width }
}

/// How much there is: what is marked, in whichever folder; what is in view of what is found; what is not shown.
fn count_text(chooser: &Chooser, rows: usize) -> String {
    let (len, entries) = (chooser.len(), chooser.entries().len());
    let shown = window(chooser.selection, len, rows);
    let mut parts = Vec::new();
    if !chooser.marked.is_empty() {
        parts.push(format!("{} marked", count(chooser.marked.len())));
    }
    parts.push(if shown.len() < len {
        format!("{}-{} of {}", count(shown.start + 1), count(shown.end), count(len))
    } else {
        format!("{} of {}", count(chooser.found.len()), count(entries))
    });
    let hidden = chooser.hidden();
    if chooser.name().is_empty() && hidden > 0 {
        parts.push(format!("{} hidden", count(hidden)));
    }
    if chooser.current().is_some_and(|listing| listing.more) {
        parts.push("more: type a name to find them".to_owned());
    }
    parts.join(", ")
}

fn line(row: ChooserRow<'_>, is_cursor: bool, chooser: &Chooser, model: &Model, width: usize) -> Line<'static> {
    let mut spans = vec![mark(is_cursor)];
    match row {
        ChooserRow::TestImage => spans.push(cell("a generated test image", width.saturating_sub(2), theme::strong())),
        ChooserRow::Entry(entry) => spans.extend(columns_of(entry, chooser, model, width.saturating_sub(2))),
    }
    let line = Line::from(spans);
    if is_cursor { chosen(line, width) } else { line }
}

fn columns_of(entry: &Entry, chooser: &Chooser, model: &Model, width: usize) -> Vec<Span<'static>> {
    let is_marked = chooser.marked.contains(&entry.path);
    let (size, slash) = match entry.kind {
        EntryKind::Folder if entry.is_link => ("link".to_owned(), "/"),
        EntryKind::Folder => (String::new(), "/"),
        EntryKind::File => (size::bytes(entry.size), ""),
        EntryKind::Other => ("special".to_owned(), ""),
    };
    let age = entry.modified.map(|modified| time::age(modified, model.now)).unwrap_or_default();
    let (size, age) = if width >= 40 { (right(&size, 11), right(&age, 6)) } else { (String::new(), String::new()) };
    let name = width.saturating_sub(2 + columns(&size) + columns(&age));
    let style = if entry.kind == EntryKind::Folder { theme::strong() } else { Style::new() };
    // A folder keeps its slash, also where its name is cut.
    let shown = entry.name.shown();
    let cut = columns(shown).min(name.saturating_sub(columns(slash)));
    let mut spans = vec![if is_marked { Span::styled("● ", theme::key()) } else { Span::raw("  ") }];
    spans.extend(letters::marked(shown, &found(chooser.name(), shown), cut, style));
    spans.extend([cell(slash, name - cut, style), Span::raw(size), Span::styled(age, theme::dim())]);
    spans
}

/// Why the list is empty.
fn nothing(chooser: &Chooser, width: usize) -> Vec<Line<'static>> {
    match chooser.current().map(|listing| &listing.entries) {
        None => vec![Line::styled("reading the folder…", theme::busy())],
        Some(Err(problem)) => prose(&format!("✗ {problem}"), width, theme::bad()),
        Some(Ok(entries)) if entries.is_empty() => prose("this folder is empty", width, theme::dim()),
        Some(Ok(_)) if chooser.name().is_empty() => {
            prose("only hidden files: type a dot to show them", width, theme::dim())
        }
        Some(Ok(_)) => {
            let text = format!("no match for \"{}\"", Clean::new(chooser.name()).shown());
            prose(&text, width, theme::dim())
        }
    }
}

/// Puts what is known of the selected file beside the list.
fn beside(list: &mut [Line<'static>], chooser: &Chooser, model: &Model, left: usize, width: usize) {
    let facts = match chooser.selected_entry().map(|entry| entry.kind) {
        None => Vec::new(),
        Some(EntryKind::Other) => prose(NEITHER, width, theme::dim()),
        Some(EntryKind::File | EntryKind::Folder) => preview::lines(model, width),
    };
    let mut facts = facts.into_iter();
    for line in list {
        let used = line.width();
        let style = std::mem::take(&mut line.style);
        for span in &mut line.spans {
            span.style = style.patch(span.style);
        }
        line.push_span(Span::raw(" ".repeat(left.saturating_sub(used))));
        line.push_span(Span::styled(" │ ", theme::dim()));
        if let Some(fact) = facts.next() {
            let style = fact.style;
            line.spans.extend(fact.spans.into_iter().map(|span| Span { style: style.patch(span.style), ..span }));
        }
    }
}

/// What Enter will do.
fn consequence(chooser: &Chooser, model: &Model, width: usize) -> Vec<Line<'static>> {
    if let Some(error) = &chooser.error {
        return prose(&format!("✗ {}", error.shown()), width, theme::bad());
    }
    if !chooser.pending.is_empty() {
        return prose("reading the folder…", width, theme::busy());
    }
    let enter = key_of(model, Scope::Typing, Action::Submit);
    let text = match (chooser.marked.len(), chooser.selected()) {
        (0, None) => return Vec::new(),
        (0, Some(ChooserRow::TestImage)) => {
            let prefix = Clean::new(&model.uploads.prefix);
            let key = if prefix.shown().is_empty() { String::new() } else { format!(", under {}", prefix.shown()) };
            format!("{enter} uploads a generated test image to bucket {}{key}", model.pipeline.bucket.shown())
        }
        (0, Some(ChooserRow::Entry(entry))) if entry.kind == EntryKind::Folder => {
            let name = entry.name.shown();
            format!("{enter} opens this folder; mark it to upload everything in it, with keys that begin with {name}/")
        }
        (0, Some(ChooserRow::Entry(entry))) if entry.kind == EntryKind::Other => {
            format!("{} cannot be uploaded: {NEITHER}", entry.name.shown())
        }
        (0, Some(ChooserRow::Entry(entry))) => format!("{enter} selects {}", entry.name.shown()),
        (1, _) => format!("{enter} selects the marked one"),
        (marked, _) => format!("{enter} selects the {} marked", count(marked)),
    };
    prose(&text, width, theme::strong())
}

pub(super) fn shows_picture(model: &Model) -> bool {
    matches!(model.preview(), Some(Preview::Picture(_)))
}
