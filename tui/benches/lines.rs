//! How long it takes to read lines of a log, to find known names in them, and to say whose they are: lines of each kind, and
//! the worst ones.
//!
//! `cargo bench -p imgwatch --bench lines` measures; no test depends on a number of it.

mod setup;
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, Throughput};
use imgwatch::domain::evidence::Write;
use imgwatch::domain::evidence::names::KnownNames;
use imgwatch::domain::log::{LineKind, LogLine, Streams, format, settle};
use jiff::Timestamp;
use serde_json::json;

const LINES: usize = 20_000;
/// The longest line in which names are looked for, and how many of them a sample has.
const LONG: usize = 64 * 1024;
const LONG_LINES: usize = 20;
/// Uploads whose names are looked for.
const UPLOADS: usize = 2_000;
const ID: &str = "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11";

fn main() {
    let mut criterion = setup::criterion();
    let (short, long) = (kinds(), long_kinds());
    measure(&mut criterion, "read", LINES, &short, read);
    measure(&mut criterion, "read", LONG_LINES, &long, read);
    let known = known();
    let find = |line: &str| drop(black_box(known.find(line)));
    measure(&mut criterion, "find names in", LINES, &short, find);
    measure(&mut criterion, "find names in", LONG_LINES, &long, find);
    brackets(&mut criterion);
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, what: &str, number: usize, kinds: &[(&str, String)], each: impl Fn(&str)) {
    let mut group = criterion.benchmark_group("lines");
    for (name, line) in kinds {
        group.throughput(Throughput::Bytes(u64::try_from(line.len() * number).unwrap_or_default()));
        group.bench_function(format!("{what} {number}, {name}"), |bencher| {
            bencher.iter(|| (0..number).for_each(|_| each(black_box(line))));
        });
    }
    group.finish();
}

fn read(line: &str) {
    black_box(format::read("1".into(), Timestamp::UNIX_EPOCH, "f".into(), "s".into(), line));
}

/// Invocations one after the other in each of some streams (START, eight lines, END, REPORT), and some that never end.
fn brackets(criterion: &mut Criterion) {
    let of_streams = |streams| (0..LINES).map(|number| bracketed(number, streams)).collect();
    let begins = |line: &LogLine| line.kind == LineKind::Start;
    let endless = (0..LINES * 11).map(|number| bracketed(number, 1)).filter(begins).collect();
    let kinds: [(&str, Vec<LogLine>); 4] = [
        ("one stream", of_streams(1)),
        ("20 streams", of_streams(20)),
        ("1,000 streams", of_streams(1_000)),
        ("one stream in which none ends", endless),
    ];
    for (name, mut lines) in kinds {
        criterion.bench_function(&format!("lines: say whose {LINES} are, {name}"), |bencher| {
            bencher.iter(|| {
                let mut known = Streams::default();
                lines.iter().filter_map(|line| known.apply(line)).count()
            });
        });
        let mut known = Streams::default();
        for line in &lines {
            known.apply(line);
        }
        criterion.bench_function(&format!("lines: say again whose {LINES} are, {name}"), |bencher| {
            bencher.iter(|| settle(&mut known, |_| true, lines.iter_mut()));
        });
    }
}

fn bracketed(number: usize, streams: usize) -> LogLine {
    let (stream, place) = (number % streams, number / streams);
    let kind = match place % 11 {
        0 => LineKind::Start,
        9 => LineKind::End,
        10 => LineKind::Report,
        _ => LineKind::Text,
    };
    let request_id = (kind != LineKind::Text).then(|| format!("{stream}-{}", place / 11).into());
    let at = Timestamp::from_second(i64::try_from(number).unwrap_or_default()).unwrap_or_default();
    let line = support::line(at, &format!("{number:056}"), "text");
    LogLine { stream: format!("2026/03/01/[$LATEST]{stream}").into(), kind, request_id, ..line }
}

