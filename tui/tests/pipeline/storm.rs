//! A storm of log events, written by a process of its own while another one follows the log.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{ChildStdout, Command, Stdio};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use serde_json::Value;

use super::program::{Server, program, signal};

const GROUP: &str = "/aws/lambda/ImageUploadProcessor";
const STREAMS: i64 = 50;
const ROUNDS: i64 = 10;
const EACH: i64 = 10;

/// What distinguishes a line: stream, milliseconds, text.
type Line = (String, i64, String);

fn stream(number: i64) -> String {
    format!("2026/11/23/[$LATEST]{number:032x}")
}

/// 5,000 events in the order in which they are written. A batch has one millisecond and the same texts twice; every
/// second round is late, by up to two and a half minutes; and streams share their milliseconds.
fn storm(base: i64) -> Vec<(String, Vec<(i64, String)>)> {
    let mut batches = Vec::new();
    for round in 0..ROUNDS {
        let late = if round % 2 == 1 { 150_000 / ROUNDS * round } else { 0 };
        for number in 0..STREAMS {
            let at = base - late + number % 5;
            let text = |event: i64| format!("round {round}, event {}", event / 2);
            batches.push((stream(number), (0..EACH).map(|event| (at, text(event))).collect()));
        }
    }
    batches
}

fn client(endpoint: &str) -> Client {
    let config = aws_sdk_cloudwatchlogs::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

async fn put(client: &Client, stream: &str, events: Vec<(i64, String)>) {
    let events = events
        .into_iter()
        .map(|(at, text)| InputLogEvent::builder().timestamp(at).message(text).build().expect("an event"));
    let put = client.put_log_events().log_group_name(GROUP).log_stream_name(stream);
    let answer = put.set_log_events(Some(events.collect())).send().await.expect("the events are written");
    assert!(answer.rejected_log_events_info().is_none(), "{answer:?}");
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(work)
}

async fn begin(client: &Client, streams: impl IntoIterator<Item = String>) {
    client.create_log_group().log_group_name(GROUP).send().await.expect("the group is made");
    for name in streams {
        let made = client.create_log_stream().log_group_name(GROUP).log_stream_name(name).send().await;
        made.expect("the stream is made");
    }
}

/// Writes so many lines of this moment.
pub(super) fn write_lines(server: &Server, count: i64) {
    let (client, now) = (client(&server.endpoint), jiff::Timestamp::now().as_millisecond());
    let events = (0..count).map(|number| (now, format!("line {number} of {count}"))).collect();
    wait(async {
        begin(&client, [stream(0)]).await;
        put(&client, &stream(0), events).await;
    });
}

/// Writes a log of several streams, all of this moment.
#[cfg(target_os = "linux")]
pub(super) fn write_log(server: &Server, lines: impl Iterator<Item = String>) {
    let (client, now) = (client(&server.endpoint), jiff::Timestamp::now().as_millisecond());
    let lines: Vec<(i64, String)> = lines.map(|line| (now, line)).collect();
    wait(async {
        begin(&client, (0..STREAMS).map(stream)).await;
        for (number, events) in (0..STREAMS).cycle().zip(lines.chunks(2_000)) {
            put(&client, &stream(number), events.to_vec()).await;
        }
    });
}

/// The other process.
#[test]
#[ignore = "the storm starts it as a process of its own"]
fn writes_a_storm() {
    // Running all ignored tests must not start the storm.
    let (Ok(endpoint), Ok(base)) = (std::env::var("STORM_ENDPOINT"), std::env::var("STORM_BASE")) else { return };
    let base = base.parse().expect("milliseconds");
    wait(async {
        let client = client(&endpoint);
        for (stream, events) in storm(base) {
            put(&client, &stream, events).await;
        }
    });
}

fn read(stdout: &mut BufReader<ChildStdout>, lines: &mut BTreeMap<Line, usize>) -> Line {
    let mut text = String::new();
    assert_ne!(stdout.read_line(&mut text).unwrap(), 0, "it ended by itself");
    let line = parse(&text);
    *lines.entry(line.clone()).or_default() += 1;
    line
}

fn parse(text: &str) -> Line {
    let row: Value = serde_json::from_str(text).expect(text);
    let at: jiff::Timestamp = row["at"].as_str().unwrap().parse().unwrap();
    (row["log_stream"].as_str().unwrap().to_owned(), at.as_millisecond(), row["message"].as_str().unwrap().to_owned())
}

fn each_exactly_once(flags: &[&str]) {
    let server = Server::start(&[]);
    let client = client(&server.endpoint);
    let base = jiff::Timestamp::now().as_millisecond();
    let mark = |text: &str| {
        wait(put(&client, "marks", vec![(base + 10, text.to_owned())]));
        ("marks".to_owned(), base + 10, text.to_owned())
    };
    wait(begin(&client, (0..STREAMS).map(stream).chain(["marks".to_owned()])));
    let args: Vec<&str> = ["logs", "--follow", "--json"].into_iter().chain(flags.iter().copied()).collect();
    let mut follower = program(&server.with(&args)).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(follower.stdout.take().unwrap());
    let mut lines = BTreeMap::new();
    let mut until = |line: &Line, lines: &mut BTreeMap<Line, usize>| while read(&mut stdout, lines) != *line {};
    // From here on it follows what comes, and does not look back.
    let first = mark("the calm before");
    until(&first, &mut lines);

    let writer = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "pipeline::storm::writes_a_storm"])
        .env("STORM_ENDPOINT", &server.endpoint)
        .env("STORM_BASE", base.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let written = writer.wait_with_output().unwrap();
    assert!(written.status.success(), "the writer has failed");
    let mut expected: BTreeMap<Line, usize> = BTreeMap::from([(first, 1)]);
    for (stream, events) in storm(base) {
        for (at, text) in events {
            *expected.entry((stream.clone(), at, text)).or_default() += 1;
        }
    }
    // A mark is followed by a whole sweep before the next one: whatever would come twice has come by then.
    for text in ["the calm after", "and after that", "and after that again"] {
        let line = mark(text);
        until(&line, &mut lines);
        expected.insert(line, 1);
    }
    signal(&follower, "INT");
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    for text in rest.lines() {
        *lines.entry(parse(text)).or_default() += 1;
    }
    assert_eq!(follower.wait().unwrap().code(), Some(0));
    assert_eq!(expected.values().sum::<usize>(), 5_004);
    let wrong: Vec<_> = expected.iter().filter(|(line, count)| lines.get(*line) != Some(*count)).take(5).collect();
    assert!(lines == expected, "{} lines instead of 5,004; for example {wrong:?}", lines.values().sum::<usize>());
}

#[test]
fn following_prints_each_event_of_a_storm_exactly_once() {
    each_exactly_once(&[]);
}

/// Sessions leave lines out of a storm like this, and bring others before the sweep does.
#[test]
fn following_with_live_tail_prints_each_event_of_a_storm_exactly_once() {
    each_exactly_once(&["--live-tail"]);
}
