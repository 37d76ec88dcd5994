//! SNS, STS and the inbox, as the AWS SDK, a subscriber over HTTP and a mail server see them.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[macro_use]
mod support;

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::operation::subscribe::builders::SubscribeFluentBuilder;
use aws_sdk_sns::primitives::Blob;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry, Tag};
use axum::extract::Request;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Full};
use imgwatch_local::{LocalCloud, Options, StartError};
use serde_json::{Value, json};
use support::without_function;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

const ACCOUNT: &str = "000000000000";

fn options() -> Options {
    let mut options = without_function();
    options.http_retry_delay = Duration::from_millis(1);
    options
}

async fn start() -> (LocalCloud, Client) {
    start_with(options()).await
}

async fn start_with(options: Options) -> (LocalCloud, Client) {
    let cloud = LocalCloud::start(options).await.expect("a free port");
    let client = client!(aws_sdk_sns, cloud.endpoint());
    (cloud, client)
}

/// Makes a queue that lets SNS send for a topic; its URL and ARN.
async fn queue(sqs: &aws_sdk_sqs::Client, name: &str, topic: &str) -> (String, String) {
    let arn = format!("arn:aws:sqs:us-east-1:{ACCOUNT}:{name}");
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }]});
    let call = sqs.create_queue().queue_name(name);
    let call = call.attributes(aws_sdk_sqs::types::QueueAttributeName::Policy, policy.to_string());
    (call.send().await.expect("a queue").queue_url.expect("its URL"), arn)
}

/// The next message of a queue, which is deleted.
async fn receive(sqs: &aws_sdk_sqs::Client, url: &str) -> aws_sdk_sqs::types::Message {
    let call = sqs.receive_message().queue_url(url).wait_time_seconds(20).message_attribute_names("All");
    let call = call.message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All);
    let mut messages = call.send().await.expect("an answer").messages.expect("a message in time");
    let message = messages.remove(0);
    let receipt = message.receipt_handle().expect("a handle");
    sqs.delete_message().queue_url(url).receipt_handle(receipt).send().await.expect("deleted");
    message
}

/// The first events of a log group, as soon as there are that many.
async fn events(logs: &aws_sdk_cloudwatchlogs::Client, group: &str, count: usize) -> Vec<Value> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let answer = logs.filter_log_events().log_group_name(group).send().await;
        let events = answer.map(|answer| answer.events.unwrap_or_default()).unwrap_or_default();
        if events.len() >= count {
            let event = |text: &str| serde_json::from_str(text).expect("JSON");
            return events.iter().map(|line| event(line.message().expect("a message"))).collect();
        }
        assert!(tokio::time::Instant::now() < deadline, "{group} has {} events", events.len());
        tokio::task::yield_now().await;
    }
}

