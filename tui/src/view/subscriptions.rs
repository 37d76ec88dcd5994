//! The Subscriptions panel: who is told, and whether they have confirmed.
//!
//! ```text
//! ┌ 4 Subscriptions ─── 2 confirmed · 1 pending ┐
//! │ ▸ ✓ email  ada@example.com        confirmed │
//! │   ○ sms    +4915112345678           pending │
//! │   ✓ sqs    image-uploads-audit  ▽ confirmed │  ▽ has a filter policy, ? its attributes could not be read
//! └─────────────────────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::layout::top;
use super::text::{cell, count, counted, endpoint, filter, name, remaining, right, window};
use super::{excerpt, metrics, panel, theme};
use crate::domain::probe::Probe;
use crate::domain::subscriptions::{Attributes, Subscription};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::keys::key_of;
use crate::model::load::Load;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::width::cut;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let body = panel::open(frame, area, model, Panel::Subscriptions, state(model));
    let body = note(frame, body, model);
    let items: Vec<&Subscription> = model.subscriptions.visible().collect();
    if items.is_empty() {
        let sentence = empty(model);
        return panel::say(frame, body, &[&sentence]);
    }
    let selection = model.subscriptions.selection;
    let shown = window(selection, items.len(), usize::from(body.height));
    let cursor = selection.cursor.min(items.len() - 1);
    let focused = panel::is_focused(model, Panel::Subscriptions);
    let first = shown.start;
    let width = usize::from(body.width);
    let rows =
        shown.filter_map(|index| Some(row(items.get(index)?, model, width, focused && index == cursor))).collect();
    panel::list(frame, body, rows, focused.then(|| cursor - first));
}

/// Rows that are left for subscriptions beside the line of the topic's metrics.
pub(super) fn rows(model: &Model, body: Rect) -> usize {
    usize::from(body.height.saturating_sub(u16::from(metrics::has_line(model, body.height))))
}

/// Draws the line of the topic's metrics at the foot, and says what is left above it.
fn note(frame: &mut Frame<'_>, body: Rect, model: &Model) -> Rect {
    if !metrics::has_line(model, body.height) {
        return body;
    }
    let (above, line) = top(body, body.height - 1);
    let line = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
    frame.render_widget(metrics::line(model, usize::from(line.width)), line);
    above
}

fn row(item: &Subscription, model: &Model, width: usize, is_cursor: bool) -> Line<'static> {
    let left =
        model.subscriptions.known.expires_in(item, model.now).map(|left| format!("pending, {} left", remaining(left)));
    let (glyph, word, style) = match (item.is_pending(), width >= 60) {
        (true, true) => ("○", left.as_deref().unwrap_or("pending confirmation"), theme::warn()),
        (true, false) => ("○", "pending", theme::warn()),
        (false, _) => ("✓", "confirmed", theme::good()),
    };
    // Narrow panels keep the endpoint and say by the glyph that all is well, the narrowest also what is pending.
    let state = match width {
        60.. => 20,
        36.. => 9,
        26.. if item.is_pending() => 8,
        _ => 0,
    };
    let protocol = if width >= 44 { 11 } else { 6 };
    let policy = match &item.attributes {
        Attributes::NotRead(_) => ("? not read", "?"),
        Attributes::Read { filter_policy: Some(_), .. } => ("▽ filter policy", "▽"),
        Attributes::Read { filter_policy: None, .. } | Attributes::Pending => ("", ""),
    };
    let (policy, mark) = if width >= 76 { (policy.0, 15) } else { (policy.1, 1) };
    let room = width.saturating_sub(2 + 2 + protocol + 1 + 1 + mark + 1 + state + 1);
    Line::from(vec![
        panel::mark(is_cursor),
        Span::styled(format!("{glyph} "), style),
        cell(item.protocol.word(), protocol, Style::new()),
        Span::raw(" "),
        endpoint_cell(item, model, protocol, room),
        Span::raw(" "),
        cell(policy, mark, theme::dim()),
        Span::raw(" "),
        Span::styled(right(word, state), style),
    ])
}

/// The endpoint; where neither it nor the protocol beside it shows what the filter has found, the place that has it.
fn endpoint_cell(item: &Subscription, model: &Model, protocol: usize, room: usize) -> Span<'static> {
    let filter = &model.subscriptions.filter;
    let (shown, whole) = (endpoint(item.endpoint.shown(), room), item.endpoint.shown());
    let is_shown = |text: &str| filter.find(text).is_some();
    if filter.is_empty() || is_shown(&shown.content) || is_shown(&cut(item.protocol.word(), protocol)) {
        return shown;
    }
    match filter.find(whole) {
        Some(found) => cell(&excerpt::around(whole, &found, room), room, Style::new()),
        None => cell(&excerpt::beside(name(whole), [item.protocol.word()], filter, room), room, Style::new()),
    }
}

fn state(model: &Model) -> Vec<Span<'static>> {
    let subscriptions = &model.subscriptions;
    let mut spans = Vec::new();
    if !subscriptions.filter.is_empty() {
        spans.push(Span::styled(filter(subscriptions.filter.text(), 16), theme::key()));
    }
    if subscriptions.known.listed_at.is_none() {
        if subscriptions.load.is_loading() {
            spans.push(Span::styled("loading…", theme::busy()));
        }
        return spans;
    }
    if !subscriptions.filter.is_empty() {
        spans.push(Span::raw(counted(subscriptions.visible().count(), subscriptions.known.items.len(), true)));
    }
    match subscriptions.known.probe {
        Probe::Off => {}
        Probe::Listening { .. } => spans.push(Span::styled("probe on", theme::good())),
        Probe::Opening | Probe::Closing { .. } => spans.push(Span::styled("probe …", theme::busy())),
    }
    let pending = subscriptions.known.pending();
    if pending > 0 {
        spans.push(Span::styled(format!("{} pending", count(pending)), theme::warn()));
    }
    spans.push(Span::raw(format!("{} confirmed", count(subscriptions.known.items.len() - pending))));
    spans
}

fn empty(model: &Model) -> String {
    let subscriptions = &model.subscriptions;
    match (&model.connection, &subscriptions.load) {
        (Connection::Failed(_), _) => "not connected: see Uploads".to_owned(),
        _ if !subscriptions.known.items.is_empty() => {
            let text = Clean::new(subscriptions.filter.text());
            let back = key_of(model, Scope::Panels, Action::Back);
            format!("no match for {:?}: {back} clears the filter", text.shown())
        }
        (_, Load::Failed(_)) => String::new(),
        _ if subscriptions.known.listed_at.is_some() => {
            let key = key_of(model, Scope::Panels, Action::Subscribe);
            format!("no subscribers yet: press {key} to subscribe an email address")
        }
        (_, Load::Loading(..)) => "listing the topic's subscriptions…".to_owned(),
        _ => "the topic's subscriptions are listed once connected".to_owned(),
    }
}
