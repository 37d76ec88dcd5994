//! What ARCHITECTURE.md and `docs/local-cloud.md` say of this crate and a reader of the source can check.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const SERVICES: [&str; 9] = ["s3", "lambda", "sns", "sqs", "events", "logs", "metrics", "inbox", "sts"];

/// What a top-level module may use, besides itself; `None` for a module that is not in the table.
fn may_use(module: &str) -> Option<Vec<&'static str>> {
    let and_services = |others: &[&'static str]| [others, SERVICES.as_slice()].concat();
    Some(match module {
        "common" | "options" | "fault" => Vec::new(),
        "lambda" | "sns" => vec!["common", "options"],
        service if SERVICES.contains(&service) => vec!["common"],
        "cloud" => and_services(&["common", "options", "fault"]),
        "router" => and_services(&["common", "fault", "cloud"]),
        "local_cloud" => vec!["options", "fault", "cloud", "router"],
        "lib" => and_services(&["common", "options", "fault", "cloud", "router", "local_cloud"]),
        _ => return None,
    })
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every file of the source with its modules, such as `sns`, `delivery`, `http`, and its code without comments.
fn files() -> Vec<(PathBuf, Vec<String>, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&source(), &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let relative = path.strip_prefix(source()).unwrap().to_owned();
        let modules = relative.with_extension("");
        let modules =
            modules.iter().map(|part| part.to_str().unwrap().to_owned()).filter(|part| part != "mod").collect();
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text.lines().map(|line| line.split("//").next().unwrap()).collect();
        (relative, modules, code.join("\n"))
    };
    paths.into_iter().map(read).collect()
}

/// The first names of a path's rest: `a` of `a::b`, and `a` and `c` of `{a::b, c}`.
fn heads(rest: &str) -> Vec<String> {
    let head = |text: &str| text.trim().chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
    let Some(group) = rest.strip_prefix('{') else { return vec![head(rest)] };
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for char in group.chars() {
        match char {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(char == '{') - i32::from(char == '}');
                parts.last_mut().unwrap().push(char);
            }
        }
    }
    parts.iter().map(|part| head(part)).filter(|name: &String| !name.is_empty()).collect()
}

/// The top-level modules that a file names, by `crate::` or by as many `super::` as lead to the crate.
fn used(modules: &[String], code: &str) -> BTreeSet<String> {
    let to_the_crate = "super::".repeat(modules.len());
    let mut found = BTreeSet::new();
    for start in ["crate::", &to_the_crate] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_none_or(|char| !char.is_alphanumeric() && char != '_' && char != ':') {
                found.extend(heads(&code[at + start.len()..]));
            }
        }
    }
    found
}

#[test]
fn services_do_not_know_each_other() {
    let all: BTreeSet<String> = files().into_iter().map(|(_, modules, _)| modules[0].clone()).collect();
    let mut breaches = Vec::new();
    for (path, modules, code) in files() {
        let module = &modules[0];
        let Some(allowed) = may_use(module) else {
            breaches.push(format!("{}: {module} is not in the table", path.display()));
            continue;
        };
        let is_forbidden = |name: &String| name != module && !allowed.contains(&name.as_str()) && all.contains(name);
        let forbidden = used(&modules, &code).into_iter().filter(is_forbidden);
        breaches.extend(forbidden.map(|name| format!("{}: {module} -> {name}", path.display())));
    }
    assert_eq!(breaches, [""; 0]);
}

#[test]
fn every_form_of_a_path_is_seen() {
    let seen = |modules: &[&str], code: &str| {
        let modules: Vec<String> = modules.iter().map(|module| (*module).to_owned()).collect();
        used(&modules, code).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(seen(&["sqs", "queue"], "use crate::sns::Sns;"), ["sns"]);
    assert_eq!(seen(&["sqs", "queue"], "use crate::{\n    common::{env, wire},\n    sns,\n};"), ["common", "sns"]);
    assert_eq!(seen(&["sqs", "queue"], "fn f(sns: &crate::sns::Sns) {}"), ["sns"]);
    assert_eq!(seen(&["sqs", "queue"], "use super::super::sns;"), ["sns"]);
    assert_eq!(seen(&["sqs", "queue"], "use super::send;"), [""; 0]);
    assert_eq!(seen(&["sqs"], "use super::{common, sns};"), ["common", "sns"]);
}

#[test]
fn only_the_env_has_a_clock_and_ids() {
    for (path, _, code) in files() {
        let code = code.split("#[cfg(test)]").next().unwrap();
        let takes_its_own =
            ["Timestamp::now", "SystemTime::now", "new_v4"].into_iter().find(|word| code.contains(word));
        assert!(takes_its_own.is_none() || path.ends_with("common/env.rs"), "{}: {takes_its_own:?}", path.display());
    }
}

/// The operations that a service's source dispatches: the texts of match arms and comparisons.
fn dispatched(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(source().join(file)).unwrap();
    let mut found = BTreeSet::new();
    for line in text.lines().filter(|line| !line.contains("not_implemented")) {
        let mut quoted = line.split('"');
        while let (Some(before), Some(name)) = (quoted.next(), quoted.next()) {
            let after = quoted.clone().next().unwrap_or_default();
            let is_compared = ["operation == ", "operation != "].iter().any(|end| before.ends_with(end));
            let is_name =
                name.starts_with(|char: char| char.is_ascii_uppercase()) && name.chars().all(char::is_alphanumeric);
            if (is_compared || after.starts_with(" =>")) && is_name {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

/// The methods of the S3 trait in the table of `s3/service.rs`, as AWS writes them, and the form upload, which is none.
fn of_s3() -> BTreeSet<String> {
    let text = fs::read_to_string(source().join("s3/service.rs")).unwrap();
    let (_, table) = text.split_once("\noperations! {\n").unwrap();
    let methods = table.lines().filter_map(|line| line.strip_prefix("    ")?.split_once('('));
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let methods = methods.map(|(method, _)| method.split('_').map(capital).collect());
    methods.chain(["PostObject".to_owned()]).collect()
}

#[test]
fn the_documented_operations_are_those_that_are_served() {
    let text = fs::read_to_string(source().parent().unwrap().parent().unwrap().join("docs/local-cloud.md")).unwrap();
    let (_, table) = text.split_once("| service | operations |\n|---|---|\n").unwrap();
    let rows = table.lines().map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let documented: BTreeMap<&str, BTreeSet<String>> =
        rows.map(|(service, names)| (service, names.split(", ").map(str::to_owned).collect())).collect();
    let served = BTreeMap::from([
        ("S3", of_s3()),
        ("Lambda", dispatched("lambda/api/mod.rs")),
        ("SNS", dispatched("sns/mod.rs")),
        ("SQS", dispatched("sqs/mod.rs")),
        ("EventBridge", dispatched("events/mod.rs")),
        ("CloudWatch Logs", dispatched("logs/mod.rs")),
        ("CloudWatch", dispatched("metrics/mod.rs")),
        ("STS", dispatched("sts.rs")),
    ]);
    assert_eq!(documented, served);
}

/// A fault rule names an operation, so the router has to know them all.
#[test]
fn faults_can_be_injected_into_every_operation_of_s3() {
    let text = fs::read_to_string(source().join("router/operation.rs")).unwrap();
    let (code, _) = text.split_once("#[cfg(test)]").unwrap();
    let is_name = |text: &&str| text.starts_with(|char: char| char.is_ascii_uppercase()) && !text.contains(' ');
    let mut known: BTreeSet<String> = code.split('"').skip(1).step_by(2).filter(is_name).map(str::to_owned).collect();
    known.remove("Action");
    assert_eq!(known, of_s3());
}
