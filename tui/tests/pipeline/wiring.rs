//! `imgwatch wiring`: the whole graph, as far as it can be read.

use serde_json::{Value, json};

use super::program::Server;
use crate::raw::{Raw, Request, http};

fn node<'a>(graph: &'a Value, id: &str) -> &'a Value {
    let nodes = graph["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["id"] == id).unwrap_or_else(|| panic!("{id}: {graph:#}"))
}

/// The kinds of the edges from one node to another, by what their ids begin with.
fn edges(graph: &Value, from: &str, to: &str) -> Vec<String> {
    let all = graph["edges"].as_array().unwrap().iter();
    let begins = |value: &Value, with: &str| value.as_str().unwrap().starts_with(with);
    let between = all.filter(|edge| begins(&edge["from"], from) && begins(&edge["to"], to));
    between.map(|edge| edge["kind"].as_str().unwrap().to_owned()).collect()
}

const FUNCTION: &str = "function:arn:aws:lambda:us-east-1:000000000000:function:ImageUploadProcessor";
const TOPIC: &str = "topic:arn:aws:sns:us-east-1:000000000000:image-uploads";

#[test]
fn the_local_pipeline_is_read_from_the_bucket_to_the_subscribers() {
    let server = Server::start(&[]);
    server.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    let graph = server.run(&["wiring", "--json"]).only(0);
    for id in ["bucket:images", FUNCTION, "log_group:/aws/lambda/ImageUploadProcessor", TOPIC] {
        assert_eq!(node(&graph, id)["state"], "ok", "{graph:#}");
        assert_eq!(node(&graph, id)["detail"], Value::Null, "it is followed: {graph:#}");
    }
    let queue = "queue:arn:aws:sqs:us-east-1:000000000000:image-uploads-audit";
    for id in [queue, "subscriber:you@example.com"] {
        // Of a queue it is also said what waits there.
        let detail = node(&graph, id)["detail"].as_str().unwrap();
        assert!(node(&graph, id)["state"] == "ok" && detail.ends_with("not followed"), "{graph:#}");
    }
    assert_eq!(edges(&graph, "bucket:", "function:"), ["rule"]);
    assert_eq!(edges(&graph, "function:", "topic:"), ["variable"]);
    assert_eq!(edges(&graph, "function:", "log_group:"), ["log"]);
    assert_eq!(edges(&graph, "topic:", "subscriber:you@example.com"), ["subscription"]);
    let text = server.run(&["wiring"]).stdout;
    assert!(text.contains("images -> ImageUploadProcessor  rule "), "{text}");
}

#[test]
fn a_queue_that_does_not_exist_is_missing() {
    let server = Server::start(&[]);
    let gone = "arn:aws:sqs:us-east-1:000000000000:gone";
    let subscribed = server.run(&["subscribe", gone, "--protocol", "sqs"]);
    assert_eq!(subscribed.stdout, format!("{gone} is subscribed\n"), "no command creates what was never there");
    assert!(subscribed.stderr.contains("subscribed, but it does not exist"), "{}", subscribed.stderr);
    let graph = server.run(&["wiring", "--json"]).only(0);
    assert_eq!(node(&graph, &format!("queue:{gone}"))["state"], "missing", "{graph:#}");
}

#[test]
fn every_entry_of_the_local_cloud_is_followed_to_the_function_and_is_in_order() {
    for (entry, path) in [
        ("direct", &[("bucket:", FUNCTION, "rule")][..]),
        ("queue", &[("bucket:", "queue:", "rule"), ("queue:", FUNCTION, "event_source_mapping")]),
        ("topic", &[("bucket:", "topic:", "rule"), ("topic:", FUNCTION, "subscription")]),
        (
            "topic-queue",
            &[
                ("bucket:", "topic:", "rule"),
                ("topic:", "queue:", "subscription"),
                ("queue:", FUNCTION, "event_source_mapping"),
            ],
        ),
        (
            "eventbridge",
            &[
                ("bucket:", "event_bus:", "all_events"),
                ("event_bus:", "event_rule:", "pattern"),
                ("event_rule:", FUNCTION, "target"),
            ],
        ),
    ] {
        let server = Server::start(&["--entry", entry]);
        let graph = server.run(&["wiring", "--json"]).only(0);
        for (from, to, kind) in path {
            assert!(edges(&graph, from, to).contains(&(*kind).to_owned()), "{entry}: {from} {to} {graph:#}");
        }
        let report: Value = serde_json::from_str(&server.run(&["doctor", "--json"]).stdout).unwrap();
        let joints = ["entry-", "event", "visibility", "batch", "recursion"];
        let is_bad = |check: &&Value| {
            let is_joint = joints.iter().any(|begin| check["id"].as_str().unwrap().starts_with(begin));
            is_joint && !["ok", "note"].contains(&check["status"].as_str().unwrap())
        };
        let bad: Vec<&Value> = report["checks"].as_array().unwrap().iter().filter(is_bad).collect();
        assert!(bad.is_empty(), "{entry}: {bad:#?}");
    }
}

#[test]
fn what_is_denied_is_shown_at_its_node_and_the_rest_is_read() {
    for (service, operation, id, permission) in [
        ("lambda", "GetFunctionConfiguration", FUNCTION, "lambda:GetFunctionConfiguration"),
        ("sns", "ListSubscriptionsByTopic", "topic:", "sns:ListSubscriptionsByTopic"),
        ("s3", "GetBucketNotificationConfiguration", "bucket:images", "s3:GetBucketNotification"),
    ] {
        let server = Server::start(&[]);
        server.inject(&json!({
            "service": service, "operation": operation, "times": 10_000,
            "fault": {"error": {"status": 403, "code": "AccessDenied", "message": "not authorized"}},
        }));
        let graph = server.run(&["wiring", "--json"]).only(3);
        let nodes = graph["nodes"].as_array().unwrap();
        let denied =
            nodes.iter().find(|node| node["state"] == "denied" && node["id"].as_str().unwrap().starts_with(id));
        let denied = denied.unwrap_or_else(|| panic!("{id}: {graph:#}"));
        assert!(denied["detail"].as_str().unwrap().contains(permission), "{denied}");
        assert!(nodes.iter().any(|node| node["kind"] == "log_group"), "{graph:#}");
    }
}

/// S3 sends to a queue, whose messages two functions get, to a topic with a function, and to EventBridge. What fails goes to a dead-letter queue.
fn queued() -> Raw {
    const JOBS: &str = "arn:aws:sqs:us-east-1:123456789012:jobs";
    const FAN: &str = "arn:aws:sns:us-east-1:123456789012:fan";
    Raw::start(move |request: &Request| {
        let json = |body: String| http("200 OK", &["content-type: application/json"], &body);
        let xml = |body: &str| http("200 OK", &["content-type: text/xml"], body);
        let line = request.line.as_str();
        if line.contains("?notification") {
            return xml(&format!(
                "<NotificationConfiguration><QueueConfiguration><Id>in</Id><Queue>{JOBS}</Queue>\
                 <Event>s3:ObjectCreated:*</Event></QueueConfiguration>\
                 <TopicConfiguration><Id>all</Id><Topic>{FAN}</Topic>\
                 <Event>s3:ObjectRemoved:*</Event></TopicConfiguration>\
                 <EventBridgeConfiguration/></NotificationConfiguration>"
            ));
        }
        if request.body.contains("ListSubscriptionsByTopic") {
            let member = format!(
                "<member><SubscriptionArn>{FAN}:1</SubscriptionArn><Protocol>lambda</Protocol><Endpoint>\
                 arn:aws:lambda:us-east-1:123456789012:function:resize</Endpoint></member>"
            );
            return xml(&format!(
                "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>{member}\
                 </Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
            ));
        }
        if line.contains("/event-source-mappings") {
            if !line.contains("jobs&") && !line.ends_with("jobs") {
                return json(r#"{"EventSourceMappings":[]}"#.to_owned());
            }
            let mapping = |uuid: &str, name: &str, state: &str| {
                let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{name}");
                format!(r#"{{"UUID":"{uuid}","FunctionArn":"{arn}","State":"{state}"}}"#)
            };
            let both = [mapping("u1", "resize", "Enabled"), mapping("u2", "index:live", "Disabled")].join(",");
            return json(format!(r#"{{"EventSourceMappings":[{both}]}}"#));
        }
        if line.contains("/configuration") {
            return json(r#"{"Environment":{"Variables":{}}}"#.to_owned());
        }
        if request.head.contains("AmazonSQS.GetQueueUrl") {
            return json(format!(
                r#"{{"QueueUrl":"http://queues/{}"}}"#,
                if request.body.contains("dead") { "dead" } else { "jobs" }
            ));
        }
        if request.head.contains("AmazonSQS.GetQueueAttributes") {
            if request.body.contains("/dead") {
                return json(r#"{"Attributes":{}}"#.to_owned());
            }
            let policy =
                r#"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:123456789012:dead\",\"maxReceiveCount\":3}"#;
            return json(format!(r#"{{"Attributes":{{"RedrivePolicy":"{policy}"}}}}"#));
        }
        if request.head.contains("DescribeLogGroups") {
            return json(r#"{"logGroups":[{"logGroupName":"/aws/lambda/resize"}]}"#.to_owned());
        }
        http("400 Bad Request", &["content-type: application/json"], r#"{"__type":"ResourceNotFoundException"}"#)
    })
}

#[test]
fn queues_and_topics_lead_to_their_functions_and_to_dead_letter_queues() {
    let server = queued();
    let keys = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let far = server.far();
    let args = ["--endpoint-url", &far, "--region", "us-east-1", "--bucket", "store", "wiring", "--json"];
    let graph = super::finding::run_with(&args, &keys).only(0);
    let id = |kind: &str, service: &str, name: &str| format!("{kind}:arn:aws:{service}:us-east-1:123456789012:{name}");
    let (jobs, dead) = (id("queue", "sqs", "jobs"), id("queue", "sqs", "dead"));
    let (resize, index) = (id("function", "lambda", "function:resize"), id("function", "lambda", "function:index"));
    for id in [&jobs, &dead, &resize, &index] {
        assert_eq!(node(&graph, id)["state"], "ok", "{graph:#}");
    }
    assert_eq!(edges(&graph, "bucket:store", &jobs), ["rule"]);
    assert_eq!(edges(&graph, "bucket:store", "event_bus:default"), ["all_events"]);
    let fan = id("topic", "sns", "fan");
    assert_eq!(
        (edges(&graph, "bucket:store", &fan), edges(&graph, &fan, &resize)),
        (vec!["rule".to_owned()], vec!["subscription".to_owned()])
    );
    assert_eq!(edges(&graph, &jobs, &dead), ["failure"]);
    assert_eq!(node(&graph, &dead)["detail"], "not followed", "what is not counted is not called empty");
    assert_eq!(edges(&graph, &jobs, &resize), ["event_source_mapping"]);
    let disabled = graph["edges"].as_array().unwrap().iter().find(|edge| edge["to"] == index.as_str()).unwrap();
    assert_eq!((&disabled["kind"], &disabled["state"]), (&json!("event_source_mapping"), &json!("disabled")));
    let states =
        ["resize", "index"].map(|name| node(&graph, &format!("log_group:/aws/lambda/{name}"))["state"].clone());
    assert_eq!(states, ["ok", "missing"]);
}
