//! An object is downloaded by keys: into the folder that the program was started in, as it is, and never over another file.

use tokio::runtime::Runtime;

use super::images::{quarters, save};
use super::slow;
use super::term::Term;

#[test]
fn an_object_is_downloaded_byte_for_byte_and_over_a_file_only_after_a_question() {
    let (runtime, folder, place) =
        (Runtime::new().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let picture = save(folder.path(), "cat.png", quarters());
    let bytes = std::fs::read(&picture).unwrap();
    slow::run(&cloud, &["upload", "--prefix", "photos/"], &[picture]);
    let target = place.path().join("cat.png");

    // A terminal begins in the home directory.
    let home = tempfile::tempdir().unwrap();
    let env = [("HOME", home.path().to_str().unwrap())];
    let mut term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], &env);
    term.wait_for("LIVE");
    term.wait_for("photos/cat.png");
    term.keys("2D");
    term.wait_for("Enter downloads the object");
    // The folder that it was started in is offered; another one is typed.
    let offered = format!("{}/cat.png", home.path().display());
    term.wait("the offer", |screen| {
        let text = screen.contents();
        let field = text.split_once("┃ > ").and_then(|(_, rest)| rest.split('┃').next()).unwrap_or_default().trim();
        !field.is_empty() && offered.ends_with(field.trim_start_matches('…'))
    });
    term.keys(&format!("\u{15}{}/gone/", place.path().display()));
    term.keys("\r");
    term.wait_for("choose another path");
    term.keys(&format!("\u{15}{}", place.path().display()));
    term.keys("\r");
    term.wait_for("downloaded photos/cat.png (");
    assert!(std::fs::read(&target).unwrap() == bytes);

    std::fs::write(&target, b"mine").unwrap();
    let again = format!("D\u{15}{}\r", target.display());
    term.keys(&again);
    term.wait_for("Overwrite the file");
    term.keys("n");
    term.wait("the question to close", |screen| !screen.contents().contains("┏ Confirm"));
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    let mark = term.written();
    term.keys(&again);
    term.wait_for("Overwrite the file");
    term.keys("y");
    term.wait_since("the second download", mark, |screen, _| screen.contents().contains("downloaded photos/cat.png ("));
    assert!(std::fs::read(&target).unwrap() == bytes);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}
