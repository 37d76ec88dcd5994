//! The basis `time`: one upload and one invocation that names no object, where neither has another candidate.
//!
//! Three things are asked for. No other upload of this process was in progress when this one began, or began before the
//! invocation, and no other such invocation began while the upload may have started one. A listing of the bucket, made a little after the invocation ended,
//! shows no other object that may have started it. The log was read without a gap from before the first attempt of anything
//! that may have been tried again, to that listing. What any upload or line makes doubtful is joined to none.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::claims::Upload;
use crate::domain::evidence::{Listed, ListedObject, LogStretch, Write};
use crate::text::clean::Clean;

/// S3 starts an invocation within seconds, and sometimes takes more than a minute.
pub const USUAL_MS: i64 = 2 * 60_000;

/// How long the event of an upload that has no invocation may still take.
const LONGEST_MS: i64 = 10 * 60_000;

/// This machine's clock and those of AWS may differ by so much. It counts against a join and never for it.
const SKEW_MS: i64 = 5_000;

/// From the end of an invocation to a listing that counts: the log and the bucket may show by then what else there was.
pub const LULL_MS: i64 = 3_000;

/// From the first to the last attempt of an invocation that fails at once: Lambda waits for one minute, and for two.
const RETRIES_MS: i64 = 4 * 60_000;

/// How long a multipart upload may have taken: S3 dates it by its beginning.
pub const MULTIPART_MS: i64 = 24 * 3_600_000;

/// An invocation of which no line names an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Silent<'a> {
    /// The first line of its first attempt.
    pub began: Timestamp,
    /// The REPORT line of its first attempt; `None` while that runs.
    pub ended: Option<Timestamp>,
    /// Lambda's request id.
    pub id: &'a Clean,
    /// Whether a line says that it began then. Without one, it may have begun before.
    pub is_started: bool,
}

/// What else is known of the time.
#[derive(Debug, Default)]
pub struct Surroundings<'a> {
    /// All of them, the earliest first.
    pub silent: Vec<Silent<'a>>,
    /// When lines were written that name an object and belong to no invocation, in their order.
    pub loose: Vec<Timestamp>,
    pub listings: Vec<&'a Listed>,
    pub log: Vec<LogStretch>,
}

/// The invocation of one upload.
#[derive(Debug, PartialEq, Eq)]
pub enum ByTime<'a> {
    Joined(&'a Clean),
    /// It is the only one that it can be, and ended at this moment; no listing tells yet whether another object was there.
    Unlisted(Timestamp),
}

