//! `CopyObject`.

use s3s::dto::*;
use s3s::S3Request;

use super::problem::Problem;
use super::service::Call;

pub(crate) async fn object(_call: &Call, _request: S3Request<CopyObjectInput>) -> Result<CopyObjectOutput, Problem> {
    Err(Problem::new(s3s::S3ErrorCode::NotImplemented, "CopyObject is not implemented"))
}
