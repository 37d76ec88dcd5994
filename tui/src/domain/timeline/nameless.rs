//! Whether the function names no object: counted where invocations have come since an upload of this process.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::KnownFunctions;
use crate::domain::evidence::names::Name;
use crate::domain::evidence::{Fact, ReportStatus};
use crate::text::clean::Clean;

/// The invocations that began and succeeded since this process's first upload was stored, where no line of the log since then
/// names an object or holds an event: then the function does not seem to log any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nameless {
    /// How many; at least one.
    pub invocations: usize,
    /// When the first upload was stored. S3 takes seconds to send its event: until then they may all be those of others.
    pub since: Timestamp,
}

pub(super) fn nameless(facts: &BTreeSet<Fact>, followed: &KnownFunctions) -> Option<Nameless> {
    let stored = facts.iter().filter_map(|fact| if let Fact::Stored { at, .. } = fact { Some(*at) } else { None });
    let since = stored.min()?;
    let (mut begun, mut ended) = (BTreeSet::<&Clean>::new(), BTreeSet::<&Clean>::new());
    let is_followed = |fact: &&Fact| fact.source().is_none_or(|source| followed.has(source));
    for fact in facts.iter().filter(|fact| fact.at() >= since).filter(is_followed) {
        match fact {
            Fact::Invoked(source) => begun.extend(&source.lambda_request_id),
            Fact::Reported(source, report) if report.status == ReportStatus::Success => {
                ended.extend(&source.lambda_request_id);
            }
            // The id of a message says nothing of an object.
            Fact::Named(_, name) if !matches!(name, Name::MessageId(_)) => return None,
            _ if fact.record().is_some() => return None,
            _ => {}
        }
    }
    let invocations = begun.intersection(&ended).count();
    (invocations > 0).then_some(Nameless { invocations, since })
}
