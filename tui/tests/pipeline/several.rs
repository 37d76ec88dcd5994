//! Several functions of one bucket, and batches of a queue: what the timelines of many uploads say.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::program::ask::ask_ok;
use super::program::{Run, Server, handler, run};

const ACCOUNT: &str = "us-east-1:000000000000";

/// Asks a service that speaks AWS JSON.
fn call(server: &Server, target: &str, body: &Value) -> Value {
    let headers = ["content-type: application/x-amz-json-1.0", &format!("x-amz-target: {target}")];
    let answer = ask_ok(&server.endpoint, "POST /", &headers, &body.to_string());
    serde_json::from_str(&answer).unwrap_or_default()
}

fn rest(server: &Server, request: &str, body: &Value) -> Value {
    serde_json::from_str(&ask_ok(&server.endpoint, request, &["content-type: application/json"], &body.to_string()))
        .unwrap()
}

/// Files with these names, in a folder.
fn files(folder: &Path, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let file = |name: String| {
        let path = folder.join(&name);
        std::fs::write(&path, &name).unwrap();
        path.to_str().unwrap().to_owned()
    };
    names.into_iter().map(file).collect()
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stages<'a>(report: &'a Value, name: &str) -> Vec<&'a Value> {
    report["stages"].as_array().unwrap().iter().filter(|stage| stage["stage"] == name).collect()
}

