//! What could not be read, or was not there to be read, is reported as unknown: in JSON, as text, and by the exit code.

use serde_json::{Value, json};

use super::program::{Server, handler, run};

/// Everybody is denied an operation from now on.
fn deny(server: &Server, service: &str, operation: &str) {
    server.inject(&json!({
        "service": service, "operation": operation, "times": 10_000,
        "fault": {"error": {"status": 403, "code": "AuthorizationError", "message": "not authorized"}},
    }));
}

fn delivery<'a>(report: &'a Value, protocol: &str) -> &'a Value {
    let deliveries = report["deliveries"].as_array().unwrap_or_else(|| panic!("{report}"));
    deliveries.iter().find(|row| row["protocol"] == protocol).unwrap_or_else(|| panic!("{report}"))
}

#[test]
fn attributes_that_may_not_be_read_make_deliveries_unknown() {
    let server = Server::start(&[]);
    deny(&server, "sns", "GetSubscriptionAttributes");
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(3);
    let email = delivery(&report, "email");
    assert_eq!(email["state"], "unknown", "{report}");
    assert!(email["evidence"].as_str().unwrap().contains("sns:GetSubscriptionAttributes"), "{email}");
    assert_eq!(delivery(&report, "sqs")["state"], "delivered", "a delivery status needs no attributes: {report}");

    let listed = server.run(&["subscriptions", "--json"]);
    assert!(listed.stderr.contains("sns:GetSubscriptionAttributes is not allowed"), "{}", listed.stderr);
    for row in listed.json() {
        assert_eq!((&row["state"], &row["attributes"]), (&json!("confirmed"), &Value::Null), "{row}");
        assert!(row["attributes_error"].as_str().unwrap().contains("sns:GetSubscriptionAttributes"), "{row}");
    }
    let text = server.run(&["subscriptions"]);
    assert!(text.stdout.contains("attributes not read") && text.code == Some(3), "{:?} {}", text.code, text.stdout);
}

#[test]
fn attributes_that_were_read_are_shown_with_when_that_was() {
    let server = Server::start(&[]);
    for row in server.run(&["subscriptions", "--json"]).json() {
        assert_eq!(row["attributes"]["filter_policy"], Value::Null, "{row}");
        assert!(row["attributes"]["read_at"].is_string() && row["attributes_error"].is_null(), "{row}");
    }
}

#[test]
fn subscribers_that_cannot_be_listed_are_not_none() {
    let server = Server::start(&[]);
    deny(&server, "sns", "ListSubscriptionsByTopic");
    // The list has what delivery status names, and no other subscriber.
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(3);
    let why = report["deliveries_error"].as_str().unwrap_or_else(|| panic!("{report}"));
    assert!(why.contains("sns:ListSubscriptionsByTopic"), "{why}");
    let states: Vec<&Value> =
        report["deliveries"].as_array().into_iter().flatten().map(|delivery| &delivery["state"]).collect();
    assert!(states.iter().all(|state| **state == "delivered"), "{report}");
}

#[test]
fn topic_settings_that_may_not_be_read_make_deliveries_unknown_unless_a_status_came() {
    // Without its log the queue's delivery status is not there to be read.
    let server = Server::start(&[]);
    deny(&server, "sns", "GetTopicAttributes");
    deny(&server, "logs", "FilterLogEvents");
    let report = server.run(&["upload", "--test-image", "--wait", "--timeout", "2s", "--json"]).only(3);
    assert_eq!(report["error"], "the log cannot be read", "{report}");
}

