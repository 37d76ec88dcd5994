//! What several facts of one upload say together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{FoundBy, Outcome, Publication};
use crate::domain::evidence::{Fact, Write};
use crate::text::clean::Clean;

/// One success outweighs every failure: a message that SNS accepted stays accepted.
pub(super) fn outcome(facts: &BTreeSet<&Fact>) -> Outcome {
    let mut published: BTreeMap<Clean, Timestamp> = BTreeMap::new();
    let mut latest: Option<(Timestamp, Outcome)> = None;
    for fact in facts {
        let candidate = match fact {
            Fact::Published { source, message_id, .. } => {
                let at = published.entry(message_id.clone()).or_insert(source.at);
                *at = (*at).min(source.at);
                continue;
            }
            Fact::Skipped { source, reason, .. } => (source.at, Outcome::Skipped(reason.clone())),
            Fact::Failed { source, reason, .. } => (source.at, Outcome::Failed(reason.clone())),
            _ => continue,
        };
        if latest.as_ref().is_none_or(|(at, _)| *at <= candidate.0) {
            latest = Some(candidate);
        }
    }
    if published.is_empty() {
        return latest.map_or(Outcome::Waiting, |(_, outcome)| outcome);
    }
    let mut publications: Vec<Publication> =
        published.into_iter().map(|(message_id, at)| recorded(at, message_id)).collect();
    publications.sort();
    Outcome::Published(publications)
}

/// A message of which a record tells; what joins it to an upload is known later.
fn recorded(at: Timestamp, message_id: Clean) -> Publication {
    Publication { at, message_id, found: FoundBy::Record, basis: None, attributes: None }
}

/// What all sources together know of a write; the upload's own answer comes first.
pub(super) fn merged(upload: Option<&Write>, events: &[&Write]) -> Write {
    let mut sources = upload.into_iter().chain(events.iter().copied());
    let Some(mut write) = sources.next().cloned() else {
        return Write {
            bucket: Clean::new(""),
            key: Clean::new(""),
            e_tag: None,
            version_id: None,
            sequencer: None,
            s3_request_id: None,
        };
    };
    for other in sources {
        let fill = |into: &mut Option<Clean>, from: &Option<Clean>| {
            if into.is_none() {
                into.clone_from(from);
            }
        };
        fill(&mut write.e_tag, &other.e_tag);
        fill(&mut write.version_id, &other.version_id);
        fill(&mut write.sequencer, &other.sequencer);
        fill(&mut write.s3_request_id, &other.s3_request_id);
    }
    write
}