/// Uploads with keys of several forms: some share their last part, some have many parts, some are encoded.
fn known() -> KnownNames {
    let mut known = KnownNames::default();
    for number in 0..UPLOADS {
        let key = match number % 4 {
            0 => format!("photos/2026/03/{number:06}.png"),
            1 => format!("users/{number}/avatar.png"),
            2 => format!("{}{number}.png", "a/".repeat(100)),
            _ => format!("in/é {number}+%2F.png"),
        };
        known.add(&Write {
            bucket: "images".into(),
            key: key.into(),
            e_tag: Some(format!("d41d8cd98f00b204e9800998{number:08x}").into()),
            version_id: Some(format!("096fKKXTRTtl3on89fVO.nfl{number:08}").into()),
            sequencer: Some(format!("0055AED6DC{number:08X}").into()),
            s3_request_id: Some(format!("C3D13FE5{number:08X}").into()),
        });
    }
    known
}

fn kinds() -> Vec<(&'static str, String)> {
    let event = event();
    let quoted = serde_json::Value::from(event.as_str());
    let body = format!(r#"{{"Records":[{{"messageId":"{ID}","body":{quoted},"eventSource":"aws:sqs"}}]}}"#);
    vec![
        ("text without a level", "File uploaded to bucket images with key photos/2026/03/000000.png".to_owned()),
        ("Node text", format!("2026-11-29T01:00:00.000Z\t{ID}\tINFO\tnew object photos/2026/03/000000.png")),
        ("text that begins with times and names", format!("{} message", "2026-11-29 01:00:00 [main] - ".repeat(40))),
        (
            "pairs of names and values",
            format!("time=2026-11-29T01:00:00Z level=INFO msg=x {}", "key=a.png ".repeat(400)),
        ),
        (
            "JSON of a logger",
            format!(r#"{{"level":"INFO","message":"m","timestamp":"t","function_request_id":"{ID}"}}"#),
        ),
        ("a whole event as JSON", event),
        ("an event in the body of a message", body),
        (
            "JSON of many fields",
            json!((0..1_000).map(|n| (format!("field{n}"), n)).collect::<BTreeMap<_, _>>()).to_string(),
        ),
    ]
}

/// The longest lines, of what costs the most in them.
fn long_kinds() -> Vec<(&'static str, String)> {
    let long = |piece: &str| piece.repeat(LONG / piece.len());
    let event = event();
    let nested = (0..4).fold(event.clone(), |text, _| serde_json::Value::from(text).to_string());
    vec![
        ("JSON of ids", format!(r#"{{"all":[{}null]}}"#, long(&format!(r#""{ID}","#)))),
        ("JSON of events", format!(r#"{{"all":[{}null]}}"#, long(&format!("{event},")))),
        ("Python's repr of events", long(&format!("{}, ", event.replace('"', "'")))),
        ("strings in strings", long(&nested)),
        ("percent-encoding", long("%2F%41")),
        ("encoded keys", long("in/%C3%A9+3%2B%252F.png ")),
        ("escapes", long(r"\u00e9\ud83d\ude00")),
        ("a last part that many keys have", long("x/avatar.png,")),
        ("the start of a long key", long("a/")),
        ("blanks", long(" ")),
        ("beginnings of colours", long("\u{1b}[")),
    ]
}

/// S3's event for one object.
fn event() -> String {
    r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-11-29T01:00:00.000Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:AIDA"},"requestParameters":{"sourceIPAddress":"1.2.3.4"},"responseElements":{"x-amz-request-id":"C3D13FE500000000","x-amz-id-2":"FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},"s3":{"s3SchemaVersion":"1.0","configurationId":"all","bucket":{"name":"images","ownerIdentity":{"principalId":"A3"},"arn":"arn:aws:s3:::images"},"object":{"key":"photos/2026/03/000000.png","size":1024,"eTag":"d41d8cd98f00b204e980099800000000","versionId":"096fKKXTRTtl3on89fVO.nfl00000000","sequencer":"0055AED6DC00000000"}}}]}"#.to_owned()
}
