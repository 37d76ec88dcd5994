//! `docs/keys.md` says what the table of keys says. `IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::PathBuf;

use imgwatch::keymap::{KEYMAP, PLACES, Scope};
use imgwatch::model::Panel;

/// Every scope with its heading, the panels' first.
fn sections() -> Vec<(Scope, String)> {
    let panels = Panel::ALL.map(|panel| (Scope::In(panel), format!("In {}", panel.title())));
    let places = PLACES.map(|(scope, title)| (scope, title.to_owned()));
    [(Scope::Panels, "In every panel".to_owned())].into_iter().chain(panels).chain(places).collect()
}

fn page() -> String {
    let mut page = "# Keys\n\nWritten from the program's own table of keys; `?` shows the same, and `:` finds an action by its words.\n".to_owned();
    for (scope, title) in sections() {
        write!(page, "\n## {title}\n\n| keys | do |\n|---|---|\n").unwrap();
        for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            writeln!(page, "| {} | {} |", keys.join(" "), binding.help.replace('|', "\\|")).unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_keys_is_the_table_of_keys() {
    let sections = sections();
    let missing: Vec<_> = KEYMAP.iter().filter(|row| !sections.iter().any(|(scope, _)| *scope == row.scope)).collect();
    assert!(missing.is_empty(), "the page has no place for {missing:?}");
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/keys.md");
    if std::env::var_os("IMGWATCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, page()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page(), "docs/keys.md is stale: IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs");
}
