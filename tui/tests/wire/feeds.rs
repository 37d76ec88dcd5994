//! Following the log: each event once, whatever comes between.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use imgwatch::config::Feeds;
use imgwatch::domain::log::Tail;
use imgwatch::domain::pace::Pace;
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{Fault, LocalCloud};
use jiff::Timestamp;

use super::bench::{self, Bench};

const GROUP: &str = "/aws/lambda/bench";

fn follow(cloud: &LocalCloud) -> Bench {
    let feeds = Feeds { logs: Some(Duration::from_mins(10)), ..Feeds::default() };
    Bench::new(bench::settings(cloud.endpoint()), feeds)
}

async fn make_group(cloud: &LocalCloud, streams: &[&str]) {
    let client = bench::logs(cloud);
    client.create_log_group().log_group_name(GROUP).send().await.expect("the group is made");
    for stream in streams {
        let made = client.create_log_stream().log_group_name(GROUP).log_stream_name(*stream).send().await;
        made.expect("the stream is made");
    }
}

async fn write(cloud: &LocalCloud, stream: &str, events: &[(i64, String)]) {
    let events = events
        .iter()
        .map(|(at, text)| InputLogEvent::builder().timestamp(*at).message(text).build().expect("an event"));
    let put = bench::logs(cloud).put_log_events().log_group_name(GROUP).log_stream_name(stream);
    put.set_log_events(Some(events.collect())).send().await.expect("the events are written");
}

/// From now on CloudWatch allows so many requests.
fn limit(cloud: &LocalCloud, requests: usize, per: Duration) {
    bench::inject(cloud, "logs", "FilterLogEvents", u32::MAX, Fault::Rate { requests, per });
}

/// Sweeps after which a log that nothing slows down any more is live: many more than it takes.
const SWEEPS: usize = 1_000;

/// Counts lines by text until one of them comes. What comes together is in CloudWatch's order.
async fn lines_until(bench: &mut Bench, last: &str, counts: &mut BTreeMap<String, usize>) {
    bench
        .until(|update| {
            let Update::LogLines(lines) = update else { return None };
            assert!(lines.is_sorted_by_key(|line| (line.at, line.id.clone())), "{lines:?}");
            for line in &lines {
                *counts.entry(line.text.raw().to_owned()).or_default() += 1;
            }
            lines.iter().any(|line| line.text.raw() == last).then_some(())
        })
        .await;
}

async fn tail(bench: &mut Bench, wanted: impl Fn(&Tail) -> bool) {
    bench.until(|update| matches!(update, Update::Tail(tail) if wanted(&tail)).then_some(())).await;
}

#[tokio::test]
async fn each_event_comes_once_even_late_and_in_the_same_millisecond() {
    let cloud = bench::cloud().await;
    make_group(&cloud, &["one", "two"]).await;
    let now = Timestamp::now().as_millisecond();
    write(&cloud, "one", &[(now, "same 1".into()), (now, "same 2".into()), (now, "same 3".into())]).await;
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::Pace(Pace::InFlight));
    let mut counts = BTreeMap::new();
    lines_until(&mut bench, "same 3", &mut counts).await;

    // Later than what was seen, earlier than what was seen, and in the very millisecond that was seen.
    write(&cloud, "two", &[(now - 60_000, "late".into()), (now, "same 4".into()), (now + 5, "after".into())]).await;
    lines_until(&mut bench, "after", &mut counts).await;
    for number in 0..20 {
        write(&cloud, "one", &[(now + 10, format!("more {number}"))]).await;
        lines_until(&mut bench, &format!("more {number}"), &mut counts).await;
    }
    assert_eq!(counts.len(), 6 + 20, "{counts:?}");
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
}

