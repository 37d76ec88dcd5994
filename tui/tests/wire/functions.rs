//! Several functions and topics: their logs are followed as the wiring names them, and no longer than that.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use imgwatch::config::Feeds;
use imgwatch::domain::evidence::Fact;
use imgwatch::domain::log::{LogNews, Tail};
use imgwatch::effect::CloudEffect;
use imgwatch::msg::Update;
use imgwatch_local::{HandlerCommand, LocalCloud, NamedHandler, Options};
use jiff::Timestamp;

use super::bench::{self, Bench};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:indexed";

/// A cloud with two functions beside its own. Nothing invokes them: their logs are written here.
async fn cloud() -> LocalCloud {
    let command = HandlerCommand { program: "/nonexistent/handler".into(), args: Vec::new(), env: Vec::new() };
    let function = |name: &str, variables: &[(&str, &str)]| NamedHandler {
        name: name.to_owned(),
        command: command.clone(),
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    };
    let functions = vec![function("index", &[("TOPIC", TOPIC)]), function("thumbs", &[])];
    let cloud = LocalCloud::start(Options { functions, ..Options::new(command) }).await.expect("it starts");
    bench::s3(&cloud).create_bucket().bucket("bench").send().await.expect("the bucket is made");
    cloud
}

/// The bucket sends to these functions, one after the other by their prefixes.
async fn send_to(cloud: &LocalCloud, functions: &[&str]) {
    use aws_sdk_s3::types::{
        Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
        NotificationConfigurationFilter, S3KeyFilter,
    };
    let rule = |name: &&str| {
        let prefix = FilterRule::builder().name(FilterRuleName::Prefix).value(format!("{name}/")).build();
        let filter = S3KeyFilter::builder().filter_rules(prefix).build();
        LambdaFunctionConfiguration::builder()
            .lambda_function_arn(format!("arn:aws:lambda:us-east-1:000000000000:function:{name}"))
            .events(Event::S3ObjectCreated)
            .filter(NotificationConfigurationFilter::builder().key(filter).build())
            .build()
            .expect("a rule")
    };
    let rules = functions.iter().map(rule).collect();
    let configuration = NotificationConfiguration::builder().set_lambda_function_configurations(Some(rules)).build();
    let put = bench::s3(cloud).put_bucket_notification_configuration().bucket("bench");
    let put = put.skip_destination_validation(true).notification_configuration(configuration);
    put.send().await.expect("the notifications are configured");
}

async fn write(cloud: &LocalCloud, group: &str, text: &str) {
    let client = bench::logs(cloud);
    // They may be there.
    let _ = client.create_log_group().log_group_name(group).send().await;
    let _ = client.create_log_stream().log_group_name(group).log_stream_name("one").send().await;
    let event = InputLogEvent::builder().timestamp(Timestamp::now().as_millisecond()).message(text).build();
    let put = client.put_log_events().log_group_name(group).log_stream_name("one");
    put.log_events(event.expect("an event")).send().await.expect("the event is written");
}

async fn log(cloud: &LocalCloud, function: &str, text: &str) {
    write(cloud, &format!("/aws/lambda/{function}"), text).await;
}

fn follow(cloud: &LocalCloud) -> Bench {
    let feeds = Feeds {
        logs: Some(Duration::from_mins(10)),
        delivery_status: Some(Duration::from_mins(10)),
        wiring: true,
        ..Feeds::default()
    };
    Bench::new(bench::settings(cloud.endpoint()), feeds)
}

/// The texts of the lines by function, until so many have come.
async fn lines(bench: &mut Bench, count: usize) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    bench
        .until(|update| {
            let Update::LogLines(lines) = update else { return None };
            for line in lines {
                let texts = found.entry(line.function.raw().to_owned()).or_default();
                texts.push(line.text.raw().to_owned());
            }
            (found.values().map(Vec::len).sum::<usize>() == count).then_some(())
        })
        .await;
    found
}

fn texts(expected: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
    expected.iter().map(|(function, text)| ((*function).to_owned(), vec![(*text).to_owned()])).collect()
}

