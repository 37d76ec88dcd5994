//! The bucket: its region, its notifications, the object under a key, and S3's clock.

use aws_sdk_s3::types::BucketLocationConstraint;
use jiff::Timestamp;

use super::lookup::LookupReader;
use crate::cloud::connection::response_date::ResponseDate;
use crate::cloud::upload::leftovers::incomplete;
use crate::cloud::wiring;
use crate::domain::diagnosis::findings::{BucketNotifications, Lookup, Object};
use crate::domain::parts::Incomplete;
use crate::text::clean::Clean;

/// The bucket's region, and this machine's clock less S3's in milliseconds.
pub(super) async fn region_and_clock(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &str,
) -> (Lookup<Clean>, Lookup<i64>) {
    let date = ResponseDate::default();
    let request = s3.head_bucket().bucket(bucket).customize().interceptor(date.clone()).send();
    let head = reader.at("s3:ListBucket", request).await;
    // The header has whole seconds: half of one is what it leaves out on average.
    let ahead = date.get().map(|date| Timestamp::now().as_millisecond() - date.as_millisecond() - 500);
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
