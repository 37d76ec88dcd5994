//! How the Logs panel says how following stands: in its title, and in its body while there are no lines.

use imgwatch::domain::live_tail::LiveTail;
use imgwatch::domain::log::Tail;
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use jiff::SignedDuration;

use crate::models::{busy, problem, quiet};
use crate::picture::text;
use crate::shot::{self, Shot};

/// The title of the panel, and its first row.
fn shown(mut model: Model) -> String {
    model.focus = Panel::Logs;
    text(&shot::panel(&model, Panel::Logs, (100, 18)))[..2].join("\n")
}

fn with(mut model: Model, tail: &Tail, live_tail: &LiveTail) -> Model {
    model.logs.tail_at = model.now;
    model.logs.tail = tail.clone();
    model.logs.live_tail = live_tail.clone();
    model
}

pub(crate) fn shots() -> Vec<Shot> {
    vec![Shot::text("log-states", every_state_of_the_tail), Shot::text("live-tail-states", every_state_of_live_tail)]
}

fn every_state_of_the_tail() -> String {
    let slow = Tail::BackingOff { seconds: 7 };
    let tails = [Tail::Connecting, Tail::Live, Tail::Every { seconds: 5 }, Tail::NoInvocationYet, slow.clone()];
    let mut out = Vec::new();
    for tail in &tails {
        for model in [quiet(), busy()] {
            out.push(format!("{tail:?}\n{}", shown(with(model, tail, &LiveTail::Off))));
        }
    }
    let mut later = with(busy(), &slow, &LiveTail::Off);
    later.now += SignedDuration::from_secs(4);
    out.push(format!("four seconds later\n{}", shown(later)));
    let mut paused = with(busy(), &Tail::Every { seconds: 5 }, &LiveTail::Off);
    paused.logs.follow = false;
    paused.logs.unseen = 3;
    out.push(format!("paused\n{}", shown(paused)));
    out.join("\n\n")
}

fn every_state_of_live_tail() -> String {
    let refused = problem("cannot open a live tail", "AccessDenied", "ask for the permission");
    let states = [
        LiveTail::Waiting,
        LiveTail::Open { sampled: false },
        LiveTail::Open { sampled: true },
        LiveTail::Failed(refused),
    ];
    let mut out = Vec::new();
    for state in &states {
        for tail in [Tail::Live, Tail::Every { seconds: 5 }, Tail::BackingOff { seconds: 7 }] {
            let title = shown(with(busy(), &tail, state)).lines().next().unwrap_or_default().to_owned();
            out.push(format!("{state:?}, {tail:?}\n{title}"));
        }
    }
    out.join("\n\n")
}
