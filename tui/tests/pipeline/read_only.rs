//! With `--read-only`, no request that changes something is on the wire.

use std::fs;

use super::program::{Run, Server, run};
use crate::record::{Recording, recorder};

/// The local cloud, behind what records the requests.
fn recorded(server: &Server) -> (String, Recording) {
    let port = server.endpoint.rsplit(':').next().unwrap().parse().unwrap();
    let (proxy, recording) = recorder(port);
    (format!("http://127.0.0.1:{}", proxy.port), recording)
}

fn confirmation_link(server: &Server) -> String {
    let inbox: serde_json::Value = serde_json::from_str(&server.get("/_imgwatch/inbox")).unwrap();
    let links = |message: &serde_json::Value| message["confirm_url"].as_str().map(str::to_owned);
    inbox["messages"].as_array().unwrap().iter().find_map(links).unwrap()
}

#[test]
fn each_changing_command_is_refused_before_any_request() {
    let (server, folder) = (Server::start(&[]), tempfile::tempdir().unwrap());
    assert_eq!(server.run(&["subscribe", "ada@example.com"]).code, Some(0));
    let link = confirmation_link(&server);
    let (endpoint, recording) = recorded(&server);
    // A link that leads elsewhere is refused for that.
    let link = link.replace(&server.endpoint, &endpoint);
    let (small, large) = (folder.path().join("small.txt"), folder.path().join("large.bin"));
    fs::write(&small, "small").unwrap();
    // More than one part.
    fs::write(&large, vec![0; 40 * 1024 * 1024]).unwrap();
    let (small, large) = (small.to_str().unwrap(), large.to_str().unwrap());
    // Commands that ask a cloud for nothing are not its business; a new command has to be put somewhere.
    let (changing, reading) =
        (["upload", "subscribe", "confirm"], ["objects", "download", "logs", "subscriptions", "doctor", "wiring"]);
    let neither = ["local", "config", "completions", "man"];
    let help = run(&["--help"]).stdout;
    let all = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let unknown: Vec<&str> = all
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| [&changing[..], &reading, &neither].iter().all(|known| !known.contains(name)))
        .collect();
    assert!(unknown.is_empty() && help.contains("\n  upload "), "whether these change something: {unknown:?}");
    let commands: [&[&str]; 7] = [
        &["upload", small],
        &["upload", large],
        &["upload", "--test-image", "--wait"],
        &["upload", "--test-image", "--wait", "--probe"],
        &["upload", small, "--no-overwrite"],
        &["subscribe", "bob@example.com"],
        &["confirm", &link],
    ];
    let with =
        |flags: &[&str], command: &[&str]| -> Run { run(&[&["--endpoint-url", &endpoint], flags, command].concat()) };
    for command in commands {
        let refused = with(&["--read-only"], command);
        assert_eq!(refused.code, Some(1), "{command:?}: {}{}", refused.stdout, refused.stderr);
        for word in ["read-only", "--read-only=off"] {
            let said = format!("{}{}", refused.stdout, refused.stderr);
            assert!(said.contains(word), "{command:?} says {word}: {said}");
        }
    }
    let one = with(&["--read-only"], &["upload", small, "--json"]).only(1);
    assert!(one["error"].to_string().contains("read-only"), "{one}");
    let back = folder.path().join("back.txt");
    assert_eq!(server.run(&["upload", small]).code, Some(0));
    for name in reading {
        let object = ["small.txt", back.to_str().unwrap()];
        let read = with(&["--read-only"], &[&[name][..], if name == "download" { &object } else { &[] }].concat());
        let command = name;
        assert!(!read.stderr.contains("read-only"), "{command:?}: {}", read.stderr);
    }
    assert!(!recording.actions().is_empty());
    assert_eq!(recording.changes(), [""; 0]);
    // The same commands change something without it: the recording can tell.
    assert!(commands.iter().all(|command| changing.contains(&command[0])));
    for command in commands {
        let before = recording.changes().len();
        with(&[], command);
        assert!(recording.changes().len() > before, "{command:?}");
    }
}

