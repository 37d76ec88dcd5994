//! The dashboard on each entry: what stands between the bucket and the function is in the story of an upload.

use super::term::Term;

#[test]
fn the_story_of_an_upload_has_the_stages_of_its_entry() {
    for (entry, shown) in [
        ("queue", &["queued", "queue image-events, message "][..]),
        ("topic", &["fanned out", "topic image-events, message "]),
        ("topic-queue", &["fanned out", "topic image-events, message ", "queued", "queue image-events, message "]),
        ("eventbridge", &["matched", "rule image-events"]),
    ] {
        let mut term = Term::start(140, 40, &["--local", "--entry", entry], &[]);
        term.wait_for("LIVE");
        term.keys("u");
        term.wait_for("generated test image");
        term.keys("\r");
        for text in [shown, &["delivered"]].concat() {
            term.wait_for(text);
        }
        term.keys("q");
        assert!(term.end().0.success(), "{entry}");
    }
}
