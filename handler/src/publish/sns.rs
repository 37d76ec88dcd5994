//! The SNS topic named by `SNS_TOPIC_ARN`.
//!
//! The SDK already tries three times within seconds. What still fails is reported with its cause; whether Lambda then
//! retries the event is decided in `lib.rs`.

use std::error::Error;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::publish::PublishError as SdkPublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::operation::BuildError;
use imgwatch_shared::arn::Arn;
use imgwatch_shared::message::{Attribute, Message};

use crate::error::{Cause, ConfigError, PublishError};
use crate::publish::Publish;

/// The variable of the environment that holds the topic's ARN.
const VARIABLE: &str = "SNS_TOPIC_ARN";

/// Attempts of one publish, the first included.
const ATTEMPTS: u32 = 3;
/// How long a connection may take; the network inside a region answers in a few milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// How long all attempts may take. The invocation's own deadline may be nearer: `lib.rs` watches that.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);

/// A standard topic and the client for its region.
#[derive(Debug, Clone)]
pub struct SnsTopic {
    client: Client,
    topic_arn: String,
}

impl SnsTopic {
    /// The topic in the variable `SNS_TOPIC_ARN`, with the SDK's usual configuration (credentials, endpoint) from the
    /// environment. The region is the topic's: SNS takes a publish in no other.
    ///
    /// # Errors
    /// When the variable is missing or holds no ARN of a standard topic.
    pub async fn from_env() -> Result<Self, ConfigError> {
        let topic_arn = std::env::var(VARIABLE).unwrap_or_default();
        let region = region_of(topic_arn.trim())?.to_owned();
        let http_client =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(OPERATION_TIMEOUT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .region(Region::new(region))
            .http_client(http_client)
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(timeouts);
        // The name shows in CloudTrail; a name that were not allowed would only not show.
        if let Ok(name) = AppName::new("imgwatch-handler") {
            loader = loader.app_name(name);
        }
        Ok(Self { client: Client::new(&Box::pin(loader.load()).await), topic_arn: topic_arn.trim().to_owned() })
    }
}

impl Publish for SnsTopic {
    async fn publish(&self, message: &Message) -> Result<String, PublishError> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.topic_arn)
            .subject(&message.subject)
            .message_structure("json")
            .message(&message.body);
        for attribute in &message.attributes {
            request = request.message_attributes(attribute.name, value_of(attribute).map_err(|e| unbuildable(&e))?);
        }
        let output = Box::pin(request.send()).await.map_err(|error| self.explain(&error))?;
        output.message_id.ok_or_else(|| PublishError::new(Cause::Unavailable, "SNS answered without a message id"))
    }
}

impl SnsTopic {
    /// The SDK's error as ours: what SNS said, which kind it is, and what an operator can do.
    fn explain(&self, error: &SdkError<SdkPublishError, HttpResponse>) -> PublishError {
        let SdkError::ServiceError(answer) = error else {
            return PublishError::new(Cause::Unavailable, format!("the request to SNS failed: {}", chain(error)));
        };
        let status = answer.raw().status().as_u16();
        let code = answer.err().code().unwrap_or("no error code");
        let said = answer.err().message().unwrap_or("nothing more");
        let cause = cause_of(code, status);
        let hint = match code {
            "AuthorizationError" => "; allow the function's role sns:Publish on the topic",
            "NotFound" => "; create the topic or correct SNS_TOPIC_ARN",
            code if code.starts_with("KMS") && cause == Cause::Refused => {
                "; allow the function's role kms:GenerateDataKey and kms:Decrypt with the topic's key"
            }
            _ => "",
        };
        PublishError::new(cause, format!("SNS answered {code} ({status}) for {}: {said}{hint}", self.topic_arn))
    }
}

/// The error and what it came from, in one line; the SDK's own words are only "dispatch failure".
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Which kind of failure an answer of SNS is. What is not known here counts as the operator's to fix.
fn cause_of(code: &str, status: u16) -> Cause {
    match code {
        "InvalidParameter" | "InvalidParameterValue" | "ParameterValueInvalid" | "ValidationError" => Cause::Message,
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "KMSThrottling"
        | "RequestLimitExceeded"
        | "RequestTimeout" => Cause::Unavailable,
        _ if status >= 500 || status == 429 => Cause::Unavailable,
        _ => Cause::Refused,
    }
}

fn value_of(attribute: &Attribute) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type(attribute.data_type.as_str()).string_value(&attribute.value).build()
}

fn unbuildable(error: &BuildError) -> PublishError {
    PublishError::new(Cause::Message, format!("a message attribute could not be built: {error}"))
}

/// The region of a standard topic's ARN, `arn:partition:sns:region:account:name`.
fn region_of(topic_arn: &str) -> Result<&str, ConfigError> {
    let invalid = |reason| Err(ConfigError::Invalid { name: VARIABLE, value: topic_arn.to_owned(), reason });
    if topic_arn.is_empty() {
        let hint = "set it to the ARN of the SNS topic for upload notifications";
        return Err(ConfigError::Missing { name: VARIABLE, hint });
    }
    match Arn::parse(topic_arn) {
        Some(Arn { service: "sns", region, account, resource: name, .. })
            if !region.is_empty() && !account.is_empty() && !name.contains(':') =>
        {
            if name.split('.').next_back() == Some("fifo") {
                return invalid("a FIFO topic, which takes no email, SMS or HTTP subscribers; use a standard topic");
            }
            Ok(region)
        }
        _ => invalid("not a topic's ARN; it looks like arn:aws:sns:eu-west-1:123456789012:image-uploads"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_topics() {
        assert_eq!(region_of("arn:aws:sns:eu-west-1:123456789012:image-uploads").unwrap(), "eu-west-1");
        assert_eq!(region_of("arn:aws-cn:sns:cn-north-1:123456789012:t").unwrap(), "cn-north-1");
    }

    #[test]
    fn an_arn_that_cannot_work_is_refused_with_a_hint() {
        for (arn, hint) in [
            ("", "SNS_TOPIC_ARN is not set"),
            ("image-uploads", "looks like arn:aws:sns:"),
            ("arn:aws:sqs:eu-west-1:123456789012:queue", "looks like arn:aws:sns:"),
            ("arn:aws:sns:eu-west-1:123456789012:", "looks like arn:aws:sns:"),
            ("arn:aws:sns:eu-west-1:123456789012:t:5b1e-subscription", "looks like arn:aws:sns:"),
            ("arn:aws:sns:eu-west-1:123456789012:t.fifo", "use a standard topic"),
        ] {
            let error = region_of(arn).unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn causes_follow_the_code_and_then_the_status() {
        for (code, status, cause) in [
            ("Throttling", 400, Cause::Unavailable),
            ("KMSThrottling", 400, Cause::Unavailable),
            ("InternalError", 500, Cause::Unavailable),
            ("no error code", 503, Cause::Unavailable),
            ("no error code", 429, Cause::Unavailable),
            ("InvalidParameter", 400, Cause::Message),
            ("AuthorizationError", 403, Cause::Refused),
            ("NotFound", 404, Cause::Refused),
            ("KMSDisabled", 400, Cause::Refused),
        ] {
            assert_eq!(cause_of(code, status), cause, "{code} {status}");
        }
    }
}
