//! Counts the objects that are newer than the newest entry of the log, where the log can be read and has every invocation.

use jiff::SignedDuration;

use crate::domain::log::Tail;
use crate::domain::newer::{GRACE_MS, Newer, Since};
use crate::effect::{CloudEffect, Effect};
use crate::model::logs::BACKFILL;
use crate::model::{Connection, Model};

/// The wiring is read again for newer objects at most this often.
const REWIRE_EVERY_MS: i64 = 60_000;

/// The feeds begin: the log is read from then on.
pub(super) fn connected(model: &mut Model) {
    model.logs.read_from = model.now.checked_sub(BACKFILL).ok();
}

/// Counts again. Costs a search, unless an earlier moment counts than before.
pub(super) fn count(model: &mut Model) {
    model.newer = found(model);
}

/// Reads the wiring again when there are more of them: the function may log to another group by now, or the bucket may
/// invoke another one.
pub(super) fn read_wiring_when_due(model: &mut Model) -> Option<Effect> {
    let count = model.newer.as_ref().map_or(0, |newer| newer.count);
    if let Some((known, at)) = &mut model.rewired {
        *known = count.min(*known);
        if count == *known || model.now.as_millisecond() - at.as_millisecond() < REWIRE_EVERY_MS {
            return None;
        }
    }
    if count == 0 {
        return None;
    }
    model.rewired = Some((count, model.now));
    Some(Effect::Cloud(CloudEffect::ReadWiring))
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
