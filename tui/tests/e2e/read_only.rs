//! A dashboard that is read-only: it says so, and no key leads to a request that changes something.

use imgwatch::keymap::{KEYMAP, Scope};
use tokio::runtime::Runtime;

use super::keys::stage::bytes;
use super::record::recorder;
use super::slow;
use super::term::Term;

#[test]
fn no_key_changes_anything_while_the_header_says_read_only() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let port = cloud.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    let (proxy, recording) = recorder(port);
    let config = folder.path().join("config.toml");
    let text = format!(
        "[pipelines.live]\nendpoint-url = \"http://127.0.0.1:{}\"\nread-only = true\ncolor = \"red\"\n",
        proxy.port
    );
    std::fs::write(&config, text).unwrap();
    let env = [("HOME", folder.path().to_str().unwrap())];
    let mut term = Term::start(120, 40, &["--config", config.to_str().unwrap()], &env);
    term.wait("the header, with the name in its colour", |screen| {
        let name =
            (0..screen.size().1.get()).filter_map(|column| screen.cell(0, column)).find(|cell| cell.contents() == "l");
        screen.contents().contains("READ-ONLY  ● LIVE")
            && screen.contents().contains("2 subscribers")
            && name.is_some_and(|cell| cell.fgcolor() == vt100::Color::Idx(1) && cell.inverse())
    });
    for row in KEYMAP.iter().filter(|row| row.action.changes_something()) {
        if let Scope::In(panel) = row.scope {
            term.keys(&(panel as usize + 1).to_string());
        }
        for key in row.usual() {
            term.keys(&bytes(*key));
            term.wait_for("read-only: nothing can be changed");
        }
    }
    // A path that is dropped onto the terminal opens the form, and the gate refuses what it sends.
    let file = folder.path().join("dropped.txt");
    std::fs::write(&file, "dropped").unwrap();
    term.keys(&format!("\u{1b}[200~{}\u{1b}[201~", file.display()));
    term.wait_for("dropped.txt");
    term.keys("\r");
    term.wait_for("s3:PutObject is refused");
    term.keys("q");
    assert!(term.end().0.success());
    assert!(!recording.actions().is_empty());
    assert_eq!(recording.changes(), [""; 0]);
    runtime.block_on(cloud.stop());
}
