//! The dashboard while CloudWatch asks it to slow down.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use imgwatch_local::{Fault, FaultRule, HandlerCommand, LocalCloud, Options, StartError};
use tokio::runtime::Runtime;

use super::ENTER;
use super::term::Term;

pub(crate) fn cloud(runtime: &Runtime) -> LocalCloud {
    cloud_at(runtime, 0).unwrap()
}

/// On a port of this machine; 0 takes a free one.
fn cloud_at(runtime: &Runtime, port: u16) -> Result<LocalCloud, StartError> {
    let program = env!("CARGO_BIN_EXE_imgwatch").into();
    let handler = HandlerCommand { program, args: vec!["__handler".into()], env: Vec::new() };
    runtime.block_on(LocalCloud::start(Options { port, ..Options::new(handler) }))
}

#[test]
fn after_a_restart_of_the_local_cloud_the_objects_are_listed_again() {
    let runtime = Runtime::new().unwrap();
    let first = cloud(&runtime);
    let port: u16 = first.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    run(&first, &["upload", "--test-image"], &[]);
    let mut term = Term::start(120, 40, &["--endpoint-url", first.endpoint()], &[]);
    term.wait("the object", |screen| screen.contents().contains(" 1 · newest") && screen.contents().contains("LIVE"));
    runtime.block_on(first.stop());
    let end = Instant::now() + Duration::from_mins(3);
    let second = loop {
        // Connections that were closed a moment ago may hold the port.
        match cloud_at(&runtime, port) {
            Ok(cloud) => break cloud,
            Err(error) => assert!(Instant::now() < end, "port {port} stays in use: {error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    term.wait("the empty bucket", |screen| screen.contents().contains(" 0 · newest"));
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(second.stop());
}

/// One of the program's own commands, run to its end.
pub(crate) fn run(cloud: &LocalCloud, command: &[&str], files: &[PathBuf]) {
    let program = env!("CARGO_BIN_EXE_imgwatch");
    let run = Command::new(program).args(["--endpoint-url", cloud.endpoint()]).args(command).args(files).output();
    let run = run.unwrap();
    assert!(run.status.success(), "{command:?}: {}", String::from_utf8_lossy(&run.stderr));
}

fn limit(cloud: &LocalCloud, requests: usize, per: Duration) {
    cloud.inject(FaultRule {
        service: "logs".to_owned(),
        operation: Some("FilterLogEvents".to_owned()),
        times: u32::MAX,
        fault: Fault::Rate { requests, per },
    });
}

#[test]
fn while_it_slows_down_keys_are_answered_and_nothing_is_lost() {
    let runtime = Runtime::new().unwrap();
    let cloud = cloud(&runtime);
    // Nothing at all is allowed, so that everything below happens while it waits.
    limit(&cloud, 0, Duration::from_secs(1));
    let mut term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], &[]);
    term.wait_for("throttled: next try in ");
    term.keys("?");
    term.wait_for("subscribe an email address");
    term.keys("q");
    term.wait("the help to close", |screen| !screen.contents().contains("subscribe an email address"));
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait("the object", |screen| screen.contents().contains(" 1 · newest"));
    let screen = term.contents();
    assert!(screen.contains("throttled") && !screen.contains("published"), "{screen}");
    // Now a tenth of what is asked for is allowed.
    cloud.clear_faults();
    limit(&cloud, 1, Duration::from_secs(2));
    term.wait_for("delivered");
    term.wait_for("└ REPORT");
    cloud.clear_faults();
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}

#[test]
fn t_turns_live_tail_on_and_off() {
    let runtime = Runtime::new().unwrap();
    let cloud = cloud(&runtime);
    let mut term = Term::start(140, 40, &["--endpoint-url", cloud.endpoint()], &[]);
    term.wait_for("LIVE");
    // The first invocation makes the log group; before that there is nothing to tail.
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait_for("└ REPORT");
    term.keys("3t");
    term.wait_for("about $0.01 a minute");
    term.wait_for("Live Tail on");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait_for("● LIVE TAIL");
    term.keys("3t");
    term.wait("the session to close", |screen| {
        let text = screen.contents();
        !text.contains("LIVE TAIL") && !text.contains("Live Tail on")
    });
    // While it is being sent, leaving would ask first.
    term.wait("the object", |screen| screen.contents().contains(" 2 · newest"));
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}
