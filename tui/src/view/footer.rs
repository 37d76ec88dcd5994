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
use ratatui::widgets::{Clear, Paragraph};

use super::text::words;
use super::{inbox, theme};
use crate::domain::objects::Version;
use crate::domain::transfer::Transfer;
use crate::domain::wiring::NodeKind;
use crate::keymap::action::{Action, Panel};
use crate::keymap::{Binding, Scope};
use crate::model::chooser::{Chooser, ChooserRow};
use crate::model::dialog::{Details, Dialog, Subject};
use crate::model::uploads::UploadRow;
use crate::model::{Model, Notice, NoticeLevel, keys};
use crate::text::key::Key;
use crate::text::width::{columns, cut};

/// Columns below which a sentence and keys have no room beside each other.
const WORDS: usize = 60;
/// Rows that a word to the user may take.
const MOST_ROWS: usize = 5;
/// Between two keys.
const GAP: &str = "  ";

/// What stands in the footer: a notice or the keys on the left, the last keys on the right.
struct Parts<'a> {
    notice: Option<&'a Notice>,
    left: Vec<Hint>,
    right: Vec<Hint>,
    /// Columns for what stands on the left.
    room: usize,
}

/// A key, and the word for what it does.
struct Hint {
    key: Key,
    word: &'static str,
    /// Whether it ends the program.
    leaves: bool,
    /// Whether it closes what is open, or does what that is for: there has to be room for it.
    is_way_out: bool,
}

impl Hint {
    fn width(&self) -> usize {
        columns(&self.key.to_string()) + 1 + columns(self.word)
    }
}

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let Parts { notice, left, right, room } = parts(model, usize::from(area.width));
    frame.render_widget(Line::from(spans(&right)).alignment(Alignment::Right), area);
    let Some(notice) = notice else {
        return frame.render_widget(Line::from(spans(&left)), area);
    };
    let (glyph, style) = match notice.level {
        NoticeLevel::Done => ("✓", theme::good()),
        NoticeLevel::Hint => ("·", Style::new()),
        NoticeLevel::Error => ("✗", theme::bad()),
    };
    let rows = rows(notice, model, room.saturating_sub(2));
    let above = u16::try_from(rows.len() - 1).unwrap_or(0).min(area.y);
    // A long word takes rows of the panels for as long as it stands there.
    let taken = Rect { y: area.y - above, height: above, ..area };
    frame.render_widget(Clear, taken);
    let lines: Vec<Line<'_>> = rows
        .into_iter()
        .enumerate()
        .map(|(index, row)| Line::styled(format!("{} {row}", if index == 0 { glyph } else { " " }), style))
        .collect();
    let room = u16::try_from(room).unwrap_or(area.width).min(area.width);
    frame.render_widget(Paragraph::new(lines), Rect { y: taken.y, height: above + 1, width: room, ..area });
}

/// A word to the user: an error in as many rows as it takes, since what to do stands at its end. What does not fit has the
/// key that shows all of it.
fn rows(notice: &Notice, model: &Model, room: usize) -> Vec<String> {
    let most = if notice.level == NoticeLevel::Done { 1 } else { MOST_ROWS };
    let text = notice.text.shown();
    if columns(text) <= room || most == 1 && room < WORDS {
        // On a narrow screen the word itself is worth more than the key.
        return vec![cut(text, room)];
    }
    let mut rows = if most == 1 { vec![text.to_owned()] } else { words(text, room.max(1)) };
    if rows.len() > most || most == 1 {
        rows.truncate(most);
        let more = format!(" {} shows all", keys::key_of(model, Scope::Panels, Action::History));
        if let Some(last) = rows.last_mut() {
            *last = format!("{}…{more}", cut(last, room.saturating_sub(columns(&more) + 1)).trim_end_matches('…'));
        }
    }
    rows
}

