//! The queue of uploads: what is added to it, stopped, and sent again.

use super::{chooser, plan};
use crate::domain::evidence::Fact;
use crate::domain::ids::UploadId;
use crate::domain::problem::Problem;
use crate::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadNews, UploadSource};
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Dialog, Question};
use crate::model::keys::key_of;
use crate::model::selection::Selection;
use crate::model::uploads::UploadRow;
use crate::model::{Consent, Model, NoticeLevel};
use crate::text::size::count;

/// Asks before the first upload to AWS; says whether it does. The dialog that sends waits below the question: both answers
/// lead back to it.
pub(super) fn ask_first(model: &mut Model, files: usize) -> bool {
    if !model.asks_before_upload() {
        return false;
    }
    model.below.extend(model.dialog.take());
    let text = match files {
        1 => format!("Upload 1 file to bucket {}?", model.pipeline.bucket.shown()),
        _ => format!("Upload {} files to bucket {}?", count(files), model.pipeline.bucket.shown()),
    };
    let action = ConfirmAction::Upload { files };
    model.dialog = Some(Dialog::Question(Question { text: text.into(), action }));
    true
}

/// The user agreed: what was about to be sent is sent.
pub(super) fn agreed(model: &mut Model) -> Vec<Effect> {
    model.consent = Consent::Given;
    model.dialog = model.below.pop();
    // The bucket may have changed meanwhile.
    plan::stale(model);
    match model.dialog {
        Some(Dialog::Plan(_)) => plan::submit(model),
        Some(Dialog::Choose(_)) => chooser::submit(model),
        _ => Vec::new(),
    }
}

/// Sends a generated image, under the prefix that was used last.
pub(super) fn send_test_image(model: &mut Model) -> Vec<Effect> {
    if ask_first(model, 1) {
        return Vec::new();
    }
    let key = ObjectKey::Own { prefix: model.uploads.prefix.clone() };
    model.dialog = None;
    model.focus = Panel::Uploads;
    // Its name is made for each, so that there is nothing to overwrite.
    send(model, vec![(Upload { source: UploadSource::TestImage, key, replace: true }, None)])
}

/// Sends objects. A single one is selected, to be followed; of several the top of the list shows how far they are. Sizes
/// are given where they are known.
pub(super) fn send(model: &mut Model, uploads: Vec<(Upload, Option<u64>)>) -> Vec<Effect> {
    let uploads: Vec<(UploadId, Upload, Option<u64>)> =
        uploads.into_iter().map(|(upload, size)| (UploadId(model.next_request().0), upload, size)).collect();
    model.uploads.selection = Selection::default();
    model.uploads.selected = match uploads.as_slice() {
        [(id, _, _)] => Some(format!("upload {}", id.0)),
        _ => None,
    };
    let effects = uploads.iter().map(|(id, upload, _)| ask(*id, upload.clone())).collect();
    model.uploads.add_to_batch(uploads.iter().map(|(id, ..)| *id));
    model.uploads.transfers.add(uploads.into_iter(), model.now);
    effects
}

/// Lists what cannot be uploaded among the uploads that failed: it can be sent again once the reason has passed.
pub(super) fn add_refused(model: &mut Model, refused: Vec<(Upload, Problem)>) {
    if refused.is_empty() {
        return;
    }
    let text = match refused.len() {
        1 => "1 file was not uploaded; Uploads lists it with its reason".to_owned(),
        files => format!("{} files were not uploaded; Uploads lists them with their reasons", count(files)),
    };
    model.say(NoticeLevel::Error, text);
    let (mut uploads, mut problems) = (Vec::new(), Vec::new());
    for (upload, problem) in refused {
        let id = UploadId(model.next_request().0);
        uploads.push((id, upload, None));
        problems.push((id, problem));
    }
    model.uploads.transfers.add(uploads.into_iter(), model.now);
    for (id, problem) in problems {
        model.uploads.transfers.apply(id, UploadNews::Failed(problem), model.now);
    }
}

fn ask(id: UploadId, upload: Upload) -> Effect {
    Effect::Cloud(CloudEffect::Upload { id, upload })
}

/// New facts; those of S3's answers end uploads of this process.
pub(super) fn learn(model: &mut Model, facts: Vec<Fact>) {
    model.uploads.transfers.learn(&facts);
    model.uploads.timelines.learn(facts);
}

