//! What the real program shows of real files: each kind of image, what only looks like one, and what is not unpacked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use image::ImageFormat;
use imgwatch_local::{Fault, FaultRule, LocalCloud};
use tokio::runtime::Runtime;

use super::images::{Scene, animation, bomb, encoded, enlarged, landscape, quarters, save, turned_jpeg, write};
use super::slow;
use super::term::Term;

const SCENE: Scene =
    Scene { sky: [[20, 40, 90], [250, 200, 150]], sun: [255; 3], hills: [[90, 120, 90], [10, 30, 20]] };

/// The files, by name in the order in which they are looked at.
fn files(folder: &Path) -> Vec<PathBuf> {
    let whole = encoded(landscape(640, 400, &SCENE), ImageFormat::Png);
    let jpeg = encoded(landscape(640, 400, &SCENE), ImageFormat::Jpeg);
    vec![
        save(folder, "1-landscape.png", landscape(640, 400, &SCENE)),
        write(folder, "2-turned.jpg", &turned_jpeg(&quarters())),
        write(folder, "3-animation.gif", &animation()),
        save(folder, "4-quarters.webp", quarters()),
        bomb(folder, "5-bomb.png"),
        write(folder, "6-cut.png", &whole[..whole.len() / 2]),
        write(folder, "7-cut.jpg", &jpeg[..jpeg.len() / 2]),
        write(folder, "8-text.png", b"a text, whatever it is called\n"),
        write(folder, "9-nothing.png", b""),
    ]
}

/// The colours of a cell's upper and lower half, where a picture is.
fn halves(cell: &vt100::Cell) -> Option<[vt100::Color; 2]> {
    let (ink, ground) = (cell.fgcolor(), cell.bgcolor());
    match (cell.contents(), ground) {
        ("▀", vt100::Color::Rgb(..)) => Some([ink, ground]),
        ("▄", vt100::Color::Rgb(..)) => Some([ground, ink]),
        ("" | " ", vt100::Color::Rgb(..)) => Some([ground, ground]),
        _ => None,
    }
}

/// The colours in the corners of the picture on the screen: above left and right, below left and right.
fn corners(screen: &vt100::Screen) -> Option<[vt100::Color; 4]> {
    let (rows, cols) = screen.size();
    let cells = (0..rows.get()).flat_map(|row| (0..cols.get()).map(move |col| (row, col)));
    let picture: Vec<(u16, u16, [vt100::Color; 2])> =
        cells.filter_map(|(row, col)| Some((row, col, halves(screen.cell(row, col)?)?))).collect();
    let (top, bottom) = (picture.first()?.0, picture.last()?.0);
    let (left, right) = (picture.first()?.1, picture.last()?.1);
    let at = |row, col| picture.iter().find(|(r, c, _)| (*r, *c) == (row, col)).map(|(_, _, halves)| *halves);
    Some([at(top, left)?[0], at(top, right)?[0], at(bottom, left)?[1], at(bottom, right)?[1]])
}

/// Red, green, blue or white, as far as a lossy image keeps them apart.
fn name(colour: vt100::Color) -> &'static str {
    match colour {
        vt100::Color::Rgb(200.., 0..80, 0..80) => "red",
        vt100::Color::Rgb(0..80, 200.., 0..80) => "green",
        vt100::Color::Rgb(0..80, 0..80, 200..) => "blue",
        vt100::Color::Rgb(200.., 200.., 200..) => "white",
        _ => "something else",
    }
}

fn shows(screen: &vt100::Screen, expected: [&str; 4]) -> bool {
    corners(screen).is_some_and(|corners| corners.map(name) == expected)
}

/// Opens and closes the help, while something else goes on.
fn answers_keys(term: &mut Term) {
    term.keys("?");
    term.wait_for("┏ Keys");
    term.keys("q");
    term.wait("the help to close", |screen| !screen.contents().contains("┏ Keys"));
}

/// Objects alone on the screen, ordered by key, the first one selected.
fn objects(cloud: &LocalCloud, count: usize, env: &[(&str, &str)]) -> Term {
    let mut term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], env);
    term.wait_for(&format!(" {count} · newest"));
    term.keys("2o");
    term.wait_for("by key");
    term.keys("z");
    term.wait_for("▸ 1-");
    term
}