/// Pipeline: keys below `a/` go to the shipped function, those below `b/` to one of others, and a rule of EventBridge gives
/// those below `a/` and `c/` to the shipped function once more, which publishes to another topic there.
fn several(folder: &Path) -> Server {
    let shipped = folder.join("shipped");
    std::fs::write(&shipped, "#!/bin/sh\nexec imgwatch __handler\n").unwrap();
    std::fs::set_permissions(&shipped, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (index, thumbs) = (format!("index={}", shipped.display()), format!("thumbs={}", handler("prints-key")));
    let topic = |name: &str| format!("arn:aws:sns:{ACCOUNT}:{name}");
    let (second, first) = (topic("second"), topic("image-uploads"));
    let (index_topic, thumbs_topic) =
        (format!("index:SNS_TOPIC_ARN={second}"), format!("thumbs:SNS_TOPIC_ARN={first}"));
    let server = Server::start(&[
        "--handler",
        &index,
        "--handler",
        &thumbs,
        "--handler-env",
        &index_topic,
        "--handler-env",
        &thumbs_topic,
    ]);
    let form = ["content-type: application/x-www-form-urlencoded"];
    ask_ok(&server.endpoint, "POST /", &form, "Action=CreateTopic&Version=2010-03-31&Name=second");
    let function = |name: &str| format!("arn:aws:lambda:{ACCOUNT}:function:{name}");
    let allow = |name: &str, service: &str, source: &str| {
        let statement = json!({"StatementId": service, "Action": "lambda:InvokeFunction",
            "Principal": format!("{service}.amazonaws.com"), "SourceArn": source});
        rest(&server, &format!("POST /2015-03-31/functions/{name}/policy"), &statement);
    };
    allow("thumbs", "s3", "arn:aws:s3:::images");
    let pattern = json!({"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "a/"}, {"prefix": "c/"}]}}});
    let rule = call(&server, "AWSEvents.PutRule", &json!({"Name": "index", "EventPattern": pattern.to_string()}));
    allow("index", "events", rule["RuleArn"].as_str().unwrap());
    let targets = json!({"Rule": "index", "Targets": [{"Id": "1", "Arn": function("index")}]});
    call(&server, "AWSEvents.PutTargets", &targets);
    let configuration = |name: &str, prefix: &str| {
        format!(
            "<CloudFunctionConfiguration><CloudFunction>{}</CloudFunction><Event>s3:ObjectCreated:*</Event>\
             <Filter><S3Key><FilterRule><Name>prefix</Name><Value>{prefix}</Value></FilterRule></S3Key></Filter>\
             </CloudFunctionConfiguration>",
            function(name)
        )
    };
    let notifications = format!(
        "<NotificationConfiguration>{}{}<EventBridgeConfiguration/></NotificationConfiguration>",
        configuration("ImageUploadProcessor", "a/"),
        configuration("thumbs", "b/")
    );
    ask_ok(&server.endpoint, "PUT /images?notification", &[], &notifications);
    server
}

/// Uploads so many files below each prefix, and checks the functions of each.
fn each_upload_has_the_functions_of_its_rules(count: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = several(folder.path());
    let files = files(folder.path(), (0..count).map(|number| format!("{number:03}.png")));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    for (prefix, functions) in [("a/", &["ImageUploadProcessor", "index"][..]), ("b/", &["thumbs"]), ("c/", &["index"])]
    {
        let upload = ["upload", "--prefix", prefix, "--wait", "--until", "processed", "--json", "--timeout", "4m"];
        let done: Run = run(&server.with(&[&upload[..], &files].concat()));
        let reports = done.json();
        assert_eq!(reports.len(), count, "{}", done.stderr);
        for report in reports {
            let told: BTreeMap<&str, (&str, &str)> = report["functions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| {
                    let text = |field: &str| it[field].as_str().unwrap();
                    (text("function"), (text("status"), text("evidence")))
                })
                .collect();
            let status = if prefix == "b/" { "processed" } else { "published" };
            let expected = functions.iter().map(|name| (*name, (status, "log"))).collect();
            assert_eq!(told, expected, "{report:#}");
            let invoked: BTreeSet<&str> =
                stages(&report, "invoked").iter().map(|it| it["function"].as_str().unwrap()).collect();
            assert_eq!(invoked, functions.iter().copied().collect(), "{report:#}");
            // The rule's name is there for the function that it leads to, and for no other one.
            let matched: Vec<(&Value, &Value)> =
                stages(&report, "matched").iter().map(|it| (&it["name"], &it["function"])).collect();
            let is_indexed = functions.contains(&"index");
            let index = json!("index");
            assert_eq!(matched, if is_indexed { vec![(&index, &index)] } else { Vec::new() }, "{report:#}");
        }
    }
}

#[test]
fn each_upload_has_exactly_the_functions_that_its_rules_say() {
    each_upload_has_the_functions_of_its_rules(10);
}

#[test]
#[ignore = "it takes minutes on a busy machine"]
fn each_of_three_hundred_uploads_has_exactly_the_functions_that_its_rules_say() {
    each_upload_has_the_functions_of_its_rules(100);
}

#[test]
fn of_a_batch_of_ten_the_poison_is_received_again_and_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&["--entry", "queue", "--handler", &handler("returns-poison")]);
    let url = |name: &str| format!("{}/000000000000/{name}", server.endpoint);
    let policy =
        json!({"deadLetterTargetArn": format!("arn:aws:sqs:{ACCOUNT}:image-events-failed"), "maxReceiveCount": 2});
    // A message that was returned comes again after this time, which must not be shorter than the function's.
    rest(&server, "PUT /2015-03-31/functions/ImageUploadProcessor/configuration", &json!({"Timeout": 5}));
    let attributes = json!({"VisibilityTimeout": "5", "RedrivePolicy": policy.to_string()});
    let queue = json!({"QueueUrl": url("image-events"), "Attributes": attributes});
    call(&server, "AmazonSQS.SetQueueAttributes", &queue);
    // While the mapping is switched off, the messages gather.
    let mappings: Value = serde_json::from_str(&server.get("/2015-03-31/event-source-mappings")).unwrap();
    let mapping =
        format!("/2015-03-31/event-source-mappings/{}", mappings["EventSourceMappings"][0]["UUID"].as_str().unwrap());
    let switch = |enabled: bool| rest(&server, &format!("PUT {mapping}"), &json!({"Enabled": enabled}));
    let is = |state: &str| serde_json::from_str::<Value>(&server.get(&mapping)).unwrap()["State"] == state;
    switch(false);
    until("the mapping is switched off", || is("Disabled"));
    let waiting = |name: &str| {
        let names = json!(["ApproximateNumberOfMessages"]);
        let asked = json!({"QueueUrl": url(name), "AttributeNames": names});
        call(&server, "AmazonSQS.GetQueueAttributes", &asked)["Attributes"]["ApproximateNumberOfMessages"].clone()
    };
    let names = (0..9).map(|number| format!("good-{number}.png")).chain(["poison.png".to_owned()]);
    let files = files(folder.path(), names);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let upload = ["upload", "--wait", "--json", "--timeout", "2m"];
    let done = std::thread::scope(|scope| {
        let upload = scope.spawn(|| run(&server.with(&[&upload[..], &files].concat())));
        until("ten messages wait", || waiting("image-events") == "10");
        switch(true);
        upload.join().unwrap()
    });
    let reports = done.json();
    assert_eq!(reports.len(), 10, "{}", done.stderr);
    let mut batches = BTreeSet::new();
    for report in &reports {
        let is_poison = report["key"] == "poison.png";
        let invoked = stages(report, "invoked");
        let receives: Vec<u64> = invoked.iter().map(|it| it["receive"].as_u64().unwrap()).collect();
        let messages: BTreeSet<&str> = invoked.iter().map(|it| it["sqs_message_id"].as_str().unwrap()).collect();
        let ids: BTreeSet<&str> = invoked.iter().map(|it| it["lambda_request_id"].as_str().unwrap()).collect();
        assert_eq!(messages.len(), 1, "{report:#}");
        let queued = stages(report, "queued");
        let stage = (&queued[0]["name"], &queued[0]["message_id"]);
        assert_eq!(stage, (&json!("image-events"), &json!(messages.first().unwrap())), "{report:#}");
        let gave_up = stages(report, "dead_lettered");
        if is_poison {
            assert_eq!((&report["status"], &receives[..], ids.len()), (&json!("failed"), &[1, 2][..], 2), "{report:#}");
            let end = (&gave_up[0]["name"], &gave_up[0]["evidence"]);
            assert_eq!(end, (&json!("image-events-failed"), &json!("predicted")), "{report:#}");
        } else {
            assert_eq!((&report["status"], &receives[..]), (&json!("skipped"), &[1][..]), "{report:#}");
            assert_eq!(gave_up, Vec::<&Value>::new(), "{report:#}");
        }
        batches.insert(invoked[0]["lambda_request_id"].as_str().unwrap());
    }
    assert_eq!(batches.len(), 1, "one invocation had all ten");
    until("the message is in the dead-letter queue", || waiting("image-events-failed") == "1");
}
