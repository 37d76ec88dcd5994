//! The probe: confirmed before it is created, with a notice when it starts and ends.

use imgwatch_shared::arn;

use super::list_subscriptions;
use crate::domain::probe::{Probe, ProbeNews};
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::dialog::{ConfirmAction, Dialog, Question};
use crate::model::keys::key_of;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// Asks whether to make a probe, or removes the one that there is.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    match &model.subscriptions.known.probe {
        Probe::Off if model.subscriptions.known.topic_arn.is_none() => {
            model.say(NoticeLevel::Hint, "the topic is not known yet: connect first");
        }
        Probe::Off => {
            let text = Clean::new("Create a temporary probe queue to prove delivery?");
            model.dialog = Some(Dialog::Question(Question { text, action: ConfirmAction::Probe }));
        }
        Probe::Opening => {
            let key = key_of(model, Scope::Panels, Action::Probe);
            model.say(NoticeLevel::Hint, format!("creating the probe queue; {key} removes it once it is ready"));
        }
        Probe::Closing { .. } => model.say(NoticeLevel::Hint, "removing the probe queue"),
        Probe::Listening { .. } => {
            model.subscriptions.known.probe.close();
            model.say(NoticeLevel::Hint, "removing the probe queue and its subscription …");
            return vec![Effect::Cloud(CloudEffect::EndProbe)];
        }
    }
    Vec::new()
}

/// The user said yes.
pub(super) fn begin(model: &mut Model) -> Vec<Effect> {
    if model.subscriptions.known.probe != Probe::Off {
        return Vec::new();
    }
    model.subscriptions.known.probe = Probe::Opening;
    model.say(NoticeLevel::Hint, "creating the probe queue …");
    vec![Effect::Cloud(CloudEffect::BeginProbe)]
}

/// Takes news of the probe in; the list of subscriptions has changed with it.
pub(super) fn learn(model: &mut Model, news: &ProbeNews) -> Vec<Effect> {
    model.subscriptions.known.probe.note(news);
    match news {
        ProbeNews::Swept(queues) => {
            let names: Vec<&str> = queues.iter().map(Clean::shown).collect();
            model.say(NoticeLevel::Done, format!("removed leftovers of an earlier run: {}", names.join(", ")));
        }
        ProbeNews::Opened { queue, .. } => {
            let queue = arn::name(queue.shown());
            let key = key_of(model, Scope::Panels, Action::Probe);
            model.say(NoticeLevel::Done, format!("probe queue {queue} is subscribed; {key} removes it"));
        }
        ProbeNews::Unreadable(problem) => {
            model.say(NoticeLevel::Error, problem.to_string());
            return Vec::new();
        }
        ProbeNews::Ended { left: Some(problem), .. } | ProbeNews::Ended { problem: Some(problem), .. } => {
            model.say(NoticeLevel::Error, problem.to_string());
        }
        ProbeNews::Ended { .. } => model.say(NoticeLevel::Done, "removed the probe queue and its subscription"),
    }
    vec![list_subscriptions(model)]
}
