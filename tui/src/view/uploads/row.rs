//! One upload in one row. Columns give way by priority: stages first, then the total time, then what is to be said; in
//! the narrowest panels the key and one word are left, and the story below says the rest.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, offset, right, shared, short};
use super::super::{excerpt, theme};
use super::note::{narrow_note, note, several};
use super::transfer;
use crate::domain::delivery::{DeliveryState, deliveries};
use crate::domain::timeline::{Outcome, Timeline, UploadStatus, last_progress, transfer_status};
use crate::domain::transfer::{Transfer, TransferState};
use crate::model::Model;
use crate::model::uploads::UploadRow;
use crate::text::time;
use crate::text::width::{columns, cut};

/// Columns of a note that has the total time before it.
const TOTAL: usize = 30;
/// Columns of a note that has the stages before it, too.
const STAGES: usize = 44;
/// Columns of a key that a long note leaves.
const KEY_LEAST: usize = 8;
/// Columns of a status in a word.
const WORD: usize = 9;
/// Panels with fewer columns have no room for anything beside key and word.
pub(super) const NARROW: usize = 44;

/// How the rows in view share their columns.
pub(super) struct Widths {
    row: usize,
    key: usize,
    /// Behind the status: the key, and what is said of it.
    room: usize,
    shows_total: bool,
    shows_stages: bool,
}

impl Widths {
    /// Stages and times stand below each other: all keys have the same columns, more than usual where no note needs them,
    /// and fewer where no key does. Where only a note stands behind the key, each row shares its own.
    pub(super) fn of<'a>(rows: impl Iterator<Item = UploadRow<'a>>, model: &Model, row: usize) -> Self {
        let room = row.saturating_sub(15);
        let said = if row >= 56 { (room * 3 / 5).min(72) } else { room / 2 };
        let usual = room.saturating_sub(said + 1);
        let mut widths = Self { row, key: usual, room, shows_total: said >= TOTAL, shows_stages: said >= STAGES };
        if widths.shows_total {
            let (mut longest, mut most) = (0, 0);
            for row in rows {
                longest = columns(&key(row, model)).max(longest);
                most = wanted(row, model, &widths).max(most);
            }
            widths.key = shared(room - 1, usual, longest, most);
        }
        widths
    }
}

fn status(row: UploadRow<'_>, model: &Model) -> UploadStatus {
    match row {
        UploadRow::Transfer(transfer) => transfer_status(transfer),
        UploadRow::Timeline(timeline) => model.status(timeline),
    }
}

fn key(row: UploadRow<'_>, model: &Model) -> String {
    match row {
        // The function may serve other buckets, too.
        UploadRow::Timeline(timeline) if timeline.write.bucket != model.pipeline.bucket => {
            format!("{}: {}", timeline.write.bucket.shown(), timeline.write.key.shown())
        }
        row => row.key().shown().to_owned(),
    }
}

