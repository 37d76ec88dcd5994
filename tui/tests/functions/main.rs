//! Functions that others wrote, in Python with AWS's own runtime client: what `imgwatch` makes of what they log.
//!
//! `.ci/functions` installs the client and runs these tests; `IMGWATCH_PYTHON` names the interpreter that has it.

#![cfg(all(unix, feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(test)]
#[path = "../pipeline/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use imgwatch_local::{HandlerCommand, LocalCloud, Options};
use program::Server;

/// A program that runs a handler of this folder with AWS's runtime client.
fn bootstrap(folder: &Path, handler: &str) -> String {
    let python = std::env::var("IMGWATCH_PYTHON").unwrap_or_else(|_| panic!("run this by .ci/functions"));
    let bootstrap = folder.join("bootstrap");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions");
    let text = format!(
        "#!/bin/sh\nexport PYTHONPATH='{source}' PYTHONDONTWRITEBYTECODE=1\nexec '{python}' -m awslambdaric {handler}\n"
    );
    std::fs::write(&bootstrap, text).unwrap();
    std::fs::set_permissions(&bootstrap, std::fs::Permissions::from_mode(0o755)).unwrap();
    bootstrap.to_str().unwrap().to_owned()
}

/// A local cloud whose function is of this kind.
struct Kind {
    server: Server,
    folder: tempfile::TempDir,
}

