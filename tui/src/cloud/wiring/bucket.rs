//! The bucket's part of the wiring: which functions it invokes.

use crate::cloud::connection::function::name;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::config::FUNCTION;
use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// The ARNs of the functions that a bucket invokes, each once.
pub(super) async fn functions(s3: &aws_sdk_s3::Client, bucket: &str) -> Result<Vec<String>, Problem> {
    let request = s3.get_bucket_notification_configuration().bucket(bucket).send();
    let answer = Box::pin(request).await.map_err(|error| {
        let what = format!("cannot read the notifications of bucket {bucket}");
        problem::of(&error, &OperationContext::new(what, "s3:GetBucketNotification"))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn arns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}")).collect()
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
