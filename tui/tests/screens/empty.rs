//! What a panel without rows says: why, and what to do next, in every state that it can be in.

use imgwatch::domain::ids::RequestId;
use imgwatch::domain::log::Tail;
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::load::Load;
use imgwatch_shared::record::Level;

use crate::models::{broken_and_empty, busy, first, quiet, unconnected};
use crate::panels::filter_all;
use crate::picture::text;
use crate::shot::{self, Shot};

/// Makes a model of one state; each picture needs one of its own.
type State = fn() -> Model;

/// The text of one panel that has the screen.
fn said(mut model: Model, panel: Panel) -> String {
    model.focus = panel;
    let shown = text(&shot::panel(&model, panel, (72, 14)));
    let rows = shown.iter().filter_map(|row| row.strip_prefix('┃')?.split('┃').next());
    rows.map(str::trim).filter(|row| !row.is_empty()).collect::<Vec<_>>().join(" ")
}

fn with_inbox(mut model: Model) -> Model {
    model.inbox.available = true;
    model
}

fn aws() -> Model {
    let mut model = quiet();
    model.inbox.available = false;
    model
}

fn loading() -> Model {
    let mut model = quiet();
    model.objects.load = Load::Loading(RequestId(1), None);
    model.subscriptions.load = Load::Loading(RequestId(2), None);
    model.subscriptions.known.listed_at = None;
    model.logs.tail = Tail::Connecting;
    model
}

fn filtered(least: Option<Level>) -> Model {
    let mut model = busy();
    filter_all(&mut model, "nothing like it");
    model.logs.set_least(least);
    model
}

fn with_tail(tail: &Tail) -> Model {
    let mut model = quiet();
    (model.logs.tail, model.logs.tail_at) = (tail.clone(), model.now);
    model
}

fn severe() -> Model {
    let mut model = busy();
    model.logs = imgwatch::model::logs::Logs::default();
    let mut line = busy().logs.visible().next().unwrap().clone();
    line.level = Some(Level::Info);
    model.logs.insert([line]);
    model.logs.set_least(Some(Level::Error));
    model
}

pub(crate) fn shot() -> Shot {
    Shot::text("empty-panels", every_empty_panel)
}

/// Every empty panel says why, and what to do next.
fn every_empty_panel() -> String {
    let states: [(&str, State); 8] = [
        ("connecting", || with_inbox(first())),
        ("not connected", || with_inbox(unconnected())),
        ("loading", loading),
        ("local, nothing yet", quiet),
        ("AWS, nothing yet", aws),
        ("not permitted", broken_and_empty),
        ("filtered", || filtered(None)),
        ("filtered, from WARN on", || filtered(Some(Level::Warn))),
    ];
    let mut out = Vec::new();
    for (name, state) in &states {
        for panel in state().panels() {
            let text = said(state(), panel);
            // While something is in progress, the user can only wait.
            let waits = ["connecting", "loading"].contains(name);
            let leads_on =
                ["press ", "Esc ", "see ", "→ ", "once connected", "…"].iter().any(|word| text.contains(word));
            assert!(!text.is_empty() && (waits || leads_on), "{name}, {}: {text:?}", panel.title());
            out.push(format!("{name}, {}: {text}", panel.title()));
        }
    }
    let tails = [Tail::Live, Tail::Every { seconds: 5 }, Tail::NoInvocationYet, Tail::BackingOff { seconds: 7 }];
    out.extend(tails.map(|tail| format!("{tail:?}, Logs: {}", said(with_tail(&tail), Panel::Logs))));
    out.push(format!("no line is severe enough, Logs: {}", said(severe(), Panel::Logs)));
    out.join("\n")
}
