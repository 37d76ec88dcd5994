//! The user's keys instead of the table's, or every error in them.
//!
//! Refused is what would go unseen: a name that means nothing, a key that does two things, one that takes another's place
//! where the table has no such thing, letters where text is typed, and a place that could not be left.

use super::effective::{CustomKeys, Keymap};
use super::{Binding, KEYMAP, Scope, names, wider};
use crate::keymap::action::Action;
use crate::text::key::{Code, Key};

/// One line of the config file: the keys of one action in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOverride {
    /// The line, counted from 1.
    pub line: usize,
    /// The place's name.
    pub scope: String,
    pub action: String,
    /// The keys as they are written.
    pub keys: Vec<String>,
}

/// Something that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeymapError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what to do about it.
    pub text: String,
}

/// Binds the keys that are asked for.
///
/// # Errors
/// Everything that is wrong with them, in the order of their lines.
pub fn bind(asked: &[KeyOverride]) -> Result<Keymap, Vec<KeymapError>> {
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for asked in asked {
        match understand(asked) {
            Ok(own) => rows.push((asked.line, own)),
            Err(texts) => errors.extend(texts.into_iter().map(|text| KeymapError {
                line: asked.line,
                text: format!("[keys.{}] {}: {text}", asked.scope, asked.action),
            })),
        }
    }
    // What is not understood would be reported again as what it leads to.
    if errors.is_empty() {
        let (lines, own): (Vec<usize>, Vec<CustomKeys>) = rows.into_iter().unzip();
        let bound = Keymap { own };
        errors = conflicts(&bound, &lines);
        if errors.is_empty() {
            return Ok(bound);
        }
    }
    errors.sort_by_key(|error| error.line);
    Err(errors)
}

/// What one line means by itself.
fn understand(asked: &KeyOverride) -> Result<CustomKeys, Vec<String>> {
    let scopes = names::scopes();
    let Some(scope) = scopes.iter().copied().find(|scope| names::scope(*scope) == asked.scope) else {
        let known: Vec<&str> = scopes.into_iter().map(names::scope).collect();
        return Err(vec![format!("there is no scope {:?}; {}", asked.scope, instead(&asked.scope, &known))]);
    };
    let known: Vec<&str> = rows_of(scope).map(|row| names::action(row.action)).collect();
    let Some(row) = rows_of(scope).find(|row| names::action(row.action) == asked.action) else {
        let elsewhere = KEYMAP.iter().find(|row| names::action(row.action) == asked.action);
        let advice = match elsewhere {
            Some(row) => format!("write it under [keys.{}]", names::scope(row.scope)),
            None => instead(&asked.action, &known),
        };
        return Err(vec![format!("this scope has no such action; {advice}")]);
    };
    let (mut keys, mut errors): (Vec<Key>, Vec<String>) = (Vec::new(), Vec::new());
    for text in &asked.keys {
        match text.parse() {
            Ok(key) if keys.contains(&key) => errors.push(format!("{key} is listed twice; remove one")),
            Ok(key) if is_typed(scope) && writes(key) && !row.keys.contains(&key) => {
                errors
                    .push(format!("{key} types text here; choose a key with Ctrl or Alt, or a key such as Tab or F1"));
            }
            Ok(key) => keys.push(key),
            Err(why) => errors.push(why),
        }
    }
    if errors.is_empty() { Ok(CustomKeys { scope, action: row.action, keys }) } else { Err(errors) }
}

/// The name that was meant, or all that there are.
fn instead(name: &str, known: &[&str]) -> String {
    let near = known.iter().map(|known| (strsim::osa_distance(name, known), known)).min();
    match near {
        Some((distance, known)) if distance <= 1 + known.len() / 4 => format!("did you mean {known}?"),
        _ => format!("there are {}", known.join(", ")),
    }
}

fn rows_of(scope: Scope) -> impl Iterator<Item = &'static Binding> {
    KEYMAP.iter().filter(move |row| row.scope == scope)
}

/// A scope and all that hold beside it, the narrowest first.
fn chain(scope: Scope) -> impl Iterator<Item = Scope> {
    std::iter::successors(Some(scope), |scope| wider(*scope))
}

/// Whether text is typed while the scope holds.
fn is_typed(scope: Scope) -> bool {
    chain(scope).any(|scope| scope == Scope::Typing) || chain(Scope::Typing).any(|wide| wide == scope)
}

/// Whether a text field needs the key.
fn writes(key: Key) -> bool {
    match key.code {
        Code::Char(_) => !key.ctrl && !key.alt,
        Code::Backspace | Code::Delete | Code::Left | Code::Right | Code::Home | Code::End => true,
        _ => false,
    }
}

