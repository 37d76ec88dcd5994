//! Operations on buckets, except on their notification configuration.

#![expect(clippy::needless_pass_by_value, clippy::unnecessary_wraps, reason = "all operations have one form")]

use s3s::dto::{
    Bucket, BucketLocationConstraint, BucketVersioningStatus, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput, MFADelete,
    ObjectOwnership, Owner, PutBucketVersioningInput, PutBucketVersioningOutput,
};
use s3s::{S3ErrorCode, S3Request};

use super::problem::Problem;
use super::service::Call;
use super::versions::Versioning;
use crate::common::env::ACCOUNT;

pub(crate) fn owner() -> Owner {
    Owner { id: Some(ACCOUNT.to_owned()), display_name: None }
}

pub(crate) fn create(call: &Call, request: S3Request<CreateBucketInput>) -> Result<CreateBucketOutput, Problem> {
    let CreateBucketInput { bucket, create_bucket_configuration, object_lock_enabled_for_bucket, .. } = request.input;
    let region = call.s3.env.region.as_str();
    let configuration = create_bucket_configuration.unwrap_or_default();
    let is_directory = configuration.bucket.is_some() || configuration.location.is_some();
    if object_lock_enabled_for_bucket == Some(true) || is_directory {
        return Err(Problem::of(S3ErrorCode::NotImplemented));
    }
    check_ownership(request.input.object_ownership.as_ref())?;
    check_location(region, configuration.location_constraint.as_ref().map(BucketLocationConstraint::as_str))?;
    // In us-east-1, and only there, creating one's own bucket again succeeds.
    if !call.store().create(&bucket) && region != "us-east-1" {
        let message = "Your previous request to create the named bucket succeeded and you already own it.";
        return Err(Problem::new(S3ErrorCode::BucketAlreadyOwnedByYou, message).detail("BucketName", bucket));
    }
    Ok(CreateBucketOutput { location: Some(format!("/{bucket}")) })
}

/// Buckets here have no ACLs, which is the default of AWS.
fn check_ownership(asked: Option<&ObjectOwnership>) -> Result<(), Problem> {
    match asked.map(ObjectOwnership::as_str) {
        None | Some(ObjectOwnership::BUCKET_OWNER_ENFORCED) => Ok(()),
        Some(ObjectOwnership::BUCKET_OWNER_PREFERRED | ObjectOwnership::OBJECT_WRITER) => {
            Err(Problem::of(S3ErrorCode::NotImplemented).detail("Header", "x-amz-object-ownership"))
        }
        Some(other) => {
            let message = format!("Invalid x-amz-object-ownership header: {other}");
            Err(Problem::new(S3ErrorCode::InvalidArgument, message).detail("ArgumentName", "x-amz-object-ownership"))
        }
    }
}

/// The location must be the region of the cloud, which us-east-1 does not name and all others do.
fn check_location(region: &str, asked: Option<&str>) -> Result<(), Problem> {
    let is_region = |text: &str| text == "EU" || text.matches('-').count() >= 2;
    match asked {
        None if region == "us-east-1" => Ok(()),
        Some(asked) if region == "us-east-1" && (asked == region || !is_region(asked)) => {
            let message = "The specified location-constraint is not valid";
            let problem = Problem::new(S3ErrorCode::InvalidLocationConstraint, message);
            Err(problem.detail("LocationConstraint", asked))
        }
        Some(asked) if asked == region => Ok(()),
        asked => {
            let message = format!(
                "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
                asked.unwrap_or("unspecified")
            );
            Err(Problem::new(S3ErrorCode::IllegalLocationConstraintException, message))
        }
    }
}

