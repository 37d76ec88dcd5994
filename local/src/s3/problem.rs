//! An S3 error with the details that AWS puts beside code and message.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use http::{HeaderName, HeaderValue, StatusCode};
use s3s::S3ErrorCode;

/// AWS has no code for a full disk, because it has none.
const FULL: &str = "InsufficientStorage";

#[derive(Debug, Clone)]
pub(crate) struct Problem {
    code: S3ErrorCode,
    message: Cow<'static, str>,
    status: StatusCode,
    /// Further elements of the answer, for example `Key`.
    details: Vec<(Cow<'static, str>, String)>,
    headers: Vec<(HeaderName, String)>,
}

impl Problem {
    pub(crate) fn new(code: S3ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let status = code.status_code().unwrap_or(StatusCode::BAD_REQUEST);
        Self { code, message: message.into(), status, details: Vec::new(), headers: Vec::new() }
    }

    /// A problem with the usual message of its code.
    pub(crate) fn of(code: S3ErrorCode) -> Self {
        let message = usual_message(&code);
        Self::new(code, message)
    }

    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn detail(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.details.push((name.into(), value.into()));
        self
    }

    pub(crate) fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Headers of the answer besides the ids.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.clone(), HeaderValue::from_str(value).ok()?)))
    }

    pub(crate) fn code(&self) -> &S3ErrorCode {
        &self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn http_status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn xml(&self, request_id: &str, id_2: &str) -> String {
        let escape = |text: &str| super::reply::escape(text);
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>",
            escape(self.code.as_str()),
            escape(&self.message)
        );
        for (name, value) in &self.details {
            xml = xml + "<" + name + ">" + &escape(value) + "</" + name + ">";
        }
        xml + &format!("<RequestId>{request_id}</RequestId><HostId>{id_2}</HostId></Error>")
    }

    pub(crate) fn no_such_bucket(bucket: &str) -> Self {
        Self::new(S3ErrorCode::NoSuchBucket, "The specified bucket does not exist").detail("BucketName", bucket)
    }

    pub(crate) fn no_such_key(key: &str) -> Self {
        Self::new(S3ErrorCode::NoSuchKey, "The specified key does not exist.").detail("Key", key)
    }

    pub(crate) fn precondition_failed(condition: &str) -> Self {
        Self::new(S3ErrorCode::PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
            .detail("Condition", condition)
    }

    pub(crate) fn invalid_argument(message: impl Into<Cow<'static, str>>, name: &str, value: &str) -> Self {
        Self::new(S3ErrorCode::InvalidArgument, message).detail("ArgumentName", name).detail("ArgumentValue", value)
    }

    pub(crate) fn malformed(error: &super::chunked::Malformed) -> Self {
        Self::new(S3ErrorCode::IncompleteBody, format!("The request body is not valid aws-chunked: {error}"))
    }

    /// The disk under a directory failed. A full disk is no `InternalError`, which clients try again for minutes.
    pub(crate) fn disk(error: &io::Error, directory: &Path) -> Self {
        tracing::error!(%error, directory = %directory.display(), "the disk failed an S3 request");
        let directory = directory.display();
        let (code, status, why) = match error.kind() {
            io::ErrorKind::StorageFull => (FULL, StatusCode::INSUFFICIENT_STORAGE, "the disk is full"),
            io::ErrorKind::QuotaExceeded => (FULL, StatusCode::INSUFFICIENT_STORAGE, "this user's quota is used up"),
            io::ErrorKind::NotFound => ("InternalError", StatusCode::INTERNAL_SERVER_ERROR, "something removed them"),
            _ => ("InternalError", StatusCode::INTERNAL_SERVER_ERROR, "the disk failed"),
        };
        let fix = if code == FULL { "free space there, or " } else { "" };
        let message = format!(
            "The local cloud keeps objects in {directory}, and {why}: {error}; {fix}restart it with TMPDIR set to \
             another directory"
        );
        let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
        Self::new(code, message).status(status)
    }

    /// The machine failed, not the request.
    pub(crate) fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "an S3 request failed on this machine");
        Self::new(S3ErrorCode::InternalError, "We encountered an internal error. Please try again.")
    }
}

/// The message of a code that has one message only; the errors of `s3s` have none of their own.
pub(crate) fn usual_message(code: &S3ErrorCode) -> &'static str {
    match code {
        S3ErrorCode::KeyTooLongError => "Your key is too long",
        S3ErrorCode::IncompleteBody => {
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        }
        S3ErrorCode::InvalidBucketName => "The specified bucket is not valid.",
        S3ErrorCode::InvalidURI => "Couldn't parse the specified URI.",
        S3ErrorCode::MalformedXML => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        S3ErrorCode::MethodNotAllowed => "The specified method is not allowed against this resource.",
        S3ErrorCode::MissingContentLength => "You must provide the Content-Length HTTP header.",
        S3ErrorCode::NotImplemented => "A header you provided implies functionality that is not implemented",
        _ => "The request could not be served.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fails_is_named_with_its_directory() {
        let disk = |code| Problem::disk(&io::Error::from_raw_os_error(code), Path::new("/t/objects"));
        // ENOSPC, EDQUOT and EROFS of Linux and the BSDs.
        let full = disk(28);
        assert_eq!((full.code().as_str(), full.http_status().as_u16()), ("InsufficientStorage", 507));
        assert!(full.message().contains("objects in /t/objects, and the disk is full"), "{}", full.message());
        #[cfg(target_os = "linux")]
        assert!(disk(122).message().contains("quota is used up"), "{}", disk(122).message());
        let gone = disk(2);
        assert!(gone.message().contains("something removed them") && !gone.message().contains("free space"));
        let read_only = disk(30);
        assert_eq!((read_only.code(), read_only.http_status().as_u16()), (&S3ErrorCode::InternalError, 500));
        assert!(read_only.message().contains("/t/objects") && read_only.message().contains("Read-only"));
    }
}
