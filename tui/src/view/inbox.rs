//! The Inbox panel: mail and SMS that the local cloud kept instead of sending.
//!
//! ```text
//! ┌ 5 Inbox ────────────────────────────────────────────────── 2 ┐
//! │ ▸  12s  ada@example.com    press c to confirm: AWS Notificat │
//! │     3m  +4915112345678     cat.png was uploaded to images    │
//! └──────────────────────────────────────────────────────────────┘
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
use crate::model::keys::key_of;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::time;
use crate::text::width::columns;

/// Panels with fewer columns give each row its own.
const NARROW: usize = 44;

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
    // The narrowest panels leave out the address: the text says more.
    let (gap, share) = if width >= 30 { ("  ", 2) } else { ("", 0) };
    let room = width.saturating_sub(2 + 4 + 2 + gap.len());
    let usual = (room * share / 5).min(32).min(widest);
    let is_asked = awaits_confirmation(message, model);
    let key = key_of(model, Scope::Panels, Action::Confirm);
    let (long, short) = (format!("press {key} to confirm"), format!("{key} confirms"));
    let said = message.line().map_or(0, |line| columns(line.shown()));
    let wanted = if is_asked { columns(&short).max(said.min(columns(&long))) } else { said };
    // Only narrow panels need what a short address leaves: elsewhere the subjects stand below each other.
    let wanted = if width < NARROW { wanted } else { wanted.min(room - usual) };
    let to = if share == 0 { 0 } else { shared(room, usual, columns(message.to.shown()), wanted) };
    let subject = room.saturating_sub(to);
    let (text, filter) = (message.line().map_or("", Clean::shown), &model.inbox.filter);
    let address = excerpt::cut(message.to.shown(), filter, to);
    // What the filter has found is in view: in the address, or else in what follows.
    let hidden = if filter.find(&address).is_some() { None } else { Some(message.to.shown()) };
    let mut spans = vec![
        panel::mark(is_cursor),
        Span::styled(right(&time::age(message.at, model.now), 4), theme::dim()),
        Span::raw("  "),
        cell(&address, to, Style::new()),
        Span::raw(gap),
    ];
    if is_asked {
        let ask = if subject >= columns(&long) { &long } else { &short };
        let left = subject.saturating_sub(columns(&long));
        if left > 6 {
            spans.push(Span::styled(ask.clone(), theme::warn()));
            let text = excerpt::beside(text, hidden, filter, left - 2);
            spans.push(Span::styled(format!("  {text}"), theme::dim()));
        } else {
            let hidden = hidden.into_iter().chain(hidden.map(|_| text));
            spans.push(Span::styled(excerpt::beside(ask, hidden, filter, subject), theme::warn()));
        }
    } else {
        spans.push(Span::raw(excerpt::beside(text, hidden, filter, subject)));
    }
    Line::from(spans)
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
