//! The Objects panel: the bucket's objects. Only the rows in view are touched, however large the bucket is.
//!
//! ```text
//! ┌ 2 Objects ──────────────────── 1,204 · newest ┐
//! │ ▸ photos/2026/cat.png           12.4 KiB  12s │
//! └───────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui_image::protocol::Protocol;

use super::text::{cell_end, counted, filter, moment, right, window};
use super::{download, panel, preview, theme};
use crate::action::Action;
use crate::keymap::{Scope, key_of};
use crate::model::load::Load;
use crate::model::objects::{Object, Sort};
use crate::model::{Connection, Model, Panel};
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
    let (body, beside) = preview::beside(model, body);
    if let Some(area) = beside {
        preview::draw(frame, area, model, picture);
    }
    let shown = window(objects.selection, objects.len(), usize::from(body.height));
    let cursor = objects.selection.cursor.min(objects.len().saturating_sub(1));
    let focused = panel::is_focused(model, Panel::Objects);
    let first = shown.start;
    let rows = shown
        .filter_map(|index| Some(row(objects.row(index)?, model, usize::from(body.width), focused && index == cursor)))
        .collect();
    panel::list(frame, body, rows, focused.then(|| cursor - first));
}

/// The key gives way last: the date goes first, then the age, then the size.
fn row(object: &Object, model: &Model, width: usize, is_cursor: bool) -> Line<'static> {
    let age = if width >= 30 { 5 } else { 0 };
    let moment = if width >= 72 { moment(object.modified, &model.looks) } else { String::new() };
    let bytes = if width >= 24 { 11 } else { 0 };
    let date = if moment.is_empty() { 0 } else { columns(&moment) + 2 };
    let key = width.saturating_sub(2 + age + bytes + date + 1);
    Line::from(vec![
        panel::mark(is_cursor),
        cell_end(object.key.shown(), key, Style::new()),
        Span::raw(right(&size::bytes(object.size), bytes)),
        Span::styled(right(&moment, date), theme::dim()),
        download::share(object, model, age)
            .unwrap_or_else(|| Span::styled(right(&time::age(object.modified, model.now), age), theme::dim())),
    ])
}

/// The count, the order, the filter, and whether more is on its way.
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
    if objects.sort() == Sort::Newest {
        spans.push(Span::styled("newest", theme::dim()));
    } else {
        spans.push(Span::raw(format!("by {}", objects.sort().word())));
    }
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
            format!(
                "no key contains {:?}: {} drops the filter",
                text.shown(),
                key_of(model, Scope::Panels, Action::Back)
            )
        }
        (_, Load::Ready) => {
            format!("bucket {bucket} is empty: press {} to upload", key_of(model, Scope::Panels, Action::Upload))
        }
        (_, Load::Loading(..)) => format!("listing bucket {bucket}…"),
        (_, Load::Idle) => format!("bucket {bucket} is listed once connected"),
    }
}
