//! SQS as its SDK uses it, over TCP.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[macro_use]
mod support;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageAttributeValue,
    MessageSystemAttributeName, QueueAttributeName, SendMessageBatchRequestEntry,
};
use imgwatch_local::LocalCloud;
use support::without_function;

async fn cloud() -> (LocalCloud, Client) {
    let cloud = LocalCloud::start(without_function()).await.unwrap();
    let client = client!(aws_sdk_sqs, cloud.endpoint());
    (cloud, client)
}

async fn queue(client: &Client, name: &str) -> String {
    client.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap()
}

async fn attribute(client: &Client, url: &str, name: QueueAttributeName) -> String {
    let output = client.get_queue_attributes().queue_url(url).attribute_names(name.clone()).send().await.unwrap();
    output.attributes.unwrap_or_default().remove(&name).unwrap_or_default()
}

#[tokio::test]
async fn queues_are_made_found_listed_and_deleted() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "work").await;
    assert_eq!(url, format!("{}/000000000000/work", cloud.endpoint()));
    assert_eq!(queue(&client, "work").await, url, "the same attributes again are no conflict");
    assert_eq!(client.get_queue_url().queue_name("work").send().await.unwrap().queue_url(), Some(url.as_str()));
    let conflict =
        client.create_queue().queue_name("work").attributes(QueueAttributeName::VisibilityTimeout, "7").send().await;
    let conflict = conflict.unwrap_err();
    assert_eq!(conflict.code(), Some("QueueAlreadyExists"));
    assert_eq!(
        conflict.message(),
        Some("A queue already exists with the same name and a different value for attribute VisibilityTimeout")
    );
    assert!(conflict.into_service_error().is_queue_name_exists());

    for name in ["pages-1", "pages-2", "pages-3"] {
        queue(&client, name).await;
    }
    let pages = client.list_queues().queue_name_prefix("pages-").max_results(2).into_paginator().items().send();
    let urls: Vec<_> = pages.try_collect().await.unwrap();
    assert_eq!(urls.len(), 3);

    client.delete_queue().queue_url(&url).send().await.unwrap();
    let gone = client.get_queue_url().queue_name("work").send().await.unwrap_err();
    assert_eq!(gone.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    assert_eq!(gone.message(), Some("The specified queue does not exist."));
    assert!(gone.into_service_error().is_queue_does_not_exist());
    let soon = client.create_queue().queue_name("work").send().await.unwrap_err().into_service_error();
    assert!(soon.is_queue_deleted_recently());
    cloud.stop().await;
}

#[tokio::test]
async fn attributes_are_set_checked_and_counted() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "counted").await;
    assert_eq!(
        attribute(&client, &url, QueueAttributeName::QueueArn).await,
        "arn:aws:sqs:us-east-1:000000000000:counted"
    );
    assert_eq!(attribute(&client, &url, QueueAttributeName::VisibilityTimeout).await, "30");
    let set = client.set_queue_attributes().queue_url(&url);
    set.clone().attributes(QueueAttributeName::VisibilityTimeout, "45").send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::VisibilityTimeout).await, "45");
    let refused = set.clone().attributes(QueueAttributeName::VisibilityTimeout, "43201").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidAttributeValue"));
    assert_eq!(refused.message(), Some("Invalid value for the parameter VisibilityTimeout."));
    let unknown = set.attributes("Colour".into(), "red").send().await.unwrap_err();
    assert_eq!(unknown.message(), Some("Unknown Attribute Colour."));
    assert!(
        client
            .create_queue()
            .queue_name("a.fifo")
            .send()
            .await
            .unwrap_err()
            .into_service_error()
            .is_unsupported_operation()
    );

    for delay in [0, 0, 900] {
        client.send_message().queue_url(&url).message_body("m").delay_seconds(delay).send().await.unwrap();
    }
    client.receive_message().queue_url(&url).send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessages).await, "1");
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "1");
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessagesDelayed).await, "1");
    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessagesDelayed).await, "0");
    let again = client.purge_queue().queue_url(&url).send().await.unwrap_err();
    assert!(again.into_service_error().is_purge_queue_in_progress());

    client.tag_queue().queue_url(&url).tags("a", "1").tags("b", "2").send().await.unwrap();
    client.untag_queue().queue_url(&url).tag_keys("a").send().await.unwrap();
    let tags = client.list_queue_tags().queue_url(&url).send().await.unwrap().tags;
    assert_eq!(tags, Some(HashMap::from([("b".to_owned(), "2".to_owned())])));
    cloud.stop().await;
}

