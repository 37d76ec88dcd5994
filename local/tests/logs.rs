//! CloudWatch Logs as its SDK uses it, over TCP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[macro_use]
mod support;

use std::collections::HashSet;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, OrderBy, StartLiveTailResponseStream};
use imgwatch_local::LocalCloud;
use support::without_function;

async fn cloud() -> (LocalCloud, Client) {
    let cloud = LocalCloud::start(without_function()).await.unwrap();
    let client = client!(aws_sdk_cloudwatchlogs, cloud.endpoint());
    (cloud, client)
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

async fn make(client: &Client, group: &str, streams: &[&str]) {
    client.create_log_group().log_group_name(group).send().await.unwrap();
    for stream in streams {
        client.create_log_stream().log_group_name(group).log_stream_name(*stream).send().await.unwrap();
    }
}

fn event(timestamp: i64, message: &str) -> InputLogEvent {
    InputLogEvent::builder().timestamp(timestamp).message(message).build().unwrap()
}

async fn put(client: &Client, group: &str, stream: &str, events: Vec<InputLogEvent>) {
    let put = client.put_log_events().log_group_name(group).log_stream_name(stream).set_log_events(Some(events));
    assert!(put.send().await.unwrap().rejected_log_events_info().is_none());
}

const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group:";

#[tokio::test]
async fn groups_are_made_described_and_deleted() {
    let (cloud, client) = cloud().await;
    for name in ["/aws/lambda/One", "/aws/lambda/Two", "/other"] {
        make(&client, name, &[]).await;
    }
    let again = client.create_log_group().log_group_name("/other").send().await.unwrap_err();
    assert_eq!(again.message(), Some("The specified log group already exists"));
    assert!(again.into_service_error().is_resource_already_exists_exception());
    let long = client.create_log_group().log_group_name("x".repeat(513)).send().await.unwrap_err();
    assert_eq!(long.message(), Some("Invalid LogGroup or LogStream, both must have length less than or equal to 512."));

    client.put_retention_policy().log_group_name("/other").retention_in_days(7).send().await.unwrap();
    let days = client.put_retention_policy().log_group_name("/other").retention_in_days(8).send().await.unwrap_err();
    assert!(days.into_service_error().is_invalid_parameter_exception());
    let found = client.describe_log_groups().log_group_name_prefix("/other").send().await.unwrap();
    let group = &found.log_groups()[0];
    assert_eq!(group.retention_in_days(), Some(7));
    assert_eq!(group.arn(), Some(format!("{ARN}/other:*").as_str()));
    assert_eq!(group.log_group_arn(), Some(format!("{ARN}/other").as_str()));
    client.delete_retention_policy().log_group_name("/other").send().await.unwrap();

    let pages = client.describe_log_groups().log_group_name_prefix("/aws/").limit(1).into_paginator().send();
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let names: Vec<_> = pages
        .iter()
        .flat_map(aws_sdk_cloudwatchlogs::operation::describe_log_groups::DescribeLogGroupsOutput::log_groups)
        .map(|group| group.log_group_name().unwrap())
        .collect();
    assert_eq!((pages.len(), names), (2, vec!["/aws/lambda/One", "/aws/lambda/Two"]));
    let pattern = client.describe_log_groups().log_group_name_pattern("two").send().await.unwrap();
    assert_eq!(pattern.log_groups().len(), 1);
    let both = client.describe_log_groups().log_group_name_pattern("o").log_group_name_prefix("/o").send().await;
    assert_eq!(
        both.unwrap_err().message(),
        Some("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    );

    let arn = format!("{ARN}/other");
    client.tag_resource().resource_arn(&arn).tags("a", "1").tags("b", "2").send().await.unwrap();
    client.untag_resource().resource_arn(&arn).tag_keys("a").send().await.unwrap();
    let tags = client.list_tags_for_resource().resource_arn(&arn).send().await.unwrap().tags.unwrap();
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), [("b".to_owned(), "2".to_owned())]);

    client.delete_log_group().log_group_name("/other").send().await.unwrap();
    let gone = client.filter_log_events().log_group_name("/other").send().await.unwrap_err();
    assert_eq!(gone.message(), Some("The specified log group does not exist."));
    assert!(gone.into_service_error().is_resource_not_found_exception());
    let unknown = client.describe_metric_filters().send().await.unwrap_err();
    assert_eq!(unknown.code(), Some("UnknownOperationException"));
    cloud.stop().await;
}

#[tokio::test]
async fn streams_are_described_by_name_and_by_time() {
    let (cloud, client) = cloud().await;
    make(&client, "g", &["a-1", "a-2", "b-1"]).await;
    let t = now();
    put(&client, "g", "a-1", vec![event(t - 10, "m"), event(t, "m")]).await;
    put(&client, "g", "b-1", vec![event(t - 5, "m")]).await;
    let describe = client.describe_log_streams().log_group_name("g");
    let names = |output: aws_sdk_cloudwatchlogs::operation::describe_log_streams::DescribeLogStreamsOutput| {
        output.log_streams().iter().map(|stream| stream.log_stream_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(describe.clone().send().await.unwrap()), ["a-1", "a-2", "b-1"]);
    let prefixed = describe.clone().log_stream_name_prefix("a-").send().await.unwrap();
    assert_eq!(prefixed.log_streams()[0].first_event_timestamp(), Some(t - 10));
    assert_eq!(prefixed.log_streams()[0].arn(), Some(format!("{ARN}g:log-stream:a-1").as_str()));
    assert_eq!(names(prefixed), ["a-1", "a-2"]);
    let newest = describe.clone().order_by(OrderBy::LastEventTime).descending(true);
    assert_eq!(names(newest.clone().send().await.unwrap()), ["a-1", "b-1", "a-2"]);
    let pages: Vec<_> = newest.limit(2).into_paginator().send().try_collect().await.unwrap();
    assert_eq!(pages.into_iter().map(names).collect::<Vec<_>>(), [vec!["a-1", "b-1"], vec!["a-2"]]);
    let mixed = describe.clone().order_by(OrderBy::LastEventTime).log_stream_name_prefix("a").send().await;
    assert!(mixed.unwrap_err().into_service_error().is_invalid_parameter_exception());
    let both = describe.log_group_identifier(format!("{ARN}g")).send().await.unwrap_err();
    assert_eq!(both.code(), Some("ValidationException"));
    client.delete_log_stream().log_group_name("g").log_stream_name("a-1").send().await.unwrap();
    let rest = client.filter_log_events().log_group_name("g").send().await.unwrap();
    assert_eq!(rest.events().len(), 1);
    cloud.stop().await;
}

#[tokio::test]
async fn batches_are_checked() {
    let (cloud, client) = cloud().await;
    make(&client, "g", &["s"]).await;
    let t = now();
    let put = client.put_log_events().log_group_name("g").log_stream_name("s");
    let order = put.clone().log_events(event(t, "2")).log_events(event(t - 1, "1")).send().await.unwrap_err();
    assert_eq!(order.message(), Some("Log events in a single PutLogEvents request must be in chronological order."));
    let missing = put.clone().log_stream_name("none").log_events(event(t, "m")).send().await.unwrap_err();
    assert_eq!(missing.message(), Some("The specified log stream does not exist."));
    let day = 86_400_000;
    let late = put
        .clone()
        .log_events(event(t - 15 * day, "old"))
        .log_events(event(t, "now"))
        .log_events(event(t + day, "new"));
    let info = late.send().await.unwrap().rejected_log_events_info.unwrap();
    assert_eq!(info.too_old_log_event_end_index(), Some(1));
    assert_eq!(info.too_new_log_event_start_index(), Some(2));
    let span = put.clone().log_events(event(t - 2 * day, "a")).log_events(event(t, "b")).send().await.unwrap_err();
    assert!(span.into_service_error().is_invalid_parameter_exception());
    let large = put.log_events(event(t, &"x".repeat(1_048_551))).send().await.unwrap_err();
    assert_eq!(large.message(), Some("Upload too large: 1048577 bytes exceeds limit of 1048576"));
    let stored = client.filter_log_events().log_group_name("g").send().await.unwrap();
    assert_eq!(stored.events().iter().map(|event| event.message().unwrap()).collect::<Vec<_>>(), ["now"]);
    cloud.stop().await;
}

#[tokio::test]
async fn filtered_events_come_in_order_of_time_across_streams() {
    let (cloud, client) = cloud().await;
    make(&client, "g", &["one", "two"]).await;
    let t = now() - 1000;
    put(&client, "g", "one", vec![event(t, "a"), event(t + 2, "c")]).await;
    put(&client, "g", "two", vec![event(t + 1, r#"{"level":"ERROR","n":1}"#), event(t + 2, "d")]).await;
    let filter = client.filter_log_events().log_group_identifier(format!("{ARN}g"));
    let all = filter.clone().send().await.unwrap();
    let messages: Vec<_> = all.events().iter().map(|event| event.message().unwrap()).collect();
    assert_eq!(messages, ["a", r#"{"level":"ERROR","n":1}"#, "c", "d"]);
    assert!(all.events().is_sorted_by_key(|event| event.event_id().unwrap().to_owned()));
    assert!(all.events().iter().all(|event| event.event_id().unwrap().len() == 56 && event.ingestion_time().is_some()));
    let count =
        |output: aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput| output.events().len();
    assert_eq!(count(filter.clone().start_time(t + 1).end_time(t + 1).send().await.unwrap()), 1);
    assert_eq!(count(filter.clone().start_time(t + 2).send().await.unwrap()), 2);
    assert_eq!(count(filter.clone().start_time(t + 3).end_time(t).send().await.unwrap()), 0);
    assert_eq!(count(filter.clone().log_stream_names("two").send().await.unwrap()), 2);
    assert_eq!(count(filter.clone().log_stream_name_prefix("o").send().await.unwrap()), 2);
    assert_eq!(count(filter.clone().filter_pattern("{ $.level = \"ERROR\" && $.n < 2 }").send().await.unwrap()), 1);
    assert_eq!(count(filter.clone().filter_pattern("?a ?d").send().await.unwrap()), 2);
    let token = filter.clone().next_token("nonsense").send().await.unwrap_err();
    assert_eq!(token.message(), Some("The specified nextToken is invalid."));
    let limit = filter.clone().limit(10_001).send().await.unwrap_err();
    assert_eq!(
        limit.message(),
        Some(
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"
        )
    );
    let stream = filter.clone().log_stream_names("none").send().await.unwrap_err();
    assert_eq!(stream.message(), Some("The specified log stream does not exist."));
    let pattern = filter.filter_pattern("{ $.a }").send().await.unwrap_err();
    assert!(pattern.into_service_error().is_invalid_parameter_exception());
    cloud.stop().await;
}

#[tokio::test]
async fn twenty_five_thousand_events_come_in_pages() {
    let (cloud, client) = cloud().await;
    make(&client, "g", &["s"]).await;
    let t = now() - 100_000;
    for batch in 0..5 {
        let events = (0..5000).map(|i| event(t + batch * 5000 + i, &format!("event {}", batch * 5000 + i))).collect();
        put(&client, "g", "s", events).await;
    }
    let filter = client.filter_log_events().log_group_name("g").into_paginator();
    let pages: Vec<_> = filter.send().try_collect().await.unwrap();
    let messages: Vec<_> = pages
        .iter()
        .flat_map(aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput::events)
        .map(|event| event.message().unwrap())
        .collect();
    assert!(pages.len() >= 3 && pages.iter().all(|page| page.events().len() <= 10_000));
    assert!(messages.iter().enumerate().all(|(i, message)| *message == format!("event {i}")));
    assert_eq!(messages.len(), 25_000);
    // A sparse filter gets empty pages with a token on its way to the match.
    let sparse = client.filter_log_events().log_group_name("g").filter_pattern("24999").into_paginator();
    let sparse: Vec<_> = sparse.send().try_collect().await.unwrap();
    assert!(sparse.len() > 1 && sparse[0].events().is_empty());
    assert_eq!(sparse.iter().map(|page| page.events().len()).sum::<usize>(), 1);

    let get = client.get_log_events().log_group_name("g").log_stream_name("s");
    let (mut seen, mut token) = (HashSet::new(), None);
    loop {
        let page = get.clone().start_from_head(true).set_next_token(token.clone()).send().await.unwrap();
        seen.extend(page.events().iter().map(|event| event.message().unwrap().to_owned()));
        if page.next_forward_token == token {
            break;
        }
        token = page.next_forward_token;
    }
    assert_eq!(seen.len(), 25_000);
    put(&client, "g", "s", vec![event(now(), "newest")]).await;
    let newer = get.clone().set_next_token(token).send().await.unwrap();
    assert_eq!(newer.events().iter().map(|event| event.message().unwrap()).collect::<Vec<_>>(), ["newest"]);
    let tail = get.clone().limit(2).send().await.unwrap();
    assert_eq!(tail.events().iter().map(|e| e.message().unwrap()).collect::<Vec<_>>(), ["event 24999", "newest"]);
    let back = get.clone().limit(1).set_next_token(tail.next_backward_token).send().await.unwrap();
    assert_eq!(back.events()[0].message(), Some("event 24998"));
    let bad = get.next_token("f/12/s").send().await.unwrap_err();
    assert_eq!(bad.message(), Some("The specified nextToken is invalid."));
    cloud.stop().await;
}

#[tokio::test]
async fn a_live_tail_shows_what_comes_and_nothing_older() {
    let (cloud, client) = cloud().await;
    make(&client, "g", &["s"]).await;
    make(&client, "other", &["s"]).await;
    put(&client, "g", "s", vec![event(now(), "ERROR before")]).await;
    let send = |group: String, pattern: &str| {
        let tail = client.start_live_tail().log_group_identifiers(group).log_event_filter_pattern(pattern).customize();
        tail.mutate_request(|request| {
            // The SDK puts a prefix before the host, which a loopback address does not have.
            let uri = request.uri().replacen("://stream-", "://", 1);
            request.set_uri(uri).unwrap();
        })
        .send()
    };
    let missing = send(format!("{ARN}none"), "").await.unwrap_err();
    assert!(missing.into_service_error().is_resource_not_found_exception());
    let starred = send(format!("{ARN}g:*"), "").await.unwrap_err();
    assert!(starred.into_service_error().is_invalid_parameter_exception());

    let mut stream = send(format!("{ARN}g"), "ERROR").await.unwrap().response_stream;
    let Some(StartLiveTailResponseStream::SessionStart(session)) = stream.recv().await.unwrap() else {
        panic!("no session start");
    };
    assert_eq!(session.log_event_filter_pattern(), Some("ERROR"));
    put(&client, "g", "s", vec![event(now(), "INFO quiet"), event(now(), "ERROR loud")]).await;
    put(&client, "other", "s", vec![event(now(), "ERROR elsewhere")]).await;
    let (mut shown, mut empty) = (Vec::new(), 0);
    while shown.is_empty() || empty == 0 {
        let Some(StartLiveTailResponseStream::SessionUpdate(update)) = stream.recv().await.unwrap() else {
            panic!("no update");
        };
        assert!(!update.session_metadata().unwrap().sampled());
        empty += usize::from(update.session_results().is_empty());
        shown.extend(update.session_results.unwrap_or_default());
    }
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].message(), Some("ERROR loud"));
    assert_eq!(shown[0].log_stream_name(), Some("s"));
    assert_eq!(shown[0].log_group_identifier(), Some(format!("{ARN}g").as_str()));

    // A flood is sampled to 500 events, and the update says so.
    put(&client, "g", "s", (0..2000).map(|_| event(now(), "ERROR flood")).collect()).await;
    let Some(StartLiveTailResponseStream::SessionUpdate(update)) = stream.recv().await.unwrap() else {
        panic!("no update");
    };
    assert_eq!((update.session_results().len(), update.session_metadata().unwrap().sampled()), (500, true));

    // Stopping the cloud ends the stream instead of waiting for it.
    cloud.stop().await;
    assert!(!matches!(stream.recv().await, Ok(Some(_))));
}

#[tokio::test]
async fn what_a_log_group_cannot_have_and_what_cannot_be_searched_is_refused() {
    let (cloud, client) = cloud().await;
    make(&client, "/g", &["s"]).await;
    let key = "arn:aws:kms:us-east-1:000000000000:key/1";
    let encrypted = client.create_log_group().log_group_name("/k").kms_key_id(key).send().await.unwrap_err();
    assert_eq!(encrypted.code(), Some("InvalidParameterException"));
    let rule = "failed to satisfy constraint: Member must have value greater than or equal to 0";
    let early = client.filter_log_events().log_group_name("/g").start_time(-1).send().await.unwrap_err();
    let message = format!("1 validation error detected: Value '-1' at 'startTime' {rule}");
    assert_eq!((early.code(), early.message()), (Some("InvalidParameterException"), Some(message.as_str())));
    let early =
        client.get_log_events().log_group_name("/g").log_stream_name("s").end_time(-1).send().await.unwrap_err();
    assert_eq!(early.message(), Some(message.replace("startTime", "endTime").as_str()));
    let long =
        client.filter_log_events().log_group_name("/g").filter_pattern("x".repeat(1025)).send().await.unwrap_err();
    assert!(long.message().unwrap().ends_with("Member must have length less than or equal to 1024"), "{long:?}");
    cloud.stop().await;
}