/// The invocations of some uploads, with their places. `is_taken` are those of which a stronger basis speaks.
pub fn by_time<'a>(
    uploads: &[Upload<'_>],
    is_taken: impl Fn(usize) -> bool,
    around: &Surroundings<'a>,
) -> Vec<(usize, ByTime<'a>)> {
    let mut order: Vec<(usize, &Upload<'_>)> = uploads.iter().enumerate().collect();
    order.sort_by_key(|(_, upload)| upload.began);
    let next_began = order.iter().skip(1).map(|(_, next)| Some(next.began.as_millisecond())).chain([None]);
    // Until when an invocation may be of an earlier upload.
    let mut in_progress_until = i64::MIN;
    let mut found = Vec::new();
    for ((place, upload), next_began) in order.iter().zip(next_began) {
        let stored = upload.stored.as_millisecond();
        let is_free = !upload.is_joined && !is_taken(*place);
        let only = around.only(upload).filter(|one| {
            let began = one.began.as_millisecond();
            let is_alone = in_progress_until < upload.began.as_millisecond()
                && next_began.is_none_or(|next| next > began + SKEW_MS);
            is_free && is_alone && around.log_covers(one)
        });
        let join = only.and_then(|one| around.judge(upload.write, upload.began, one));
        let has_invocation = upload.is_joined || is_taken(*place) || matches!(join, Some(ByTime::Joined(_)));
        let until = stored + if has_invocation { USUAL_MS } else { LONGEST_MS };
        in_progress_until = in_progress_until.max(until);
        found.extend(join.map(|join| (*place, join)));
    }
    found
}

impl<'a> Surroundings<'a> {
    /// The only invocation that an upload may have started.
    fn only(&self, upload: &Upload<'_>) -> Option<&Silent<'a>> {
        let (began, until) = (upload.began.as_millisecond(), upload.stored.as_millisecond() + USUAL_MS);
        let from = began - SKEW_MS;
        if between(&self.loose, |at| at.as_millisecond(), from, until).next().is_some() {
            return None;
        }
        let mut candidates = between(&self.silent, |one| one.began.as_millisecond(), from, until);
        let only = candidates.next().filter(|one| one.is_started && one.began.as_millisecond() >= began)?;
        candidates.next().is_none().then_some(only)
    }

    /// Whether the log was read from before anything of which an attempt may have been taken for this invocation.
    fn log_covers(&self, one: &Silent<'_>) -> bool {
        let Some(ended) = one.ended else { return false };
        let (began, ended) = (one.began.as_millisecond(), ended.as_millisecond());
        let from = began - RETRIES_MS - 2 * (ended - began).max(0);
        self.log.iter().any(|stretch| stretch.from.as_millisecond() <= from)
    }

    /// What the listings say.
    fn judge(&self, write: &Write, upload_began: Timestamp, one: &Silent<'a>) -> Option<ByTime<'a>> {
        let (began, ended) = (one.began.as_millisecond(), one.ended?);
        let from = upload_began.as_millisecond() - USUAL_MS;
        let listings = || self.listings.iter().filter(|listed| listed.bucket == write.bucket);
        let rivals = |listed: &&&Listed| {
            listed.objects.iter().flatten().any(|object| is_other(object, write) && may_start(object, from, began))
        };
        if listings().any(|listed| rivals(&listed)) {
            return None;
        }
        let counts = |listed: &&&Listed| {
            listed.at.as_millisecond() >= ended.as_millisecond() + LULL_MS && listed.since.as_millisecond() <= from
        };
        let mut counting = listings().filter(counts).peekable();
        if counting.peek().is_none() {
            return Some(ByTime::Unlisted(ended));
        }
        let is_read = |listed: &Listed| self.log.iter().any(|stretch| stretch.to >= listed.at);
        counting.any(|listed| listed.objects.is_some() && is_read(listed)).then_some(ByTime::Joined(one.id))
    }
}

/// Whether an object is not what the upload wrote.
fn is_other(object: &ListedObject, write: &Write) -> bool {
    object.key != write.key || object.e_tag.as_ref().zip(write.e_tag.as_ref()).is_some_and(|(a, b)| a != b)
}

/// Whether the write of an object may have started an invocation that began then.
fn may_start(object: &ListedObject, from: i64, began: i64) -> bool {
    let modified = object.modified.as_millisecond();
    // S3 tells whole seconds.
    let from = if object.is_multipart() { from - MULTIPART_MS } else { from - 1_000 };
    modified >= from && modified <= began + SKEW_MS
}

/// Those of a sorted list within two moments.
fn between<T>(all: &[T], at: impl Fn(&T) -> i64, from: i64, until: i64) -> impl Iterator<Item = &T> {
    let start = all.partition_point(|one| at(one) < from);
    let end = all.partition_point(|one| at(one) <= until);
    all.get(start..end).unwrap_or_default().iter()
}

/// From when on the bucket is listed for an upload.
pub fn listed_since(began: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(began.as_millisecond() - USUAL_MS).unwrap_or(began)
}

/// The invocations that name no object.
pub(super) fn silent<'a>(
    invocations: impl Iterator<Item = Silent<'a>>,
    names_an_object: impl Fn(&Clean) -> bool,
) -> Vec<Silent<'a>> {
    let silent: BTreeSet<Silent<'a>> = invocations.filter(|one| !names_an_object(one.id)).collect();
    silent.into_iter().collect()
}
