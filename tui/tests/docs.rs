//! `docs/keys.md` says what the table of keys says. `IMGWATCH_WRITE_DOCS=1 cargo test --workspace --test docs` writes it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;
use std::path::PathBuf;

use imgwatch::config::file::Choice;
use imgwatch::keymap::action::Panel;
use imgwatch::keymap::{KEYMAP, PLACES, Scope, bind, names};
use imgwatch::terminal::exit::Exit;

const HEAD: &str = "\
# Keys

Written from the program's own table of keys; `?` shows those that hold, and `:` finds an action by its words.

Other keys are named in the config file, `~/.config/imgwatch/config.toml`, in a table for each place: the action's name, and
one key or a list of keys in the place of those below. An empty list takes all keys away; what panels
do is found with `:` all the same.

```toml
[keys.panels]
upload = \"U\"
quit = [\"Q\", \"ctrl-q\"]

[keys.logs]
pause = \"f5\"
```

A key is written as it is shown here: a character, `space`, `enter`, `esc`, `tab`, `shift-tab`, `backspace`, `delete`, `up`,
`down`, `left`, `right`, `home`, `end`, `pgup`, `pgdn`, `f1` to `f12`, with `ctrl-` or `alt-` before it. What cannot work is
refused before the dashboard starts, with the line and what to do: unknown names, a key that does two things, one that hides
another place's, letters where text is typed, and a place without a key to leave it. `imgwatch config` prints the keys that
differ from these.
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
        write!(page, "\n## {title}\n\n`[keys.{scope_name}]`\n\n| keys | do | name |\n|---|---|---|\n").unwrap();
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
fn the_readme_has_the_table_of_exit_codes() {
    let readme = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let mut table = "| exit code | meaning |\n|---|---|\n".to_owned();
    for exit in Exit::ALL {
        writeln!(table, "| {} | {} |", exit.code(), exit.meaning()).unwrap();
    }
    assert!(readme.contains(&format!("\n\n{table}\n")), "README.md has another table of exit codes than\n{table}");
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
