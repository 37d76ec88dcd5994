//! What the dashboard decides: a message changes the model and may ask for effects.
//!
//! Pure: no async, no AWS, no terminal, no clock. The time is in [`Msg::Tick`].

mod actions;
mod answers;
mod chooser;
mod copy;
mod dialogs;
mod doctor;
mod download;
mod link;
mod live_tail;
mod message;
mod metrics;
mod nameless;
mod navigate;
mod newer;
mod notify;
mod palette;
mod paths;
mod pipeline;
mod plan;
mod probe;
mod queue;
mod rows;
mod switch;
mod versions;

use crate::domain::delivery;
use crate::domain::objects::ListingOrder;
use crate::domain::pace::Pace;
use crate::domain::timeline::Timeline;
use crate::effect::{CloudEffect, Effect};
use crate::model::load::Load;
use crate::model::{Connection, Model, NOTICE_MS, NoticeLevel, keys};

pub(crate) use live_tail::toggle as toggle_live_tail;
pub use message::Msg;

/// How often subscriptions are listed, in milliseconds: while one is pending, and otherwise.
const SUBSCRIPTIONS_EVERY_MS: (i64, i64) = (2_000, 15_000);

/// How often a bucket with so few objects is listed again: two requests at most.
const RENEW_MS: i64 = 30_000;
const RENEW_MOST: usize = 2_000;

/// How long after a failure the bucket is listed again: one that may pass by itself, and another.
const RETRY_MS: (i64, i64) = (5_000, 15_000);

/// Takes one message in.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    if matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Click(_) | Msg::Pick(_) | Msg::Wheel(..)) {
        notify::touch(model);
    }
    let kind = |model: &Model| model.dialog.as_ref().map(std::mem::discriminant);
    let before = kind(model);
    let read = model.dialog.as_ref().filter(|dialog| dialog.is_read()).cloned();
    let effects = apply(model, msg);
    if kind(model) != before {
        // Where one dialog was scrolled to says nothing about the next one.
        model.scroll = None;
        match (read, &model.dialog) {
            (Some(read), Some(_)) => model.below.push(read),
            (_, None) => model.dialog = model.below.pop(),
            (None, Some(_)) => {}
        }
    }
    effects
}

fn apply(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Tick(now) => {
            model.now = now;
            fade(model);
            Vec::new()
        }
        Msg::Key(key) => {
            // A key means that the notice was seen; an error stays for its time.
            model.notice = model.notice.take().filter(|notice| notice.level == NoticeLevel::Error);
            match keys::lookup(model, key) {
                Some(action) => actions::perform(model, action),
                None => dialogs::typed(model, key),
            }
        }
        Msg::Paste(text) => dialogs::pasted(model, &text),
        Msg::Click(hit) => {
            navigate::click(model, hit);
            Vec::new()
        }
        Msg::Pick(row) => navigate::pick(model, row),
        Msg::Wheel(panel, rows) => {
            navigate::wheel(model, panel, rows);
            Vec::new()
        }
        Msg::Viewports(viewports) => {
            model.viewports = viewports;
            rows::keep_in_view(model);
            Vec::new()
        }
        Msg::Progress(id, sent, size) => {
            let now = model.now;
            model.uploads.transfers.progress(id, sent, size, now);
            Vec::new()
        }
        Msg::WaitsFor(host) => {
            model.waits_for = host;
            Vec::new()
        }
        Msg::Received(id, got, size) => {
            download::received(model, id, got, size);
            Vec::new()
        }
        Msg::Arranged(arranged) => {
            model.objects.arranged(arranged);
            Vec::new()
        }
        Msg::Update(update) => answers::apply(model, update),
    }
}

/// Brings up to date what follows from a batch of messages: timelines, selections, and what is due.
///
/// Once for each batch, so that a burst of facts costs one fold.
pub fn settle(model: &mut Model) -> Vec<Effect> {
    let mut effects = Vec::new();
    if model.uploads.timelines.refold_when_due(model.now) {
        effects.extend(answers::look_up_missing(model));
    }
    model.uploads.transfers.drop_stored();
    rows::sift_uploads(model);
    plan::check(model);
    rows::restore(model);
    newer::count(model);
    effects.extend(newer::read_wiring_when_due(model));
    nameless::notify(model);
    effects.extend(list_subscriptions_when_due(model));
    effects.extend(list_objects_again(model));
    effects.extend(chooser::list_when_due(model));
    effects.extend(preview_when_shown(model));
    effects.extend(list_written_when_due(model));
    effects.extend(count_messages_when_due(model));
    effects.extend(metrics::when_due(model));
    effects.extend(notify::when_due(model));
    let pace = if awaits_something(model) { Pace::InFlight } else { Pace::Idle };
    if pace != model.pace {
        model.pace = pace;
        effects.push(Effect::Cloud(CloudEffect::Pace(pace)));
    }
    effects
}

