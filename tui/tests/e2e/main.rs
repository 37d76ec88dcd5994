//! The dashboard as a person uses it: the real binary, a real pseudo-terminal, the real local cloud.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "local")]
mod answers;
#[path = "../raw/ask.rs"]
mod ask;
#[cfg(feature = "local")]
mod asking;
#[cfg(feature = "local")]
mod downloads;
#[cfg(feature = "local")]
mod ends;
#[cfg(feature = "local")]
mod entries;
mod finding;
#[cfg(feature = "local")]
mod folder;
mod functions;
#[cfg(feature = "local")]
mod images;
#[cfg(feature = "local")]
mod keys;
#[cfg(feature = "local")]
mod own;
#[cfg(feature = "local")]
mod palette;
#[cfg(feature = "local")]
mod pictures;
#[cfg(feature = "local")]
mod previews;
#[path = "../raw/mod.rs"]
mod raw;
#[cfg(feature = "local")]
mod read_only;
#[cfg(feature = "local")]
#[path = "../raw/record.rs"]
mod record;
#[cfg(feature = "local")]
mod refused;
#[cfg(feature = "local")]
mod slow;
#[cfg(feature = "local")]
mod svg;
mod term;
#[cfg(feature = "local")]
mod tmux;
#[cfg(feature = "local")]
mod versions;

use imgwatch::text::clean::is_harmful;
use term::Term;

const ENTER: &str = "\r";
const ESC: &str = "\u{1b}";

/// Whether a match is underlined, as matches are.
fn is_marked(screen: &vt100::Screen) -> bool {
    let (rows, cols) = screen.size();
    let (rows, cols) = (rows.get(), cols.get());
    (0..rows).any(|row| (0..cols).any(|col| screen.cell(row, col).is_some_and(vt100::Cell::underline)))
}

/// A dashboard that is connected.
fn dashboard() -> Term {
    let term = Term::start(120, 40, &["--local"], &[]);
    term.wait_for("LIVE");
    term
}

#[test]
fn u_and_enter_bring_an_image_from_the_bucket_to_its_subscribers() {
    let mut term = dashboard();
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait_for("delivered");
    term.wait_for("accepted");
    // The report comes last: the delivery status may be there before it.
    for word in ["stored", "invoked", "published", "attempt 1, cold start", "image-uploads-audit", "you@example.com"] {
        term.wait_for(word);
    }
    // The mail is in the inbox, the record in the log, and the object in the bucket, without a further key.
    term.wait_for("png in images");
    term.wait_for("└ REPORT");
    term.wait("the object", |screen| screen.contents().contains(" 1 · newest"));
    term.keys("q");
    let (status, _) = term.end();
    assert!(status.success(), "{status:?}");
}

