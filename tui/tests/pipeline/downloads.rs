//! `download`: to a file, to standard output, and every way in which it does not happen.

use std::path::Path;
use std::process::{Output, Stdio};

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use serde_json::json;

use super::program::{Server, program, signal};

/// A server with one object of so many bytes, whose key is `photos/cat.png`; the bytes.
fn server(place: &Path, size: usize) -> (Server, Vec<u8>) {
    let server = Server::start(&[]);
    let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
    let file = place.join("cat.png");
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(server.run(&["upload", "--prefix", "photos/", file.to_str().unwrap()]).code, Some(0));
    std::fs::remove_file(&file).unwrap();
    (server, bytes)
}

/// Runs it in a directory of its own.
fn run_in(place: &Path, server: &Server, args: &[&str]) -> Output {
    program(&server.with(args)).current_dir(place).output().unwrap()
}

fn names(place: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_object_is_downloaded_and_where_it_went_is_printed() {
    let place = tempfile::tempdir().unwrap();
    let (server, bytes) = server(place.path(), 100_000);
    let done = run_in(place.path(), &server, &["download", "photos/cat.png"]);
    let path = place.path().canonicalize().unwrap().join("cat.png");
    let said = format!("downloaded photos/cat.png (97.7 KiB) to {}\n", path.display());
    assert_eq!((done.status.code(), String::from_utf8(done.stdout).unwrap()), (Some(0), said));
    assert!(std::fs::read(&path).unwrap() == bytes);

    // Nothing is overwritten without --force.
    std::fs::write(&path, b"mine").unwrap();
    let done = run_in(place.path(), &server, &["download", "photos/cat.png"]);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains(&format!("there is a file {}\n", path.display())) && said.contains("--force"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    let done = run_in(place.path(), &server, &["download", "photos/cat.png", "cat.png", "--force", "--json"]);
    let row: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!((row["key"].as_str(), row["size"].as_u64()), (Some("photos/cat.png"), Some(100_000)));
    assert_eq!(row["file"].as_str(), path.to_str());
    assert!(row["etag"].as_str().is_some_and(|tag| !tag.contains('"')), "{row}");
    assert!(std::fs::read(&path).unwrap() == bytes);
    assert_eq!(names(place.path()), ["cat.png"]);
}

#[test]
fn standard_output_gets_the_bytes_and_nothing_else_also_over_a_connection_that_breaks_off() {
    let place = tempfile::tempdir().unwrap();
    let (server, bytes) = server(place.path(), 3_000_000);
    server.inject(&json!({"service": "s3", "operation": "GetObject", "fault": {"cut_after_bytes": 1_000_001}}));
    let done = run_in(place.path(), &server, &["download", "photos/cat.png", "-"]);
    assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(0), String::new()));
    assert!(done.stdout == bytes);
    assert!(names(place.path()).is_empty());
    // A reader that has enough is no error.
    let mut child = program(&server.with(&["download", "photos/cat.png", "-"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn what_fails_or_is_interrupted_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (server, _) = server(place.path(), 3_000_000);
    let done = run_in(place.path(), &server, &["download", "photos/dog.png"]);
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1));
    assert!(said.contains("cannot download photos/dog.png from bucket images") && said.contains("NoSuchKey"), "{said}");
    assert!(said.contains("hint: check the key and the version"), "the bucket was found: {said}");
    server.inject(&json!({"service": "s3", "operation": "GetObject",
        "fault": {"error": {"status": 403, "code": "AccessDenied", "message": "no"}}}));
    let done = run_in(place.path(), &server, &["download", "photos/cat.png"]);
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(1) && said.contains("s3:GetObject is not allowed"), "{said}");
    // A part has come, and then no answer comes.
    server.inject(&json!({"service": "s3", "operation": "GetObject", "fault": {"cut_after_bytes": 1_000_000}}));
    server.inject(&json!({"service": "s3", "operation": "GetObject", "times": 9, "fault": {"delay_ms": 3_600_000}}));
    let mut child = program(&server.with(&["download", "photos/cat.png"])).current_dir(place.path()).spawn().unwrap();
    while names(place.path()).is_empty() {
        std::thread::yield_now();
    }
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(names(place.path()).is_empty(), "{:?}", names(place.path()));
}

/// The ids of the versions that S3 keeps of an object, the newest first.
fn version_ids(server: &Server, key: &str) -> Vec<String> {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&server.endpoint)
        .force_path_style(true)
        .build();
    let listing = aws_sdk_s3::Client::from_conf(config).list_object_versions().bucket("images").prefix(key).send();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let listed = runtime.block_on(listing).unwrap();
    listed.versions().iter().map(|version| version.version_id().unwrap().to_owned()).collect()
}

#[test]
fn a_version_is_downloaded_by_its_id() {
    let place = tempfile::tempdir().unwrap();
    let (server, bytes) = server(place.path(), 1_000);
    let file = place.path().join("cat.png");
    std::fs::write(&file, b"another cat").unwrap();
    assert_eq!(server.run(&["upload", "--prefix", "photos/", file.to_str().unwrap()]).code, Some(0));
    let ids = version_ids(&server, "photos/cat.png");
    let get = |id: &str| {
        let version = format!("--version-id={id}");
        run_in(place.path(), &server, &["download", "photos/cat.png", "-", &version])
    };
    let contents: Vec<Vec<u8>> = ids.iter().map(|id| get(id).stdout).collect();
    assert_eq!(contents, [b"another cat".to_vec(), bytes]);
    let done = get("no-such-version");
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.code() == Some(1) && done.stdout.is_empty(), "{said}");
    assert!(said.contains("cannot download version no-such-version of photos/cat.png from bucket images"), "{said}");
}
