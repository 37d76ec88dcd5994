//! An image that is overwritten and then deleted: its versions, what came of each, and the way to their uploads.

use tokio::runtime::Runtime;

use super::folder::s3;
use super::images::{quarters, save, write};
use super::term::Term;
use super::{ENTER, ESC, slow};

#[test]
fn what_is_overwritten_and_deleted_is_listed_with_what_became_of_it() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let file = save(folder.path(), "cat.png", quarters());
    slow::run(&cloud, &["upload", "--wait"], std::slice::from_ref(&file));
    let mut term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], &[]);
    term.wait_for("✓ published");

    // The same name with other content, over what is there.
    write(folder.path(), "cat.png", b"\x89PNG\r\n\x1a\nno image any more");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(file.to_str().unwrap());
    term.wait_for("cat.png");
    term.keys(ENTER);
    term.wait_for("[skip it]");
    term.keys("\t");
    term.wait_for("[overwrite it]");
    term.keys(ENTER);
    term.wait("both uploads", |screen| screen.contents().matches("✓ published").count() == 2);

    term.keys("2z");
    term.wait("the objects alone", |screen| !screen.contents().contains("1 Uploads"));
    term.keys("v");
    term.wait("both versions, each with its upload", |screen| {
        let text = screen.contents();
        text.contains("2 versions")
            && text.contains("current        ✓ published")
            && text.matches("✓ published").count() == 2
    });
    let delete = s3(cloud.endpoint()).delete_object().bucket("images").key("cat.png").send();
    runtime.block_on(delete).unwrap();
    term.keys("r");
    term.wait_for("3 versions, 1 of them a delete marker");
    term.keys("G");
    term.wait("the cursor on the oldest", |screen| {
        screen.contents().lines().any(|line| line.contains('▸') && line.contains("✓ published"))
    });
    // What was overwritten is still the image that it was.
    term.keys(ENTER);
    term.wait_for("state       noncurrent");
    term.wait_for("PNG, 160 x 80 pixels");
    term.keys(ESC);
    term.wait_for("┏ Versions ━");
    term.keys("1");
    term.wait("the upload that another program made", |screen| {
        let text = screen.contents();
        text.contains("┏ 1 Uploads") && text.contains("uploaded elsewhere")
    });
    // Of an object that is in no list any more, its upload leads to the versions.
    term.keys(ENTER);
    term.wait_for("┏ Upload ━");
    term.keys("v");
    term.wait_for("3 versions, 1 of them a delete marker");
    term.keys(ESC);
    term.wait("the upload again", |screen| {
        let text = screen.contents();
        !text.contains("┏ Versions ━") && text.contains("┏ Upload ━")
    });
    term.keys(ESC);
    term.wait("the upload to close", |screen| !screen.contents().contains("┏ Upload ━"));
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}
