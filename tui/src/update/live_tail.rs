//! Live Tail on and off, and what is said of it.

use crate::domain::live_tail::{COST, LiveTail, LiveTailMode};
use crate::effect::{CloudEffect, Effect};
use crate::model::{Model, NoticeLevel};

/// Turns it on or off, and says what that means.
pub(crate) fn toggle(model: &mut Model) -> CloudEffect {
    let wanted = !model.logs.wants_live_tail;
    model.logs.wants_live_tail = wanted;
    if wanted {
        model.say(NoticeLevel::Hint, format!("Live Tail on while an upload is in progress; {COST}"));
    } else {
        model.say(NoticeLevel::Hint, "Live Tail off; the log is polled");
    }
    CloudEffect::LiveTail(if wanted { LiveTailMode::InFlight } else { LiveTailMode::Off })
}

/// A new connection has no session yet, and may not know of the wish.
pub(super) fn connected(model: &mut Model) -> Option<Effect> {
    model.logs.live_tail = LiveTail::Off;
    model.logs.wants_live_tail.then_some(Effect::Cloud(CloudEffect::LiveTail(LiveTailMode::InFlight)))
}

/// What the cloud said of it. That a session began or ended needs no word: the panel's title shows it.
pub(super) fn apply(model: &mut Model, live_tail: LiveTail) {
    match &live_tail {
        LiveTail::Failed(problem) => model.say(NoticeLevel::Error, problem.to_string()),
        LiveTail::Open { sampled: true } if model.logs.live_tail != live_tail => {
            model.say(
                NoticeLevel::Hint,
                "Live Tail samples lines because there are too many; the others follow when the log is polled",
            );
        }
        _ => {}
    }
    model.logs.live_tail = live_tail;
}
