//! `logs --follow` against ministack, with the sweep alone and with Live Tail: every line of the log, once.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde_json::Value;

use super::pipeline::{FUNCTION, Pipeline};
use super::program::signal;

const STREAM: &str = "another/writer";

/// How often each line is there, by stream, time and text.
type Counts = BTreeMap<(String, i64, String), usize>;

/// Lines of one millisecond, as another process writes them into the function's log.
async fn write(pipeline: &Pipeline, texts: impl Iterator<Item = String>) {
    let at = jiff::Timestamp::now().as_millisecond();
    let events = texts.map(|text| InputLogEvent::builder().timestamp(at).message(text).build().unwrap());
    let group = format!("/aws/lambda/{FUNCTION}");
    let put = pipeline.account.logs.put_log_events().log_group_name(group).log_stream_name(STREAM);
    put.set_log_events(Some(events.collect())).send().await.unwrap();
}

/// Follows the log until it has shown two uploads and what another process wrote; its lines.
async fn follow(pipeline: &Pipeline, options: &[&str]) -> Vec<Value> {
    let args = [&["logs", "--follow", "--json"], options].concat();
    let mut follow = pipeline.emulator.program(&args).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = BufReader::new(follow.stdout.take().unwrap());
    let mut lines = stdout.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut seen = Vec::new();
    let mut until = |texts: &[&str]| loop {
        let line = lines.next().expect("it goes on");
        let message = line["message"].as_str().unwrap();
        let found = texts.iter().all(|text| message.contains(text));
        seen.push(line);
        if found {
            break;
        }
    };
    // The function has no log before the first upload, and a cold start after it has a stream of its own.
    for round in 0..2 {
        let key = pipeline.emulator.run(&["upload", "--test-image", "--json"]).only(0)["key"].clone();
        until(&[key.as_str().unwrap(), "\"published\""]);
        if round == 0 {
            let create = pipeline.account.logs.create_log_stream().log_group_name(format!("/aws/lambda/{FUNCTION}"));
            create.log_stream_name(STREAM).send().await.unwrap();
        }
        write(pipeline, (0..200).map(|n| format!("round {round} line {n:03}"))).await;
        until(&[&format!("round {round} line 199")]);
    }
    signal(&follow, "INT");
    seen.extend(lines);
    assert_eq!(follow.wait().unwrap().code(), Some(0));
    seen
}

fn counts<'a>(lines: impl Iterator<Item = &'a Value>) -> Counts {
    let mut counts = Counts::new();
    for line in lines {
        let at: jiff::Timestamp = line["at"].as_str().unwrap().parse().unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        *counts.entry((text("log_stream"), at.as_millisecond(), text("message"))).or_default() += 1;
    }
    counts
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn the_sweep_prints_each_line_once() {
    let pipeline = Pipeline::start().await;
    let lines = follow(&pipeline, &[]).await;
    let mut ids: Vec<&str> = lines.iter().map(|line| line["event_id"].as_str().unwrap()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{lines:?}");
}

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn live_tail_prints_each_line_once() {
    let pipeline = Pipeline::start().await;
    let lines = follow(&pipeline, &["--live-tail"]).await;
    // What came by Live Tail has no id; something did, or nothing is tested here.
    assert!(lines.iter().any(|line| line["event_id"].is_null()), "{lines:?}");
    let written = pipeline.emulator.run(&["logs", "--json"]).json();
    let (written, shown) = (counts(written.iter()), counts(lines.iter()));
    for (line, count) in &shown {
        assert_eq!(written.get(line), Some(count), "{line:?}");
    }
    // It was ended before the last lines of the last invocation came, maybe.
    let missing: Vec<_> = written.keys().filter(|line| !shown.contains_key(*line)).collect();
    let is_end = |text: &str| ["END", "REPORT"].iter().any(|word| text.starts_with(word));
    assert!(missing.iter().all(|(_, _, text)| is_end(text)), "{missing:?}");
}
