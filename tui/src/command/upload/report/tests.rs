//! The contract of `upload --json`: each status, each stage, each delivery, and what is null when.

use std::time::Duration;

use clap::Parser as _;
use imgwatch_shared::s3_event::Entry;
use jiff::Timestamp;
use tokio::time::Instant;

use super::super::job::Planned;
use super::stages::millis;
use super::*;
use crate::cli::{Cli, Command};
use crate::command::contract;
use crate::domain::evidence::{
    DeliveryStatusEntry, Envelope, Fact, InvocationReport, LogSource, LogStretch, Probed, ReportStatus, SqsReceive,
    Write,
};
use crate::domain::ids::UploadId;
use crate::domain::log::{LogNews, Tail};
use crate::domain::probe::ProbeNews;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::subscriptions::{Attributes, DeliveryStatusLogging, Protocol, Subscription};
use crate::domain::transfer::{ObjectKey, Upload, UploadNews, UploadSource};
use crate::domain::wiring::{EdgeKind, Node, NodeKind};
use crate::msg::Update;
use crate::support::wiring::{Graph, entry, rule};
use crate::text::clean::Clean;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn problem(what: &str) -> Problem {
    Problem::new(ProblemKind::Denied, what, "it is not allowed").with_hint("allow it")
}

/// Uploads with these file names, of which nothing is known yet.
fn watch(flags: &str, files: &[Option<&str>]) -> Watch {
    let line = format!("imgwatch --endpoint-url http://127.0.0.1:1 upload --test-image {flags}");
    let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
    let Some(Command::Upload(args)) = &cli.command else { panic!("{line}") };
    let planned = (1..).zip(files).map(|(number, file)| {
        let key = ObjectKey::Named(format!("photos/{number}.png"));
        let upload = Upload { source: UploadSource::TestImage, key, replace: true };
        Planned { upload, file: file.map(str::to_owned), refused: None }
    });
    let mut watch = Watch::new(planned.collect(), args);
    watch.goes_to(&cli.settings(None).unwrap());
    watch
}

fn write(number: u64) -> Write {
    Write {
        bucket: "images".into(),
        key: Clean::new(&format!("photos/{number}.png")),
        e_tag: Some("9b2c".into()),
        version_id: None,
        sequencer: None,
        s3_request_id: Some(Clean::new(&format!("S3-{number}"))),
    }
}

fn stored(number: u64) -> Fact {
    Fact::Stored {
        upload: UploadId(number),
        began: at(1),
        at: at(2),
        not_before: at(1),
        write: write(number),
        size: 1_234,
    }
}

fn source(number: u64, second: i64) -> LogSource {
    let id = Clean::new(&format!("lambda-{number}"));
    LogSource { at: at(second), function: "f".into(), stream: "stream".into(), lambda_request_id: Some(id) }
}

fn reported(number: u64, second: i64, status: ReportStatus, init_us: Option<u64>) -> Fact {
    let report = InvocationReport {
        duration_us: Some(50_000),
        billed_us: Some(50_000),
        init_us,
        memory_mb: Some(128),
        memory_used_mb: Some(25),
        status,
        error: None,
    };
    Fact::Reported(source(number, second), report)
}

/// Two attempts, of which the second one published; an email, a queue with a delivery status, and the probe.
fn published() -> Vec<Fact> {
    let (queue, probe) =
        ("arn:aws:sqs:eu-west-1:123456789012:audit", "arn:aws:sqs:eu-west-1:123456789012:imgwatch-probe-1");
    let entry = DeliveryStatusEntry {
        message_id: "message-1".into(),
        topic: None,
        at: at(9),
        accepted: None,
        destination: queue.into(),
        success: false,
        status_code: Some(403),
        response: Some("denied".into()),
        dwell_ms: Some(20),
        attempts: Some(1),
    };
    vec![
        stored(1),
        Fact::Invoked(source(1, 3)),
        Fact::Received(source(1, 3), write(1)),
        reported(1, 4, ReportStatus::Timeout, Some(82_300)),
        Fact::Invoked(source(1, 5)),
        Fact::Received(source(1, 5), write(1)),
        Fact::Published { source: source(1, 6), write: write(1), message_id: "message-1".into() },
        reported(1, 7, ReportStatus::Success, None),
        Fact::Probed(Probed { message_id: "message-1".into(), at: at(8), queue: probe.into() }),
        Fact::DeliveryStatusEntry(entry),
    ]
}

