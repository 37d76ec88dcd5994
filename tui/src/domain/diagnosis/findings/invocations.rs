//! What the last invocations in the function's log name: whether uploads can be joined to them, and by what. Pure: lines in,
//! data out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::diagnosis::findings::lookup::Lookup;
use crate::domain::evidence::names::{EventField, KnownNames, Name};
use crate::domain::evidence::{Fact, ReportStatus, Write};
use crate::domain::log::{LineKind, LogLine, Streams, order};
use crate::domain::objects::Object;
use crate::domain::timeline::Basis;
use crate::text::clean::Clean;

/// The last invocations in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocations {
    /// From when on the log was read.
    pub since: Timestamp,
    /// The last ones that succeeded or name an object, at most [`Invocations::MOST`], in the order of time. What fails may
    /// never have come to its first line.
    pub all: Vec<Seen>,
    /// What came of reading the log to its end.
    pub rest: Lookup<()>,
    /// What came of listing the bucket to its end: only names of objects that are listed are found in lines.
    pub unlisted: Lookup<()>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When its last line was written.
    pub at: Timestamp,
    /// Whether it has one of imgwatch's records.
    pub is_recorded: bool,
    /// The strongest basis by which its lines can be joined to an upload.
    pub basis: Option<Basis>,
}

impl Invocations {
    /// Invocations that are searched.
    pub const MOST: usize = 20;

    /// The invocations in some lines, by the objects of the bucket. The facts are those of the lines.
    pub fn of(since: Timestamp, mut lines: Vec<LogLine>, facts: &[Fact], bucket: &Clean, objects: &[Object]) -> Self {
        let known = known(bucket, objects);
        lines.sort_by(|one, other| order(one).cmp(&order(other)));
        let (mut streams, mut found) = (Streams::default(), BTreeMap::<Clean, Found>::new());
        for line in &lines {
            let Some(id) = streams.apply(line) else { continue };
            let one = found.entry(id).or_insert_with(|| Found::new(line.at));
            one.at = one.at.max(line.at);
            match line.kind {
                LineKind::Record => one.is_recorded = true,
                LineKind::Text => {
                    one.names.extend(known.find(line.full.raw()));
                    one.is_without_object |= is_without_object(line.full.raw());
                }
                LineKind::Init | LineKind::Start | LineKind::End | LineKind::Report => {}
            }
        }
        let has_reports = facts.iter().any(|fact| matches!(fact, Fact::Invoked(_) | Fact::Reported(..)));
        for fact in facts {
            if let Fact::Reported(source, report) = fact
                && let Some(one) = source.lambda_request_id.as_ref().and_then(|id| found.get_mut(id))
            {
                one.has_succeeded |= report.status == ReportStatus::Success;
            }
        }
        let seen = found.into_values().filter_map(|one| {
            let basis = one.basis();
            // Without Lambda's own lines nothing says how it ended.
            let has_ended_well = one.has_succeeded || !has_reports;
            let counts = one.is_recorded || basis.is_some() || (has_ended_well && !one.is_without_object);
            counts.then_some(Seen { at: one.at, is_recorded: one.is_recorded, basis })
        });
        let mut all: Vec<Seen> = seen.collect();
        all.sort_by_key(|seen| seen.at);
        all.drain(..all.len().saturating_sub(Self::MOST));
        Self { since, all, rest: Lookup::Found(()), unlisted: Lookup::Found(()) }
    }

    /// How many can be joined by each basis, the strongest first.
    pub fn by_basis(&self) -> impl Iterator<Item = (Basis, usize)> {
        let mut counts = BTreeMap::<Basis, usize>::new();
        for basis in self.all.iter().filter_map(|seen| seen.basis) {
            *counts.entry(basis).or_default() += 1;
        }
        counts.into_iter().rev()
    }

    /// How many have one of imgwatch's records.
    pub fn recorded(&self) -> usize {
        self.all.iter().filter(|seen| seen.is_recorded).count()
    }
}

/// The names of all objects.
fn known(bucket: &Clean, objects: &[Object]) -> KnownNames {
    let mut known = KnownNames::default();
    for object in objects {
        known.add(&Write {
            bucket: bucket.clone(),
            key: object.key.clone(),
            e_tag: object.e_tag.clone(),
            version_id: None,
            sequencer: None,
            s3_request_id: None,
        });
    }
    known
}

/// Whether it is a line of imgwatch's handler about a message without an object: S3's test event, or one that it cannot read.
/// Where a queue delivers such a message again, the invocation succeeds, and there is no object to name.
fn is_without_object(line: &str) -> bool {
    let Ok(Value::Object(fields)) = serde_json::from_str(line) else { return false };
    let has = |name: &str| fields.get(name).is_some_and(Value::is_string);
    has("requestId") && has("entry") && !has("key")
}

/// An invocation in progress.
struct Found {
    at: Timestamp,
    has_succeeded: bool,
    is_recorded: bool,
    is_without_object: bool,
    names: BTreeSet<Name>,
}

impl Found {
    fn new(at: Timestamp) -> Self {
        Self { at, has_succeeded: false, is_recorded: false, is_without_object: false, names: BTreeSet::new() }
    }

    /// The whole event has S3's request id, whichever it is. An answer of S3's has such an id too, and no sequencer.
    fn basis(&self) -> Option<Basis> {
        let has = |field| self.names.contains(&Name::EventField(field));
        if has(EventField::S3RequestId) && has(EventField::Sequencer) {
            return Some(Basis::S3RequestId);
        }
        let names = |is_one: fn(&Name) -> bool| self.names.iter().any(is_one);
        let (key, e_tag) = (names(|name| matches!(name, Name::Key(_))), names(|name| matches!(name, Name::ETag(_))));
        match (key, e_tag) {
            _ if names(|name| matches!(name, Name::KeyAndETag(..))) => Some(Basis::KeyAndETag),
            (true, true) => Some(Basis::KeyAndETag),
            (true, false) => Some(Basis::Key),
            _ if names(|name| matches!(name, Name::KeyPart(_))) => Some(Basis::KeyPart),
            (false, true) => Some(Basis::ETag),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests;
