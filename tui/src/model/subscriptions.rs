//! The Subscriptions panel.

use jiff::Timestamp;

use super::filter::Filter;
use super::load::Load;
use super::metrics::Metrics;
use super::selection::Selection;
use crate::domain::subscriptions::{Protocol, Subscription, Subscriptions};
use crate::text::clean::Clean;

#[derive(Debug, Default)]
pub struct SubscriptionsPanel {
    pub known: Subscriptions,
    /// What CloudWatch counts of the topic.
    pub metrics: Metrics,
    /// The latest listing.
    pub load: Load,
    /// When the latest listing was answered, well or not.
    pub tried_at: Option<Timestamp>,
    /// What `/` narrows the list to.
    pub filter: Filter,
    /// The row under the cursor, among those that match.
    pub selection: Selection,
    /// The selected one, so that another order does not move the selection.
    pub selected: Option<(Protocol, Clean)>,
}

impl SubscriptionsPanel {
    /// Those that match the filter.
    pub fn visible(&self) -> impl Iterator<Item = &Subscription> {
        self.known.items.iter().filter(|item| self.filter.matches_any(|| [item.endpoint.shown(), item.protocol.word()]))
    }

    /// The one under the cursor.
    pub fn selected(&self) -> Option<&Subscription> {
        self.visible().nth(self.selection.cursor)
    }
}
