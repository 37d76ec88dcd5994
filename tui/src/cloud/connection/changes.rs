//! The one gate for requests that change something in the account: each is handed out here, by its name.
//!
//! `tests/architecture.rs` holds that no other module makes one. Local files are not its business.

use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder;
use aws_sdk_sns::operation::confirm_subscription::builders::ConfirmSubscriptionFluentBuilder;
use aws_sdk_sns::operation::subscribe::builders::SubscribeFluentBuilder;
use aws_sdk_sns::operation::unsubscribe::builders::UnsubscribeFluentBuilder;
use aws_sdk_sqs::operation::create_queue::builders::CreateQueueFluentBuilder;
use aws_sdk_sqs::operation::delete_message_batch::builders::DeleteMessageBatchFluentBuilder;
use aws_sdk_sqs::operation::delete_queue::builders::DeleteQueueFluentBuilder;
use aws_sdk_sqs::operation::tag_queue::builders::TagQueueFluentBuilder;

use crate::domain::problem::Problem;

/// Hands out what changes something, or says why not.
#[derive(Debug, Clone, Default)]
pub(in crate::cloud) struct Changes {
    /// Why nothing may be changed.
    refusal: Option<Problem>,
}

impl Changes {
    /// Logs what is about to be changed. A refusal comes before any request.
    fn allow(&self, change: &'static str) -> Result<(), Problem> {
        if let Some(refusal) = &self.refusal {
            tracing::warn!("refused {change}");
            return Err(refusal.clone());
        }
        tracing::info!("changes: {change}");
        Ok(())
    }

    pub(in crate::cloud) fn put_object(&self, s3: &aws_sdk_s3::Client) -> Result<PutObjectFluentBuilder, Problem> {
        self.allow("s3:PutObject").map(|()| s3.put_object())
    }

    pub(in crate::cloud) fn create_multipart_upload(
        &self,
        s3: &aws_sdk_s3::Client,
    ) -> Result<CreateMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:CreateMultipartUpload").map(|()| s3.create_multipart_upload())
    }

    pub(in crate::cloud) fn upload_part(&self, s3: &aws_sdk_s3::Client) -> Result<UploadPartFluentBuilder, Problem> {
        self.allow("s3:UploadPart").map(|()| s3.upload_part())
    }

    pub(in crate::cloud) fn complete_multipart_upload(
        &self,
        s3: &aws_sdk_s3::Client,
    ) -> Result<CompleteMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:CompleteMultipartUpload").map(|()| s3.complete_multipart_upload())
    }

    pub(in crate::cloud) fn abort_multipart_upload(
        &self,
        s3: &aws_sdk_s3::Client,
    ) -> Result<AbortMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:AbortMultipartUpload").map(|()| s3.abort_multipart_upload())
    }

    pub(in crate::cloud) fn subscribe(&self, sns: &aws_sdk_sns::Client) -> Result<SubscribeFluentBuilder, Problem> {
        self.allow("sns:Subscribe").map(|()| sns.subscribe())
    }

    pub(in crate::cloud) fn unsubscribe(&self, sns: &aws_sdk_sns::Client) -> Result<UnsubscribeFluentBuilder, Problem> {
        self.allow("sns:Unsubscribe").map(|()| sns.unsubscribe())
    }

    pub(in crate::cloud) fn confirm_subscription(
        &self,
        sns: &aws_sdk_sns::Client,
    ) -> Result<ConfirmSubscriptionFluentBuilder, Problem> {
        self.allow("sns:ConfirmSubscription").map(|()| sns.confirm_subscription())
    }

    pub(in crate::cloud) fn create_queue(
        &self,
        sqs: &aws_sdk_sqs::Client,
    ) -> Result<CreateQueueFluentBuilder, Problem> {
        self.allow("sqs:CreateQueue").map(|()| sqs.create_queue())
    }

    pub(in crate::cloud) fn delete_queue(
        &self,
        sqs: &aws_sdk_sqs::Client,
    ) -> Result<DeleteQueueFluentBuilder, Problem> {
        self.allow("sqs:DeleteQueue").map(|()| sqs.delete_queue())
    }

    pub(in crate::cloud) fn tag_queue(&self, sqs: &aws_sdk_sqs::Client) -> Result<TagQueueFluentBuilder, Problem> {
        self.allow("sqs:TagQueue").map(|()| sqs.tag_queue())
    }

    pub(in crate::cloud) fn delete_messages(
        &self,
        sqs: &aws_sdk_sqs::Client,
    ) -> Result<DeleteMessageBatchFluentBuilder, Problem> {
        self.allow("sqs:DeleteMessage").map(|()| sqs.delete_message_batch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::problem::ProblemKind;

    #[test]
    fn a_refusal_comes_before_any_request() {
        let refusal = Problem::new(ProblemKind::Invalid, "cannot change anything", "this is a test");
        let changes = Changes { refusal: Some(refusal.clone()) };
        assert_eq!(changes.allow("s3:PutObject"), Err(refusal));
        assert_eq!(Changes::default().allow("s3:PutObject"), Ok(()));
    }
}
