//! The palette: every action of the key table that panels have, found by its words.
//!
//! It knows no action by itself: what is in the table is in here.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::Model;
use crate::keymap::action::Panel;
use crate::keymap::{Binding, KEYMAP, Scope, names};

/// The rows of the key table that a text finds, the best ones first; without a text all of them: those of the focused
/// panel, then those of every panel, and those of other panels last.
pub fn found(model: &Model, text: &str) -> Vec<&'static Binding> {
    let panels: Vec<Panel> = model.panels().collect();
    let holds = |scope: Scope| match scope {
        Scope::In(panel) => panels.contains(&panel),
        scope => matches!(scope, Scope::Panels | Scope::Always),
    };
    let distance = |row: &&Binding| match row.scope {
        Scope::In(panel) if panel == model.focus => 0,
        Scope::In(_) => 2,
        _ => 1,
    };
    let mut rows: Vec<&'static Binding> = KEYMAP.iter().filter(|row| holds(row.scope)).collect();
    rows.sort_by_key(distance);
    if text.trim().is_empty() {
        return rows;
    }
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let typed = text.to_lowercase();
    let mut scored: Vec<(_, &'static Binding)> = rows
        .into_iter()
        .filter_map(|row| {
            // The short word counts before the sentence.
            let words = format!("{} {} {}", row.hint, row.help, place(row.scope));
            // Sentences on the screen name an action without a key as the config file does.
            let is_called = names::action(row.action) == typed.trim();
            // The footer's word is the action's name, and comes before sentences in which it only occurs.
            let is_named = is_called || row.hint.starts_with(typed.trim());
            let score = pattern.score(Utf32Str::new(&words, &mut Vec::new()), &mut matcher);
            let score = score.or(is_called.then_some(0))?;
            // A row that cannot show why it was found would only puzzle.
            shown(row, text)?;
            // If the user types words, a row that has the words comes before one that only has their letters.
            let lower = words.to_lowercase();
            let has_all =
                typed.split_whitespace().all(|word| lower.split([' ', ':', ',']).any(|w| w.starts_with(word)));
            // All of that word comes before a longer one: `retry` is another action than `retry all`.
            let is_whole = row.hint == typed.trim();
            Some(((is_whole, is_named, lower.contains(typed.trim()), has_all, score), row))
        })
        .collect();
    // Stable: among equals the table's order stays.
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, row)| row).collect()
}

/// A row's sentence, and the places of the letters in it by which a text finds it. What is found by the action's short word,
/// or by its name in the config file, has that behind it. Nothing where the text does not find it.
pub fn shown(row: &Binding, text: &str) -> Option<(String, Vec<usize>)> {
    let sentence = match place(row.scope) {
        "" => row.help.to_owned(),
        panel => format!("{panel}: {}", row.help),
    };
    if text.trim().is_empty() {
        return Some((sentence, Vec::new()));
    }
    let name = names::action(row.action);
    let words = [row.hint, name].into_iter().filter(|word| !word.is_empty());
    let rows: Vec<String> =
        std::iter::once(sentence.clone()).chain(words.map(|word| format!("{sentence} ({word})"))).collect();
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    rows.into_iter().find_map(|shown| {
        let mut places = Vec::new();
        pattern.indices(Utf32Str::new(&shown, &mut Vec::new()), &mut matcher, &mut places)?;
        Some((shown, places.into_iter().filter_map(|place| usize::try_from(place).ok()).collect()))
    })
}

/// The panel that an action belongs to.
pub fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::In(panel) => panel.title(),
        _ => "",
    }
}
