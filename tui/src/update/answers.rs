//! What the cloud said, taken into the model. An answer that is not the latest of its slot changes nothing.

use std::collections::{BTreeSet, HashSet};

use super::{
    actions, chooser, doctor, download, list_objects, list_subscriptions, live_tail, metrics, newer, notify, pipeline,
    plan, probe, queue, switch, versions,
};
use crate::domain::evidence::Write;
use crate::domain::ids::RequestId;
use crate::domain::log::{LogNews, Tail};
use crate::domain::objects::Page;
use crate::domain::pipeline::Pipeline;
use crate::domain::timeline::Outcome;
use crate::domain::transfer::UploadNews;
use crate::effect::{CloudEffect, Effect};
use crate::model::load::Load;
use crate::model::{Connection, Model, NoticeLevel};
use crate::msg::Update;
use crate::text::clean::Clean;

/// Takes one update in.
pub(super) fn apply(model: &mut Model, mut update: Update) -> Vec<Effect> {
    if model.is_switching && !matches!(update, Update::Switched { .. } | Update::ProfilesListed { .. }) {
        // The connection that is being left has nothing more to say, but for what keeps it from being left.
        return switch::unswitched(model, update);
    }
    for problem in update.problems_mut() {
        let text = problem.to_string();
        model.record(NoticeLevel::Error, text.into());
    }
    match update {
        Update::Switched { target, chosen, protection, search, is_loopback } => {
            switch::begun(model, target, chosen, protection, search, is_loopback);
        }
        Update::Account(account) => model.account = Some(account),
        Update::NothingFound(search) => switch::nothing(model, search),
        Update::ProfilesListed { request, profiles } => switch::listed(model, request, profiles),
        Update::Notice(text) | Update::Leftovers(Some(text)) => model.say(NoticeLevel::Hint, text),
        Update::Connected { pipeline, inbox } => return connected(model, pipeline, inbox),
        Update::Wiring(wiring) => pipeline::learn(model, wiring),
        Update::ConnectionFailed(problem) => {
            model.search = None;
            model.connection = Connection::Failed(problem);
        }
        Update::ObjectsListed { request, page, last } => return objects_listed(model, request, page, last),
        Update::ObjectsFailed { request, problem } if model.objects.load.expects(request) => {
            model.objects.load = Load::Failed(problem);
            model.objects.tried_at = Some(model.now);
        }
        Update::Leftovers(None) | Update::ObjectsFailed { .. } => {}
        Update::ObjectFound(object) => {
            model.objects.put(object);
            plan::stale(model);
        }
        Update::Described { id, about } => model.previews.describe(id, about),
        Update::Previewed { request, preview } => model.previews.apply(request, preview, model.now),
        Update::VersionsListed { request, versions: items, more } => versions::apply(model, request, Ok((items, more))),
        Update::VersionsFailed { request, problem } => versions::apply(model, request, Err(problem)),
        Update::LogLines(lines) => model.logs.insert(lines),
        Update::Tail(tail) => model.logs.set_tail(tail, model.now),
        Update::OtherLog { function, news } => {
            if let LogNews::Tail(Tail::Failed(problem)) = &news {
                // The panel's own error is that of the line's function.
                model.tell(NoticeLevel::Error, problem.to_string());
            }
            model.logs.apply(&function, news);
        }
        Update::PublishesTo(topics) => model.subscriptions.known.publishes_to = topics,
        Update::LogBegins(at) => model.uploads.timelines.log_begins(at),
        Update::LogRead(at) => {
            model.logs.read_at = Some(at);
            model.uploads.timelines.log_read(at);
        }
        Update::LogSettings(settings) => model.logs.settings = Some(settings),
        Update::LiveTail(live_tail) => live_tail::apply(model, live_tail),
        Update::Facts(facts) => queue::learn(model, facts),
        Update::Upload(id, news) => {
            if let UploadNews::Failed(problem) = &news {
                model.say(NoticeLevel::Error, problem.to_string());
            }
            model.uploads.transfers.apply(id, news, model.now);
        }
        Update::Download(id, news) => return download::learn(model, id, news),
        Update::FolderListed { request, listing } => return chooser::listed(model, request, listing),
        Update::FilesFound { request, scan } => return plan::files_found(model, request, scan),
        update @ (Update::Topic { .. }
        | Update::SubscriptionsListed { .. }
        | Update::SubscriptionsFailed { .. }
        | Update::DeliveryStatusLog { .. }) => subscriptions(model, update),
        Update::Examined { request, findings } => doctor::apply(model, request, Ok(&findings)),
        Update::ExamineFailed { request, problem } => doctor::apply(model, request, Err(problem)),
        Update::Done(text) => {
            model.say(NoticeLevel::Done, text);
            return vec![list_subscriptions(model)];
        }
        Update::QueueChecked(check) => doctor::queue_checked(model, *check),
        Update::ActionFailed(problem) => model.say(NoticeLevel::Error, problem.to_string()),
        Update::MetricsRead { request, minutes } => metrics::read(model, request, minutes),
        Update::MetricsFailed { request, problem } => metrics::failed(model, request, problem),
        Update::Probe(news) => return probe::learn(model, &news),
        Update::InboxMessages(messages) => {
            model.inbox.available = true;
            model.inbox.receive(messages);
        }
        Update::InboxReplaced => {
            // The local cloud was started again: all that it had is gone.
            model.inbox.messages.clear();
            model.inbox.selected = None;
            return actions::refresh(model);
        }
    }
    Vec::new()
}