/// Code and message of an error.
fn fault<T: Debug, E: ProvideErrorMetadata + Debug>(result: Result<T, E>) -> (String, String) {
    let error = result.expect_err("an error");
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

/// Asserts an `InvalidParameter` error with this text after `Invalid parameter: `.
#[track_caller]
fn assert_invalid<T: Debug, E: ProvideErrorMetadata + Debug>(result: Result<T, E>, message: &str) {
    assert_eq!(fault(result), ("InvalidParameter".to_owned(), format!("Invalid parameter: {message}")));
}

/// One request without the SDK: a GET without a form, a POST with one.
async fn fetch(url: &str, form: Option<&[(&str, &str)]>) -> (StatusCode, String) {
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let request = match form {
        None => http::Request::get(url).body(Full::default()),
        Some(form) => {
            let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            http::Request::post(url)
                .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sns/aws4_request")
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Full::new(Bytes::from(form)))
        }
    };
    let response = client.request(request.expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("a whole answer").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

/// Waits for messages after this number; panics when none comes in time.
async fn messages_after(cloud: &LocalCloud, number: u64) -> Vec<Value> {
    let url = format!("{}/_imgwatch/inbox?after={number}&wait=30", cloud.endpoint());
    let (status, body) = fetch(&url, None).await;
    assert_eq!(status, StatusCode::OK);
    let mut body: Value = serde_json::from_str(&body).expect("JSON");
    let messages: Vec<Value> = serde_json::from_value(body["messages"].take()).expect("a list");
    assert!(!messages.is_empty(), "no received after {number} came");
    messages
}

async fn topic(client: &Client, name: &str) -> String {
    client.create_topic().name(name).send().await.expect("a topic").topic_arn.expect("its ARN")
}

fn subscribe(client: &Client, topic: &str, protocol: &str, endpoint: &str) -> SubscribeFluentBuilder {
    client.subscribe().topic_arn(topic).protocol(protocol).endpoint(endpoint)
}

async fn attributes(client: &Client, subscription: &str) -> HashMap<String, String> {
    let answer = client.get_subscription_attributes().subscription_arn(subscription).send().await;
    answer.expect("attributes").attributes.expect("a map")
}

fn text(received: &Value, member: &str) -> String {
    received[member].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_topic_is_made_once() {
    let (_cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    assert_eq!(arn, format!("arn:aws:sns:us-east-1:{ACCOUNT}:images"));
    assert_eq!(topic(&client, "images").await, arn);

    let named = |name: &str, value: &str| client.create_topic().name("images").attributes(name, value).send();
    let conflict = "Attributes Reason: Topic already exists with different attributes";
    assert_invalid(named("DisplayName", "Images").await, conflict);
    assert_invalid(named("KmsMasterKeyId", "alias/key").await, conflict);
    named("DisplayName", "").await.expect("the value that it has");

    let tag = Tag::builder().key("k").value("v").build().expect("a tag");
    let tagged = client.create_topic().name("images").tags(tag.clone()).send().await;
    assert_invalid(tagged, "Tags Reason: Topic already exists with different tags");
    let twice = client.create_topic().name("other").tags(tag.clone()).tags(tag).send().await;
    assert_invalid(twice, "Duplicated keys are not allowed.");

    for name in ["", "a.b", "a b", "a/b", "ü", "x.fifo", &"a".repeat(257)] {
        assert_invalid(client.create_topic().name(name).send().await, "Topic Name");
    }
    topic(&client, &"a".repeat(256)).await;
    let fifo = client.create_topic().name("x.fifo").attributes("FifoTopic", "true").send().await;
    assert!(fault(fifo).1.contains("no FIFO topics"));
}

#[tokio::test]
async fn a_topic_shows_its_attributes() {
    let (_cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let get = async |arn: &str| client.get_topic_attributes().topic_arn(arn).send().await;
    let all = get(&arn).await.expect("attributes").attributes.expect("a map");
    let mut names: Vec<&str> = all.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "DisplayName",
        "EffectiveDeliveryPolicy",
        "Owner",
        "Policy",
        "SubscriptionsConfirmed",
        "SubscriptionsDeleted",
        "SubscriptionsPending",
        "TopicArn",
    ];
    assert_eq!(names, expected);
    let policy: Value = serde_json::from_str(&all["EffectiveDeliveryPolicy"]).expect("JSON");
    assert_eq!(policy["http"]["defaultHealthyRetryPolicy"]["numRetries"], 3);
    let policy: Value = serde_json::from_str(&all["Policy"]).expect("JSON");
    assert_eq!(policy["Statement"][0]["Resource"], arn.as_str());

    let set = async |name: &str, value: &str| {
        client.set_topic_attributes().topic_arn(&arn).attribute_name(name).attribute_value(value).send().await
    };
    let role = "arn:aws:iam::000000000000:role/delivery-status";
    for (name, value) in [
        ("DisplayName", "Images"),
        ("SignatureVersion", "2"),
        ("KmsMasterKeyId", "alias/aws/sns"),
        ("SQSSuccessFeedbackRoleArn", role),
        ("SQSSuccessFeedbackSampleRate", "50"),
        ("HTTPFailureFeedbackRoleArn", role),
        ("LambdaSuccessFeedbackRoleArn", role),
        ("Policy", r#"{"Version":"2012-10-17","Statement":[]}"#),
    ] {
        set(name, value).await.expect(name);
        assert_eq!(get(&arn).await.expect("attributes").attributes.expect("a map")[name], value);
    }
    set("KmsMasterKeyId", "").await.expect("taken back");
    assert!(!get(&arn).await.expect("attributes").attributes.expect("a map").contains_key("KmsMasterKeyId"));
    for name in ["Fake", "FifoTopic", "EmailSuccessFeedbackRoleArn", "Owner"] {
        assert_invalid(set(name, "false").await, "AttributeName");
    }
    for (name, value) in [("SQSSuccessFeedbackSampleRate", "101"), ("SignatureVersion", "3"), ("Policy", "{x")] {
        assert_eq!(fault(set(name, value).await).0, "InvalidParameter", "{name}");
    }

    assert_invalid(get("topic").await, "TopicArn Reason: An ARN must have at least 6 elements, not 1");
    let elsewhere = format!("arn:aws:sns:eu-west-1:{ACCOUNT}:images");
    assert_invalid(get(&elsewhere).await, "TopicArn");
    let missing = ("NotFound".to_owned(), "Topic does not exist".to_owned());
    assert_eq!(fault(get(&format!("{arn}-not")).await), missing);
    client.delete_topic().topic_arn(&arn).send().await.expect("deleted");
    client.delete_topic().topic_arn(&arn).send().await.expect("deleted again");
    assert_eq!(fault(get(&arn).await), missing);
}

#[tokio::test]
async fn tags_come_and_go() {
    let (_cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().expect("a tag");
    let list = async || {
        let tags = client.list_tags_for_resource().resource_arn(&arn).send().await.expect("tags").tags.expect("a list");
        tags.iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>().join(" ")
    };
    let tags = client.tag_resource().resource_arn(&arn).tags(tag("k1", "v1")).tags(tag("k2", "v2"));
    tags.send().await.expect("tagged");
    assert_eq!(list().await, "k1=v1 k2=v2");
    client.untag_resource().resource_arn(&arn).tag_keys("k1").send().await.expect("untagged");
    client.tag_resource().resource_arn(&arn).tags(tag("k2", "v2b")).send().await.expect("tagged");
    assert_eq!(list().await, "k2=v2b");
    let missing = client.list_tags_for_resource().resource_arn(format!("{arn}-not")).send().await;
    assert_eq!(fault(missing), ("ResourceNotFound".to_owned(), "Resource does not exist".to_owned()));
}

#[tokio::test]
async fn lists_come_in_pages_of_a_hundred() {
    let (_cloud, client) = start().await;
    let seeded = client.list_subscriptions().send().await.expect("a page").subscriptions().len();
    let arn = topic(&client, "images").await;
    let other = topic(&client, "other").await;
    for number in 0..250 {
        let endpoint = format!("+1555{number:07}");
        subscribe(&client, &arn, "sms", &endpoint).send().await.expect("a subscription");
    }
    subscribe(&client, &other, "sms", "+15550000000").send().await.expect("a subscription");
    let mut pages = client.list_subscriptions_by_topic().topic_arn(&arn).into_paginator().send();
    let mut sizes = Vec::new();
    let mut endpoints = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("a page").subscriptions.expect("a list");
        sizes.push(page.len());
        endpoints.extend(page.into_iter().filter_map(|subscription| subscription.endpoint));
    }
    assert_eq!(sizes, [100, 100, 50]);
    let expected: Vec<String> = (0..250).map(|number| format!("+1555{number:07}")).collect();
    assert_eq!(endpoints, expected);
    let mut pages = client.list_subscriptions().into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.expect("a page").subscriptions().len();
    }
    assert_eq!(count, seeded + 251);

    let known = client.list_topics().send().await.expect("a page").topics().len();
    for number in 0..120 {
        topic(&client, &format!("t{number}")).await;
    }
    let first = client.list_topics().send().await.expect("a page");
    assert_eq!(first.topics().len(), 100);
    let rest = client.list_topics().next_token(first.next_token.expect("a token")).send().await.expect("a page");
    assert!(rest.next_token.is_none());
    assert_eq!(first.topics.unwrap_or_default().len() + rest.topics.unwrap_or_default().len(), known + 120);
    assert_invalid(client.list_topics().next_token("%%%").send().await, "NextToken");
    let missing = client.list_subscriptions_by_topic().topic_arn(format!("{arn}-not")).send().await;
    assert_eq!(fault(missing).0, "NotFound");
}

#[tokio::test]
async fn a_mail_address_confirms_with_the_link_and_leaves_with_another() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let answer = subscribe(&client, &arn, "email", "ann@example.com").send().await.expect("subscribed");
    assert_eq!(answer.subscription_arn(), Some("pending confirmation"));
    let received = messages_after(&cloud, 0).await.remove(0);
    assert_eq!(received["number"], 1);
    assert_eq!(
        (text(&received, "protocol"), text(&received, "to")),
        ("email".to_owned(), "ann@example.com".to_owned())
    );
    assert_eq!(received["topic_arn"], arn.as_str());
    let link = text(&received, "confirm_url");
    assert!(text(&received, "body").contains(&link));
    assert!(link.starts_with(&format!("{}/?Action=ConfirmSubscription&TopicArn={arn}&Token=", cloud.endpoint())));

    let list = async || {
        let answer = client.list_subscriptions_by_topic().topic_arn(&arn).send().await.expect("a list");
        answer.subscriptions.expect("a list")
    };
    let listed = list().await.remove(0);
    assert_eq!(listed.subscription_arn(), Some("PendingConfirmation"));
    assert_eq!((listed.protocol(), listed.endpoint()), (Some("email"), Some("ann@example.com")));
    assert_eq!((listed.owner(), listed.topic_arn()), (Some(ACCOUNT), Some(arn.as_str())));

    // Asking again sends another mail for the same subscription, and shows its ARN to who wants it.
    let again = subscribe(&client, &arn, "email", "ann@example.com").return_subscription_arn(true).send().await;
    let pending = again.expect("subscribed").subscription_arn.expect("an ARN");
    assert_ne!(text(&messages_after(&cloud, 1).await[0], "confirm_url"), link);
    assert_eq!(list().await.len(), 1);
    let shown = attributes(&client, &pending).await;
    assert_eq!(
        (shown["PendingConfirmation"].as_str(), shown["ConfirmationWasAuthenticated"].as_str()),
        ("true", "false")
    );
    let reason = "SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation";
    assert_invalid(client.unsubscribe().subscription_arn(&pending).send().await, reason);
    let counts = async || {
        let all = client.get_topic_attributes().topic_arn(&arn).send().await.expect("attributes");
        let all = all.attributes.expect("a map");
        ["Confirmed", "Pending", "Deleted"].map(|name| all[&format!("Subscriptions{name}")].clone()).join(" ")
    };
    assert_eq!(counts().await, "0 1 0");

    // While it is pending nothing is sent there.
    client.publish().topic_arn(&arn).message("too early").send().await.expect("published");
    let (status, body) = fetch(&link, None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        body.contains(&format!("<ConfirmSubscriptionResult><SubscriptionArn>{pending}</SubscriptionArn>")),
        "{body}"
    );
    assert_eq!(fetch(&link, None).await.0, StatusCode::OK, "a link may be visited twice");
    assert_eq!(list().await[0].subscription_arn(), Some(pending.as_str()));
    assert_eq!(counts().await, "1 0 0");
    assert_eq!(attributes(&client, &pending).await["ConfirmationWasAuthenticated"], "false");
    let once_more = subscribe(&client, &arn, "email", "ann@example.com").send().await.expect("subscribed");
    assert_eq!(once_more.subscription_arn(), Some(pending.as_str()));

    let published = client.publish().topic_arn(&arn).message("a cat").subject("New image").send().await;
    let id = published.expect("published").message_id.expect("an id");
    let received = messages_after(&cloud, 2).await.remove(0);
    assert_eq!((text(&received, "subject"), text(&received, "message_id")), ("New image".to_owned(), id));
    assert!(received["confirm_url"].is_null());
    let body = text(&received, "body");
    assert!(body.starts_with("a cat\n"), "{body}");
    let leave = body.lines().find(|line| line.contains("Action=Unsubscribe")).expect("a link").to_owned();
    let (status, body) = fetch(&leave, None).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("<UnsubscribeResponse"), "{body}");
    assert!(list().await.is_empty());
    assert_eq!(counts().await, "0 0 1");

    // The last mail brings the subscription back.
    let received = messages_after(&cloud, 3).await.remove(0);
    let body = text(&received, "body");
    let back = body.lines().find(|line| line.contains("Action=ConfirmSubscription")).expect("a link");
    assert_eq!(fetch(back, None).await.0, StatusCode::OK);
    assert_eq!(list().await[0].subscription_arn(), Some(pending.as_str()));
    client.unsubscribe().subscription_arn(&pending).send().await.expect("ended");
    client.unsubscribe().subscription_arn(&pending).send().await.expect("ended again");
}

#[tokio::test]
async fn subscribing_again_by_link_makes_no_second_subscription() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let link = |received: &Value, action: &str| {
        let body = text(received, "body");
        body.lines().find(|line| line.contains(action)).expect("a link").to_owned()
    };
    subscribe(&client, &arn, "email", "ann@example.com").send().await.expect("subscribed");
    let received = messages_after(&cloud, 0).await.remove(0);
    fetch(&text(&received, "confirm_url"), None).await;
    client.publish().topic_arn(&arn).message("a cat").send().await.expect("published");
    fetch(&link(&messages_after(&cloud, 1).await[0], "Action=Unsubscribe"), None).await;
    let back = link(&messages_after(&cloud, 2).await[0], "Action=ConfirmSubscription");
    // Ann subscribes by herself, and then also finds the link of the last mail.
    let again = subscribe(&client, &arn, "email", "ann@example.com").return_subscription_arn(true);
    let again = again.send().await.expect("subscribed").subscription_arn.expect("an ARN");
    for _ in 0..2 {
        let (status, body) = fetch(&back, None).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.contains(&again), "{body}");
    }
    let list = client.list_subscriptions_by_topic().topic_arn(&arn).send().await.expect("a list");
    let arns: Vec<_> = list.subscriptions().iter().filter_map(|one| one.subscription_arn()).collect();
    assert_eq!(arns, [again.as_str()]);
}

