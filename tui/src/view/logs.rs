//! The Logs panel: the function's log lines. Reads from the newest end, and only as far as the screen needs.
//!
//! ```text
//! ┌ 3 Logs ────────────────────────────────────────────── ● LIVE · UTC ┐
//! │ 15:04:05.123       ┌ START RequestId: 4f… ──────────────────────── │  an invocation begins
//! │ 15:04:05.130 INFO  │ published photos/cat.png                      │
//! │ 15:04:05.141       └ REPORT RequestId: 4f… Duration: 14 ms         │  and ends
//! └────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Standing still, the line under the cursor keeps its place: new lines grow below the last row of the moment of the
//! pause, and the cursor is held in the middle as long as there are rows on both sides.

use imgwatch_shared::record::Level;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{cell, clock, count, counted, filter, words};
use super::{panel, theme};
use crate::action::Action;
use crate::keymap::{Scope, key_of};
use crate::model::live_tail::LiveTail;
use crate::model::logs::{LineKind, LogLine, Logs, Tail};
use crate::model::{Connection, Model, Panel};
use crate::text::clean::Clean;
use crate::text::width::{columns, cut};

/// Columns that a panel needs for the time of a line, and for the whole word of its level.
const LEAST_TIME: usize = 34;
const LEAST_LEVEL: usize = 40;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let body = panel::open(frame, area, model, Panel::Logs, state(model));
    let logs = &model.logs;
    if logs.is_empty() {
        let sentence = empty(model);
        return panel::say(frame, body, &[&sentence]);
    }
    let focused = panel::is_focused(model, Panel::Logs);
    let width = usize::from(body.width);
    let (rows, cursor) = rows(model, width, usize::from(body.height), focused);
    let is_marked = focused && !logs.follow;
    let lines = rows
        .into_iter()
        .map(|(index, row)| if is_marked && index == cursor { panel::chosen(row, width) } else { row })
        .collect();
    panel::list(frame, body, lines, None);
}

/// The line of the log in a row of the panel.
pub(super) fn row_at(model: &Model, body: Rect, row: usize) -> Option<usize> {
    if model.logs.is_empty() {
        return None;
    }
    let (rows, _) = rows(model, usize::from(body.width), usize::from(body.height), true);
    rows.get(row).map(|(index, _)| *index)
}