#[tokio::test]
async fn a_group_of_many_pages_is_read_to_its_end() {
    let cloud = bench::cloud().await;
    make_group(&cloud, &["one"]).await;
    let now = Timestamp::now().as_millisecond();
    for chunk in 0..5 {
        let events: Vec<_> =
            (0..5_000).map(|n| (now - 10_000 + chunk, format!("line {:05}", chunk * 5_000 + n))).collect();
        write(&cloud, "one", &events).await;
    }
    let mut bench = follow(&cloud);
    let mut counts = BTreeMap::new();
    lines_until(&mut bench, "line 24999", &mut counts).await;
    assert_eq!(counts.len(), 25_000);
    assert!(counts.values().all(|count| *count == 1));
}

/// 25,000 lines of one moment: three pages.
async fn three_pages(cloud: &LocalCloud) {
    make_group(cloud, &["one"]).await;
    let now = Timestamp::now().as_millisecond();
    for chunk in 0..5 {
        let events: Vec<_> = (0..5_000).map(|n| (now - 10_000, format!("line {:05}", chunk * 5_000 + n))).collect();
        write(cloud, "one", &events).await;
    }
}

/// The limit lets one page in a second through, and a sweep has three of them: a sweep that started again with every refusal
/// would never come to its end.
#[tokio::test]
async fn a_refused_sweep_goes_on_where_it_was() {
    let cloud = bench::cloud().await;
    three_pages(&cloud).await;
    limit(&cloud, 1, Duration::from_secs(1));
    let mut bench = follow(&cloud);
    let mut counts = BTreeMap::new();
    lines_until(&mut bench, "line 24999", &mut counts).await;
    assert_eq!(counts.len(), 25_000);
    assert!(counts.values().all(|count| *count == 1));
}

/// CloudWatch forgets tokens after a day; a long sweep under a low limit may hold one that old.
#[tokio::test]
async fn a_token_that_is_no_longer_taken_costs_no_line_and_repeats_none() {
    let cloud = bench::cloud().await;
    three_pages(&cloud).await;
    // So that nothing is asked for between the first page and the fault, which meets the second one.
    limit(&cloud, 1, Duration::from_secs(1));
    let mut bench = follow(&cloud);
    let mut counts = BTreeMap::new();
    lines_until(&mut bench, "line 09999", &mut counts).await;
    bench::fail(&cloud, "logs", "FilterLogEvents", 1, 400, "InvalidParameterException");
    bench
        .until(|update| match update {
            Update::LogLines(lines) => {
                for line in &lines {
                    *counts.entry(line.text.raw().to_owned()).or_default() += 1;
                }
                counts.contains_key("line 24999").then_some(())
            }
            Update::Tail(Tail::Failed(problem)) => panic!("a sweep that starts again is no failure: {problem}"),
            _ => None,
        })
        .await;
    assert_eq!(counts.len(), 25_000);
    assert!(counts.values().all(|count| *count == 1));
}

/// While an upload is in progress, an endpoint on this machine is read five times a second; this one allows a tenth.
#[tokio::test]
async fn at_ten_times_the_allowed_rate_the_tail_slows_down_and_loses_nothing() {
    let cloud = bench::cloud().await;
    make_group(&cloud, &["one"]).await;
    limit(&cloud, 1, Duration::from_secs(2));
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::Pace(Pace::InFlight));
    let (mut counts, mut refusals, mut is_live) = (BTreeMap::<String, usize>::new(), 0, false);
    for round in 0..3 {
        for number in 0..100 {
            let text = format!("{round} {number}");
            write(&cloud, "one", &[(Timestamp::now().as_millisecond(), text)]).await;
        }
        let last = format!("{round} 99");
        bench
            .until(|update| {
                match update {
                    Update::LogLines(lines) => {
                        for line in lines {
                            *counts.entry(line.text.raw().to_owned()).or_default() += 1;
                        }
                    }
                    Update::Tail(Tail::BackingOff { seconds }) => {
                        assert!(seconds > 0, "a wait that people can see");
                        refusals += 1;
                        is_live = false;
                    }
                    Update::Tail(Tail::Live) => is_live = true,
                    Update::Tail(Tail::Failed(problem)) => panic!("a refusal is no failure: {problem}"),
                    _ => {}
                }
                (counts.contains_key(&last) && refusals > 0).then_some(())
            })
            .await;
    }
    assert_eq!(counts.len(), 300);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    cloud.clear_faults();
    // It comes back little by little: the more often it was refused, the more sweeps it takes. Each has its own patience.
    for _ in 0..SWEEPS {
        is_live = is_live
            || bench
                .until(|update| match update {
                    Update::Tail(Tail::Live) => Some(true),
                    Update::LogRead(_) => Some(false),
                    _ => None,
                })
                .await;
    }
    assert!(is_live, "still slow after {SWEEPS} sweeps");
}

