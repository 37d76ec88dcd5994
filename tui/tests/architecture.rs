//! The invariants of ARCHITECTURE.md that a reader of the source can check.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

/// A breach: where, and what was found there.
type Breach = (PathBuf, String);

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file: without comments, and without the tests at its end.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n")
}

/// The places in some files where one of these words stands.
fn breaches(paths: &[PathBuf], words: &[&str]) -> Vec<Breach> {
    let mut found = Vec::new();
    for path in paths {
        let code = code(path);
        found.extend(words.iter().filter(|word| code.contains(*word)).map(|word| (path.clone(), (*word).to_owned())));
    }
    found
}

fn room(name: &str) -> Vec<PathBuf> {
    let mut paths = files(&source().join(name));
    paths.retain(|path| !path.ends_with("tests.rs"));
    assert!(!paths.is_empty(), "the room {name} has no files");
    paths
}

#[test]
fn what_remembers_and_decides_is_pure() {
    let impure = [
        "async ",
        ".await",
        "tokio",
        "aws_",
        "ratatui",
        "crossterm",
        "hyper",
        "::now(",
        "Instant",
        "SystemTime",
        "rand::",
        "fastrand",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "crate::cloud",
        "crate::view",
        "crate::app",
    ];
    for name in ["model", "update"] {
        assert_eq!(breaches(&room(name), &impure), []);
    }
}

#[test]
fn the_view_changes_nothing_and_shows_only_clean_text() {
    let forbidden = ["&mut Model", ".raw()", "tokio", "aws_", "crate::cloud", "crate::update::update", "::now("];
    assert_eq!(breaches(&room("view"), &forbidden), []);
}

#[test]
fn only_the_cloud_side_knows_the_sdk_and_it_never_sees_the_model() {
    let cloud = room("cloud");
    let elsewhere: Vec<PathBuf> = files(&source()).into_iter().filter(|path| !cloud.contains(path)).collect();
    assert_eq!(breaches(&elsewhere, &["aws_sdk_", "aws_config"]), []);
    assert_eq!(breaches(&cloud, &["model::Model", "&mut Model", "&Model", "ratatui", "crossterm"]), []);
    assert!(!breaches(&cloud, &["aws_sdk_s3"]).is_empty(), "the search itself works");
}

#[test]
fn the_loop_waits_in_one_place() {
    let code = code(&source().join("app.rs"));
    let (around, own) = code.split_once("async fn follow(").unwrap();
    assert_eq!(own.matches("tokio::select!").count(), 1);
    assert!(!own.contains(".await"), "the loop awaits only in its select!");
    assert_eq!(around.matches(".await").count(), 2, "around it the loop and the cloud side's end are awaited");
}

#[test]
fn channels_are_bounded() {
    assert_eq!(breaches(&files(&source()), &["unbounded_channel", "UnboundedSender"]), []);
}

#[test]
fn the_embedded_cloud_and_the_contracts_know_no_dashboard() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for (name, forbidden) in [
        ("shared", &["tokio", "aws_", "ratatui", "hyper", "axum", "::now("][..]),
        ("handler", &["ratatui", "crossterm", "imgwatch_local", "aws_sdk_s3", "aws_sdk_cloudwatchlogs"]),
        ("local", &["ratatui", "crossterm", "aws_sdk_", "imgwatch_handler"]),
    ] {
        let mut paths = files(&top.join(name).join("src"));
        paths.retain(|path| !path.ends_with("tests.rs"));
        assert_eq!(breaches(&paths, forbidden), []);
    }
}

#[test]
fn files_stay_small() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in ["shared", "handler", "local", "tui"] {
        for path in files(&top.join(name).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.split("#[cfg(test)]\nmod tests {").next().unwrap().lines().count();
            assert!(lines <= 300 || path.ends_with("tests.rs"), "{} has {lines} lines", path.display());
        }
    }
}
