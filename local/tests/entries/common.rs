//! A local cloud with the test function, clients of all its services, and what the function was invoked with.

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::QueueAttributeName;
use imgwatch_local::{LocalCloud, NamedHandler, Options};
use serde_json::Value;

use crate::support::this_program;

pub(crate) const ACCOUNT: &str = "000000000000";
/// The function that most tests invoke.
pub(crate) const WORKER: &str = "worker";

pub(crate) struct Stage {
    pub(crate) cloud: LocalCloud,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) events: aws_sdk_eventbridge::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    directory: tempfile::TempDir,
}

/// A cloud with the function [`WORKER`], which nothing invokes yet and which behaves as `mode` says.
pub(crate) async fn start(mode: &str) -> Stage {
    start_with(mode, Options::new(this_program("1"))).await
}

/// As [`start`]; the pipeline's own function notes its events, too.
pub(crate) async fn start_with(mode: &str, mut options: Options) -> Stage {
    let directory = tempfile::tempdir().unwrap();
    let variables = |mode: &str| {
        let file = directory.path().join("events").to_str().unwrap().to_owned();
        vec![("EVENTS".to_owned(), file), ("MODE".to_owned(), mode.to_owned())]
    };
    options.variables = variables("");
    options.functions.push(NamedHandler {
        name: WORKER.to_owned(),
        command: this_program("1"),
        variables: variables(mode),
    });
    options.timeout = Duration::from_secs(20);
    let cloud = LocalCloud::start(options).await.unwrap();
    let endpoint = cloud.endpoint().to_owned();
    Stage {
        s3: client!(aws_sdk_s3, &endpoint),
        sqs: client!(aws_sdk_sqs, &endpoint),
        sns: client!(aws_sdk_sns, &endpoint),
        lambda: client!(aws_sdk_lambda, &endpoint),
        events: client!(aws_sdk_eventbridge, &endpoint),
        logs: client!(aws_sdk_cloudwatchlogs, &endpoint),
        cloud,
        directory,
    }
}

pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:us-east-1:{ACCOUNT}:{resource}")
}

pub(crate) fn function_arn(name: &str) -> String {
    arn("lambda", &format!("function:{name}"))
}

impl Stage {
    fn file(&self) -> PathBuf {
        self.directory.path().join("events")
    }

    /// What the functions were invoked with so far: the function and its event.
    pub(crate) fn invocations(&self) -> Vec<(String, Value)> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        // A line that is being written has no end yet.
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let read = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            (line["function"].as_str().unwrap().to_owned(), line["event"].take())
        };
        lines.map(read).collect()
    }

    /// Waits for so many invocations, of any function.
    pub(crate) async fn invoked(&self, count: usize) -> Vec<(String, Value)> {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        loop {
            let found = self.invocations();
            if found.len() >= count {
                return found;
            }
            assert!(tokio::time::Instant::now() < deadline, "{} of {count} invocations came", found.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for so many records in events of queues.
    pub(crate) async fn records(&self, count: usize) -> Vec<Value> {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        loop {
            let events = self.invocations().into_iter().map(|(_, event)| event);
            let found: Vec<Value> = events.flat_map(|event| event["Records"].as_array().cloned().unwrap()).collect();
            if found.len() >= count {
                return found;
            }
            assert!(tokio::time::Instant::now() < deadline, "{} of {count} messages came", found.len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(crate) fn url(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.cloud.endpoint())
    }

    /// Creates a queue; returns its ARN.
    pub(crate) async fn queue(&self, name: &str) -> String {
        self.sqs.create_queue().queue_name(name).send().await.unwrap();
        arn("sqs", name)
    }

    pub(crate) async fn set_queue(&self, name: &str, attribute: QueueAttributeName, value: impl Into<String>) {
        let set = self.sqs.set_queue_attributes().queue_url(self.url(name));
        set.attributes(attribute, value).send().await.unwrap();
    }

    /// Lets a service send to a queue for one resource.
    pub(crate) async fn permit(&self, queue: &str, service: &str, source_arn: &str) {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": arn("sqs", queue),
            "Condition": {"ArnEquals": {"aws:SourceArn": source_arn}},
        }]});
        self.set_queue(queue, QueueAttributeName::Policy, policy.to_string()).await;
    }

    pub(crate) async fn send(&self, queue: &str, body: &str) -> String {
        let sent = self.sqs.send_message().queue_url(self.url(queue)).message_body(body).send().await.unwrap();
        sent.message_id.unwrap()
    }

    /// Takes the next message of a queue, with all its attributes, and deletes it, so that it never comes again.
    pub(crate) async fn take(&self, queue: &str) -> aws_sdk_sqs::types::Message {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        loop {
            let receive = self.sqs.receive_message().queue_url(self.url(queue)).wait_time_seconds(20);
            let receive = receive
                .message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All)
                .message_attribute_names("All");
            if let Some(message) = receive.send().await.unwrap().messages.unwrap_or_default().pop() {
                let delete = self.sqs.delete_message().queue_url(self.url(queue));
                delete.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
                return message;
            }
            assert!(tokio::time::Instant::now() < deadline, "no message came to {queue}");
        }
    }

    /// How many messages a queue has: visible ones, and those that are being processed.
    pub(crate) async fn count(&self, queue: &str) -> (String, String) {
        let get = self.sqs.get_queue_attributes().queue_url(self.url(queue)).attribute_names(QueueAttributeName::All);
        let attributes = get.send().await.unwrap().attributes.unwrap();
        let of = |name| attributes[&name].clone();
        (
            of(QueueAttributeName::ApproximateNumberOfMessages),
            of(QueueAttributeName::ApproximateNumberOfMessagesNotVisible),
        )
    }

    /// Waits until a queue is empty.
    pub(crate) async fn empty(&self, queue: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(2);
        while self.count(queue).await != ("0".to_owned(), "0".to_owned()) {
            assert!(tokio::time::Instant::now() < deadline, "{queue} was not emptied");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Lets a service invoke a function for one resource.
    pub(crate) async fn allow(&self, function: &str, service: &str, source_arn: &str) {
        let add = self.lambda.add_permission().function_name(function).statement_id(service.replace('.', "-"));
        let add = add.action("lambda:InvokeFunction").principal(service).source_arn(source_arn);
        add.send().await.unwrap();
    }

    pub(crate) async fn upload(&self, bucket: &str, key: &str) -> String {
        use aws_sdk_s3::operation::RequestId as _;
        let put = self.s3.put_object().bucket(bucket).key(key).body(ByteStream::from_static(b"png"));
        put.send().await.unwrap().request_id().unwrap().to_owned()
    }
}

/// JSON that is text in JSON.
pub(crate) fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}