/// The key whose words stand in this column of a footer so wide.
pub(super) fn key_at(model: &Model, width: usize, column: usize) -> Option<Key> {
    let parts = parts(model, width);
    under(&parts.left, 0, column).or_else(|| under(&parts.right, width.saturating_sub(total(&parts.right)), column))
}

fn under(hints: &[Hint], start: usize, column: usize) -> Option<Key> {
    let mut from = start;
    for hint in hints {
        let end = from + hint.width();
        if (from..end).contains(&column) {
            // A click that misses a dialog must not quit the program.
            return Some(hint.key).filter(|_| !hint.leaves);
        }
        from = end + GAP.len();
    }
    None
}

fn parts(model: &Model, width: usize) -> Parts<'_> {
    let is_longer = model.viewports.dialog_len > model.viewports.dialog;
    let transfer = match model.uploads.selected_row() {
        Some(UploadRow::Transfer(transfer)) => Some(transfer),
        _ => None,
    };
    let rows: Vec<&Binding> = keys::active(model)
        .into_iter()
        .filter(|row| !row.hint.is_empty())
        .filter(|row| match row.action {
            Action::CancelUpload => transfer.is_some(),
            Action::SendAgain => transfer.is_some_and(Transfer::is_unfinished),
            Action::SendAllAgain => transfer.is_some_and(Transfer::is_unfinished) && several_can_be_resumed(model),
            // The room is for what is done often; the help and the palette always have it.
            Action::UploadState => model.uploads.only.is_some(),
            Action::PageDown => is_longer,
            Action::Confirm if row.scope == Scope::Reading => asks_to_confirm(model),
            Action::Confirm if row.scope == Scope::In(Panel::Inbox) => {
                model.inbox.selected().is_some_and(|message| inbox::awaits_confirmation(message, model))
            }
            Action::Copy if row.scope == Scope::Reading => matches!(model.dialog, Some(Dialog::Details(_))),
            Action::Details | Action::Copy if row.scope == Scope::Versions => selected_version(model).is_some(),
            Action::Focus(_) if row.scope == Scope::Versions => {
                selected_version(model).is_some_and(|version| model.upload_of(version).is_some())
            }
            Action::Focus(_) if row.scope == Scope::Pipeline => leads_to_logs(model),
            Action::Versions if row.scope == Scope::Reading => shows_a_key(model),
            Action::LastFolder => matches!(&model.dialog, Some(Dialog::Choose(chooser)) if leads_elsewhere(chooser)),
            Action::Download => model.downloadable().is_some(),
            Action::CancelDownload => is_downloading(model),
            Action::Overwrite => matches!(&model.dialog, Some(Dialog::Plan(plan)) if !plan.clashes.is_empty()),
            _ => true,
        })
        .collect();
    let (last, first): (Vec<&Binding>, Vec<&Binding>) =
        rows.into_iter().partition(|row| matches!(row.action, Action::Help | Action::Quit));
    // A question needs the keys of its answers; the notice is in the list of messages.
    let notice = model.notice.as_ref().filter(|_| keys::scopes(model).iter().all(|scope| !asks(*scope)));
    // On a narrow screen a word to the user takes the whole row: the keys come back with the next one.
    let right = if notice.is_some() && width < WORDS { Vec::new() } else { fitting(model, &last, transfer, width) };
    let room = width.saturating_sub(if right.is_empty() { 0 } else { total(&right) + GAP.len() });
    let left = if notice.is_some() { Vec::new() } else { fitting(model, &first, transfer, room) };
    Parts { notice, left, right, room }
}

fn several_can_be_resumed(model: &Model) -> bool {
    model.uploads.transfers.iter().filter(|transfer| transfer.can_be_resumed()).nth(1).is_some()
}

/// Whether a message is open that still waits for its confirmation.
fn asks_to_confirm(model: &Model) -> bool {
    let Some(Dialog::Details(Details { subject: Subject::InboxMessage(number), .. })) = &model.dialog else {
        return false;
    };
    model.inbox.message(*number).is_some_and(|message| inbox::awaits_confirmation(message, model))
}

