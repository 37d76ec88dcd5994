//! The probe on ministack: it proves the fan-out with the emulator's own ids, and nothing of it is left.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};

use super::pipeline::{Pipeline, QUEUE};
use super::program::signal;

/// What begins the names of probe queues.
const PREFIX: &str = "imgwatch-probe-";

const UPLOAD: [&str; 5] = ["upload", "--test-image", "--wait", "--probe", "--json"];

/// The names of probe queues that exist, and of those that are subscribed to the topic.
async fn left(pipeline: &Pipeline) -> (Vec<String>, Vec<String>) {
    let name = |place: &str| place.rsplit(['/', ':']).next().unwrap().to_owned();
    let queues = pipeline.account.sqs.list_queues().queue_name_prefix(PREFIX).send().await.unwrap();
    let listed = pipeline.account.sns.list_subscriptions_by_topic().topic_arn(&pipeline.topic_arn);
    let listed = listed.send().await.unwrap();
    let endpoints = listed.subscriptions().iter().map(|one| name(one.endpoint().unwrap()));
    (queues.queue_urls().iter().map(|url| name(url)).collect(), endpoints.filter(|name| name != QUEUE).collect())
}

/// The report is of an upload that came to the queue and to the probe.
async fn proven(pipeline: &Pipeline, report: &Value) {
    assert_eq!((&report["status"], &report["error"]), (&json!("published"), &Value::Null), "{report}");
    let (envelope, _) = pipeline.told().await;
    let stages = report["stages"].as_array().unwrap();
    for name in ["published", "probed"] {
        let stage = stages.iter().find(|stage| stage["stage"] == name).unwrap_or_else(|| panic!("no {name}: {report}"));
        assert_eq!(stage["sns_message_id"], envelope["MessageId"], "{name}");
    }
    let deliveries = report["deliveries"].as_array().unwrap();
    let [probe] = deliveries.iter().filter(|row| row["evidence"] == "probe").collect::<Vec<_>>()[..] else {
        panic!("{report}")
    };
    assert_eq!((&probe["protocol"], &probe["state"]), (&json!("sqs"), &json!("delivered")));
    assert!(probe["endpoint"].as_str().unwrap().contains(PREFIX), "{report}");
    // It says nothing about the other queue, and ministack logs no delivery status.
    let other = deliveries.iter().find(|row| row["endpoint"].as_str().unwrap().ends_with(QUEUE)).unwrap();
    assert_eq!(other["state"], "unknown");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn the_probe_receives_the_message_and_is_removed() {
    let pipeline = Pipeline::start().await;
    let report = pipeline.emulator.run(&UPLOAD).only(0);
    proven(&pipeline, &report).await;
    assert_eq!(left(&pipeline).await, (vec![], vec![]));
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_a_killed_program_left_is_removed_by_the_next_one() {
    let pipeline = Pipeline::start().await;
    // The first upload waits for a function that is never invoked, until it is killed.
    pipeline.unwire().await;
    let mut first = pipeline.emulator.program(&UPLOAD).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let (mut stderr, mut said) = (BufReader::new(first.stderr.take().unwrap()), String::new());
    while !said.contains("created the probe queue") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it ended after {said:?}");
    }
    signal(&first, "KILL");
    first.wait().unwrap();
    let (queues, subscribed) = left(&pipeline).await;
    assert_eq!((queues.len(), &subscribed), (1, &queues), "a killed program cannot tidy up");

    pipeline.wire().await;
    let second = pipeline.emulator.run(&UPLOAD);
    let swept = format!("removed leftovers of an earlier run: {}", queues[0]);
    assert!(second.stderr.contains(&swept), "{swept}: {}", second.stderr);
    proven(&pipeline, &second.only(0)).await;
    assert_eq!(left(&pipeline).await, (vec![], vec![]));
}
