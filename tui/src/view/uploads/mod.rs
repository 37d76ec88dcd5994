//! The Uploads panel: transfers in progress and timelines, the selected one unfolded.
//!
//! ```text
//! ┌ 1 Uploads ──────────────────────────────────────────────────────────────────── 1 uploading · 3 ┐
//! │   ↑ uploading  big.png      ██████░░░░  62%  12.4 MiB of 20.0 MiB  3.2 MiB/s  4.1 s           │
//! │ ▾ ✓ published  cat.png      ●─●─●    48 ms   2 delivered, 1 accepted                          │
//! │     stored       +12 ms  request 4F2A…                                                       │
//! │     invoked      +34 ms  attempt 1, cold start 82 ms                                          │
//! │     published    +48 ms  message 3f2a…                                                        │
//! │     ✓ sqs    image-uploads-audit  delivered  +60 ms  delivery-status log: SUCCESS             │
//! │   … waiting    dog.png      ●─○─○    12.1 s  no invocation in the log as of 15:04:05          │
//! └───────────────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The cursor counts uploads; the selected one's story takes rows of its own. [`rows`] reports to the model how many
//! uploads fit beside it, so that upload and story stay in view together.

pub(super) mod newer;
mod note;
pub(super) mod row;
mod stages;
mod step;
mod story;
mod transfer;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::text::{count, counted, filter};
use super::{panel, theme};
use crate::domain::log::Tail;
use crate::domain::timeline::UploadStatus;
use crate::domain::transfer::{Queue, Transfer, TransferState};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::keys::key_of;
use crate::model::uploads::BatchCount;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::size;

pub(super) use story::details;
pub(super) use transfer::{left_text, percent};

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let body = panel::open(frame, area, model, Panel::Uploads, state(model));
    let uploads = &model.uploads;
    if uploads.is_empty() {
        return panel::say(frame, body, &empty(model).iter().map(String::as_str).collect::<Vec<_>>());
    }
    let (width, height) = (usize::from(body.width), usize::from(body.height));
    let story = unfolded(model, width, height);
    let mut selection = uploads.selection;
    selection.place(selection.cursor, uploads.len(), rows(model, body));
    let focused = panel::is_focused(model, Panel::Uploads);
    let mut lines: Vec<Line<'static>> = Vec::with_capacity(height);
    let mut cursor = None;
    let in_view = || uploads.rows().enumerate().skip(selection.offset).take(height);
    let widths = row::Widths::of(in_view().map(|(_, row)| row), model, width);
    for (index, row) in in_view() {
        let is_selected = index == selection.cursor;
        if is_selected {
            cursor = focused.then_some(lines.len());
        }
        lines.push(row::line(row, model, &widths, is_selected));
        if is_selected {
            lines.extend(story.iter().cloned());
        }
    }
    lines.truncate(height);
    panel::list(frame, body, lines, cursor);
}

/// The upload in a line of the panel; the lines of a story belong to the upload above them.
pub(super) fn row_at(model: &Model, body: Rect, line: usize) -> Option<usize> {
    let uploads = &model.uploads;
    let story = unfolded(model, usize::from(body.width), usize::from(body.height)).len();
    let mut selection = uploads.selection;
    selection.place(selection.cursor, uploads.len(), rows(model, body));
    let unfolded = selection.cursor - selection.offset;
    let row = match line {
        line if line <= unfolded => line,
        line if line <= unfolded + story => unfolded,
        line => line - story,
    };
    Some(selection.offset + row).filter(|row| *row < uploads.len())
}

/// How many uploads fit beside the selected one's story.
pub(super) fn rows(model: &Model, body: Rect) -> usize {
    let height = usize::from(body.height);
    height.saturating_sub(unfolded(model, usize::from(body.width), height).len()).max(1)
}

/// The selected upload's story, as far as there is room; two other uploads stay in view where there are any, in a low
/// panel one.
fn unfolded(model: &Model, width: usize, height: usize) -> Vec<Line<'static>> {
    let uploads = &model.uploads;
    let last = uploads.len().saturating_sub(1);
    let Some(row) = uploads.rows().nth(uploads.selection.cursor.min(last)) else { return Vec::new() };
    let mut lines = story::lines(row, model, width);
    let limit = height.saturating_sub(1 + last.min((height / 4).clamp(1, 2)));
    if lines.len() > limit {
        let hidden = lines.len() - limit.saturating_sub(1);
        lines.truncate(limit.saturating_sub(1));
        if limit > 0 {
            let key = key_of(model, Scope::Panels, Action::Details);
            lines.push(Line::styled(format!("    … {hidden} more: press {key}"), theme::dim()));
        }
    }
    lines
}

