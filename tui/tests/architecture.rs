//! The invariants of ARCHITECTURE.md that a reader of the source can check.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
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
        let holds = |word: &str| {
            code.match_indices(word).any(|(at, _)| {
                !word.ends_with(char::is_alphanumeric)
                    || !code[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        };
        found.extend(words.iter().filter(|word| holds(word)).map(|word| (path.clone(), (*word).to_owned())));
    }
    found
}

/// The modules of `tui/src` from the bottom up, and what each may use. What a module may use, its user may use too.
const TABLE: [(&str, &[&str]); 17] = [
    ("panic_switch", &[]),
    ("text", &[]),
    ("domain", &["text"]),
    ("keymap", &["domain"]),
    ("config", &["domain", "keymap"]),
    ("effect", &["domain"]),
    ("msg", &["domain"]),
    ("model", &["domain", "keymap"]),
    ("update", &["model", "effect", "msg"]),
    ("view", &["model"]),
    ("cloud", &["domain", "config", "effect", "msg", "panic_switch"]),
    ("terminal", &["domain", "panic_switch"]),
    ("app", &["update", "view", "cloud", "terminal"]),
    ("cli", &["app"]),
    ("command", &["app", "cli"]),
    ("lib", &[]),
    ("main", &["command"]),
];

/// All that a module may use: what the table names, what that may use, and itself.
fn allowed(module: &str) -> BTreeSet<&'static str> {
    let (name, direct) =
        TABLE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} is not in the table"));
    direct.iter().flat_map(|used| allowed(used)).chain([*name]).collect()
}

/// The paths into this crate that a file names, as the module path that each begins with: from `crate::`, and from `super::`
/// where that leads out of its module.
fn paths(path: &Path) -> Vec<Vec<String>> {
    let own: Vec<String> = module_of(path);
    let code = code(path);
    let mut found = Vec::new();
    for (at, _) in code
        .match_indices("crate::")
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c == '_' || c.is_alphanumeric()))
    {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split("};").next().unwrap();
            found.extend(outer_names(group).into_iter().map(|name| vec![name]));
        } else {
            found.push(words(rest));
        }
    }
    for (at, _) in code.match_indices("super::").filter(|(at, _)| !code[..*at].ends_with("super::")) {
        let rest = &code[at..];
        let ups = rest.len() - rest.trim_start_matches("super::").len();
        let ups = ups / "super::".len();
        let base = &own[..own.len().saturating_sub(ups)];
        let rest = rest.trim_start_matches("super::");
        let names = match rest.strip_prefix('{') {
            Some(group) => outer_names(group.split("};").next().unwrap()).into_iter().map(|name| vec![name]).collect(),
            None => vec![words(rest)],
        };
        found.extend(names.into_iter().map(|name| [base, &name].concat()));
    }
    found
}

