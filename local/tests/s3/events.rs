//! Events from a write to a queue.

use std::collections::HashMap;

use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::{RequestId as _, RequestIdExt as _};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, Delete, Event, NotificationConfiguration,
    ObjectIdentifier, QueueConfiguration, VersioningConfiguration,
};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use serde_json::{Value, json};

use crate::common::{Fixture, start};

struct Queue {
    sqs: aws_sdk_sqs::Client,
    url: String,
    arn: String,
}

impl Queue {
    async fn create(fixture: &Fixture) -> Self {
        let sqs = client!(aws_sdk_sqs, fixture.cloud.endpoint());
        let url = sqs.create_queue().queue_name("events").send().await.unwrap().queue_url.unwrap();
        let attributes = sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::QueueArn);
        let attributes = attributes.send().await.unwrap().attributes.unwrap();
        let arn = attributes[&QueueAttributeName::QueueArn].clone();
        Self { sqs, url, arn }
    }

    async fn allow_s3(&self) {
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": self.arn,
            "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::photos"}},
        }]});
        let attributes = HashMap::from([(QueueAttributeName::Policy, policy.to_string())]);
        let set = self.sqs.set_queue_attributes().queue_url(&self.url).set_attributes(Some(attributes));
        set.send().await.unwrap();
    }

    /// The next message, and its trace header.
    async fn next(&self) -> (Value, Option<String>) {
        let receive = self.sqs.receive_message().queue_url(&self.url).wait_time_seconds(20).max_number_of_messages(1);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::AwsTraceHeader);
        let message = receive.send().await.unwrap().messages.unwrap().remove(0);
        let delete = self.sqs.delete_message().queue_url(&self.url);
        delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
        let trace = message.attributes.and_then(|mut all| all.remove(&MessageSystemAttributeName::AwsTraceHeader));
        (serde_json::from_str(&message.body.unwrap()).unwrap(), trace)
    }
}

async fn configure(fixture: &Fixture, arn: &str) -> Result<(), Option<String>> {
    let queue = QueueConfiguration::builder()
        .id("everything")
        .queue_arn(arn)
        .events(Event::S3ObjectCreated)
        .events(Event::S3ObjectRemoved)
        .events(Event::S3ObjectTagging)
        .build()
        .unwrap();
    let configuration = NotificationConfiguration::builder().queue_configurations(queue).build();
    let put = fixture.s3.put_bucket_notification_configuration().bucket("photos");
    let answer = put.notification_configuration(configuration).send().await;
    answer.map(drop).map_err(|error| error.into_service_error().code().map(str::to_owned))
}

/// What a message says: event, key, size, `ETag`, and the ids of its request.
fn facts(message: &Value) -> Value {
    let record = &message["Records"][0];
    json!([
        record["eventName"],
        record["s3"]["configurationId"],
        record["s3"]["object"]["key"],
        record["s3"]["object"]["size"],
        record["s3"]["object"]["eTag"],
        record["responseElements"]["x-amz-request-id"],
        record["responseElements"]["x-amz-id-2"],
    ])
}

fn bare(etag: Option<&str>) -> Option<&str> {
    etag.map(|etag| etag.trim_matches('"'))
}

/// As recorded in `test_object_tagging_put_event` and `test_object_tagging_delete_event`.
#[tokio::test]
async fn a_change_of_tags_sends_an_event_without_a_size() {
    let fixture = start().await;
    let (s3, queue) = (&fixture.s3, Queue::create(&fixture).await);
    let put = s3.put_object().bucket("photos").key("k").body(ByteStream::from_static(b"x")).send().await.unwrap();
    queue.allow_s3().await;
    configure(&fixture, &queue.arn).await.unwrap();
    queue.next().await;
    let tag = aws_sdk_s3::types::Tag::builder().key("a").value("b").build().unwrap();
    let tags = aws_sdk_s3::types::Tagging::builder().tag_set(tag).build().unwrap();
    s3.put_object_tagging().bucket("photos").key("k").tagging(tags).send().await.unwrap();
    s3.delete_object_tagging().bucket("photos").key("k").send().await.unwrap();
    for name in ["ObjectTagging:Put", "ObjectTagging:Delete"] {
        let (message, _) = queue.next().await;
        let record = &message["Records"][0];
        assert_eq!((&record["eventVersion"], &record["eventName"]), (&json!("2.3"), &json!(name)));
        assert_eq!(record["s3"]["object"], json!({"key": "k", "eTag": bare(put.e_tag())}));
    }
}

