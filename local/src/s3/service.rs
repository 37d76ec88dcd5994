//! The operations of S3 that this cloud serves.
//!
//! Others answer `NotImplemented`, the default of the trait.

use std::sync::Arc;
use std::time::SystemTime;

use s3s::{S3Request, S3Response, S3Result, StdError, dto};

use super::files::DiskError;
use super::problem::Problem;
use super::reply::Reply;
use super::store::Store;
use super::{S3, buckets, complete, configure, copy, delete, get, list, list_versions, multipart, put, tags, uploads};

pub(crate) struct Call {
    pub(crate) s3: Arc<S3>,
    pub(crate) reply: Arc<Reply>,
    /// The request's `X-Amzn-Trace-Id`, which its event carries too.
    pub(crate) trace_header: Option<String>,
}

impl Call {
    pub(crate) fn store(&self) -> &Store {
        &self.s3.store
    }

    /// The time in whole seconds: S3 keeps no finer ones.
    pub(crate) fn now(&self) -> SystemTime {
        super::store::whole_seconds(&self.s3.env)
    }

    /// Why a body was not received: the disk, the client or this machine.
    pub(crate) fn not_received(&self, error: StdError) -> Problem {
        match error.downcast_ref::<DiskError>() {
            Some(DiskError(error)) => self.store().disk(error),
            None => self.reply.not_received(error),
        }
    }

    fn answer<T>(&self, result: Result<T, Problem>) -> S3Result<S3Response<T>> {
        result.map(S3Response::new).map_err(|problem| self.reply.fail(problem))
    }
}

/// All methods have the same body but for names, and for whether the call is awaited.
macro_rules! operations {
    ($($name:ident($input:ident) -> $output:ident = $run:path $(, $awaited:tt)?;)*) => {
        #[async_trait::async_trait]
        impl s3s::S3 for Call {
            $(async fn $name(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                self.answer($run(self, request)$(.$awaited)?)
            })*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = buckets::versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = buckets::set_versioning;
    put_object(PutObjectInput) -> PutObjectOutput = put::object, await;
    get_object(GetObjectInput) -> GetObjectOutput = get::object, await;
    head_object(HeadObjectInput) -> HeadObjectOutput = get::head;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::object, await;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete::object;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete::objects;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tags::put;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tags::get;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tags::delete;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list::version_1;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart::create;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart::part, await;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = complete::upload_parts, await;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart::abort;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput = configure::get;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
        -> PutBucketNotificationConfigurationOutput = configure::put;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::part, await;
    list_parts(ListPartsInput) -> ListPartsOutput = uploads::parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = uploads::uploads;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = list_versions::versions;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list::version_2;
}