#[test]
fn every_kind_of_file_is_shown_or_said_to_be_none_while_keys_are_answered() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    let files = files(folder.path());
    let size = std::fs::metadata(&files[4]).unwrap().len();
    assert!(size < 1_000_000, "a bomb is small: {size} bytes");
    slow::run(&cloud, &["upload"], &files);
    let mut term = objects(&cloud, files.len(), &[]);

    term.wait("the landscape", |screen| {
        screen.contents().contains("PNG, 640 x 400 pixels")
            && corners(screen).is_some_and(|[a, b, c, _]| a == b && a != c)
    });
    // What lay above left is above right after a quarter turn to the right.
    term.keys("j");
    term.wait_for("JPEG, 80 x 160 pixels, rotated by its EXIF data");
    term.wait("the turned quarters", |screen| shows(screen, ["blue", "red", "white", "green"]));
    term.keys("j");
    term.wait_for("GIF, 64 x 64 pixels");
    term.wait("the first frame", |screen| shows(screen, ["red"; 4]));
    term.keys("j");
    term.wait_for("WebP, 160 x 80 pixels");
    term.wait("the quarters", |screen| shows(screen, ["red", "green", "blue", "white"]));

    // The bomb's answer is held back: what is said of it while it is looked at, and that keys are answered.
    let fault = Fault::Delay(Duration::from_secs(3_600));
    cloud.inject(FaultRule {
        service: "s3".to_owned(),
        operation: Some("GetObject".to_owned()),
        times: u32::MAX,
        fault,
    });
    term.keys("j");
    term.wait("the bomb to be looked at", |screen| {
        screen.contents().contains("▸ 5-bomb.png") && screen.contents().contains("looking…")
    });
    answers_keys(&mut term);
    assert!(term.contents().contains("looking…"), "{}", term.contents());
    cloud.clear_faults();
    term.keys("r");
    term.wait_for("no preview: 10000 x 10000 pixels are 100 million; up to");
    term.wait_for("64 million are decoded");
    assert_eq!(corners(&term.screen()), None, "nothing of it is shown");

    for said in [
        "no preview: the PNG file ends before the image does",
        "JPEG, 640 x 400 pixels; the file is truncated",
        "text, 1 line",
        "no preview: it is empty",
    ] {
        term.keys("j");
        term.wait_for(said);
    }
    term.keys("k");
    term.wait_for("a text, whatever it is called");
    // Back to the first one: it was kept.
    term.keys("g");
    term.wait_for("PNG, 640 x 400 pixels");
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}

#[test]
fn a_large_image_is_decoded_while_keys_are_answered() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    slow::run(&cloud, &["upload"], &[save(folder.path(), "1-large.jpg", enlarged(6_000, 4_000, &SCENE))]);
    let mut term = objects(&cloud, 1, &[]);
    answers_keys(&mut term);
    term.wait_for("JPEG, 6000 x 4000 pixels");
    term.wait("its picture", |screen| corners(screen).is_some());
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}

/// The sequences of the graphics protocols: kitty's, iTerm2's and sixel's.
const SEQUENCES: [(&str, &[u8]); 3] =
    [("kitty", b"\x1b_Gq=2,"), ("iterm2", b"\x1b]1337;File=inline=1;"), ("sixel", b"\x1bP")];

/// The character that kitty replaces with a part of an image.
const PLACEHOLDER: &str = "\u{10eeee}";

#[test]
fn pictures_come_by_the_graphics_protocol_that_is_asked_for_and_by_no_other() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let cloud = slow::cloud(&runtime);
    slow::run(&cloud, &["upload"], &[save(folder.path(), "1-quarters.png", quarters())]);
    for asked in ["kitty", "iterm2", "sixel", "blocks", ""] {
        let env = [("IMGWATCH_GRAPHICS", asked)];
        let mut term = objects(&cloud, 1, if asked.is_empty() { &[] } else { &env });
        term.wait_for("PNG, 160 x 80 pixels");
        match SEQUENCES.iter().find(|(name, _)| *name == asked) {
            Some((name, sequence)) => term.wait_since(name, 0, |_, bytes| has(bytes, sequence)),
            None => term.wait("half-blocks", |screen| shows(screen, ["red", "green", "blue", "white"])),
        }
        // What a dialog covered comes back: the image itself, or with kitty the cells that stand for it.
        if let Some((name, sequence)) = SEQUENCES.iter().find(|(name, _)| *name == asked) {
            let again = if *name == "kitty" { PLACEHOLDER.as_bytes() } else { *sequence };
            let mark = term.written();
            answers_keys(&mut term);
            term.wait_since("the picture again", mark, |_, bytes| has(bytes, again));
        }
        for (name, sequence) in SEQUENCES {
            assert_eq!(term.ever_wrote(sequence), name == asked, "{name} where {asked:?} is asked for");
        }
        term.keys("q");
        assert!(term.end().0.success());
    }
    runtime.block_on(cloud.stop());
}

fn has(bytes: &[u8], sequence: &[u8]) -> bool {
    bytes.windows(sequence.len()).any(|window| window == sequence)
}
