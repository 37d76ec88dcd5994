//! The wiring itself: which function a bucket invokes, and where that function publishes and logs.

use aws_config::SdkConfig;

use super::super::problem::{self, Trouble};
use crate::config::FUNCTION;
use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// What a function's configuration says.
#[derive(Debug)]
pub(super) struct Wired {
    /// The topic's ARN, from the variable that the function reads it from.
    pub(super) topic: Option<String>,
    pub(super) log_group: Option<String>,
}

/// The ARNs of the functions that a bucket invokes, each once.
pub(super) async fn functions(s3: &aws_sdk_s3::Client, bucket: &str) -> Result<Vec<String>, Problem> {
    let request = s3.get_bucket_notification_configuration().bucket(bucket).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read the notifications of bucket {bucket}");
        problem::of(&error, &Trouble::new(what, "s3:GetBucketNotification"))
    })?;
    let mut arns: Vec<String> = Vec::new();
    for configuration in answer.lambda_function_configurations() {
        let arn = configuration.lambda_function_arn();
        if !arn.is_empty() && !arns.iter().any(|known| known == arn) {
            arns.push(arn.to_owned());
        }
    }
    Ok(arns)
}

/// The function that is followed: ours by its name, else the first.
pub(super) fn choose(arns: &[String]) -> Option<&str> {
    let exact = arns.iter().find(|arn| name(arn) == FUNCTION);
    // CloudFormation puts the stack before a name and random letters behind it.
    let alike = || arns.iter().find(|arn| name(arn).contains(FUNCTION));
    exact.or_else(alike).or(arns.first()).map(String::as_str)
}

/// Says which of several was chosen.
pub(super) fn several(bucket: &str, arns: &[String], chosen: &str) -> Clean {
    let names: Vec<&str> = arns.iter().map(|arn| name(arn)).collect();
    let text = format!("bucket {bucket} invokes {}; following {}, see --function", names.join(", "), name(chosen));
    Clean::new(&text)
}

/// A function's name from its name or ARN, without version and alias.
pub(super) fn name(function: &str) -> &str {
    let rest = match function.split_once(":function:") {
        Some((_, rest)) => rest,
        None => function,
    };
    rest.split(':').next().unwrap_or(rest)
}

/// Reads where a function publishes and logs.
pub(super) async fn read(config: &SdkConfig, function: &str) -> Result<Wired, Problem> {
    let request = aws_sdk_lambda::Client::new(config).get_function_configuration().function_name(function).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read function {}", name(function));
        problem::of(&error, &Trouble::new(what, "lambda:GetFunctionConfiguration"))
    })?;
    let variables = answer.environment().and_then(|environment| environment.variables());
    let topic = variables.and_then(|variables| variables.get("SNS_TOPIC_ARN")).filter(|arn| !arn.is_empty()).cloned();
    let log_group = answer.logging_config().and_then(|logging| logging.log_group());
    Ok(Wired { topic, log_group: log_group.filter(|group| !group.is_empty()).map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}")).collect()
    }

    #[test]
    fn names_are_without_version_and_alias() {
        let cases = [
            ("F", "F"),
            ("F:live", "F"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:F", "F"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:F:7", "F"),
        ];
        for (function, expected) in cases {
            assert_eq!(name(function), expected, "{function}");
        }
    }

    #[test]
    fn ours_is_preferred_and_the_choice_is_said() {
        let cases: [(&[&str], Option<&str>); 4] = [
            (&["resize", "stack-ImageUploadProcessor-X1"], Some("stack-ImageUploadProcessor-X1")),
            (&["stack-ImageUploadProcessor-X1", "ImageUploadProcessor:live"], Some("ImageUploadProcessor")),
            (&["resize", "index"], Some("resize")),
            (&[], None),
        ];
        for (names, expected) in cases {
            assert_eq!(choose(&arns(names)).map(name), expected, "{names:?}");
        }
        let all = arns(&["resize", "index"]);
        let said = several("b", &all, &all[0]);
        assert!(said.shown().contains("resize, index; following resize"), "{said}");
    }
}
