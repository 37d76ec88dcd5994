//! The topic's own counts, as CloudWatch keeps them: of the whole topic and by the minute, never of one subscriber.

use jiff::Timestamp;

use super::load::Load;
use crate::domain::metrics::{Counts, Minute};
use crate::domain::problem::ProblemKind;

/// What CloudWatch counts of the topic.
#[derive(Debug, Default)]
pub struct Metrics {
    /// The latest request.
    pub load: Load,
    /// When the latest request was answered, well or not.
    pub tried_at: Option<Timestamp>,
    /// When the counts were read; `None` while there are none.
    pub read_at: Option<Timestamp>,
    /// The minutes that have counts, in any order.
    pub minutes: Vec<Minute>,
}

impl Metrics {
    /// Whether reading them is not allowed; then they are not asked for again.
    pub fn is_denied(&self) -> bool {
        self.load.problem().is_some_and(|problem| problem.kind == ProblemKind::Denied)
    }

    /// The sum of the minutes up to when the counts were read.
    pub fn last(&self, minutes: i64) -> Counts {
        let Some(read_at) = self.read_at else { return Counts::default() };
        let since = read_at.as_second() - minutes * 60;
        let recent = self.minutes.iter().filter(|minute| minute.at.as_second() >= since);
        recent.fold(Counts::default(), |sum, Minute { counts, .. }| Counts {
            published: sum.published + counts.published,
            delivered: sum.delivered + counts.delivered,
            failed: sum.failed + counts.failed,
            filtered_out: sum.filtered_out + counts.filtered_out,
        })
    }
}