fn reports(watch: &mut Watch, late: bool) -> Vec<serde_json::Value> {
    // The second look is after every patience, and with `late` after the wait itself.
    watch.judge(Instant::now());
    watch.judge(Instant::now() + Duration::from_secs(if late { 1_000 } else { 60 }));
    watch.jobs.iter().map(|job| serde_json::to_value(report(job, watch)).unwrap()).collect()
}

#[test]
fn the_contract_holds() {
    let mut waiting = watch("--wait --probe", &[Some("cat.png"), None, Some("c.png"), Some("d.png"), Some("e.png")]);
    let queue = "arn:aws:sqs:eu-west-1:123456789012:imgwatch-probe-1".into();
    waiting.learn(Update::Probe(ProbeNews::Opened { queue, since: at(0) }));
    let item = |protocol, endpoint: &str, attributes| Subscription {
        arn: Some(Clean::new(&format!("arn:aws:sns:eu-west-1:123456789012:t:{endpoint}"))),
        protocol,
        endpoint: endpoint.into(),
        attributes,
    };
    let read = Attributes::Read { at: at(0), filter_policy: None, authenticated: Some(true) };
    waiting.subscriptions.replace(
        vec![
            item(Protocol::Email, "you@example.com", read.clone()),
            item(Protocol::Sqs, "arn:aws:sqs:eu-west-1:123456789012:audit", read),
            Subscription { arn: None, ..item(Protocol::Email, "new@example.com", Attributes::Pending) },
        ],
        DeliveryStatusLogging::For(vec![Protocol::Sqs]),
        at(0),
    );
    let facts = [
        published(),
        vec![stored(2), Fact::Skipped { source: source(2, 3), write: write(2), reason: "not an image".into() }],
        vec![stored(5)],
    ];
    waiting.learn(Update::Facts(facts.concat()));
    waiting.learn(Update::Upload(UploadId(3), UploadNews::Failed(problem("cannot upload c.png"))));
    waiting.learn(Update::Upload(UploadId(4), UploadNews::Exists));
    waiting.learn(Update::Tail(Tail::Failed(problem("cannot read the log"))));
    let mut documents = reports(&mut waiting, true);

    // Listing the subscriptions is not allowed.
    let mut unlisted = watch("--wait", &[Some("cat.png")]);
    let why = problem("cannot list subscriptions");
    unlisted.learn(Update::SubscriptionsFailed { request: super::super::watch::LISTING, problem: why });
    let mut facts = published();
    facts.retain(|fact| !matches!(fact, Fact::DeliveryStatusEntry(_) | Fact::Probed(_)));
    unlisted.learn(Update::Facts(facts));
    documents.extend(reports(&mut unlisted, false));

    // An event that came by EventBridge and a queue, of which the log shows both, and one that came by a topic and a queue, of
    // which it shows nothing.
    let mut bus = Graph::new();
    let default = bus.to(&bus.bucket.clone(), NodeKind::EventBus, "default", EdgeKind::AllEvents);
    let rule = bus.to(&default, NodeKind::EventRule, "created", EdgeKind::Pattern("{}".into()));
    bus.queue(&rule, EdgeKind::Target { id: "1".into(), transformed: false }, "jobs", "f");
    let receive = SqsReceive { message_id: "sqs-message-1".into(), count: Some(1) };
    let came = Envelope { entry: Some(Entry::EventBridge), sqs: Some(receive), sns_message_id: None };
    let facts = vec![
        stored(1),
        Fact::Skipped { source: source(1, 3), write: write(1), reason: "not an image".into() },
        Fact::Enveloped(source(1, 3), write(1), came),
    ];
    for (wiring, facts) in [(bus.following("f"), facts), (entry("topic-queue"), vec![stored(1)])] {
        let mut by_entry = watch("--wait", &[Some("cat.png")]);
        by_entry.learn(Update::Wiring(wiring.into()));
        by_entry.learn(Update::Facts(facts));
        documents.extend(reports(&mut by_entry, true));
    }

    documents.extend(given_up_beside_another_function());

    let mut plain = watch("", &[Some("cat.png")]);
    plain.learn(Update::Facts(vec![stored(1)]));
    documents.extend(reports(&mut plain, false));

    // S3 does not say of the first one, and the command stops while the second one is sent and the third one waits.
    let mut stopped = watch("", &[Some("cat.png"), Some("dog.png"), Some("cow.png")]);
    let why = problem("it is not known whether photos/1.png was stored in bucket images");
    stopped.learn(Update::Upload(UploadId(1), UploadNews::OutcomeUnknown(why)));
    stopped.learn(Update::Upload(UploadId(2), UploadNews::Began { key: "photos/2.png".into(), size: 1_234 }));
    stopped.judge(Instant::now());
    stopped.stop("the connection failed");
    assert_eq!(stopped.exit(), crate::terminal::exit::Exit::Failed, "a failure outranks what is not known");
    documents.extend(stopped.jobs.iter().map(|job| serde_json::to_value(report(job, &stopped)).unwrap()));

    let ends =
        [End::Stored, End::Published, End::Processed, End::Skipped, End::Failed, End::OutcomeUnknown, End::TimedOut]
            .map(End::word);
    documents.push(serde_json::json!({
        "status": ends,
        "state": DeliveryState::ALL.map(DeliveryState::name),
    }));
    contract::check("upload", &documents);
}

