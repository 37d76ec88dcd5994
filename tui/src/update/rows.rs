//! Rows of panels: how many there are, which is selected, and what they are narrowed to.

use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::filter::Filter;
use crate::model::keys::key_of;
use crate::model::selection::Selection;
use crate::model::uploads::{UploadRow, UploadState};
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// How many rows a panel has.
pub(super) fn len(model: &Model, panel: Panel) -> usize {
    match panel {
        Panel::Uploads => model.uploads.len(),
        Panel::Objects => model.objects.len(),
        Panel::Logs => model.logs.len(),
        Panel::Subscriptions => model.subscriptions.visible().count(),
        Panel::Inbox => model.inbox.visible().count(),
    }
}

/// A panel's selection. The log has a cursor of its own kind.
pub(super) fn selection(model: &mut Model, panel: Panel) -> Option<&mut Selection> {
    match panel {
        Panel::Uploads => Some(&mut model.uploads.selection),
        Panel::Objects => Some(&mut model.objects.selection),
        Panel::Logs => None,
        Panel::Subscriptions => Some(&mut model.subscriptions.selection),
        Panel::Inbox => Some(&mut model.inbox.selection),
    }
}

/// Keeps the name of the row under the cursor, so that new rows do not move the selection.
///
/// A cursor on the first row stays on the first row: new rows are shown there.
pub(super) fn remember(model: &mut Model, panel: Panel) {
    let is_first = selection(model, panel).is_none_or(|selection| selection.cursor == 0);
    match panel {
        Panel::Uploads => {
            // A transfer that the user has selected is meant, wherever it stands.
            let row = model.uploads.selected_row().filter(|row| !is_first || matches!(row, UploadRow::Transfer(_)));
            model.uploads.selected = row.map(|row| row.id());
        }
        Panel::Objects => {
            let key = model.objects.selected_object().map(|object| object.key);
            model.objects.selected = key.filter(|_| !is_first);
        }
        Panel::Subscriptions => {
            // Nothing new comes first here, so the first row is as good as any.
            let name = model.subscriptions.selected().map(|s| (s.protocol, s.endpoint.clone()));
            model.subscriptions.selected = name;
        }
        Panel::Inbox => {
            let number = model.inbox.selected().map(|message| message.number);
            model.inbox.selected = number.filter(|_| !is_first);
        }
        Panel::Logs => {}
    }
}

/// Puts each cursor back onto the row that it was on.
pub(super) fn restore(model: &mut Model) {
    let uploads = &model.uploads;
    let upload = uploads.selected.as_ref().and_then(|name| uploads.rows().position(|row| row.id() == *name));
    let object = model.objects.selected.as_ref().and_then(|key| model.objects.row_of(key));
    let subscriptions = &model.subscriptions;
    let subscription = subscriptions.selected.as_ref().and_then(|(protocol, endpoint)| {
        subscriptions.visible().position(|s| s.protocol == *protocol && s.endpoint == *endpoint)
    });
    let inbox = &model.inbox;
    let message = inbox.selected.and_then(|number| inbox.visible().position(|message| message.number == number));
    let rows = [
        (Panel::Uploads, upload),
        (Panel::Objects, object),
        (Panel::Subscriptions, subscription),
        (Panel::Inbox, message),
    ];
    for (panel, row) in rows {
        if let (Some(selection), Some(row)) = (selection(model, panel), row) {
            selection.cursor = row;
        }
    }
    keep_in_view(model);
}

/// Keeps every cursor inside its list and in view.
pub(super) fn keep_in_view(model: &mut Model) {
    for panel in Panel::ALL {
        let (rows, height) = (len(model, panel), model.rows(panel));
        if let Some(selection) = selection(model, panel) {
            selection.step(0, rows, height);
        }
    }
}

/// What the focused panel is narrowed to.
pub(super) fn filter_text(model: &Model) -> String {
    model.filter(model.focus).text().to_owned()
}

/// Narrows the focused panel.
pub(super) fn set_filter(model: &mut Model, text: &str) {
    let filter = Filter::new(text);
    match model.focus {
        Panel::Uploads => {
            model.uploads.filter = filter;
            sift_uploads(model);
        }
        Panel::Objects => model.objects.set_filter(filter),
        Panel::Logs => model.logs.set_filter(filter),
        Panel::Subscriptions => model.subscriptions.filter = filter,
        Panel::Inbox => model.inbox.filter = filter,
    }
    restore(model);
}

/// Shows only the uploads of a state, or all.
pub(super) fn set_state(model: &mut Model, only: Option<UploadState>) {
    model.uploads.only = only;
    sift_uploads(model);
    restore(model);
}

/// Finds out which uploads are shown, where some may be hidden.
pub(super) fn sift_uploads(model: &mut Model) {
    model.uploads.sift(model.logs.reading(), model.now);
}

/// Goes to the next newer or older line that the last search finds.
pub(super) fn seek(model: &mut Model, newer: bool) {
    if model.logs.search().is_empty() {
        let key = key_of(model, Scope::Panels, Action::Filter);
        model.say(NoticeLevel::Hint, format!("no search yet: press {key} to search"));
    } else if model.logs.seek(newer) {
        let at_end = model.logs.cursor + 1 >= model.logs.len();
        set_follow(model, at_end);
    } else {
        let text = Clean::new(model.logs.search().text());
        let way = if newer { "newer" } else { "older" };
        model.say(NoticeLevel::Hint, format!("no {way} match for {:?}", text.shown()));
    }
}

/// Pauses, or follows the newest line again.
pub(super) fn pause(model: &mut Model) {
    let follow = !model.logs.follow;
    set_follow(model, follow);
}

/// Following means: the cursor is on the newest line.
pub(super) fn set_follow(model: &mut Model, follow: bool) {
    model.logs.follow = follow;
    if follow {
        model.logs.unseen = 0;
        model.logs.cursor = model.logs.len().saturating_sub(1);
    }
}
