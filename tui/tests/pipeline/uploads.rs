//! Uploads that arrive, and what is said of them.

use imgwatch::text::clean::is_harmful;
use serde_json::{Value, json};

use super::program::{Server, program, run};

fn words<'a>(rows: &'a Value, field: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap()).collect()
}

#[test]
fn one_command_makes_the_whole_trip() {
    let report = run(&["--local", "upload", "--test-image", "--wait", "--json"]).only(0);
    assert_eq!((&report["status"], &report["bucket"]), (&json!("published"), &json!("images")), "{report}");
    assert_eq!((&report["file"], &report["error"]), (&Value::Null, &Value::Null), "{report}");
    assert!(report["key"].as_str().unwrap().starts_with("test-") && report["size"].as_u64().unwrap() > 0, "{report}");
    assert_eq!(words(&report["stages"], "stage"), ["stored", "invoked", "published"]);
    let [stored, invoked, published] = report["stages"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert!(stored["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert_eq!(invoked["attempt"], 1);
    assert!(invoked["cold_start"].as_f64().unwrap() > 0.0, "its first environment starts cold: {invoked}");
    assert!(invoked["lambda_request_id"].is_string() && published["sns_message_id"].is_string());
    let deliveries = &report["deliveries"];
    assert_eq!(words(deliveries, "protocol"), ["email", "sqs"]);
    assert_eq!(words(deliveries, "state"), ["accepted", "delivered"]);
    assert!(deliveries[1]["evidence"].as_str().unwrap().contains("SUCCESS"), "{deliveries}");
}

#[test]
fn the_request_id_is_the_one_that_the_function_logged() {
    let server = Server::start(&[]);
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    let logged: Vec<Value> = server
        .run(&["logs", "--json"])
        .json()
        .iter()
        .filter(|line| line["kind"] == "record")
        .map(|line| serde_json::from_str(line["message"].as_str().unwrap()).unwrap())
        .filter(|record: &Value| record["outcome"] == "published")
        .collect();
    assert_eq!(logged.len(), 1, "{logged:?}");
    assert!(report["s3_request_id"].is_string());
    assert_eq!(logged[0]["s3RequestId"], report["s3_request_id"]);
    assert_eq!(logged[0]["key"], report["key"]);
    assert_eq!(logged[0]["snsMessageId"], report["stages"][2]["sns_message_id"]);
}

#[test]
fn people_get_a_line_for_each_stage() {
    let trip = run(&["--local", "upload", "--test-image", "--wait"]);
    assert_eq!((trip.code, trip.stderr.as_str()), (Some(0), ""));
    for words in ["  stored", "  invoked", "attempt 1", "  published", "  accepted", "  delivered", "cold start"] {
        assert!(trip.stdout.contains(words), "{words:?} is missing in\n{}", trip.stdout);
    }
    assert_eq!(trip.stdout.lines().count(), 6, "each stage once:\n{}", trip.stdout);
}

#[test]
fn without_wait_it_returns_when_the_files_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["one.png", "two.jpg"].map(|name| folder.path().join(name).display().to_string());
    for file in &files {
        std::fs::write(file, "not quite an image").unwrap();
    }
    let trip = run(&["--local", "upload", "--prefix", "photos/", "--json", &files[0], &files[1]]);
    let reports = trip.json();
    assert_eq!((trip.code, reports.len()), (Some(0), 2), "{}", trip.stderr);
    for (report, file) in reports.iter().zip(&files) {
        assert_eq!((&report["file"], &report["status"]), (&json!(file), &json!("stored")));
        assert_eq!(report["size"], 18);
        assert_eq!(report["key"], format!("photos/{}", file.rsplit('/').next().unwrap()));
        assert!(report["etag"].as_str().is_some_and(|tag| !tag.contains('"')) && report["s3_request_id"].is_string());
        assert!(report["deliveries"].as_array().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_image_is_skipped_and_that_is_not_success() {
    let folder = tempfile::tempdir().unwrap();
    let notes = folder.path().join("notes.txt").display().to_string();
    std::fs::write(&notes, "no image").unwrap();
    let report = run(&["--local", "upload", "--wait", "--json", &notes]).only(1);
    assert_eq!(report["status"], "skipped");
    assert!(report["error"].is_string(), "{report}");
}

#[test]
fn a_hostile_name_is_harmless_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let name = "\u{1b}]0;x\u{7} a\u{202e}gnp.\n ü😀+.png";
    let file = folder.path().join(name).display().to_string();
    std::fs::write(&file, "image").unwrap();
    let server = Server::start(&[]);
    let commands: [&[&str]; 6] = [
        &["upload", "--wait", &file],
        &["upload", "--wait", "--json", &file],
        &["objects"],
        &["objects", "--json"],
        &["logs"],
        &["logs", "--json"],
    ];
    for command in commands {
        let done = server.run(command);
        assert_eq!(done.code, Some(0), "{command:?}: {}", done.stderr);
        assert!(done.stdout.contains("gnp."), "{command:?} shows it: {}", done.stdout);
        let shown = done.stdout + &done.stderr;
        assert!(!shown.chars().any(|c| c != '\n' && is_harmful(c)), "{command:?}: {shown:?}");
    }
    assert_eq!(server.run(&["objects", "--json"]).only(0)["key"], name, "the exact key comes back");
    let missing = server.run(&["upload", &format!("{file}.gone")]);
    assert_eq!((missing.code, missing.stdout.matches('\n').count()), (Some(1), 1), "{}", missing.stdout);
    assert!(!missing.stdout.chars().any(|c| c != '\n' && is_harmful(c)), "{:?}", missing.stdout);
}

#[test]
fn a_file_whose_name_begins_with_a_tilde_is_that_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("~")).unwrap();
    std::fs::write(folder.path().join("~/home.png"), "image").unwrap();
    let done = super::program::program(&["--local", "upload", "--json", "~/home.png"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("\"key\":\"home.png\""));
}

#[test]
fn two_files_that_would_be_one_object_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["a", "b"].map(|name| {
        let inner = folder.path().join(name);
        std::fs::create_dir(&inner).unwrap();
        let path = inner.join("same.png");
        std::fs::write(&path, b"x").unwrap();
        path.display().to_string()
    });
    let refused = run(&["--local", "upload", &paths[0], &paths[1]]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{}", refused.stderr);
    assert!(paths.iter().all(|path| refused.stderr.contains(path)), "{}", refused.stderr);
    assert!(refused.stderr.contains("different keys with --prefix"), "{}", refused.stderr);
}

#[test]
fn a_directory_is_uploaded_below_its_name_and_a_file_under_a_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    std::fs::create_dir_all(photos.join("2026")).unwrap();
    for name in ["cat.png", "2026/dog.png", ".hidden.png"] {
        std::fs::write(photos.join(name), "an image").unwrap();
    }
    let server = Server::start(&[]);
    let path = photos.display().to_string();
    let done = server.run(&["upload", "--prefix", "in/", "--json", &path]);
    let keys = |done: &[Value]| done.iter().map(|report| report["key"].clone()).collect::<Vec<_>>();
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(keys(&done.json()), ["in/photos/2026/dog.png", "in/photos/cat.png"]);
    assert_eq!(done.json()[1]["file"], json!(photos.join("cat.png").display().to_string()));
    assert!(done.stderr.contains("1 skipped") && done.stderr.contains("hidden files"), "{}", done.stderr);
    let cat = photos.join("cat.png").display().to_string();
    assert_eq!(server.run(&["upload", "--key", "a/b.png", "--json", &cat]).only(0)["key"], "a/b.png");
    for contents in ["photos/", "photos/.", "photos/2026/.."] {
        let path = folder.path().join(contents).display().to_string();
        let done = server.run(&["upload", "--prefix", "all/", "--json", &path]);
        assert_eq!(keys(&done.json()), ["all/2026/dog.png", "all/cat.png"], "{contents}");
    }
    let here = program(&server.with(&["upload", "--json", "."])).current_dir(&photos).output().unwrap();
    let here: Vec<Value> = serde_json::Deserializer::from_slice(&here.stdout).into_iter().map(Result::unwrap).collect();
    assert_eq!(keys(&here), ["2026/dog.png", "cat.png"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_uploaded_fails_by_itself_and_the_rest_goes() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("cat.png"), "an image").unwrap();
    std::os::unix::fs::symlink(photos.join("gone.png"), photos.join("link.png")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(photos.join("socket")).unwrap();
    let odd = photos.join(std::ffi::OsStr::from_bytes(b"b\xFFd.png"));
    std::fs::write(&odd, "an image").unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let [photos, missing, empty] =
        ["photos", "missing.png", "empty"].map(|name| folder.path().join(name).display().to_string());
    let server = Server::start(&[]);
    let done = server.run(&["upload", "--wait", "--json", &photos, &missing, &empty, "--test-image"]);
    let reports = done.json();
    let told: Vec<(&str, &str, &str)> = reports
        .iter()
        .map(|report| {
            let file = report["file"].as_str().unwrap_or("test image").rsplit('/').next().unwrap();
            (file, report["status"].as_str().unwrap(), report["error"].as_str().unwrap_or_default())
        })
        .collect();
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert_eq!(told.len(), 7, "{told:?}");
    let stands = |file: &str, status: &str, why: &str| {
        assert!(told.iter().any(|told| told.0 == file && told.1 == status && told.2.contains(why)), "{file}: {told:?}");
    };
    stands("cat.png", "published", "");
    stands("test image", "published", "");
    stands("link.png", "failed", "it is a link to a file that does not exist");
    stands("socket", "failed", "it is not a regular file");
    stands("b\u{FFFD}d.png", "failed", "its name is not UTF-8, as a key is");
    stands("missing.png", "failed", "there is no such file");
    stands("empty", "failed", "there is no file in it");
    let lines = server.run(&["upload", &photos]);
    assert_eq!(lines.code, Some(1));
    for name in ["link.png", "socket", "d.png"] {
        let line = lines.stdout.lines().find(|line| line.contains(name) && line.contains("failed"));
        assert!(line.is_some(), "{name}: {}", lines.stdout);
    }
    // With a key of its own, the name matters for nothing.
    let named = program(&server.with(&["upload", "--json", "--key", "odd.png"])).arg(&odd).output().unwrap();
    let named: Value = serde_json::from_slice(&named.stdout).unwrap();
    assert_eq!((&named["status"], &named["key"]), (&json!("stored"), &json!("odd.png")));
}

#[test]
fn what_is_there_already_stays_as_it_is_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let [old, new] = ["old.png", "new.png"].map(|name| folder.path().join(name).display().to_string());
    std::fs::write(&old, "first").unwrap();
    std::fs::write(&new, "new").unwrap();
    let server = Server::start(&[]);
    assert_eq!(server.run(&["upload", "--no-overwrite", "--json", &old]).only(0)["status"], "stored");
    std::fs::write(&old, "second one").unwrap();
    // The wait is for the new one only: the other comes to no end but this.
    let done = server.run(&["upload", "--no-overwrite", "--wait", "--json", &old, &new]);
    let reports = done.json();
    assert_eq!((done.code, reports.len()), (Some(1), 2), "{}{}", done.stdout, done.stderr);
    let there = "an object with this key already exists";
    assert_eq!((&reports[0]["status"], &reports[0]["error"]), (&json!("failed"), &json!(there)));
    assert_eq!((&reports[0]["key"], &reports[0]["stages"]), (&json!("old.png"), &json!([])));
    assert_eq!((&reports[1]["status"], &reports[1]["error"]), (&json!("published"), &Value::Null));
    let told = server.run(&["upload", "--no-overwrite", &old]);
    assert_eq!((told.code, told.stdout.matches('\n').count()), (Some(1), 1), "{}{}", told.stdout, told.stderr);
    assert!(told.stdout.starts_with("old.png  failed") && told.stdout.contains(there), "{}", told.stdout);
    let size = || {
        let objects = server.run(&["objects", "--json"]).json();
        objects.iter().find(|object| object["key"] == "old.png").map(|object| object["size"].clone())
    };
    assert_eq!(size(), Some(json!(5)));
    assert_eq!(server.run(&["upload", "--json", &old]).only(0)["status"], "stored");
    assert_eq!(size(), Some(json!(10)), "without the flag, it overwrites");
}