#[tokio::test]
async fn a_group_that_is_deleted_and_created_again_is_followed_again() {
    let cloud = bench::cloud().await;
    make_group(&cloud, &["one"]).await;
    write(&cloud, "one", &[(Timestamp::now().as_millisecond(), "before".into())]).await;
    let mut bench = follow(&cloud);
    let mut counts = BTreeMap::new();
    lines_until(&mut bench, "before", &mut counts).await;
    bench::logs(&cloud).delete_log_group().log_group_name(GROUP).send().await.expect("the group is deleted");
    tail(&mut bench, |tail| *tail == Tail::NoInvocationYet).await;
    make_group(&cloud, &["one"]).await;
    // Before the line: a sweep that finds the group empty is live already, and says so once.
    tail(&mut bench, |tail| *tail == Tail::Live).await;
    write(&cloud, "one", &[(Timestamp::now().as_millisecond(), "after".into())]).await;
    lines_until(&mut bench, "after", &mut counts).await;
    assert_eq!(counts, BTreeMap::from([("before".to_owned(), 1), ("after".to_owned(), 1)]));
}

#[tokio::test]
async fn a_function_that_never_ran_has_no_group_until_it_runs() {
    let cloud = bench::cloud().await;
    let mut bench = follow(&cloud);
    tail(&mut bench, |tail| *tail == Tail::NoInvocationYet).await;
    make_group(&cloud, &["one"]).await;
    tail(&mut bench, |tail| *tail == Tail::Live).await;
    write(&cloud, "one", &[(Timestamp::now().as_millisecond(), "first".into())]).await;
    lines_until(&mut bench, "first", &mut BTreeMap::new()).await;
}

#[tokio::test]
async fn trouble_is_reported_and_outlived_without_losing_or_repeating_a_line() {
    let cloud = bench::cloud().await;
    make_group(&cloud, &["one"]).await;
    let mut bench = follow(&cloud);
    bench.perform(CloudEffect::Pace(Pace::InFlight));
    tail(&mut bench, |tail| *tail == Tail::Live).await;
    let mut counts = BTreeMap::new();
    let write = async |text: &str| write(&cloud, "one", &[(Timestamp::now().as_millisecond(), text.to_owned())]).await;

    // One is enough: the SDK does not hide it by trying again.
    bench::fail(&cloud, "logs", "FilterLogEvents", 1, 400, "ThrottlingException");
    tail(&mut bench, |tail| matches!(tail, Tail::BackingOff { .. })).await;
    write("after throttling").await;
    lines_until(&mut bench, "after throttling", &mut counts).await;

    // Two are outlived without a word.
    bench::inject(&cloud, "logs", "FilterLogEvents", 3, Fault::Cut);
    tail(&mut bench, |tail| matches!(tail, Tail::Failed(problem) if problem.is_transient())).await;
    write("after a cut").await;
    lines_until(&mut bench, "after a cut", &mut counts).await;

    bench::inject(&cloud, "logs", "FilterLogEvents", 1, Fault::Delay(Duration::from_millis(500)));
    write("after a delay").await;
    lines_until(&mut bench, "after a delay", &mut counts).await;
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [1, 1, 1]);
}
