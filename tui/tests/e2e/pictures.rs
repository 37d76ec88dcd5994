//! The pictures of the documents: the real dashboard, driven by keys, as it stood on the terminal's screen.
//!
//! `IMGWATCH_WRITE_DOCS=1 cargo test --test e2e pictures` regenerates them. Ids and times are those that really came, so
//! nothing compares them; without the variable the same keys are pressed and the pictures are drawn and thrown away.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::images::{Scene, landscape, save, write};
use super::svg;
use super::term::Term;
use super::{ENTER, ESC};

const DUSK: Scene =
    Scene { sky: [[38, 34, 84], [252, 160, 98]], sun: [255, 236, 179], hills: [[172, 92, 112], [28, 24, 52]] };
const MORNING: Scene =
    Scene { sky: [[92, 158, 214], [232, 240, 236]], sun: [255, 250, 224], hills: [[148, 186, 190], [24, 66, 62]] };
const DESERT: Scene =
    Scene { sky: [[24, 92, 128], [250, 214, 158]], sun: [255, 244, 214], hills: [[226, 160, 104], [112, 52, 40]] };

const DOWN: &str = "\u{1b}[B";
const RIGHT: &str = "\u{1b}[C";
/// Ctrl and the space bar.
const MARK: &str = "\0";

/// A folder with what collects in folders: two more folders, and images of some days ago.
fn album(home: &Path) -> PathBuf {
    let folder = home.join("pictures");
    for below in ["2025", "screenshots"] {
        std::fs::create_dir_all(folder.join(below)).unwrap();
    }
    for (days, name, scene) in [(2, "harbour.jpg", &MORNING), (9, "coast.png", &DESERT), (9, "valley.jpg", &DUSK)] {
        let path = save(&folder, name, landscape(640, 400 + 8 * days, scene));
        let then = SystemTime::now() - Duration::from_secs(86_400 * u64::from(days));
        std::fs::File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
    }
    folder
}

/// Pastes a path, as a file that is dropped onto the terminal does, and uploads it.
fn drop_onto(term: &mut Term, path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    term.keys(&format!("\u{1b}[200~{}\u{1b}[201~", path.display()));
    term.wait_for(name);
    term.keys(ENTER);
}

/// Whether every word is on the screen, and the footer shows keys: what was said last has faded.
fn is_calm(screen: &vt100::Screen, words: &[&str]) -> bool {
    let text = screen.contents();
    text.contains("u upload") && words.iter().all(|word| text.contains(word))
}

/// Whether the log has the end of the invocation that was about this file.
fn has_report(screen: &str, name: &str) -> bool {
    let log = screen.split("3 Logs").nth(1).unwrap_or_default();
    log.find(name).is_some_and(|at| log[at..].contains("REPORT"))
}

/// Draws the screen into the folder of documents, where that is asked for.
fn take(term: &Term, name: &str, title: &str) {
    let svg = svg::render(&term.screen(), title);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("IMGWATCH_WRITE_DOCS").is_some() {
        std::fs::write(&path, &svg).unwrap();
    }
    // A picture of another size was taken by another version of this.
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept.lines().next(), svg.lines().next(), "{name} is stale: run this with IMGWATCH_WRITE_DOCS=1");
}

#[test]
fn pictures_for_the_readme() {
    let home = tempfile::tempdir().unwrap();
    let folder = album(home.path());
    let files = [
        save(&folder, "dunes.webp", landscape(720, 480, &DESERT)),
        write(&folder, "notes.txt", b"to be sorted\n"),
        save(&folder, "first-light.jpg", landscape(1280, 800, &MORNING)),
        save(&folder, "hills-at-dusk.png", landscape(960, 720, &DUSK)),
    ];
    let mut term = Term::start(100, 28, &["--local"], &[("HOME", home.path().to_str().unwrap())]);
    term.wait_for("LIVE");
    term.keys("s");
    term.wait_for("An email address");
    term.keys("ada@example.com");
    term.wait_for("> ada@example.com");
    term.keys(ENTER);
    term.wait_for("1 pending");
    for (number, file) in files.iter().enumerate() {
        // Objects of one second are listed by their keys.
        let before = Timestamp::now().as_second();
        term.wait("another second", |_| Timestamp::now().as_second() > before);
        drop_onto(&mut term, file);
        let objects = format!(" {} · newest", number + 1);
        term.wait("the object", |screen| screen.contents().contains(&objects));
        let name = file.file_name().unwrap().to_str().unwrap();
        term.wait("its report", |screen| has_report(&screen.contents(), name));
    }
    let delivered = "image-uploads-audit  delivered";
    let told = ["hills-at-dusk.png", "skipped", "stored", "invoked", "published", delivered, "accepted", "● LIVE"];
    term.wait("all of it", |screen| is_calm(screen, &told));
    take(&term, "dashboard.svg", "The imgwatch dashboard: an upload followed from the bucket to each subscriber");

    term.keys("2z");
    term.wait("the picture", |screen| {
        is_calm(screen, &["PNG, 960 x 720 pixels", "▄", "dunes.webp"]) && !screen.contents().contains("3 Logs")
    });
    take(&term, "preview.svg", "The bucket's objects in imgwatch, with a preview of the selected image");

    // Into the folder; one file is marked by its name, and another one looked at.
    term.keys("zu");
    term.wait_for("pictures/");
    term.keys(&format!("{DOWN}{RIGHT}"));
    term.wait_for("~/pictures/");
    term.keys("hills");
    term.wait_for("▸   hills-at-dusk.png");
    term.keys(MARK);
    term.wait_for("1 marked");
    term.keys("\u{15}");
    term.wait_for("harbour.jpg");
    term.keys(&DOWN.repeat(3));
    term.wait("the picture of a file", |screen| {
        let text = screen.contents();
        ["▸   dunes.webp", "● hills-at-dusk.png", "WebP, 720 x 480 pixels", "▄"].iter().all(|word| text.contains(word))
    });
    take(
        &term,
        "chooser.svg",
        "Choosing files to upload in imgwatch: one is marked, and the selected one is previewed",
    );
    term.keys(ESC);
    term.wait("the mark to go", |screen| !screen.contents().contains("1 marked"));
    term.keys(ESC);
    term.wait("the chooser to close", |screen| !screen.contents().contains("┏ Upload"));
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn picture_of_a_function_that_prints_the_key() {
    let home = tempfile::tempdir().unwrap();
    let folder = album(home.path());
    let handler = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/handlers/prints-key");
    let own = [("HOME", home.path().to_str().unwrap())];
    let mut term = Term::start(100, 28, &["--local", "--handler", handler], &own);
    term.wait_for("LIVE");
    for name in ["coast.png", "harbour.jpg"] {
        drop_onto(&mut term, &folder.join(name));
        term.wait("its report", |screen| has_report(&screen.contents(), name));
    }
    // What it published is in the inbox.
    term.wait("all of it", |screen| is_calm(screen, &["harbour.jpg", "invoked", "Inbox ────────────────────────── 2"]));
    term.keys(ENTER);
    term.wait("the details", |screen| {
        let text = screen.contents();
        ["harbour.jpg", "names the key", "invocation "].iter().all(|word| text.contains(word))
    });
    take(
        &term,
        "own-function.svg",
        "An upload in imgwatch, joined to a function's invocation by the key that it printed",
    );
    term.keys(ESC);
    term.wait("the details to close", |screen| !screen.contents().contains("names the key"));
    term.keys("q");
    assert!(term.end().0.success());
}
