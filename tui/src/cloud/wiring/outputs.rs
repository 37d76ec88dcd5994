//! CloudFormation stacks: the outputs of the one that is named, or of the only one that looks like a pipeline.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::Stack;

use super::SearchScope;
use crate::cloud::connection::clients;
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::search::{Looked, Mark};
use crate::text::clean::Clean;

/// What a stack's outputs name. The template ships with these keys.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outputs {
    pub(super) stack: String,
    pub(super) bucket: Option<String>,
    pub(super) function: Option<String>,
    pub(super) topic: Option<String>,
    pub(super) log_group: Option<String>,
}

impl Outputs {
    fn of(stack: &Stack) -> Self {
        let value = |key: &str| {
            let output = stack.outputs().iter().find(|output| output.output_key() == Some(key));
            output.and_then(|output| output.output_value()).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Self {
            stack: stack.stack_name().unwrap_or_default().to_owned(),
            bucket: value("BucketName"),
            function: value("FunctionName"),
            topic: value("TopicArn"),
            log_group: value("LogGroupName"),
        }
    }

    /// Other people's stacks may have a bucket; a pipeline has all three.
    fn is_pipeline(&self) -> bool {
        self.bucket.is_some() && self.function.is_some() && self.topic.is_some()
    }
}

/// The outputs of the stack that the user named.
pub(super) async fn named(config: &SdkConfig, name: &str) -> Result<Outputs, Problem> {
    let answer =
        Box::pin(clients::cloudformation(config).describe_stacks().stack_name(name).send()).await.map_err(|error| {
            let context = OperationContext::new(format!("cannot read stack {name}"), "cloudformation:DescribeStacks");
            let problem = problem::of(&error, &context);
            // A stack that does not exist is a ValidationError, which says nothing of what to do.
            if problem.kind == ProblemKind::Other {
                problem.with_hint("check --stack, --profile and --region")
            } else {
                problem
            }
        })?;
    let outputs = answer.stacks().first().map(Outputs::of).unwrap_or_default();
    if outputs.bucket.is_none() && outputs.function.is_none() && outputs.topic.is_none() {
        return Err(Problem::new(
            ProblemKind::NotFound,
            format!("stack {name} names no pipeline"),
            "it has none of the outputs BucketName, FunctionName and TopicArn",
        )
        .with_hint("check --stack, or wait until the stack is complete"));
    }
    Ok(outputs)
}

/// The outputs of the only stack that looks like a pipeline. What came of the look is noted; what stands in the way of
/// every other look as well is an error.
pub(super) async fn only(
    config: &SdkConfig,
    profile: Option<&str>,
    place: SearchScope,
    looked: &mut Vec<Looked>,
) -> Result<Option<Outputs>, Problem> {
    let region = config.region().map(AsRef::as_ref).unwrap_or_default();
    let name = match profile {
        Some(profile) => format!("stacks in {region} as profile {profile}"),
        None => format!("stacks in {region}"),
    };
    let mut note = |outcome: &str, mark: Mark| {
        looked.push(Looked { place: Clean::new(&name), outcome: Clean::new(outcome), mark });
    };
    let mut all = match Box::pin(all(config)).await {
        Ok(all) => all,
        Err(problem) if place.is_blocked_by(&problem) => return Err(problem),
        Err(problem) => {
            note(problem.why.shown(), Mark::NotRead);
            return Ok(None);
        }
    };
    let names: Vec<&str> = all.iter().map(|outputs| outputs.stack.as_str()).collect();
    match names.as_slice() {
        [] => note("none has the outputs BucketName, FunctionName and TopicArn", Mark::Nothing),
        [_] => {}
        names => note(&format!("{}; choose one with --stack", names.join(", ")), Mark::Choose),
    }
    Ok(if all.len() == 1 { all.pop() } else { None })
}

async fn all(config: &SdkConfig) -> Result<Vec<Outputs>, Problem> {
    let client = clients::cloudformation(config);
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let answer = client.describe_stacks().set_next_token(token).send().await.map_err(|error| {
            let problem =
                problem::of(&error, &OperationContext::new("cannot list stacks", "cloudformation:DescribeStacks"));
            match problem.kind {
                ProblemKind::Denied => {
                    Problem { why: Clean::new("cloudformation:DescribeStacks is not allowed"), ..problem }
                }
                _ => problem,
            }
        })?;
        found.extend(answer.stacks().iter().map(Outputs::of).filter(Outputs::is_pipeline));
        token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::Output;
    use aws_sdk_cloudformation::types::builders::StackBuilder;

    use super::*;

    fn stack(name: &str, outputs: &[(&str, &str)]) -> StackBuilder {
        let output = |(key, value): &(&str, &str)| Output::builder().output_key(*key).output_value(*value).build();
        Stack::builder().stack_name(name).set_outputs(Some(outputs.iter().map(output).collect()))
    }

    fn outputs(builder: StackBuilder) -> Outputs {
        let at = aws_smithy_types::DateTime::from_secs(0);
        Outputs::of(&builder.creation_time(at).stack_status("CREATE_COMPLETE".into()).build())
    }

    #[test]
    fn a_pipeline_is_what_names_bucket_function_and_topic() {
        let pipeline = [("BucketName", "b"), ("FunctionName", "f"), ("TopicArn", "arn:aws:sns:r:1:t")];
        let found = outputs(stack("s", &pipeline));
        assert!(found.is_pipeline());
        assert_eq!((found.stack.as_str(), found.bucket.as_deref(), found.log_group), ("s", Some("b"), None));
        assert!(!outputs(stack("s", &[("BucketName", "b"), ("FunctionName", "f")])).is_pipeline());
        assert!(!outputs(stack("s", &[("BucketName", ""), ("FunctionName", "f"), ("TopicArn", "t")])).is_pipeline());
        assert!(!outputs(stack("s", &[])).is_pipeline());
    }
}
