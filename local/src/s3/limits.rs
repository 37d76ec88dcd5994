//! The sizes that S3 allows a request: of its key, of the metadata, and of what it uploads at once.

use http::{HeaderMap, Method, Uri};
use s3s::S3ErrorCode;

use super::problem::Problem;

const MOST_OF_KEY: usize = 1024;
const MOST_OF_METADATA: usize = 2048;
/// Of an object or a part that is uploaded with one request.
const MOST_OF_BODY: u64 = 5 << 30;

/// Checks the bytes of a key.
pub(crate) fn check_key(size: usize) -> Result<(), Problem> {
    if size <= MOST_OF_KEY {
        return Ok(());
    }
    Err(Problem::of(S3ErrorCode::KeyTooLongError)
        .detail("Size", size.to_string())
        .detail("MaxSizeAllowed", MOST_OF_KEY.to_string()))
}

pub(crate) fn check(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let path = uri.path().trim_start_matches('/');
    let key = path.split_once('/').map_or("", |(_, key)| key);
    check_key(percent_encoding::percent_decode_str(key).count())?;
    if !matches!(*method, Method::PUT | Method::POST) {
        return Ok(());
    }
    let metadata = headers.iter().filter_map(|(name, value)| Some((name.as_str().strip_prefix("x-amz-meta-")?, value)));
    let size: usize = metadata.map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST_OF_METADATA {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(Problem::new(S3ErrorCode::MetadataTooLarge, message)
            .detail("Size", size.to_string())
            .detail("MaxSizeAllowed", MOST_OF_METADATA.to_string()));
    }
    let length = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let length = length("x-amz-decoded-content-length").or_else(|| length("content-length")).unwrap_or(0);
    if length > MOST_OF_BODY {
        let message = "Your proposed upload exceeds the maximum allowed size";
        return Err(Problem::new(S3ErrorCode::EntityTooLarge, message)
            .detail("ProposedSize", length.to_string())
            .detail("MaxSizeAllowed", MOST_OF_BODY.to_string()));
    }
    Ok(())
}