/// Whether the last folder is another one than the folder that is listed.
fn leads_elsewhere(chooser: &Chooser) -> bool {
    let here = chooser.current().map(|listing| &listing.folder);
    chooser.last_folder().is_some_and(|last| here != Some(last))
}

/// The version under the cursor of their list.
fn selected_version(model: &Model) -> Option<&Version> {
    match &model.dialog {
        Some(Dialog::Versions(view)) => model.versions.selected(view),
        _ => None,
    }
}

/// Whether the resource under the cursor of the pipeline has log lines.
fn leads_to_logs(model: &Model) -> bool {
    let Some(Dialog::Pipeline(view)) = &model.dialog else { return false };
    let rows = model.wiring.outline();
    rows.get(view.cursor).is_some_and(|row| matches!(row.node.kind, NodeKind::Function | NodeKind::LogGroup))
}

/// Whether something is shown in full that may have versions.
fn shows_a_key(model: &Model) -> bool {
    let Some(Dialog::Details(details)) = &model.dialog else { return false };
    matches!(details.subject, Subject::Object(_) | Subject::Upload(_))
}

/// Whether something of the key that is selected or shown is being downloaded.
fn is_downloading(model: &Model) -> bool {
    model.downloads_key().is_some_and(|key| model.downloads.of(&key).next().is_some())
}

/// The word for what a key does, which depends on what it is pressed on.
fn word(row: &Binding, transfer: Option<&Transfer>, dialog: Option<&Dialog>) -> &'static str {
    match row.action {
        Action::Submit if row.scope == Scope::Typing => dialog.map_or(row.hint, submits),
        Action::CancelUpload if transfer.is_some_and(Transfer::is_unfinished) => "remove",
        _ => row.hint,
    }
}

/// What a form does when it is submitted.
fn submits(dialog: &Dialog) -> &'static str {
    match dialog {
        Dialog::Choose(chooser) if matches!(chooser.selected(), Some(ChooserRow::TestImage)) => "upload",
        Dialog::Choose(_) => "select",
        Dialog::Plan(_) => "upload",
        Dialog::Subscribe(_) => "subscribe",
        Dialog::Download(_) => "download",
        Dialog::Link(_) => "confirm",
        Dialog::Palette(_) => "run",
        Dialog::Filter(_) => "apply",
        Dialog::Switch(_) => "switch",
        _ => "submit",
    }
}

/// Whether an answer or a text is awaited there.
fn asks(scope: Scope) -> bool {
    matches!(scope, Scope::Asking | Scope::Typing)
}

/// As many keys as fit.
fn fitting(model: &Model, rows: &[&Binding], transfer: Option<&Transfer>, room: usize) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for row in rows {
        let Some(key) = model.keys.of(row).first() else { continue };
        hints.push(Hint {
            key: *key,
            word: word(row, transfer, model.dialog.as_ref()),
            leaves: matches!(row.action, Action::Quit),
            is_way_out: matches!(row.action, Action::Back | Action::Submit | Action::No),
        });
    }
    // What stands last goes first, and the ways out stay.
    while total(&hints) > room && !hints.is_empty() {
        let goes = hints.iter().rposition(|hint| !hint.is_way_out).unwrap_or(hints.len() - 1);
        hints.remove(goes);
    }
    hints
}

/// Columns of all, with the gaps between them.
fn total(hints: &[Hint]) -> usize {
    hints.iter().map(Hint::width).sum::<usize>() + GAP.len() * hints.len().saturating_sub(1)
}

fn spans(hints: &[Hint]) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for hint in hints {
        let gap = if spans.is_empty() { "" } else { GAP };
        let key = Span::styled(hint.key.to_string(), theme::key());
        spans.extend([Span::raw(gap), key, Span::raw(format!(" {}", hint.word))]);
    }
    spans
}
