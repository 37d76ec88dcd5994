//! The palette finds every action by its name: for each row of the key table its words are typed, and it is the first hit.

use imgwatch::keymap::{Binding, KEYMAP, Scope};
use imgwatch::model::palette::shown;
use imgwatch::text::key::Key;

use super::keys::of;
use super::term::Term;
use super::{ENTER, ESC, dashboard};

/// The row that is chosen: its key, and its words as far as they fit.
fn chosen(screen: &vt100::Screen) -> Option<String> {
    let text = screen.contents();
    let (_, row) = text.split_once("┏ Actions")?.1.split_once("▸ ")?;
    Some(row.split('┃').next()?.trim().to_owned())
}

/// Whether the palette's field holds the end of this text, which may be longer than the field.
fn holds(screen: &vt100::Screen, typed: &str) -> bool {
    let text = screen.contents();
    let Some((_, dialog)) = text.split_once("┏ Actions") else { return false };
    let field = dialog.split_once("┃ > ").and_then(|(_, rest)| rest.split('┃').next()).unwrap_or_default().trim();
    let field = field.trim_start_matches('…');
    !field.is_empty() && typed.ends_with(field)
}

fn is_first(screen: &vt100::Screen, typed: &str, row: &Binding) -> bool {
    let Some((whole, _)) = shown(row, typed) else { return false };
    let key = of(row).first().map(Key::to_string).unwrap_or_default();
    // Key and words stand apart.
    let Some(words) = chosen(screen).and_then(|shown| shown.strip_prefix(&format!("{key} ")).map(str::to_owned)) else {
        return false;
    };
    let words = words.trim();
    let part = words.trim_matches('…').trim();
    // What was found is in view, also where this is the end of a long sentence.
    holds(screen, typed) && (words == whole || (part != words && !part.is_empty() && whole.contains(part)))
}

fn open(term: &mut Term) {
    term.keys(":");
    term.wait_for("┏ Actions");
}

#[test]
fn every_action_of_the_panels_is_the_first_that_its_words_find() {
    let mut term = dashboard();
    open(&mut term);
    let rows: Vec<&Binding> =
        KEYMAP.iter().filter(|row| matches!(row.scope, Scope::In(_) | Scope::Panels | Scope::Always)).collect();
    for row in &rows {
        term.keys(row.help);
        term.wait(&format!("{row:?} as the first hit"), |screen| is_first(screen, row.help, row));
        term.keys("\u{15}");
        term.wait("an empty field", |screen| screen.contents().contains("┃ >  "));
    }
    // The footer's words are what people remember.
    for row in rows.iter().filter(|row| !row.hint.is_empty()) {
        term.keys(row.hint);
        term.wait(&format!("{row:?} as the first hit of {:?}", row.hint), |screen| is_first(screen, row.hint, row));
        term.keys("\u{15}");
        term.wait("an empty field", |screen| screen.contents().contains("┃ >  "));
    }
    term.keys(ESC);
    term.wait("the palette to close", |screen| !screen.contents().contains("┏ Actions"));
    // What is chosen is done, in the panel that it belongs to.
    open(&mut term);
    term.keys("wrap or cut long lines");
    term.wait_for("▸ w");
    term.keys(ENTER);
    term.wait("the log to have the keys", |screen| screen.contents().contains("┏ 3 Logs"));
    term.wait_for("· wrap");
    term.keys("q");
    assert!(term.end().0.success());
}
