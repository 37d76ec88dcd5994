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
    for command in [["objects"], ["subscriptions"], ["logs"], ["doctor"]] {
        let read = with(&["--read-only"], &command);
        assert!(!read.stderr.contains("read-only"), "{command:?}: {}", read.stderr);
    }
    assert!(!recording.actions().is_empty());
    assert_eq!(recording.changes(), [""; 0]);
    // The same commands change something without it: the recording can tell.
    for command in commands {
        let before = recording.changes().len();
        with(&[], command);
        assert!(recording.changes().len() > before, "{command:?}");
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
