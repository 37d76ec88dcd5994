//! Headers that ask for what this store does not have. They are refused with AWS's errors, and never ignored.

use http::HeaderMap;
use s3s::S3ErrorCode;

use super::problem::Problem;
use crate::common::env::ACCOUNT;

/// Headers that this store does not implement; they are refused as AWS refuses what it does not implement.
const REFUSED: [&str; 8] = [
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-context",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
    "x-amz-write-offset-bytes",
];

/// The storage classes of AWS besides `STANDARD`.
const OTHER_CLASSES: [&str; 9] = [
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "SNOW",
    "EXPRESS_ONEZONE",
];

/// The ACLs that a bucket without ACLs accepts, because they change nothing.
const ACCEPTED_ACLS: [&str; 2] = ["private", "bucket-owner-full-control"];
const OTHER_ACLS: [&str; 6] = [
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "log-delivery-write",
];

pub(crate) fn refuse(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let refused = |name: &str| Err(Problem::of(S3ErrorCode::NotImplemented).detail("Header", name));
    if let Some(name) = REFUSED.into_iter().find(|name| headers.contains_key(*name)) {
        return refused(name);
    }
    if headers.get("x-amz-server-side-encryption").is_some_and(|value| value != "AES256") {
        return refused("x-amz-server-side-encryption");
    }
    acl(text("x-amz-acl").as_deref(), headers)?;
    if let Some(class) = text("x-amz-storage-class").filter(|class| class != "STANDARD") {
        if OTHER_CLASSES.contains(&class.as_str()) {
            return refused("x-amz-storage-class");
        }
        let message = "The storage class you specified is not valid";
        let problem = Problem::new(S3ErrorCode::InvalidStorageClass, message);
        return Err(problem.detail("StorageClassRequested", class));
    }
    ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]
        .into_iter()
        .filter_map(text)
        .try_for_each(|expected| owner(&expected))
}

fn acl(acl: Option<&str>, headers: &HeaderMap) -> Result<(), Problem> {
    let known = |acl: &str| ACCEPTED_ACLS.contains(&acl) || OTHER_ACLS.contains(&acl);
    if let Some(acl) = acl.filter(|acl| !known(acl)) {
        return Err(Problem::invalid_argument("", "x-amz-acl", acl));
    }
    let grants = headers.keys().any(|name| name.as_str().starts_with("x-amz-grant-"));
    if grants || acl.is_some_and(|acl| OTHER_ACLS.contains(&acl)) {
        let message = "The bucket does not allow ACLs";
        return Err(Problem::new(S3ErrorCode::AccessControlListNotSupported, message));
    }
    Ok(())
}

/// Checks the account to which the client expects a bucket to belong.
fn owner(owner: &str) -> Result<(), Problem> {
    if owner == ACCOUNT {
        return Ok(());
    }
    if owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::new(S3ErrorCode::AccessDenied, "Access Denied"));
    }
    let message = format!("The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]");
    Err(Problem::new(S3ErrorCode::InvalidBucketOwnerAWSAccountID, message))
}
