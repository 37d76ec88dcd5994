//! A service that refuses, or is not there, stops what needs it, and nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::program::{Run, Server};
use crate::raw::{Raw, Request, http};

/// A service refuses everything from now on.
fn refuse(server: &Server, service: &str) {
    server.inject(&json!({
        "service": service, "times": 10_000,
        "fault": {"error": {"status": 403, "code": "AccessDenied", "message": "not authorized"}},
    }));
}

fn ok(run: &Run) {
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

/// It failed, and the error names these.
fn names(run: &Run, words: &[&str]) {
    assert_eq!(run.code, Some(1), "{}{}", run.stdout, run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "{word}: {}", run.stderr);
    }
}

/// Uploads, lists and downloads an object by commands of their own.
fn store(args: &dyn Fn(&[&str]) -> Run) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cat.txt");
    std::fs::write(&file, "a cat").unwrap();
    ok(&args(&["upload", file.to_str().unwrap()]));
    let listed = args(&["objects"]);
    ok(&listed);
    assert!(listed.stdout.contains("cat.txt"), "{}", listed.stdout);
    let to = folder.path().join("back.txt");
    ok(&args(&["download", "cat.txt", to.to_str().unwrap()]));
    assert_eq!(std::fs::read_to_string(&to).unwrap(), "a cat");
}

#[test]
fn without_sts_everything_else_works() {
    let server = Server::start(&[]);
    refuse(&server, "sts");
    store(&|args| server.run(args));
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    assert!(report["deliveries"].as_array().is_some_and(|all| !all.is_empty()), "{report}");
    let logs = server.run(&["logs"]);
    assert!(logs.code == Some(0) && logs.stdout.contains("REPORT"), "{}{}", logs.stdout, logs.stderr);
    // A topic's name becomes an ARN by the list of topics.
    assert!(server.run(&["subscriptions"]).stdout.contains("you@example.com"));
    server.inject(&json!({
        "service": "sns", "operation": "ListTopics", "times": 10_000,
        "fault": {"error": {"status": 403, "code": "AuthorizationError", "message": "not authorized"}},
    }));
    names(&server.run(&["subscriptions"]), &["sts:GetCallerIdentity is not allowed", "--topic"]);
    let arn = "arn:aws:sns:us-east-1:000000000000:image-uploads";
    assert!(server.run(&["subscriptions", "--topic", arn]).stdout.contains("you@example.com"));
}

#[test]
fn without_sns_objects_and_logs_work() {
    let server = Server::start(&[]);
    server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    refuse(&server, "sns");
    store(&|args| server.run(args));
    let logs = server.run(&["logs"]);
    assert!(logs.code == Some(0) && logs.stdout.contains("REPORT"), "{}{}", logs.stdout, logs.stderr);
    names(&server.run(&["subscriptions"]), &["sns:ListSubscriptionsByTopic is not allowed"]);
}

#[test]
fn without_logs_subscriptions_work() {
    let server = Server::start(&[]);
    for service in ["logs", "lambda", "monitoring"] {
        refuse(&server, service);
    }
    store(&|args| server.run(args));
    assert!(server.run(&["subscriptions"]).stdout.contains("you@example.com"));
    names(&server.run(&["logs"]), &["logs:FilterLogEvents is not allowed"]);
}

/// An object store that has nothing else: every other service is answered like this.
fn only_s3(others: &'static str) -> Raw {
    let objects: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    Raw::start(move |request: &Request| {
        let mut words = request.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let key = path.strip_prefix("/store/").unwrap_or_default().to_owned();
        let mut objects = objects.lock().unwrap();
        match method {
            "PUT" if !key.is_empty() => {
                objects.insert(key, request.body.clone());
                http("200 OK", &["etag: \"e\"", "x-amz-request-id: R1"], "")
            }
            "GET" if query.contains("list-type=2") => {
                let object = |key: &String| {
                    format!(
                        "<Contents><Key>{key}</Key><LastModified>2026-03-04T15:04:05.000Z</LastModified>\
                         <ETag>\"e\"</ETag><Size>5</Size></Contents>"
                    )
                };
                let all: String = objects.keys().map(object).collect();
                let body = format!("<ListBucketResult><IsTruncated>false</IsTruncated>{all}</ListBucketResult>");
                http("200 OK", &["content-type: application/xml"], &body)
            }
            "GET" if !key.is_empty() && objects.contains_key(&key) => http("200 OK", &["etag: \"e\""], "a cat"),
            "HEAD" if path.starts_with("/store") && key.is_empty() => http("200 OK", &[], ""),
            _ => http(others, &[], ""),
        }
    })
}

#[test]
fn an_endpoint_with_s3_alone_stores_and_says_what_it_does_not_have() {
    for others in ["501 Not Implemented", "403 Forbidden", "404 Not Found", "500 Internal Server Error"] {
        let server = only_s3(others);
        for endpoint in [format!("http://127.0.0.1:{}", server.port), server.far()] {
            let with = |args: &[&str]| {
                let named = ["--endpoint-url", &endpoint, "--bucket", "store", "--function", "f", "--topic", "t"];
                let keys = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
                super::finding::run_with(&[&named[..], args].concat(), &keys)
            };
            store(&with);
            names(&with(&["logs"]), &["cannot read log group /aws/lambda/f"]);
            names(&with(&["subscriptions"]), &["cannot learn the AWS account"]);
        }
    }
}