/// Asks for the subscriptions now.
fn list_subscriptions(model: &mut Model) -> Effect {
    let request = model.next_request();
    model.subscriptions.load.begin(request);
    Effect::Cloud(CloudEffect::ListSubscriptions { request, refresh: false })
}

/// Asks for the bucket's objects now.
fn list_objects(model: &mut Model) -> Effect {
    let request = model.next_request();
    model.objects.asked_at = model.now;
    model.objects.begin_listing();
    model.objects.load.begin(request);
    Effect::Cloud(CloudEffect::ListObjects { request, order: ListingOrder::AsTheyCome })
}

fn list_subscriptions_when_due(model: &mut Model) -> Vec<Effect> {
    let subscriptions = &model.subscriptions;
    if model.connection != Connection::Ready || subscriptions.load.is_loading() {
        return Vec::new();
    }
    let every = if subscriptions.known.pending() > 0 { SUBSCRIPTIONS_EVERY_MS.0 } else { SUBSCRIPTIONS_EVERY_MS.1 };
    let due = subscriptions.tried_at.is_none_or(|at| model.now.as_millisecond() - at.as_millisecond() >= every);
    if due { vec![list_subscriptions(model)] } else { Vec::new() }
}

/// A listing that failed is retried automatically; one of a small bucket is renewed, since no update reports a deletion.
fn list_objects_again(model: &mut Model) -> Option<Effect> {
    let waited = model.objects.tried_at.map_or(i64::MAX, |at| model.now.as_millisecond() - at.as_millisecond());
    // What needs a person is asked for less often than what may pass.
    match &model.objects.load {
        Load::Failed(problem)
            if waited >= if problem.is_transient() { RETRY_MS.0 } else { RETRY_MS.1 }
                && model.connection == Connection::Ready =>
        {
            Some(list_objects(model))
        }
        Load::Ready
            if waited >= RENEW_MS && model.objects.total() <= RENEW_MOST && model.connection == Connection::Ready =>
        {
            Some(list_objects(model))
        }
        _ => None,
    }
}

/// Lists what others wrote beside an upload whose invocation is known by time only.
fn list_written_when_due(model: &mut Model) -> Option<Effect> {
    let since = model.uploads.timelines.listing_to_ask(model.now)?;
    Some(Effect::Cloud(CloudEffect::ListWritten { since }))
}

/// Asks for the counts that may show which message is an upload's.
fn count_messages_when_due(model: &mut Model) -> impl Iterator<Item = Effect> {
    let now = model.now;
    let wanted = std::iter::from_fn(move || model.uploads.timelines.counts_to_ask(now));
    wanted.map(|wanted| Effect::Cloud(CloudEffect::CountMessages(wanted)))
}

/// Asks what the object or the file looks like that is shown now.
fn preview_when_shown(model: &mut Model) -> Option<Effect> {
    model.previews.retry_passing(model.now);
    let (id, size) = model.previewed()?;
    let can_ask = model.connection == Connection::Ready || id.is_here();
    if !can_ask || model.previews.get(&id).is_some() || model.previews.is_coming(&id) {
        return None;
    }
    let request = model.next_request();
    model.previews.begin(request, id.clone());
    Some(Effect::Cloud(CloudEffect::Preview { request, id, size }))
}

/// Whether an upload is in progress, or one of its delivery statuses is still to come.
fn awaits_something(model: &Model) -> bool {
    const STATUS_MS: i64 = 60_000;
    const LATEST: usize = 200;
    let fresh = |timeline: &Timeline| {
        let age = timeline.first_seen().map_or(0, |at| model.now.as_millisecond() - at.as_millisecond());
        (timeline.each().any(Timeline::is_open) && age < 6 * STATUS_MS)
            || (age < STATUS_MS
                && !delivery::settled(
                    &delivery::deliveries(timeline, &model.subscriptions.known),
                    &model.subscriptions.known,
                ))
    };
    model.uploads.transfers.iter().any(crate::domain::transfer::Transfer::is_under_way)
        // The newest come first; with more than these in progress, the others follow as these end.
        || model.uploads.timelines.all().iter().take(LATEST).any(fresh)
}

/// Takes back a notice that has been seen long enough.
fn fade(model: &mut Model) {
    if let Some(notice) = &model.notice {
        let limit = if notice.level == NoticeLevel::Error { NOTICE_MS.1 } else { NOTICE_MS.0 };
        if model.now.as_millisecond() - notice.at.as_millisecond() >= limit {
            model.notice = None;
        }
    }
}
