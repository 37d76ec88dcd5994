//! Live Tail over a real event stream: sooner than the sweep, never twice, and gone without harm.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use imgwatch::config::Feeds;
use imgwatch::domain::evidence::Fact;
use imgwatch::domain::live_tail::{LiveTail, LiveTailMode};
use imgwatch::domain::log::Tail;
use imgwatch::domain::pace::Pace;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, LocalCloud};
use jiff::Timestamp;

use super::bench::{self, Bench};

const GROUP: &str = "/aws/lambda/bench";
const OPEN: LiveTail = LiveTail::Open { sampled: false };

fn follow(cloud: &LocalCloud) -> Bench {
    let feeds = Feeds { logs: Some(Duration::from_mins(10)), ..Feeds::default() };
    Bench::new(bench::settings(cloud.endpoint()), feeds)
}

async fn make_group(cloud: &LocalCloud) {
    let client = bench::logs(cloud);
    client.create_log_group().log_group_name(GROUP).send().await.expect("the group is made");
    let made = client.create_log_stream().log_group_name(GROUP).log_stream_name("one").send().await;
    made.expect("the stream is made");
}

/// Writes lines, all in one millisecond.
async fn write(cloud: &LocalCloud, at: i64, texts: &[&str]) {
    let event = |text: &&str| InputLogEvent::builder().timestamp(at).message(*text).build().expect("an event");
    let put = bench::logs(cloud).put_log_events().log_group_name(GROUP).log_stream_name("one");
    put.set_log_events(Some(texts.iter().map(event).collect())).send().await.expect("the events are written");
}

/// Refuses the sweep from now on: what is shown then comes from Live Tail.
fn stop_sweep(cloud: &LocalCloud) {
    let refused = Fault::Rate { requests: 0, per: Duration::from_secs(1) };
    bench::inject(cloud, "logs", "FilterLogEvents", u32::MAX, refused);
}

async fn state(bench: &mut Bench, wanted: impl Fn(&LiveTail) -> bool) {
    bench.until(|update| matches!(update, Update::LiveTail(state) if wanted(&state)).then_some(())).await;
}

async fn refusal(bench: &mut Bench) {
    bench.until(|update| matches!(update, Update::Tail(Tail::BackingOff { .. })).then_some(())).await;
}

/// Lines by text: how often Live Tail brought them, and how often the sweep.
type Counts = BTreeMap<String, (usize, usize)>;

async fn lines(bench: &mut Bench, counts: &mut Counts, enough: impl Fn(&Counts) -> bool) {
    bench
        .until(|update| {
            let Update::LogLines(lines) = update else { return None };
            for line in &lines {
                let (live, swept) = counts.entry(line.text.raw().to_owned()).or_default();
                *if line.event_id().is_none() { live } else { swept } += 1;
            }
            enough(counts).then_some(())
        })
        .await;
}

#[tokio::test]
async fn lines_come_before_the_sweep_brings_them_and_not_again_with_it() {
    let cloud = bench::cloud().await;
    make_group(&cloud).await;
    let at = Timestamp::now().as_millisecond();
    let mut counts = Counts::new();
    let mut bench = follow(&cloud);
    // One of three lines of the same text and time was there before the session.
    write(&cloud, at, &["triplet"]).await;
    lines(&mut bench, &mut counts, |counts| counts.contains_key("triplet")).await;
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Always));
    state(&mut bench, |state| *state == OPEN).await;
    stop_sweep(&cloud);
    refusal(&mut bench).await;

    write(&cloud, at, &["alone", "twin", "twin", "triplet", "triplet", "last"]).await;
    lines(&mut bench, &mut counts, |counts| counts.contains_key("last")).await;
    assert_eq!((counts["alone"], counts["twin"], counts["last"]), ((1, 0), (2, 0), (1, 0)), "{counts:?}");

    bench.perform(CloudEffect::LiveTail(LiveTailMode::Off));
    state(&mut bench, |state| *state == LiveTail::Off).await;
    cloud.clear_faults();
    write(&cloud, at, &["swept"]).await;
    lines(&mut bench, &mut counts, |counts| counts.contains_key("swept")).await;
    assert_eq!(counts["swept"], (0, 1));
    let all: BTreeMap<&str, usize> = counts.iter().map(|(text, (live, swept))| (text.as_str(), live + swept)).collect();
    assert_eq!(all, BTreeMap::from([("alone", 1), ("twin", 2), ("triplet", 3), ("last", 1), ("swept", 1)]));
}

