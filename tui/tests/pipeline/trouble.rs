//! Uploads that do not arrive, and clouds that are not there: what is said, and the exit code.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::program::{Server, handler, run};

#[test]
fn a_function_that_always_fails_ends_as_failed_after_three_attempts() {
    let broken = handler("topic-gone");
    let report = run(&["--local", "--handler", &broken, "upload", "--test-image", "--wait", "--json"]).only(1);
    assert_eq!(report["status"], "failed", "{report}");
    let stages = report["stages"].as_array().unwrap();
    let attempts: Vec<&Value> = stages.iter().filter(|stage| stage["stage"] == "invoked").collect();
    assert_eq!(attempts.iter().map(|stage| stage["attempt"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    for stage in &attempts {
        assert!(stage["error"].as_str().unwrap().starts_with("the function returned an error"), "{stage}");
    }
    let ids: Vec<&Value> = attempts.iter().map(|stage| &stage["lambda_request_id"]).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "retries keep the request id: {ids:?}");
    assert!(stages.iter().all(|stage| stage["stage"] != "published"));
    assert!(report["error"].as_str().unwrap().contains("Topic does not exist"), "the reason is SNS's own: {report}");
    assert_eq!(report["deliveries"], json!([]));
}

/// Every attempt asks SNS three times, as the SDK does; so six answers make two attempts fail.
#[test]
fn a_function_that_fails_twice_and_then_works_shows_three_attempts_on_one_timeline() {
    let server = Server::start(&["--retry-delays", "100ms,100ms"]);
    server.inject(&json!({
        "service": "sns", "operation": "Publish", "times": 6,
        "fault": {"error": {"status": 503, "code": "ServiceUnavailable", "message": "try later"}},
    }));
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    assert_eq!(report["status"], "published", "{report}");
    let stages = report["stages"].as_array().unwrap();
    let attempts: Vec<(Option<u64>, bool)> = stages
        .iter()
        .filter(|stage| stage["stage"] == "invoked")
        .map(|stage| (stage["attempt"].as_u64(), stage["error"].is_null()))
        .collect();
    assert_eq!(attempts, [(Some(1), false), (Some(2), false), (Some(3), true)], "{report}");
    assert_eq!(stages.iter().filter(|stage| stage["stage"] == "published").count(), 1);
}

#[test]
fn a_wait_that_runs_out_ends_in_three() {
    let deaf = handler("deaf");
    let report =
        run(&["--local", "--handler", &deaf, "upload", "--test-image", "--wait", "--timeout", "1s", "--json"]).only(3);
    assert_eq!(report["status"], "timed_out", "{report}");
    assert_eq!(report["stages"][0]["stage"], "stored");
}

#[test]
fn an_endpoint_without_a_listener_is_reported_within_seconds() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let commands: [&[&str]; 5] = [
        &["upload", "--test-image", "--wait"],
        &["objects"],
        &["logs", "--follow"],
        &["subscriptions", "--json"],
        &["subscribe", "you@example.com"],
    ];
    for command in commands {
        let began = Instant::now();
        let args: Vec<&str> = ["--endpoint-url", &endpoint].into_iter().chain(command.iter().copied()).collect();
        let done = run(&args);
        assert_eq!(done.code, Some(1), "{command:?}");
        if command.contains(&"--json") {
            assert!(done.only(1)["error"].as_str().unwrap().contains(&port.to_string()), "{}", done.stdout);
        } else {
            assert_eq!(done.stdout, "", "{command:?}");
        }
        assert!(done.stderr.starts_with("error: ") && done.stderr.contains(&port.to_string()), "{}", done.stderr);
        // A bound on hanging, not a measurement.
        assert!(began.elapsed() < Duration::from_mins(1), "{command:?} took {:?}", began.elapsed());
    }
}

#[test]
fn names_that_do_not_exist_are_reported_by_name() {
    for (flag, command) in [("--bucket", "objects"), ("--bucket", "upload"), ("--topic", "subscriptions")] {
        let mut args = vec!["--local", flag, "no-such-thing", command];
        args.extend((command == "upload").then_some("--test-image"));
        let done = run(&args);
        assert_eq!(done.code, Some(1), "{args:?}: {}{}", done.stdout, done.stderr);
        let said = done.stdout + &done.stderr;
        assert!(said.contains("no-such-thing"), "{args:?}: {said}");
    }
}