impl Kind {
    fn start(kind: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (program, variable) = (bootstrap(folder.path(), "kinds.handler"), format!("KIND={kind}"));
        let retries = ["--retry-delays", "50ms,50ms"];
        let server = Server::start(&[&["--handler", &program, "--handler-env", &variable], &retries[..]].concat());
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
        // The message's id in the log is proof, because the queue's delivery status has it.
        ("key_and_message_id", "published", Some("key"), "by key: 4 of"),
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
        let code = match state {
            "published" => 0,
            "failed" => 1,
            _ => 3,
        };
        assert_eq!(run.code, Some(code), "{kind}: {}{}", run.stdout, run.stderr);
        for report in run.json() {
            let stages = report["stages"].as_array().unwrap();
            let invoked = stages.iter().find(|stage| stage["stage"] == "invoked");
            let found = (report["status"].as_str(), invoked.and_then(|stage| stage["basis"].as_str()));
            // Where the invocations are far enough apart, the topic's count shows the message of each.
            let is_counted = state == "processed" && kind != "forgets" && report["status"] == "published";
            let published = stages.iter().find(|stage| stage["stage"] == "published");
            let is_right = if is_counted {
                (found.1, published.and_then(|stage| stage["basis"].as_str())) == (basis, Some("time"))
            } else {
                found == (Some(state), basis)
            };
            if !is_right {
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

/// What goes wrong with functions of others stands in the timelines of the objects that they name, attempt by attempt.
#[test]
#[ignore = "run by .ci/functions"]
fn attempts_that_fail_are_shown_by_the_key_that_they_name() {
    // What the function does, how many run at a time, how the upload ends, and what each of its attempts comes to.
    let failed = |error| vec![Some(error); 3];
    let tries = vec![Some("ConnectionError"), Some("ConnectionError"), None];
    for (kind, at_once, status, code, expected) in [
        ("sleeps", 4, "failed", 1, failed("timed out")),
        ("dies", 4, "failed", 1, failed("Runtime.ExitError")),
        ("fails", 4, "failed", 1, failed("RuntimeError")),
        ("retries", 4, "processed", 3, tries.clone()),
        // Lambda throttles the others, which come later.
        ("url", 1, "processed", 3, vec![None]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let program = bootstrap(folder.path(), "kinds.handler");
        let handler = HandlerCommand { program: program.into(), args: vec![], env: vec![] };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = Options {
            variables: [("KIND", kind), ("ATTEMPTS", folder.path().to_str().unwrap())]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            max_concurrency: at_once,
            timeout: if kind == "sleeps" { Duration::from_secs(3) } else { Duration::from_secs(60) },
            retry_delays: [Duration::from_millis(50); 2],
            ..Options::new(handler)
        };
        let cloud = runtime.block_on(LocalCloud::start(options)).unwrap();
        let files = NAMES.map(|name| {
            let path = folder.path().join(name);
            std::fs::write(&path, name).unwrap();
            path.to_str().unwrap().to_owned()
        });
        let files = files.each_ref().map(String::as_str);
        let upload = ["--endpoint-url", cloud.endpoint(), "upload", "--wait", "--json", "--timeout", "3m"];
        let run = program::run(&[&upload[..], &files].concat());
        assert_eq!(run.code, Some(code), "{kind}: {}{}", run.stdout, run.stderr);
        for report in run.json() {
            assert_eq!(report["status"], status, "{kind}: {report}");
            let attempts = report["stages"].as_array().unwrap().iter().filter(|stage| stage["stage"] == "invoked");
            let attempts: Vec<_> = attempts.collect();
            assert_eq!(attempts.len(), expected.len(), "{kind}: {report}");
            for (attempt, error) in attempts.into_iter().zip(&expected) {
                assert_eq!(attempt["basis"], "key", "{kind}: {report}");
                let is_as_expected = match (attempt["error"].as_str(), error) {
                    (Some(said), Some(expected)) => said.contains(expected),
                    (said, expected) => said.is_none() && expected.is_none(),
                };
                assert!(is_as_expected, "{kind}, {error:?}: {report}");
            }
        }
        runtime.block_on(cloud.stop());
    }
}

/// Functions whose log names no object: one upload alone is joined by time, and shown so.
#[test]
#[ignore = "run by .ci/functions"]
fn an_upload_alone_is_joined_by_time() {
    // The queue's delivery status shows that the id in the log is a message's, and the topic's count that it is the only one.
    for kind in ["nothing", "message_id"] {
        let function = Kind::start(kind);
        let upload = ["upload", "--test-image", "--wait", "--json", "--timeout", "1m"];
        let run = function.server.run(&upload);
        let report = run.only(3);
        let basis = report["stages"][1]["basis"].as_str();
        assert_eq!((report["status"].as_str(), basis), (Some("published"), Some("time")), "{kind}: {report}");
        assert_eq!(report["stages"][2]["basis"], "time", "{report}");
    }
    let function = Kind::start("nothing");
    let run = function.server.run(&["upload", "--test-image", "--wait", "--until", "processed"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("probably (basis: time)"), "{}", run.stdout);
}

/// The text of each message names the key, whatever the function logs.
#[test]
#[ignore = "run by .ci/functions"]
fn the_probe_shows_which_message_is_about_an_upload() {
    for (kind, invoked) in [("nothing", None), ("url", Some("key"))] {
        let function = Kind::start(kind);
        let files: Vec<String> = NAMES.map(|name| function.file(name).to_str().unwrap().to_owned()).into();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let upload = ["upload", "--prefix", "photos/2026/", "--wait", "--probe", "--json", "--timeout", "1m"];
        let run = function.server.run(&[&upload[..], &files].concat());
        assert_eq!(run.code, Some(0), "{kind}: {}{}", run.stdout, run.stderr);
        for report in run.json() {
            let basis = |name: &str| {
                let stages = report["stages"].as_array().unwrap();
                stages.iter().find(|stage| stage["stage"] == name).and_then(|stage| stage["basis"].as_str())
            };
            let found = (report["status"].as_str(), basis("invoked"), basis("published"));
            assert_eq!(found, (Some("published"), invoked, Some("key")), "{kind}: {report}");
        }
    }
}

/// Two hundred uploads in twenty environments, of which the function notes for itself which invocation handled which.
#[test]
#[ignore = "run by .ci/functions"]
fn two_hundred_uploads_at_once_are_joined_by_key_and_else_not_at_all() {
    for (kind, state, timeout) in [("tells", "processed", "3m"), ("quiet", "timed_out", "20s")] {
        let folder = tempfile::tempdir().unwrap();
        let noted = folder.path().join("noted");
        let program = bootstrap(folder.path(), "parallel.handler");
        let handler = HandlerCommand { program: program.into(), args: vec![], env: vec![] };
        let variables = [("KIND", kind), ("NOTED", noted.to_str().unwrap())];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let options = Options { variables, max_concurrency: 20, ..Options::new(handler) };
        let cloud = runtime.block_on(LocalCloud::start(options)).unwrap();

        let files = folder.path().join("files");
        std::fs::create_dir(&files).unwrap();
        for number in 0..200 {
            std::fs::write(files.join(format!("é {number}+.png")), number.to_string()).unwrap();
        }
        let files = format!("{}/", files.display());
        let upload = ["upload", &files, "--wait", "--json", "--timeout", timeout];
        let run = program::run(&[&["--endpoint-url", cloud.endpoint()], &upload[..]].concat());
        assert_eq!(run.code, Some(3), "{kind}: {}", run.stderr);
        let reports = run.json();
        assert_eq!(reports.len(), 200);
        let noted = std::fs::read_to_string(&noted).unwrap();
        let truth: HashMap<&str, &str> = noted.lines().filter_map(|line| line.split_once('\t')).collect();
        for report in reports {
            assert_eq!(report["status"], state, "{kind}: {report}");
            let invoked = report["stages"].as_array().unwrap().iter().find(|stage| stage["stage"] == "invoked");
            if kind == "tells" {
                let (invoked, own) = (invoked.unwrap(), truth[report["key"].as_str().unwrap()]);
                assert_eq!(
                    (&invoked["lambda_request_id"], &invoked["basis"]),
                    (&own.into(), &"key".into()),
                    "{report}"
                );
            } else {
                assert!(invoked.is_none(), "{report}");
                let said = report["error"].as_str().unwrap();
                assert!(said.ends_with("the log does not show that one of them handled this object"), "{said}");
            }
        }
        runtime.block_on(cloud.stop());
    }
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
    let forgetful = Kind::start("forgets");
    let upload = ["upload", "--test-image", "--wait", "--json"];
    assert_eq!(forgetful.server.run(&upload).only(3)["status"], "processed");
    let function = Kind::start("url");
    assert_eq!(function.server.run(&upload).only(3)["status"], "published");
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
