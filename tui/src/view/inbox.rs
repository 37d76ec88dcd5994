//! The Inbox panel: mail and SMS that the local cloud kept instead of sending.
//!
//! ```text
//! ┌ 5 Inbox ────────────────────────────────────────────────── 2 ┐
//! │ ▸  12s  ada@example.com    press c to confirm: AWS Notificat │
//! │     3m  +4915112345678     cat.png was uploaded to images    │
//! └──────────────────────────────────────────────────────────────┘
//! ┌ 5 Inbox ────────────────── 2 ┐
//! │ ▸  12s  c confirms  ada@exam…│  narrow
//! │     3m  New ima…/2026/cat.png│
//! └──────────────────────────────┘
//! ```

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::text::{cell, counted, filter, right, shared, window};
use super::{excerpt, panel, theme};
use crate::domain::inbox::InboxMessage;
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::filter::Filter;
use crate::model::keys::key_of;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::time;
use crate::text::width::columns;

/// Panels with fewer columns have none for addresses.
const NARROW: usize = 44;
/// Fewer columns show nothing of a text.
const LEAST: usize = 7;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let inbox = &model.inbox;
    let messages: Vec<&InboxMessage> = inbox.visible().collect();
    let is_narrowed = !inbox.filter.is_empty();
    let mut state = vec![Span::raw(counted(messages.len(), inbox.messages.len(), is_narrowed))];
    if is_narrowed {
        state.insert(0, Span::styled(filter(inbox.filter.text(), 16), theme::key()));
    }
    let body = panel::open(frame, area, model, Panel::Inbox, state);
    if messages.is_empty() {
        let sentence = empty(model);
        return panel::say(frame, body, &[&sentence]);
    }
    let shown = window(inbox.selection, messages.len(), usize::from(body.height));
    let cursor = inbox.selection.cursor.min(messages.len() - 1);
    let focused = panel::is_focused(model, Panel::Inbox);
    let first = shown.start;
    let width = usize::from(body.width);
    let widest = messages.iter().map(|message| columns(message.to.shown())).max().unwrap_or(0);
    let rows = shown
        .filter_map(|index| Some(row(messages.get(index)?, model, (width, widest), focused && index == cursor)))
        .collect();
    panel::list(frame, body, rows, focused.then(|| cursor - first));
}

/// `widest` is the longest address of the list.
fn row(message: &InboxMessage, model: &Model, (width, widest): (usize, usize), is_cursor: bool) -> Line<'static> {
    let age = Span::styled(right(&time::age(message.at, model.now), 4), theme::dim());
    let mut spans = vec![panel::mark(is_cursor), age, Span::raw("  ")];
    let room = width.saturating_sub(2 + 4 + 2);
    if width < NARROW {
        spans.extend(narrow(message, model, room));
    } else {
        spans.extend(wide(message, model, room, widest));
    }
    Line::from(spans)
}

/// What it says, or what to do with it. The address has only what that leaves.
fn narrow(message: &InboxMessage, model: &Model, room: usize) -> Vec<Span<'static>> {
    let (to, text, filter) = (message.to.shown(), said(message), &model.inbox.filter);
    if !awaits_confirmation(message, model) {
        let left = room.saturating_sub(columns(text) + 2);
        if left < LEAST {
            return vec![Span::raw(excerpt::ends(text, Some(to), filter, room))];
        }
        let to = Span::styled(excerpt::cut(to, filter, left), theme::dim());
        return vec![Span::raw(text.to_owned()), Span::raw("  "), to];
    }
    let key = key_of(model, Scope::Panels, Action::Confirm);
    let long = format!("press {key} to confirm");
    let ask = if columns(&long) + 2 + columns(to) <= room { long } else { format!("{key} confirms") };
    let left = room.saturating_sub(columns(&ask) + 2);
    let beside = excerpt::cut(either(to, text, filter), filter, left);
    vec![Span::styled(ask, theme::warn()), Span::raw("  "), Span::raw(beside)]
}

/// The address, and then the same. Texts stand below each other, but for those that would be cut.
fn wide(message: &InboxMessage, model: &Model, room: usize, widest: usize) -> Vec<Span<'static>> {
    let (to, text, filter) = (message.to.shown(), said(message), &model.inbox.filter);
    let room = room.saturating_sub(2);
    let usual = (room * 2 / 5).min(32).min(widest);
    let ask = awaits_confirmation(message, model)
        .then(|| format!("press {} to confirm", key_of(model, Scope::Panels, Action::Confirm)));
    let wanted = match &ask {
        Some(ask) if columns(to) > usual => columns(ask),
        Some(ask) => columns(ask) + 2 + columns(text),
        None => columns(text),
    };
    let address = shared(room, usual, columns(to), wanted);
    let left = room.saturating_sub(address);
    let Some(ask) = ask else {
        let shown = excerpt::cut(to, filter, address);
        // What the filter has found is in view: in the address, or else in what follows.
        let hidden = if filter.find(&shown).is_some() { None } else { Some(to) };
        return vec![
            cell(&shown, address, Style::new()),
            Span::raw("  "),
            Span::raw(excerpt::ends(text, hidden, filter, left)),
        ];
    };
    let left = left.saturating_sub(columns(&ask) + 2);
    let (first, last) = if left < LEAST { (either(to, text, filter), "") } else { (to, text) };
    vec![
        cell(&excerpt::cut(first, filter, address), address, Style::new()),
        Span::raw("  "),
        Span::styled(ask, theme::warn()),
        Span::raw("  "),
        Span::styled(excerpt::ends(last, None, filter, left), theme::dim()),
    ]
}

/// An address, or in its place the text if only that has what the filter looks for.
fn either<'a>(to: &'a str, text: &'a str, filter: &Filter) -> &'a str {
    if filter.find(to).is_none() && filter.find(text).is_some() { text } else { to }
}

/// The subject, or else what the text begins with.
fn said(message: &InboxMessage) -> &str {
    message.line().map_or("", Clean::shown)
}

/// Whether the message's link would still change something.
pub(super) fn awaits_confirmation(message: &InboxMessage, model: &Model) -> bool {
    message.confirmation.is_some()
        && model.subscriptions.known.items.iter().any(|item| item.is_pending() && item.endpoint == message.to)
}

fn empty(model: &Model) -> String {
    let inbox = &model.inbox;
    if !inbox.messages.is_empty() {
        let text = Clean::new(inbox.filter.text());
        let back = key_of(model, Scope::Panels, Action::Back);
        return format!("no match for {:?}: {back} clears the filter", text.shown());
    }
    match &model.connection {
        Connection::Ready => format!(
            "no messages yet: press {} to upload, or {} to subscribe",
            key_of(model, Scope::Panels, Action::Upload),
            key_of(model, Scope::Panels, Action::Subscribe)
        ),
        Connection::Connecting => "messages of the local cloud appear here once connected".to_owned(),
        Connection::Failed(_) => "not connected: see Uploads".to_owned(),
    }
}
