//! The dashboard inside tmux, which counts the columns of flags and emoji in its own way. Left out where there is no tmux.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::finding::Server;

/// A tmux server of this test's own.
struct Tmux {
    folder: tempfile::TempDir,
}

impl Tmux {
    fn start(program: &str) -> Option<Self> {
        Command::new("tmux").arg("-V").stdout(Stdio::null()).status().ok()?;
        let tmux = Self { folder: tempfile::tempdir().unwrap() };
        let size = ["-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", program];
        assert!(tmux.command(&size).status().unwrap().success());
        Some(tmux)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LC_ALL", "C.UTF-8").env("HOME", self.folder.path()).env("SHELL", "/bin/sh");
        command.arg("-S").arg(self.folder.path().join("socket")).args(args);
        command
    }

    fn keys(&self, keys: &[&str]) {
        assert!(self.command(&[&["send-keys"], keys].concat()).status().unwrap().success());
    }

    /// What tmux has on its screen, as soon as it is as asked.
    fn wait(&self, what: &str, is: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + Duration::from_mins(3);
        loop {
            let output = self.command(&["capture-pane", "-p"]).output().unwrap();
            let screen = String::from_utf8(output.stdout).unwrap();
            if is(&screen) {
                return screen;
            }
            assert!(Instant::now() < end, "waited for {what}; the screen was:\n{screen}");
            std::thread::yield_now();
        }
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).status();
    }
}

const NAMES: [&str; 5] = ["uploaded🇩🇪trip.png", "ok👍🏽.png", "❤️x.png", "क्षत्रिय.png", "1️⃣first.png"];

#[test]
fn nothing_of_a_flag_stays_in_tmux_when_rows_move() {
    let server = Server::start();
    let program = env!("CARGO_BIN_EXE_imgwatch");
    let dashboard = format!("{program} --endpoint-url {}", server.endpoint);
    let Some(tmux) = Tmux::start(&dashboard) else { return };
    tmux.wait("the dashboard", |screen| screen.contains("LIVE"));
    for name in NAMES.into_iter().chain(["plain-one.png", "plain-two.png"]) {
        let path = tmux.folder.path().join(name);
        std::fs::write(&path, "no image").unwrap();
        let mut upload = Command::new(program);
        upload.args(["--endpoint-url", &server.endpoint, "upload"]).arg(path).stdout(Stdio::null());
        assert!(upload.status().unwrap().success());
    }
    tmux.keys(&["2", "z", "r"]);
    tmux.wait("the objects", |screen| screen.contains("trip.png") && screen.contains("plain-one.png"));
    // The rows move: by another order, and by the cursor.
    for _ in 0..4 {
        tmux.keys(&["o"]);
        tmux.keys(&["Down", "Down", "Up"]);
    }
    tmux.keys(&["/", "plain", "Enter"]);
    let screen = tmux.wait("the plain names alone", |screen| screen.contains("2 of 7") && !screen.contains("trip.png"));
    let is_left = |c: char| matches!(u32::from(c), 0x1F000..|0x2764| 0x20E3 | 0xFE0F | 0x0900..0x0980);
    assert!(!screen.contains(is_left), "something stays:\n{screen}");
    assert_eq!(screen.matches(".png").count(), 2, "{screen}");
    tmux.keys(&["Escape"]);
    let screen = tmux.wait("all names again", |screen| screen.contains("trip.png"));
    for end in ["trip.png", "first.png", "plain-two.png"] {
        assert_eq!(screen.matches(end).count(), 1, "{end} stands there once:\n{screen}");
    }
}
