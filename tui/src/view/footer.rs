//! The footer: the keys that hold now, straight from the key table, or the latest notice before the last of them.
//!
//! ```text
//! x cancel  u upload  s subscribe  Enter details  / filter  z zoom                             ? help  q quit
//! ✓ subscribed ada@example.com                                                                ? help  q quit
//! ```

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{inbox, theme};
use crate::action::Action;
use crate::keymap::{self, Binding, Scope};
use crate::model::dialog::{Details, Dialog, Subject};
use crate::model::uploads::Row;
use crate::model::uploads::transfer::Transfer;
use crate::model::{Model, Tone};
use crate::text::width::{columns, cut};

/// Columns below which a sentence and keys have no room beside each other.
const WORDS: usize = 60;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let width = usize::from(area.width);
    let is_longer = model.viewports.dialog_len > model.viewports.dialog;
    let transfer = match model.uploads.selected_row() {
        Some(Row::Transfer(transfer)) => Some(transfer),
        _ => None,
    };
    let rows: Vec<&Binding> = keymap::active(model)
        .into_iter()
        .filter(|row| !row.hint.is_empty())
        .filter(|row| match row.action {
            Action::CancelUpload => transfer.is_some(),
            Action::SendAgain => transfer.is_some_and(Transfer::is_over),
            Action::SendAllAgain => transfer.is_some_and(Transfer::is_over) && several_can_be_resumed(model),
            Action::PageDown => is_longer,
            Action::Confirm if row.scope == Scope::Reading => asks_to_confirm(model),
            Action::Download if row.scope == Scope::Reading => shows_object(model),
            Action::CancelDownload => is_downloading(model),
            Action::Overwrite => matches!(&model.dialog, Some(Dialog::Plan(plan)) if !plan.clashes.is_empty()),
            _ => true,
        })
        .collect();
    let (last, first): (Vec<&Binding>, Vec<&Binding>) =
        rows.into_iter().partition(|row| matches!(row.action, Action::Help | Action::Quit));
    let tail = keys(model, &last, transfer, width);
    // Whoever is asked something needs the keys of the answer; what was said is in the history.
    let notice = model.notice.as_ref().filter(|_| keymap::scopes(model).iter().all(|scope| !asks(*scope)));
    // On a narrow screen a word to the user takes the whole row: the keys come back with the next one.
    let tail = if notice.is_some() && width < WORDS { Vec::new() } else { tail };
    let used: usize = tail.iter().map(Span::width).sum();
    let room = width.saturating_sub(if used > 0 { used + 2 } else { 0 });
    frame.render_widget(Line::from(tail).alignment(Alignment::Right), area);
    let left = match notice {
        Some(notice) => {
            let (glyph, style) = match notice.tone {
                Tone::Done => ("✓", theme::good()),
                Tone::Hint => ("·", Style::new()),
                Tone::Trouble => ("✗", theme::bad()),
            };
            vec![Span::styled(format!("{glyph} {}", cut(notice.text.shown(), room.saturating_sub(2))), style)]
        }
        None => keys(model, &first, transfer, room),
    };
    frame.render_widget(Line::from(left), area);
}

fn several_can_be_resumed(model: &Model) -> bool {
    model.uploads.transfers.iter().filter(|transfer| transfer.can_be_resumed()).nth(1).is_some()
}

/// Whether a letter is open that still waits for its confirmation.
fn asks_to_confirm(model: &Model) -> bool {
    let Some(Dialog::Details(Details { subject: Subject::Letter(number), .. })) = &model.dialog else { return false };
    model.inbox.letter(*number).is_some_and(|letter| inbox::awaits_confirmation(letter, model))
}

/// Whether an object is shown in full.
fn shows_object(model: &Model) -> bool {
    matches!(&model.dialog, Some(Dialog::Details(details)) if matches!(details.subject, Subject::Object(_)))
}

/// Whether the selected object is on its way to this machine.
fn is_downloading(model: &Model) -> bool {
    let selected = model.objects.selected_object();
    selected.is_some_and(|object| model.downloads.of(&object.key).next().is_some())
}

/// The word for what a key does, which depends on what it is pressed on.
fn word(row: &Binding, transfer: Option<&Transfer>) -> &'static str {
    match row.action {
        Action::CancelUpload if transfer.is_some_and(Transfer::is_over) => "remove",
        _ => row.hint,
    }
}

/// Whether an answer or a text is awaited there.
fn asks(scope: Scope) -> bool {
    matches!(scope, Scope::Asking | Scope::Typing)
}

/// As many keys as fit, each with its word.
fn keys(model: &Model, rows: &[&Binding], transfer: Option<&Transfer>, room: usize) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    let mut used = 0;
    for row in rows {
        let Some(key) = model.keys.of(row).first() else { continue };
        let (key, gap) = (key.to_string(), if spans.is_empty() { "" } else { "  " });
        let word = word(row, transfer);
        used += columns(gap) + columns(&key) + 1 + columns(word);
        if used > room {
            break;
        }
        spans.extend([Span::raw(gap), Span::styled(key, theme::key()), Span::raw(format!(" {word}"))]);
    }
    spans
}
