//! Counts the objects that are newer than the newest entry of the log, where the log can be read and has every invocation.

use jiff::SignedDuration;

use crate::domain::log::Tail;
use crate::domain::newer::{GRACE_MS, Newer, Since};
use crate::model::logs::BACKFILL;
use crate::model::{Connection, Model};

/// The feeds begin: the log is read from then on.
pub(super) fn connected(model: &mut Model) {
    model.logs.read_from = model.now.checked_sub(BACKFILL).ok();
}

/// Counts again. Costs a search, unless an earlier moment counts than before.
pub(super) fn count(model: &mut Model) {
    model.newer = found(model);
}

fn found(model: &mut Model) -> Option<Newer> {
    let since = since(model)?;
    let until = model.now.checked_sub(SignedDuration::from_millis(GRACE_MS)).ok()?;
    if since.at() >= until {
        return None;
    }
    let count = model.objects.written(since.at(), until);
    (count > 0).then_some(Newer { count, listed_at: model.objects.listed_at, since })
}

/// What there was last of the function. Nothing where the log cannot be read at present, and where not every invocation may
/// leave a line in it.
fn since(model: &Model) -> Option<Since> {
    let logs = &model.logs;
    let has_group = logs.tail != Tail::NoInvocationYet;
    if has_group && model.uploads.timelines.platform_lines(logs.reading()) != Some(true) {
        return None;
    }
    match (&model.connection, &logs.tail) {
        (Connection::Ready, Tail::Live | Tail::Every { .. }) => {
            let last = logs.invoked_at.map(Since::Invocation).or_else(|| logs.newest().map(Since::Line));
            last.or(logs.read_from.map(Since::Reading))
        }
        (Connection::Ready, Tail::NoInvocationYet) if logs.total() == 0 => logs.read_from.map(Since::NoGroup),
        _ => None,
    }
}
