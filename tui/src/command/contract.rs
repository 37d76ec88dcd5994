//! Golden files of what scripts and config files read: `tui/tests/contracts/`. A test that fails here says that a contract
//! changed. `IMGWATCH_WRITE_DOCS=1 cargo test -p imgwatch --lib contract` writes the files after a change that is meant.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

/// Compares documents with the golden file of this name.
pub(crate) fn check(name: &str, documents: &[Value]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contracts").join(format!("{name}.json"));
    let mut text = String::new();
    for document in documents {
        writeln!(text, "{document:#}").unwrap();
    }
    if std::env::var_os("IMGWATCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, golden, "scripts and config files rely on {}", path.display());
}

/// What a command prints: one document a line.
pub(crate) fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
