//! The policies of `docs/iam`: the program asks for nothing beyond them.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::program::{Server, run};
use crate::record::{allowed, recorder};

#[test]
fn commands_ask_for_what_their_policy_allows_and_nothing_else() {
    let (server, folder) = (Server::start(&[]), tempfile::tempdir().unwrap());
    assert_eq!(server.run(&["subscribe", "ada@example.com"]).code, Some(0));
    let inbox: Value = serde_json::from_str(&server.get("/_imgwatch/inbox?after=0&wait=20")).unwrap();
    let link =
        inbox["messages"].as_array().unwrap().iter().find_map(|message| message["confirm_url"].as_str()).unwrap();
    let (large, back) = (folder.path().join("large.bin"), folder.path().join("back.bin"));
    fs::write(&large, vec![0; 40 * 1024 * 1024]).unwrap();
    let (large, back) = (large.to_str().unwrap(), back.to_str().unwrap());
    let cases: [(&[&str], &[&[&str]]); 4] = [
        (
            &["upload", "watch"],
            &[&["upload", "--test-image", "--wait"], &["upload", large], &["upload", large, "--no-overwrite"]],
        ),
        (
            &["watch"],
            &[
                &["objects"],
                &["download", "large.bin", back],
                &["logs"],
                &["subscriptions"],
                &["doctor"],
                &["wiring"],
                &["doctor", "large.bin"],
            ],
        ),
        (&["subscribe", "watch"], &[&["subscribe", "bob@example.com"], &["confirm", link]]),
        (&["upload", "probe", "watch"], &[&["upload", "--test-image", "--wait", "--probe"]]),
    ];
    for (policies, commands) in cases {
        let port = server.endpoint.rsplit(':').next().unwrap().parse().unwrap();
        let (proxy, recording) = recorder(port);
        let endpoint = format!("http://127.0.0.1:{}", proxy.port);
        for command in commands {
            let command: Vec<String> = command.iter().map(|word| word.replace(&server.endpoint, &endpoint)).collect();
            let command: Vec<&str> =
                ["--endpoint-url", &endpoint].into_iter().chain(command.iter().map(String::as_str)).collect();
            run(&command);
        }
        let asked: BTreeSet<String> = recording.actions().into_iter().collect();
        assert!(asked.len() >= 3, "{policies:?}: {asked:?}");
        let allowed = allowed(policies);
        let beyond: Vec<_> = asked.difference(&allowed).collect();
        assert!(beyond.is_empty(), "{policies:?} do not allow {beyond:?}");
    }
}

/// What S3's events pass on their way is read too: queues, topics, EventBridge.
#[test]
fn the_policy_of_watching_is_enough_for_every_entry() {
    let allowed = allowed(&["watch"]);
    for (entry, own) in [
        ("queue", "sqs:GetQueueAttributes"),
        ("topic", "sns:GetTopicAttributes"),
        ("topic-queue", "lambda:ListEventSourceMappings"),
        ("eventbridge", "events:ListTargetsByRule"),
    ] {
        let server = Server::start(&["--entry", entry]);
        let (proxy, recording) = recorder(server.endpoint.rsplit(':').next().unwrap().parse().unwrap());
        let endpoint = format!("http://127.0.0.1:{}", proxy.port);
        for command in ["wiring", "doctor", "logs", "subscriptions"] {
            run(&["--endpoint-url", &endpoint, command]);
        }
        let asked: BTreeSet<String> = recording.actions().into_iter().collect();
        assert!(asked.contains(own), "{entry}: {asked:?}");
        let beyond: Vec<_> = asked.difference(&allowed).collect();
        assert!(beyond.is_empty(), "{entry}: the policy does not allow {beyond:?}");
    }
}

/// Every permission that the program names in an error is one that a policy has, so that its advice can be followed.
#[test]
fn permissions_that_errors_name_stand_in_the_policies() {
    let mut allowed = allowed(&["watch", "upload", "subscribe", "probe"]);
    let explained = [
        // Parts of an upload need the permission of the whole.
        "s3:CreateMultipartUpload",
        "s3:UploadPart",
        "s3:CompleteMultipartUpload",
        // The README of the policies says when they are needed.
        "cloudformation:ListStacks",
        // Permissions of the function and of the topic, which doctor judges.
        "sns:Publish",
        "sqs:SendMessage",
    ];
    allowed.extend(explained.map(str::to_owned));
    let mut named = BTreeSet::new();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/cloud"))];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = fs::read_to_string(&entry).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            named.extend(code.split('"').skip(1).step_by(2).filter(|text| is_action(text)).map(str::to_owned));
        }
    }
    assert!(named.len() > 20, "{named:?}");
    let beyond: Vec<_> = named.difference(&allowed).collect();
    assert!(beyond.is_empty(), "no policy has {beyond:?}");
}

fn is_action(text: &str) -> bool {
    let services = ["s3", "sns", "sqs", "lambda", "logs", "cloudwatch", "cloudformation", "sts", "events"];
    text.split_once(':').is_some_and(|(service, name)| {
        services.contains(&service)
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric())
    })
}
