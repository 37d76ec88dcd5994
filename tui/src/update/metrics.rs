//! The topic's metrics: asked for once a minute, and only while the panel is on the screen.

use crate::domain::ids::RequestId;
use crate::domain::metrics::Minute;
use crate::domain::problem::Problem;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::action::Panel;
use crate::model::load::Load;
use crate::model::{Connection, Model};

/// `CloudWatch` counts by the minute.
const EVERY_MS: i64 = 60_000;

/// Asks when it is time, the panel is shown, and there is a subscriber of whom nothing better is known.
pub(super) fn when_due(model: &mut Model) -> Option<Effect> {
    let metrics = &model.subscriptions.metrics;
    let is_shown = !model.zoom || model.focus == Panel::Subscriptions;
    let is_wanted = model.subscriptions.known.has_silent();
    let is_due = metrics.tried_at.is_none_or(|at| model.now.as_millisecond() - at.as_millisecond() >= EVERY_MS);
    if model.connection != Connection::Ready || metrics.is_denied() || metrics.load.is_loading() {
        return None;
    }
    if !(is_shown && is_wanted && is_due) {
        return None;
    }
    let request = model.next_request();
    model.subscriptions.metrics.load.begin(request);
    Some(Effect::Cloud(CloudEffect::ReadMetrics { request }))
}

/// The counts are here.
pub(super) fn read(model: &mut Model, request: RequestId, minutes: Vec<Minute>) {
    let metrics = &mut model.subscriptions.metrics;
    if metrics.load.expects(request) {
        metrics.load = Load::Ready;
        metrics.minutes = minutes;
        metrics.tried_at = Some(model.now);
        metrics.read_at = Some(model.now);
    }
}

/// They could not be read. That stops nothing else, so only the panel says so.
pub(super) fn failed(model: &mut Model, request: RequestId, problem: Problem) {
    let metrics = &mut model.subscriptions.metrics;
    if metrics.load.expects(request) {
        metrics.load = Load::Failed(problem);
        metrics.tried_at = Some(model.now);
    }
}
