//! The queue of uploads: what is added to it, stopped, and sent again.

use crate::domain::evidence::Fact;
use crate::domain::ids::UploadId;
use crate::domain::timeline::MAX_FACTS;
use crate::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadSource};
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Dialog, Question};
use crate::model::keys::key_of;
use crate::model::selection::Selection;
use crate::model::uploads::UploadRow;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;
use crate::text::size::count;

/// Uploads that wait or are being sent at most; of each about ten facts come, and all of them are kept.
pub(super) const MOST: usize = MAX_FACTS / 10;

/// Sends a generated image, under the prefix that was used last.
pub(super) fn send_test_image(model: &mut Model) -> Vec<Effect> {
    let key = ObjectKey::Own { prefix: model.uploads.prefix.clone() };
    model.dialog = None;
    model.focus = Panel::Uploads;
    // Its name is made anew for each, so that there is nothing to overwrite.
    send(model, vec![(Upload { source: UploadSource::TestImage, key, replace: true }, None)])
}

/// Sends objects. A single one is selected, to be followed; of several the top of the list shows how far they are. Sizes
/// are given where they are known.
pub(super) fn send(model: &mut Model, uploads: Vec<(Upload, Option<u64>)>) -> Vec<Effect> {
    let mut effects = Vec::with_capacity(uploads.len());
    forget_oldest(model, uploads.len());
    let is_single = uploads.len() == 1;
    (model.uploads.selected, model.uploads.selection) = (None, Selection::default());
    for (upload, size) in uploads {
        let id = UploadId(model.next_request().0);
        if is_single {
            model.uploads.selected = Some(format!("upload {}", id.0));
        }
        let key = match &upload.key {
            ObjectKey::Named(key) => Clean::new(key),
            ObjectKey::Own { .. } => Clean::new("test image"),
        };
        effects.push(Effect::Cloud(CloudEffect::Upload { id, upload: upload.clone() }));
        let state = TransferState::Queued;
        model.uploads.transfers.push(Transfer { id, upload, key, size, sent: 0, began: model.now, state });
    }
    effects
}

/// Makes room: of what was not stored the oldest goes first.
fn forget_oldest(model: &mut Model, coming: usize) {
    let transfers = &mut model.uploads.transfers;
    let mut surplus = (transfers.len() + coming).saturating_sub(2 * MOST);
    transfers.retain(|transfer| {
        let goes = surplus > 0 && transfer.is_over();
        surplus -= usize::from(goes);
        !goes
    });
}

/// An upload is being sent: its key and size are known now.
pub(super) fn began(model: &mut Model, id: UploadId, key: Clean, size: u64) {
    let now = model.now;
    if let Some(transfer) = transfer(model, id) {
        (transfer.key, transfer.size) = (key, Some(size));
        (transfer.state, transfer.began) = (TransferState::Sending, now);
    }
}

/// An upload came to its end.
pub(super) fn ended(model: &mut Model, id: UploadId, state: TransferState) {
    if let Some(transfer) = transfer(model, id) {
        transfer.state = state;
    }
}

/// New facts; those of S3's answers end uploads of this process.
pub(super) fn learn(model: &mut Model, facts: Vec<Fact>) {
    for fact in &facts {
        if let Fact::Stored { upload, .. } = fact {
            ended(model, *upload, TransferState::Stored);
        }
    }
    model.uploads.timelines.learn(facts);
}

fn transfer(model: &mut Model, id: UploadId) -> Option<&mut Transfer> {
    model.uploads.transfers.iter_mut().find(|transfer| transfer.id == id)
}

/// Stops the selected upload; one that is over is taken off the list.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let under_way = model.uploads.transfers.iter().filter(|transfer| transfer.is_under_way()).count();
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
            model.uploads.transfers.retain(|transfer| transfer.id != id);
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
    let under_way = model.uploads.transfers.iter().filter(|transfer| transfer.is_under_way()).count();
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
    let under_way = model.uploads.transfers.iter().filter(|transfer| transfer.is_under_way());
    under_way.map(|transfer| Effect::Cloud(CloudEffect::CancelUpload(transfer.id))).collect()
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
        TransferState::Failed(_) | TransferState::Cancelled | TransferState::Unheard => {
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
        (_, 1) => model.say(NoticeLevel::Hint, "1 object already exists: retry its upload by itself to overwrite it"),
        (_, _) => {
            let existing = count(existing);
            let text = format!("{existing} objects already exist: retry each upload by itself to overwrite it");
            model.say(NoticeLevel::Hint, text);
        }
    }
    effects
}

/// Sends an upload over the object that is there.
pub(super) fn overwrite(model: &mut Model, id: UploadId) -> Vec<Effect> {
    if let Some(transfer) = transfer(model, id) {
        transfer.upload.replace = true;
    }
    again(model, |transfer| transfer.id == id && transfer.state == TransferState::Exists)
}

fn again(model: &mut Model, which: impl Fn(&Transfer) -> bool) -> Vec<Effect> {
    let now = model.now;
    let mut effects = Vec::new();
    for transfer in model.uploads.transfers.iter_mut().filter(|transfer| which(transfer)) {
        (transfer.state, transfer.sent, transfer.began) = (TransferState::Queued, 0, now);
        effects.push(Effect::Cloud(CloudEffect::Upload { id: transfer.id, upload: transfer.upload.clone() }));
    }
    effects
}
