//! The region of a bucket. S3 returns it to every caller, even without permission for the bucket.

use aws_config::Region;

use crate::cloud::connection::problem;

/// The region of a bucket that is somewhere else than in `here`; nothing where S3 did not object.
///
/// The notification's function has to be in the bucket's region, so that everything else is there as well.
pub(in crate::cloud) async fn region_of(s3: &aws_sdk_s3::Client, bucket: &str, here: &Region) -> Option<Region> {
    let error = Box::pin(s3.head_bucket().bucket(bucket).send()).await.err()?;
    // A refusal (403) names the region too, but then it is the right one.
    let status = error.raw_response()?.status().as_u16();
    if !matches!(status, 301 | 307 | 400) {
        return None;
    }
    let region = problem::bucket_region(&error)?;
    // It becomes part of host names.
    let is_name = region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !region.is_empty();
    (is_name && region != here.as_ref()).then(|| Region::new(region))
}
