//! What is due without any news: requests that other answers call for, and the ends of waits.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::{LISTING_PATIENCE, Watch};
use crate::cli::Until;
use crate::command::upload::hold::Hold;
use crate::command::upload::job::{End, Job};
use crate::domain::timeline::Timeline;
use crate::effect::CloudEffect;

impl Watch {
    /// The requests that are due: the listing of what others wrote beside an upload whose invocation is known by time only, and
    /// the counts that may show which message is an upload's.
    pub(in crate::command::upload) fn requests_due(&mut self) -> Vec<CloudEffect> {
        let now = Timestamp::now();
        let listing = self.uploads.listing_to_ask(now).map(|since| CloudEffect::ListWritten { since });
        let counts = std::iter::from_fn(|| self.uploads.counts_to_ask(now));
        // Where `processed` is enough, no count is waited for.
        let counts = counts.take_while(|_| self.args.until == Until::Published);
        listing.into_iter().chain(counts.map(CloudEffect::CountMessages)).collect()
    }

    /// When CloudWatch's counts should be complete that may still show a publication of an upload, if they are waited for.
    pub(in crate::command::upload) fn awaits_counts(&self, timeline: &Timeline) -> Option<Timestamp> {
        self.uploads.awaits_counts(timeline, Timestamp::now()).filter(|_| self.args.until == Until::Published)
    }

    /// Whether such counts are waited for, and not the patience.
    fn waits_for_counts(&self, job: &Job) -> bool {
        let parts = self.timeline(job).into_iter().flat_map(Timeline::each);
        parts.filter(|part| part.is_processed()).any(|part| self.awaits_counts(part).is_some())
    }

    /// When something ends without any news: the wait, or the patience for delivery statuses.
    pub(in crate::command::upload) fn wakes_at(&self) -> Option<Instant> {
        let jobs = self.jobs.iter().filter(|job| job.end.is_none() && !self.waits_for_counts(job));
        let open: Vec<(End, Instant)> = jobs.filter_map(|job| job.last_news).collect();
        let patience = open.iter().filter_map(|(end, since)| {
            (self.listed || *end != End::Published).then_some(*since + self.delivery_status_patience)
        });
        let paths = open.iter().filter(|_| !self.wiring.is_read()).map(|(_, since)| *since + LISTING_PATIENCE);
        // What has passed was judged already, and waits for news.
        let is_ahead = |at: &Instant| self.judged_at.is_none_or(|judged| *at > judged);
        let hold = if let Hold::Until(end) = self.hold { Some(end) } else { None };
        let now = Timestamp::now();
        let wait = |due: Timestamp| Duration::try_from(due.duration_since(now)).ok();
        let requests = self.uploads.listing_due(now).into_iter().chain(self.uploads.counts_due(now));
        let requests = requests.filter_map(wait).map(|wait| Instant::now() + wait);
        patience.chain(paths).filter(is_ahead).chain(self.deadline).chain(hold).chain(requests).min()
    }
}
