//! Panels by themselves: focused, zoomed, filtered and without a match, and what is special about each.

use imgwatch::domain::log::Tail;
use imgwatch::domain::newer::{Newer, Since};
use imgwatch::domain::probe::Probe;
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::filter::Filter;
use imgwatch::model::load::Load;
use imgwatch::model::objects::Sort;
use tui_input::Input;

use crate::dialogs::downloading;
use crate::models::{self, busy};
use crate::picture::text;
use crate::shot::{self, Shot, Size, take};
use crate::{choosing, empty, log_states};

/// As wide as on a screen of 80 columns and more; columns and words are left out on narrow ones.
const USUAL: Size = (60, 14);
const EVERY_WIDTH: &[Size] = &[USUAL, (30, 8), (44, 8), (120, 16)];
const ZOOMED: &[Size] = &[(100, 18)];

type State = (&'static str, Model);

pub(crate) fn focused(panel: Panel) -> Model {
    let mut model = busy();
    model.focus = panel;
    model
}

pub(crate) fn zoomed(panel: Panel) -> Model {
    let mut model = focused(panel);
    model.zoom = true;
    model
}

/// Keeps to what contains a text.
pub(crate) fn filter(model: &mut Model, panel: Panel, text: &str) {
    let filter = Filter::new(text);
    match panel {
        Panel::Uploads => model.uploads.filter = filter,
        Panel::Objects => model.objects.set_filter(filter),
        Panel::Logs => model.logs.set_filter(filter),
        Panel::Subscriptions => model.subscriptions.filter = filter,
        Panel::Inbox => model.inbox.filter = filter,
    }
}

/// Keeps to what contains a text in every panel.
pub(crate) fn filter_all(model: &mut Model, text: &str) {
    for panel in Panel::ALL {
        filter(model, panel, text);
    }
}

fn filtered(panel: Panel, text: &str, is_typed: bool) -> Model {
    let mut model = focused(panel);
    filter(&mut model, panel, text);
    model.dialog = is_typed.then(|| Dialog::Filter(Input::new(text.to_owned())));
    model
}

/// What is special about one panel; each has an arm.
fn special(panel: Panel) -> Vec<State> {
    match panel {
        Panel::Uploads => {
            let mut states = choosing::queues();
            states.push(("probed", models::probing()));
            states.push(("newer", models::newer(20_000)));
            states.push(("unknown", models::unknown()));
            states.push(("all-deliveries", models::delivered_to_all()));
            states
        }
        Panel::Objects => {
            let mut loading = models::loading();
            loading.focus = Panel::Objects;
            let sorted = |sort| {
                let mut model = zoomed(Panel::Objects);
                model.objects.set_sort(sort);
                model
            };
            vec![
                ("loading", loading),
                ("downloading", downloading(None)),
                ("by-size", sorted(Sort::Largest)),
                ("oldest", sorted(Sort::Oldest)),
                ("by-key", sorted(Sort::Key)),
            ]
        }
        Panel::Logs => {
            let mut paused = zoomed(Panel::Logs);
            paused.logs.follow = false;
            (paused.logs.unseen, paused.logs.cursor) = (2, 4);
            let mut wrapped = zoomed(Panel::Logs);
            wrapped.logs.wrap = true;
            let several = |text: &str| {
                let mut model = models::several();
                (model.focus, model.zoom) = (Panel::Logs, !text.is_empty());
                model.logs.set_filter(Filter::new(text));
                model
            };
            let (mut alone, mut wide, mut old) = (several(""), several(""), models::concurrent());
            alone.logs.show_only(vec!["photos-prod-index".into()]);
            (wide.zoom, old.zoom, old.focus) = (true, true, Panel::Logs);
            old.logs.read_at = Some(models::ago(125_000));
            let concurrent = |text: &str, wrap| {
                let mut model = models::concurrent();
                (model.focus, model.zoom, model.logs.wrap) = (Panel::Logs, !text.is_empty(), wrap);
                model.logs.set_filter(Filter::new(text));
                model
            };
            vec![
                ("paused", paused),
                ("wrapped", wrapped),
                ("concurrent", concurrent("", false)),
                ("several", several("")),
                ("several-found", several("index")),
                ("several-alone", alone),
                ("several-wide", wide),
                ("old", old),
                ("found", concurrent("404", false)),
                ("found-wrapped", concurrent("404", true)),
            ]
        }
        Panel::Subscriptions => {
            let mut counted = models::counted();
            counted.focus = Panel::Subscriptions;
            let mut denied = models::counted();
            denied.focus = Panel::Subscriptions;
            denied.subscriptions.metrics.load =
                Load::Failed(crate::support::problem("cannot read the metrics", "not allowed", ""));
            let mut unread = models::unknown();
            unread.focus = Panel::Subscriptions;
            vec![
                ("metrics", counted),
                ("metrics-denied", denied),
                ("probe-opening", probed(Probe::Opening)),
                ("probe-closing", probed(Probe::Closing { queue: models::QUEUE.into() })),
                ("probe-on", with_focus(models::probing(), panel)),
                ("unread", unread),
            ]
        }
        Panel::Inbox => Vec::new(),
    }
}

/// A panel alone, in every state.
pub(crate) fn shots() -> Vec<Shot> {
    let mut shots = vec![empty::shot()];
    shots.extend(log_states::shots());
    for panel in Panel::ALL {
        let name = panel.title().to_lowercase();
        let of = |state: &str, model, sizes| Shot::panel(format!("panel-{name}-{state}"), model, panel, sizes);
        shots.push(of("focused", focused(panel), EVERY_WIDTH));
        shots.push(of("zoomed", zoomed(panel), ZOOMED));
        shots.push(of("filtered", filtered(panel, "cat", false), &[USUAL]));
        shots.push(of("filter-typed", filtered(panel, "PNG", true), &[(60, 6)]));
        shots.push(of("without-match", filtered(panel, "nothing like it", false), &[(60, 5)]));
        shots.push(of("nothing-yet", with_focus(models::quiet(), panel), &[(60, 5)]));
        shots.push(of("trouble", with_focus(models::broken(), panel), &[USUAL, (44, 8)]));
        shots.push(of("trouble-and-empty", with_focus(models::broken_and_empty(), panel), &[(60, 8)]));
        for (state, model) in special(panel) {
            let sizes: &[Size] = if model.zoom { ZOOMED } else { &[USUAL] };
            shots.push(of(state, model, sizes));
        }
    }
    shots.extend(stories());
    shots.push(Shot::text("silences", silences));
    shots.push(Shot::text("newer-since", newer));
    shots
}

fn with_focus(mut model: Model, panel: Panel) -> Model {
    model.focus = panel;
    model
}

fn probed(probe: Probe) -> Model {
    let mut model = focused(Panel::Subscriptions);
    model.subscriptions.known.probe = probe;
    model
}

/// What is said of an upload of which nothing is known after S3, in its row and in its story.
fn silences() -> String {
    let failed = Tail::Failed(models::problem("cannot read the log group", "AccessDenied", "ask for the permission"));
    let without_platform_lines = {
        let mut model = models::silent(Tail::Live, Some(400), 0);
        model.logs.settings = Some(models::json_logs("INFO", "WARN"));
        model
    };
    let unknown_platform_lines = {
        let mut model = models::silent(Tail::Live, Some(400), 0);
        model.logs.settings = None;
        model
    };
    let no_line = models::silent_for(80_000, Tail::Live, Some(400), 0);
    let said = |name: &str, model| {
        let rows = text(&shot::panel(&model, Panel::Uploads, (110, 8)));
        let rows = rows.into_iter().filter(|row| row.chars().any(char::is_alphabetic));
        format!("{name}\n{}", rows.collect::<Vec<_>>().join("\n"))
    };
    let shown = [
        said("unreadable", models::silent(failed, Some(400), 0)),
        said("not read", models::silent(Tail::Connecting, None, 0)),
        said("no log group", models::silent(Tail::NoInvocationYet, Some(400), 0)),
        said("one that names nothing", models::silent(Tail::Live, Some(400), 1)),
        said("several that name nothing", models::silent(Tail::Live, Some(400), 3)),
        said("no invocation", models::silent(Tail::Live, Some(400), 0)),
        said("lines switched off", without_platform_lines),
        said("lines of Lambda unknown", unknown_platform_lines),
        said("no line", no_line),
        said("one of others that prints the key", models::processed()),
    ];
    shown.join("\n\n")
}

/// What objects are newer than, where Uploads has no rows.
fn newer() -> String {
    let at = models::ago(400_000);
    let sinces = [Since::Invocation(at), Since::Line(at), Since::Reading(at), Since::NoGroup(at)];
    let shown = sinces.into_iter().zip([Some(models::ago(5_000)), None, None, None]).map(|(since, listed_at)| {
        let mut model = models::quiet();
        model.newer = Some(Newer { count: 12, listed_at, since });
        text(&shot::panel(&model, Panel::Uploads, (70, 6))).join("\n")
    });
    shown.collect::<Vec<_>>().join("\n")
}

/// Every upload of the list with its story.
fn stories() -> Vec<Shot> {
    let rows: Vec<String> = busy().uploads.rows().map(|row| row.key().shown().to_owned()).collect();
    let story = |(index, key): (usize, &String)| {
        let mut model = busy();
        model.uploads.selection.cursor = index;
        let name: String = key.chars().filter(char::is_ascii_alphabetic).collect();
        Shot::panel(format!("story-{name}"), model, Panel::Uploads, &[(100, 20)])
    };
    rows.iter().enumerate().map(story).collect()
}

#[test]
fn panels() {
    take(shots());
}