fn state(model: &Model) -> Vec<Span<'static>> {
    let uploads = &model.uploads;
    let mut spans = Vec::new();
    if !uploads.filter.is_empty() {
        spans.push(Span::styled(filter(uploads.filter.text(), 16), theme::key()));
    }
    spans.extend(uploads.only.map(|only| Span::styled(format!("only {}", only.word()), theme::key())));
    if uploads.is_narrowed() {
        spans.push(Span::raw(counted(uploads.len(), uploads.total(), true)));
    }
    spans.extend(newer::status(model).map(|text| Span::styled(text, theme::warn())));
    let queue = Queue::of(&uploads.transfers);
    let of = |is: fn(&Transfer) -> bool| uploads.transfers.iter().filter(|transfer| is(transfer)).count();
    let held = of(|transfer| matches!(transfer.state, TransferState::Held(_)));
    // One that is held is counted below.
    let told = queue.filter(|queue| queue.files > 1 || held == 0);
    spans.extend(told.map(|queue| Span::styled(sending(&queue), theme::busy())));
    let batch = uploads.batch(model.logs.reading(), model.now);
    spans.extend(batch.iter().flat_map(came_of));
    for (number, word) in [(held, "held"), (of(Transfer::is_unfinished), "unfinished")] {
        if number > 0 {
            spans.push(Span::styled(format!("{} {word}", count(number)), theme::warn()));
        }
    }
    if let Some(queue) = queue.filter(|queue| queue.files > 1 && queue.is_sending) {
        spans.extend(queue.left_ms(model.now).map(|left| Span::raw(transfer::left_text(left))));
        spans.push(Span::raw(size::rate(queue.rate(model.now))));
    }
    if !uploads.is_empty() && !uploads.is_narrowed() {
        spans.push(Span::raw(count(uploads.len())));
    }
    spans
}

/// What the pipeline did with a batch: `12 files: 1 failed · 2 waiting · 9 published`. A narrow title leaves out the last
/// parts, so what needs attention comes first.
fn came_of(batch: &BatchCount) -> Vec<Span<'static>> {
    let parts = [
        (batch.failed, UploadStatus::Failed),
        (batch.late, UploadStatus::Late),
        (batch.unknown, UploadStatus::Unknown),
        (batch.waiting, UploadStatus::Waiting),
        (batch.skipped, UploadStatus::Skipped),
        (batch.processed, UploadStatus::Processed),
        (batch.published, UploadStatus::Published),
    ];
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (number, status) in parts.into_iter().filter(|(number, _)| *number > 0) {
        let (_, word, style) = theme::status(status);
        let head = if spans.is_empty() { format!("{} files: ", count(batch.files())) } else { String::new() };
        spans.push(Span::styled(format!("{head}{} {word}", count(number)), style));
    }
    spans
}

/// How far the queue is.
fn sending(queue: &Queue) -> String {
    match queue.files {
        1 if queue.is_sending => "1 uploading".to_owned(),
        1 => "1 waiting".to_owned(),
        files => format!("{} of {} stored", count(queue.stored), count(files)),
    }
}

fn empty(model: &Model) -> Vec<String> {
    if !model.uploads.filter.is_empty() {
        let text = Clean::new(model.uploads.filter.text());
        let back = key_of(model, Scope::Panels, Action::Back);
        return vec![format!("no match for {:?}: {back} clears the filter", text.shown())];
    }
    if let Some(only) = model.uploads.only {
        let back = key_of(model, Scope::Panels, Action::Back);
        return vec![format!("no uploads are {}: {back} shows all", only.word())];
    }
    match &model.connection {
        Connection::Connecting => vec![format!("connecting to {}…", model.pipeline.target.shown())],
        Connection::Failed(_) => Vec::new(),
        Connection::Ready => {
            let mut sentences = Vec::new();
            if let Some(newer) = newer::sentence(model) {
                sentences.extend([newer, String::new()]);
            }
            sentences.push(format!(
                "no uploads yet: press {}, then {}, to upload a generated test image",
                key_of(model, Scope::Panels, Action::Upload),
                key_of(model, Scope::Typing, Action::Submit)
            ));
            sentences.push(String::new());
            sentences.push(match &model.logs.tail {
                Tail::Failed(_) => "uploads from elsewhere appear here once the log can be read: see Logs".to_owned(),
                _ => "uploads from elsewhere appear here when the function logs them".to_owned(),
            });
            sentences
        }
    }
}
