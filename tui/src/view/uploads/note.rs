//! What is said of an upload beside its stages: what is waited for, what went wrong, or who got its message.

use ratatui::style::Style;

use super::super::text::second;
use super::super::theme;
use super::row::total;
use crate::domain::delivery::{self, Delivery, DeliveryState};
use crate::domain::timeline::{Attempt, Basis, Outcome, STUCK_MS, Timeline, UploadStatus, last_progress};
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::keys::key_of;
use crate::text::time;

/// What is said of one of several functions: `index: the function timed out; thumbs published`.
pub(super) fn several(timeline: &Timeline, part: &Timeline, text: &str, model: &Model) -> String {
    let others = timeline.each().filter(|other| other.function != part.function);
    let others = others.map(|other| format!("{} {}", other.function.shown(), model.status_of_part(other).word()));
    let whole = std::iter::once(format!("{}: {text}", part.function.shown())).chain(others);
    whole.collect::<Vec<_>>().join("; ")
}

/// The note where no time stands before it.
pub(super) fn narrow_note(timeline: &Timeline, status: UploadStatus, model: &Model) -> (String, Style) {
    let (text, style) = note(timeline, status, model);
    let text = if status == UploadStatus::Waiting { format!("{} {text}", total(timeline, model)) } else { text };
    (text, style)
}

pub(super) fn note(timeline: &Timeline, status: UploadStatus, model: &Model) -> (String, Style) {
    match status {
        UploadStatus::Published => {
            let deliveries = delivery::of_function(timeline, &model.subscriptions.known);
            let failed = deliveries.iter().any(|delivery| delivery.state == DeliveryState::Failed);
            let style = if failed { theme::bad() } else { Style::new() };
            let unknown = delivery::incomplete(timeline, &model.subscriptions.known).is_some();
            (format!("{}{}", probably(timeline), summary(&deliveries, unknown)), style)
        }
        UploadStatus::Skipped => match &timeline.outcome {
            Outcome::Skipped(reason) => (reason.shown().to_owned(), theme::dim()),
            _ => (String::new(), theme::dim()),
        },
        UploadStatus::Processed => {
            let is_awaited = model.uploads.timelines.awaits_counts(timeline, model.now).is_some();
            let rest = if is_awaited { "; waiting for CloudWatch's count" } else { "" };
            (format!("{}no publication in the log{rest}", probably(timeline)), theme::dim())
        }
        UploadStatus::Failed => {
            (format!("{}{}", probably(timeline), timeline.failure().unwrap_or_default()), theme::bad())
        }
        _ => (waiting(timeline, status, model), theme::status(status).2),
    }
}

/// What is said first where the invocation is known by time only.
fn probably(timeline: &Timeline) -> &'static str {
    if timeline.outcome_basis() == Some(Basis::Time) { "probably: " } else { "" }
}

/// What is being waited for, in words that get more urgent with time.
pub(super) fn waiting(timeline: &Timeline, status: UploadStatus, model: &Model) -> String {
    let waited = last_progress(timeline).map_or(0, |at| time::millis_between(at, model.now).max(0));
    if status == UploadStatus::Stuck {
        let minutes = waited.max(STUCK_MS) / 60_000;
        let key = key_of(model, Scope::Panels, Action::Doctor);
        return format!("press {key} to diagnose the pipeline: no progress for {minutes} min");
    }
    if let Some(silence) = model.silence(timeline) {
        return silence.sentence(|at| second(at, &model.display));
    }
    let last = timeline.invocations.last();
    let attempt = last.and_then(|invocation| timeline.receive_text(invocation)).unwrap_or_else(|| {
        let attempts = last.map_or(0, |invocation| invocation.attempts.len());
        format!("attempt {attempts}")
    });
    let (what, since) = match timeline.last_attempt() {
        Some(one) if one.failed() => (format!("{attempt} failed, waiting for a retry"), "for"),
        Some(Attempt { report: None, .. }) if status == UploadStatus::Unknown => {
            (format!("{attempt} began; no REPORT line shows how it ended"), "after")
        }
        Some(Attempt { report: None, .. }) => (format!("{attempt} is running"), "for"),
        Some(_) => ("the invocation ended without a logged result".to_owned(), "after"),
        // The handler's own line came without one of Lambda's.
        None => ("the log names no invocation".to_owned(), "after"),
    };
    if status == UploadStatus::Late { format!("{what} {since} {}", time::duration(waited)) } else { what }
}

/// `1 failed, 2 delivered, 1 accepted`: the most important states first.
fn summary(deliveries: &[Delivery], unknown: bool) -> String {
    if deliveries.is_empty() {
        return if unknown { "subscribers not known" } else { "no subscribers" }.to_owned();
    }
    let order = [
        DeliveryState::Failed,
        DeliveryState::Delivered,
        DeliveryState::Accepted,
        DeliveryState::PendingConfirmation,
        DeliveryState::Unknown,
        DeliveryState::Filtered,
    ];
    let parts = order.into_iter().filter_map(|state| {
        let number = deliveries.iter().filter(|delivery| delivery.state == state).count();
        let word = if state == DeliveryState::PendingConfirmation { "pending" } else { state.word() };
        (number > 0).then(|| format!("{number} {word}"))
    });
    parts.collect::<Vec<_>>().join(", ")
}
