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

use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::protection::READ_ONLY_HINT;

/// Hands out what changes something, or says why not.
#[derive(Debug, Clone, Copy)]
pub(in crate::cloud) struct Changes {
    read_only: bool,
}

impl Changes {
    pub(in crate::cloud) fn new(read_only: bool) -> Self {
        Self { read_only }
    }

    /// Whether every change would be refused: nothing has to be prepared for one then.
    pub(in crate::cloud) fn are_refused(self) -> bool {
        self.read_only
    }

    /// Writes a line into the log file for what is about to be changed. A refusal comes before any request.
    fn allow(self, change: &'static str, name: &str) -> Result<(), Problem> {
        if self.read_only {
            tracing::warn!("read-only: refused {change} {name:?}");
            let why = format!("{change} is refused, because imgwatch is read-only");
            return Err(Problem::new(ProblemKind::ReadOnly, "nothing was changed", why).with_hint(READ_ONLY_HINT));
        }
        tracing::info!("changes: {change} {name:?}");
        Ok(())
    }

    pub(in crate::cloud) fn put_object(
        self,
        s3: &aws_sdk_s3::Client,
        key: &str,
    ) -> Result<PutObjectFluentBuilder, Problem> {
        self.allow("s3:PutObject", key).map(|()| s3.put_object())
    }

    pub(in crate::cloud) fn create_multipart_upload(
        self,
        s3: &aws_sdk_s3::Client,
        key: &str,
    ) -> Result<CreateMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:CreateMultipartUpload", key).map(|()| s3.create_multipart_upload())
    }

    pub(in crate::cloud) fn upload_part(
        self,
        s3: &aws_sdk_s3::Client,
        key: &str,
    ) -> Result<UploadPartFluentBuilder, Problem> {
        self.allow("s3:UploadPart", key).map(|()| s3.upload_part())
    }

    pub(in crate::cloud) fn complete_multipart_upload(
        self,
        s3: &aws_sdk_s3::Client,
        key: &str,
    ) -> Result<CompleteMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:CompleteMultipartUpload", key).map(|()| s3.complete_multipart_upload())
    }

    pub(in crate::cloud) fn abort_multipart_upload(
        self,
        s3: &aws_sdk_s3::Client,
        key: &str,
    ) -> Result<AbortMultipartUploadFluentBuilder, Problem> {
        self.allow("s3:AbortMultipartUpload", key).map(|()| s3.abort_multipart_upload())
    }

    pub(in crate::cloud) fn subscribe(
        self,
        sns: &aws_sdk_sns::Client,
        topic_arn: &str,
    ) -> Result<SubscribeFluentBuilder, Problem> {
        self.allow("sns:Subscribe", topic_arn).map(|()| sns.subscribe())
    }

    pub(in crate::cloud) fn unsubscribe(
        self,
        sns: &aws_sdk_sns::Client,
        arn: &str,
    ) -> Result<UnsubscribeFluentBuilder, Problem> {
        self.allow("sns:Unsubscribe", arn).map(|()| sns.unsubscribe())
    }

    pub(in crate::cloud) fn confirm_subscription(
        self,
        sns: &aws_sdk_sns::Client,
        topic_arn: &str,
    ) -> Result<ConfirmSubscriptionFluentBuilder, Problem> {
        self.allow("sns:ConfirmSubscription", topic_arn).map(|()| sns.confirm_subscription())
    }

    pub(in crate::cloud) fn create_queue(
        self,
        sqs: &aws_sdk_sqs::Client,
        queue: &str,
    ) -> Result<CreateQueueFluentBuilder, Problem> {
        self.allow("sqs:CreateQueue", queue).map(|()| sqs.create_queue())
    }

    pub(in crate::cloud) fn delete_queue(
        self,
        sqs: &aws_sdk_sqs::Client,
        queue: &str,
    ) -> Result<DeleteQueueFluentBuilder, Problem> {
        self.allow("sqs:DeleteQueue", queue).map(|()| sqs.delete_queue())
    }

    pub(in crate::cloud) fn tag_queue(
        self,
        sqs: &aws_sdk_sqs::Client,
        queue: &str,
    ) -> Result<TagQueueFluentBuilder, Problem> {
        self.allow("sqs:TagQueue", queue).map(|()| sqs.tag_queue())
    }

    pub(in crate::cloud) fn delete_messages(
        self,
        sqs: &aws_sdk_sqs::Client,
        queue: &str,
    ) -> Result<DeleteMessageBatchFluentBuilder, Problem> {
        self.allow("sqs:DeleteMessage", queue).map(|()| sqs.delete_message_batch())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_comes_before_any_request_and_names_what_was_refused() {
        let refusal = Changes::new(true).allow("s3:PutObject", "cat.png").unwrap_err();
        assert_eq!(refusal.kind, ProblemKind::ReadOnly);
        assert!(refusal.to_string().contains("s3:PutObject is refused"), "{refusal}");
        assert_eq!(Changes::new(false).allow("s3:PutObject", "cat.png"), Ok(()));
    }
}
