//! Doctor: when it looks, for which key, and moving in what it found.

use super::navigate::moved;
use crate::domain::diagnosis::findings::Findings;
use crate::domain::diagnosis::{self, Check, CheckStatus, Diagnosis};
use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;
use crate::domain::timeline::UploadStatus;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{Details, Dialog, DoctorView, Subject};
use crate::model::doctor::HEAD;
use crate::model::keys::key_of;
use crate::model::load::Load;
use crate::model::uploads::UploadRow;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// Whether the list of checks has the keys.
pub(super) fn is_open(model: &Model) -> bool {
    matches!(&model.dialog, Some(Dialog::Doctor(view)) if view.open.is_none())
}

/// Opens the list and looks: for the key of the object that is selected or shown, from an upload's details or from
/// versions, or for the selected upload if it is late, unknown, skipped or failed.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let key = match &model.dialog {
        Some(Dialog::Doctor(_)) => model.doctor.key.clone(),
        Some(Dialog::Details(Details { subject: Subject::Upload(id), .. })) => {
            model.uploads.find(id).map(|row| row.key().clone())
        }
        Some(Dialog::Details(Details { subject: Subject::Object(key), .. })) => Some(key.clone()),
        Some(Dialog::Versions(_)) => Some(model.versions.key.clone()),
        None if model.focus == Panel::Objects => model.objects.selected_object().map(|object| object.key),
        None if model.focus == Panel::Uploads => key_with_a_problem(model),
        _ => None,
    };
    if model.doctor.key != key {
        // What was found for another key would answer the wrong question.
        model.doctor.report = None;
    }
    model.doctor.key = key;
    model.dialog = Some(Dialog::Doctor(DoctorView::default()));
    again(model)
}

/// The selected upload's key, if something is wrong with it.
fn key_with_a_problem(model: &Model) -> Option<Clean> {
    match model.uploads.selected_row()? {
        UploadRow::Timeline(timeline) => {
            use UploadStatus::{Failed, Late, Skipped, Stuck, Unknown};
            let problems = [Late, Stuck, Unknown, Failed, Skipped];
            problems.contains(&model.status(timeline)).then(|| timeline.write.key.clone())
        }
        UploadRow::Transfer(_) => None,
    }
}

/// Looks again.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let request = model.next_request();
    model.doctor.load.begin(request);
    vec![Effect::Cloud(CloudEffect::Examine { request, key: model.doctor.key.clone() })]
}

/// What was found, if it is what was asked for last.
pub(super) fn apply(model: &mut Model, request: RequestId, found: Result<&Findings, Problem>) {
    if !model.doctor.load.expects(request) {
        return;
    }
    match found {
        Ok(findings) => {
            model.doctor.report = Some(diagnosis::diagnose(findings));
            model.doctor.load = Load::Ready;
            if let Some(Dialog::Doctor(view)) = &mut model.dialog {
                let len = model.doctor.report.as_ref().map_or(0, |report| report.checks.len());
                view.cursor = view.cursor.min(len.saturating_sub(1));
            }
        }
        Err(problem) => model.doctor.load = Load::Failed(problem),
    }
}

/// What came of a queue that was just subscribed. One that refuses the topic is shown at once, with the command that lets
/// the topic send; below it is the list, from which all other checks can be run.
pub(super) fn queue_checked(model: &mut Model, check: Check) {
    match check.status {
        CheckStatus::Ok | CheckStatus::Note => return,
        CheckStatus::NotChecked | CheckStatus::Warning => {
            let text = format!("the queue is subscribed, but it may get no messages: {}", check.found.shown());
            return model.say(NoticeLevel::Hint, text);
        }
        CheckStatus::Failure => {}
    }
    let key = key_of(model, Scope::Panels, Action::Doctor);
    let text = format!("the queue is subscribed, but gets nothing: press {key} for the fix; {}", check.found.shown());
    model.say(NoticeLevel::Error, text);
    // What the user is doing by now is not covered.
    if model.dialog.is_none() {
        model.doctor.key = None;
        model.doctor.load = Load::Idle;
        let view = DoctorView { open: Some((check.id, 0)), ..DoctorView::default() };
        model.doctor.report = Some(Diagnosis { key: None, checks: vec![check] });
        model.dialog = Some(Dialog::Doctor(view));
    }
}

/// Shows the check under the cursor in full.
pub(super) fn unfold(model: &mut Model) {
    if let (Some(Dialog::Doctor(view)), Some(report)) = (&mut model.dialog, &model.doctor.report) {
        view.open = report.worst_first().get(view.cursor).map(|check| (check.id, 0));
    }
}

/// Moves the cursor in the list, or the text of the check that is shown.
pub(super) fn go(model: &mut Model, action: Action) {
    let (height, len) = (model.viewports.dialog.max(1), model.viewports.dialog_len);
    let Some(Dialog::Doctor(view)) = &mut model.dialog else { return };
    if let Some((_, offset)) = &mut view.open {
        *offset = moved(*offset, action, len.saturating_sub(height) + 1, height);
        return;
    }
    let checks = model.doctor.report.as_ref().map_or(0, |report| report.checks.len());
    view.cursor = moved(view.cursor, action, checks, height.saturating_sub(HEAD));
    let row = view.cursor + HEAD;
    // The first check brings the summary above it back into view.
    let least = if view.cursor == 0 { 0 } else { (row + 1).saturating_sub(height) };
    view.offset = view.offset.clamp(least, if view.cursor == 0 { 0 } else { row });
}