#[tokio::test]
async fn a_filters_scope_can_be_set_before_the_filter() {
    let (cloud, client) = start().await;
    let sqs = client!(aws_sdk_sqs, cloud.endpoint());
    let arn = topic(&client, "images").await;
    let (url, queue_arn) = queue(&sqs, "all", &arn).await;
    let call = subscribe(&client, &arn, "sqs", &queue_arn).attributes("FilterPolicyScope", "MessageBody");
    let subscription = call.attributes("RawMessageDelivery", "true").send().await.expect("subscribed");
    let subscription = subscription.subscription_arn.expect("an ARN");
    let shown = attributes(&client, &subscription).await;
    // As recorded in `test_set_subscription_filter_policy_scope`.
    assert_eq!((shown.get("FilterPolicy"), shown.get("FilterPolicyScope")), (None, None));
    let publish = async |text: &str| {
        client.publish().topic_arn(&arn).message(text).send().await.expect("published");
    };
    let set = async |value: &str| {
        let call = client.set_subscription_attributes().subscription_arn(&subscription);
        call.attribute_name("FilterPolicy").attribute_value(value).send().await.expect("set");
    };
    let received = async || receive(&sqs, &url).await.body.expect("a body");
    publish("no JSON").await;
    assert_eq!(received().await, "no JSON", "without a policy everything passes");
    set("{}").await;
    publish("no JSON either").await;
    assert_eq!(received().await, "no JSON either", "an empty policy lets everything pass");
    set(r#"{"kind": {"of": ["cat"]}}"#).await;
    publish(r#"{"kind":{"of":"dog"}}"#).await;
    publish(r#"{"kind":{"of":"cat"}}"#).await;
    assert_eq!(received().await, r#"{"kind":{"of":"cat"}}"#);
}

#[tokio::test]
async fn a_confirmation_by_call_can_forbid_leaving_by_link() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    subscribe(&client, &arn, "email-json", "ann@example.com").send().await.expect("subscribed");
    let received = messages_after(&cloud, 0).await.remove(0);
    let question: Value = serde_json::from_str(&text(&received, "body")).expect("JSON");
    assert_eq!(question["Type"], "SubscriptionConfirmation");
    assert_eq!(question["SubscribeURL"], received["confirm_url"]);
    let token = question["Token"].as_str().expect("a token");
    let confirm = async |topic: &str, token: &str| {
        let call = client.confirm_subscription().topic_arn(topic).token(token);
        call.authenticate_on_unsubscribe("true").send().await
    };
    let unknown = token.chars().rev().collect::<String>();
    assert_invalid(confirm(&arn, &unknown).await, "Token");
    assert_invalid(confirm(&format!("{arn}-not"), &unknown).await, "Token");
    assert_invalid(confirm("topic", token).await, "Topic");
    assert_invalid(confirm(&format!("arn:aws:sns:eu-west-1:{ACCOUNT}:images"), token).await, "Topic");
    let invalid = ("InvalidParameter".to_owned(), "Invalid token".to_owned());
    assert_eq!(fault(confirm(&arn, "randomtoken").await), invalid);
    let subscription = confirm(&arn, token).await.expect("confirmed").subscription_arn.expect("an ARN");
    assert_eq!(attributes(&client, &subscription).await["ConfirmationWasAuthenticated"], "true");

    client.publish().topic_arn(&arn).message("a cat").send().await.expect("published");
    let received = messages_after(&cloud, 1).await.remove(0);
    let notification: Value = serde_json::from_str(&text(&received, "body")).expect("JSON");
    assert_eq!((&notification["Type"], &notification["Message"]), (&json!("Notification"), &json!("a cat")));
    let (status, body) = fetch(notification["UnsubscribeURL"].as_str().expect("a link"), None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(body.contains("<Code>AuthorizationError</Code>"), "{body}");
    client.unsubscribe().subscription_arn(&subscription).send().await.expect("ended by its owner");
}

#[tokio::test]
async fn endpoints_are_checked_by_protocol() {
    let (_cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let refused =
        async |protocol: &str, endpoint: &str| fault(subscribe(&client, &arn, protocol, endpoint).send().await).1;
    let unsupported = "Invalid parameter: Amazon SNS does not support this protocol string: pigeon";
    assert_eq!(refused("pigeon", "x").await, unsupported);
    for endpoint in ["ann", "@example.com", "ann@", "a b@example.com", "a@b@c", "a\r\nb@example.com", ""] {
        assert_eq!(refused("email", endpoint).await, "Invalid parameter: Email address", "{endpoint:?}");
    }
    for (protocol, endpoint) in [("http", "https://x/"), ("https", "http://x/"), ("http", "x"), ("http", "http://")] {
        let message = "Invalid parameter: Endpoint must match the specified protocol";
        assert_eq!(refused(protocol, endpoint).await, message, "{endpoint}");
    }
    for endpoint in ["invalid-number", "NAA+15551234567", "+15--551234567", "+15551234567.", "/+15551234567"] {
        assert_eq!(refused("sms", endpoint).await, format!("Invalid SMS endpoint: {endpoint}"));
    }
    for endpoint in ["http://127.0.0.1/queue", "arn:aws:sns:us-east-1:000000000000:x", ""] {
        assert_eq!(refused("sqs", endpoint).await, "Invalid parameter: SQS endpoint ARN");
    }
    assert!(refused("sqs", "arn:aws:sqs:us-east-1:000000000000:x.fifo").await.contains("FIFO SQS Queues can not be"));
    assert_eq!(refused("lambda", "arn:aws:lambda").await, "Invalid parameter: Lambda endpoint ARN");
    assert!(refused("firehose", "arn:aws:firehose").await.contains("no firehose endpoints"));

    for (protocol, endpoint) in [
        ("sms", "+15551234567"),
        ("sms", "+15/55-123.4567"),
        ("sqs", "arn:aws:sqs:us-east-1:000000000000:nowhere"),
        ("lambda", "arn:aws:lambda:us-east-1:000000000000:function:nothing"),
    ] {
        let made = subscribe(&client, &arn, protocol, endpoint).send().await.expect(endpoint);
        let subscription = made.subscription_arn.expect("an ARN");
        assert!(subscription.starts_with(&format!("{arn}:")), "confirmed at once: {subscription}");
        let shown = attributes(&client, &subscription).await;
        let expected = [
            ("ConfirmationWasAuthenticated", "true"),
            ("Endpoint", endpoint),
            ("Owner", ACCOUNT),
            ("PendingConfirmation", "false"),
            ("Protocol", protocol),
            ("RawMessageDelivery", "false"),
            ("SubscriptionArn", &subscription),
            ("SubscriptionPrincipal", "arn:aws:iam::000000000000:root"),
            ("TopicArn", &arn),
        ];
        assert_eq!(shown, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
    let nowhere = subscribe(&client, "arn:aws:sns", "sms", "+15551234567").send().await;
    assert_invalid(nowhere, "TopicArn Reason: An ARN must have at least 6 elements, not 3");
    let missing = subscribe(&client, &format!("{arn}-not"), "sms", "+15551234567").send().await;
    assert_eq!(fault(missing), ("NotFound".to_owned(), "Topic does not exist".to_owned()));
}

#[tokio::test]
async fn subscription_attributes_are_checked_and_kept() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let queue = "arn:aws:sqs:us-east-1:000000000000:audit";
    let with = |name: &str, value: &str| subscribe(&client, &arn, "sqs", queue).attributes(name, value).send();
    let message = "Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.";
    assert_invalid(with("RawMessageDelivery", "wrongvalue").await, message);
    let place = "at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: ";
    let message = format!(
        "Attributes Reason: FilterPolicy: failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON \
         String, Number, Array, Object or token 'null', 'true' or 'false')\n {place}8]"
    );
    assert_invalid(with("FilterPolicy", "invalid").await, &message);
    let nested = "Attributes Reason: Filter policy scope MessageAttributes does not support nested filter policy";
    assert_invalid(with("FilterPolicy", r#"{"a":{"b":["c"]}}"#).await, nested);

    let subscription = with("RawMessageDelivery", "true").await.expect("subscribed").subscription_arn.expect("an ARN");
    for same in [with("RawMessageDelivery", "true").await, subscribe(&client, &arn, "sqs", queue).send().await] {
        assert_eq!(same.expect("subscribed").subscription_arn(), Some(subscription.as_str()));
    }
    let conflict = "Attributes Reason: Subscription already exists with different attributes";
    assert_invalid(with("RawMessageDelivery", "false").await, conflict);
    assert_invalid(with("FilterPolicy", r#"{"a":["b"]}"#).await, conflict);

    let set = async |name: &str, value: &str| {
        let call = client.set_subscription_attributes().subscription_arn(&subscription);
        call.attribute_name(name).attribute_value(value).send().await
    };
    assert_invalid(set("FakeAttribute", "x").await, "AttributeName");
    let message = "RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.";
    assert_invalid(set("RawMessageDelivery", "test-ValUe").await, message);
    assert_invalid(
        set("RedrivePolicy", r#"{"deadLetterTargetArn":"fake-arn"}"#).await,
        "RedrivePolicy: deadLetterTargetArn is an invalid arn",
    );
    for name in ["RedrivePolicy", "FilterPolicy"] {
        let message = format!(
            "{name}: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start \
             field name\n {place}2]"
        );
        assert_invalid(set(name, "{invalidjson}").await, &message);
    }
    let policy = r#"{"attr1":[{"numeric":[">",0,"<=",100]}]}"#;
    set("FilterPolicy", policy).await.expect("set");
    let redrive = format!(r#"{{"deadLetterTargetArn":"{queue}"}}"#);
    set("RedrivePolicy", &redrive).await.expect("set");
    let shown = attributes(&client, &subscription).await;
    assert_eq!((shown["FilterPolicy"].as_str(), shown["FilterPolicyScope"].as_str()), (policy, "MessageAttributes"));
    assert_eq!(shown["RedrivePolicy"], redrive);
    set("FilterPolicyScope", "MessageBody").await.expect("set");
    set("FilterPolicy", r#"{"a":{"b":["c"]}}"#).await.expect("bodies have depth");
    assert_eq!(attributes(&client, &subscription).await["FilterPolicyScope"], "MessageBody");
    set("FilterPolicy", "").await.expect("taken back");
    assert!(!attributes(&client, &subscription).await.contains_key("FilterPolicy"));

    let get = async |arn: &str| client.get_subscription_attributes().subscription_arn(arn).send().await;
    let missing = get(&format!("{arn}:{}", uuid::Uuid::new_v4())).await;
    assert_eq!(fault(missing), ("NotFound".to_owned(), "Subscription does not exist".to_owned()));
    let leave = async |arn: &str| client.unsubscribe().subscription_arn(arn).send().await;
    assert_invalid(leave("x").await, "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1");
    assert_invalid(leave(&arn).await, "SubscriptionId");
    leave(&format!("{arn}:{}", uuid::Uuid::new_v4())).await.expect("nothing to end");
    let (status, body) = fetch(cloud.endpoint(), Some(&[("Action", "Unsubscribe")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("SubscriptionArn Reason: no value for required parameter"), "{body}");
}

#[tokio::test]
async fn publish_refuses_what_aws_refuses() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let publish = || client.publish().topic_arn(&arn);
    assert_invalid(publish().message("").send().await, "Empty message");
    for subject in ["", "two\nlines", "bell\u{7}", &"s".repeat(100)] {
        assert_invalid(publish().message("m").subject(subject).send().await, "Subject");
    }
    publish().message("m").subject("é".repeat(99)).send().await.expect("99 characters");
    publish().message("m".repeat(262_144)).send().await.expect("the limit");
    assert_invalid(publish().message("m".repeat(262_145)).send().await, "Message too long");
    assert_invalid(publish().message("é".repeat(131_073)).send().await, "Message too long");
    let attribute = |data_type: &str, value: &str| {
        MessageAttributeValue::builder().data_type(data_type).string_value(value).build().expect("an attribute")
    };
    let with_attribute = publish().message("m".repeat(262_140)).message_attributes("name", attribute("String", "v"));
    assert_invalid(with_attribute.send().await, "Message too long");

    let structured = |message: &str| publish().message(message).message_structure("json").send();
    let no_default = "Message Structure - No default entry in JSON message body";
    assert_invalid(structured(r#"{"sqs":"x"}"#).await, no_default);
    assert_invalid(structured(r#"{"default":{"object":"test"}}"#).await, no_default);
    assert_invalid(structured("{default").await, "Message Structure - JSON message body failed to parse");
    structured(r#"{"default":"a","default":"b","sms":1}"#).await.expect("AWS takes these");

    let to = |arn: &str| client.publish().topic_arn(arn).message("m").send();
    assert_invalid(to("x").await, "TopicArn Reason: An ARN must have at least 6 elements, not 1");
    assert_invalid(to("").await, "TopicArn Reason: An ARN must have at least 6 elements, not 1");
    assert_invalid(to(&format!("arn:aws:sns:eu-west-1:{ACCOUNT}:images")).await, "TopicArn");
    assert_eq!(fault(to(&format!("{arn}-not")).await), ("NotFound".to_owned(), "Topic does not exist".to_owned()));
    client.publish().target_arn(&arn).message("m").send().await.expect("a topic is a target");
    let endpoint = format!("arn:aws:sns:us-east-1:{ACCOUNT}:endpoint/APNS/app/x");
    let refused = client.publish().target_arn(endpoint).message("m").send().await;
    assert_invalid(refused, "TargetArn Reason: No endpoint found for the target arn specified");
    for number in ["+1a234", "NAA+15551234567"] {
        let refused = client.publish().phone_number(number).message("m").send().await;
        assert_invalid(refused, &format!("PhoneNumber Reason: {number} is not valid to publish to"));
    }
    let dedup = publish().message("m").message_deduplication_id("x").send().await;
    assert!(fault(dedup).1.contains("MessageDeduplicationId parameter that is not valid for this topic type"));
    let (status, body) = fetch(cloud.endpoint(), Some(&[("Action", "CreateMagic"), ("Version", "2010-03-31")])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("<Code>InvalidAction</Code>"), "{body}");
}

#[tokio::test]
async fn message_attributes_are_checked() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    // Name, data type, field, value, and what AWS says. The form is written here: the SDK would not build some of these.
    let value = "StringValue";
    let must =
        "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type";
    let prefixes = "The message attribute 'attr1' has an invalid message attribute type, the set of supported type \
                    prefixes is Binary, Number, and String.";
    let cases = [
        ("attr1", "String", value, "", format!("{must} 'String'.")),
        ("attr1", "String", "None", "", format!("{must} 'String'.")),
        ("attr1", "Binary", "BinaryValue", "", format!("{must} 'Binary'.")),
        ("attr1", "String", "BinaryValue", "AgME", "The message attribute 'attr1' with type 'String' must use field 'String'.".to_owned()),
        ("attr1", "Number", "BinaryValue", "AgME", "The message attribute 'attr1' with type 'Number' must use field 'String'.".to_owned()),
        ("attr1", "Binary", value, "x", "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.".to_owned()),
        ("attr1", "InvalidType", value, "x", prefixes.to_owned()),
        ("attr1", "prefixed.String", value, "x", prefixes.to_owned()),
        ("attr1", "Number", value, "x", "Could not cast message attribute 'attr1' value to number.".to_owned()),
        (&"a".repeat(257), "String", value, "x", "Length of message attribute name must be less than 256 bytes.".to_owned()),
        ("a^b", "String", value, "x", "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.".to_owned()),
        (".a", "String", value, "x", "Invalid message attribute name starting with character '.' was found.".to_owned()),
        ("a.", "String", value, "x", "Invalid message attribute name ending with character '.' was found.".to_owned()),
        ("a..b", "String", value, "x", "Message attribute name can not have successive '.' character.".to_owned()),
    ];
    for (name, data_type, field, value, message) in &cases {
        for prefix in ["", "PublishBatchRequestEntries.member.1."] {
            let parameter = |name: &str| format!("{prefix}{name}");
            let form = [
                ("Action".to_owned(), if prefix.is_empty() { "Publish" } else { "PublishBatch" }),
                ("TopicArn".to_owned(), &arn),
                (parameter("Id"), "1"),
                (parameter("Message"), "m"),
                (parameter("MessageAttributes.entry.1.Name"), name),
                (parameter("MessageAttributes.entry.1.Value.DataType"), data_type),
                (parameter(&format!("MessageAttributes.entry.1.Value.{field}")), value),
            ];
            let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            let (status, body) = fetch(cloud.endpoint(), Some(&form)).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{message}");
            let message = message.replace('\'', "&apos;");
            let expected = format!("<Code>ParameterValueInvalid</Code><Message>{message}</Message>");
            assert!(body.contains(&expected), "{body}\n{expected}");
        }
    }
    let form =
        [("Action", "Publish"), ("TopicArn", &arn), ("Message", "m"), ("MessageAttributes.entry.1.Name", "attr1")];
    let (_, body) = fetch(cloud.endpoint(), Some(&form)).await;
    assert!(body.contains("<Code>ValidationError</Code>"), "{body}");
    assert!(body.contains("messageAttributes.attr1.member.dataType"), "{body}");
    for data_type in ["String.prefixed", "Number.int"] {
        let attribute = MessageAttributeValue::builder().data_type(data_type).string_value("1").build();
        let call = client.publish().topic_arn(&arn).message("m").message_attributes("a", attribute.expect("built"));
        call.send().await.expect(data_type);
    }
}

#[tokio::test]
async fn a_batch_is_published_whole_or_not_at_all() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    subscribe(&client, &arn, "sms", "+15551234567").send().await.expect("subscribed");
    let entry = |id: &str, message: &str| {
        PublishBatchRequestEntry::builder().id(id).message(message).build().expect("an entry")
    };
    let batch = |entries: Vec<PublishBatchRequestEntry>| {
        client.publish_batch().topic_arn(&arn).set_publish_batch_request_entries(Some(entries)).send()
    };
    let answer = batch((0..10).map(|number| entry(&format!("e_{number}-"), "m")).collect()).await.expect("published");
    assert_eq!((answer.successful().len(), answer.failed().len()), (10, 0));
    let ids: Vec<&str> = answer.successful().iter().filter_map(|entry| entry.message_id()).collect();
    let mut seen = Vec::new();
    while seen.len() < 10 {
        seen.extend(
            messages_after(&cloud, seen.len() as u64).await.iter().map(|received| text(received, "message_id")),
        );
    }
    seen.sort_unstable();
    let mut expected = ids.clone();
    expected.sort_unstable();
    assert_eq!(seen, expected);

    let code = |result| fault::<_, _>(result).0;
    assert_eq!(
        code(batch((0..11).map(|number| entry(&number.to_string(), "m")).collect()).await),
        "TooManyEntriesInBatchRequest"
    );
    assert_eq!(code(batch(vec![entry("1", "m"), entry("1", "m")]).await), "BatchEntryIdsNotDistinct");
    assert_eq!(code(batch(vec![]).await), "EmptyBatchRequest");
    let dotted = fault(batch(vec![entry("message.id", "m")]).await);
    let message = "The Id of a batch entry in the batch request contains an impermissible character: message.id";
    assert_eq!(dotted, ("InvalidBatchEntryId".to_owned(), message.to_owned()));
    let long = "a".repeat(81);
    let message = format!("The Id of a batch entry in the batch request is too long: {long}");
    assert_eq!(fault(batch(vec![entry(&long, "m")]).await).1, message);
    let half = "m".repeat(131_073);
    let message = "The length of all the messages put together is more than the limit.";
    let expected = ("BatchRequestTooLong".to_owned(), message.to_owned());
    assert_eq!(fault(batch(vec![entry("1", &half), entry("2", &half)]).await), expected);
    let structured = PublishBatchRequestEntry::builder().id("1").message("{}").message_structure("json").build();
    let broken = batch(vec![entry("2", "m"), structured.expect("an entry")]).await;
    assert_invalid(broken, "Message Structure - No default entry in JSON message body");
}

#[tokio::test]
async fn each_protocol_gets_its_own_text_and_filters_its_own_messages() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let policy = r#"{"type":["image"],"size":[{"numeric":[">=",100]}],"tags":["cat"]}"#;
    let filtered = subscribe(&client, &arn, "sms", "+15550000001").attributes("FilterPolicy", policy);
    filtered.send().await.expect("subscribed");
    subscribe(&client, &arn, "sms", "+15550000002").send().await.expect("subscribed");
    let by_body = subscribe(&client, &arn, "sms", "+15550000003")
        .attributes("FilterPolicy", r#"{"data":{"key":[{"suffix":".png"}]}}"#)
        .attributes("FilterPolicyScope", "MessageBody");
    by_body.send().await.expect("subscribed");

    let attribute = |data_type: &str, value: &str| {
        MessageAttributeValue::builder().data_type(data_type).string_value(value).build().expect("an attribute")
    };
    let publish = async |message: &str, size: &str| {
        let binary = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([2, 3, 4])).build();
        let call = client.publish().topic_arn(&arn).message(message).message_structure("json");
        let call = call.message_attributes("type", attribute("String", "image"));
        let call = call.message_attributes("size", attribute("Number", size));
        let call = call.message_attributes("tags", attribute("String.Array", r#"["dog","cat",null,true]"#));
        call.message_attributes("blob", binary.expect("built")).send().await.expect("published");
    };
    let receivers = async |after: u64, count: usize| {
        let mut messages = Vec::new();
        while messages.len() < count {
            messages.extend(messages_after(&cloud, after + messages.len() as u64).await);
        }
        let mut seen: Vec<(String, String)> =
            messages.iter().map(|received| (text(received, "to"), text(received, "body"))).collect();
        seen.sort();
        seen
    };
    let pair = |to: &str, body: &str| (to.to_owned(), body.to_owned());
    publish(r#"{"default":"d","sms":"{\"data\":{\"key\":\"a.png\"}}"}"#, "1e2").await;
    let body = r#"{"data":{"key":"a.png"}}"#;
    let all = [pair("+15550000001", body), pair("+15550000002", body), pair("+15550000003", body)];
    assert_eq!(receivers(0, 3).await, all);
    publish(r#"{"default":"d"}"#, "99.9").await;
    publish(r#"{"default":"e"}"#, "100").await;
    let some = [pair("+15550000001", "e"), pair("+15550000002", "d"), pair("+15550000002", "e")];
    assert_eq!(receivers(3, 3).await, some);
}

#[tokio::test]
async fn text_messages_go_to_the_inbox() {
    let (cloud, client) = start().await;
    let id = client.publish().phone_number("+15551234567").message("hello").send().await.expect("published").message_id;
    let received = messages_after(&cloud, 0).await.remove(0);
    assert_eq!(received["message_id"], id.expect("an id").as_str());
    let seen = ["protocol", "to", "body", "topic_arn"].map(|member| text(&received, member));
    assert_eq!(seen, ["sms", "+15551234567", "hello", ""]);
    assert!(received["subject"].is_null());

    let get = async |name: Option<&str>| {
        let call = client.get_sms_attributes().set_attributes(name.map(|name| vec![name.to_owned()]));
        call.send().await.expect("attributes").attributes.expect("a map")
    };
    assert_eq!(get(None).await, HashMap::from([("MonthlySpendLimit".to_owned(), "1".to_owned())]));
    let set = async |name: &str, value: &str| client.set_sms_attributes().attributes(name, value).send().await;
    set("DefaultSenderID", "LSTest").await.expect("set");
    assert_eq!(get(Some("DefaultSenderID")).await["DefaultSenderID"], "LSTest");
    for (name, value, message) in [
        ("InvalidAttribute", "x", "InvalidAttribute is not a valid attribute"),
        ("DefaultSenderID", "waytoolongID", "DefaultSendID is not a valid attribute"),
        ("DefaultSenderID", "111", "DefaultSendID is not a valid attribute"),
        ("DefaultSMSType", "Invalid", "DefaultSMSType is invalid"),
    ] {
        assert_eq!(fault(set(name, value).await).1, message);
    }
}

/// A subscriber over HTTP that answers with these statuses in turn, then always with 200.
async fn subscriber(statuses: &[u16]) -> (String, mpsc::UnboundedReceiver<(HeaderMap, String)>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let statuses = Arc::new(Mutex::new(statuses.iter().rev().copied().collect::<Vec<u16>>()));
    let app = axum::Router::new().fallback(move |request: Request| {
        let (sender, statuses) = (sender.clone(), Arc::clone(&statuses));
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            sender.send((head.headers, String::from_utf8(body.to_vec()).expect("text"))).expect("the test listens");
            let status = statuses.lock().expect("no panic").pop().unwrap_or(200);
            StatusCode::from_u16(status).expect("a status").into_response()
        }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook?x=1", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, receiver)
}

async fn next<T>(receiver: &mut mpsc::UnboundedReceiver<T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), receiver.recv()).await.expect("in time").expect("something")
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn an_http_endpoint_confirms_receives_and_is_tried_again() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    // The confirmation, three failed attempts and a success, then a refusal that is final.
    let (url, mut posts) = subscriber(&[200, 500, 429, 503, 200, 404]).await;
    let answer = subscribe(&client, &arn, "http", &url).send().await.expect("subscribed");
    assert_eq!(answer.subscription_arn(), Some("pending confirmation"));
    let (headers, body) = next(&mut posts).await;
    let question: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(header(&headers, "x-amz-sns-message-type"), "SubscriptionConfirmation");
    assert_eq!(header(&headers, "x-amz-sns-message-id"), question["MessageId"].as_str().expect("an id"));
    assert_eq!(header(&headers, "x-amz-sns-topic-arn"), arn);
    assert!(!headers.contains_key("x-amz-sns-subscription-arn"));
    assert_eq!(header(&headers, "content-type"), "text/plain; charset=UTF-8");
    assert_eq!(header(&headers, "user-agent"), "Amazon Simple Notification Service Agent");
    let asked = format!(
        "You have chosen to subscribe to the topic {arn}.\nTo confirm the subscription, visit the SubscribeURL included \
         in this message."
    );
    assert_eq!(question["Message"], asked.as_str());
    let members: Vec<&String> = question.as_object().expect("an object").keys().collect();
    let expected = [
        "Message",
        "MessageId",
        "Signature",
        "SignatureVersion",
        "SigningCertURL",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ];
    assert_eq!(members, expected);
    let (status, confirmed) = fetch(question["SubscribeURL"].as_str().expect("a link"), None).await;
    assert_eq!(status, StatusCode::OK);
    let subscription =
        confirmed.split("<SubscriptionArn>").nth(1).and_then(|rest| rest.split('<').next()).expect("an ARN").to_owned();

    let attribute = MessageAttributeValue::builder().data_type("Number").string_value("1").build().expect("built");
    let call = client.publish().topic_arn(&arn).message("a cat").subject("S").message_attributes("attr1", attribute);
    let id = call.send().await.expect("published").message_id.expect("an id");
    let mut bodies = Vec::new();
    for _ in 0..4 {
        let (headers, body) = next(&mut posts).await;
        assert_eq!(header(&headers, "x-amz-sns-message-type"), "Notification");
        assert_eq!(header(&headers, "x-amz-sns-message-id"), id, "retries keep the id");
        assert_eq!(header(&headers, "x-amz-sns-subscription-arn"), subscription);
        assert!(!headers.contains_key("x-amz-sns-rawdelivery"));
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    let order = [
        "Type",
        "MessageId",
        "TopicArn",
        "Subject",
        "Message",
        "Timestamp",
        "SignatureVersion",
        "Signature",
        "SigningCertURL",
        "UnsubscribeURL",
        "MessageAttributes",
    ];
    let places: Vec<usize> =
        order.iter().map(|name| bodies[0].find(&format!("  \"{name}\" : ")).expect(name)).collect();
    assert!(places.is_sorted(), "{}", bodies[0]);
    let notification: Value = serde_json::from_str(&bodies[0]).expect("JSON");
    assert_eq!(notification["MessageAttributes"], json!({"attr1": {"Type": "Number", "Value": "1"}}));
    assert_eq!((&notification["Message"], &notification["Subject"]), (&json!("a cat"), &json!("S")));

    let set = client.set_subscription_attributes().subscription_arn(&subscription);
    set.attribute_name("RawMessageDelivery").attribute_value("true").send().await.expect("set");
    client.publish().topic_arn(&arn).message("refused").send().await.expect("published");
    let (headers, body) = next(&mut posts).await;
    assert_eq!((body.as_str(), header(&headers, "x-amz-sns-rawdelivery").as_str()), ("refused", "true"));
    // A refusal is not tried again: the next thing to come is the next message.
    client.publish().topic_arn(&arn).message("after").send().await.expect("published");
    assert_eq!(next(&mut posts).await.1, "after");

    assert_eq!(fetch(notification["UnsubscribeURL"].as_str().expect("a link"), None).await.0, StatusCode::OK);
    let (headers, body) = next(&mut posts).await;
    assert_eq!(header(&headers, "x-amz-sns-message-type"), "UnsubscribeConfirmation");
    assert_eq!(header(&headers, "x-amz-sns-subscription-arn"), subscription);
    let farewell: Value = serde_json::from_str(&body).expect("JSON");
    assert!(farewell["Message"].as_str().expect("text").starts_with("You have chosen to deactivate subscription"));
    assert_eq!(fetch(farewell["SubscribeURL"].as_str().expect("a link"), None).await.0, StatusCode::OK);
    assert_eq!(attributes(&client, &subscription).await["PendingConfirmation"], "false");
    cloud.stop().await;
}

#[tokio::test]
async fn a_stopped_cloud_does_not_wait_for_the_next_attempt() {
    let mut options = options();
    options.http_retry_delay = Duration::from_hours(1);
    let (cloud, client) = start_with(options).await;
    let arn = topic(&client, "images").await;
    let (url, mut posts) = subscriber(&[500]).await;
    subscribe(&client, &arn, "http", &url).send().await.expect("subscribed");
    next(&mut posts).await;
    assert_eq!(cloud.stop().await, 0, "stopping ends the wait");
}

/// A listener that nothing is to connect to, and its port.
async fn untouched(address: &str) -> (TcpListener, u16) {
    let listener = TcpListener::bind((address, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

async fn is_untouched(listener: &TcpListener) -> bool {
    let accepted = std::future::poll_fn(|context| std::task::Poll::Ready(listener.poll_accept(context))).await;
    accepted.is_pending()
}

#[tokio::test]
async fn no_message_leaves_the_machine_unless_the_user_lets_it() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    // Every address of this machine leads to it, and only loopback addresses may be used.
    let (elsewhere, port) = untouched("0.0.0.0").await;
    let far = [
        format!("http://0.0.0.0:{port}/"),
        format!("http://[::]:{port}/"),
        format!("http://0:{port}/"),
        "http://192.0.2.1/hook".to_owned(),
        "http://[::ffff:192.0.2.1]/hook".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://3221225985/".to_owned(),
        "http://0300.0.2.1/".to_owned(),
        "http://127.0.0.1@192.0.2.1/".to_owned(),
        "https://192.0.2.1/".to_owned(),
        "http://no-such-name.invalid/".to_owned(),
    ];
    for endpoint in &far {
        let protocol = if endpoint.starts_with("https") { "https" } else { "http" };
        let (code, message) = fault(subscribe(&client, &arn, protocol, endpoint).send().await);
        assert_eq!(code, "InvalidParameter");
        assert!(message.starts_with("Invalid parameter: Endpoint Reason: "), "{message}");
        assert!(message.contains("--allow-outbound"), "{endpoint}: {message}");
    }
    let listed = client.list_subscriptions_by_topic().topic_arn(&arn).send().await.expect("a list");
    assert_eq!(listed.subscriptions().len(), 0, "what is refused is not subscribed");
    assert!(is_untouched(&elsewhere).await);

    let (url, mut posts) = subscriber(&[]).await;
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let endpoint = url.replace("127.0.0.1", host);
        subscribe(&client, &arn, "http", &endpoint).send().await.expect(host);
        next(&mut posts).await;
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_user_lets_messages_leave_the_machine() {
    let (cloud, client) = start_with(Options { allow_outbound: true, ..options() }).await;
    let arn = topic(&client, "images").await;
    let (url, mut posts) = subscriber(&[]).await;
    // On most systems this leads to the machine itself; where it does not, it is subscribed all the same.
    let endpoint = url.replace("127.0.0.1", "0.0.0.0");
    subscribe(&client, &arn, "http", &endpoint).send().await.expect("subscribed");
    subscribe(&client, &arn, "https", "https://192.0.2.1/").send().await.expect("subscribed");
    #[cfg(target_os = "linux")]
    next(&mut posts).await;
    #[cfg(not(target_os = "linux"))]
    drop(posts);
    cloud.stop().await;
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "images").await;
    let (elsewhere, port) = untouched("127.0.0.1").await;
    let (sender, mut asked) = mpsc::unbounded_channel();
    let app = axum::Router::new().fallback(move |_: Request| {
        sender.send(()).expect("the test listens");
        async move { (StatusCode::TEMPORARY_REDIRECT, [("location", format!("http://127.0.0.1:{port}/"))]) }
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    subscribe(&client, &arn, "http", &url).send().await.expect("subscribed");
    next(&mut asked).await;
    assert_eq!(cloud.stop().await, 0, "the delivery has ended");
    assert!(is_untouched(&elsewhere).await);
}

/// A mail server that takes everything, and gives each mail as it was sent.
async fn mail_server() -> (String, mpsc::UnboundedReceiver<String>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("smtp://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let (reader, mut writer) = stream.into_split();
                let mut lines = BufReader::new(reader).lines();
                let mut mail: Option<String> = None;
                writer.write_all(b"220 sink\r\n").await.expect("written");
                while let Ok(Some(line)) = lines.next_line().await {
                    let reply = match (&mut mail, line.as_str()) {
                        (Some(text), ".") => {
                            sender.send(std::mem::take(text)).expect("the test listens");
                            mail = None;
                            "250 taken"
                        }
                        (Some(text), line) => {
                            text.push_str(line);
                            text.push('\n');
                            continue;
                        }
                        (None, "DATA") => {
                            mail = Some(String::new());
                            "354 go on"
                        }
                        (None, "QUIT") => "221 bye",
                        (None, line) if line.contains("refused@") => "550 nobody here",
                        (None, _) => "250 ok",
                    };
                    writer.write_all(format!("{reply}\r\n").as_bytes()).await.expect("written");
                }
            });
        }
    });
    (url, receiver)
}

#[tokio::test]
async fn mails_also_go_out_over_smtp() {
    let (url, mut mails) = mail_server().await;
    let mut options = options();
    options.smtp = Some(url);
    let (cloud, client) = start_with(options).await;
    let arn = topic(&client, "images").await;
    let set = client.set_topic_attributes().topic_arn(&arn).attribute_name("DisplayName").attribute_value("Cats");
    set.send().await.expect("set");
    subscribe(&client, &arn, "email", "ann@example.com").send().await.expect("subscribed");
    let mail = next(&mut mails).await;
    assert!(mail.contains("To: ann@example.com"), "{mail}");
    assert!(mail.contains("Subject: AWS Notification - Subscription Confirmation"), "{mail}");
    let link = text(&messages_after(&cloud, 0).await[0], "confirm_url");
    assert_eq!(fetch(&link, None).await.0, StatusCode::OK);
    client.publish().topic_arn(&arn).message("a cat").subject("New image").send().await.expect("published");
    let mail = next(&mut mails).await;
    assert!(mail.contains("Subject: New image") && mail.contains("\na cat\n"), "{mail}");
    assert!(mail.contains("From: \"Cats\" <no-reply@sns.localhost>") || mail.contains("From: Cats <"), "{mail}");

    // A mail that the server refuses is still in the inbox, with the reason.
    subscribe(&client, &arn, "email", "refused@example.com").send().await.expect("subscribed");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        let messages = messages_after(&cloud, 2).await;
        assert_eq!(text(&messages[0], "to"), "refused@example.com");
        if text(&messages[0], "smtp_error").contains("550") {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "no reason came: {messages:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_wrong_smtp_address_stops_the_start() {
    for url in ["127.0.0.1:1025", "http://127.0.0.1", "smtp://"] {
        let mut options = options();
        options.smtp = Some(url.to_owned());
        let error = LocalCloud::start(options).await.err().expect(url);
        assert!(matches!(error, StartError::Smtp { .. }), "{error}");
    }
}

#[tokio::test]
async fn the_inbox_waits_for_messages_and_for_the_end() {
    let (cloud, client) = start().await;
    let inbox = format!("{}/_imgwatch/inbox", cloud.endpoint());
    let (status, body) = fetch(&inbox, None).await;
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!((status, &body["messages"]), (StatusCode::OK, &serde_json::json!([])));
    assert!(body["inbox"].as_str().is_some_and(|name| !name.is_empty()), "{body}");
    assert_eq!(fetch(&format!("{inbox}?after=x"), None).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(fetch(&inbox, Some(&[])).await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(fetch(&format!("{}/_imgwatch/nothing", cloud.endpoint()), None).await.0, StatusCode::NOT_FOUND);
    let (messages, _) = tokio::join!(messages_after(&cloud, 0), async {
        client.publish().phone_number("+15551234567").message("hello").send().await.expect("published")
    });
    assert_eq!(messages[0]["number"], 1);
    let url = format!("{inbox}?after=1&wait=60");
    let waiting = tokio::spawn(async move { fetch(&url, None).await });
    assert_eq!(cloud.stop().await, 0, "a waiting reader does not hold the end up");
    drop(waiting);
}

#[tokio::test]
async fn s3_publishes_only_where_the_topics_policy_lets_it() {
    let (cloud, client) = start().await;
    let (sqs, http) = (
        client!(aws_sdk_sqs, cloud.endpoint()),
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()),
    );
    let http = http.build_http();
    let arn = topic(&client, "events").await;
    let (url, queue_arn) = queue(&sqs, "all", &arn).await;
    let call = subscribe(&client, &arn, "sqs", &queue_arn).attributes("RawMessageDelivery", "true");
    call.send().await.expect("subscribed");
    let put = async |path: &str, body: String| {
        let request = http::Request::put(format!("{}{path}", cloud.endpoint())).body(Full::new(Bytes::from(body)));
        let response = http.request(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    put("/photos", String::new()).await;
    let configuration = format!(
        "<NotificationConfiguration><TopicConfiguration><Topic>{arn}</Topic><Event>s3:ObjectCreated:*</Event>\
         </TopicConfiguration></NotificationConfiguration>"
    );
    let configure = async || put("/photos?notification", configuration.clone()).await;
    let allow = async |bucket: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "SNS:Publish",
            "Resource": arn, "Condition": {"ArnLike": {"aws:SourceArn": format!("arn:aws:s3:::{bucket}")}},
        }]});
        let set = client.set_topic_attributes().topic_arn(&arn).attribute_name("Policy");
        set.attribute_value(policy.to_string()).send().await.expect("set");
    };
    let refusal = "Permissions on the destination topic do not allow S3 to publish notifications from this bucket";
    let (status, body) = configure().await;
    assert!(status == StatusCode::BAD_REQUEST && body.contains(refusal), "{body}");
    allow("others").await;
    assert!(configure().await.1.contains(refusal));
    allow("photos").await;
    let (status, body) = configure().await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let next =
        async || -> Value { serde_json::from_str(&receive(&sqs, &url).await.body.expect("a body")).expect("JSON") };
    assert_eq!(next().await["Event"], "s3:TestEvent");
    // What the policy no longer allows is not sent; what it allows again is.
    allow("others").await;
    put("/photos/lost.png", "x".to_owned()).await;
    allow("photos").await;
    put("/photos/told.png", "x".to_owned()).await;
    assert_eq!(next().await["Records"][0]["s3"]["object"]["key"], "told.png");
}

#[tokio::test]
async fn sts_names_the_account() {
    let (cloud, _) = start().await;
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let ask = async |action: &str| {
        let request = http::Request::post(cloud.endpoint())
            .header("authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sts/aws4_request")
            .body(Full::new(Bytes::from(format!("Action={action}&Version=2011-06-15"))));
        let response = client.request(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8(body.to_vec()).expect("text"))
    };
    let (status, body) = ask("GetCallerIdentity").await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("<GetCallerIdentityResult><Arn>arn:aws:iam::000000000000:root</Arn>"), "{body}");
    assert!(body.contains("<Account>000000000000</Account>"), "{body}");
    let (status, body) = ask("AssumeRole").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(body.contains("<Code>InvalidAction</Code>"), "{body}");
}

#[tokio::test]
async fn a_queue_gets_the_envelope_or_the_raw_message() {
    let (cloud, client) = start().await;
    let sqs = client!(aws_sdk_sqs, cloud.endpoint());
    let arn = topic(&client, "images").await;
    let (wrapped_url, wrapped) = queue(&sqs, "wrapped", &arn).await;
    let (raw_url, raw) = queue(&sqs, "raw", &arn).await;
    let made = subscribe(&client, &arn, "sqs", &wrapped).send().await.expect("subscribed");
    let subscription = made.subscription_arn.expect("an ARN");
    let call = subscribe(&client, &arn, "sqs", &raw).attributes("RawMessageDelivery", "true");
    call.send().await.expect("subscribed");

    let trace = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let number = MessageAttributeValue::builder().data_type("Number").string_value("99.12").build().expect("built");
    let binary = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([2, 3, 4])).build();
    let call = client.publish().topic_arn(&arn).message("ö§a1\"_!?,. £$-").subject("S");
    let call = call.message_attributes("attr1", number).message_attributes("attr2", binary.expect("built"));
    let call = call.customize().mutate_request(move |request| {
        request.headers_mut().insert("x-amzn-trace-id", trace);
    });
    let id = call.send().await.expect("published").message_id.expect("an id");

    let message = receive(&sqs, &wrapped_url).await;
    assert!(message.message_attributes().is_none_or(HashMap::is_empty));
    let system = message.attributes().expect("system attributes");
    let header = system.get(&aws_sdk_sqs::types::MessageSystemAttributeName::AwsTraceHeader);
    assert_eq!(header.map(String::as_str), Some(trace));
    let mut body: Value = serde_json::from_str(message.body().expect("a body")).expect("JSON");
    for name in ["Timestamp", "Signature", "SigningCertURL"] {
        assert!(body[name].take().is_string(), "{name}");
    }
    let expected = json!({
        "Type": "Notification",
        "MessageId": id,
        "TopicArn": arn,
        "Subject": "S",
        "Message": "ö§a1\"_!?,. £$-",
        "Timestamp": null,
        "SignatureVersion": "1",
        "Signature": null,
        "SigningCertURL": null,
        "UnsubscribeURL": format!("{}/?Action=Unsubscribe&SubscriptionArn={subscription}", cloud.endpoint()),
        "MessageAttributes": {
            "attr1": {"Type": "Number", "Value": "99.12"},
            "attr2": {"Type": "Binary", "Value": "AgME"},
        },
    });
    assert_eq!(body, expected);

    let message = receive(&sqs, &raw_url).await;
    assert_eq!(message.body(), Some("ö§a1\"_!?,. £$-"));
    let attributes = message.message_attributes().expect("attributes");
    assert_eq!(attributes["attr1"].string_value(), Some("99.12"));
    assert_eq!(attributes["attr2"].binary_value().map(AsRef::as_ref), Some([2_u8, 3, 4].as_slice()));
}

#[tokio::test]
async fn what_cannot_be_delivered_goes_to_the_dead_letter_queue_and_is_logged() {
    let (cloud, client) = start().await;
    let (sqs, logs) = (client!(aws_sdk_sqs, cloud.endpoint()), client!(aws_sdk_cloudwatchlogs, cloud.endpoint()));
    let arn = topic(&client, "images").await;
    let (dead_url, dead) = queue(&sqs, "dead", &arn).await;
    let (audit_url, audit) = queue(&sqs, "audit", &arn).await;
    let set = async |name: &str, value: &str| {
        let call = client.set_topic_attributes().topic_arn(&arn).attribute_name(name).attribute_value(value);
        call.send().await.expect(name);
    };
    // Nothing is logged before the attributes are set.
    subscribe(&client, &arn, "sqs", &audit).send().await.expect("subscribed");
    client.publish().topic_arn(&arn).message("unseen").send().await.expect("published");
    receive(&sqs, &audit_url).await;
    for protocol in ["SQS", "HTTP", "Lambda"] {
        set(&format!("{protocol}SuccessFeedbackRoleArn"), "arn:aws:iam::000000000000:role/delivery-status").await;
        set(&format!("{protocol}SuccessFeedbackSampleRate"), "100").await;
        set(&format!("{protocol}FailureFeedbackRoleArn"), "arn:aws:iam::000000000000:role/delivery-status").await;
    }
    let redrive = json!({"deadLetterTargetArn": dead}).to_string();
    let nowhere = format!("arn:aws:sqs:us-east-1:{ACCOUNT}:nowhere");
    let call = subscribe(&client, &arn, "sqs", &nowhere).attributes("RedrivePolicy", &redrive);
    call.send().await.expect("subscribed");
    let nothing = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:nothing");
    subscribe(&client, &arn, "lambda", &nothing).send().await.expect("subscribed");
    let id = client.publish().topic_arn(&arn).message("a cat").send().await.expect("published").message_id;
    let id = id.expect("an id");

    let message = receive(&sqs, &dead_url).await;
    let body: Value = serde_json::from_str(message.body().expect("a body")).expect("JSON");
    assert_eq!((&body["MessageId"], &body["Message"]), (&json!(id), &json!("a cat")));

    let arrived = receive(&sqs, &audit_url).await;
    let group = format!("sns/us-east-1/{ACCOUNT}/images");
    let mut line = events(&logs, &group, 1).await.remove(0);
    let response: Value =
        serde_json::from_str(line["delivery"]["providerResponse"].as_str().expect("text")).expect("JSON");
    assert_eq!(response["sqsMessageId"].as_str(), arrived.message_id());
    assert!(response["sqsRequestId"].is_string());
    assert!(line["delivery"]["dwellTimeMs"].take().is_u64() && line["delivery"]["deliveryId"].take().is_string());
    let time = line["notification"]["timestamp"].take();
    let time = time.as_str().expect("text");
    assert!(time.len() == 23 && time.as_bytes()[10] == b' ' && !time.contains('Z'), "{time}");
    line["delivery"]["providerResponse"].take();
    let expected = json!({
        "notification": {"messageMD5Sum": "c1d0e44b09d5ac52f90f463fe410fc88", "messageId": id, "topicArn": arn, "timestamp": null},
        "delivery": {"deliveryId": null, "destination": audit, "providerResponse": null, "dwellTimeMs": null, "attempts": 1, "statusCode": 200},
        "status": "SUCCESS",
    });
    assert_eq!(line, expected);

    let failures = events(&logs, &format!("{group}/Failure"), 2).await;
    let failed = |destination: &str| {
        let line = failures.iter().find(|line| line["delivery"]["destination"] == destination).expect(destination);
        assert_eq!((&line["status"], &line["notification"]["messageId"]), (&json!("FAILURE"), &json!(id)));
        let response = line["delivery"]["providerResponse"].as_str().expect("text");
        let response: Value = serde_json::from_str(response).expect("JSON");
        (line["delivery"]["statusCode"].clone(), text(&response, "ErrorCode"))
    };
    assert_eq!(failed(&nowhere), (json!(400), "AWS.SimpleQueueService.NonExistentQueue".to_owned()));
    assert_eq!(failed(&nothing).0, json!(403));
}

#[tokio::test]
async fn http_delivery_statuses_count_attempts_and_email_has_none() {
    let (cloud, client) = start().await;
    let logs = client!(aws_sdk_cloudwatchlogs, cloud.endpoint());
    let arn = topic(&client, "images").await;
    for name in ["HTTPSuccessFeedbackRoleArn", "HTTPFailureFeedbackRoleArn"] {
        let call = client.set_topic_attributes().topic_arn(&arn).attribute_name(name);
        call.attribute_value("arn:aws:iam::000000000000:role/delivery-status").send().await.expect(name);
    }
    let (url, mut posts) = subscriber(&[200, 500, 200, 500, 500, 500, 500]).await;
    subscribe(&client, &arn, "http", &url).send().await.expect("subscribed");
    let question: Value = serde_json::from_str(&next(&mut posts).await.1).expect("JSON");
    fetch(question["SubscribeURL"].as_str().expect("a link"), None).await;
    subscribe(&client, &arn, "email", "ann@example.com").send().await.expect("subscribed");
    fetch(&text(&messages_after(&cloud, 0).await[0], "confirm_url"), None).await;

    let group = format!("sns/us-east-1/{ACCOUNT}/images");
    client.publish().topic_arn(&arn).message("first").send().await.expect("published");
    let line = events(&logs, &group, 1).await.remove(0);
    let seen = ["attempts", "statusCode", "providerResponse", "destination"].map(|name| line["delivery"][name].clone());
    assert_eq!(seen, [json!(2), json!(200), json!("OK"), json!(url)]);
    client.publish().topic_arn(&arn).message("second").send().await.expect("published");
    let line = events(&logs, &format!("{group}/Failure"), 1).await.remove(0);
    let seen = ["attempts", "statusCode"].map(|name| line["delivery"][name].clone());
    assert_eq!((seen, &line["status"]), ([json!(4), json!(500)], &json!("FAILURE")));
    // Both mails have long arrived; whatever would be logged of them is.
    assert_eq!(messages_after(&cloud, 1).await.len(), 2);
    assert_eq!(events(&logs, &group, 1).await.len(), 1);
}

#[tokio::test]
async fn only_queues_and_web_servers_get_raw_messages() {
    let (cloud, client) = start().await;
    let arn = topic(&client, "raw").await;
    for (protocol, endpoint) in [
        ("email", "ann@example.com"),
        ("sms", "+15551234567"),
        ("lambda", "arn:aws:lambda:us-east-1:000000000000:function:f"),
    ] {
        let subscription = subscribe(&client, &arn, protocol, endpoint).return_subscription_arn(true).send().await;
        let subscription = subscription.expect("subscribed").subscription_arn.expect("an ARN");
        let message = format!("Delivery protocol [{protocol}] does not support raw message delivery.");
        // AWS refuses the attribute, whatever its value.
        for value in ["true", "false"] {
            let call = subscribe(&client, &arn, protocol, "other@example.com").endpoint(endpoint);
            let call = call.attributes("RawMessageDelivery", value).send().await;
            assert_invalid(call, &format!("Attributes Reason: {message}"));
            let set = client.set_subscription_attributes().subscription_arn(&subscription);
            let set = set.attribute_name("RawMessageDelivery").attribute_value(value).send().await;
            assert_invalid(set, &message);
        }
    }
    cloud.stop().await;
}

/// As recorded in `test_create_duplicate_topic_check_idempotency`, `test_create_topic_different_attrs`,
/// `test_subscribe_idempotency` and `test_message_attributes_prefixes`.
#[tokio::test]
async fn what_exists_is_created_again_as_far_as_nothing_differs() {
    let (cloud, client) = start().await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().expect("a tag");
    let create = |tags: Vec<Tag>| client.create_topic().name("twice").set_tags(Some(tags)).send();
    let arn = create(vec![tag("a", "1"), tag("b", "2")]).await.expect("a topic").topic_arn.expect("an ARN");
    for same in [vec![], vec![tag("a", "1")]] {
        assert_eq!(create(same).await.expect("the topic").topic_arn(), Some(arn.as_str()));
    }
    for other in [tag("a", "2"), tag("c", "3")] {
        assert_invalid(create(vec![other]).await, "Tags Reason: Topic already exists with different tags");
    }
    client.create_topic().name("twice").attributes("FifoTopic", "false").send().await.expect("the topic");

    let queue = "arn:aws:sqs:us-east-1:000000000000:q";
    let with = |scope: &str| subscribe(&client, &arn, "sqs", queue).attributes("FilterPolicyScope", scope).send();
    let subscription = subscribe(&client, &arn, "sqs", queue).send().await.expect("subscribed");
    let same = with("MessageAttributes").await.expect("the default scope");
    assert_eq!(same.subscription_arn(), subscription.subscription_arn());
    let message = "Attributes Reason: Subscription already exists with different attributes";
    assert_invalid(with("MessageBody").await, message);
    let subscription = subscription.subscription_arn().expect("an ARN");
    let set = client.set_subscription_attributes().subscription_arn(subscription).attribute_name("FilterPolicyScope");
    set.attribute_value("MessageBody").send().await.expect("set");
    assert!(!attributes(&client, subscription).await.contains_key("FilterPolicyScope"), "there is no policy");

    for (data_type, is_valid) in [("String.", false), ("Stringprefixed", false), ("String.  prefixed.", true)] {
        let value = MessageAttributeValue::builder().data_type(data_type).string_value("v").build().expect("a value");
        let call = client.publish().topic_arn(&arn).message("m").message_attributes("attr1", value);
        assert_eq!(call.send().await.is_ok(), is_valid, "{data_type}");
    }
    cloud.stop().await;
}