#[test]
fn each_change_and_each_refused_one_leaves_a_line_in_the_log_file() {
    let (server, folder) = (Server::start(&[]), tempfile::tempdir().unwrap());
    assert_eq!(server.run(&["subscribe", "ada@example.com"]).code, Some(0));
    let link = confirmation_link(&server);
    let [small, large, log] = ["small.txt", "large.bin", "log"].map(|name| folder.path().join(name));
    fs::write(&small, "small").unwrap();
    fs::write(&large, vec![0; 40 * 1024 * 1024]).unwrap();
    let (small, large) = (small.to_str().unwrap(), large.to_str().unwrap());
    let cases: [(&[&str], &[&str]); 5] = [
        (&["upload", small], &["s3:PutObject \"small.txt\""]),
        (
            &["upload", large],
            &[
                "s3:CreateMultipartUpload \"large.bin\"",
                "s3:UploadPart \"large.bin\"",
                "s3:CompleteMultipartUpload \"large.bin\"",
            ],
        ),
        (&["subscribe", "bob@example.com"], &["sns:Subscribe \"arn:aws:sns:"]),
        (&["confirm", &link], &["sns:ConfirmSubscription \"arn:aws:sns:"]),
        (
            &["upload", "--test-image", "--wait", "--probe"],
            &[
                "sqs:CreateQueue \"imgwatch-probe-",
                "sns:Subscribe \"arn:aws:sns:",
                "s3:PutObject \"test-",
                "sns:Unsubscribe \"arn:aws:sns:",
                "sqs:DeleteQueue \"imgwatch-probe-",
            ],
        ),
    ];
    let flag = format!("--log-file={}", log.display());
    let logged = |flags: &[&str], command: &[&str]| {
        let _ = fs::remove_file(&log);
        server.run(&[&[flag.as_str()], flags, command].concat());
        fs::read_to_string(&log).unwrap()
    };
    for (command, changes) in cases {
        let text = logged(&["--read-only"], command);
        assert!(text.contains(&format!("WARN read-only: refused {}", changes[0])), "{command:?}:\n{text}");
        assert!(!text.contains("changes: "), "{command:?}:\n{text}");
        let text = logged(&[], command);
        for change in changes {
            assert!(text.contains(&format!("INFO changes: {change}")), "{command:?}, {change}:\n{text}");
        }
    }
}

#[test]
fn a_pipeline_of_the_config_file_and_a_variable_protect_too_and_a_flag_comes_first() {
    let (server, folder) = (Server::start(&[]), tempfile::tempdir().unwrap());
    let (endpoint, recording) = recorded(&server);
    let config = folder.path().join("config.toml");
    let text = format!(
        "[pipelines.live]\nendpoint-url = {endpoint:?}\nread-only = true\n[pipelines.dev]\nendpoint-url = {endpoint:?}\n"
    );
    fs::write(&config, text).unwrap();
    let upload = |flags: &[&str], variable: Option<&str>| {
        let config = config.to_str().unwrap();
        let mut command =
            super::program::program(&[&["--config", config], flags, &["upload", "--test-image"]].concat());
        command.envs(variable.map(|value| ("IMGWATCH_READ_ONLY", value)));
        command.output().unwrap().status.code()
    };
    let refused = [
        upload(&["--pipeline", "live"], None),
        upload(&["--pipeline", "dev"], Some("1")),
        upload(&["--pipeline", "dev"], Some("true")),
        upload(&["--pipeline", "dev", "--read-only"], Some("off")),
    ];
    assert_eq!((refused, recording.changes().len()), ([Some(1); 4], 0));
    assert_eq!(upload(&["--pipeline", "dev"], None), Some(0));
    assert_eq!(upload(&["--pipeline", "live", "--read-only=off"], None), Some(0));
    assert_eq!(upload(&["--pipeline", "dev"], Some("maybe")), Some(2), "what it means is not guessed");
}