#[tokio::test]
async fn every_function_that_events_reach_is_followed_and_each_line_names_its_own() {
    let cloud = cloud().await;
    send_to(&cloud, &["index", "thumbs"]).await;
    // Event ids, streams and texts are the same: only the group tells whose they are.
    for function in ["bench", "index", "thumbs"] {
        log(&cloud, function, "hello").await;
    }
    let mut bench = follow(&cloud);
    let found = lines(&mut bench, 3).await;
    assert_eq!(found, texts(&[("bench", "hello"), ("index", "hello"), ("thumbs", "hello")]));

    // Each says how it stands, and when it was read.
    let mut read = BTreeSet::new();
    bench
        .until(|update| {
            match update {
                Update::LogRead(_) => {
                    read.insert("bench".to_owned());
                }
                Update::OtherLog { function, news: LogNews::Read(_) } => {
                    read.insert(function.raw().to_owned());
                }
                Update::OtherLog { news: LogNews::Tail(Tail::Failed(problem)), .. } => panic!("{problem}"),
                _ => {}
            }
            (read.len() == 3).then_some(())
        })
        .await;

    // One that events no longer reach is left, and another one's log goes on.
    send_to(&cloud, &["thumbs"]).await;
    bench.perform(CloudEffect::ReadWiring);
    bench
        .until(|update| match update {
            Update::OtherLog { function, news: LogNews::Ended } => {
                assert_eq!(function.raw(), "index");
                Some(())
            }
            _ => None,
        })
        .await;
    for function in ["index", "thumbs", "bench"] {
        log(&cloud, function, "again").await;
    }
    assert_eq!(lines(&mut bench, 2).await, texts(&[("bench", "again"), ("thumbs", "again")]));
}

#[tokio::test]
async fn the_delivery_statuses_of_every_topic_are_read_that_a_followed_function_publishes_to() {
    let cloud = cloud().await;
    send_to(&cloud, &["index"]).await;
    let endpoint = cloud.endpoint().to_owned();
    // It waits for the answer, which the cloud gives on this very runtime.
    let create = move || {
        let form = ["content-type: application/x-www-form-urlencoded"];
        crate::ask::ask_ok(&endpoint, "POST /", &form, "Action=CreateTopic&Version=2010-03-31&Name=indexed")
    };
    tokio::task::spawn_blocking(create).await.expect("the topic is created");
    for (topic, message) in [(imgwatch_local::TOPIC, "M-1"), ("indexed", "M-2")] {
        let line = format!(
            r#"{{"notification":{{"messageId":"{message}"}},"delivery":{{"destination":"https://example.com"}},"status":"SUCCESS"}}"#
        );
        write(&cloud, &format!("sns/us-east-1/000000000000/{topic}"), &line).await;
    }
    let mut bench = follow(&cloud);
    let mut messages = BTreeSet::new();
    bench
        .until(|update| {
            let Update::Facts(facts) = update else { return None };
            messages.extend(facts.into_iter().filter_map(|fact| match fact {
                Fact::DeliveryStatusEntry(entry) => Some(entry.message_id.raw().to_owned()),
                _ => None,
            }));
            (messages.len() == 2).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_log_that_may_not_be_read_is_the_trouble_of_its_function_alone() {
    let cloud = cloud().await;
    send_to(&cloud, &["index"]).await;
    log(&cloud, "bench", "hello").await;
    let mut bench = follow(&cloud);
    lines(&mut bench, 1).await;
    bench::fail(&cloud, "logs", "FilterLogEvents", 10_000, 403, "AccessDeniedException");
    let mut failed = BTreeSet::new();
    bench
        .until(|update| {
            match update {
                Update::Tail(Tail::Failed(problem)) => {
                    failed.insert(problem.what.raw().to_owned());
                }
                Update::OtherLog { function, news: LogNews::Tail(Tail::Failed(problem)) } => {
                    assert_eq!(function.raw(), "index");
                    failed.insert(problem.what.raw().to_owned());
                }
                _ => {}
            }
            (failed.len() == 2).then_some(())
        })
        .await;
    let expected = ["bench", "index"].map(|function| format!("cannot read log group /aws/lambda/{function}"));
    assert_eq!(failed, expected.into_iter().collect());
}