/// A queue has given the message up after two receives, and the log of another function does not show the upload.
fn given_up_beside_another_function() -> Vec<serde_json::Value> {
    let mut graph = Graph::new();
    let jobs = graph.queue(&graph.bucket.clone(), rule("photos/"), "jobs", "f");
    graph.to(&jobs, NodeKind::Queue, "jobs-failed", EdgeKind::Failure);
    graph.know(Node { max_receives: Some(2), ..jobs });
    graph.event_rule("{}", "created", "g");
    let receive = |count: u32| {
        let (second, number) = (2 + 2 * i64::from(count), u64::from(count));
        let sqs = SqsReceive { message_id: "sqs-message-1".into(), count: Some(count) };
        let came = Envelope { entry: Some(Entry::Queue), sqs: Some(sqs), sns_message_id: None };
        [
            Fact::Invoked(source(number, second)),
            Fact::Enveloped(source(number, second), write(1), came),
            Fact::Failed { source: source(number, second), write: write(1), reason: "no right to publish".into() },
            reported(number, second + 1, ReportStatus::Success, None),
        ]
    };
    let mut watch = watch("--wait", &[Some("cat.png")]);
    watch.learn(Update::Wiring(graph.following("f").into()));
    watch.learn(Update::Facts([vec![stored(1)], receive(1).to_vec(), receive(2).to_vec()].concat()));
    reports(&mut watch, true)
}

#[test]
fn an_upload_is_over_when_every_function_that_the_rules_say_has_ended() {
    let mut graph = Graph::new();
    for function in ["f", "g"] {
        graph.to(&graph.bucket.clone(), NodeKind::Function, function, rule("photos/"));
    }
    let g = |second| LogSource { function: "g".into(), ..source(7, second) };
    let skipped = vec![Fact::Skipped { source: g(4), write: write(1), reason: "not an image".into() }];
    let failed: Vec<Fact> = (0..3)
        .flat_map(|attempt| {
            let reason = "no right".into();
            let failed = Fact::Failed { source: g(4 + attempt), write: write(1), reason };
            let Fact::Reported(_, report) = reported(7, 4, ReportStatus::Failure, None) else { panic!("a report") };
            [Fact::Invoked(g(4 + attempt)), failed, Fact::Reported(g(4 + attempt), report)]
        })
        .collect();
    let unread = Update::OtherLog { function: "g".into(), news: LogNews::Tail(Tail::Failed(problem("no log"))) };
    for (other, end) in [
        (None, None),
        (Some(Update::Facts(skipped)), Some(End::Published)),
        (Some(Update::Facts(failed)), Some(End::Failed)),
        // What cannot be read is not waited for.
        (Some(unread), Some(End::Published)),
    ] {
        let mut watch = watch("--wait", &[Some("cat.png")]);
        watch.learn(Update::Wiring(graph.following("f").into()));
        watch.subscriptions.replace(Vec::new(), DeliveryStatusLogging::For(Vec::new()), at(0));
        watch.listed = true;
        watch.learn(Update::PublishesTo(None));
        watch.learn(Update::Facts(published()));
        if let Some(update) = other {
            watch.learn(update);
        }
        watch.judge(Instant::now());
        watch.judge(Instant::now() + Duration::from_secs(60));
        assert_eq!(watch.jobs[0].end, end);
        watch.judge(Instant::now() + Duration::from_secs(1_000));
        assert_eq!(
            watch.jobs[0].end,
            end.or(Some(End::TimedOut)),
            "the log of g is read, and does not show the upload"
        );
    }
}