/// The names of a path, as far as they are names of modules.
fn words(rest: &str) -> Vec<String> {
    let path = rest.split(|c: char| c != ':' && c != '_' && !c.is_alphanumeric()).next().unwrap();
    path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The first names of what stands in the braces of a `use`.
fn outer_names(group: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let outer: String = group
        .chars()
        .filter(|c| {
            depth += i32::from(*c == '{');
            let keeps = depth == 0;
            depth -= i32::from(*c == '}');
            keeps
        })
        .collect();
    outer.split(',').filter_map(|path| words(path.trim()).into_iter().next()).collect()
}

/// The path of a file's module in this crate.
fn module_of(path: &Path) -> Vec<String> {
    let below = path.strip_prefix(source()).unwrap().with_extension("");
    let mut names: Vec<String> = below.iter().map(|name| name.to_str().unwrap().to_owned()).collect();
    if names.last().is_some_and(|last| last == "mod") {
        names.pop();
    }
    names
}

#[test]
fn modules_use_what_the_table_allows() {
    let mut edges = 0;
    let mut breaches = Vec::new();
    for path in files(&source()).into_iter().filter(|path| !path.ends_with("tests.rs")) {
        let own = module_of(&path);
        let may_use = allowed(&own[0]);
        for used in paths(&path) {
            let Some((name, _)) = used.first().and_then(|first| TABLE.iter().find(|(name, _)| name == first)) else {
                continue;
            };
            edges += usize::from(own[0] != *name);
            if !may_use.contains(name) {
                breaches.push(format!("{} uses {}: {} may not use {name}", path.display(), used.join("::"), own[0]));
            }
        }
    }
    assert!(edges > 500, "the search itself works: {edges}");
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// The folders of `tui/src/cloud`, and what each may use of the others. They form a tree: what a folder may use does
/// not lead back to it.
const CLOUD: [(&str, &[&str]); 10] = [
    ("connection", &[]),
    ("wiring", &["connection"]),
    ("subscriptions", &["connection"]),
    ("follow", &["connection", "wiring", "subscriptions"]),
    ("upload", &["connection"]),
    ("objects", &["connection", "upload"]),
    ("download", &["connection", "upload"]),
    ("probe", &["connection", "subscriptions"]),
    ("doctor", &["connection", "wiring", "subscriptions", "follow", "upload"]),
    ("top", &["connection", "wiring", "subscriptions", "follow", "upload", "objects", "download", "probe", "doctor"]),
];

/// The folder that a module of `cloud` belongs to: the files about what is to be uploaded stand beside the folders.
fn cloud_folder(module: &str) -> &str {
    match module {
        "upload" | "multipart" | "written" | "checksum" | "survey" | "source" | "tally" | "folder" => "upload",
        "establish" | "" => "top",
        folder => folder,
    }
}

#[test]
fn folders_of_the_cloud_side_form_a_tree() {
    let (mut edges, mut breaches) = (0, Vec::new());
    for (at, (_, used)) in CLOUD.iter().enumerate() {
        assert!(used.iter().all(|used| CLOUD[..at].iter().any(|(before, _)| before == used)), "a circle: {used:?}");
    }
    for path in sources_of("cloud") {
        let own = module_of(&path);
        let folder = cloud_folder(own.get(1).map_or("", String::as_str));
        let (_, may_use) = CLOUD.iter().find(|(name, _)| *name == folder).unwrap_or_else(|| panic!("{folder}"));
        assert!(!code(&path).contains("crate::cloud::{"), "{}: one folder a line, so that it is seen", path.display());
        for used in paths(&path) {
            let ["cloud", module, ..] = used.iter().map(String::as_str).collect::<Vec<_>>()[..] else { continue };
            // A name that is no module is one of `cloud/mod.rs`.
            let target = cloud_folder(module);
            let target = if CLOUD.iter().any(|(name, _)| *name == target) { target } else { "top" };
            if target == folder {
                continue;
            }
            edges += 1;
            if !may_use.contains(&target) {
                breaches.push(format!("{} uses {}: {folder} may not use {target}", path.display(), used.join("::")));
            }
        }
    }
    assert!(edges > 60, "the search itself works: {edges}");
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn what_changes_something_goes_through_one_gate() {
    let (mut gate, mut others) = (sources_of("cloud"), sources_of("cloud"));
    gate.retain(|path| path.ends_with("connection/changes.rs"));
    others.retain(|path| !gate.contains(path));
    let verbs = [
        "abort_",
        "add_",
        "change_",
        "complete_",
        "confirm_",
        "copy_",
        "create_",
        "delete_",
        "invoke",
        "publish",
        "purge_",
        "put_",
        "remove_",
        "restore_",
        "send_message",
        "set_topic_",
        "set_subscription_",
        "set_queue_",
        "subscribe",
        "tag_",
        "unsubscribe",
        "untag_",
        "update_",
        "upload_part",
    ];
    // What only sounds like it.
    let harmless = ["schedule.subscribe", "phase.subscribe", "wiring.subscribe", "answer.delete_markers"];
    // A request begins without parameters, as in `sqs.create_queue()`; the gate's own methods take the client.
    let calls = |path: &PathBuf| -> Vec<String> {
        let code = code(path);
        let call = |(at, _): (usize, &str)| {
            let name = words(&code[at + 1..]).into_iter().next()?;
            let is_call =
                verbs.iter().any(|verb| name.starts_with(verb)) && code[at + 1 + name.len()..].starts_with("()");
            let end = at + 1 + name.len();
            let is_harmless = harmless.iter().any(|call| code[..end].ends_with(call));
            (is_call && !is_harmless).then(|| format!("{}: {name}", path.display()))
        };
        code.match_indices('.').filter_map(call).collect()
    };
    assert!(gate.iter().flat_map(calls).count() >= 12, "the search itself works");
    let breaches: Vec<String> = others.iter().flat_map(calls).collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

fn sources_of(name: &str) -> Vec<PathBuf> {
    let mut paths = files(&source().join(name));
    paths.retain(|path| !path.ends_with("tests.rs"));
    assert!(!paths.is_empty(), "{name} has no files");
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
    for name in ["domain", "model", "update"] {
        assert_eq!(breaches(&sources_of(name), &impure), []);
    }
}

#[test]
fn the_view_changes_nothing_and_shows_only_clean_text() {
    let forbidden = ["&mut Model", ".raw()", "tokio", "aws_", "crate::cloud", "crate::update::update", "::now("];
    assert_eq!(breaches(&sources_of("view"), &forbidden), []);
}

#[test]
fn only_the_cloud_side_knows_the_sdk_and_it_never_sees_the_model() {
    let cloud = sources_of("cloud");
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
    for name in ["shared", "handler", "local", "tui", "bench"] {
        for path in files(&top.join(name).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.split("#[cfg(test)]\nmod tests {").next().unwrap().lines().count();
            assert!(lines <= 300 || path.ends_with("tests.rs"), "{} has {lines} lines", path.display());
        }
    }
}
