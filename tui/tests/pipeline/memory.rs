//! What an upload keeps in memory beside a large log of other uploads.
//!
//! `IMGWATCH_MEMORY_EVENTS=160000 cargo test --workspace --test pipeline -- --nocapture memory` measures with so many events
//! and prints the peaks. Of an unoptimised program they were 54 MB without a log, 87 MB beside 40,000 events and 98 MB beside
//! 160,000. With all facts kept they would be 242 MB beside 160,000.

#![cfg(target_os = "linux")]

use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::json;

use super::program::{Run, Server, program};
use super::storm::write_log;

/// Log events of the test. The smaller log has a whole page of them, which takes memory while it is read.
const EVENTS: (usize, usize) = (12_000, 44_000);
/// Most bytes for each event of other uploads, some of which are being read. To keep their facts took about 1,200.
const EACH: usize = 600;

/// An invocation of imgwatch's handler for an image of another program, as Lambda and the handler log it.
fn invocation(number: usize) -> [String; 4] {
    let id = format!("{number:08x}-3a4c-4b0e-9d55-0b8c8f4f4a11");
    let record = |more: serde_json::Value| {
        let mut record = json!({
            "timestamp": "2026-11-23T15:02:11.456Z", "level": "INFO", "message": "received", "requestId": id,
            "bucket": "images", "key": format!("elsewhere/{number}.png"), "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "sequencer": format!("{number:018X}"), "s3RequestId": format!("{number:016X}"),
        });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        record.to_string()
    };
    [
        format!("START RequestId: {id} Version: $LATEST"),
        record(json!({})),
        record(json!({"message": "published", "outcome": "published", "snsMessageId": id, "notificationId": id})),
        format!(
            "REPORT RequestId: {id}\tDuration: 12.00 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB"
        ),
    ]
}

/// The most memory that a process had, in bytes.
fn peak(child: &Child) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? * 1024)
}

/// Uploads beside so many events, and returns the most memory that it had.
fn upload_beside(events: usize) -> usize {
    let server = Server::start(&[]);
    write_log(&server, (0..events / 4).flat_map(invocation));
    let args = server.with(&["upload", "--test-image", "--wait", "--json"]);
    let mut child = program(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        most = most.max(peak(&child).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let run = Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
    let upload = run.only(0);
    let stages: Vec<_> = upload["stages"].as_array().unwrap().iter().map(|it| (&it["stage"], &it["basis"])).collect();
    let invoked = (&json!("invoked"), &json!("s3_request_id"));
    assert_eq!(stages.iter().filter(|stage| **stage == invoked).count(), 1, "{upload}");
    assert!(stages.iter().any(|(stage, _)| **stage == json!("published")), "{upload}");
    most
}

#[test]
fn an_upload_keeps_little_of_what_the_log_says_of_others() {
    let given = std::env::var("IMGWATCH_MEMORY_EVENTS").ok().map(|number| number.parse().unwrap());
    let (few, many) = given.map_or(EVENTS, |events| (0, events));
    let peaks = (upload_beside(few), upload_beside(many));
    println!("peak: {} KiB beside {few} events, {} KiB beside {many}", peaks.0 / 1024, peaks.1 / 1024);
    let more = peaks.1.saturating_sub(peaks.0);
    assert!(given.is_some() || more < (many - few) * EACH, "{} KiB more", more / 1024);
}
