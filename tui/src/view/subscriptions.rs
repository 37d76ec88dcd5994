//! The Subscriptions panel: who is subscribed, and whether they have confirmed.
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
use crate::text::width::{columns, cut};

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
    let widths = Widths::of(&items, model, width);
    let rows =
        shown.filter_map(|index| Some(row(items.get(index)?, model, &widths, focused && index == cursor))).collect();
    panel::list(frame, body, rows, focused.then(|| cursor - first));
}

/// Columns of each part of a row behind its mark; none for a part that has given way.
#[derive(Clone, Copy)]
struct Widths {
    panel: usize,
    protocol: usize,
    endpoint: usize,
    policy: usize,
    state: usize,
}

impl Widths {
    /// Narrow panels keep the endpoint and say by the glyph that all is well, the narrowest also what is pending. Where an
    /// endpoint would be cut, no other part has more columns than it needs.
    fn of(items: &[&Subscription], model: &Model, width: usize) -> Self {
        let state = match width {
            60.. => 20,
            36.. => 9,
            26.. if items.iter().any(|item| item.is_pending()) => 8,
            _ => 0,
        };
        let mut usual = Self::rest(width, if width >= 44 { 11 } else { 6 }, if width >= 76 { 15 } else { 1 }, state);
        // One column stays blank at the border.
        let room = usual.endpoint.saturating_sub(1);
        if !items.iter().any(|item| columns(name(item.endpoint.shown())) > room) {
            usual.endpoint = room;
            return usual;
        }
        let widest = |text: &dyn Fn(&Subscription) -> usize| items.iter().map(|item| text(item)).max().unwrap_or(0);
        let protocol = widest(&|item| columns(item.protocol.word())).min(usual.protocol);
        let policy = widest(&|item| columns(policy(item, width))).min(usual.policy);
        let word = |item: &Subscription| columns(&state_of(item, model, width).1);
        Self::rest(width, protocol, policy, widest(&word).min(usual.state))
    }

    fn rest(width: usize, protocol: usize, policy: usize, state: usize) -> Self {
        let behind =
            [policy, state].into_iter().filter(|columns| *columns > 0).map(|columns| columns + 1).sum::<usize>();
        Self { panel: width, protocol, endpoint: width.saturating_sub(2 + 2 + protocol + 1 + behind), policy, state }
    }
}

/// A glyph, a word and their look.
fn state_of(item: &Subscription, model: &Model, width: usize) -> (&'static str, String, Style) {
    let left = model.subscriptions.known.expires_in(item, model.now);
    match (item.is_pending(), width >= 60) {
        (true, true) => {
            let left = left.map(|left| format!("pending, {} left", remaining(left)));
            ("○", left.unwrap_or_else(|| "pending confirmation".to_owned()), theme::warn())
        }
        (true, false) => ("○", "pending".to_owned(), theme::warn()),
        (false, _) => ("✓", "confirmed".to_owned(), theme::good()),
    }
}

/// What there is to know of the filter policy.
fn policy(item: &Subscription, width: usize) -> &'static str {
    let (long, mark) = match &item.attributes {
        Attributes::NotRead(_) => ("? not read", "?"),
        Attributes::Read { filter_policy: Some(_), .. } => ("▽ filter policy", "▽"),
        Attributes::Read { filter_policy: None, .. } | Attributes::Pending => ("", ""),
    };
    if width >= 76 { long } else { mark }
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

fn row(item: &Subscription, model: &Model, widths: &Widths, is_cursor: bool) -> Line<'static> {
    let width = widths.panel;
    let (glyph, word, style) = state_of(item, model, width);
    // The narrowest panels have the word for what is pending only.
    let shows_state = widths.state > 0 && (width >= 36 || item.is_pending());
    let mark = policy(item, width);
    let mut widths = *widths;
    if !shows_state && widths.state > 0 {
        widths.endpoint += widths.state + 1;
        widths.state = 0;
    }
    if columns(name(item.endpoint.shown())) > widths.endpoint && mark.is_empty() {
        // What is blank in this row goes to the endpoint.
        let policy = if widths.policy > 0 { widths.policy + 1 } else { 0 };
        let state = widths.state.saturating_sub(columns(&word));
        widths.endpoint += policy + state;
        (widths.policy, widths.state) = (0, widths.state - state);
    }
    let mut spans = vec![
        panel::mark(is_cursor),
        Span::styled(format!("{glyph} "), style),
        cell(item.protocol.word(), widths.protocol, Style::new()),
        Span::raw(" "),
        endpoint_cell(item, model, widths.protocol, widths.endpoint),
    ];
    if widths.policy > 0 {
        spans.extend([Span::raw(" "), cell(mark, widths.policy, theme::dim())]);
    }
    if shows_state {
        spans.extend([Span::raw(" "), Span::styled(right(&word, widths.state), style)]);
    }
    Line::from(spans)
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
