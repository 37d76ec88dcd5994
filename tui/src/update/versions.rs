//! The versions of an object: when they are listed, and moving in the list.

use super::navigate::moved;
use super::rows;
use crate::domain::ids::RequestId;
use crate::domain::objects::Version;
use crate::domain::problem::Problem;
use crate::domain::timeline::Timeline;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{Details, Dialog, Subject};
use crate::model::keys::key_of;
use crate::model::load::Load;
use crate::model::uploads::UploadRow;
use crate::model::versions::{Versions, VersionsView};
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// Whether the list of versions has the keys.
pub(super) fn is_open(model: &Model) -> bool {
    matches!(&model.dialog, Some(Dialog::Versions(view)) if view.open.is_none())
}

/// Opens the list for the object that is selected or shown, or for an upload's key: what was deleted is in no other list.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let bucket = &model.pipeline.bucket;
    let key = match &model.dialog {
        None if model.focus == Panel::Objects => model.objects.selected_object().map(|object| object.key),
        Some(Dialog::Details(Details { subject: Subject::Object(key), .. })) => Some(key.clone()),
        Some(Dialog::Details(Details { subject: Subject::Upload(id), .. })) => {
            let row = model.uploads.find(id);
            let is_elsewhere =
                |row: &UploadRow<'_>| matches!(row, UploadRow::Timeline(timeline) if timeline.write.bucket != *bucket);
            row.filter(|row| !is_elsewhere(row)).map(|row| row.key().clone())
        }
        Some(Dialog::Versions(_)) => Some(model.versions.key.clone()),
        _ => None,
    };
    let Some(key) = key else {
        let v = key_of(model, Scope::Reading, Action::Versions);
        let why = match &model.dialog {
            None => format!("no object here: for a deleted object press {v} in its upload's details"),
            Some(_) => "select an object of this bucket first".to_owned(),
        };
        model.say(NoticeLevel::Hint, why);
        return Vec::new();
    };
    if model.versions.key != key {
        model.versions = Versions { key, ..Versions::default() };
    }
    model.dialog = Some(Dialog::Versions(VersionsView::default()));
    again(model)
}

/// Lists them again.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let request = model.next_request();
    model.versions.load.begin(request);
    vec![Effect::Cloud(CloudEffect::ListVersions { request, key: model.versions.key.clone() })]
}

/// What S3 keeps, if it is what was asked for last. The cursor stays on its version, unless it is on the newest.
pub(super) fn apply(model: &mut Model, request: RequestId, listed: Result<(Vec<Version>, bool), Problem>) {
    if !model.versions.load.expects(request) {
        return;
    }
    match listed {
        Ok((items, more)) => {
            let height = model.viewports.dialog.max(1);
            let before = std::mem::replace(&mut model.versions.items, items);
            (model.versions.more, model.versions.load) = (more, Load::Ready);
            if let Some(Dialog::Versions(view)) = &mut model.dialog {
                let selected = before.get(view.selection.cursor).filter(|_| view.selection.cursor > 0);
                let items = &model.versions.items;
                let row = selected.and_then(|selected| items.iter().position(|version| version.id == selected.id));
                view.selection.place(row.unwrap_or(view.selection.cursor), items.len(), height);
            }
        }
        Err(problem) => model.versions.load = Load::Failed(problem),
    }
}

/// Shows the version under the cursor in full.
pub(super) fn unfold(model: &mut Model) {
    if let Some(Dialog::Versions(view)) = &mut model.dialog {
        let version = model.versions.items.get(view.selection.cursor);
        view.open = version.map(|version| (version.id.clone(), 0));
    }
}

/// Goes to the upload that made the version under the cursor.
pub(super) fn go_to_upload(model: &mut Model) {
    let Some(Dialog::Versions(view)) = &model.dialog else { return };
    let upload = model.versions.selected(view).and_then(|version| model.upload_of(version));
    let Some(id) = upload.map(Timeline::id) else {
        return model.say(NoticeLevel::Hint, "the upload of this version is not known");
    };
    (model.dialog, model.focus) = (None, Panel::Uploads);
    model.below.clear();
    if !model.uploads.rows().any(|row| row.id() == id) {
        rows::set_filter(model, "");
        rows::set_state(model, None);
    }
    model.uploads.selected = Some(id);
    rows::restore(model);
}

/// Moves the cursor in the list, or the text of the version that is shown.
pub(super) fn go(model: &mut Model, action: Action) {
    let (height, rows) = (model.viewports.dialog.max(1), model.viewports.dialog_len);
    let len = model.versions.items.len();
    let Some(Dialog::Versions(view)) = &mut model.dialog else { return };
    match &mut view.open {
        Some((_, offset)) => *offset = moved(*offset, action, rows.saturating_sub(height) + 1, height),
        None => view.selection.place(moved(view.selection.cursor, action, len, height), len, height),
    }
}

/// Puts the cursor on a row; where it is there already, the version is shown in full.
pub(super) fn pick(model: &mut Model, row: usize) {
    let (height, len) = (model.viewports.dialog.max(1), model.versions.items.len());
    match &mut model.dialog {
        Some(Dialog::Versions(view)) if view.selection.cursor != row => view.selection.place(row, len, height),
        _ => unfold(model),
    }
}

/// What a copy takes: the version's id, or with `exact` the object's URI.
pub(super) fn copied(model: &Model, view: &VersionsView, exact: bool) -> Option<(&'static str, Clean)> {
    if exact {
        let uri = format!("s3://{}/{}", model.pipeline.bucket.raw(), model.versions.key.raw());
        return Some(("S3 URI", Clean::new(&uri)));
    }
    Some(("version id", model.versions.selected(view)?.id.clone()))
}
