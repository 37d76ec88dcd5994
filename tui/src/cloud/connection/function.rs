//! What a function's configuration says of where it publishes and logs.

use aws_config::SdkConfig;
use imgwatch_shared::arn;

use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::Problem;

/// Where a function publishes and logs.
#[derive(Debug)]
pub(in crate::cloud) struct Wired {
    /// The topic's ARN, from the variable that the function reads it from.
    pub(in crate::cloud) topic: Option<String>,
    pub(in crate::cloud) log_group: Option<String>,
}

/// A function's name from its name or ARN, without version and alias.
pub(in crate::cloud) fn name(function: &str) -> &str {
    arn::function(function).0
}

/// `lambda:GetFunctionConfiguration`.
pub(in crate::cloud) async fn read(config: &SdkConfig, function: &str) -> Result<Wired, Problem> {
    let request = aws_sdk_lambda::Client::new(config).get_function_configuration().function_name(function).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read function {}", name(function));
        problem::of(&error, &OperationContext::new(what, "lambda:GetFunctionConfiguration"))
    })?;
    let variables = answer.environment().and_then(|environment| environment.variables());
    let topic = variables.and_then(|variables| variables.get("SNS_TOPIC_ARN")).filter(|arn| !arn.is_empty()).cloned();
    let log_group = answer.logging_config().and_then(|logging| logging.log_group());
    Ok(Wired { topic, log_group: log_group.filter(|group| !group.is_empty()).map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_without_version_and_alias() {
        let cases = [
            ("F", "F"),
            ("F:live", "F"),
            ("arn:aws:lambda:eu-west-1:123456789012:function:F", "F"),
            ("arn:aws-cn:lambda:cn-north-1:123456789012:function:F:7", "F"),
        ];
        for (function, expected) in cases {
            assert_eq!(name(function), expected, "{function}");
        }
    }
}
