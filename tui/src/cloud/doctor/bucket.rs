//! The bucket: its region, its notifications, the object under a key, and S3's clock.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::types::BucketLocationConstraint;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::lookup::LookupReader;
use crate::cloud::upload::leftovers::incomplete;
use crate::cloud::wiring;
use crate::domain::diagnosis::findings::{BucketNotifications, Lookup, Object};
use crate::domain::parts::Incomplete;
use crate::text::clean::Clean;

/// Reads the `Date` of an answer, and how far this machine's clock is ahead of it.
#[derive(Debug, Clone, Default)]
struct ClockOffset(Arc<Mutex<Option<i64>>>);

impl Intercept for ClockOffset {
    fn name(&self) -> &'static str {
        "ClockOffset"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date").and_then(|date| rfc2822::parse(date).ok());
        if let Some(date) = date {
            // The header has whole seconds: half of one is what it leaves out on average.
            let ahead = Timestamp::now().as_millisecond() - date.timestamp().as_millisecond() - 500;
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        Ok(())
    }
}

/// The bucket's region, and this machine's clock less S3's in milliseconds.
pub(super) async fn region_and_clock(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
) -> (Lookup<Clean>, Lookup<i64>) {
    let clock = ClockOffset::default();
    let request = s3.head_bucket().bucket(bucket).customize().interceptor(clock.clone()).send();
    let head = reader.at("s3:ListBucket", request).await;
    let ahead = *clock.0.lock().unwrap_or_else(PoisonError::into_inner);
    let ahead = match (ahead, &head) {
        (Some(ahead), _) => Lookup::Found(ahead),
        (None, Lookup::Found(_)) => Lookup::Failed("S3's answer has no Date header".into()),
        (None, _) => head.clone().map(|_| 0),
    };
    if let Some(region) = head.found().and_then(|head| head.bucket_region()).map(Clean::new) {
        return (Lookup::Found(region), ahead);
    }
    // Not every endpoint names the region in that answer, and not every caller may list.
    let location = reader.at("s3:GetBucketLocation", s3.get_bucket_location().bucket(bucket).send()).await;
    let region = location.map(|answer| match answer.location_constraint().map(BucketLocationConstraint::as_str) {
        None | Some("") => Clean::new("us-east-1"),
        Some("EU") => Clean::new("eu-west-1"),
        Some(region) => Clean::new(region),
    });
    (region, ahead)
}

/// The object under a key.
pub(super) async fn object(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
    key: &Clean,
) -> Lookup<Object> {
    // S3 asks for this permission for the head as well.
    let answer = reader.at("s3:GetObject", s3.head_object().bucket(bucket).key(key.raw()).send()).await;
    answer.map(|answer| Object {
        size: answer.content_length().and_then(|size| u64::try_from(size).ok()),
        last_modified: answer.last_modified().and_then(|at| Timestamp::from_second(at.secs()).ok()),
        e_tag: answer.e_tag().map(|tag| Clean::new(tag.trim_matches('"'))),
    })
}

/// The multipart uploads that were begun and are neither completed nor removed.
pub(super) async fn incomplete_uploads(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
) -> Lookup<Incomplete> {
    let request = s3.list_multipart_uploads().bucket(bucket).send();
    reader.at("s3:ListBucketMultipartUploads", request).await.map(|listing| incomplete(&listing, &[]))
}

/// The bucket's notification configuration.
pub(super) async fn notifications(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
) -> Lookup<BucketNotifications> {
    let request = s3.get_bucket_notification_configuration().bucket(bucket).send();
    reader.at("s3:GetBucketNotification", request).await.map(|answer| wiring::notifications(&answer))
}
