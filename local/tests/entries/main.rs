//! Functions that are invoked through queues, topics and EventBridge, as the AWS SDK sees them, with real processes.
//!
//! The function is this test binary itself, run again (see [`function`]) as a client of the Runtime API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod common;
mod events;
mod functions;
mod mappings;
mod seeds;
mod topics;

use std::io::Write as _;

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};

/// The function's process, when a test started it; nothing otherwise.
#[test]
#[ignore = "it is the process of the other tests' function"]
fn function() {
    if std::env::var_os(support::ROLE).is_none() {
        return;
    }
    // Ends the line in which the test harness announces this test.
    println!();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(lambda_runtime::run(service_fn(handle))).unwrap();
}

/// Appends the event to the file `EVENTS`. Then `MODE` says what to do: `fail`, or report the messages with the body
/// `poison` as failed (`partial`).
#[expect(clippy::print_stdout, reason = "what a function prints is its log")]
async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let (event, context) = event.into_parts();
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    println!("the kind is {}", variable("KIND"));
    if let Some(file) = std::env::var_os("EVENTS") {
        let line = format!("{}\n", json!({"function": context.env_config.function_name, "event": event}));
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
        // One write, so that lines of several processes do not mix.
        file.write_all(line.as_bytes()).unwrap();
    }
    match variable("MODE").as_str() {
        "fail" => Err(Diagnostic { error_type: "Failed".to_owned(), error_message: "as asked".to_owned() }),
        "partial" => {
            let records = event["Records"].as_array().unwrap();
            let failed = records.iter().filter(|record| record["body"] == "poison");
            let failed: Vec<Value> = failed.map(|record| json!({"itemIdentifier": record["messageId"]})).collect();
            Ok(json!({"batchItemFailures": failed}))
        }
        _ => Ok(json!({"kind": variable("KIND"), "topic": variable("SNS_TOPIC_ARN")})),
    }
}
