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
    // What the function logs, and what then is known of each upload: its state, and the basis of its invocation.
    let kinds = [
        ("key", "processed", Some("key")),
        ("url", "processed", Some("key")),
        ("last_part", "processed", Some("key_part")),
        ("event", "processed", Some("s3_request_id")),
        ("event_pretty", "processed", Some("s3_request_id")),
        ("event_repr", "processed", Some("s3_request_id")),
        ("json", "processed", Some("key")),
        ("node", "processed", Some("key")),
        ("etag", "processed", Some("etag")),
        ("fails", "failed", Some("key")),
        ("forgets", "processed", Some("key")),
        // No line of these names an object: nothing is guessed.
        ("message_id", "timed_out", None),
        ("nothing", "timed_out", None),
    ];
    let mut wrong = Vec::new();
    for (kind, state, basis) in kinds {
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
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Functions whose log names no object: one upload alone is joined by time, and said to be so.
#[test]
#[ignore = "run by .ci/functions"]
fn an_upload_alone_is_joined_by_time() {
    for kind in ["nothing", "message_id"] {
        let function = Kind::start(kind);
        let upload = ["upload", "--test-image", "--wait", "--json", "--timeout", "1m"];
        let run = function.server.run(&upload);
        let report = run.only(3);
        let basis = report["stages"][1]["basis"].as_str();
        assert_eq!((report["status"].as_str(), basis), (Some("processed"), Some("time")), "{kind}: {report}");
        assert!(report["error"].as_str().unwrap().starts_with("probably"), "{kind}: {report}");
    }
    let function = Kind::start("nothing");
    let run = function.server.run(&["upload", "--test-image", "--wait", "--until", "processed"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("probably (basis: time)"), "{}", run.stdout);
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
