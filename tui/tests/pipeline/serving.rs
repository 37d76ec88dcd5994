//! `imgwatch local`: what it prints, and how it ends.

use super::program::{Server, run};

#[test]
fn it_stops_cleanly_on_either_signal() {
    for name in ["INT", "TERM"] {
        let server = Server::start(&[]);
        // The function's process runs by now, and has to end as well.
        assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
        let endpoint = server.endpoint.clone();
        let (status, _) = server.stop(name);
        assert_eq!(status.code(), Some(0), "{name}");
        assert_eq!(run(&["--endpoint-url", &endpoint, "objects"]).code, Some(1), "its port is closed");
    }
}

#[test]
fn a_shell_can_source_what_it_prints() {
    let server = Server::start(&["--region", "eu-west-1"]);
    let exports: Vec<String> =
        server.welcome.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let endpoint = server.endpoint.clone();
    let expected = [
        &format!("export AWS_ENDPOINT_URL={endpoint}"),
        "export AWS_ACCESS_KEY_ID=local",
        "export AWS_SECRET_ACCESS_KEY=local",
        "export AWS_REGION=eu-west-1",
        "export AWS_DEFAULT_REGION=eu-west-1",
    ];
    assert_eq!(exports, expected);
    let (_, rest) = server.stop("TERM");
    assert!(rest.lines().all(|line| line.starts_with('#')), "{rest}");
    assert!(rest.contains(&format!("imgwatch --endpoint-url {endpoint}")), "{rest}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let server = Server::start(&[]);
    let port = server.endpoint.rsplit(':').next().unwrap();
    let second = run(&["local", "--port", port]);
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    assert!(second.stderr.contains(port) && second.stderr.contains("--port"), "{}", second.stderr);
}

#[test]
fn the_region_that_aws_is_used_in_is_none_of_the_local_clouds() {
    let server = Server::start(&[]);
    for args in [&["--local", "subscriptions", "--json"][..], &server.with(&["subscriptions", "--json"])] {
        let mut command = super::program::program(args);
        let done = command.env("AWS_REGION", "eu-west-1").env("AWS_DEFAULT_REGION", "eu-west-1").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(String::from_utf8_lossy(&done.stdout).lines().count(), 2, "the pipeline's two subscriptions");
    }
}

/// Whether a process runs; one that has ended is listed until its parent has asked for its status.
#[cfg(target_os = "linux")]
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

#[cfg(target_os = "linux")]
#[test]
fn daemons_of_the_function_end_with_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let [program, noted] = ["function", "pid"].map(|name| folder.path().join(name));
    // It leaves the process group and the session, and ignores every signal that can be ignored.
    let daemon = "trap \"\" TERM HUP INT; echo $$ >FILE.new; mv FILE.new FILE; while :; do sleep 600; done";
    let script = format!("#!/bin/sh\n(setsid sh -c '{daemon}' >/dev/null 2>&1 &)\nexec imgwatch __handler\n");
    std::fs::write(&program, script.replace("FILE", &noted.display().to_string())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["INT", "TERM", "HUP"] {
        let server = Server::start(&["--handler", &program.display().to_string()]);
        assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
        let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while !noted.exists() {
            assert!(std::time::Instant::now() < deadline, "no daemon came");
            std::thread::yield_now();
        }
        let pid = std::fs::read_to_string(&noted).unwrap().trim().to_owned();
        std::fs::remove_file(&noted).unwrap();
        assert!(is_alive(&pid), "it lives as long as the cloud");
        let (status, _) = server.stop(name);
        assert_eq!(status.code(), Some(0), "{name}");
        assert!(!is_alive(&pid), "{name}");
    }
}

#[test]
fn messages_leave_the_machine_only_when_they_are_let() {
    let subscribe = ["subscribe", "--protocol", "https", "https://192.0.2.1/hook"];
    let near = Server::start(&[]);
    let refused = near.run(&subscribe);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("192.0.2.1") && refused.stderr.contains("--allow-outbound"), "{}", refused.stderr);
    assert_eq!(run(&[&["--local"][..], &subscribe].concat()).code, Some(1));
    assert_eq!(Server::start(&["--allow-outbound"]).run(&subscribe).code, Some(0));
    assert_eq!(run(&[&["--local", "--allow-outbound"][..], &subscribe].concat()).code, Some(0));
}

