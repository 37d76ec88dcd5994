//! `docs/keys.md` says what the table of keys says. `IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::PathBuf;

use imgwatch::config::file::Choice;
use imgwatch::keymap::action::Panel;
use imgwatch::keymap::{KEYMAP, PLACES, Scope, bind, names};

const HEAD: &str = "\
# Keys

This page is generated from the program's key table. In the dashboard, `?` shows the effective keys and `:` finds an action.

To change keys, write them to the config file, `~/.config/imgwatch/config.toml`, in the table of the scope: the action's name,
and one key or a list of keys that replaces the default. An empty list removes all keys; `:` still finds the actions of
panels.

```toml
[keys.panels]
upload = \"U\"
quit = [\"Q\", \"ctrl-q\"]

[keys.logs]
pause = \"f5\"
```

Write a key as it is shown here: a character, `space`, `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `up`,
`down`, `left`, `right`, `home`, `end`, `pgup`, `pgdn`, `f1` to `f12`, with an optional `ctrl-` or `alt-` prefix. The dashboard
does not start with keys that cannot work, and names the line and a fix: unknown names, a key with two actions, a key that
hides a key of another scope, characters where text is typed, and a scope without a key to close it. `imgwatch config` prints
the keys that differ from the defaults.
";

/// Every scope with its heading, the panels' first.
fn sections() -> Vec<(Scope, String)> {
    let panels = Panel::ALL.map(|panel| (Scope::In(panel), format!("In {}", panel.title())));
    let places = PLACES.map(|(scope, title)| (scope, title.to_owned()));
    [(Scope::Panels, "In every panel".to_owned())].into_iter().chain(panels).chain(places).collect()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (scope, title) in sections() {
        let scope_name = names::scope(scope);
        write!(page, "\n## {title}\n\n`[keys.{scope_name}]`\n\n| keys | action | name |\n|---|---|---|\n").unwrap();
        for binding in KEYMAP.iter().filter(|binding| binding.scope == scope) {
            let keys: Vec<String> = binding.usual().iter().map(|key| format!("`{key}`")).collect();
            let (help, name) = (binding.help.replace('|', "\\|"), names::action(binding.action));
            writeln!(page, "| {} | {help} | `{name}` |", keys.join(" ")).unwrap();
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

#[test]
fn the_config_files_of_the_documents_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let top = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    for document in ["docs/keys.md", "README.md"] {
        let text = std::fs::read_to_string(top.join(document)).unwrap();
        let blocks: Vec<&str> = text.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        assert!(!blocks.is_empty(), "{document} shows a config file");
        for block in blocks {
            let path = folder.path().join("config.toml");
            std::fs::write(&path, block).unwrap();
            let choice = Choice::read(Some(&path)).and_then(|choice| choice.choose(None)).expect(document);
            assert!(bind(&choice.keys).is_ok(), "{document}: {:?}", bind(&choice.keys));
        }
    }
}
