//! The dashboard as its user has set it up: other keys, calls for attention, a log file.

use std::path::Path;
use std::process::{Command, Stdio};

use super::finding::Server;
use super::term::Term;

/// A dashboard on the local cloud with this config file.
fn with_file(folder: &Path, text: &str) -> Term {
    let path = folder.join("config.toml");
    std::fs::write(&path, text).unwrap();
    let term = Term::start(120, 40, &["--local", "--config", path.to_str().unwrap()], &[]);
    term.wait_for("LIVE");
    term
}

#[test]
fn a_key_of_the_config_file_works_where_it_is_shown_and_the_old_one_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[keys.panels]\nupload = 'U'\nhelp = 'f1'\nquit = ['Q', 'ctrl-q']\n[keys.input]\nsubmit = 'ctrl-s'";
    let mut term = with_file(folder.path(), text);
    term.wait_for("U upload");
    term.wait_for("F1 help  Q quit");
    term.wait_for("press U, then Ctrl-S, to upload");
    // Had u or q or ? done what they usually do, F1 would not open the help, or the program would have ended.
    term.keys("uq?\u{1b}OP");
    term.wait_for("U                      upload files, folders or a test image");
    term.wait_for("subscribe an email address");
    term.keys("q");
    term.wait("the help to close", |screen| !screen.contents().contains("subscribe an email address"));
    term.keys("U");
    term.wait_for("generated test image");
    term.keys("\u{13}");
    term.wait_for("delivered");
    term.keys("\u{11}");
    assert!(term.end().0.success());
}

#[test]
fn the_terminal_notifies_of_an_image_that_another_program_uploads() {
    let server = Server::start();
    for (how, inside, bytes) in [
        ("osc9", ("TMUX", ""), &b"\x1b]9;imgwatch: new image: test-"[..]),
        ("osc9", ("TMUX", "/tmp/tmux"), b"\x1bPtmux;\x1b\x1b]9;imgwatch: new image: test-"),
        ("bell", ("TMUX", ""), b"\x07"),
    ] {
        let args = ["--endpoint-url", &server.endpoint, "--notify", how];
        let mut term = Term::start(120, 40, &args, &[inside]);
        term.wait_for("LIVE");
        assert!(!term.ever_wrote(bytes), "what was there before causes no notification");
        let upload = Command::new(env!("CARGO_BIN_EXE_imgwatch"))
            .args(["--endpoint-url", &server.endpoint, "upload", "--test-image", "--wait"])
            .stdout(Stdio::null())
            .status();
        assert!(upload.unwrap().success());
        term.wait_written(bytes);
        term.keys("q");
        assert!(term.end().0.success());
    }
}

#[test]
fn the_log_file_says_what_failed_and_the_screen_stays_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("imgwatch.log");
    let flag = format!("--log-file={}", log.display());
    let args = ["--endpoint-url", "http://127.0.0.1:1", &flag, "--log-level", "debug"];
    let mut term =
        Term::start(120, 40, &args, &[("AWS_SECRET_ACCESS_KEY", "not-for-logs"), ("AWS_ACCESS_KEY_ID", "AKIA")]);
    term.wait_for("imgwatch local");
    term.keys("q");
    assert!(term.end().0.success());
    let text = std::fs::read_to_string(&log).unwrap();
    for part in ["INFO start: imgwatch ", "dashboard", "WARN cannot ", "INFO end: exit code 0"] {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert!(!text.contains("not-for-logs"), "{text}");
}