#[tokio::test]
async fn messages_carry_their_attributes_and_digests() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "digests").await;
    let text =
        |kind: &str, value: &str| MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap();
    let bytes =
        MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([0_u8, 255])).build().unwrap();
    let sent = client
        .send_message()
        .queue_url(&url)
        .message_body("größe 📷")
        .message_attributes("type", text("String", "dev.imgwatch"))
        .message_attributes("size", text("Number", "12"))
        .message_attributes("raw", bytes)
        .customize()
        .mutate_request(|request| {
            request.headers_mut().insert("x-amzn-trace-id", "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Sampled=1");
        })
        .send()
        .await
        .unwrap();
    // Made with Python's hashlib from the algorithm in the developer guide, independently of this implementation.
    assert_eq!(sent.md5_of_message_body(), Some("e79a9f03322a333fd9c2497b750d8eb2"));
    assert_eq!(sent.md5_of_message_attributes(), Some("ead006200d88a79c5e259dec3dcd089f"));

    let receive = client.receive_message().queue_url(&url).visibility_timeout(0);
    let bare = receive.clone().send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(bare.body(), Some("größe 📷"));
    assert_eq!(bare.md5_of_body(), sent.md5_of_message_body());
    assert_eq!((bare.message_id(), bare.md5_of_message_attributes()), (sent.message_id(), None));
    assert!(bare.attributes().is_none() && bare.message_attributes().is_none());

    let full = receive
        .clone()
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .unwrap();
    let full = full.messages.unwrap().remove(0);
    assert_eq!(full.md5_of_message_attributes(), sent.md5_of_message_attributes());
    let attributes = full.message_attributes().unwrap();
    assert_eq!(attributes["raw"].binary_value().unwrap().as_ref(), [0, 255]);
    assert_eq!(attributes["size"].string_value(), Some("12"));
    let system = full.attributes().unwrap();
    assert_eq!(system[&MessageSystemAttributeName::ApproximateReceiveCount], "2");
    assert_eq!(system[&MessageSystemAttributeName::SenderId], "000000000000");
    let trace = &system[&MessageSystemAttributeName::AwsTraceHeader];
    assert_eq!(trace, "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Sampled=1");
    assert!(system[&MessageSystemAttributeName::SentTimestamp].parse::<u64>().unwrap() > 1_700_000_000_000);

    let some = receive.message_attribute_names("si*").send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(some.message_attributes().unwrap().len(), 1);
    assert_eq!(some.md5_of_message_attributes(), Some("12a0729676f0e5c3fce88e40bf2a6bc6"));
    cloud.stop().await;
}

#[tokio::test]
async fn a_send_wakes_a_long_poll_at_once() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "poll").await;
    let waiting = tokio::spawn({
        let receive = client.receive_message().queue_url(&url).wait_time_seconds(20);
        async move { (receive.send().await.unwrap().messages.unwrap_or_default(), Instant::now()) }
    });
    // Two more receivers, so that one message wakes all and goes to one.
    let others: Vec<_> =
        (0..2).map(|_| tokio::spawn(client.receive_message().queue_url(&url).wait_time_seconds(20).send())).collect();
    tokio::task::yield_now().await;
    for body in ["one", "two", "three"] {
        client.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    }
    let sent = Instant::now();
    let (messages, received) = waiting.await.unwrap();
    assert_eq!(messages.len(), 1);
    assert!(received.saturating_duration_since(sent) < Duration::from_secs(10), "it waited for the time-out");
    for other in others {
        assert_eq!(other.await.unwrap().unwrap().messages().len(), 1);
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_delayed_message_and_an_expired_visibility_wake_a_long_poll() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "delayed").await;
    client.send_message().queue_url(&url).message_body("later").delay_seconds(1).send().await.unwrap();
    let receive = client.receive_message().queue_url(&url).wait_time_seconds(20).visibility_timeout(1);
    let begin = Instant::now();
    assert_eq!(receive.clone().send().await.unwrap().messages().len(), 1);
    assert_eq!(receive.send().await.unwrap().messages().len(), 1);
    assert!(begin.elapsed() < Duration::from_secs(20));
    cloud.stop().await;
}

