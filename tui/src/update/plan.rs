//! The plan of an upload: what was chosen is checked, keys are changed, and Enter sends it.

use std::path::PathBuf;

use tui_input::Input;

use super::queue;
use crate::domain::files::FileScan;
use crate::domain::ids::RequestId;
use crate::domain::problem::Problem;
use crate::domain::transfer::{ObjectKey, Upload, UploadSource};
use crate::domain::transfers::Transfers;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::action::Panel;
use crate::model::dialog::Dialog;
use crate::model::plan::Plan;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;
use crate::text::size::count;

/// Plans an upload of these files and folders, or of a test image where there are none. The chooser that is open is
/// what going back leads to.
pub(super) fn open(model: &mut Model, sources: Vec<PathBuf>) -> Vec<Effect> {
    let request = model.next_request();
    let is_test_image = sources.is_empty();
    let mut chooser = match model.dialog.take() {
        Some(Dialog::Choose(chooser)) => Some(chooser),
        _ => None,
    };
    if let Some(chooser) = &mut chooser {
        // An answer that comes now would find no chooser: going back asks again.
        chooser.asked = None;
        chooser.pending.clear();
    }
    let folder = chooser.as_ref().and_then(|chooser| chooser.current()).map(|listing| listing.folder.clone());
    let plan = Plan { chooser, ..Plan::new(sources.clone(), request, &model.uploads.prefix) };
    model.dialog = Some(Dialog::Plan(Box::new(plan)));
    if is_test_image {
        return Vec::new();
    }
    let mut effects = vec![Effect::Cloud(CloudEffect::ScanFiles { request, sources })];
    effects.extend(folder.map(CloudEffect::RememberFolder).map(Effect::Cloud));
    effects
}

/// Everything was checked.
pub(super) fn files_found(model: &mut Model, request: RequestId, scan: FileScan) -> Vec<Effect> {
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return Vec::new() };
    if plan.asked != request {
        return Vec::new();
    }
    // A user who has not seen what is left out has not agreed to it.
    let is_whole = scan.refused.is_empty() && scan.limit.is_none();
    plan.scan = Some(scan);
    // Until now the field had the prefix of whatever there is.
    if let Some(file) = plan.single() {
        plan.key = Input::new(format!("{}{}", plan.key.value(), file.name.raw()));
    }
    let is_wanted = std::mem::take(&mut plan.is_wanted);
    plan.is_stale = true;
    check(model);
    let is_clear =
        matches!(&model.dialog, Some(Dialog::Plan(plan)) if plan.unfit.is_empty() && plan.clashes.is_empty());
    if is_wanted && is_whole && is_clear { submit(model) } else { Vec::new() }
}

/// The bucket has changed: what is there already is checked again.
pub(super) fn stale(model: &mut Model) {
    if let Some(Dialog::Plan(plan)) = &mut model.dialog {
        plan.is_stale = true;
    }
}

/// Finds out what is in the bucket already, where that may have changed. Once for each batch of messages: it takes a
/// while for thousands of keys.
pub(super) fn check(model: &mut Model) {
    let objects = &model.objects;
    if let Some(Dialog::Plan(plan)) = &mut model.dialog
        && plan.is_stale
    {
        plan.check(|key| objects.object(key).is_some());
    }
}

/// Leaves out what is there already, or overwrites it; there is no choice where nothing is there.
pub(super) fn toggle_replace(model: &mut Model) {
    if let Some(Dialog::Plan(plan)) = &mut model.dialog
        && !plan.clashes.is_empty()
    {
        plan.replace = !plan.replace;
    }
}

/// Goes back to the chooser, with everything as it was.
pub(super) fn back(model: &mut Model, plan: Plan) {
    model.dialog = plan.chooser.map(Dialog::Choose);
}

/// Sends what is planned.
pub(super) fn submit(model: &mut Model) -> Vec<Effect> {
    // Keys that were typed just now count.
    check(model);
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return Vec::new() };
    if plan.scan.is_none() {
        plan.is_wanted = true;
        return Vec::new();
    }
    if plan.is_test_image() {
        plan.key.value().clone_into(&mut model.uploads.prefix);
        return queue::send_test_image(model);
    }
    // What stood in the way before may have passed.
    plan.fault = None;
    let waiting = model.uploads.transfers.under_way().count();
    if waiting + plan.len() > Transfers::MOST {
        let (waiting, most) = (count(waiting), count(Transfers::MOST));
        let text = format!("{waiting} uploads are waiting, and the queue holds {most}: wait, or choose fewer files");
        plan.fault = Some(Clean::new(&text));
    }
    if plan.fault.is_some() || plan.is_empty() {
        // The dialog says why, and stays.
        return Vec::new();
    }
    let files = plan.len();
    if queue::ask_first(model, files) {
        return Vec::new();
    }
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { return Vec::new() };
    let uploads: Vec<(Upload, Option<u64>)> = plan
        .uploads()
        .map(|(file, key, clashes)| {
            let source = UploadSource::File(file.path.clone());
            // What was not named as being there is not overwritten, even if another program wrote it meanwhile.
            (Upload { source, key: ObjectKey::Named(key), replace: clashes }, Some(file.size))
        })
        .collect();
    let refused: Vec<(Upload, Problem)> = plan.refused().map(|(upload, problem)| (upload, problem.clone())).collect();
    let left_out = if plan.replace { 0 } else { plan.clashes.len() };
    // A key of one's own making is no prefix for the next one.
    let prefix = match plan.single() {
        Some(file) => plan.key.value().strip_suffix(file.name.raw()),
        None => Some(plan.key.value()),
    };
    if let Some(prefix) = prefix {
        prefix.clone_into(&mut model.uploads.prefix);
    }
    model.dialog = None;
    model.focus = Panel::Uploads;
    if left_out > 0 {
        let text = match left_out {
            1 => "1 file skipped: an object with its key exists".to_owned(),
            _ => format!("{} files skipped: objects with their keys exist", count(left_out)),
        };
        model.say(NoticeLevel::Hint, Clean::new(&text));
    }
    let effects = queue::send(model, uploads);
    queue::add_refused(model, refused);
    effects
}
