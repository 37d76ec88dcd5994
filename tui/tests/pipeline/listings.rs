//! `objects`, `logs`, `subscriptions` and `subscribe`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use serde_json::Value;

use super::program::{Server, program, run, signal};

#[test]
fn objects_are_listed_as_lines_and_as_json() {
    let server = Server::start(&[]);
    let key = server.run(&["upload", "--test-image", "--json"]).only(0)["key"].as_str().unwrap().to_owned();
    let row = server.run(&["objects", "--json"]).only(0);
    assert_eq!(row["key"], key.as_str());
    assert!(row["last_modified"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    let text = server.run(&["objects"]);
    assert!(text.stdout.ends_with(&format!("  {key}\n")), "{}", text.stdout);
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let server = Server::start(&[]);
    assert_eq!(server.run(&["upload", "--test-image"]).code, Some(0));
    let mut child = program(&server.with(&["objects"])).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn following_the_log_prints_each_line_once_until_ctrl_c() {
    let server = Server::start(&[]);
    let mut child = program(&server.with(&["logs", "--follow", "--json"])).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut events: Vec<Value> = Vec::new();
    // The second upload comes after the first one's lines, so it is followed and not looked back at.
    for _ in 0..2 {
        let key = server.run(&["upload", "--test-image", "--json"]).only(0)["key"].clone();
        let published = |line: &Value| {
            let message = line["message"].as_str().unwrap();
            line["kind"] == "record" && message.contains(key.as_str().unwrap()) && message.contains("\"published\"")
        };
        while !events.iter().any(published) {
            let mut line = String::new();
            assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "it ended by itself");
            events.push(serde_json::from_str(&line).unwrap());
        }
    }
    signal(&child, "INT");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "Ctrl-C is how following ends");
    events.extend(rest.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    let mut ids: Vec<&str> = events.iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "no line twice");
}

#[test]
fn every_line_of_the_log_says_whose_it_is() {
    let server = Server::start(&[]);
    assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
    let rows = server.run(&["logs", "--json"]).json();
    let report = rows.iter().find(|row| row["kind"] == "report").unwrap();
    let id = report["invocation"].as_str().unwrap();
    assert_eq!(report["request_id"], id);
    let init = rows.iter().find(|row| row["kind"] == "init").unwrap();
    assert_eq!(init["invocation"], Value::Null, "an environment starts before its first invocation");
    let text = server.run(&["logs"]).stdout;
    assert!(text.lines().any(|row| row.contains(&format!("  {}  REPORT", &id[..8]))), "{text}");
    assert!(text.lines().any(|row| row.contains("]  INIT_START")), "{text}");
}

#[test]
fn the_log_of_a_function_that_never_ran_is_empty() {
    let done = run(&["--local", "logs"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), ""), "{}", done.stderr);
}

#[test]
fn a_new_subscription_is_pending_until_its_owner_confirms_it() {
    let server = Server::start(&[]);
    let done = server.run(&["subscribe", "friend@example.com"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("friend@example.com"), "{}", done.stdout);
    let rows = server.run(&["subscriptions", "--json"]).json();
    let states: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["endpoint"].as_str().unwrap(), row["state"].as_str().unwrap())).collect();
    assert!(states.contains(&("you@example.com", "confirmed")), "{states:?}");
    assert!(states.contains(&("friend@example.com", "pending confirmation")), "{states:?}");
    assert_eq!(server.run(&["subscriptions"]).stdout.lines().count(), 3);
}

#[test]
fn a_link_is_confirmed_by_a_signed_request() {
    let server = Server::start(&[]);
    assert_eq!(server.run(&["subscribe", "new@example.com"]).code, Some(0));
    let inbox = server.get("/_imgwatch/inbox?after=0&wait=20");
    let letters: serde_json::Value = serde_json::from_str(&inbox).unwrap();
    let link =
        letters["messages"].as_array().unwrap().iter().find_map(|letter| letter["confirm_url"].as_str()).unwrap();
    let state = || {
        let listed = server.run(&["subscriptions", "--json"]).json();
        listed.into_iter().find(|one| one["endpoint"] == "new@example.com").unwrap()["state"].clone()
    };
    assert_eq!(state(), "pending confirmation");

    let token = link.split("Token=").nth(1).unwrap().split('&').next().unwrap();
    let refused = server.run(&["confirm", &link.replace(token, "2336412f37")]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert!(refused.stderr.contains("subscribe again"), "{}", refused.stderr);
    let foreign = server.run(&["confirm", &link.replace("127.0.0.1", "127.0.0.2")]);
    assert_eq!(foreign.code, Some(2), "{}", foreign.stderr);

    let done = server.run(&["confirm", &format!("To confirm, visit\n<{link}>\n")]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.starts_with("subscription confirmed: arn:aws:sns:"), "{}", done.stdout);
    assert_eq!(state(), "confirmed");
}

#[test]
fn shells_and_man_get_what_they_read() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completions", shell]);
        assert!(script.code == Some(0) && script.stdout.contains("subscriptions"), "{shell}: {}", script.stderr);
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    assert_eq!(run(&["man", pages.to_str().unwrap()]).code, Some(0));
    let page = std::fs::read_to_string(pages.join("imgwatch-doctor.1")).unwrap();
    assert!(page.contains("miswired"), "{page}");
    let refused = run(&["man", "/dev/null/man1"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("/dev/null/man1"), "{}", refused.stderr);
}
