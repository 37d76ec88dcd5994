//! Says once of a pipeline that its function names no object, and what would make its uploads known exactly.

use crate::domain::log;
use crate::model::{Model, NoticeLevel};

/// So long after an upload, its own invocation has mostly come.
const SETTLED_MS: i64 = 15_000;

pub(super) fn notify(model: &mut Model) {
    let Some(nameless) = model.uploads.timelines.nameless().filter(|_| model.logs.nameless_notified_at.is_none())
    else {
        return;
    };
    if model.now.as_millisecond() - nameless.since.as_millisecond() >= SETTLED_MS {
        model.logs.nameless_notified_at = Some(model.now);
        model.say(NoticeLevel::Hint, log::advice(nameless.invocations, model.logs.settings.as_ref()));
    }
}
