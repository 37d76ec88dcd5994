//! Live Tail on and off, and what is said of it.

use crate::domain::live_tail::{COST, LiveTail, LiveTailMode};
use crate::effect::{CloudEffect, Effect};
use crate::model::{Model, Tone};

/// Turns it on or off, and says what that means.
pub(crate) fn toggle(model: &mut Model) -> CloudEffect {
    let wanted = !model.logs.wants_live_tail;
    model.logs.wants_live_tail = wanted;
    if wanted {
        model.say(Tone::Hint, format!("live tail while an upload is on its way; {COST}"));
    } else {
        model.say(Tone::Hint, "no live tail any more; the log is read as before");
    }
    CloudEffect::LiveTail(if wanted { LiveTailMode::InFlight } else { LiveTailMode::Off })
}

/// A new connection has no session yet, and may not know of the wish.
pub(super) fn connected(model: &mut Model) -> Option<Effect> {
    model.logs.live_tail = LiveTail::Off;
    model.logs.wants_live_tail.then_some(Effect::Cloud(CloudEffect::LiveTail(LiveTailMode::InFlight)))
}

/// What the cloud said of it. That a session began or ended needs no word: the panel's title shows it.
pub(super) fn take(model: &mut Model, live_tail: LiveTail) {
    match &live_tail {
        LiveTail::Failed(problem) => model.say(Tone::Trouble, problem.to_string()),
        LiveTail::Open { sampled: true } if model.logs.live_tail != live_tail => {
            model.say(Tone::Hint, "the live tail leaves lines out, as there are so many; they follow a little later");
        }
        _ => {}
    }
    model.logs.live_tail = live_tail;
}
