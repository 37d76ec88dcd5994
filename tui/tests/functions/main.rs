//! Functions that others wrote, in Python with AWS's own runtime client: what `imgwatch` makes of what they log.
//!
//! `.ci/functions` installs the client and runs these tests; `IMGWATCH_PYTHON` names the interpreter that has it.

#![cfg(all(unix, feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(test)]
#[path = "../pipeline/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use program::Server;

/// A local cloud whose function is of this kind.
struct Kind {
    server: Server,
    folder: tempfile::TempDir,
}

impl Kind {
    fn start(kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let python = std::env::var("IMGWATCH_PYTHON").unwrap_or_else(|_| panic!("run this by .ci/functions"));
        let bootstrap = folder.path().join("bootstrap");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions");
        let text = format!(
            "#!/bin/sh\nexport PYTHONPATH='{source}' PYTHONDONTWRITEBYTECODE=1\nexec '{python}' -m awslambdaric kinds.handler\n"
        );
        std::fs::write(&bootstrap, text).unwrap();
        std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
        let (program, variable) = (bootstrap.to_str().unwrap(), format!("KIND={kind}"));
        let retries = ["--retry-delays", "50ms,50ms"];
        let server = Server::start(&[&["--handler", program, "--handler-env", &variable], &retries[..]].concat());
        Self { server, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, format!("content of {name}")).unwrap();
        path
    }
}

/// Keys that encodings differ in.
const NAMES: [&str; 4] = ["a b+c.png", "é 🐈.png", "100%2F.png", "plain.png"];

#[test]
#[ignore = "run by .ci/functions"]
fn each_kind_is_followed_as_far_as_its_log_proves() {
    // What the function logs, what then is known of each upload (its state, and the basis of its invocation), and how
    // doctor says that uploads are joined.
    let kinds = [
        ("key", "processed", Some("key"), "by key: 4 of"),
        ("url", "processed", Some("key"), "by key: 4 of"),
        ("last_part", "processed", Some("key_part"), "by the last part of the key: "),
        ("event", "processed", Some("s3_request_id"), "by S3 request id: 4 of"),
        ("event_pretty", "processed", Some("s3_request_id"), "by S3 request id: 4 of"),
        ("event_repr", "processed", Some("s3_request_id"), "by S3 request id: 4 of"),
        ("json", "processed", Some("key"), "by key: 4 of"),
        ("node", "processed", Some("key"), "by key: 4 of"),
        ("etag", "processed", Some("etag"), "by entity tag: 4 of"),
        ("fails", "failed", Some("key"), "by key: 4 of"),
        ("forgets", "processed", Some("key"), "by key: 4 of"),
        // No line of these names an object: nothing is guessed.
        ("message_id", "timed_out", None, "name no object of the bucket"),
        ("nothing", "timed_out", None, "name no object of the bucket"),
    ];
    let mut wrong = Vec::new();
    for (kind, state, basis, correlation) in kinds {
        let function = Kind::start(kind);
        let files: Vec<String> = NAMES.map(|name| function.file(name).to_str().unwrap().to_owned()).into();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let timeout = if state == "timed_out" { "5s" } else { "1m" };
        let upload = ["upload", "--prefix", "photos/2026/", "--wait", "--json", "--timeout", timeout];
        let run = function.server.run(&[&upload[..], &files].concat());
        let code = if state == "failed" { 1 } else { 3 };
        assert_eq!(run.code, Some(code), "{kind}: {}{}", run.stdout, run.stderr);
        for report in run.json() {
            let stages = report["stages"].as_array().unwrap();
            let invoked = stages.iter().find(|stage| stage["stage"] == "invoked");
            let found = (report["status"].as_str(), invoked.and_then(|stage| stage["basis"].as_str()));
            if found != (Some(state), basis) {
                wrong.push(format!("{kind} {}: {found:?}\n{report}", report["key"]));
            }
        }
        assert_eq!(run.json().len(), NAMES.len(), "{kind}: {}", run.stderr);
        let is_nameless = basis.is_none();
        assert_eq!(run.stderr.matches("names no object").count(), usize::from(is_nameless), "{kind}: {}", run.stderr);
        wrong.extend(doctor(&function.server, kind, correlation));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with what doctor says of a function of this kind, also about a key that imgwatch's handler would skip.
fn doctor(server: &Server, kind: &str, correlation: &str) -> Vec<String> {
    let run = server.run(&["doctor", "--json", "notes.txt"]);
    let report = run.json().remove(0);
    let check = |id: &str| report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).cloned();
    let says = |id: &str, text: &str| {
        let found = check(id);
        let is_there = found.as_ref().is_some_and(|check| check["found"].as_str().unwrap().contains(text));
        (!is_there).then(|| format!("{kind}: doctor's {id} lacks {text:?}: {found:?}"))
    };
    let mut wrong = Vec::new();
    wrong.extend(says("correlation", correlation));
    wrong.extend(says("handler", "not imgwatch's handler"));
    wrong.extend(says("topic-variable", "variable SNS_TOPIC_ARN: arn:aws:sns:"));
    wrong.extend(check("image-types").map(|check| format!("{kind}: {check}")));
    let fails = report["summary"]["failures"].as_u64().unwrap() > 0;
    let is_wrong = fails != (kind == "fails");
    wrong.extend(is_wrong.then(|| format!("{kind}: {report}")));
    if correlation.starts_with("name no") {
        let fix = check("correlation").map(|check| check["fix"].to_string()).unwrap_or_default();
        wrong.extend((!fix.contains("serde_json::to_string")).then(|| format!("{kind}: no line to log: {fix}")));
    }
    wrong
}

#[test]
#[ignore = "run by .ci/functions"]
fn processed_is_enough_where_it_is_asked_for() {
    let function = Kind::start("url");
    let upload = ["upload", "--test-image", "--wait", "--json"];
    assert_eq!(function.server.run(&upload).only(3)["status"], "processed");
    let enough = function.server.run(&[&upload[..], &["--until", "processed"]].concat());
    assert_eq!(enough.only(0)["status"], "processed");
}

#[test]
#[ignore = "run by .ci/functions"]
fn the_example_of_the_document_works_as_it_is_written() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/any-function.md")).unwrap();
    let block = |start: &str| {
        let rest = document.split_once(start).unwrap().1;
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = tempfile::tempdir().unwrap();
    let python = std::env::var("IMGWATCH_PYTHON").unwrap();
    std::fs::write(folder.path().join("app.py"), block("```python\n")).unwrap();
    let bootstrap = folder.path().join("bootstrap");
    let text = block("as `bootstrap`, and make that executable (`chmod +x bootstrap`):\n\n```sh\n");
    std::fs::write(&bootstrap, text.replace("python3", &python)).unwrap();
    std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
    let handler = bootstrap.to_str().unwrap();
    let run = ["--local", "--handler", handler, "upload", "--test-image", "--wait", "--until", "processed", "--json"];
    assert_eq!(program::run(&run).only(0)["status"], "processed");
}