#[test]
fn an_invocation_that_names_nothing_is_reported() {
    let silent = handler("silent");
    let report =
        run(&["--local", "--handler", &silent, "upload", "--test-image", "--wait", "--timeout", "2s", "--json"])
            .only(3);
    assert_eq!(report["status"], "timed_out", "{report}");
    let error = report["error"].as_str().unwrap_or_else(|| panic!("{report}"));
    assert!(error.starts_with("1 invocation since; the log does not show that it handled this object"), "{error}");

    let text = run(&["--local", "--handler", &silent, "upload", "--test-image", "--wait", "--timeout", "2s"]);
    assert_eq!(text.code, Some(3));
    assert!(
        text.stdout.contains("1 invocation since; the log does not show that it handled this object"),
        "{}",
        text.stdout
    );
}

#[test]
fn no_invocation_is_claimed_only_as_far_as_the_log_was_read() {
    let server = Server::start(&[]);
    let error = |server: &Server| {
        server.remove_notifications();
        let report = server.run(&["upload", "--test-image", "--wait", "--timeout", "2s", "--json"]).only(3);
        report["error"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned()
    };
    let fresh = error(&Server::start(&[]));
    assert!(fresh.starts_with("the log group does not exist as of 20"), "{fresh}");
    server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    let error = error(&server);
    assert!(error.starts_with("no log line names this object as of 20"), "two minutes have not passed: {error}");
}

#[test]
fn the_log_group_is_the_one_of_the_functions_configuration() {
    let server = Server::start(&[]);
    // The usual group has lines, too: an upload would be said to be missing from them.
    server.run(&["upload", "--test-image", "--wait"]);
    server.configure_function(&json!({"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/custom/images"}}));
    let report = server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    assert_eq!(report["status"], "published", "{report}");
    let lines = server.run(&["logs", "--json"]).json();
    let key = report["key"].as_str().unwrap();
    assert!(lines.iter().any(|line| line["message"].as_str().unwrap().contains(key)), "{lines:?}");
    assert!(server.run(&["wiring"]).stdout.contains("  /custom/images"));
    // What is named is not looked up.
    let named = ["logs", "--json", "--log-group", "/aws/lambda/ImageUploadProcessor"];
    assert!(!server.run(&named).stdout.contains(key));
}

#[test]
fn stages_come_in_the_order_of_cause_with_the_clock_that_tells_their_time() {
    let report = run(&["--local", "upload", "--test-image", "--wait", "--json"]).only(0);
    let stages: Vec<(&str, &str)> = report["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| (stage["stage"].as_str().unwrap(), stage["clock"].as_str().unwrap()))
        .collect();
    assert_eq!(stages, [("stored", "client"), ("invoked", "lambda"), ("published", "lambda")]);

    let text = run(&["--local", "upload", "--test-image", "--wait"]).stdout;
    let order = ["stored", "invoked", "published", "delivered"].map(|word| text.find(&format!("  {word} ")));
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{text}");
    let of = |word: &str| text.lines().find(|line| line.contains(&format!("  {word} "))).unwrap();
    assert!(!of("stored").contains('~') && of("published").contains(" ~"), "{text}");
}

#[test]
fn a_subscriber_that_came_during_the_upload_is_unknown_and_not_left_out() {
    let server = Server::start(&[]);
    // The publication waits, so that the subscription comes between the listing and it.
    server.inject(&json!({
        "service": "sns", "operation": "Publish", "times": 1, "fault": {"delay_ms": 4_000},
    }));
    let upload = std::thread::spawn({
        let endpoint = server.endpoint.clone();
        move || super::program::run(&["--endpoint-url", &endpoint, "upload", "--test-image", "--wait", "--json"])
    });
    let end = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while server.run(&["objects", "--json"]).stdout.is_empty() {
        assert!(std::time::Instant::now() < end, "nothing is stored");
    }
    assert_eq!(server.run(&["subscribe", "+4915112345678", "--protocol", "sms"]).code, Some(0));
    let report = upload.join().unwrap().only(3);
    let deliveries = report["deliveries"].as_array().unwrap();
    let sms = deliveries.iter().find(|row| row["protocol"] == "sms").unwrap_or_else(|| panic!("{report}"));
    assert_eq!(sms["state"], "unknown", "{report}");
}