pub(crate) fn list(call: &Call, request: S3Request<ListBucketsInput>) -> Result<ListBucketsOutput, Problem> {
    let ListBucketsInput { bucket_region, continuation_token, max_buckets, prefix } = request.input;
    let region = &call.s3.env.region;
    let start = prefix.clone().unwrap_or_default();
    let after = continuation_token.unwrap_or_default();
    let most = usize::try_from(max_buckets.unwrap_or(10_000)).unwrap_or(0).clamp(1, 10_000);
    let buckets = call.store().buckets();
    let mut found = buckets
        .range(start.clone()..)
        .take_while(|(name, _)| name.starts_with(&start))
        .filter(|(name, _)| name.as_str() > after.as_str() && bucket_region.as_ref().is_none_or(|one| one == region))
        .map(|(name, bucket)| Bucket {
            bucket_region: Some(region.clone()),
            creation_date: Some(bucket.created.into()),
            name: Some(name.clone()),
        });
    let page: Vec<_> = found.by_ref().take(most).collect();
    let more = found.next().is_some();
    let continuation_token = page.last().and_then(|bucket| bucket.name.clone()).filter(|_| more);
    Ok(ListBucketsOutput { buckets: Some(page), continuation_token, owner: Some(owner()), prefix })
}

pub(crate) fn head(call: &Call, request: S3Request<HeadBucketInput>) -> Result<HeadBucketOutput, Problem> {
    call.store().with(&request.input.bucket, |_| Ok(()))?;
    let region = call.s3.env.region.clone();
    Ok(HeadBucketOutput { bucket_region: Some(region), ..Default::default() })
}

pub(crate) fn delete(call: &Call, request: S3Request<DeleteBucketInput>) -> Result<DeleteBucketOutput, Problem> {
    let name = &request.input.bucket;
    let mut buckets = call.store().buckets();
    let bucket = buckets.get(name).ok_or_else(|| Problem::no_such_bucket(name))?;
    if !bucket.is_empty() {
        let message = if bucket.versioning == Versioning::Never {
            "The bucket you tried to delete is not empty"
        } else {
            "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
        };
        return Err(Problem::new(S3ErrorCode::BucketNotEmpty, message).detail("BucketName", name));
    }
    buckets.remove(name);
    Ok(DeleteBucketOutput::default())
}

pub(crate) fn location(
    call: &Call,
    request: S3Request<GetBucketLocationInput>,
) -> Result<GetBucketLocationOutput, Problem> {
    call.store().with(&request.input.bucket, |_| Ok(()))?;
    let region = call.s3.env.region.clone();
    // us-east-1 is an empty element.
    let location_constraint = (region != "us-east-1").then(|| BucketLocationConstraint::from(region));
    Ok(GetBucketLocationOutput { location_constraint })
}

/// The answer is empty for a bucket that never kept versions.
pub(crate) fn versioning(
    call: &Call,
    request: S3Request<GetBucketVersioningInput>,
) -> Result<GetBucketVersioningOutput, Problem> {
    let versioning = call.store().with(&request.input.bucket, |bucket| Ok(bucket.versioning))?;
    let status = match versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::ENABLED)),
        Versioning::Suspended => Some(BucketVersioningStatus::from_static(BucketVersioningStatus::SUSPENDED)),
    };
    Ok(GetBucketVersioningOutput { status, ..Default::default() })
}

pub(crate) fn set_versioning(
    call: &Call,
    request: S3Request<PutBucketVersioningInput>,
) -> Result<PutBucketVersioningOutput, Problem> {
    let PutBucketVersioningInput { bucket, versioning_configuration: asked, .. } = request.input;
    if asked.mfa_delete.is_some_and(|mfa| mfa.as_str() == MFADelete::ENABLED) {
        return Err(Problem::of(S3ErrorCode::NotImplemented));
    }
    let versioning = match asked.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        Some(_) => return Err(Problem::of(S3ErrorCode::MalformedXML)),
        None => {
            let message = "The Versioning element must be specified";
            return Err(Problem::new(S3ErrorCode::IllegalVersioningConfigurationException, message));
        }
    };
    call.store().with(&bucket, |bucket| {
        bucket.versioning = versioning;
        Ok(())
    })?;
    Ok(PutBucketVersioningOutput::default())
}
