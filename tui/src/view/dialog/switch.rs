//! The form for another profile, region or pipeline.
//!
//! ```text
//! ┏ Profile and region ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ ▸ pipeline dev                  eu-west-1         ┃
//! ┃   profile  default    (current) eu-central-1      ┃
//! ┃                                                   ┃
//! ┃ Region (empty: from the AWS configuration files)  ┃
//! ┃ > eu-west-1                                       ┃
//! ┃                                                   ┃
//! ┃ Enter switches from AWS to pipeline dev           ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, prose};
use super::super::{panel, theme};
use super::Content;
use crate::domain::switch::{Choice, ChoiceKind};
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::keys::key_of;
use crate::model::switch::SwitchForm;
use crate::text::clean::Clean;

/// Rows of the form beside the choices.
const REST: usize = 9;

pub(super) fn content<'a>(form: &'a SwitchForm, model: &Model, width: usize, height: usize) -> Content<'a> {
    let mut lines = Vec::new();
    if let Some(error) = &form.error {
        lines.extend(prose(&format!("✗ {}", error.shown()), width, theme::bad()));
    }
    if form.choices.is_empty() && form.error.is_none() {
        let text = if form.asked.is_some() { "reading the AWS configuration files …" } else { "no profiles" };
        lines.extend(prose(text, width, theme::dim()));
    }
    let room = height.saturating_sub(REST + lines.len()).max(1);
    let first = form.cursor.saturating_sub(room.saturating_sub(1) / 2).min(form.choices.len().saturating_sub(room));
    let shown = form.choices.iter().enumerate().skip(first).take(room);
    lines.extend(shown.map(|(index, choice)| row(choice, model.is_chosen(choice), index == form.cursor, width)));
    let more = form.choices.len().saturating_sub(room);
    if more > 0 {
        let key = |action| key_of(model, Scope::SwitchForm, action);
        let (next, previous) = (key(Action::NextChoice), key(Action::PreviousChoice));
        lines.push(Line::styled(format!("  … {more} more: {next} and {previous}"), theme::dim()));
    }
    lines.push(Line::default());
    // Without a profile or a pipeline to choose, the region alone says where to go.
    let is_alone = form.choices.is_empty() && form.asked.is_none();
    let label = if is_alone { "Region" } else { "Region (empty: from the AWS configuration files)" };
    lines.extend(prose(label, width, theme::dim()));
    let field = lines.len();
    lines.extend([Line::default(), Line::default()]);
    lines.extend(prose(&consequence(form, model), width, theme::strong()));
    Content { title: "Profile and region", lines, offset: 0, field: Some((field, &form.region)), list: None }
}

fn row(choice: &Choice, is_current: bool, is_chosen: bool, width: usize) -> Line<'static> {
    let kind = match choice.kind {
        ChoiceKind::Pipeline => "pipeline ",
        ChoiceKind::Profile => "profile  ",
    };
    // On a narrow screen the region of the chosen row stands in the field alone.
    let place = if width >= 44 { 16 } else { 0 };
    let name = width.saturating_sub(11 + 1 + place).max(10);
    let current = if is_current { " (current)" } else { "" };
    let region = choice.region.as_ref().map(Clean::shown).unwrap_or_default();
    let line = Line::from(vec![
        panel::mark(is_chosen),
        Span::styled(kind, theme::dim()),
        cell(choice.name.shown(), name.saturating_sub(current.len()), Style::new()),
        Span::styled(current, theme::dim()),
        Span::raw(" "),
        cell(region, place, theme::dim()),
    ]);
    if is_chosen { panel::chosen(line, width) } else { line }
}

/// What Enter will do.
fn consequence(form: &SwitchForm, model: &Model) -> String {
    let region = Clean::new(form.region.value().trim());
    if region.shown().chars().any(|c| !c.is_ascii_alphanumeric() && c != '-') {
        return "✗ a region has letters, digits and dashes, such as eu-west-1".to_owned();
    }
    let here = model.pipeline.target.shown();
    let key = key_of(model, Scope::Typing, Action::Submit);
    match form.chosen() {
        Some(choice) => {
            let kind = if choice.kind == ChoiceKind::Pipeline { "pipeline" } else { "profile" };
            match (model.is_chosen(choice), form.region_is_typed) {
                (true, false) => format!("{key} reconnects to {kind} {}", choice.name.shown()),
                _ => format!("{key} switches from {here} to {kind} {}", choice.name.shown()),
            }
        }
        None if region.shown().is_empty() => "enter a region".to_owned(),
        None => format!("{key} switches from {here} to {}", region.shown()),
    }
}
