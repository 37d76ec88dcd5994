//! `--probe`: the proof, what is said of the queue, and that nothing of it is left, however the program ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::program::{Server, handler, program, signal};

/// What begins the names of probe queues.
const PREFIX: &str = "imgwatch-probe-";

/// Endpoints of probes among the topic's subscriptions.
fn probes(server: &Server) -> Vec<String> {
    let listed = server.run(&["subscriptions", "--json"]);
    let endpoints = listed.json().into_iter().map(|one| one["endpoint"].as_str().unwrap().to_owned());
    endpoints.filter(|endpoint| endpoint.contains(PREFIX)).collect()
}

/// An upload that waits with a probe at work, and what it said so far.
fn waiting(server: &Server) -> (Child, BufReader<std::process::ChildStderr>, String) {
    let args = server.with(&["upload", "--test-image", "--wait", "--probe"]);
    let mut child = program(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("created the probe queue") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it ended after {said:?}");
    }
    (child, stderr, said)
}

#[test]
fn the_probe_proves_the_fan_out_and_is_removed() {
    let server = Server::start(&[]);
    let done = server.run(&["upload", "--test-image", "--wait", "--probe", "--json"]);
    for words in ["created the probe queue arn:aws:sqs:", "removed the probe queue imgwatch-probe-"] {
        assert!(done.stderr.contains(words), "{words:?} is missing in {}", done.stderr);
    }
    let report = done.only(0);
    let rows = report["deliveries"].as_array().unwrap();
    let probe: Vec<&Value> = rows.iter().filter(|row| row["evidence"] == "probe").collect();
    assert_eq!(probe.len(), 1, "{report}");
    assert_eq!((&probe[0]["protocol"], &probe[0]["state"]), (&json!("sqs"), &json!("delivered")));
    assert!(probe[0]["endpoint"].as_str().unwrap().contains(PREFIX));
    let stages = report["stages"].as_array().unwrap();
    let stage = |name: &str| stages.iter().find(|stage| stage["stage"] == name).unwrap();
    assert_eq!(stage("probed")["sns_message_id"], stage("published")["sns_message_id"]);
    assert_eq!(stage("probed")["queue"], probe[0]["endpoint"]);
    let email = rows.iter().find(|row| row["protocol"] == "email").unwrap();
    assert_eq!(email["state"], "accepted", "of others the probe says nothing");
    assert_eq!(probes(&server), Vec::<String>::new());
}

#[test]
fn what_a_killed_program_left_is_gone_after_the_next_run() {
    // The function is deaf, so that the upload still waits when it is killed.
    let server = Server::start(&["--handler", &handler("deaf")]);
    let (mut child, _, _) = waiting(&server);
    signal(&child, "KILL");
    child.wait().unwrap();
    let left = probes(&server);
    assert_eq!(left.len(), 1, "a killed program cannot tidy up");
    let name = left[0].rsplit(':').next().unwrap();

    let (mut child, _, said) = waiting(&server);
    assert!(said.contains(&format!("removed leftovers of an earlier run: {name}")), "{said}");
    assert_ne!(probes(&server), left);
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(probes(&server), Vec::<String>::new());
}

#[test]
fn a_signal_removes_the_probe() {
    let server = Server::start(&["--handler", &handler("deaf")]);
    for name in ["TERM", "INT", "HUP"] {
        let (mut child, mut stderr, _) = waiting(&server);
        signal(&child, name);
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{name}");
        assert!(rest.contains("removed the probe queue"), "{name}: {rest}");
        assert_eq!(probes(&server), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_probe_that_cannot_be_made_stops_the_upload_before_it_begins() {
    let server = Server::start(&[]);
    server.inject(&json!({
        "service": "sqs", "operation": "CreateQueue", "times": 3,
        "fault": {"error": {"status": 403, "code": "AccessDenied", "message": "no"}},
    }));
    let done = server.run(&["upload", "--test-image", "--wait", "--probe"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
    assert!(done.stderr.contains("sqs:CreateQueue is not allowed"), "{}", done.stderr);
    assert_eq!(server.run(&["objects", "--json"]).stdout, "", "nothing was uploaded");
}

#[test]
fn a_probe_that_receives_nothing_is_waited_for_no_longer_than_delivery_statuses() {
    let server = Server::start(&[]);
    server.inject(&json!({
        "service": "sqs", "operation": "ReceiveMessage", "times": 1000,
        "fault": {"error": {"status": 500, "code": "InternalError", "message": "no"}},
    }));
    let report = server.run(&["upload", "--test-image", "--wait", "--probe", "--json"]).only(3);
    let rows = report["deliveries"].as_array().unwrap();
    let row = rows.iter().find(|row| row["endpoint"].as_str().unwrap().contains(PREFIX)).unwrap();
    assert_eq!(row["state"], "accepted", "{report}");
    assert!(row["evidence"].as_str().unwrap().contains("has not received it"), "{row}");
}