pub(super) fn line(row: UploadRow<'_>, model: &Model, widths: &Widths, is_selected: bool) -> Line<'static> {
    let (status, key) = (status(row, model), key(row, model));
    let (glyph, word, style) = match row {
        UploadRow::Timeline(timeline) => mark(timeline, model),
        UploadRow::Transfer(_) => theme::status(status),
    };
    let start = if is_selected { "▾ " } else { "  " };
    if widths.row < NARROW {
        let word = match row {
            UploadRow::Transfer(Transfer { state: TransferState::Sending, size: Some(total), sent, .. }) => {
                format!("{}%", transfer::percent(*sent, *total))
            }
            _ => word.to_owned(),
        };
        let key = key_cell(&key, model, widths.row.saturating_sub(4 + 1 + WORD));
        let glyph = Span::styled(format!("{glyph} "), style);
        return Line::from(vec![Span::raw(start), glyph, key, Span::raw(" "), cell(&word, WORD, style)]);
    }
    let mut spans =
        vec![Span::raw(start), Span::styled(format!("{glyph} "), style), cell(word, WORD, style), Span::raw("  ")];
    // The rest: the key, then what is to be said of it.
    let taken = if widths.shows_total {
        widths.key
    } else {
        shared(widths.room - 1, widths.key, columns(&key), wanted(row, model, widths))
    };
    let taken = taken.max(widths.key.min(KEY_LEAST));
    spans.push(key_cell(&key, model, taken));
    spans.push(Span::raw(" "));
    spans.extend(said(row, model, widths, widths.room.saturating_sub(taken + 1)));
    Line::from(spans)
}

/// What is said behind a key, in so many columns.
fn said(row: UploadRow<'_>, model: &Model, widths: &Widths, room: usize) -> Vec<Span<'static>> {
    match row {
        UploadRow::Transfer(transfer) => transfer::progress(transfer, model, room),
        UploadRow::Timeline(timeline) => stages(timeline, model, widths, room),
    }
}

/// The columns that a row wants for it.
fn wanted(row: UploadRow<'_>, model: &Model, widths: &Widths) -> usize {
    match row {
        // A rate comes and goes: its columns stay.
        UploadRow::Transfer(Transfer { state: TransferState::Sending, .. }) => usize::MAX,
        row => said(row, model, widths, usize::MAX).iter().map(Span::width).sum(),
    }
}

/// The key in exactly so many columns; what the filter has found in it is in view.
fn key_cell(key: &str, model: &Model, width: usize) -> Span<'static> {
    cell(&excerpt::cut_start(key, &model.uploads.filter, width), width, Style::new())
}

/// How what is in S3 stands: a glyph, a word and their look.
pub(in super::super) fn mark(timeline: &Timeline, model: &Model) -> (&'static str, &'static str, Style) {
    match model.status(timeline) {
        // Published is not the end where a subscriber is known to have got nothing.
        UploadStatus::Published if has_failed_delivery(timeline, model) => ("!", "published", theme::warn()),
        status => theme::status(status),
    }
}

fn has_failed_delivery(timeline: &Timeline, model: &Model) -> bool {
    deliveries(timeline, &model.subscriptions.known).iter().any(|delivery| delivery.state == DeliveryState::Failed)
}

fn stages(timeline: &Timeline, model: &Model, widths: &Widths, room: usize) -> Vec<Span<'static>> {
    let status = model.status(timeline);
    // Of several functions, the one by which the whole is judged.
    let part = timeline.each().find(|part| model.status_of_part(part) == status).unwrap_or(timeline);
    let mut spans = Vec::new();
    if widths.shows_stages {
        let (_, _, style) = theme::status(status);
        spans.extend([Span::styled(pipeline(part, status), style), Span::raw("  ")]);
    }
    let (text, style) = if widths.shows_total {
        spans.extend([Span::raw(right(&total(part, model), 10)), Span::raw("  ")]);
        note(part, status, model)
    } else {
        narrow_note(part, status, model)
    };
    let text = if timeline.beside.is_empty() { text } else { several(timeline, part, &text, model) };
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled(cut(&text, room.saturating_sub(used)), style));
    spans
}

/// Bucket, function and topic: reached, not reached, or where it went wrong.
fn pipeline(timeline: &Timeline, status: UploadStatus) -> String {
    let invoked = if timeline.invocations.is_empty() { "○" } else { "●" };
    let told = match (&timeline.outcome, status) {
        (Outcome::Published(_), _) => "●",
        (_, UploadStatus::Failed) => "✗",
        (Outcome::Skipped(_), _) => "-",
        _ => "○",
    };
    format!("●─{invoked}─{told}")
}

/// Where the times of the stages are measured from: the upload's beginning, or the first time in the log.
pub(super) fn origin(timeline: &Timeline) -> Option<Timestamp> {
    let attempts = timeline.invocations.iter().flat_map(|invocation| &invocation.attempts);
    let started = attempts.filter_map(|attempt| attempt.started).min();
    timeline.began.or_else(|| timeline.first_seen().into_iter().chain(started).min())
}

/// The source of a time. Clocks differ, so a time by another clock than the beginning's is only about right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeSource {
    /// This program's.
    Own,
    /// The function's, in its log.
    Function,
    /// SNS's, or a queue's.
    Delivery,
}

/// The time since the beginning: `+34 ms`, and `~+34 ms` by another clock than the beginning's.
pub(super) fn since(timeline: &Timeline, at: Timestamp, clock: TimeSource) -> String {
    let Some(began) = origin(timeline) else { return String::new() };
    format!("{}{}", about(timeline, clock), offset(began, at))
}

/// Marks a time by another clock.
fn about(timeline: &Timeline, clock: TimeSource) -> &'static str {
    let beginning = if timeline.began.is_some() { TimeSource::Own } else { TimeSource::Function };
    if clock == beginning { "" } else { "~" }
}

/// From the beginning to the topic, or to now.
pub(super) fn total(timeline: &Timeline, model: &Model) -> String {
    let Some(began) = origin(timeline) else { return String::new() };
    let (end, clock) = match &timeline.outcome {
        Outcome::Published(publications) => (publications.first().map(|it| it.at), TimeSource::Function),
        // Nothing counts up any more; the screen is drawn once a minute.
        _ if matches!(model.status(timeline), UploadStatus::Stuck | UploadStatus::Unknown) => {
            return format!("{} min", time::millis_between(began, model.now) / 60_000);
        }
        _ if timeline.is_open() => (Some(model.now), TimeSource::Own),
        _ => (last_progress(timeline), TimeSource::Function),
    };
    let text = |end| format!("{}{}", about(timeline, clock), short(time::millis_between(began, end)));
    end.map(text).unwrap_or_default()
}
