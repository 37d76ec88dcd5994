//! Records what clients send to a server, so that a test can say what was asked for and what never was.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use crate::raw::{Raw, each, forward, listen};

/// What clients have sent through [`recorder`], by connection.
#[derive(Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Vec<Vec<u8>>>>);

impl Recording {
    /// The IAM action of each request so far, such as `s3:PutObject`.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().flat_map(|sent| actions(&String::from_utf8_lossy(sent))).collect()
    }

    /// The actions that change something.
    pub(crate) fn changes(&self) -> Vec<String> {
        let reads = ["Get", "List", "Describe", "Filter", "Receive", "Start"];
        let is_change = |action: &String| {
            let name = action.split(':').nth(1).unwrap();
            !reads.iter().any(|read| name.starts_with(read))
        };
        self.actions().into_iter().filter(is_change).collect()
    }
}

/// The actions of these policies of `docs/iam`. `GetCallerIdentity` needs no permission.
pub(crate) fn allowed(policies: &[&str]) -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/iam");
    let mut actions = BTreeSet::from(["sts:GetCallerIdentity".to_owned()]);
    for policy in policies {
        let text = std::fs::read_to_string(format!("{folder}/{policy}.json")).unwrap();
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for statement in document["Statement"].as_array().unwrap() {
            let action = &statement["Action"];
            let several = action.as_array().cloned().unwrap_or_else(|| vec![action.clone()]);
            actions.extend(several.iter().map(|action| action.as_str().unwrap().to_owned()));
        }
    }
    actions
}

/// Forwards everything to this port of this machine, and keeps what the clients sent.
pub(crate) fn recorder(to: u16) -> (Raw, Recording) {
    let (port, seen, listener) = listen();
    let recording = Recording::default();
    let sink = recording.clone();
    each(listener, move |client| {
        let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
        let index = {
            let mut connections = sink.0.lock().unwrap();
            connections.push(Vec::new());
            connections.len() - 1
        };
        forward(client, server, |bytes| sink.0.lock().unwrap()[index].extend_from_slice(bytes));
    });
    (Raw { port, seen }, recording)
}

/// The actions of the requests of one connection. Requests without a signature are the program's own, to the local cloud.
fn actions(sent: &str) -> Vec<String> {
    let mut rest = sent;
    let mut found = Vec::new();
    while let Some((line, after)) = rest.split_once(" HTTP/1.1\r\n") {
        let (head, body) = after.split_once("\r\n\r\n").unwrap_or((after, ""));
        rest = body;
        // A body ends without a line break: the next request's line stands right behind it.
        let methods = ["GET /", "HEAD /", "PUT /", "POST /", "DELETE /"];
        let start = methods.iter().filter_map(|method| line.rfind(method)).max();
        let (method, path) = line[start.unwrap_or_else(|| panic!("no request: {line}"))..].split_once(' ').unwrap();
        let scope = head.split_once("Credential=").map(|(_, credential)| credential.split('/').nth(3).unwrap());
        if let Some(service) = scope {
            found.push(action(service, method, path, head, body));
        }
    }
    found
}

fn action(service: &str, method: &str, path: &str, head: &str, body: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let last = path.rsplit('/').next().unwrap();
    let target = || {
        let line = head.lines().find_map(|line| line.strip_prefix("x-amz-target: ")).unwrap();
        line.rsplit('.').next().unwrap().trim_end_matches("Batch").to_owned()
    };
    let form = || body.split_once("Action=").unwrap().1.split('&').next().unwrap().to_owned();
    let (service, name) = match service {
        "s3" => ("s3", s3(method, path, query).to_owned()),
        "lambda" => {
            let name = match (method, last) {
                ("GET", "configuration") => "GetFunctionConfiguration",
                ("GET", "concurrency") => "GetFunctionConcurrency",
                ("GET", "event-invoke-config") => "GetFunctionEventInvokeConfig",
                ("GET", "policy") => "GetPolicy",
                ("GET", "event-source-mappings") => "ListEventSourceMappings",
                _ => panic!("unknown to this test: {method} {path}"),
            };
            ("lambda", name.to_owned())
        }
        "logs" | "sqs" | "events" => (service, target()),
        "monitoring" => ("cloudwatch", last.to_owned()),
        "sns" | "sts" | "cloudformation" => (service, form()),
        _ => panic!("unknown to this test: service {service}"),
    };
    format!("{service}:{name}")
}

/// The action of a request to S3. The bucket is the first part of the path.
fn s3(method: &str, path: &str, query: &str) -> &'static str {
    let has_key = path.trim_matches('/').contains('/');
    let has = |name: &str| query.split('&').any(|part| part == name || part.starts_with(&format!("{name}=")));
    match (method, has_key) {
        ("GET", false) if has("notification") => "GetBucketNotification",
        ("GET", false) if has("location") => "GetBucketLocation",
        ("GET", false) if has("versions") => "ListBucketVersions",
        ("GET", false) if has("uploads") => "ListBucketMultipartUploads",
        ("GET" | "HEAD", false) => "ListBucket",
        ("GET", true) if has("uploadId") => "ListMultipartUploadParts",
        ("GET" | "HEAD", true) if has("versionId") => "GetObjectVersion",
        ("GET" | "HEAD", true) => "GetObject",
        ("DELETE", true) if has("uploadId") => "AbortMultipartUpload",
        // Parts, too.
        ("PUT" | "POST", true) => "PutObject",
        _ => panic!("unknown to this test: {method} {path}?{query}"),
    }
}