#[tokio::test]
async fn stopping_the_cloud_ends_long_polls() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "stopped").await;
    let begin = Instant::now();
    let waiting = tokio::spawn(client.receive_message().queue_url(&url).wait_time_seconds(20).send());
    // Its answer shows that the cloud is past accepting; the poll may be waiting or may find the door closed.
    client.list_queues().send().await.unwrap();
    cloud.stop().await;
    let _ = waiting.await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn any_receipt_handle_of_a_message_deletes_it() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "receipts").await;
    client.send_message().queue_url(&url).message_body("m").send().await.unwrap();
    let receive = client.receive_message().queue_url(&url).visibility_timeout(0);
    let handle = |output: aws_sdk_sqs::operation::receive_message::ReceiveMessageOutput| {
        output.messages.unwrap().remove(0).receipt_handle.unwrap()
    };
    let old = handle(receive.clone().send().await.unwrap());
    let new = handle(receive.clone().send().await.unwrap());
    assert_ne!(old, new);
    client.delete_message().queue_url(&url).receipt_handle(&old).send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessages).await, "0");
    let invalid = client.delete_message().queue_url(&url).receipt_handle("nonsense").send().await.unwrap_err();
    assert!(invalid.into_service_error().is_receipt_handle_is_invalid());
    cloud.stop().await;
}

#[tokio::test]
async fn batches_report_each_entry() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "batches").await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let send = client.send_message_batch().queue_url(&url);
    let batch = send.clone().entries(entry("a", "one")).entries(entry("b", "")).entries(entry("c", "three"));
    let answer = batch.send().await.unwrap();
    assert_eq!(
        answer.successful().iter().map(aws_sdk_sqs::types::SendMessageBatchResultEntry::id).collect::<Vec<_>>(),
        ["a", "c"]
    );
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("b", "MissingParameter"));
    let twice = send.clone().entries(entry("a", "1")).entries(entry("a", "2")).send().await.unwrap_err();
    assert!(twice.into_service_error().is_batch_entry_ids_not_distinct());
    let many = send.clone().set_entries(Some((0..11).map(|i| entry(&i.to_string(), "m")).collect())).send().await;
    assert!(many.unwrap_err().into_service_error().is_too_many_entries_in_batch_request());
    assert!(send.set_entries(Some(Vec::new())).send().await.unwrap_err().into_service_error().is_empty_batch_request());

    let taken = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
    let handles: Vec<_> = taken.messages().iter().map(|message| message.receipt_handle().unwrap()).collect();
    assert_eq!(handles.len(), 2);
    let hide =
        ChangeMessageVisibilityBatchRequestEntry::builder().id("x").receipt_handle(handles[0]).visibility_timeout(0);
    let hidden = client.change_message_visibility_batch().queue_url(&url).entries(hide.build().unwrap()).send().await;
    assert_eq!(hidden.unwrap().successful().len(), 1);
    let drop = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let dropped = client
        .delete_message_batch()
        .queue_url(&url)
        .entries(drop("x", handles[1]))
        .entries(drop("y", "nonsense"))
        .send()
        .await
        .unwrap();
    assert_eq!((dropped.successful()[0].id(), dropped.failed()[0].code()), ("x", "ReceiptHandleIsInvalid"));
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessages).await, "1");
    cloud.stop().await;
}