/// The rows in view, each with the line that it belongs to, and the line under the cursor.
fn rows(model: &Model, width: usize, height: usize, focused: bool) -> (Vec<(usize, Line<'static>)>, usize) {
    let logs = &model.logs;
    let len = logs.len();
    let cursor = if logs.follow { len.saturating_sub(1) } else { logs.cursor.min(len.saturating_sub(1)) };
    // Where the view stood still; lines that came since are below it.
    let end = if logs.follow { len } else { len.saturating_sub(logs.unseen).max(cursor + 1) };
    let from_end = len - 1 - cursor;
    let is_marked = focused && !logs.follow;

    let mut above: Vec<(usize, Line<'static>)> = Vec::new();
    let mut at_cursor: Vec<(usize, Line<'static>)> = Vec::new();
    for (distance, line) in logs.visible().rev().skip(from_end).take(height).enumerate() {
        let rows = line_rows(line, model, width, is_marked && distance == 0);
        let rows = rows.into_iter().map(|row| (cursor - distance, row));
        if distance == 0 {
            at_cursor = rows.take(height).collect();
        } else {
            above.extend(rows.rev());
        }
        if above.len() >= height {
            break;
        }
    }
    let mut below: Vec<(usize, Line<'static>)> = Vec::new();
    let first = from_end.saturating_sub(height).max(len - end);
    let newer: Vec<&LogLine> = logs.visible().rev().skip(first).take(from_end.saturating_sub(first)).collect();
    for (after, line) in newer.into_iter().rev().enumerate() {
        below.extend(line_rows(line, model, width, false).into_iter().map(|row| (cursor + 1 + after, row)));
    }

    let room = height.saturating_sub(at_cursor.len());
    let under = below.len().min(room / 2).max(room.saturating_sub(above.len()).min(below.len()));
    above.truncate(room - under);
    below.truncate(under);
    (above.into_iter().rev().chain(at_cursor).chain(below).collect(), cursor)
}

/// One line of the log, in one row or, wrapped, in several.
fn line_rows(line: &LogLine, model: &Model, width: usize, is_cursor: bool) -> Vec<Line<'static>> {
    let (level, level_style) = line.level.map_or(("", Style::new()), level);
    let (gutter, goes_on) = match (line.kind, &line.request_id) {
        (LineKind::Start, _) => ("┌ ", "│ "),
        (LineKind::Report, _) => ("└ ", "  "),
        (_, Some(_)) => ("│ ", "│ "),
        (_, None) => ("  ", "  "),
    };
    let odd = line.request_id.as_ref().is_some_and(|id| id.shown().bytes().map(u32::from).sum::<u32>() % 2 == 1);
    let time = clock(line.at, &model.looks, model.now);
    // Narrow panels lose the fractions of a second first, then the rest of the level's word, then the time.
    let time = match width {
        60.. => time,
        LEAST_TIME.. => cut_time(&time),
        _ => String::new(),
    };
    let level_columns = if width >= LEAST_LEVEL { 6 } else { 2 };
    let level = if width >= LEAST_LEVEL { level } else { level.get(..1).unwrap_or_default() };
    let gap = if time.is_empty() { "" } else { " " };
    let used = 2 + columns(&time) + gap.len() + level_columns + 2;
    let room = width.saturating_sub(used).max(1);
    let is_frame = matches!(line.kind, LineKind::Start | LineKind::End | LineKind::Report | LineKind::Init);
    let style = if is_frame { theme::dim() } else { Style::new() };
    let text = line.text.shown();
    let texts = if model.logs.wrap { words(text, room) } else { vec![cut(text, room)] };
    let mut out = Vec::with_capacity(texts.len());
    for (index, text) in texts.into_iter().enumerate() {
        let first = index == 0;
        let blank = " ".repeat(columns(&time));
        let rule = room.saturating_sub(columns(&text) + 1);
        let mut spans = vec![
            panel::mark(is_cursor && first),
            Span::styled(if first { time.clone() } else { blank }, theme::dim()),
            Span::raw(gap),
            cell(if first { level } else { "" }, level_columns, level_style),
            Span::styled(if first { gutter } else { goes_on }, theme::invocation(odd)),
            Span::styled(text, style),
        ];
        if line.kind == LineKind::Start && first && rule > 1 {
            spans.push(Span::styled(format!(" {}", "─".repeat(rule)), theme::dim()));
        }
        out.push(Line::from(spans));
    }
    out
}

fn level(level: Level) -> (&'static str, Style) {
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

/// Whether the view follows, and how following stands.
fn state(model: &Model) -> Vec<Span<'static>> {
    let logs = &model.logs;
    let tail = match (&model.connection, &logs.tail) {
        (Connection::Failed(_), _) => Span::styled("not connected", theme::bad()),
        (Connection::Connecting, _) | (_, Tail::Connecting) => Span::styled("connecting…", theme::busy()),
        // Lines prove that there was a group: it has been deleted, or the endpoint has started anew.
        (_, Tail::NoInvocationYet) if logs.total() > 0 => Span::styled("log group is gone", theme::warn()),
        (_, Tail::NoInvocationYet) => Span::styled("no invocation yet", theme::warn()),
        (_, Tail::BackingOff { seconds }) => {
            Span::styled(format!("slowing down: next try in {} s", left(*seconds, model)), theme::warn())
        }
        (_, Tail::Failed(_)) => Span::styled("✗ not followed", theme::bad()),
        (_, Tail::Live | Tail::Every { .. }) if !logs.follow || is_open(logs) => Span::raw(""),
        (_, Tail::Live) => Span::styled("● LIVE", theme::good()),
        (_, Tail::Every { seconds }) => Span::styled(format!("● every {seconds} s"), theme::good()),
    };
    let mut spans = Vec::new();
    if !logs.follow {
        let more = if logs.unseen > 0 { format!(" +{}", count(logs.unseen)) } else { String::new() };
        spans.push(Span::styled(format!("PAUSED{more}"), theme::warn()));
    }
    spans.push(live_tail(logs));
    spans.push(tail);
    if !logs.filter().is_empty() {
        spans.push(Span::styled(filter(logs.filter().text(), 16), theme::key()));
    }
    if let Some(least) = logs.least() {
        spans.push(Span::styled(format!("{}+", level(least).0), theme::key()));
    }
    if !logs.filter().is_empty() || logs.least().is_some() {
        spans.push(Span::raw(counted(logs.len(), logs.total(), true)));
    }
    if logs.wrap {
        spans.push(Span::styled("wrap", theme::dim()));
    }
    if !logs.is_empty() {
        spans.push(Span::styled(model.looks.clock.word(), theme::dim()));
    }
    spans
}

/// How Live Tail stands.
fn live_tail(logs: &Logs) -> Span<'static> {
    match &logs.live_tail {
        LiveTail::Off => Span::raw(""),
        LiveTail::Waiting => Span::styled("live tail on", theme::dim()),
        LiveTail::Open { sampled: false } => Span::styled("● LIVE TAIL", theme::good()),
        LiveTail::Open { sampled: true } => Span::styled("● LIVE TAIL, sampled", theme::warn()),
        LiveTail::Failed(_) => Span::styled("✗ live tail", theme::warn()),
    }
}

fn is_open(logs: &Logs) -> bool {
    matches!(logs.live_tail, LiveTail::Open { .. })
}

/// What is left of a wait.
fn left(seconds: u64, model: &Model) -> u64 {
    let gone = model.now.as_second() - model.logs.tail_at.as_second();
    seconds.saturating_sub(u64::try_from(gone).unwrap_or(0)).max(1)
}

fn empty(model: &Model) -> String {
    let logs = &model.logs;
    let function = model.pipeline.function.shown();
    let upload = || key_of(model, Scope::Panels, Action::Upload);
    match (&model.connection, &logs.tail) {
        (Connection::Failed(_), _) => "not connected: see Uploads".to_owned(),
        _ if logs.total() > 0 && logs.filter().is_empty() => {
            let key = key_of(model, Scope::In(Panel::Logs), Action::Severity);
            format!("no line is so severe: {key} shows the others")
        }
        _ if logs.total() > 0 => {
            let text = Clean::new(logs.filter().text());
            let back = key_of(model, Scope::Panels, Action::Back);
            let levels = key_of(model, Scope::In(Panel::Logs), Action::Severity);
            match logs.least() {
                None => format!("no line contains {:?}: {back} drops the filter", text.shown()),
                Some(least) => format!(
                    "no line from {} on contains {:?}: {back} drops the filter, {levels} shows other levels",
                    level(least).0,
                    text.shown()
                ),
            }
        }
        (_, Tail::Failed(_)) => String::new(),
        (Connection::Connecting, _) => format!("the log of {function} is followed once connected"),
        (_, Tail::Connecting) => format!("looking for the log of {function}…"),
        (_, Tail::NoInvocationYet) => format!("the log group does not exist yet: press {} to upload", upload()),
        (_, Tail::Live | Tail::Every { .. }) => format!("no line of {function} yet: press {} to upload", upload()),
        (_, Tail::BackingOff { seconds }) => {
            format!("CloudWatch asks to slow down: next try in {} s", left(*seconds, model))
        }
    }
}
