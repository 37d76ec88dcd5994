//! A function of others that prints the key and no message id: what the topic's own counts show of its message.

use serde_json::{Value, json};

use super::program::ask::ask_ok;
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

/// A second topic with the same queue, which lets only the first one send.
fn second_topic(server: &Server) {
    let (topic, queue) =
        ("arn:aws:sns:us-east-1:000000000000:second", "arn:aws:sqs:us-east-1:000000000000:image-uploads");
    let ask = |form: &str| {
        let header = "content-type: application/x-www-form-urlencoded";
        ask_ok(&server.endpoint, "POST /", &[header], &format!("Version=2010-03-31&{form}"))
    };
    ask("Action=CreateTopic&Name=second");
    for feedback in ["SQSSuccessFeedbackRoleArn", "SQSFailureFeedbackRoleArn"] {
        let role = "arn:aws:iam::000000000000:role/feedback";
        ask(&format!("Action=SetTopicAttributes&TopicArn={topic}&AttributeName={feedback}&AttributeValue={role}"));
    }
    ask(&format!("Action=Subscribe&TopicArn={topic}&Protocol=sqs&Endpoint={queue}"));
}

#[test]
fn each_named_topic_has_deliveries_of_its_own() {
    let server = server(&["ALSO=second"]);
    second_topic(&server);
    let queues = |report: &Value| {
        let rows = report["deliveries"].as_array().unwrap_or_else(|| panic!("{report}"));
        let queues = rows.iter().filter(|row| row["protocol"] == "sqs");
        let mut states: Vec<String> = queues
            .map(|row| format!("{}: {}", row["state"].as_str().unwrap(), row["evidence"].as_str().unwrap()))
            .collect();
        states.sort();
        states
    };
    let named = ["--topic", "image-uploads", "--topic", "second"];
    let report = server.run(&[&UPLOAD[..], &named].concat()).only(1);
    let published = report["stages"].as_array().unwrap().iter().filter(|stage| stage["stage"] == "published");
    assert_eq!(published.count(), 2, "{report}");
    let found = queues(&report);
    assert_eq!(found.len(), 2, "{report}");
    assert!(found[0].starts_with("delivered: delivery-status log: SUCCESS"), "{found:?}");
    assert!(found[1].starts_with("failed: topic second, delivery-status log: FAILURE"), "{found:?}");
    let why = report["deliveries_error"].as_str().unwrap_or_else(|| panic!("{report}"));
    assert!(why.ends_with(":second are not listed: only delivery statuses show them"), "{why}");

    let wiring = server.run(&["wiring", "--json", "--topic", "image-uploads,second"]).only(0);
    let edges = wiring["edges"].as_array().unwrap();
    let is_named = |edge: &&Value| edge["kind"] == "named" && edge["to"].as_str().unwrap().ends_with(":second");
    assert_eq!(edges.iter().filter(is_named).count(), 1, "{wiring}");
}
