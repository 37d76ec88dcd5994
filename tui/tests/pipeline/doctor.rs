//! `doctor` as people and scripts run it.

use serde_json::Value;

use super::program::{Server, run};

fn status<'a>(report: &'a Value, id: &str) -> &'a str {
    let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id);
    check.unwrap_or_else(|| panic!("no {id}: {report}"))["status"].as_str().unwrap()
}

#[test]
fn a_healthy_pipeline_is_no_failure() {
    let report = run(&["--local", "doctor", "holiday/cat.PNG", "--json"]).only(0);
    assert_eq!(report["key"], "holiday/cat.PNG");
    assert_eq!(report["summary"]["failures"], 0, "{report}");
    assert_eq!((status(&report, "key"), status(&report, "image-types")), ("ok", "ok"));
    // The seeded address was confirmed by the link in its mail.
    assert_eq!(report["summary"]["warnings"], 1, "{report}");
    assert_eq!(status(&report, "unsubscribe-links"), "warning");
}

#[test]
fn a_failure_is_an_exit_code_and_plain_text_in_a_pipe() {
    let done = run(&["--local", "doctor", "notes.txt"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.stdout.contains("\u{2717} failure         What the function counts as an image\n"), "{}", done.stdout);
    assert!(done.stdout.contains("notes.txt would be skipped: text/plain"), "{}", done.stdout);
    assert!(!done.stdout.contains('\u{1b}'), "no colours in a pipe");
}

/// A topic that does not exist fails every invocation: the log tells of it, and doctor of the log.
#[test]
fn failures_in_the_log_are_told() {
    let server = Server::start(&["--handler", &super::program::handler("topic-gone"), "--retry-delays", "50ms,50ms"]);
    assert_eq!(server.run(&["upload", "--test-image", "--wait", "--json"]).code, Some(1));
    let report = server.run(&["doctor", "--json"]).only(1);
    let checks = report["checks"].as_array().unwrap();
    let of = |id: &str| checks.iter().find(|check| check["id"] == id).unwrap();
    let check = of("recent-failures");
    assert_eq!(check["status"], "failure", "{check}");
    assert!(check["looked_at"].as_str().unwrap().contains("Topic does not exist"), "{check}");
    assert!(of("failure-queue")["looked_at"].as_str().unwrap().contains("holds 1 message"), "{report}");
}