#[tokio::test]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue() {
    let (cloud, client) = cloud().await;
    let dead = queue(&client, "dead").await;
    let url = queue(&client, "live").await;
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"2"}"#;
    let set = client.set_queue_attributes().queue_url(&url).attributes(QueueAttributeName::RedrivePolicy, policy);
    set.send().await.unwrap();
    let id = client.send_message().queue_url(&url).message_body("bad").send().await.unwrap().message_id;
    for expected in [1, 1, 0] {
        let received = client.receive_message().queue_url(&url).visibility_timeout(0).send().await.unwrap();
        assert_eq!(received.messages().len(), expected);
    }
    let all = MessageSystemAttributeName::All;
    let received = client.receive_message().queue_url(&dead).message_system_attribute_names(all).send().await.unwrap();
    let message = &received.messages()[0];
    assert_eq!(message.message_id(), id.as_deref());
    let source = &message.attributes().unwrap()[&MessageSystemAttributeName::DeadLetterQueueSourceArn];
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:live");
    cloud.stop().await;
}

#[tokio::test]
async fn bad_parameters_and_unknown_operations_are_refused() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "refusals").await;
    let many = client.receive_message().queue_url(&url).max_number_of_messages(11).send().await.unwrap_err();
    assert_eq!(many.code(), Some("InvalidParameterValue"));
    let large = client.send_message().queue_url(&url).message_body("x".repeat(1_048_577)).send().await.unwrap_err();
    assert_eq!(
        large.message(),
        Some("One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.")
    );
    let control = client.send_message().queue_url(&url).message_body("\u{1}").send().await.unwrap_err();
    assert!(control.into_service_error().is_invalid_message_contents());
    let permission = client.add_permission().queue_url(&url).label("l").aws_account_ids("1").actions("*").send().await;
    assert_eq!(permission.unwrap_err().code(), Some("UnknownOperationException"));
    cloud.stop().await;
}

