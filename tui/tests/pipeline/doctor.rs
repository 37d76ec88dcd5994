//! `doctor` as people and scripts run it.

use std::time::{Duration, Instant};

use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::program::{Server, run};
use crate::shell::Clients;

/// Generous: only a test that fails waits as long as this.
const PATIENCE: Duration = Duration::from_mins(1);

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
    // The seeded address was confirmed by the link in its email.
    assert_eq!(report["summary"]["warnings"], 1, "{report}");
    assert_eq!(status(&report, "unsubscribe-links"), "warning");
}

/// What leads to the function is read from the wiring, whatever stands between it and the bucket.
#[test]
fn a_healthy_pipeline_is_no_failure_by_any_entry() {
    for entry in ["direct", "queue", "topic", "topic-queue", "eventbridge"] {
        let report = run(&["--local", "--entry", entry, "doctor", "holiday/cat.png", "--json"]).only(0);
        let checks = report["checks"].as_array().unwrap();
        let bad = checks.iter().filter(|check| check["status"] != "ok" && check["status"] != "note");
        let bad: Vec<&str> = bad.map(|check| check["id"].as_str().unwrap()).collect();
        // The seeded address was confirmed by the link in its email.
        assert_eq!(bad, ["unsubscribe-links"], "{entry}: {report:#}");
        for id in ["notification", "notification-events", "key", "permission", "failed-events"] {
            if (entry, id) != ("eventbridge", "notification-events") {
                assert_eq!(status(&report, id), "ok", "{entry}, {id}: {report:#}");
            }
        }
    }
}

#[test]
fn a_check_that_cannot_be_made_is_neither_proven_nor_a_failure() {
    let server = Server::start(&[]);
    server.inject(&json!({
        "service": "sns", "operation": "ListSubscriptionsByTopic", "times": 10_000,
        "fault": {"error": {"status": 403, "code": "AuthorizationError", "message": "not authorized"}},
    }));
    let report = server.run(&["doctor", "--json"]).only(3);
    assert!(report["summary"]["not_checked"].as_u64() > Some(0), "{report}");
    // A failure outranks it.
    let report = server.run(&["doctor", "notes.txt", "--json"]).only(1);
    assert!(report["summary"]["not_checked"].as_u64() > Some(0), "{report}");
}

#[test]
fn a_failure_is_an_exit_code_and_plain_text_in_a_pipe() {
    let done = run(&["--local", "doctor", "notes.txt"]);
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.stdout.contains("\u{2717} failure         Accepted image types\n"), "{}", done.stdout);
    assert!(done.stdout.contains("notes.txt would be skipped: text/plain"), "{}", done.stdout);
    assert!(!done.stdout.contains('\u{1b}'), "no colours in a pipe");
}

/// One check of what doctor prints, which ends with this exit code.
fn check(server: &Server, args: &[&str], id: &str, code: i32) -> Value {
    let args: Vec<&str> = ["doctor", "--json"].into_iter().chain(args.iter().copied()).collect();
    let report = server.run(&args).only(code);
    let found = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).cloned();
    found.unwrap_or_else(|| panic!("no {id}: {report}"))
}

/// A topic that does not exist fails every invocation: the log shows it, and doctor reports what is in the log.
#[test]
fn failures_in_the_log_are_reported() {
    let server = Server::start(&["--handler", &super::program::handler("topic-gone"), "--retry-delays", "50ms,50ms"]);
    let uploaded = server.run(&["upload", "--test-image", "--wait", "--json"]).only(1);
    let failures = check(&server, &[], "recent-failures", 1);
    assert_eq!(failures["status"], "failure", "{failures}");
    assert!(failures["found"].as_str().unwrap().contains("Topic does not exist"), "{failures}");
    let queue = check(&server, &[], "failure-queue", 1);
    assert!(queue["found"].as_str().unwrap().contains("holds 1 message"), "{queue}");
    let object = check(&server, &[uploaded["key"].as_str().unwrap()], "object-log", 1);
    assert_eq!(object["status"], "failure", "{object}");
    assert!(object["found"].as_str().unwrap().contains("Topic does not exist"), "{object}");
}

/// A function that crashes names no image, and the event ends in the failure queue.
#[test]
fn a_crashing_function_is_a_failure() {
    let server = Server::start(&["--handler", &super::program::handler("crashes"), "--retry-delays", "50ms,50ms"]);
    assert_eq!(server.run(&["upload", "--test-image"]).code, Some(0));
    // The last attempt has ended when its event is in the queue.
    let began = Instant::now();
    let queue = loop {
        assert!(began.elapsed() < PATIENCE, "no event comes into the failure queue");
        let report = server.run(&["doctor", "--json"]).json().remove(0);
        if status(&report, "failure-queue") == "failure" {
            break check(&server, &[], "failure-queue", 1);
        }
    };
    let said = queue["found"].as_str().unwrap();
    assert!(said.contains("image-uploads-failed holds 1 message, oldest"), "{queue}");
    let failures = check(&server, &[], "recent-failures", 1);
    assert_eq!(failures["status"], "failure", "{failures}");
    let said = failures["found"].as_str().unwrap();
    assert!(said.contains("1 invocation failed") && said.contains("attempts 3"), "{failures}");
}

#[test]
fn an_object_that_was_published_says_so() {
    for entry in ["direct", "queue", "topic-queue", "eventbridge"] {
        let server = Server::start(&["--entry", entry]);
        let uploaded = server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
        let key = uploaded["key"].as_str().unwrap();
        let object = check(&server, &[key], "object", 0);
        assert_eq!(object["status"], "ok", "{entry}: {object}");
        let log = check(&server, &[key], "object-log", 0);
        assert_eq!(log["status"], "ok", "{entry}: {log}");
        assert!(log["found"].as_str().unwrap().contains("published at"), "{entry}: {log}");
        let missing = check(&server, &["not-there.png"], "object", 0);
        assert_eq!(missing["status"], "note", "{entry}: {missing}");
    }
}

/// A message that cannot be read comes again and again, and ends in the dead-letter queue.
#[tokio::test]
async fn a_message_without_an_object_says_nothing_of_the_handler_and_is_found_where_it_ends() {
    let server = Server::start(&["--entry", "queue"]);
    let aws = Clients::at(&server.endpoint);
    let url = aws.sqs.get_queue_url().queue_name("image-events").send().await.unwrap().queue_url.unwrap();
    let again = aws.sqs.set_queue_attributes().queue_url(&url);
    again.attributes(QueueAttributeName::VisibilityTimeout, "1").send().await.unwrap();
    // The receive that has begun still hides what it gets for as long as before.
    assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
    aws.sqs.send_message().queue_url(url).message_body("poison").send().await.unwrap();
    let began = Instant::now();
    let report = loop {
        let report = server.run(&["doctor", "--json"]).json().remove(0);
        if status(&report, "entry-redrive-policy") == "failure" {
            break report;
        }
        assert!(began.elapsed() < PATIENCE, "no message comes into the dead-letter queue: {report:#}");
    };
    let found = |id: &str| {
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id);
        check.unwrap()["found"].as_str().unwrap().to_owned()
    };
    assert!(found("entry-redrive-policy").contains("image-events-failed holds 1 message"), "{report:#}");
    assert!(
        found("handler").contains("imgwatch's handler") && !found("handler").contains("not imgwatch's"),
        "{report:#}"
    );
    assert_eq!(status(&report, "correlation"), "ok", "{report:#}");
}
