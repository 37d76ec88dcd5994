//! A function of others that prints the key and no message id: what the topic's own counts show of its message.

use serde_json::{Value, json};

use super::program::{Server, handler};

const UPLOAD: [&str; 4] = ["upload", "--test-image", "--wait", "--json"];

fn server(variables: &[&str]) -> Server {
    let handler = handler("prints-key");
    let variables = variables.iter().flat_map(|variable| ["--handler-env", *variable]);
    Server::start(&["--handler", &handler].into_iter().chain(variables).collect::<Vec<_>>())
}

fn basis<'a>(report: &'a Value, name: &str) -> Option<&'a str> {
    let stages = report["stages"].as_array().unwrap();
    stages.iter().find(|stage| stage["stage"] == name)?["basis"].as_str()
}

#[test]
fn the_only_message_while_the_invocation_ran_is_probably_its() {
    let report = server(&[]).run(&UPLOAD).only(3);
    assert_eq!((&report["status"], &report["error"]), (&json!("published"), &Value::Null), "{report}");
    assert_eq!((basis(&report, "invoked"), basis(&report, "published")), (Some("key"), Some("time")), "{report}");
    assert_eq!(report["stages"][2]["clock"], "sns", "{report}");
    let queue = report["deliveries"].as_array().unwrap().iter().find(|row| row["protocol"] == "sqs").unwrap();
    assert_eq!((&queue["state"], &queue["basis"]), (&json!("delivered"), &json!("time")), "{report}");

    let text = server(&[]).run(&UPLOAD[..3]);
    assert_eq!(text.code, Some(3), "{}{}", text.stdout, text.stderr);
    let line =
        text.stdout.lines().find(|line| line.contains("  published  ")).unwrap_or_else(|| panic!("{}", text.stdout));
    assert!(line.contains("CloudWatch counts no more, probably (basis: time)"), "{line}");

    // Where that is enough, nothing is asked of CloudWatch.
    let processed = server(&[]).run(&[&UPLOAD[..], &["--until", "processed"]].concat()).only(0);
    assert_eq!(processed["status"], "processed", "{processed}");
}

#[test]
fn what_the_counts_do_not_show_is_processed() {
    let two = server(&["MESSAGES=2"]).run(&UPLOAD).only(3);
    assert_eq!((two["status"].as_str(), basis(&two, "invoked")), (Some("processed"), Some("key")), "{two}");
    let denied = server(&[]);
    denied.inject(&json!({
        "service": "monitoring", "operation": "GetMetricStatistics", "times": 10_000,
        "fault": {"error": {"status": 403, "code": "AccessDenied", "message": "not authorized"}},
    }));
    let report = denied.run(&UPLOAD).only(3);
    assert_eq!(report["status"], "processed", "{report}");
    let error = report["error"].as_str().unwrap();
    assert_eq!(error, "the invocation succeeded, and the log does not show whether it published");
}
