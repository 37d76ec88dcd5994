//! The caller's identity. Asked for only where something cannot do without: a name that has to become an ARN, a probe,
//! Live Tail.

use aws_config::SdkConfig;
use imgwatch_shared::arn::Arn;

use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::Problem;

#[derive(Debug, Clone)]
pub(in crate::cloud) struct Caller {
    pub(in crate::cloud) account: String,
    pub(in crate::cloud) partition: String,
}

impl Caller {
    /// `sts:GetCallerIdentity`.
    pub(in crate::cloud) async fn ask(config: &SdkConfig) -> Result<Self, Problem> {
        let answer = super::clients::sts(config).get_caller_identity().send().await.map_err(|error| {
            problem::of(&error, &OperationContext::new("cannot learn the AWS account", "sts:GetCallerIdentity"))
        })?;
        let partition = answer.arn().and_then(Arn::parse).map_or("aws", |arn| arn.partition).to_owned();
        Ok(Self { account: answer.account().unwrap_or_default().to_owned(), partition })
    }
}
