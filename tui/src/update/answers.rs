//! What the cloud said, taken into the model. An answer that is not the latest of its slot changes nothing.

use super::{dialogs, list_objects, list_subscriptions};
use crate::effect::Effect;
use crate::model::load::Load;
use crate::model::uploads::fact::{Fact, UploadId};
use crate::model::uploads::transfer::{Transfer, TransferState};
use crate::model::{Connection, Model};
use crate::msg::Update;

/// Takes one update in.
pub(super) fn take(model: &mut Model, update: Update) -> Vec<Effect> {
    match update {
        Update::Connected { pipeline, inbox } => {
            model.pipeline = pipeline;
            model.inbox.available = inbox;
            model.connection = Connection::Ready;
            model.subscriptions.tried_at = Some(model.now);
            return vec![list_objects(model), list_subscriptions(model)];
        }
        Update::ConnectionFailed(problem) => model.connection = Connection::Failed(problem),
        Update::ObjectsListed { request, page, last } => {
            if model.objects.load.expects(request) {
                model.objects.take_page(page, last);
                if last {
                    model.objects.load = Load::Ready;
                }
            }
        }
        Update::ObjectsFailed { request, problem } => {
            if model.objects.load.expects(request) {
                model.objects.load = Load::Failed(problem);
            }
        }
        Update::ObjectFound(object) => model.objects.put(object),
        Update::LogLines(lines) => {
            for line in lines {
                model.logs.insert(line);
            }
        }
        Update::Tail(tail) => model.logs.tail = tail,
        Update::Facts(facts) => return learn(model, facts),
        Update::UploadBegan { id, key, size } => {
            change(model, id, |transfer| {
                transfer.key = key;
                transfer.size = Some(size);
            });
        }
        Update::UploadFailed { id, problem } => {
            model.complain(problem.to_string());
            change(model, id, |transfer| transfer.state = TransferState::Failed(problem));
        }
        Update::UploadCancelled(id) => change(model, id, |transfer| transfer.state = TransferState::Cancelled),
        Update::PathsCompleted { request, paths } => dialogs::completed(model, request, paths),
        Update::SubscriptionsListed { request, items, receipts } => {
            if model.subscriptions.load.expects(request) {
                model.subscriptions.load = Load::Ready;
                model.subscriptions.receipts = receipts;
                let now = model.now;
                model.subscriptions.replace(items, now);
            }
        }
        Update::SubscriptionsFailed { request, problem } => {
            if model.subscriptions.load.expects(request) {
                model.subscriptions.load = Load::Failed(problem);
            }
        }
        Update::Done(text) => {
            model.say(text);
            return vec![list_subscriptions(model)];
        }
        Update::Undone(problem) => model.complain(problem.to_string()),
        Update::Letters(letters) => {
            model.inbox.available = true;
            model.inbox.receive(letters);
        }
    }
    Vec::new()
}

fn change(model: &mut Model, id: UploadId, with: impl FnOnce(&mut Transfer)) {
    if let Some(transfer) = model.uploads.transfers.iter_mut().find(|transfer| transfer.id == id) {
        with(transfer);
    }
}

/// New facts; an object that the log names and the panel lacks is looked up.
fn learn(model: &mut Model, facts: Vec<Fact>) -> Vec<Effect> {
    let mut effects = Vec::new();
    // Until the first listing is complete, what is missing is on its way.
    if model.objects.load == Load::Ready {
        for fact in &facts {
            if let Fact::Published { write, .. } | Fact::Skipped { write, .. } = fact
                && write.bucket == model.pipeline.bucket
                && !model.objects.contains(&write.key)
            {
                effects.push(Effect::FindObject { key: write.key.clone() });
            }
        }
    }
    model.uploads.learn(facts);
    effects
}