/// Takes in what became known of the topic and its subscriptions.
fn subscriptions(model: &mut Model, update: Update) {
    match update {
        Update::Topic { arn, endpoint } => {
            model.subscriptions.known.topic_arn = Some(arn);
            model.subscriptions.known.endpoint = endpoint;
        }
        Update::SubscriptionsListed { request, items, status_logging } if model.subscriptions.load.expects(request) => {
            model.subscriptions.load = Load::Ready;
            model.subscriptions.tried_at = Some(model.now);
            let now = model.now;
            model.subscriptions.known.replace(items, status_logging, now);
        }
        Update::SubscriptionsFailed { request, problem } if model.subscriptions.load.expects(request) => {
            model.subscriptions.known.not_listed = Some(problem.clone());
            model.subscriptions.load = Load::Failed(problem);
            model.subscriptions.tried_at = Some(model.now);
        }
        Update::DeliveryStatusLog { group, problem } => {
            if let Some(problem) = &problem {
                model.say(NoticeLevel::Error, problem.to_string());
            }
            model.subscriptions.known.note_delivery_status_log(group, problem);
        }
        _ => {}
    }
}

/// Clients and names are there: the panels are filled.
fn connected(model: &mut Model, pipeline: Pipeline, inbox: bool) -> Vec<Effect> {
    model.search = None;
    model.pipeline = pipeline;
    model.inbox.available = inbox;
    model.uploads.timelines.counts_are_immediate(inbox);
    notify::begin(model);
    model.connection = Connection::Ready;
    newer::connected(model);
    model.subscriptions.tried_at = Some(model.now);
    let mut effects = vec![list_objects(model), list_subscriptions(model)];
    effects.extend(live_tail::connected(model));
    effects
}

/// A page of the bucket; with the last one it is known what is missing.
fn objects_listed(model: &mut Model, request: RequestId, page: Page, last: bool) -> Vec<Effect> {
    if !model.objects.load.expects(request) {
        return Vec::new();
    }
    model.objects.take_page(page, last);
    plan::stale(model);
    if !last {
        return Vec::new();
    }
    model.objects.load = Load::Ready;
    model.objects.listed_at = Some(model.objects.asked_at);
    model.objects.tried_at = Some(model.now);
    model.uploads.timelines.refold();
    look_up_missing(model)
}

/// Objects of the bucket that timelines name and the panel lacks or has in an older state; many at once are cheaper to
/// list.
pub(super) fn look_up_missing(model: &mut Model) -> Vec<Effect> {
    const ONE_BY_ONE: usize = 20;
    // Until the listing is complete, what is missing may still come.
    if model.objects.load != Load::Ready {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let missing: Vec<(String, Clean)> = model
        .uploads
        .timelines
        .all()
        .iter()
        .filter(|timeline| {
            timeline.each().any(|part| matches!(part.outcome, Outcome::Published(_) | Outcome::Skipped(_)))
        })
        .filter(|timeline| timeline.write.bucket == model.pipeline.bucket)
        // Timelines come newest first: only the latest write of a key says what is there now.
        .filter(|timeline| seen.insert(&timeline.write.key))
        .filter(|timeline| is_news(model, &timeline.write))
        .map(|timeline| (timeline.id(), timeline.write.key.clone()))
        .collect();
    // What was looked up and not found has been deleted since; what is there by now needs no remembering.
    let before = std::mem::take(&mut model.objects.looked_up);
    let keys: BTreeSet<Clean> =
        missing.iter().filter(|(id, _)| !before.contains(id)).map(|(_, key)| key.clone()).collect();
    model.objects.looked_up = missing.into_iter().map(|(id, _)| id).collect();
    match keys.len() {
        0..=ONE_BY_ONE => keys.into_iter().map(|key| Effect::Cloud(CloudEffect::FindObject { key })).collect(),
        _ => vec![list_objects(model)],
    }
}

/// Whether the panel lacks the object, or has other content for its key.
fn is_news(model: &Model, write: &Write) -> bool {
    let Some(object) = model.objects.object(&write.key) else { return true };
    object.e_tag.is_some() && write.e_tag.is_some() && object.e_tag != write.e_tag
}