/// A function of others, ten seconds ago: it printed the key, and the topic accepted one message meanwhile.
fn uncounted() -> Vec<Fact> {
    let now = Timestamp::now().as_second();
    let entry = DeliveryStatusEntry {
        message_id: "message-1".into(),
        topic: Some("arn:aws:sns:eu-west-1:123456789012:uploads".into()),
        at: at(now - 7),
        accepted: Some(at(now - 8)),
        destination: "arn:aws:sqs:eu-west-1:123456789012:audit".into(),
        success: true,
        status_code: Some(200),
        response: None,
        dwell_ms: Some(20),
        attempts: Some(1),
    };
    vec![
        Fact::Stored {
            upload: UploadId(1),
            began: at(now - 10),
            at: at(now - 10),
            not_before: at(now - 10),
            write: write(1),
            size: 1_234,
        },
        Fact::Invoked(source(1, now - 9)),
        Fact::Printed(source(1, now - 9), "resizing photos/1.png".into()),
        reported(1, now - 7, ReportStatus::Success, None),
        Fact::DeliveryStatusEntry(entry),
        Fact::LogRead(LogStretch { from: at(now - 1_000), to: at(now) }),
    ]
}

/// On AWS, CloudWatch counts the message minutes later.
#[test]
fn counts_that_are_not_complete_are_waited_for_no_longer_than_the_timeout() {
    let start = Instant::now();
    let after = |flags: &str, seconds| {
        let mut watch = watch(&format!("--wait {flags}"), &[None]);
        watch.learn(Update::Facts(uncounted()));
        watch.judge(start);
        watch.judge(start + Duration::from_secs(seconds));
        let asked = watch.requests_due();
        assert!(asked.is_empty(), "it is too early: {asked:?}");
        (watch.jobs[0].end, error(&watch.jobs[0], &watch), super::super::lines::fresh(&mut watch), watch.wakes_at())
    };
    let (end, _, lines, wakes_at) = after("", 100);
    assert_eq!(end, None);
    assert!(lines.contains("waiting") && lines.contains("for CloudWatch's count of the topic's messages"), "{lines}");
    // It sleeps until then, and is not kept awake by the patience that has run out.
    let wait = wakes_at.unwrap() - start;
    assert!((150..=180).contains(&wait.as_secs()), "{wait:?}");
    let (end, error, lines, _) = after("", 301);
    assert_eq!((end, error.as_deref()), (Some(End::Processed), Some(format!("{UNPROVEN}{UNCOUNTED}").as_str())));
    assert!(lines.contains("was not complete yet") && !lines.contains("waiting"), "{lines}");
    let (end, error, ..) = after("--until processed", 5);
    assert_eq!((end, error.as_deref()), (Some(End::Processed), Some(UNPROVEN)));
}

#[test]
fn a_cold_start_has_the_digits_that_lambda_gives_it() {
    for (micros, written) in [(82_300, "82.3"), (46_479, "46.47"), (146_070, "146.07"), (0, "0.0")] {
        assert_eq!(serde_json::to_string(&millis(micros)).unwrap(), written);
    }
}