#[tokio::test]
async fn facts_of_live_lines_need_no_sweep() {
    let cloud = bench::cloud().await;
    make_group(&cloud).await;
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Always));
    state(&mut bench, |state| *state == OPEN).await;
    stop_sweep(&cloud);
    refusal(&mut bench).await;
    let start = "START RequestId: 79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11 Version: $LATEST";
    write(&cloud, Timestamp::now().as_millisecond(), &[start]).await;
    let invoked = |update| match update {
        Update::Facts(facts) => facts.into_iter().find_map(|fact| match fact {
            Fact::Invoked(source) => source.lambda_request_id,
            _ => None,
        }),
        _ => None,
    };
    assert_eq!(bench.until(invoked).await.raw(), "79b5e81f-3c1d-4d5e-9a4e-0f6a2f3b7c11");
}

#[tokio::test]
async fn a_session_is_open_while_an_upload_is_on_its_way_and_a_little_longer() {
    let cloud = bench::cloud().await;
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::LiveTail(LiveTailMode::InFlight));
    state(&mut bench, |state| *state == LiveTail::Waiting).await;
    bench.perform(CloudEffect::Pace(Pace::InFlight));
    // The function has never run: there is nothing to tail before its first line.
    make_group(&cloud).await;
    state(&mut bench, |state| *state == OPEN).await;
    bench.perform(CloudEffect::Pace(Pace::Idle));
    state(&mut bench, |state| *state == LiveTail::Waiting).await;
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Off));
    state(&mut bench, |state| *state == LiveTail::Off).await;
}

#[tokio::test]
async fn what_is_not_allowed_is_reported_and_the_sweep_goes_on_alone() {
    let cloud = bench::cloud().await;
    make_group(&cloud).await;
    bench::fail(&cloud, "logs", "StartLiveTail", u32::MAX, 400, "AccessDeniedException");
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Always));
    let problem = bench
        .until(|update| match update {
            Update::LiveTail(LiveTail::Failed(problem)) => Some(problem),
            _ => None,
        })
        .await;
    assert!(problem.to_string().contains("logs:StartLiveTail is not allowed"), "{problem}");
    write(&cloud, Timestamp::now().as_millisecond(), &["all the same"]).await;
    let mut counts = Counts::new();
    lines(&mut bench, &mut counts, |counts| counts.get("all the same") == Some(&(0, 1))).await;
}

#[tokio::test]
async fn too_many_sessions_are_reported_and_tried_again() {
    let cloud = bench::cloud().await;
    make_group(&cloud).await;
    bench::fail(&cloud, "logs", "StartLiveTail", 1, 400, "LimitExceededException");
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Always));
    state(&mut bench, |state| matches!(state, LiveTail::Failed(problem) if problem.is_transient())).await;
    state(&mut bench, |state| *state == OPEN).await;
}

#[tokio::test]
async fn a_session_that_breaks_off_is_opened_again() {
    let cloud = bench::cloud().await;
    make_group(&cloud).await;
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::LiveTail(LiveTailMode::Always));
    state(&mut bench, |state| *state == OPEN).await;
    let port = cloud.endpoint().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert_eq!(cloud.stop().await, 0);
    state(&mut bench, |state| matches!(state, LiveTail::Failed(_))).await;
    let cloud = bench::cloud_on(port).await;
    make_group(&cloud).await;
    state(&mut bench, |state| *state == OPEN).await;
    stop_sweep(&cloud);
    refusal(&mut bench).await;
    write(&cloud, Timestamp::now().as_millisecond(), &["again"]).await;
    let mut counts = Counts::new();
    lines(&mut bench, &mut counts, |counts| counts.get("again") == Some(&(1, 0))).await;
}
