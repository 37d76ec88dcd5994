//! The Objects panel: the bucket's objects. Only the rows in view are touched, however large the bucket is.
//!
//! ```text
//! ┌ 2 Objects ──────────────────── 1,204 · newest ┐
//! │   key                             size   age↑ │  only above rows enough
//! │ ▸ photos/2026/cat.png           12.4 KiB  <1m │
//! └───────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui_image::protocol::Protocol;

use super::text::{cell, counted, filter, moment, right, window};
use super::{download, excerpt, heading, panel, preview, theme};
use crate::domain::objects::Object;
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::keys::key_of;
use crate::model::load::Load;
use crate::model::objects::{Column, Sort};
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::width::columns;
use crate::text::{size, time};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, picture: Option<&Protocol>) {
    let body = panel::open(frame, area, model, Panel::Objects, state(model));
    let objects = &model.objects;
    if objects.is_empty() {
        let sentence = empty(model);
        return panel::say(frame, body, &[&sentence]);
    }
    let Parts { names, list: body, beside } = parts(model, body);
    if let Some(area) = beside {
        preview::draw(frame, area, model, picture);
    }
    if let Some(line) = names {
        frame.render_widget(header(model, usize::from(line.width)), line);
    }
    let shown = window(objects.selection, objects.len(), usize::from(body.height));
    let cursor = objects.selection.cursor.min(objects.len().saturating_sub(1));
    let focused = panel::is_focused(model, Panel::Objects);
    let first = shown.start;
    let rows = shown
        .filter_map(|index| Some(row(&objects.row(index)?, model, usize::from(body.width), focused && index == cursor)))
        .collect();
    panel::list(frame, body, rows, focused.then(|| cursor - first));
}

/// Where the parts of the panel's body lie.
pub(super) struct Parts {
    /// The names of the columns.
    pub(super) names: Option<Rect>,
    pub(super) list: Rect,
    /// The preview.
    pub(super) beside: Option<Rect>,
}

pub(super) fn parts(model: &Model, body: Rect) -> Parts {
    let (list, beside) = preview::beside(model, body);
    // A sentence that stands for the rows has no columns.
    let (names, list) = if model.objects.is_empty() { (None, list) } else { heading::above(list) };
    Parts { names, list, beside }
}

/// Columns of each part of a row behind its mark; none for a part that has given way.
struct Widths {
    key: usize,
    size: usize,
    written: usize,
    age: usize,
}

/// The key gives way last: the date goes first, then the age, then the size.
fn widths(model: &Model, width: usize) -> Widths {
    let age = if width >= 30 { 5 } else { 0 };
    let date = if width >= 72 { columns(&moment(model.now, &model.display)) } else { 0 };
    let written = if date == 0 { 0 } else { date + 2 };
    let size = if width >= 24 { 11 } else { 0 };
    let end = usize::from(width >= 36);
    Widths { key: width.saturating_sub(2 + age + size + written + end), size, written, age }
}

fn row(object: &Object, model: &Model, width: usize, is_cursor: bool) -> Line<'static> {
    let Widths { key, size, written, age } = widths(model, width);
    // A long key takes what a short size leaves, and then the place of the date: the age says nearly the same.
    let bytes = size::bytes(object.size);
    let least = if size == 0 { 0 } else { (columns(&bytes) + 1).min(size) };
    let (wanted, more) = (columns(object.key.shown()), key + size - least);
    let (key, size, written) = if wanted <= key {
        (key, size, written)
    } else if wanted <= more {
        (more, least, written)
    } else {
        (more + written, least, 0)
    };
    Line::from(vec![
        panel::mark(is_cursor),
        cell(&excerpt::cut_start(object.key.shown(), model.objects.filter(), key), key, Style::new()),
        Span::raw(right(&bytes, size)),
        Span::styled(right(&moment(object.modified, &model.display), written), theme::dim()),
        download::share(&object.key, model, age)
            .unwrap_or_else(|| Span::styled(right(&time::age(object.modified, model.now), age), theme::dim())),
    ])
}

/// The names of the columns; an arrow says which way the order goes, down from the largest or up from the smallest.
fn header(model: &Model, width: usize) -> Line<'static> {
    let Widths { key, size, written, age } = widths(model, width);
    let sort = model.objects.sort();
    let marks = match sort {
        Sort::Key => ["↑", "", "", ""],
        Sort::Largest => ["", "↓", "", ""],
        // Both say the same; the date stands first, where it is shown.
        Sort::Newest if written > 0 => ["", "", "↓", ""],
        Sort::Newest => ["", "", "", "↑"],
        Sort::Oldest if written > 0 => ["", "", "↑", ""],
        Sort::Oldest => ["", "", "", "↓"],
    };
    let [of_key, of_size, of_written, of_age] = marks;
    Line::from(vec![
        panel::mark(false),
        heading::name(&format!("key{of_key}"), key),
        heading::name_right(&format!("size{of_size}"), size),
        heading::name_right(&format!("written{of_written}"), written),
        heading::name_right(&format!("age{of_age}"), age),
    ])
}

/// The column whose name stands at a place of the line of names.
pub(super) fn column_at(model: &Model, width: usize, place: usize) -> Column {
    let Widths { key, size, written, .. } = widths(model, width);
    match place {
        place if place < 2 + key => Column::Key,
        place if place < 2 + key + size => Column::Size,
        place if place < 2 + key + size + written => Column::Written,
        _ => Column::Age,
    }
}

/// The count, the order, the filter, and whether more is being listed.
fn state(model: &Model) -> Vec<Span<'static>> {
    let objects = &model.objects;
    let mut spans = Vec::new();
    if objects.load.is_loading() {
        spans.push(Span::styled("loading…", theme::busy()));
    }
    spans.extend(download::state(model));
    if objects.load != Load::Idle || objects.total() > 0 {
        spans.push(Span::raw(counted(objects.len(), objects.total(), !objects.filter().is_empty())));
    }
    let style = if objects.sort() == Sort::Newest { theme::dim() } else { Style::new() };
    spans.push(Span::styled(objects.sort().word(), style));
    if !objects.filter().is_empty() {
        spans.insert(0, Span::styled(filter(objects.filter().text(), 16), theme::key()));
    }
    spans
}

fn empty(model: &Model) -> String {
    let bucket = model.pipeline.bucket.shown();
    let objects = &model.objects;
    match (&model.connection, &objects.load) {
        (Connection::Failed(_), _) => "not connected: see Uploads".to_owned(),
        (_, Load::Failed(_)) => String::new(),
        _ if objects.total() > 0 => {
            let text = Clean::new(objects.filter().text());
            format!("no match for {:?}: {} clears the filter", text.shown(), key_of(model, Scope::Panels, Action::Back))
        }
        (_, Load::Ready) => {
            format!("bucket {bucket} is empty: press {} to upload", key_of(model, Scope::Panels, Action::Upload))
        }
        (_, Load::Loading(..)) => format!("listing bucket {bucket}…"),
        (_, Load::Idle) => format!("bucket {bucket} is listed once connected"),
    }
}
