//! Invocations that may be of any upload.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;

use super::{KnownFunctions, Timeline};
use crate::domain::evidence::{Fact, ReportStatus};
use crate::text::clean::Clean;

/// An invocation of which no line names an image: a function of others, or one that cannot start. It may be anyone's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unnamed {
    /// When its first line was written.
    pub at: Timestamp,
    /// Whether one of its attempts failed.
    pub failed: bool,
}

/// The invocations of the followed function that name no image, oldest first.
pub fn unnamed(facts: &BTreeSet<Fact>, timelines: &[Timeline], followed: &KnownFunctions) -> Vec<Unnamed> {
    let invocations = timelines.iter().flat_map(Timeline::each).flat_map(|part| &part.invocations);
    let mut named: HashSet<&Clean> = invocations.map(|invocation| &invocation.request_id).collect();
    let mut unnamed: HashMap<&Clean, Unnamed> = HashMap::new();
    for fact in facts.iter().filter(|fact| fact.source().is_some_and(|source| followed.has(source))) {
        let (source, failed) = match fact {
            Fact::Invoked(source) => (source, false),
            Fact::Reported(source, report) => (source, report.status != ReportStatus::Success),
            _ => {
                named.extend(fact.record().and_then(|(source, _)| source.lambda_request_id.as_ref()));
                continue;
            }
        };
        let Some(id) = &source.lambda_request_id else { continue };
        let known = unnamed.entry(id).or_insert(Unnamed { at: source.at, failed });
        (known.at, known.failed) = (known.at.min(source.at), known.failed || failed);
    }
    unnamed.retain(|id, _| !named.contains(id));
    let mut unnamed: Vec<Unnamed> = unnamed.into_values().collect();
    unnamed.sort_unstable();
    unnamed
}
