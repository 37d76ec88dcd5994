//! The pipeline's view: opening it, reading the wiring again, moving in it, and what a copy takes from it.

use std::sync::Arc;

use super::navigate::moved;
use crate::domain::path_map::PathMap;
use crate::domain::pipeline::Pipeline;
use crate::domain::wiring::{FollowedLog, Node, NodeKind, Wiring};
use crate::effect::{CloudEffect, Effect};
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{Dialog, PIPELINE_HEAD, PipelineView};
use crate::model::filter::Filter;
use crate::model::{Model, NoticeLevel};
use crate::text::clean::Clean;

/// Whether the list of resources has the keys.
pub(super) fn is_open(model: &Model) -> bool {
    matches!(&model.dialog, Some(Dialog::Pipeline(view)) if view.open.is_none())
}

/// Opens the list. What waits in queues is read again, since it changes by itself.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.dialog = Some(Dialog::Pipeline(PipelineView::default()));
    again()
}

/// Reads the wiring again.
pub(super) fn again() -> Vec<Effect> {
    vec![Effect::Cloud(CloudEffect::ReadWiring)]
}

/// The wiring is another one: the cursor stays in the list.
pub(super) fn learn(model: &mut Model, wiring: Arc<Wiring>) {
    model.pipeline = Pipeline::of(&wiring, model.pipeline.target.clone());
    model.paths = PathMap::of(&wiring);
    model.uploads.timelines.follow(&wiring);
    model.wiring = wiring;
    let rows = model.wiring.outline().len();
    for dialog in model.dialog.iter_mut().chain(&mut model.below) {
        if let Dialog::Pipeline(view) = dialog {
            view.cursor = view.cursor.min(rows.saturating_sub(1));
        }
    }
}

/// The resource that is shown, or under the cursor.
fn selected<'a>(model: &'a Model, view: &PipelineView) -> Option<&'a Node> {
    match &view.open {
        Some((id, _)) => model.wiring.node(id),
        None => model.wiring.outline().get(view.cursor).map(|row| row.node),
    }
}

/// Shows the resource under the cursor in full.
pub(super) fn unfold(model: &mut Model) {
    let Some(Dialog::Pipeline(view)) = &model.dialog else { return };
    let id = selected(model, view).map(Node::id);
    if let (Some(Dialog::Pipeline(view)), Some(id)) = (&mut model.dialog, id) {
        view.open = Some((id, 0));
    }
}

/// Shows the lines of the function that is selected, or of those that log into the selected group, alone.
pub(super) fn go_to_logs(model: &mut Model) {
    let Some(Dialog::Pipeline(view)) = &model.dialog else { return };
    let Some(node) = selected(model, view).cloned() else { return };
    let followed = model.wiring.follow();
    let is_of = |log: &FollowedLog<'_>| match node.kind {
        NodeKind::LogGroup => log.group == node.name,
        _ => log.function.id() == node.id(),
    };
    let functions: Vec<Clean> =
        followed.logs.iter().filter(|log| is_of(log)).map(|log| log.function.name.clone()).collect();
    if functions.is_empty() {
        let text = match followed.why_not(&node) {
            Some(why) if node.kind == NodeKind::Function => format!("{}: {why}", node.name.shown()),
            _ => "only functions and their log groups have logs".to_owned(),
        };
        return model.say(NoticeLevel::Hint, Clean::new(&text));
    }
    let is_only = followed.logs.len() == 1;
    (model.dialog, model.focus) = (None, Panel::Logs);
    model.below.clear();
    model.logs.set_filter(Filter::default());
    // All lines are of the only one.
    model.logs.show_only(if is_only { Vec::new() } else { functions });
}

/// The name of a resource, or with `exact` its ARN.
pub(super) fn copied(model: &Model, view: &PipelineView, exact: bool) -> Option<(&'static str, Clean)> {
    let node = selected(model, view)?;
    Some(if exact { ("ARN", model.wiring.arn_of(node, model.region())?) } else { ("name", node.name.clone()) })
}

/// Moves the cursor in the list, or the text of the resource that is shown.
pub(super) fn go(model: &mut Model, action: Action) {
    let (height, len) = (model.viewports.dialog.max(1), model.viewports.dialog_len);
    let rows = model.wiring.outline().len();
    let Some(Dialog::Pipeline(view)) = &mut model.dialog else { return };
    if let Some((_, offset)) = &mut view.open {
        *offset = moved(*offset, action, len.saturating_sub(height) + 1, height);
        return;
    }
    view.cursor = moved(view.cursor, action, rows, height.saturating_sub(PIPELINE_HEAD));
    let row = view.cursor + PIPELINE_HEAD;
    // The first row brings the summary above it back into view.
    let least = if view.cursor == 0 { 0 } else { (row + 1).saturating_sub(height) };
    view.offset = view.offset.clamp(least, if view.cursor == 0 { 0 } else { row });
}