#[tokio::test]
async fn every_write_sends_one_event_with_the_ids_of_its_own_answer() {
    let fixture = start().await;
    let (s3, queue) = (&fixture.s3, Queue::create(&fixture).await);
    assert_eq!(configure(&fixture, &queue.arn).await, Err(Some("InvalidArgument".to_owned())), "no policy allows it");
    queue.allow_s3().await;
    configure(&fixture, &queue.arn).await.unwrap();
    let (test, _) = queue.next().await;
    assert_eq!((&test["Event"], &test["Bucket"]), (&json!("s3:TestEvent"), &json!("photos")));

    let root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=1";
    let put = s3.put_object().bucket("photos").key("a b+é/😀.png").body(ByteStream::from_static(b"hello")).customize();
    let put = put.mutate_request(move |request| {
        request.headers_mut().insert("x-amzn-trace-id", root);
    });
    let put = put.send().await.unwrap();
    let (message, trace) = queue.next().await;
    let key = "a+b%2B%C3%A9/%F0%9F%98%80.png";
    let ids = (put.request_id(), put.extended_request_id());
    assert_eq!(facts(&message), json!(["ObjectCreated:Put", "everything", key, 5, bare(put.e_tag()), ids.0, ids.1]));
    assert_eq!(trace.as_deref(), Some(root));

    let copy = s3.copy_object().bucket("photos").key("copy").copy_source("photos/a%20b%2B%C3%A9/%F0%9F%98%80.png");
    let copy = copy.send().await.unwrap();
    let etag = bare(copy.copy_object_result().unwrap().e_tag());
    let ids = (copy.request_id(), copy.extended_request_id());
    assert_eq!(
        facts(&queue.next().await.0),
        json!(["ObjectCreated:Copy", "everything", "copy", 5, etag, ids.0, ids.1])
    );

    let create = s3.create_multipart_upload().bucket("photos").key("parts").send().await.unwrap();
    let id = create.upload_id().unwrap();
    let part = s3.upload_part().bucket("photos").key("parts").upload_id(id).part_number(1);
    let part = part.body(ByteStream::from_static(b"part")).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let complete = s3.complete_multipart_upload().bucket("photos").key("parts").upload_id(id);
    let complete = complete.multipart_upload(CompletedMultipartUpload::builder().parts(part).build());
    let complete = complete.send().await.unwrap();
    let ids = (complete.request_id(), complete.extended_request_id());
    let name = "ObjectCreated:CompleteMultipartUpload";
    assert_eq!(
        facts(&queue.next().await.0),
        json!([name, "everything", "parts", 4, bare(complete.e_tag()), ids.0, ids.1])
    );

    let delete = s3.delete_object().bucket("photos").key("copy").send().await.unwrap();
    let ids = (delete.request_id(), delete.extended_request_id());
    let nothing = Value::Null;
    assert_eq!(
        facts(&queue.next().await.0),
        json!(["ObjectRemoved:Delete", "everything", "copy", nothing, nothing, ids.0, ids.1])
    );

    // What is not there sends nothing when it is deleted: the next event is that of the key that was.
    let objects = ["never", "parts"].map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(objects.to_vec())).build().unwrap();
    let deleted = s3.delete_objects().bucket("photos").delete(delete).send().await.unwrap();
    let ids = (deleted.request_id(), deleted.extended_request_id());
    assert_eq!(
        facts(&queue.next().await.0),
        json!(["ObjectRemoved:Delete", "everything", "parts", nothing, nothing, ids.0, ids.1])
    );
}

#[tokio::test]
async fn a_form_upload_sends_its_own_event() {
    let fixture = start().await;
    let queue = Queue::create(&fixture).await;
    queue.allow_s3().await;
    configure(&fixture, &queue.arn).await.unwrap();
    queue.next().await;
    let body = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nform.png\r\n--x\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nhello\r\n--x--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let answer = crate::common::raw(fixture.cloud.endpoint(), "POST /photos", &headers, body.as_bytes()).await;
    assert_eq!(answer.status, 204, "{} {}", answer.head, answer.body);
    let record = queue.next().await.0["Records"][0].clone();
    assert_eq!(record["eventName"], "ObjectCreated:Post");
    assert_eq!(record["s3"]["object"]["eTag"], "5d41402abc4b2a76b9719d911017c592");
    let id = record["responseElements"]["x-amz-request-id"].as_str().unwrap().to_ascii_lowercase();
    assert!(answer.head.contains(&format!("x-amz-request-id: {id}")), "{}", answer.head);
}

#[tokio::test]
async fn events_name_the_version_that_was_made_or_removed() {
    let fixture = start().await;
    let queue = Queue::create(&fixture).await;
    queue.allow_s3().await;
    configure(&fixture, &queue.arn).await.unwrap();
    queue.next().await;
    let configuration = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    let enable = fixture.s3.put_bucket_versioning().bucket("photos").versioning_configuration(configuration);
    enable.send().await.unwrap();
    let put = fixture.s3.put_object().bucket("photos").key("k").send().await.unwrap();
    let marker = fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap();
    let removed = fixture.s3.delete_object().bucket("photos").key("k").version_id(put.version_id().unwrap());
    removed.send().await.unwrap();
    for (name, version) in [
        ("ObjectCreated:Put", put.version_id()),
        ("ObjectRemoved:DeleteMarkerCreated", marker.version_id()),
        ("ObjectRemoved:Delete", put.version_id()),
    ] {
        let record = queue.next().await.0["Records"][0].clone();
        assert_eq!((&record["eventName"], &record["s3"]["object"]["versionId"]), (&json!(name), &json!(version)));
    }
}

#[tokio::test]
async fn writes_to_one_key_have_growing_sequencers() {
    let fixture = start().await;
    let queue = Queue::create(&fixture).await;
    queue.allow_s3().await;
    configure(&fixture, &queue.arn).await.unwrap();
    queue.next().await;
    let mut last = String::new();
    for _ in 0..20 {
        fixture.s3.put_object().bucket("photos").key("k").send().await.unwrap();
        let (message, _) = queue.next().await;
        let sequencer = message["Records"][0]["s3"]["object"]["sequencer"].as_str().unwrap().to_owned();
        assert!(sequencer > last && sequencer.len() >= 16, "{sequencer} after {last}");
        last = sequencer;
    }
    assert_eq!(fixture.cloud.stop().await, 0);
}