#[test]
fn a_subscription_is_made_confirmed_and_removed_from_the_keyboard() {
    let mut term = dashboard();
    term.wait_for("2 confirmed");
    term.keys("s");
    term.wait_for("email");
    term.keys("not an address");
    term.keys(ENTER);
    // The form says what is wrong and stays open: what is typed next goes into it.
    term.keys("\u{15}new@example.com");
    term.wait_for("new@example.com");
    term.keys(ENTER);
    term.wait_for("1 pending");
    term.wait_for("press c to confirm");
    term.keys("c");
    term.wait_for("Confirm the subscription of new@example.com?");
    term.keys("y");
    // The state flips without a further key.
    term.wait("the confirmed state", |screen| {
        let text = screen.contents();
        text.contains("3 subscribers") && !text.contains("pending")
    });
    term.keys("4");
    term.keys("G");
    term.keys("x");
    term.wait_for("Unsubscribe email");
    term.keys("n");
    term.wait("the question to close", |screen| !screen.contents().contains("It will get no more notifications"));
    term.keys("xy");
    term.wait_for("2 subscribers");
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn keys_move_zoom_filter_and_help() {
    let mut term = dashboard();
    term.keys("u");
    term.keys(ENTER);
    term.wait_for("delivered");
    // The delivery status may come before the report does.
    term.wait_for("└ REPORT");
    term.keys("3z");
    term.wait("the log alone", |screen| !screen.contents().contains("2 Objects"));
    term.keys("/REPORT");
    term.wait("only reports", |screen| {
        let text = screen.contents();
        text.contains("REPORT") && !text.contains("INIT_START")
    });
    term.keys(ENTER);
    term.keys(ENTER);
    term.wait_for("platform.report");
    term.keys(ESC);
    term.wait("the details to close", |screen| !screen.contents().contains("platform.report"));
    term.keys(ESC);
    term.wait_for("INIT_START");
    // What was looked for is still marked, for n and N; the next Esc takes the marks back, and one more the zoom.
    term.wait("marks", is_marked);
    term.keys(ESC);
    term.wait("the marks to go", |screen| !is_marked(screen));
    term.keys(ESC);
    term.wait_for("2 Objects");
    term.keys("?");
    term.wait_for("subscribe an email address");
    term.keys("q");
    term.wait("the help to close", |screen| !screen.contents().contains("subscribe an email address"));
    term.resize(50, 11);
    term.wait_for("at least 30x12");
    term.resize(30, 12);
    term.wait_for("─ 2 Objects");
    term.resize(80, 24);
    term.wait_for("1 Uploads");
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn a_key_in_the_moment_of_a_resize_is_handled() {
    let mut term = dashboard();
    for turn in 0..60 {
        let (cols, rows) = if turn % 2 == 0 { (100, 30) } else { (80, 24) };
        term.resize(cols, rows);
        term.keys("?");
        term.wait_for("┏ Keys");
        term.resize(cols - 1, rows);
        term.keys("q");
        term.wait("the help to close", |screen| !screen.contents().contains("┏ Keys"));
    }
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn a_hostile_file_name_is_harmless_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let name = "\u{1b}]0;owned\u{7}\u{202e}gnp.exe\n.png";
    let path = folder.path().join(name);
    std::fs::write(&path, b"not really an image").unwrap();
    let mut term = dashboard();
    term.keys("u");
    term.wait_for("generated test image");
    // Typed as a person would who only knows the folder: Tab completes the name.
    term.keys(&format!("{}/", folder.path().display()));
    term.keys("\t");
    term.wait_for("owned");
    term.keys(ENTER);
    term.wait_for("Enter uploads 1 file");
    term.keys(ENTER);
    term.wait_for("delivered");
    for (panel, other) in [("1", "3 Logs"), ("2", "1 Uploads"), ("3", "1 Uploads"), ("5", "1 Uploads")] {
        term.keys(panel);
        term.keys("z");
        term.wait("one panel alone, with the name in it", |screen| {
            let text = screen.contents();
            text.contains("owned") && !text.contains(other)
        });
        let screen = term.contents();
        assert!(!screen.chars().any(|c| is_harmful(c) && c != '\n'), "panel {panel}:\n{screen}");
        term.keys("z");
        term.wait_for(other);
    }
    assert!(!term.ever_wrote(b"\x1b]0;"), "the window title was set");
    assert!(!term.ever_wrote("\u{202e}".as_bytes()), "text was reversed");
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn signals_give_the_terminal_back() {
    for signal in ["TERM", "INT", "HUP", "QUIT"] {
        let term = dashboard();
        term.signal(signal);
        let (status, _) = term.end();
        assert!(status.success(), "after {signal}: {status:?}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_back() {
    let mut term = Term::start_shell(120, 40);
    term.wait_for("ready> ");
    term.keys("$IMGWATCH --local\r");
    term.wait_for("LIVE");
    term.keys("\u{1a}");
    term.wait("the shell", |screen| {
        !screen.alternate_screen() && !screen.hide_cursor() && screen.contents().trim_end().ends_with("ready>")
    });
    term.keys("fg\r");
    term.wait("the dashboard", |screen| screen.alternate_screen() && screen.contents().contains("1 Uploads"));
    term.keys("q");
    term.wait("the shell again", |screen| {
        !screen.alternate_screen() && screen.contents().trim_end().ends_with("ready>")
    });
    term.keys("exit\r");
    assert!(term.end().0.success());
}

#[test]
fn an_endpoint_that_is_not_there_is_named_and_keys_stay_live() {
    let mut term = Term::start(120, 40, &["--endpoint-url", "http://127.0.0.1:1"], &[]);
    term.wait_for("127.0.0.1:1");
    term.wait_for("imgwatch local");
    term.keys("?");
    term.wait_for("subscribe an email address");
    term.keys("qq");
    assert!(term.end().0.success());
}

#[test]
fn p_makes_a_probe_that_proves_the_fan_out_and_quitting_removes_it() {
    let mut term = dashboard();
    term.wait_for("2 confirmed");
    term.keys("p");
    term.wait_for("imgwatch-probe-<random>");
    term.keys("y");
    term.wait_for("3 confirmed");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait_for("proven: probe queue imgwatch-probe-");
    term.keys("p");
    // It is off the list before its queue is gone.
    term.wait("the probe to be removed", |screen| {
        let text = screen.contents();
        text.contains("2 confirmed") && !text.contains("probe on") && !text.contains("probe …")
    });
    term.keys("p");
    term.wait_for("imgwatch-probe-<random>");
    term.keys("y");
    term.wait_for("3 confirmed");
    term.keys("q");
    let (status, output) = term.end();
    assert!(status.success(), "{status:?}");
    assert!(output.contains("removed the probe queue imgwatch-probe-"), "{output}");
}

#[cfg(feature = "local")]
#[test]
fn a_terminal_without_cursor_control_gets_no_escape_sequence() {
    let commands: [&[&str]; 4] = [&[], &["--local"], &["--help"], &["--local", "upload", "--test-image", "--wait"]];
    for command in commands {
        let (status, text) = Term::start(80, 24, command, &[("TERM", "dumb")]).end_with_bytes();
        let is_dashboard = command.iter().all(|word| *word == "--local");
        assert_eq!(status.success(), !is_dashboard, "{command:?}: {text}");
        assert!(!text.contains('\u{1b}'), "{command:?}: {text:?}");
        assert!(!is_dashboard || text.contains("set TERM"), "{text}");
    }
}
