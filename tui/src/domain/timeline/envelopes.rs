//! In what the event of each upload came to its invocations.

use std::collections::{BTreeSet, HashMap};

use super::Timeline;
use super::join::same_object;
use super::named::NamedLines;
use crate::domain::evidence::{Envelope, LogSource, Write};
use crate::text::clean::Clean;

/// The writes whose events the log shows, and in what each came.
#[derive(Default)]
pub(super) struct Envelopes<'a>(Vec<(&'a LogSource, &'a Write, &'a Envelope)>);

/// The same by invocation.
pub(super) struct ByInvocation<'a>(HashMap<&'a Clean, BTreeSet<(&'a Write, &'a Envelope)>>);

impl<'a> Envelopes<'a> {
    pub(super) fn add(&mut self, source: &'a LogSource, write: &'a Write, envelope: &'a Envelope) {
        self.0.push((source, write, envelope));
    }

    pub(super) fn by_invocation(&self, lines: &NamedLines<'a>) -> ByInvocation<'a> {
        let mut found: HashMap<&Clean, BTreeSet<(&Write, &Envelope)>> = HashMap::new();
        for &(source, write, envelope) in &self.0 {
            if let Some(id) = lines.invocation(source) {
                found.entry(id).or_default().insert((write, envelope));
            }
        }
        ByInvocation(found)
    }
}

impl ByInvocation<'_> {
    /// Adds to the invocations of a timeline in what its event came to each.
    pub(super) fn open(&self, timeline: &mut Timeline) {
        let write = &timeline.write;
        for invocation in &mut timeline.invocations {
            let Some(all) = self.0.get(&invocation.request_id) else { continue };
            let is_request =
                |event: &Write| event.s3_request_id.is_some() && event.s3_request_id == write.s3_request_id;
            // A batch may hold the events of several writes of one key: the id decides, where there is one.
            let by_request = only(all.iter().filter(|(event, _)| is_request(event)).map(|(_, envelope)| *envelope));
            let by_object = || only(all.iter().filter(|(event, _)| same_object(write, event)).map(|(_, it)| *it));
            invocation.envelope = by_request.or_else(by_object).cloned();
        }
    }
}

/// What all say, if they say one thing. A queue may deliver a message twice in one batch.
fn only<'a>(mut all: impl Iterator<Item = &'a Envelope>) -> Option<&'a Envelope> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
