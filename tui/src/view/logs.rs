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
//! While lines of several execution environments are kept, each says whose it is: the start of its invocation's request
//! id, or, of no invocation, the start of its environment's name in brackets.
//!
//! ```text
//! │ 15:04:05.123       79b5e81f ┌ START 79b5e81f ───────────────────── │
//! │ 15:04:05.125       02d7c4aa ┌ START 02d7c4aa ───────────────────── │
//! │ 15:04:05.130 INFO  79b5e81f · published photos/cat.png             │  its bracket joins no other line
//! │ 15:04:05.131       [8e61f0]   extension is ready                   │  of no invocation
//! └────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! Where several functions are followed, each line has its function, without the beginning that all of their names share, and
//! the lower border says how old what is shown of each is.
//!
//! ```text
//! │ 15:04:05.123       thumbs 79b5e81f ┌ START 79b5e81f ────────────── │
//! │ 15:04:05.125       index  02d7c4aa ┌ START 02d7c4aa ────────────── │
//! └────────────────────────────────── thumbs <10 s · index 40 s ago ───┘
//! ```
//!
//! Standing still, the line under the cursor keeps its place: new lines grow below the last row of the moment of the
//! pause, and the cursor is held in the middle as long as there are rows on both sides.

mod functions;
mod line;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use self::functions::Names;
use self::line::level;
use super::text::{count, counted, filter};
use super::{panel, theme};
use crate::domain::live_tail::LiveTail;
use crate::domain::log::{LogLine, Tail};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::keys::key_of;
use crate::model::logs::Logs;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let body = panel::open(frame, area, model, Panel::Logs, state(model));
    functions::draw_ages(frame, area, model);
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
    let names = Names::of(model, width);
    let len = logs.len();
    let cursor = if logs.follow { len.saturating_sub(1) } else { logs.cursor.min(len.saturating_sub(1)) };
    // Where the view stood still; lines that came since are below it.
    let end = if logs.follow { len } else { len.saturating_sub(logs.unseen).max(cursor + 1) };
    let from_end = len - 1 - cursor;
    let is_marked = focused && !logs.follow;

    // The lines that may be in view, the oldest first, with one more at each end as a neighbour.
    let first = from_end.saturating_sub(height).max(len - end);
    let past = first.saturating_sub(1);
    let mut window: Vec<&LogLine> = logs.visible().rev().skip(past).take(from_end - past + height + 1).collect();
    window.reverse();
    let at = window.len().saturating_sub(1 + from_end - past);
    let rows_of = |place: usize, is_cursor: bool| -> Vec<(usize, Line<'static>)> {
        let Some(line) = window.get(place) else { return Vec::new() };
        let above = place.checked_sub(1).and_then(|above| window.get(above)).copied();
        let placed = line::Placed { line, above, below: window.get(place + 1).copied() };
        let rows = line::rows(placed, model, names.as_ref(), width, is_cursor);
        rows.into_iter().map(|row| (cursor + place - at, row)).collect()
    };
    let at_cursor: Vec<_> = rows_of(at, is_marked).into_iter().take(height).collect();
    let mut above: Vec<(usize, Line<'static>)> = Vec::new();
    for place in (0..at).rev().take(height) {
        if above.len() >= height {
            break;
        }
        above.extend(rows_of(place, false).into_iter().rev());
    }
    let newer = at + 1..=at + from_end - first;
    let mut below: Vec<(usize, Line<'static>)> = newer.flat_map(|place| rows_of(place, false)).collect();

    let room = height.saturating_sub(at_cursor.len());
    let under = below.len().min(room / 2).max(room.saturating_sub(above.len()).min(below.len()));
    above.truncate(room - under);
    below.truncate(under);
    (above.into_iter().rev().chain(at_cursor).chain(below).collect(), cursor)
}

/// Whether the view follows, and how following stands.
fn state(model: &Model) -> Vec<Span<'static>> {
    let logs = &model.logs;
    let tail = match (&model.connection, &logs.tail) {
        (Connection::Failed(_), _) => Span::styled("not connected", theme::bad()),
        (Connection::Connecting, _) | (_, Tail::Connecting) => Span::styled("connecting…", theme::busy()),
        // Lines prove that there was a group: it has been deleted, or the endpoint has started again.
        (_, Tail::NoInvocationYet) if logs.total() > 0 => Span::styled("log group deleted", theme::warn()),
        (_, Tail::NoInvocationYet) => Span::styled("no invocation yet", theme::warn()),
        (_, Tail::BackingOff { seconds }) => {
            Span::styled(format!("throttled: next try in {} s", left(*seconds, model)), theme::warn())
        }
        (_, Tail::Failed(problem)) if problem.is_transient() => Span::styled("✗ connection error", theme::bad()),
        (_, Tail::Failed(_)) => Span::styled("✗ error", theme::bad()),
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
    if !logs.are_named() {
        spans.push(functions::age(logs.age(model.now)));
    }
    if !logs.only().is_empty() {
        spans.push(Span::styled(format!("only {}", functions::listed(logs.only())), theme::key()));
    }
    if !logs.filter().is_empty() {
        spans.push(Span::styled(filter(logs.filter().text(), 16), theme::key()));
    }
    if let Some(least) = logs.least() {
        spans.push(Span::styled(format!("{}+", level(least).0), theme::key()));
    }
    if !logs.only().is_empty() || !logs.filter().is_empty() || logs.least().is_some() {
        spans.push(Span::raw(counted(logs.len(), logs.total(), true)));
    }
    if logs.wrap {
        spans.push(Span::styled("wrap", theme::dim()));
    }
    if !logs.is_empty() {
        spans.push(Span::styled(model.display.clock.word(), theme::dim()));
    }
    spans
}

/// How Live Tail stands.
fn live_tail(logs: &Logs) -> Span<'static> {
    match &logs.live_tail {
        LiveTail::Off => Span::raw(""),
        LiveTail::Waiting => Span::styled("Live Tail on", theme::dim()),
        LiveTail::Open { sampled: false } => Span::styled("● LIVE TAIL", theme::good()),
        LiveTail::Open { sampled: true } => Span::styled("● LIVE TAIL, sampled", theme::warn()),
        LiveTail::Failed(_) => Span::styled("✗ LIVE TAIL", theme::warn()),
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
        _ if logs.total() > 0 && logs.filter().is_empty() && !logs.only().is_empty() => {
            let back = key_of(model, Scope::Panels, Action::Back);
            format!("no line of {} to show: {back} shows all functions", functions::listed(logs.only()))
        }
        _ if logs.total() > 0 && logs.filter().is_empty() => {
            let key = key_of(model, Scope::In(Panel::Logs), Action::Severity);
            format!("no line of this level: {key} shows other levels")
        }
        _ if logs.total() > 0 => {
            let text = Clean::new(logs.filter().text());
            let back = key_of(model, Scope::Panels, Action::Back);
            let levels = key_of(model, Scope::In(Panel::Logs), Action::Severity);
            match logs.least() {
                None => format!("no match for {:?}: {back} clears the filter", text.shown()),
                Some(least) => format!(
                    "no match for {:?} at {} and above: {back} clears the filter, {levels} shows other levels",
                    text.shown(),
                    level(least).0
                ),
            }
        }
        (_, Tail::Failed(_)) => String::new(),
        (Connection::Connecting, _) => format!("the log of {function} is followed once connected"),
        (_, Tail::Connecting) => format!("looking for the log of {function}…"),
        (_, Tail::NoInvocationYet) => format!("the log group does not exist yet: press {} to upload", upload()),
        (_, Tail::Live | Tail::Every { .. }) => format!("no line of {function} yet: press {} to upload", upload()),
        (_, Tail::BackingOff { seconds }) => {
            format!("CloudWatch throttles requests: next try in {} s", left(*seconds, model))
        }
    }
}
