//! Checks that several operations share, with AWS's error texts.

use imgwatch_shared::arn::Arn;

use super::Sns;
use crate::common::wire::ApiError;

pub(crate) fn invalid(message: impl std::fmt::Display) -> ApiError {
    ApiError::bad_request("InvalidParameter", format!("Invalid parameter: {message}"))
}

pub(crate) fn no_topic() -> ApiError {
    ApiError::new(http::StatusCode::NOT_FOUND, "NotFound", "Topic does not exist")
}

pub(crate) fn no_subscription() -> ApiError {
    ApiError::new(http::StatusCode::NOT_FOUND, "NotFound", "Subscription does not exist")
}

/// The form of an ARN that `parameter` carries: at least six parts, of this service and region.
fn sns_arn<'a>(sns: &Sns, parameter: &str, arn: &'a str) -> Result<Arn<'a>, ApiError> {
    let count = arn.split(':').count();
    if count < 6 {
        return Err(invalid(format!("{parameter} Reason: An ARN must have at least 6 elements, not {count}")));
    }
    Arn::parse(arn).filter(|arn| arn.service == "sns" && arn.region == sns.env.region).ok_or_else(|| invalid(parameter))
}

/// Checks the form of a topic's ARN; a topic of another region is refused here.
pub(crate) fn topic_arn(sns: &Sns, arn: &str) -> Result<(), ApiError> {
    sns_arn(sns, "TopicArn", arn).map(drop)
}

pub(crate) fn subscription_arn(sns: &Sns, arn: &str) -> Result<(), ApiError> {
    let arn = sns_arn(sns, "SubscriptionArn", arn)?;
    if arn.resource.split(':').count() == 2 { Ok(()) } else { Err(invalid("SubscriptionId")) }
}

/// A phone number in E.164, with single separators between its digits.
pub(crate) fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_separator = |byte: u8| matches!(byte, b'-' | b'.' | b'/');
    let mut count = 0;
    let mut after_separator = true;
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' if count > 0 || byte != b'0' => {
                count += 1;
                after_separator = false;
            }
            _ if is_separator(byte) && !after_separator => after_separator = true,
            _ => return false,
        }
    }
    (2..=15).contains(&count) && !after_separator
}

/// Why a text is not JSON, with the messages of AWS's parser as far as they are known.
pub(crate) fn json_problem(text: &str, error: &serde_json::Error) -> String {
    let at = |column: usize| {
        let place = "Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";
        format!("\n at [{place}; line: 1, column: {column}]")
    };
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    let what = match (first, second) {
        (Some('{'), Some(second)) if second.is_alphanumeric() => {
            let code = u32::from(second);
            let what = format!(
                "Unexpected character ('{second}' (code {code})): was expecting double-quote to start field name"
            );
            what + &at(2)
        }
        (Some(first), _) if first.is_alphabetic() => {
            let token: String = text.chars().take_while(|char| char.is_alphanumeric()).collect();
            let expected = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
            format!("Unrecognized token '{token}': was expecting {expected}") + &at(token.chars().count() + 1)
        }
        _ => error.to_string(),
    };
    format!("failed to parse JSON. {what}")
}
