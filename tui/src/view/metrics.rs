//! The topic's metrics in words: what CloudWatch counted, and that it is of the whole topic and a little old.
//!
//! ```text
//! whole topic, last 5 min: 12 delivered, 0 failed (CloudWatch metrics, up to 3 min late, not per subscriber)
//! ```

use ratatui::text::Line;

use super::text::count;
use super::theme;
use crate::domain::metrics::Counts;
use crate::model::Model;
use crate::text::width::{columns, cut};

/// Panels with fewer rows need them for subscriptions.
const LEAST_ROWS: u16 = 5;
/// The permission that reading them takes.
const PERMISSION: &str = "cloudwatch:GetMetricStatistics";

/// Whether the panel has a line of metrics.
pub(super) fn has_line(model: &Model, rows: u16) -> bool {
    let metrics = &model.subscriptions.metrics;
    rows >= LEAST_ROWS && model.subscriptions.known.has_silent() && (metrics.read_at.is_some() || metrics.is_denied())
}

/// The line, as much of it as fits.
pub(super) fn line(model: &Model, width: usize) -> Line<'static> {
    let metrics = &model.subscriptions.metrics;
    let forms = if metrics.is_denied() {
        let short = format!("not allowed: {PERMISSION}");
        [format!("topic metrics: {short}"), short.clone(), short.clone(), short]
    } else {
        let sum = short(metrics.last(5));
        [
            format!("whole topic, last 5 min: {sum} (CloudWatch metrics, up to 3 min late, not per subscriber)"),
            format!("whole topic, last 5 min: {sum} (CloudWatch, up to 3 min late)"),
            format!("whole topic, last 5 min: {sum} (CloudWatch)"),
            format!("topic, 5 min: {sum}"),
        ]
    };
    let text = forms.iter().find(|form| columns(form) <= width).or(forms.last());
    Line::styled(cut(text.map(String::as_str).unwrap_or_default(), width), theme::dim())
}

/// All that is known, for the details of a subscriber of which nothing else is known.
pub(super) fn details(model: &Model) -> Vec<String> {
    let metrics = &model.subscriptions.metrics;
    let mut rows = Vec::new();
    if metrics.is_denied() {
        rows.push(format!("not allowed: {PERMISSION}"));
    } else if let Some(read_at) = metrics.read_at {
        let (few, many) = (metrics.last(5), metrics.last(15));
        rows.push(format!("whole topic, last 5 min: {}", short(few)));
        if many != Counts::default() {
            rows.push(format!(
                "whole topic, last 15 min: {} published, {}, {} filtered out",
                count_of(many.published),
                short(many),
                count_of(many.filtered_out)
            ));
        }
        let read_at = read_at.strftime("%H:%M:%S");
        rows.push(format!("CloudWatch metrics as of {read_at} UTC, up to 3 min late, not per subscriber"));
    }
    rows
}

/// The counts of a topic, for a place that shows the topic itself.
pub(super) fn with_published(counts: Counts) -> String {
    if counts == Counts::default() {
        short(counts)
    } else {
        format!("{} published, {}", count_of(counts.published), short(counts))
    }
}

fn short(counts: Counts) -> String {
    // CloudWatch has no data then, which is less than to know that nothing happened.
    if counts == Counts::default() {
        return "no metrics yet".to_owned();
    }
    format!("{} delivered, {} failed", count_of(counts.delivered), count_of(counts.failed))
}

fn count_of(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_data_is_not_told_as_zero() {
        assert_eq!(with_published(Counts::default()), "no metrics yet");
        let one = Counts { published: 1, ..Counts::default() };
        assert_eq!(with_published(one), "1 published, 0 delivered, 0 failed");
    }
}
