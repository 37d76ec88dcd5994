//! What makes an endpoint acceptable, as it is typed.
//!
//! A first check only, so that mistakes are shown before the request: SNS itself decides. It must not reject what SNS takes.

use imgwatch_shared::arn::{self, Arn};

use crate::domain::subscriptions::Protocol;

/// Whether SNS would take the endpoint, as far as its form tells.
///
/// # Errors
/// What is wrong with it, for the user.
pub fn validate(protocol: Protocol, endpoint: &str) -> Result<(), String> {
    if endpoint.is_empty() {
        return Err("enter an endpoint".to_owned());
    }
    if endpoint.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("an endpoint has no spaces".to_owned());
    }
    match protocol {
        Protocol::Email | Protocol::EmailJson => email(endpoint),
        Protocol::Sms => telephone(endpoint),
        Protocol::Http => url(endpoint, "http://"),
        Protocol::Https => url(endpoint, "https://"),
        Protocol::Sqs => resource(endpoint, "sqs", "an SQS queue", "arn:aws:sqs:us-east-1:123456789012:queue"),
        Protocol::Lambda => {
            resource(endpoint, "lambda", "a Lambda function", "arn:aws:lambda:us-east-1:123456789012:function:name")
        }
        Protocol::Firehose => {
            resource(endpoint, "firehose", "a stream", "arn:aws:firehose:us-east-1:123456789012:deliverystream/name")
        }
        Protocol::Application => {
            resource(endpoint, "sns", "a platform endpoint", "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/app/id")
        }
        Protocol::Other => Ok(()),
    }
}

fn email(endpoint: &str) -> Result<(), String> {
    let Some((local, domain)) = endpoint.rsplit_once('@') else {
        return Err("an email address has an @, such as ada@example.com".to_owned());
    };
    if local.is_empty() {
        return Err("the part before the @ is missing".to_owned());
    }
    if local.contains('@') {
        return Err("an email address has one @ only".to_owned());
    }
    if !domain.contains('.') || domain.split('.').any(str::is_empty) {
        return Err("the domain after the @ is not complete; write one such as example.com".to_owned());
    }
    Ok(())
}

/// E.164: a plus sign and at most fifteen digits, the first of which is no zero.
fn telephone(endpoint: &str) -> Result<(), String> {
    let Some(digits) = endpoint.strip_prefix('+') else {
        return Err("a phone number begins with + and the country code, such as +4915112345678".to_owned());
    };
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err("a phone number has only digits after the +, without spaces or dashes".to_owned());
    }
    if digits.starts_with('0') {
        return Err("a country code follows the + and does not begin with 0".to_owned());
    }
    if !(7..=15).contains(&digits.len()) {
        return Err(format!("a phone number has 7 to 15 digits; this one has {}", digits.len()));
    }
    Ok(())
}

fn url(endpoint: &str, scheme: &str) -> Result<(), String> {
    let Some(rest) = endpoint.strip_prefix(scheme) else {
        return Err(format!("the URL begins with {scheme}; choose the matching protocol"));
    };
    if rest.split(['/', '?', '#']).next().is_none_or(str::is_empty) {
        return Err("the URL has no host".to_owned());
    }
    Ok(())
}

/// `arn:partition:service:region:account:resource`.
fn resource(endpoint: &str, service: &str, what: &str, example: &str) -> Result<(), String> {
    if !arn::is_arn_like(endpoint) {
        return Err(format!("enter the ARN of {what}, such as {example}"));
    }
    match Arn::parse(endpoint) {
        Some(arn) if arn.service != service => {
            Err(format!("this is not the ARN of {what}: it must begin with arn:aws:{service}:"))
        }
        Some(arn) if !arn.region.is_empty() && !arn.account.is_empty() => Ok(()),
        _ => Err(format!("the ARN is not complete, such as {example}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_endpoints_pass() {
        let good = [
            (Protocol::Email, "ada@example.com"),
            (Protocol::Email, "ada+images@mail.example.co.uk"),
            (Protocol::EmailJson, "ü@bücher.example"),
            (Protocol::Sms, "+4915112345678"),
            (Protocol::Https, "https://example.com/hook?a=b"),
            (Protocol::Http, "http://127.0.0.1:8080"),
            (Protocol::Sqs, "arn:aws:sqs:us-east-1:000000000000:image-uploads-audit"),
            (Protocol::Sqs, "arn:aws-cn:sqs:cn-north-1:123456789012:q"),
            (Protocol::Lambda, "arn:aws:lambda:us-east-1:123456789012:function:name:alias"),
        ];
        for (protocol, endpoint) in good {
            assert_eq!(validate(protocol, endpoint), Ok(()), "{endpoint}");
        }
    }

    #[test]
    fn slips_are_named() {
        let bad = [
            (Protocol::Email, "", "enter an endpoint"),
            (Protocol::Email, "ada", "has an @"),
            (Protocol::Email, "@example.com", "before the @"),
            (Protocol::Email, "ada@example", "domain"),
            (Protocol::Email, "ada@example.", "domain"),
            (Protocol::Email, "a@b@example.com", "one @"),
            (Protocol::Email, "ada @example.com", "no spaces"),
            (Protocol::Sms, "015112345678", "begins with +"),
            (Protocol::Sms, "+49-151", "only digits"),
            (Protocol::Sms, "+049151123456", "begin with 0"),
            (Protocol::Sms, "+49", "7 to 15"),
            (Protocol::Sms, "+4915112345678901", "7 to 15"),
            (Protocol::Https, "http://example.com", "begins with https://"),
            (Protocol::Https, "https:///path", "no host"),
            (Protocol::Sqs, "image-uploads-audit", "enter the ARN"),
            (Protocol::Sqs, "arn:aws:sns:us-east-1:1:topic", "not the ARN of an SQS queue"),
            (Protocol::Lambda, "arn:aws:lambda:us-east-1", "not complete"),
        ];
        for (protocol, endpoint, why) in bad {
            let said = validate(protocol, endpoint).unwrap_err();
            assert!(said.contains(why), "{endpoint}: {said}");
        }
    }
}