/// A request of the query protocol: its status and its XML.
async fn ask(cloud: &LocalCloud, path: &str, form: &str) -> (u16, String) {
    let http = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let form = bytes::Bytes::from(format!("Version=2012-11-05&{form}"));
    let request = http::Request::post(format!("{}{path}", cloud.endpoint()))
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(http_body_util::Full::new(form));
    let response = http.request(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/xml");
    let status = response.status().as_u16();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

fn texts<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(open.as_str()).skip(1).map(|rest| rest.split(close.as_str()).next().unwrap()).collect()
}

#[tokio::test]
async fn both_protocols_have_the_same_queues_and_messages() {
    let (cloud, client) = cloud().await;
    let create = "Action=CreateQueue&QueueName=old&Attribute.1.Name=VisibilityTimeout&Attribute.1.Value=7\
                  &Tag.1.Key=team&Tag.1.Value=a%26b";
    let (status, xml) = ask(&cloud, "/", create).await;
    let url = format!("{}/000000000000/old", cloud.endpoint());
    assert_eq!((status, texts(&xml, "QueueUrl")), (200, vec![url.as_str()]));
    assert!(xml.starts_with("<CreateQueueResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">"), "{xml}");
    assert_eq!(attribute(&client, &url, QueueAttributeName::VisibilityTimeout).await, "7");
    let (_, xml) = ask(&cloud, "/000000000000/old", "Action=ListQueueTags").await;
    assert!(xml.contains("<Tag><Key>team</Key><Value>a&amp;b</Value></Tag>"), "{xml}");
    let (_, xml) = ask(&cloud, "/", "Action=ListQueues&QueueNamePrefix=o").await;
    assert_eq!(texts(&xml, "QueueUrl"), [&url]);
    let (_, xml) = ask(&cloud, "/000000000000/old", "Action=GetQueueAttributes&AttributeName.1=QueueArn").await;
    let arn = "<Attribute><Name>QueueArn</Name><Value>arn:aws:sqs:us-east-1:000000000000:old</Value></Attribute>";
    assert!(xml.contains(arn), "{xml}");

    // Older clients send to the queue's address and name it in the form as well.
    let send = format!(
        "Action=SendMessage&QueueUrl={url}&MessageBody=one%0D%3Cb%3E&MessageAttribute.1.Name=n\
         &MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=99.12"
    );
    let (status, xml) = ask(&cloud, "/000000000000/old", &send).await;
    assert_eq!((status, texts(&xml, "MessageId").len()), (200, 1), "{xml}");
    let digest = texts(&xml, "MD5OfMessageAttributes")[0].to_owned();
    let receive = "Action=ReceiveMessage&MaxNumberOfMessages=10&VisibilityTimeout=0&AttributeName.1=All\
                   &MessageAttributeName.1=All";
    let (_, xml) = ask(&cloud, "/000000000000/old", receive).await;
    assert_eq!(texts(&xml, "Body"), ["one&#13;&lt;b&gt;"]);
    assert_eq!(texts(&xml, "MD5OfMessageAttributes"), [&digest]);
    assert!(xml.contains("<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>"), "{xml}");
    let attribute = "<MessageAttribute><Name>n</Name><Value><DataType>Number</DataType>\
                     <StringValue>99.12</StringValue></Value></MessageAttribute>";
    assert!(xml.contains(attribute), "{xml}");
    let received = client.receive_message().queue_url(&url).message_attribute_names("All").send().await.unwrap();
    let message = &received.messages()[0];
    assert_eq!((message.body(), message.md5_of_message_attributes()), (Some("one\r<b>"), Some(digest.as_str())));

    let handle: String = form_urlencoded::byte_serialize(message.receipt_handle().unwrap().as_bytes()).collect();
    let delete = format!(
        "Action=DeleteMessageBatch&DeleteMessageBatchRequestEntry.1.Id=a\
         &DeleteMessageBatchRequestEntry.1.ReceiptHandle={handle}&DeleteMessageBatchRequestEntry.2.Id=b\
         &DeleteMessageBatchRequestEntry.2.ReceiptHandle=none"
    );
    let (status, xml) = ask(&cloud, "/000000000000/old", &delete).await;
    assert_eq!((status, texts(&xml, "DeleteMessageBatchResultEntry")), (200, vec!["<Id>a</Id>"]), "{xml}");
    let failed = texts(&xml, "BatchResultErrorEntry")[0];
    assert_eq!((texts(failed, "Id"), texts(failed, "Code")), (vec!["b"], vec!["ReceiptHandleIsInvalid"]));
    assert_eq!(texts(failed, "SenderFault"), ["true"]);
    let (status, xml) = ask(&cloud, "/000000000000/old", "Action=DeleteQueue").await;
    assert!(status == 200 && !xml.contains("Result"), "{xml}");
    cloud.stop().await;
}

#[tokio::test]
async fn errors_of_the_query_protocol_have_its_form_and_codes() {
    let (cloud, _) = cloud().await;
    for (path, form, code, part) in [
        ("/", "Action=GetQueueUrl&QueueName=none", "AWS.SimpleQueueService.NonExistentQueue", "does not exist"),
        ("/000000000000/none", "Action=ReceiveMessage", "AWS.SimpleQueueService.NonExistentQueue", "does not exist"),
        ("/", "Action=SendMessage&MessageBody=m", "MissingParameter", "must contain the parameter QueueUrl."),
        ("/", "Action=AddPermission", "InvalidAction", "AddPermission"),
        (
            "/000000000000/image-uploads-audit",
            "Action=SendMessage&MessageBody=m&DelaySeconds=901",
            "InvalidParameterValue",
            "DelaySeconds",
        ),
        ("/000000000000/image-uploads-audit", "Action=ReceiveMessage&MaxNumberOfMessages=x", "MalformedInput", "\"x\""),
        (
            "/000000000000/image-uploads-audit",
            "Action=SendMessageBatch",
            "AWS.SimpleQueueService.EmptyBatchRequest",
            "at least one entry",
        ),
    ] {
        let (status, xml) = ask(&cloud, path, form).await;
        assert_eq!((status, texts(&xml, "Code"), texts(&xml, "Type")), (400, vec![code], vec!["Sender"]), "{xml}");
        assert!(texts(&xml, "Message")[0].replace("&quot;", "\"").contains(part), "{xml}");
        assert_eq!(texts(&xml, "RequestId").len(), 1, "{xml}");
    }
    cloud.stop().await;
}

/// As recorded in `test_create_standard_queue_with_fifo_attribute_raises_error` and `test_set_unsupported_attribute_standard`.
#[tokio::test]
async fn attributes_that_a_standard_queue_lacks_or_that_mean_nothing_are_refused() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "plain").await;
    let absent = "arn:aws:sqs:us-east-1:000000000000:absent";
    let redrive =
        |target: &str, count: &str| format!(r#"{{"deadLetterTargetArn":"{target}","maxReceiveCount":{count}}}"#);
    let (missing, zero) = (redrive(absent, "3"), redrive(absent, "0"));
    let of =
        |policy: &str, reason: &str| format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}");
    let count = "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.";
    let cases = [
        ("FifoQueue", "false", "InvalidAttributeName", "Unknown Attribute FifoQueue.".to_owned()),
        (
            "ContentBasedDeduplication",
            "false",
            "InvalidAttributeName",
            "Unknown Attribute ContentBasedDeduplication.".to_owned(),
        ),
        (
            "FifoThroughputLimit",
            "perQueue",
            "InvalidAttributeName",
            "You can specify the FifoThroughputLimit only when FifoQueue is set to true.".to_owned(),
        ),
        (
            "SqsManagedSseEnabled",
            "maybe",
            "InvalidAttributeValue",
            "Invalid value for the parameter SqsManagedSseEnabled.".to_owned(),
        ),
        (
            "RedriveAllowPolicy",
            "{}",
            "InvalidAttributeValue",
            "Invalid value for the parameter RedriveAllowPolicy.".to_owned(),
        ),
        ("RedrivePolicy", &missing, "InvalidParameterValue", of(&missing, "Dead letter target does not exist.")),
        ("RedrivePolicy", &zero, "InvalidParameterValue", of(&zero, count)),
        (
            "RedrivePolicy",
            r#"{"maxReceiveCount":1}"#,
            "InvalidParameterValue",
            of(r#"{"maxReceiveCount":1}"#, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        ),
        ("RedrivePolicy", "[]", "InvalidParameterValue", of("[]", "Redrive policy is not a valid JSON map.")),
    ];
    for (name, value, code, message) in cases {
        let set = client.set_queue_attributes().queue_url(&url).attributes(name.into(), value).send().await;
        let create = client.create_queue().queue_name("another").attributes(name.into(), value).send().await;
        let (set, create) = (set.unwrap_err(), create.unwrap_err());
        assert_eq!((set.code(), set.message()), (Some(code), Some(message.as_str())), "{name}");
        assert_eq!((create.code(), create.message()), (Some(code), Some(message.as_str())), "{name}");
    }
    cloud.stop().await;
}

/// As recorded in `test_send_message_to_standard_queue_with_invalid_message_group_id` and its kind.
#[tokio::test]
async fn a_message_with_what_it_may_not_carry_is_refused() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "strict").await;
    let send = || client.send_message().queue_url(&url).message_body("m");
    let long = "a".repeat(129);
    for group in ["", "group 123", &long] {
        let refused = send().message_group_id(group).send().await.unwrap_err();
        let reason = "MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.";
        let message = format!("Value {group} for parameter MessageGroupId is invalid. Reason: {reason}");
        assert_eq!((refused.code(), refused.message()), (Some("InvalidParameterValue"), Some(message.as_str())));
    }
    let refused = send().message_deduplication_id("d").send().await.unwrap_err();
    assert!(refused.message().unwrap().ends_with("not valid for this queue type."), "{refused:?}");
    let empty = MessageAttributeValue::builder().data_type("String").string_value("").build().unwrap();
    let refused = send().message_attributes("ErrorDetails", empty).send().await.unwrap_err();
    let message = "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.";
    assert_eq!(refused.message(), Some(message));
    let refused = client.receive_message().queue_url(&url).max_number_of_messages(11).send().await.unwrap_err();
    let message =
        "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.";
    assert_eq!(refused.message(), Some(message));

    send().message_group_id("tenant-1").send().await.unwrap();
    let receive = client.receive_message().queue_url(&url);
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
    let message = receive.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId], "tenant-1");
    cloud.stop().await;
}