/// Stops the selected upload; one that is over is taken off the list.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let under_way = model.uploads.transfers.under_way().count();
    if under_way > 1 && model.uploads.selected.is_none() {
        // The first row is another one each moment.
        let all = key_of(model, Scope::In(Panel::Uploads), Action::CancelUploads);
        model.say(NoticeLevel::Hint, format!("select an upload first, or cancel all of them with {all}"));
        return Vec::new();
    }
    match model.uploads.selected_row() {
        Some(UploadRow::Transfer(transfer)) if transfer.is_under_way() => {
            vec![Effect::Cloud(CloudEffect::CancelUpload(transfer.id))]
        }
        Some(UploadRow::Transfer(transfer)) => {
            let id = transfer.id;
            model.uploads.transfers.remove(id);
            Vec::new()
        }
        Some(UploadRow::Timeline(_)) => {
            model.say(NoticeLevel::Hint, "this upload is already stored");
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Asks whether to stop everything that is not stored; where nothing is under way, takes off the list what is over.
pub(super) fn cancel_all(model: &mut Model) {
    let under_way = model.uploads.transfers.under_way().count();
    if under_way == 0 {
        if model.uploads.transfers.is_empty() {
            model.say(NoticeLevel::Hint, "no uploads to cancel");
        }
        model.uploads.transfers.clear();
        return;
    }
    let text = match under_way {
        1 => "Cancel the upload that is not stored yet?".to_owned(),
        _ => format!("Cancel the {} uploads that are not stored yet?", count(under_way)),
    };
    model.dialog = Some(Dialog::Question(Question { text: text.into(), action: ConfirmAction::CancelUploads }));
}

/// Stops everything that is not stored.
pub(super) fn stop_all(model: &Model) -> Vec<Effect> {
    model.uploads.transfers.under_way().map(|transfer| Effect::Cloud(CloudEffect::CancelUpload(transfer.id))).collect()
}

/// Sends the selected upload again; what would overwrite an object is asked.
pub(super) fn resume(model: &mut Model) -> Vec<Effect> {
    let Some(UploadRow::Transfer(transfer)) = model.uploads.selected_row() else {
        model.say(NoticeLevel::Hint, "only an upload that failed or was cancelled can be retried");
        return Vec::new();
    };
    let id = transfer.id;
    match &transfer.state {
        TransferState::Exists => {
            let text = format!("Overwrite {} in bucket {}?", transfer.key.shown(), model.pipeline.bucket.shown());
            model.dialog = Some(Dialog::Question(Question { text: text.into(), action: ConfirmAction::Overwrite(id) }));
            Vec::new()
        }
        TransferState::Failed(_) | TransferState::Cancelled | TransferState::OutcomeUnknown(_) => {
            again(model, |transfer| transfer.id == id)
        }
        TransferState::Queued | TransferState::Sending | TransferState::Held(_) | TransferState::Stored => {
            model.say(NoticeLevel::Hint, "this upload is in progress");
            Vec::new()
        }
    }
}

/// Sends everything again that failed or was stopped.
pub(super) fn resume_all(model: &mut Model) -> Vec<Effect> {
    let existing = model.uploads.transfers.iter().filter(|transfer| transfer.state == TransferState::Exists).count();
    let effects = again(model, Transfer::can_be_resumed);
    match (effects.is_empty(), existing) {
        (true, 0) => model.say(NoticeLevel::Hint, "no upload has failed or was cancelled"),
        (_, 0) => {}
        (_, existing) => {
            let key = key_of(model, Scope::In(Panel::Uploads), Action::SendAgain);
            let text = match existing {
                1 => format!("1 object already exists: press {key} on its upload to overwrite it"),
                _ => format!(
                    "{} objects already exist: press {key} on an upload to overwrite its object",
                    count(existing)
                ),
            };
            model.say(NoticeLevel::Hint, text);
        }
    }
    effects
}

/// Sends an upload over the object that is there.
pub(super) fn overwrite(model: &mut Model, id: UploadId) -> Vec<Effect> {
    send_all(model.uploads.transfers.overwrite(id, model.now))
}

fn again(model: &mut Model, which: impl Fn(&Transfer) -> bool) -> Vec<Effect> {
    let again: Vec<UploadId> = model.uploads.transfers.iter().filter(|one| which(one)).map(|one| one.id).collect();
    model.uploads.add_to_batch(again.iter().copied());
    send_all(model.uploads.transfers.send_again(model.now, which))
}

fn send_all(uploads: Vec<(UploadId, Upload)>) -> Vec<Effect> {
    uploads.into_iter().map(|(id, upload)| ask(id, upload)).collect()
}
