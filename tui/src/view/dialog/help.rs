//! The help: every row of the key table by where it holds, the focused panel's first; then the delivery states.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, prose, words};
use super::super::theme;
use crate::keymap::action::Panel;
use crate::keymap::{KEYMAP, PLACES, Scope};
use crate::model::{Model, keys};

/// Columns of the keys.
const KEYS: usize = 22;

/// What the screen's own words mean; each is used exactly so.
const WORDS: [(&str, &str); 6] = [
    ("delivered", "the delivery status log, or the probe queue, shows that the message arrived"),
    ("accepted", "SNS accepted the message; no delivery status yet"),
    ("pending", "the subscription is not confirmed and gets no messages"),
    ("filtered", "the filter policy excludes this message"),
    ("failed", "the delivery status log shows that the message did not arrive"),
    ("unknown", "the topic does not log the status of every delivery, or the log cannot be read"),
];

pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    if model.search.is_some() {
        return first_run(model, width);
    }
    // The keys of the dialog below are shown first.
    let here = keys::scopes_with(model, model.below.last());
    let named = Panel::ALL.into_iter().map(|panel| (Scope::In(panel), format!("In {}", panel.title())));
    let named = std::iter::once((Scope::Panels, "In every panel".to_owned()))
        .chain(named)
        .chain(PLACES.map(|(scope, title)| (scope, title.to_owned())));
    let place = |scope: Scope| here.iter().position(|held| *held == scope && scope != Scope::Always);
    let mut scopes: Vec<(Scope, String)> = named.collect();
    // Stable: what does not hold here stays in its order.
    scopes.sort_by_key(|(scope, _)| place(*scope).unwrap_or(usize::MAX));

    let mut lines = Vec::new();
    for (scope, title) in scopes {
        let mark = if place(scope) == Some(0) { " (here)" } else { "" };
        section(&mut lines, model, scope, &format!("{title}{mark}"), width);
    }
    heading(&mut lines, "Delivery states", width);
    for (word, meaning) in WORDS {
        entry(&mut lines, word, meaning, width);
    }
    lines
}

/// While no pipeline is known, no panel has keys.
fn first_run(model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for scope in [Scope::FirstChoice, Scope::FirstRun, Scope::SwitchForm, Scope::Typing, Scope::Reading, Scope::Always]
    {
        let title = PLACES.iter().find(|(place, _)| *place == scope).map_or("", |(_, title)| title);
        section(&mut lines, model, scope, title, width);
    }
    lines
}

fn section(lines: &mut Vec<Line<'static>>, model: &Model, scope: Scope, title: &str, width: usize) {
    heading(lines, title, width);
    for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
        entry(lines, &model.keys.shown(binding), binding.help, width);
    }
}

fn heading(lines: &mut Vec<Line<'static>>, title: &str, width: usize) {
    if !lines.is_empty() {
        lines.push(Line::default());
    }
    lines.extend(prose(title, width, theme::strong()));
}

fn entry(lines: &mut Vec<Line<'static>>, key: &str, text: &str, width: usize) {
    if width < 2 * KEYS {
        // What a key does stands below it where it has no room beside it.
        lines.extend(words(key, width).into_iter().map(|row| Line::styled(row, theme::key())));
        lines.extend(words(text, width.saturating_sub(2)).into_iter().map(|row| Line::from(format!("  {row}"))));
        return;
    }
    for (index, row) in words(text, width.saturating_sub(KEYS + 3).max(8)).into_iter().enumerate() {
        let key = if index == 0 { cell(key, KEYS, theme::key()) } else { cell("", KEYS, Style::new()) };
        lines.push(Line::from(vec![Span::raw("  "), key, Span::raw(" "), Span::raw(row)]));
    }
}
