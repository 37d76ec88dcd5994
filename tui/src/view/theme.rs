//! Roles and their looks, in the terminal's own sixteen colours; `paint` gives them a theme's colours afterwards.
//!
//! No role is shown by its colour alone: a word, a glyph, or bold and reverse always says the same.

use ratatui::style::{Color, Modifier, Style};

use crate::domain::delivery::DeliveryState;
use crate::domain::diagnosis::CheckStatus;
use crate::domain::protection::PipelineColor;
use crate::domain::timeline::UploadStatus;

/// The name of a pipeline that has a colour of its own. The name says the same without it.
pub(super) fn pipeline(color: PipelineColor) -> Style {
    let color = match color {
        PipelineColor::Red => Color::Red,
        PipelineColor::Yellow => Color::Yellow,
        PipelineColor::Green => Color::Green,
        PipelineColor::Cyan => Color::Cyan,
        PipelineColor::Blue => Color::Blue,
        PipelineColor::Magenta => Color::Magenta,
    };
    Style::new().fg(color).add_modifier(Modifier::BOLD | Modifier::REVERSED)
}

/// Text that explains or repeats.
pub(super) fn dim() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Names of the program and its parts.
pub(super) fn strong() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// What went well.
pub(super) fn good() -> Style {
    Style::new().fg(Color::Green)
}

/// What is late, pending or paused.
pub(super) fn warn() -> Style {
    Style::new().fg(Color::Yellow)
}

/// What went wrong.
pub(super) fn bad() -> Style {
    Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)
}

/// What is in progress.
pub(super) fn busy() -> Style {
    Style::new().fg(Color::Cyan)
}

/// A key that can be pressed.
pub(super) fn key() -> Style {
    Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD)
}

/// The row under the cursor of the focused panel.
pub(super) fn cursor() -> Style {
    Style::new().add_modifier(Modifier::REVERSED)
}

/// What a filter or a search has found.
pub(super) fn found() -> Style {
    Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
}

pub(super) fn border(focused: bool) -> Style {
    if focused { Style::new().fg(Color::Cyan) } else { dim() }
}

pub(super) fn title(focused: bool) -> Style {
    if focused { Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD | Modifier::REVERSED) } else { strong() }
}

/// One of two looks: an aid to the eye only, since two invocations may have the same. The request id distinguishes them.
pub(super) fn invocation(odd: bool) -> Style {
    Style::new().fg(if odd { Color::Magenta } else { Color::Blue })
}

/// How an upload stands: a glyph, a word and their look.
pub(super) fn status(status: UploadStatus) -> (&'static str, &'static str, Style) {
    let (glyph, style) = match status {
        UploadStatus::Queued => ("·", dim()),
        UploadStatus::Uploading => ("↑", busy()),
        UploadStatus::Held | UploadStatus::Late | UploadStatus::Exists => ("!", warn()),
        UploadStatus::Waiting => ("…", busy()),
        UploadStatus::Stuck => ("!", bad()),
        UploadStatus::Unknown => ("?", warn()),
        UploadStatus::Processed | UploadStatus::Published => ("✓", good()),
        UploadStatus::Skipped | UploadStatus::Cancelled => ("○", dim()),
        UploadStatus::Failed => ("✗", bad()),
    };
    (glyph, status.word(), style)
}

/// How a check of doctor came out; sign and word are the status's own.
pub(super) fn check(status: CheckStatus) -> Style {
    match status {
        CheckStatus::Ok => good(),
        CheckStatus::Note => busy(),
        CheckStatus::NotChecked => dim(),
        CheckStatus::Warning => warn(),
        CheckStatus::Failure => bad(),
    }
}

/// How a delivery stands: a glyph and its look. The word is the state's own.
pub(super) fn delivery(state: DeliveryState) -> (&'static str, Style) {
    match state {
        DeliveryState::Delivered => ("✓", good()),
        DeliveryState::Accepted => ("●", busy()),
        DeliveryState::PendingConfirmation => ("○", warn()),
        DeliveryState::Filtered => ("○", dim()),
        DeliveryState::Failed => ("✗", bad()),
        DeliveryState::Unknown => ("?", dim()),
    }
}