/// What the rows do to each other; `lines` are those of the rows that have keys of their own.
fn conflicts(bound: &Keymap, lines: &[usize]) -> Vec<KeymapError> {
    let line = |row: &Binding| {
        let own = bound.own.iter().position(|own| own.scope == row.scope && own.action == row.action);
        own.and_then(|index| lines.get(index).copied())
    };
    let mut errors = Vec::new();
    for (index, row) in KEYMAP.iter().enumerate() {
        for other in KEYMAP.iter().skip(index + 1).filter(|other| other.scope == row.scope) {
            if let Some(key) = shared(bound, row, other) {
                // The line that comes later is the one that was written last.
                let (line, blamed, kept) =
                    if line(other) >= line(row) { (line(other), other, row) } else { (line(row), row, other) };
                errors.extend(line.map(|line| KeymapError { line, text: twice(key, blamed, kept) }));
            }
        }
        for other in chain(row.scope).skip(1).flat_map(rows_of) {
            let usual = row.action == other.action || row.keys.iter().any(|key| other.keys.contains(key));
            if let Some(key) = shared(bound, row, other).filter(|_| !usual) {
                let error = match (line(row), line(other)) {
                    (Some(line), wide) if wide.is_none_or(|wide| wide < line) => hides(line, key, row, other),
                    (_, Some(line)) => hidden(line, key, row, other),
                    _ => continue,
                };
                errors.push(error);
            }
        }
    }
    errors.extend(dead_ends(bound, &line));
    errors
}

/// A key that both rows have.
fn shared(bound: &Keymap, a: &Binding, b: &Binding) -> Option<Key> {
    bound.of(a).iter().copied().find(|key| bound.of(b).contains(key))
}

fn label(row: &Binding) -> String {
    format!("[keys.{}] {}", names::scope(row.scope), names::action(row.action))
}

fn twice(key: Key, row: &Binding, other: &Binding) -> String {
    let other = names::action(other.action);
    format!("{}: {key} is already the key of {other}; choose another key for one of them", label(row))
}

fn hides(line: usize, key: Key, narrow: &Binding, wide: &Binding) -> KeymapError {
    let (row, other) = (label(narrow), label(wide));
    KeymapError { line, text: format!("{row}: {key} would hide {other}; choose another key for one of them") }
}

fn hidden(line: usize, key: Key, narrow: &Binding, wide: &Binding) -> KeymapError {
    let (row, other) = (label(wide), label(narrow));
    KeymapError { line, text: format!("{row}: {key} would be hidden by {other}; choose another key for one of them") }
}

/// Places that could not be left any more, or where nothing could be done but leave.
fn dead_ends(bound: &Keymap, line: &impl Fn(&Binding) -> Option<usize>) -> Vec<KeymapError> {
    let leaves = |row: &&Binding| match row.action {
        Action::Quit | Action::No => true,
        Action::Back => row.scope != Scope::Panels,
        _ => false,
    };
    let mut errors = Vec::new();
    for row in KEYMAP.iter().filter(leaves) {
        let is_reached = |scope: Scope| {
            let narrower: Vec<&Binding> =
                chain(scope).take_while(|scope| *scope != row.scope).flat_map(rows_of).collect();
            bound.of(row).iter().any(|key| !narrower.iter().any(|other| bound.of(other).contains(key)))
        };
        let places = [row.scope].into_iter().chain(names::scopes());
        let stuck = places.filter(|scope| chain(*scope).any(|s| s == row.scope)).find(|scope| !is_reached(*scope));
        if let (Some(stuck), Some(line)) = (stuck, line(row)) {
            let place = names::scope(stuck);
            let text = format!("{}: {place} would have no key to close it; choose a key", label(row));
            errors.push(KeymapError { line, text });
        }
    }
    // The palette, which finds what has no key, is not there while a form or a question is.
    let decides = [(Scope::Typing, Action::Submit, "submit a form"), (Scope::Asking, Action::Yes, "answer yes")];
    for (scope, action, purpose) in decides {
        for row in rows_of(scope).filter(|row| row.action == action && bound.of(row).is_empty()) {
            let text = format!("{}: no key would be left to {purpose}; choose a key", label(row));
            errors.extend(line(row).map(|line| KeymapError { line, text }));
        }
    }
    for row in KEYMAP.iter().filter(|row| row.action == Action::QuitNow && !bound.of(row).contains(&Key::ctrl('c'))) {
        let text = format!("{}: Ctrl-C always quits; add it to the list", label(row));
        errors.extend(line(row).map(|line| KeymapError { line, text }));
    }
    errors
}

#[cfg(test)]
mod tests;
