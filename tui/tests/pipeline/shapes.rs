//! The wiring of pipelines as public samples build them: what AWS would answer about each, and what is drawn of it.
//!
//! Each shape is written down from what a sample's template creates, in the words of the APIs that are asked.

mod account;

use account::{Account, Rule, arn};

/// The lines of `imgwatch wiring` that show what leads where, without log groups.
fn drawn(account: Account) -> Vec<String> {
    let lines = account.wiring();
    let edges = lines.lines().filter(|line| line.contains(" -> ") && !line.ends_with("  log"));
    let mut edges: Vec<String> = edges.map(str::to_owned).collect();
    edges.sort();
    edges
}

/// A rule of this pattern for the keys of bucket `store`.
fn pattern(key: &str) -> String {
    let object = if key.is_empty() { String::new() } else { format!(r#","object":{{"key":[{key}]}}"#) };
    let bucket = r#""source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["store"]}"#;
    format!("{{{bucket}{object}}}}}")
}

#[test]
fn pipelines_that_s3_starts_itself_are_drawn() {
    let (lambda, sns) = (|name| arn("lambda", name), |name| arn("sns", name));
    check(vec![
        (
            "one function, images only",
            Account::default().notify(&lambda("resize"), "", ".jpg"),
            &["store -> resize  rule to-resize: s3:ObjectCreated:*, suffix .jpg"],
        ),
        (
            "two functions, each with a prefix",
            Account::default().notify(&lambda("resize"), "in/", ".png").notify(&lambda("index"), "docs/", ""),
            &[
                "store -> index  rule to-index: s3:ObjectCreated:*, prefix docs/",
                "store -> resize  rule to-resize: s3:ObjectCreated:*, prefix in/, suffix .png",
            ],
        ),
        (
            "a function that publishes to a topic",
            Account::default().notify(&lambda("tell"), "", "").variable("tell", "TOPIC_ARN", &sns("done")).subscribe(
                "done",
                "email",
                "you@example.com",
            ),
            &[
                "store -> tell  rule to-tell: s3:ObjectCreated:*",
                "tell -> done  variable TOPIC_ARN",
                "done -> you@example.com  subscription email",
            ],
        ),
        (
            "an alias of a function, as blue and green deployments use it",
            Account::default().notify(&lambda("resize:live"), "", ""),
            &["store -> resize  rule to-resize: s3:ObjectCreated:*, version or alias live, not followed"],
        ),
    ]);
}

#[test]
fn pipelines_that_s3_starts_by_queues_and_topics_are_drawn() {
    let (lambda, sqs, sns) = (|name| arn("lambda", name), |name| arn("sqs", name), |name| arn("sns", name));
    check(vec![
        (
            "a queue with a dead-letter queue",
            Account::default()
                .notify(&sqs("jobs"), "", "")
                .mapping("jobs", &lambda("resize"), "Enabled")
                .redrive("jobs", "jobs-dead"),
            &[
                "store -> jobs  rule to-jobs: s3:ObjectCreated:*",
                "jobs -> resize  event_source_mapping 1",
                "jobs -> jobs-dead  failure",
            ],
        ),
        (
            "a queue that two functions read, one of them switched off",
            Account::default().notify(&sqs("jobs"), "in/", "").mapping("jobs", &lambda("old"), "Disabled").mapping(
                "jobs",
                &lambda("new:live"),
                "Enabled",
            ),
            &[
                "store -> jobs  rule to-jobs: s3:ObjectCreated:*, prefix in/",
                "jobs -> new  event_source_mapping 2, version or alias live, not followed",
                "jobs -> old  event_source_mapping 1 (disabled)",
            ],
        ),
        (
            "a queue that no function reads, as where a pipe or a container does",
            Account::default().notify(&sqs("jobs"), "", ""),
            &["store -> jobs  rule to-jobs: s3:ObjectCreated:*"],
        ),
        (
            "a topic with two functions and an address",
            Account::default()
                .notify(&sns("uploads"), "", "")
                .subscribe("uploads", "lambda", &lambda("resize"))
                .subscribe("uploads", "lambda", &lambda("index"))
                .subscribe("uploads", "email", "you@example.com"),
            &[
                "store -> uploads  rule to-uploads: s3:ObjectCreated:*",
                "uploads -> index  subscription lambda",
                "uploads -> resize  subscription lambda",
                "uploads -> you@example.com  subscription email",
            ],
        ),
        (
            "a topic with two queues, each with a function",
            Account::default()
                .notify(&sns("uploads"), "", "")
                .subscribe("uploads", "sqs", &sqs("thumbs"))
                .subscribe("uploads", "sqs", &sqs("audit"))
                .mapping("thumbs", &lambda("resize"), "Enabled")
                .mapping("audit", &lambda("record"), "Enabled"),
            &[
                "store -> uploads  rule to-uploads: s3:ObjectCreated:*",
                "audit -> record  event_source_mapping 2",
                "thumbs -> resize  event_source_mapping 1",
                "uploads -> audit  subscription sqs",
                "uploads -> thumbs  subscription sqs",
            ],
        ),
        (
            "a function with destinations for what succeeds and what fails",
            Account::default()
                .notify(&lambda("resize"), "", "")
                .destination("resize", "OnSuccess", &sns("done"))
                .destination("resize", "OnFailure", &sqs("failed"))
                .subscribe("done", "lambda", &lambda("tell"))
                .destination("tell", "OnSuccess", &arn("events", "event-bus/results"))
                .destination("tell", "OnFailure", &lambda("alarm")),
            &[
                "store -> resize  rule to-resize: s3:ObjectCreated:*",
                "resize -> done  success",
                "resize -> failed  failure",
                "done -> tell  subscription lambda",
                "tell -> events event-bus/results  success",
                "tell -> alarm  failure",
            ],
        ),
        (
            "all kinds of destinations of one bucket",
            Account::default()
                .notify(&lambda("resize"), "in/", "")
                .notify(&sqs("jobs"), "jobs/", "")
                .notify(&sns("uploads"), "all/", "")
                .event_bridge(),
            &[
                "store -> jobs  rule to-jobs: s3:ObjectCreated:*, prefix jobs/",
                "store -> default  all_events",
                "store -> resize  rule to-resize: s3:ObjectCreated:*, prefix in/",
                "store -> uploads  rule to-uploads: s3:ObjectCreated:*, prefix all/",
            ],
        ),
    ]);
}

#[test]
fn pipelines_by_way_of_eventbridge_are_drawn() {
    let (lambda, sqs, sns) = (|name| arn("lambda", name), |name| arn("sqs", name), |name| arn("sns", name));
    check(vec![
        (
            "a rule with a function",
            Account::default().event_bridge().rule(Rule::new("created", &pattern("")).target(&lambda("resize"))),
            &[
                "store -> default  all_events",
                "default -> created  pattern bucket.name store",
                "created -> resize  target 1",
            ],
        ),
        (
            "a rule with a queue, whose messages a function gets",
            Account::default()
                .event_bridge()
                .rule(
                    Rule::new("images", &pattern(r#"{"wildcard":"in/*.jpg"}"#)).target(&sqs("jobs")).dead(&sqs("lost")),
                )
                .mapping("jobs", &lambda("resize"), "Enabled")
                .redrive("jobs", "jobs-dead"),
            &[
                "store -> default  all_events",
                "jobs -> resize  event_source_mapping 1",
                "jobs -> jobs-dead  failure",
                "default -> images  pattern bucket.name store, object.key wildcard in/*.jpg",
                "images -> jobs  target 1",
                "images -> lost  failure",
            ],
        ),
        (
            "a rule with a topic",
            Account::default()
                .event_bridge()
                .rule(Rule::new("tell", &pattern(r#"{"suffix":".pdf"}"#)).target(&sns("uploads")))
                .subscribe("uploads", "email", "you@example.com"),
            &[
                "store -> default  all_events",
                "default -> tell  pattern bucket.name store, object.key suffix .pdf",
                "tell -> uploads  target 1",
                "uploads -> you@example.com  subscription email",
            ],
        ),
        (
            "a rule with a state machine that gets a part of the event",
            Account::default().event_bridge().rule(
                Rule::new("start", &pattern(r#"{"prefix":"in/"}"#))
                    .with(r#","InputPath":"$.detail""#)
                    .target(&arn("states", "stateMachine:resize")),
            ),
            &[
                "store -> default  all_events",
                "default -> start  pattern bucket.name store, object.key prefix in/",
                "start -> resize  target 1, input is transformed",
            ],
        ),
        (
            "several rules, of which some are of other buckets and events, or switched off",
            Account::default()
                .event_bridge()
                .rule(Rule::new("nightly", "").target(&lambda("report")))
                .rule(Rule::new("elsewhere", &pattern("").replace("store", "other")).target(&lambda("other")))
                .rule(Rule::new("deleted", &pattern("").replace("Created", "Deleted")).target(&lambda("forget")))
                .rule(Rule::new("trail", r#"{"source":["aws.s3"],"detail-type":["AWS API Call via CloudTrail"]}"#))
                .rule(Rule::new("off", &pattern(r#"{"prefix":"in/"}"#)).disabled().target(&lambda("resize")))
                .rule(Rule::new("any", r#"{"source":["aws.s3"]}"#).target(&lambda("index")).target(&sqs("audit")))
                .rule(Rule::new("new", &pattern(r#"{"sounds-like":"cat"}"#)).target(&lambda("cats"))),
            &[
                "store -> default  all_events",
                "default -> any  pattern every event",
                r#"default -> new  pattern bucket.name store, object.key {"sounds-like":"cat"} (operator not known), not known whether it matches (not_read)"#,
                "default -> off  pattern bucket.name store, object.key prefix in/",
                "any -> audit  target 2",
                "any -> index  target 1",
                "new -> cats  target 1",
                "off -> resize  target 1",
            ],
        ),
        (
            "services that are not followed, and a bus of another account",
            Account::default().event_bridge().rule(
                Rule::new("forward", &pattern(""))
                    .target("arn:aws:events:us-east-1:210987654321:event-bus/central")
                    .target(&arn("firehose", "deliverystream/archive")),
            ),
            &[
                "store -> default  all_events",
                "default -> forward  pattern bucket.name store",
                "forward -> firehose deliverystream/archive  target 2",
                "forward -> events event-bus/central  target 1",
            ],
        ),
    ]);
}

/// Draws each shape, and names those that are not as they should be.
fn check(shapes: Vec<(&str, Account, &[&str])>) {
    for (name, account, expected) in shapes {
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(drawn(account), expected, "{name}");
    }
}

#[test]
fn what_is_in_another_account_is_shown_as_such() {
    let elsewhere = |service: &str, name: &str| format!("arn:aws:{service}:us-east-1:210987654321:{name}");
    let (queue, machine) = (elsewhere("sqs", "jobs"), elsewhere("states", "stateMachine:resize"));
    let rule = Rule::new("start", &pattern("")).target(&machine).target(&arn("states", "stateMachine:index"));
    let account = || Account::default().notify(&queue, "", "").event_bridge().rule(rule.clone());
    let denied = ("403 Forbidden", "AccessDeniedException");
    let (text, exit) = account().refuse("GetQueueUrl", denied).run();
    for line in [
        "queue          other_account  jobs  cannot read queue jobs: ",
        "state_machine  other_account  resize  not followed",
        "state_machine  not_read       index  not followed",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(exit, 0, "what is not for the caller to read is no failure: {text}");
    // A queue that may be read is read, whichever account owns it.
    let text = account().wiring();
    assert!(text.contains("queue          ok             jobs  empty; not followed"), "{text}");
}

#[test]
fn destinations_that_may_not_be_read_are_said_at_their_function() {
    let denied = ("403 Forbidden", "AccessDeniedException");
    let account = Account::default().notify(&arn("lambda", "resize"), "", "").refuse("event-invoke-config", denied);
    let (text, exit) = account.run();
    let line = "function       ok             resize  cannot read the destinations of function resize: \
                lambda:GetFunctionEventInvokeConfig is not allowed";
    assert!(text.contains(line), "{text}");
    assert_eq!(exit, 0, "{text}");
}

#[test]
fn doctor_names_the_joint_that_is_broken() {
    let (jobs, resize) = (arn("sqs", "jobs"), arn("lambda", "resize"));
    let queued = |state| Account::default().notify(&jobs, "", "").mapping("jobs", &resize, state);
    let rule = |rule: Rule| Account::default().event_bridge().rule(rule.target(&resize));
    let named = || Rule::new("images", &pattern(r#"{"prefix":"in/"}"#));
    for (account, id, status, said) in [
        (queued("Enabled"), "entry-queue-policy", "failure", "the policy of jobs does not allow s3.amazonaws.com"),
        (queued("Enabled"), "entry-redrive-policy", "warning", "jobs has no redrive policy"),
        (queued("Enabled").redrive("jobs", "dead"), "entry-redrive-policy", "warning", "after 3 receives"),
        (queued("Enabled"), "event-source-mapping", "ok", "jobs -> resize is enabled"),
        (queued("Disabled"), "event-source-mapping", "failure", "jobs -> resize is switched off"),
        (rule(named()), "eventbridge-rules", "ok", "rule images"),
        (rule(named().disabled()), "eventbridge-rules", "warning", "rule images is switched off"),
        (rule(named()), "eventbridge-permission", "failure", "does not allow events.amazonaws.com"),
        (rule(named()), "eventbridge-key", "note", "no rule of EventBridge matches out/cat.jpg"),
        (
            rule(named()).refuse("ListRules", ("403 Forbidden", "AccessDeniedException")),
            "eventbridge-rules",
            "not_checked",
            "events:ListRules is not allowed",
        ),
    ] {
        let (text, _) = account.run_as(&["doctor", "out/cat.jpg", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id);
        let check = check.unwrap_or_else(|| panic!("{id}: {report:#}"));
        assert_eq!(check["status"], status, "{check:#}");
        assert!(check["found"].as_str().unwrap().contains(said), "{said}: {check:#}");
    }
}

#[test]
fn more_than_one_page_of_rules_and_targets_is_read() {
    let rule = |at: usize| Rule::new(&format!("rule-{at}"), &pattern("")).target(&arn("lambda", "resize"));
    let account = (1..=3).fold(Account::default().event_bridge(), |account, at| account.rule(rule(at)));
    let lines = drawn(account.paged());
    for at in 1..=3 {
        assert!(lines.contains(&format!("rule-{at} -> resize  target 1")), "{lines:#?}");
    }
}

#[test]
fn what_eventbridge_refuses_is_shown_at_its_node() {
    let account = || {
        let rule = |name: &str| Rule::new(name, &pattern("")).target(&arn("lambda", "resize"));
        Account::default().event_bridge().rule(rule("on")).rule(rule("off").disabled())
    };
    let denied = ("403 Forbidden", "AccessDeniedException");
    for (operation, refusal, code, expected) in [
        (
            "",
            denied,
            0,
            &["event_bus      ok ", "event_rule     ok             on", "event_rule     disabled       off"][..],
        ),
        (
            "ListRules",
            denied,
            3,
            &["event_bus      denied         default  cannot list the rules of event bus default"][..],
        ),
        (
            "ListTargetsByRule",
            denied,
            3,
            &[
                "event_rule     denied         on  cannot list the targets of rule on",
                "event_rule     disabled       off  cannot",
            ],
        ),
        ("ListRules", ("501 Not Implemented", "NotImplemented"), 0, &["event_bus      not_offered    default"]),
        ("ListRules", ("400 Bad Request", "ThrottlingException"), 3, &["event_bus      not_read       default"]),
    ] {
        let (text, exit) = account().refuse(operation, refusal).run();
        assert_eq!(exit, code, "{operation}: {text}");
        for line in expected {
            assert!(text.contains(line), "{operation}: {line}\n{text}");
        }
    }
}
