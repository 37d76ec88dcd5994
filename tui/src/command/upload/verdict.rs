//! The exit code: the worst end of all files.

use super::job::Job;
use super::watch::Watch;
use crate::domain::delivery::DeliveryState;
use crate::domain::timeline::{Basis, Timeline};
use crate::terminal::exit::Exit;

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
        let unproven =
            self.args.probe && timelines().any(|one| !one.publications().is_empty() && one.probed.is_empty());
        let is_probable = |job: &Job| self.timeline(job).and_then(Timeline::outcome_basis) == Some(Basis::Time);
        let exit = |job: &Job| job.end.map(|end| end.exit(self.args.until, is_probable(job)));
        let ends = || self.jobs.iter().filter_map(exit);
        Exit::of_findings(
            has(DeliveryState::Failed) || ends().any(|exit| exit == Exit::Failed),
            unproven || unlisted || has(DeliveryState::Unknown) || ends().any(|exit| exit == Exit::Unknown),
        )
    }
}
