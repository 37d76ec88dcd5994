//! The SDK's own clients on an emulator: what a test sets up and looks up without `imgwatch`.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudformation::types::{Capability, StackStatus};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_s3::types::{Event, LambdaFunctionConfiguration, NotificationConfiguration};
use serde_json::Value;

use super::emulator::Emulator;

/// The region of everything here; `imgwatch` takes the same for an endpoint if no region is given.
const REGION: &str = "us-east-1";

/// One client for each service.
pub(crate) struct Account {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) stacks: aws_sdk_cloudformation::Client,
    /// The account's digits.
    pub(crate) id: String,
}

impl Account {
    pub(crate) async fn of(emulator: &Emulator) -> Self {
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(REGION))
            .endpoint_url(&emulator.endpoint)
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("test", "test", None, None, "test")))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        let identity = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap();
        Self {
            s3: aws_sdk_s3::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            stacks: aws_sdk_cloudformation::Client::new(&config),
            id: identity.account.unwrap(),
        }
    }

    /// A new topic; its ARN.
    pub(crate) async fn topic(&self, name: &str) -> String {
        self.sns.create_topic().name(name).send().await.unwrap().topic_arn.unwrap()
    }

    /// A new queue; its URL and its ARN.
    pub(crate) async fn queue(&self, name: &str) -> (String, String) {
        let url = self.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
        (url, format!("arn:aws:sqs:{REGION}:{}:{name}", self.id))
    }

    /// A subscription; its ARN.
    pub(crate) async fn subscribe(&self, topic_arn: &str, protocol: &str, endpoint: &str) -> String {
        let subscribe = self.sns.subscribe().topic_arn(topic_arn).protocol(protocol).endpoint(endpoint);
        subscribe.return_subscription_arn(true).send().await.unwrap().subscription_arn.unwrap()
    }

    /// The bucket invokes this function for whatever is created in it, and nothing else.
    pub(crate) async fn notify(&self, bucket: &str, function_arn: Option<&str>) {
        let rule = |arn| {
            let rule = LambdaFunctionConfiguration::builder().lambda_function_arn(arn);
            rule.events(Event::from("s3:ObjectCreated:*")).build().unwrap()
        };
        let rules = function_arn.map(rule).into_iter().collect();
        let all = NotificationConfiguration::builder().set_lambda_function_configurations(Some(rules)).build();
        let put = self.s3.put_bucket_notification_configuration().bucket(bucket);
        put.notification_configuration(all).send().await.unwrap();
    }

    /// A stack, when it is complete.
    pub(crate) async fn stack(&self, name: &str, template: &Value) {
        let create = self.stacks.create_stack().stack_name(name).template_body(template.to_string());
        create.capabilities(Capability::CapabilityIam).send().await.unwrap();
        loop {
            let described = self.stacks.describe_stacks().stack_name(name).send().await.unwrap();
            match described.stacks()[0].stack_status().unwrap() {
                StackStatus::CreateComplete => return,
                StackStatus::CreateInProgress => tokio::time::sleep(Duration::from_millis(100)).await,
                _ => panic!("{described:?}"),
            }
        }
    }

    /// The next message of a queue, taken off it, as the JSON that it is.
    pub(crate) async fn next(&self, queue_url: &str) -> Value {
        loop {
            let receive = self.sqs.receive_message().queue_url(queue_url).wait_time_seconds(5);
            let Some(message) = receive.send().await.unwrap().messages.and_then(|mut messages| messages.pop()) else {
                continue;
            };
            let delete = self.sqs.delete_message().queue_url(queue_url);
            delete.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
            return serde_json::from_str(&message.body.unwrap()).unwrap();
        }
    }
}