#[test]
fn the_entry_the_buckets_and_the_functions_are_those_that_the_flags_name() {
    let silent = super::program::handler("silent");
    let thumbs = format!("thumbs={silent}");
    let server = Server::start(&[
        "--entry",
        "eventbridge",
        "--add-bucket",
        "scans",
        "--handler",
        &thumbs,
        "--handler-env",
        "thumbs:SIZE=200",
        "--handler-env",
        "MODE=test",
    ]);
    let configuration = |function: &str| {
        let path = format!("/2015-03-31/functions/{function}/configuration");
        serde_json::from_str::<serde_json::Value>(&server.get(&path)).unwrap()
    };
    let (own, other) = (configuration("ImageUploadProcessor"), configuration("thumbs"));
    assert_eq!(other["Environment"]["Variables"], serde_json::json!({"SIZE": "200"}));
    assert_eq!(other["LoggingConfig"]["LogGroup"], "/aws/lambda/thumbs");
    assert_eq!(own["Environment"]["Variables"]["MODE"], "test");
    for bucket in ["images", "scans"] {
        let notifications = server.get(&format!("/{bucket}?notification"));
        assert!(notifications.contains("<EventBridgeConfiguration"), "{bucket}: {notifications}");
        assert!(!notifications.contains("CloudFunction"), "{bucket}: {notifications}");
    }
    let (_, rest) = server.stop("TERM");
    let line = "# Bucket images, scans -> EventBridge rule image-events -> function ImageUploadProcessor -> ";
    assert!(rest.contains(line) && rest.contains("# Function thumbs, "), "{rest}");
}

#[test]
fn an_upload_is_followed_whichever_entry_it_comes_by() {
    for (entry, expected) in [
        ("direct", &[][..]),
        ("queue", &["queued"]),
        ("topic", &["fanned_out"]),
        ("topic-queue", &["fanned_out", "queued"]),
        ("eventbridge", &["matched"]),
    ] {
        let done = run(&["--local", "--entry", entry, "upload", "--test-image", "--wait", "--json"]);
        assert_eq!(done.code, Some(0), "{entry}: {}{}", done.stdout, done.stderr);
        let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
        let stages = report["stages"].as_array().unwrap();
        let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
        let all = [&["stored"], expected, &["invoked", "published"]].concat();
        assert_eq!(names, all, "{entry}: {report}");
        for stage in &stages[1..=expected.len()] {
            assert_eq!((&stage["evidence"], &stage["basis"]), (&"log".into(), &"s3_request_id".into()), "{stage}");
            assert_eq!(stage["name"], "image-events", "{stage}");
            // No event of EventBridge names a message.
            assert_eq!(stage["message_id"].is_string(), stage["stage"] != "matched", "{stage}");
        }
    }
}

#[test]
fn a_function_of_others_is_followed_whichever_entry_it_is_behind() {
    let handler = super::program::handler("prints-key");
    for entry in ["queue", "topic", "topic-queue", "eventbridge"] {
        let cloud = ["--local", "--entry", entry, "--handler", &handler];
        let upload = ["upload", "--test-image", "--wait", "--until", "processed", "--json"];
        let found = run(&[&cloud[..], &upload].concat()).only(0);
        let stages = found["stages"].as_array().unwrap();
        let invoked = stages.iter().find(|stage| stage["stage"] == "invoked");
        let basis = invoked.map(|stage| stage["basis"].as_str());
        assert_eq!((found["status"].as_str(), basis), (Some("processed"), Some(Some("key"))), "{entry}: {found:#}");
    }
}

#[test]
fn variables_reach_the_function_and_its_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("function");
    let silent = std::fs::read_to_string(super::program::handler("silent")).unwrap();
    let text = silent.replacen("\nwhile :", "\necho \"greeting: $GREETING\"\nwhile :", 1);
    std::fs::write(&program, text).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).unwrap();
    let handler =
        ["--handler", program.to_str().unwrap(), "--handler-env", "GREETING=hello=there", "--handler-env", "B=2"];
    let server = Server::start(&handler);
    let configuration: serde_json::Value =
        serde_json::from_str(&server.get("/2015-03-31/functions/ImageUploadProcessor/configuration")).unwrap();
    let variables = &configuration["Environment"]["Variables"];
    assert_eq!((&variables["GREETING"], &variables["B"]), (&"hello=there".into(), &"2".into()));
    assert!(variables["SNS_TOPIC_ARN"].is_string(), "the pipeline's own variable stays: {variables}");
    assert_eq!(server.run(&["upload", "--test-image"]).code, Some(0));
    let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while !server.run(&["logs"]).stdout.contains("greeting: hello=there") {
        assert!(std::time::Instant::now() < end, "the function does not print it");
    }
    for wrong in ["GREETING", "=x", "a b=c"] {
        let refused = run(&["local", "--handler-env", wrong]);
        assert_eq!(refused.code, Some(2), "{wrong}: {}", refused.stderr);
    }
}
