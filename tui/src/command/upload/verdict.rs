//! How a file has ended, and the exit code: the worst end of all files.

use tokio::time::Instant;

use super::job::{End, Job};
use super::watch::{LISTING_PATIENCE, Watch};
use crate::domain::delivery::{self, DeliveryState};
use crate::domain::timeline::{Basis, Outcome, Timeline};
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

/// What several functions made of an upload is what the first of these says.
const WORST_FIRST: [End; 4] = [End::Failed, End::Published, End::Processed, End::Skipped];

/// How a function has ended with an upload; `None` while it has not.
pub(super) fn end_of(part: &Timeline) -> Option<End> {
    match &part.outcome {
        Outcome::Published(_) => Some(End::Published),
        Outcome::Skipped(_) => Some(End::Skipped),
        _ if part.has_given_up() => Some(End::Failed),
        _ if part.is_processed() => Some(End::Processed),
        _ => None,
    }
}

/// The function that decides what is said of an upload: one that has not ended, else the worst end.
pub(super) fn worst(timeline: &Timeline) -> &Timeline {
    let rank = |part: &&Timeline| match end_of(part) {
        Some(End::Failed) => 0,
        None => 1,
        Some(End::Published) => 2,
        Some(End::Processed) => 3,
        _ => 4,
    };
    timeline.each().min_by_key(rank).unwrap_or(timeline)
}

impl Watch {
    /// How a stored file has ended, if it has: with every function that its event goes to.
    pub(super) fn verdict(&self, job: &mut Job, now: Instant, late: bool) -> Option<End> {
        let Some(timeline) = self.timeline(job) else { return late.then_some(End::TimedOut) };
        let ends: Vec<Option<End>> = timeline.each().map(end_of).collect();
        let is_open = ends.contains(&None) || self.awaited(timeline).next().is_some();
        let Some(end) = WORST_FIRST.into_iter().find(|end| ends.contains(&Some(*end))) else {
            return late.then_some(End::TimedOut);
        };
        if is_open {
            // What one function has done says nothing of the others, but that one has failed stays.
            return late.then_some(if end == End::Failed { end } else { End::TimedOut });
        }
        let since = job.waits_since(end, now);
        if !late && !self.wiring.is_read() && now < since + LISTING_PATIENCE {
            // More functions may come to light.
            return None;
        }
        let is_over = since + self.delivery_status_patience <= now;
        let is_done = |part: &Timeline| match end_of(part) {
            Some(End::Published) => self.is_settled(part) || (self.listed && is_over),
            Some(End::Processed) => is_over && self.awaits_counts(part).is_none(),
            _ => true,
        };
        (late || timeline.each().all(is_done)).then_some(end)
    }

    /// The functions that an event certainly goes to, and whose logs are read and do not show it yet.
    pub(super) fn awaited<'a>(&'a self, timeline: &'a Timeline) -> impl Iterator<Item = &'a str> {
        let followed = self.wiring.follow();
        let expected = timeline.expected(&self.wiring).into_iter().filter(|one| one.is_sure);
        let is_read = move |name: &&Clean| {
            followed.logs.iter().any(|log| log.function.name == **name) && !self.unread.contains(*name)
        };
        expected.map(|one| &one.function.name).filter(is_read).map(Clean::raw)
    }

    /// Whether nothing more is to be learned of what a function published: awaited delivery statuses are here, and so is
    /// Lambda's report, which has the cold start.
    fn is_settled(&self, part: &Timeline) -> bool {
        let reported = part.last_attempt().is_some_and(|attempt| attempt.report.is_some());
        self.listed
            && self.knows_topics
            // Nothing is awaited of a topic whose subscribers are not listed, and something may come.
            && part.shares_topic
            && reported
            && delivery::settled(&delivery::of_function(part, &self.subscriptions), &self.subscriptions)
    }
}

impl Watch {
    /// The worst end of all.
    pub(super) fn exit(&self) -> Exit {
        let timelines = || self.jobs.iter().filter_map(|job| self.timeline(job));
        let has = |state: DeliveryState| {
            // A topic that writes no delivery status is no reason to doubt what SNS has accepted.
            let mut rows = timelines().flat_map(|timeline| self.deliveries(timeline));
            rows.any(|row| row.state == state && !row.is_unlogged)
        };
        // Whether all subscribers were notified is unknown if they are not all known.
        let unlisted = self.args.wait && timelines().any(|timeline| self.incomplete(timeline).is_some());
        // The probe also proves nothing where it ended early.
        let is_unproven =
            |part: &Timeline| part.shares_topic && !part.publications().is_empty() && part.probed.is_empty();
        let unproven = self.args.probe && timelines().flat_map(Timeline::each).any(is_unproven);
        let is_by_time = |part: &Timeline| part.outcome_basis() == Some(Basis::Time);
        let is_probable = |job: &Job| self.timeline(job).is_some_and(|timeline| timeline.each().any(is_by_time));
        let exit = |job: &Job| job.end.map(|end| end.exit(self.args.until, is_probable(job)));
        let ends = || self.jobs.iter().filter_map(exit);
        Exit::of_findings(
            has(DeliveryState::Failed) || ends().any(|exit| exit == Exit::Failed),
            unproven || unlisted || has(DeliveryState::Unknown) || ends().any(|exit| exit == Exit::Unknown),
        )
    }
}