/// As recorded in `test_send_message_batch_with_oversized_contents` and `test_send_message_with_updated_maximum_message_size`.
#[tokio::test]
async fn a_batch_has_a_limit_of_its_own() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "small").await;
    let limit = client.set_queue_attributes().queue_url(&url);
    limit.attributes(QueueAttributeName::MaximumMessageSize, "1024").send().await.unwrap();
    let entry = |id: &str, size: usize| {
        SendMessageBatchRequestEntry::builder().id(id).message_body("x".repeat(size)).build().unwrap()
    };
    let batch = client.send_message_batch().queue_url(&url).entries(entry("a", 1000)).entries(entry("b", 1000));
    let sent = batch.entries(entry("c", 1025)).send().await.unwrap();
    assert_eq!((sent.successful().len(), sent.failed().len()), (2, 1));
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].code()), ("c", "InvalidParameterValue"));
    let message = "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.";
    assert_eq!(sent.failed()[0].message(), Some(message));
    let batch = client.send_message_batch().queue_url(&url).entries(entry("a", 1_048_576)).entries(entry("b", 1));
    let refused = batch.send().await.unwrap_err();
    assert_eq!(
        refused.message(),
        Some("Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.")
    );
    cloud.stop().await;
}

/// As recorded in `test_set_queue_attributes_default_values` and `test_sse_kms_and_sqs_are_mutually_exclusive`.
#[tokio::test]
async fn a_queue_has_one_type_of_encryption() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "encrypted").await;
    let set = || client.set_queue_attributes().queue_url(&url);
    let both = set().attributes(QueueAttributeName::KmsMasterKeyId, "key");
    let both = both.attributes(QueueAttributeName::SqsManagedSseEnabled, "true").send().await.unwrap_err();
    assert_eq!(both.code(), Some("InvalidAttributeName"));
    let key = set().attributes(QueueAttributeName::KmsMasterKeyId, "key");
    key.attributes(QueueAttributeName::KmsDataKeyReusePeriodSeconds, "6000").send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::SqsManagedSseEnabled).await, "false");
    assert_eq!(attribute(&client, &url, QueueAttributeName::KmsDataKeyReusePeriodSeconds).await, "6000");
    set().attributes(QueueAttributeName::KmsMasterKeyId, "").send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::SqsManagedSseEnabled).await, "false");
    assert_eq!(attribute(&client, &url, QueueAttributeName::KmsDataKeyReusePeriodSeconds).await, "");
    cloud.stop().await;
}

/// As recorded in `test_change_message_visibility_after_visibility_timeout_expiration`.
#[tokio::test]
async fn the_visibility_of_a_message_changes_after_its_timeout_too() {
    let (cloud, client) = cloud().await;
    let url = queue(&client, "late").await;
    client.send_message().queue_url(&url).message_body("m").send().await.unwrap();
    let received = client.receive_message().queue_url(&url).visibility_timeout(0).send().await.unwrap();
    let handle = received.messages()[0].receipt_handle().unwrap();
    let change = client.change_message_visibility().queue_url(&url).receipt_handle(handle).visibility_timeout(600);
    change.send().await.unwrap();
    assert_eq!(attribute(&client, &url, QueueAttributeName::ApproximateNumberOfMessagesNotVisible).await, "1");
    cloud.stop().await;
}
