//! A transfer in words: in its row, and in full.

use ratatui::text::Span;

use super::super::theme;
use crate::domain::transfer::{Transfer, TransferState};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::keys::key_of;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::size;
use crate::text::time::millis_between;
use crate::text::width::{columns, cut};

/// After this, a transfer on which nothing moves names the host that it waits for, in milliseconds.
const WAITING_MS: i64 = 5_000;

/// How it stands, in so many columns.
pub(super) fn progress(transfer: &Transfer, model: &Model, room: usize) -> Vec<Span<'static>> {
    match &transfer.state {
        TransferState::Cancelled => vec![Span::styled(cut("cancelled", room), theme::dim())],
        TransferState::OutcomeUnknown(problem) => {
            vec![Span::styled(cut(&format!("may be stored: {}", problem.why.shown()), room), theme::warn())]
        }
        TransferState::Failed(problem) => vec![Span::styled(cut(problem.why.shown(), room), theme::bad())],
        TransferState::Held(problem) => {
            vec![Span::styled(cut(&format!("retrying soon: {}", problem.why.shown()), room), theme::warn())]
        }
        TransferState::Exists => {
            let key = key_of(model, Scope::In(Panel::Uploads), Action::SendAgain);
            vec![Span::styled(cut(&format!("{key} to overwrite"), room), theme::warn())]
        }
        TransferState::Queued if model.connection != Connection::Ready => {
            vec![Span::styled(cut("waiting for the connection", room), theme::dim())]
        }
        TransferState::Queued | TransferState::Stored => {
            let size = transfer.size.map(size::bytes).unwrap_or_default();
            vec![Span::styled(cut(&size, room), theme::dim())]
        }
        TransferState::Sending if is_waiting(transfer, model) => {
            vec![Span::styled(cut(&waiting(transfer, model), room), theme::warn())]
        }
        TransferState::Sending => {
            let total = transfer.size.unwrap_or_default();
            let percent = percent(transfer.sent, total);
            let gauge = usize::try_from(percent / 10).unwrap_or(10);
            let bar = format!("{}{} ", "█".repeat(gauge), "░".repeat(10 - gauge));
            let mut spans = if room >= 16 { vec![Span::styled(bar, theme::busy())] } else { Vec::new() };
            let mut text = format!("{percent:>3}%");
            let parts = [Some(rate(transfer, model)), left(transfer, model), Some(of(transfer, total))];
            for part in parts.into_iter().flatten() {
                let used: usize = spans.iter().map(Span::width).sum();
                if used + columns(&text) + 2 + columns(&part) > room {
                    break;
                }
                text.push_str("  ");
                text.push_str(&part);
            }
            spans.push(Span::raw(text));
            spans
        }
    }
}

/// Whether nothing has moved for so long that it has to be said.
fn is_waiting(transfer: &Transfer, model: &Model) -> bool {
    millis_between(transfer.moved, model.now) >= WAITING_MS
}

/// Who is waited for, and since when.
fn waiting(transfer: &Transfer, model: &Model) -> String {
    let host = model.waits_for.as_ref().map_or("S3", Clean::shown);
    format!("waiting for {host}: no data for {} s", millis_between(transfer.moved, model.now) / 1_000)
}

/// Sent of all, in percent; an empty file is all sent.
pub(in crate::view) fn percent(sent: u64, total: u64) -> u64 {
    if total == 0 { 100 } else { (u128::from(sent.min(total)) * 100 / u128::from(total)).try_into().unwrap_or(100) }
}

/// Bytes a second.
pub(super) fn rate(transfer: &Transfer, model: &Model) -> String {
    size::rate(transfer.rate(model.now))
}

/// Bytes sent of all.
pub(super) fn of(transfer: &Transfer, total: u64) -> String {
    format!("{} of {}", size::bytes(transfer.sent), size::bytes(total))
}

/// How long the rest takes at this rate: `4 s left`.
pub(super) fn left(transfer: &Transfer, model: &Model) -> Option<String> {
    transfer.left_ms(model.now).map(left_text)
}

/// A time that is left, in whole seconds as long as they count.
pub(in crate::view) fn left_text(millis: u64) -> String {
    match millis.div_ceil(1_000) {
        seconds @ 0..60 => format!("{seconds} s left"),
        seconds @ 60..3_600 => format!("{} min {} s left", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min left", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// How it stands, in a sentence.
pub(super) fn text(transfer: &Transfer, model: &Model) -> String {
    let again = key_of(model, Scope::In(Panel::Uploads), Action::SendAgain);
    match &transfer.state {
        TransferState::Failed(problem) | TransferState::OutcomeUnknown(problem) => {
            format!("{problem}; press {again} to retry")
        }
        TransferState::Held(problem) => format!("{problem}; retries automatically"),
        TransferState::Cancelled => format!("cancelled before the object was stored; press {again} to retry"),
        TransferState::Exists => {
            format!("an object with this key already exists and was not overwritten; press {again} to overwrite it")
        }
        TransferState::Queued if model.connection != Connection::Ready => "waiting for the connection".to_owned(),
        TransferState::Queued => "waiting in the queue".to_owned(),
        TransferState::Stored => "stored".to_owned(),
        TransferState::Sending => {
            let total = transfer.size.unwrap_or_default();
            let parts = [
                is_waiting(transfer, model).then(|| waiting(transfer, model)),
                Some(format!("{}% sent", percent(transfer.sent, total))),
                Some(of(transfer, total)),
                Some(rate(transfer, model)),
                left(transfer, model),
            ];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}
