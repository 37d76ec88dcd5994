//! When to notify the user: an upload failed, or an image was uploaded elsewhere, while the dashboard is not used.
//!
//! A burst is one call, and notifications keep a distance. The events that are read at the start send no notification.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::domain::display::Notify;
use crate::domain::ids::UploadId;
use crate::domain::timeline::{Timeline, UploadStatus};
use crate::domain::transfer::{Transfer, TransferState};
use crate::effect::{Effect, TerminalEffect};
use crate::model::Model;
use crate::model::notify::Event;
use crate::text::clean::Clean;
use crate::text::time::millis_between;
use crate::text::width::cut;

/// Milliseconds after a key press during which the user is taken to look at the screen.
const PRESENT_MS: i64 = 10_000;
/// How long a call waits for what else happens, in milliseconds.
const GATHER_MS: i64 = 1_000;
/// The least time between two notifications, in milliseconds.
const APART_MS: i64 = 10_000;
/// How often it is looked what ended, in milliseconds.
const LOOK_MS: i64 = 500;
/// Columns of a key in a call.
const KEY: usize = 80;

/// The user pressed a key or the mouse: what happens now is seen.
pub(super) fn touch(model: &mut Model) {
    model.notifications.touched = Some(model.now);
    model.notifications.waiting.clear();
    model.notifications.gathering = None;
}

/// Another connection stands: what is older than this moment comes from the past.
pub(super) fn begin(model: &mut Model) {
    model.notifications.since = Some(model.now);
}

/// Looks for what is worth a call, and notifications when it is time.
pub(super) fn when_due(model: &mut Model) -> Option<Effect> {
    if model.notifications.how == Notify::None {
        return None;
    }
    let now = model.now;
    let passed = |since: Option<Timestamp>, least| since.is_none_or(|since| millis_between(since, now) >= least);
    // Looking at thousands of uploads takes a while, and notifications are not that urgent.
    if passed(model.notifications.looked, LOOK_MS) {
        model.notifications.looked = Some(now);
        notice(model);
    }
    let notifications = &mut model.notifications;
    if notifications.waiting.is_empty()
        || !passed(notifications.gathering, GATHER_MS)
        || !passed(notifications.called, APART_MS)
    {
        return None;
    }
    let text = words(&std::mem::take(&mut notifications.waiting));
    (notifications.gathering, notifications.called) = (None, Some(now));
    // A terminal without UTF-8 could take a part of a letter for a control.
    let text = if model.display.ascii { text.replace(|c: char| !c.is_ascii(), "?") } else { text };
    Some(Effect::Terminal(TerminalEffect::Notify(model.notifications.how, text.into())))
}

/// Puts aside what ended since the last look.
fn notice(model: &mut Model) {
    let Some(since) = model.notifications.since else { return };
    let now = model.now;
    let is_here = model.notifications.touched.is_some_and(|at| millis_between(at, now) < PRESENT_MS);
    // The log may be sooner than S3's answer to an upload of this dashboard's own.
    let sending: HashSet<&Clean> =
        model.uploads.transfers.iter().filter(|transfer| transfer.is_sending()).map(|transfer| &transfer.key).collect();
    let ended = model.uploads.transfers.iter().filter_map(of_transfer);
    let ended: Vec<(String, Option<Event>)> = ended
        .chain(
            model.uploads.timelines.all().iter().filter_map(|timeline| of_timeline(timeline, model, &sending, since)),
        )
        .collect();
    let notifications = &mut model.notifications;
    for (id, event) in &ended {
        // What the user has seen, or what is older than this program, is not notified later either.
        if let Some(event) = event.as_ref().filter(|_| !notifications.seen.contains(id) && !is_here) {
            notifications.waiting.push(event.clone());
            notifications.gathering.get_or_insert(now);
        }
    }
    notifications.seen = ended.into_iter().map(|(id, _)| id).collect::<HashSet<_>>();
}

fn of_transfer(transfer: &Transfer) -> Option<(String, Option<Event>)> {
    let UploadId(number) = transfer.id;
    let event = || Some(Event::Failed(transfer.key.clone()));
    matches!(transfer.state, TransferState::Failed(_)).then(|| (format!("upload {number}"), event()))
}

fn of_timeline(
    timeline: &Timeline,
    model: &Model,
    sending: &HashSet<&Clean>,
    since: Timestamp,
) -> Option<(String, Option<Event>)> {
    let key = &timeline.write.key;
    let event = match model.status(timeline) {
        _ if timeline.upload.is_none() && sending.contains(key) => return None,
        UploadStatus::Failed => Some(Event::Failed(key.clone())),
        UploadStatus::Published if timeline.upload.is_none() => Some(Event::Landed(key.clone())),
        UploadStatus::Published | UploadStatus::Processed | UploadStatus::Skipped => None,
        _ => return None,
    };
    let is_past = timeline.first_seen().is_none_or(|at| at < since);
    Some((timeline.id(), event.filter(|_| !is_past)))
}

/// One event by its key, several by their number.
fn words(events: &[Event]) -> String {
    let short = |key: &Clean| cut(key.shown(), KEY);
    match events {
        [Event::Failed(key)] => return format!("imgwatch: upload failed: {}", short(key)),
        [Event::Landed(key)] => return format!("imgwatch: new image: {}", short(key)),
        _ => {}
    }
    let failed = events.iter().filter(|event| matches!(event, Event::Failed(_))).count();
    let landed = events.len() - failed;
    let count = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    };
    let parts = [count(failed, "upload failed", "uploads failed"), count(landed, "new image", "new images")];
    format!("imgwatch: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests;
