//! However the program ends, and whatever has become of its terminal: what it made is removed, and the terminal is as
//! before.

use std::path::Path;
use std::time::Duration;

use imgwatch_local::{Fault, FaultRule, LocalCloud};
use rustix::termios::{Action, LocalModes, tcflow, tcgetattr};
use tokio::runtime::Runtime;

use super::ENTER;
use super::slow;
use super::term::Term;

const PREFIX: &str = "imgwatch-probe-";
/// F12 arms the switch that makes a part of the program panic, in debug builds.
const ARM: &str = "\u{1b}[24~";

/// The cloud, and a home for what the program keeps on this machine.
struct Place {
    runtime: Runtime,
    cloud: LocalCloud,
    home: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        Self { cloud: slow::cloud(&runtime), runtime, home: tempfile::tempdir().unwrap() }
    }

    fn start(&self, args: &[&str], env: &[(&str, &str)]) -> Term {
        let args = [&["--endpoint-url", self.cloud.endpoint()], args].concat();
        let env = [&[("HOME", self.home.path().to_str().unwrap())], env].concat();
        Term::start(120, 40, &args, &env)
    }

    /// A dashboard with a probe.
    fn probing(&self, args: &[&str], env: &[(&str, &str)]) -> Term {
        let mut term = self.start(args, env);
        term.wait_for("2 confirmed");
        term.keys("p");
        term.wait_for("imgwatch-probe-<random>");
        term.keys("y");
        term.wait_for("3 confirmed");
        assert!(self.has_probe());
        term
    }

    /// An upload that waits with a probe: the log does not answer.
    fn begin_upload(&self, env: &[(&str, &str)]) -> Term {
        self.trouble("logs", "FilterLogEvents", never());
        self.start(&["upload", "--test-image", "--wait", "--probe"], env)
    }

    /// The same, with its probe.
    fn uploading(&self) -> Term {
        let term = self.begin_upload(&[]);
        term.wait_for("created the probe queue");
        term
    }

    fn has_probe(&self) -> bool {
        let program = env!("CARGO_BIN_EXE_imgwatch");
        let args = ["--endpoint-url", self.cloud.endpoint(), "subscriptions"];
        let listed = std::process::Command::new(program).args(args).output().unwrap();
        assert!(listed.status.success(), "{listed:?}");
        String::from_utf8(listed.stdout).unwrap().contains(PREFIX)
    }

    fn trouble(&self, service: &str, operation: &str, fault: Fault) {
        let (service, operation) = (service.to_owned(), Some(operation.to_owned()));
        self.cloud.inject(FaultRule { service, operation, times: u32::MAX, fault });
    }

    fn stop(self) {
        self.runtime.block_on(self.cloud.stop());
    }
}

fn never() -> Fault {
    Fault::Delay(Duration::from_secs(3_600))
}

/// Whether the terminal reads lines and echoes, as shells want it.
fn is_cooked(slave: &std::fs::File) -> bool {
    tcgetattr(slave).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO)
}

#[test]
fn a_terminal_that_is_closed_leaves_no_probe() {
    let place = Place::new();
    let status = place.probing(&[], &[]).close();
    assert!(status.success(), "the dashboard: {status:?}");
    assert!(!place.has_probe(), "the dashboard");

    // With something open over the panels, which asks before it lets go.
    let mut term = place.probing(&[], &[]);
    term.keys("s");
    term.wait_for("An email address");
    let status = term.close();
    assert!(status.success(), "a dialog: {status:?}");
    assert!(!place.has_probe(), "a dialog");

    let status = place.uploading().close();
    assert_eq!(status.exit_code(), 130, "a command");
    assert!(!place.has_probe(), "a command");
    place.stop();
}

#[test]
fn a_panic_in_any_part_gives_the_terminal_back_and_leaves_no_probe() {
    if !cfg!(debug_assertions) {
        return;
    }
    let place = Place::new();
    for part in ["loop", "drawing", "input", "follower", "probe"] {
        let mut term = place.probing(&[], &[("IMGWATCH_TEST_PANIC", part)]);
        if part == "probe" {
            // It panics over the first message.
            term.keys(ARM);
            term.keys("u");
            term.wait_for("generated test image");
            term.keys(ENTER);
        } else {
            term.keys(ARM);
        }
        let (status, text) = term.end();
        assert_eq!(status.exit_code(), 1, "the {part}: {status:?}");
        let mut expected = vec![format!("asked to panic in the {part}"), "the report is above".to_owned()];
        // A probe that panics removes its queue at once, maybe before the end begins, which then has nothing to say of it.
        if part != "probe" {
            expected.push("removed the probe queue".to_owned());
        }
        for words in expected {
            assert!(text.contains(&words), "the {part}: {words:?} is missing in\n{text}");
        }
        assert!(!place.has_probe(), "the {part}");
    }
    let (status, text) = place.begin_upload(&[("IMGWATCH_TEST_PANIC", "command")]).end();
    assert_eq!(status.exit_code(), 1, "a command: {status:?}");
    assert!(text.contains("asked to panic in the command"), "{text}");
    assert!(!place.has_probe(), "a command");
    place.stop();
}

#[test]
fn signals_end_a_dashboard_whose_terminal_is_not_read() {
    let place = Place::new();
    for signal in ["TERM", "INT", "HUP", "QUIT"] {
        let mut term = place.probing(&[], &[]);
        term.stop_reading_and_fill();
        term.signal(signal);
        let status = term.wait_for_exit();
        assert!(status.success(), "{signal}: {status:?}");
        assert!(!place.has_probe(), "{signal}");
        // The next reader finds the terminal as it was before.
        term.read();
        term.end();
    }
    place.stop();
}

#[test]
fn signals_end_a_program_whose_terminal_is_stopped() {
    let place = Place::new();
    let stopped = |mut term: Term, code: u32, what: &str| {
        let slave = term.slave();
        tcflow(&slave, Action::OOff).unwrap();
        term.signal("TERM");
        assert_eq!(term.wait_for_exit().exit_code(), code, "{what}");
        assert!(is_cooked(&slave), "{what}");
        assert!(!place.has_probe(), "{what}");
    };
    stopped(place.probing(&[], &[]), 0, "a dashboard");
    stopped(place.uploading(), 130, "a command");
    place.stop();
}

#[test]
fn what_cannot_be_removed_in_time_is_in_the_log_file_and_the_next_start_removes_it() {
    let place = Place::new();
    let log = place.home.path().join("log");
    let mut term = place.probing(&[&format!("--log-file={}", log.display())], &[]);
    place.trouble("sqs", "DeleteQueue", never());
    place.trouble("sns", "Unsubscribe", never());
    term.stop_reading_and_fill();
    term.signal("TERM");
    term.wait_for_exit();
    assert!(said(&log).contains("may be left; the next start removes it"), "{}", said(&log));
    place.cloud.clear_faults();
    assert!(place.has_probe());

    let mut term = place.start(&[], &[]);
    term.wait_for("removed leftovers of an earlier run: imgwatch-probe-");
    term.wait_for("2 confirmed");
    assert!(!place.has_probe());
    term.keys("q");
    assert!(term.end().0.success());
    place.stop();
}

fn said(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap()
}
