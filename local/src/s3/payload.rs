//! Decodes a request's body, and checks it against every digest that the client sent.
//!
//! The checks are here, so that no operation can omit them.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _, stream};
use http::{HeaderMap, Method, Uri, header};
use s3s::crypto::{Checksum as _, Md5, Sha256};
use s3s::{S3ErrorCode, StdError};

use super::chunked::Decoder;
use super::digest::{Algorithm, Checksum, Hasher};
use super::problem::Problem;
use super::reply::Reply;
use crate::common::wire::hex;

/// The client's headers about its body.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    md5: Option<Vec<u8>>,
    sha256: Option<String>,
    checksum: Option<(Algorithm, String)>,
    trailer: Option<Algorithm>,
    /// Bytes of the object, where the body is encoded.
    decoded_length: Option<u64>,
    pub(crate) chunked: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Received {
    pub(crate) md5: [u8; 16],
    pub(crate) size: u64,
    pub(crate) checksum: Checksum,
}

impl Announced {
    /// Errors: a digest is malformed, or there are two checksums.
    pub(crate) fn read(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Self, Problem> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let sha256 = text("x-amz-content-sha256").unwrap_or_default();
        let encoding = text("content-encoding").unwrap_or_default();
        let mut announced = Self {
            chunked: sha256.starts_with("STREAMING-") || encoding.contains("aws-chunked"),
            sha256: (sha256.len() == 64).then(|| sha256.to_ascii_lowercase()),
            ..Self::default()
        };
        if let Some(md5) = text("content-md5") {
            let raw = BASE64.decode(md5).ok().filter(|raw| raw.len() == 16);
            let message = "The Content-MD5 you specified was invalid.";
            let invalid = || Problem::new(S3ErrorCode::InvalidDigest, message).detail("Content-MD5", md5);
            announced.md5 = Some(raw.ok_or_else(invalid)?);
        }
        if announced.chunked {
            let length = text("x-amz-decoded-content-length").and_then(|value| value.parse().ok());
            let missing = || Problem::of(S3ErrorCode::MissingContentLength);
            announced.decoded_length = Some(length.ok_or_else(missing)?);
        }
        // In CompleteMultipartUpload these headers are about the object, not the request's body.
        let completes = method == Method::POST && uri.query().is_some_and(|query| query.contains("uploadId="));
        if !completes {
            announced.read_checksums(headers)?;
        }
        Ok(announced)
    }

    fn read_checksums(&mut self, headers: &HeaderMap) -> Result<(), Problem> {
        if Algorithm::ALL.iter().filter(|algorithm| headers.contains_key(algorithm.header())).count() > 1 {
            let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(Problem::new(S3ErrorCode::InvalidRequest, message));
        }
        for algorithm in Algorithm::ALL {
            let Some(value) = headers.get(algorithm.header()) else { continue };
            let value = value.to_str().ok().filter(|value| algorithm.decode(value).is_some());
            let Some(value) = value else { return Err(invalid_checksum(algorithm)) };
            self.checksum = Some((algorithm, value.to_owned()));
        }
        self.trailer = headers.get("x-amz-trailer").and_then(|name| name.to_str().ok()).and_then(Algorithm::by_header);
        Ok(())
    }

    /// Removes headers about the encoding, so that they are neither stored nor checked again.
    pub(crate) fn clean(&self, headers: &mut HeaderMap) {
        for name in ["x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer"] {
            headers.remove(name);
        }
        let Some(length) = self.decoded_length else { return };
        headers.insert(header::CONTENT_LENGTH, length.into());
        let encoding = headers.remove(header::CONTENT_ENCODING);
        let kept: Vec<_> = encoding
            .as_ref()
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty() && *part != "aws-chunked")
            .collect();
        if let Ok(value) = http::HeaderValue::from_str(&kept.join(","))
            && !kept.is_empty()
        {
            headers.insert(header::CONTENT_ENCODING, value);
        }
    }

    fn algorithm(&self) -> Algorithm {
        self.checksum.as_ref().map(|(algorithm, _)| *algorithm).or(self.trailer).unwrap_or(Algorithm::Crc64Nvme)
    }

    fn check(&mut self, sums: Sums, trailers: &[(String, String)]) -> Result<Received, Problem> {
        if self.decoded_length.is_some_and(|length| length != sums.size) {
            return Err(Problem::of(S3ErrorCode::IncompleteBody));
        }
        let received = Received { md5: sums.md5.finalize(), size: sums.size, checksum: sums.checksum.finish() };
        if let Some(md5) = self.md5.as_ref().filter(|md5| md5.as_slice() != received.md5) {
            let message = "The Content-MD5 you specified did not match what we received.";
            return Err(Problem::new(S3ErrorCode::BadDigest, message)
                .detail("ExpectedDigest", BASE64.encode(md5))
                .detail("CalculatedDigest", BASE64.encode(received.md5)));
        }
        if let (Some(expected), Some(actual)) = (&self.sha256, sums.sha256.map(|sum| hex(sum.finalize())))
            && *expected != actual
        {
            return Err(Problem::new(
                S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )
            .status(http::StatusCode::BAD_REQUEST)
            .detail("ClientComputedContentSHA256", expected)
            .detail("S3ComputedContentSHA256", actual));
        }
        self.take_trailer(trailers)?;
        match &self.checksum {
            Some((algorithm, value)) if *value != received.checksum.value => Err(Problem::new(
                S3ErrorCode::BadDigest,
                format!("The {} you specified did not match the calculated checksum.", algorithm.name()),
            )),
            _ => Ok(received),
        }
    }

    fn take_trailer(&mut self, trailers: &[(String, String)]) -> Result<(), Problem> {
        let Some(algorithm) = self.trailer else { return Ok(()) };
        let value = trailers.iter().find(|(name, _)| name == algorithm.header()).map(|(_, value)| value);
        let Some(value) = value else {
            return Err(Problem::new(
                S3ErrorCode::Custom("MalformedTrailerError".into()),
                "The request contained trailing data that was not well-formed or did not conform to our published \
                 schema.",
            )
            .status(http::StatusCode::BAD_REQUEST));
        };
        if algorithm.decode(value).is_none() {
            return Err(invalid_checksum(algorithm));
        }
        self.checksum = Some((algorithm, value.clone()));
        Ok(())
    }
}

fn invalid_checksum(algorithm: Algorithm) -> Problem {
    let message = format!("Value for {} header is invalid.", algorithm.header());
    Problem::new(S3ErrorCode::InvalidRequest, message)
}

/// The digests while the body is passing.
struct Sums {
    md5: Md5,
    sha256: Option<Sha256>,
    checksum: Hasher,
    size: u64,
}

impl Sums {
    fn new(announced: &Announced) -> Self {
        Self {
            md5: Md5::new(),
            sha256: announced.sha256.is_some().then(Sha256::new),
            checksum: Hasher::new(announced.algorithm()),
            size: 0,
        }
    }

    fn update(&mut self, data: &[u8]) {
        self.md5.update(data);
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(data);
        }
        self.checksum.update(data);
        self.size += data.len() as u64;
    }
}

struct Passing<S> {
    wire: S,
    decoder: Option<Decoder>,
    announced: Announced,
    sums: Sums,
    reply: Arc<Reply>,
}

/// The object's bytes. At their end, `reply` has the digests, or the problem that fails the request.
pub(crate) fn checked<S>(
    wire: S,
    announced: Announced,
    reply: Arc<Reply>,
) -> impl Stream<Item = Result<Bytes, StdError>> + Send
where
    S: Stream<Item = Result<Bytes, StdError>> + Send + Unpin,
{
    let passing =
        Passing { wire, decoder: announced.chunked.then(Decoder::new), sums: Sums::new(&announced), announced, reply };
    stream::try_unfold(Some(passing), |passing| async move {
        let Some(mut passing) = passing else { return Ok(None) };
        if let Some(data) = passing.next_data().await? {
            passing.sums.update(&data);
            Ok(Some((data, Some(passing))))
        } else {
            passing.end()?;
            Ok(None)
        }
    })
}

impl<S: Stream<Item = Result<Bytes, StdError>> + Unpin> Passing<S> {
    async fn next_data(&mut self) -> Result<Option<Bytes>, StdError> {
        loop {
            if let Some(decoder) = &mut self.decoder
                && let Some(data) = decoder.next_data().map_err(|error| self.reply.fail(Problem::malformed(&error)))?
            {
                return Ok(Some(data));
            }
            let piece = self.wire.try_next().await.map_err(|error| {
                tracing::debug!(%error, "a request's body broke off");
                self.reply.fail(Problem::of(S3ErrorCode::IncompleteBody))
            })?;
            let Some(bytes) = piece else { return Ok(None) };
            match &mut self.decoder {
                Some(decoder) => decoder.push(&bytes),
                None => return Ok(Some(bytes)),
            }
        }
    }

    fn end(self) -> Result<(), StdError> {
        let Self { decoder, mut announced, sums, reply, .. } = self;
        let trailers = decoder.map_or_else(|| Ok(Vec::new()), Decoder::finish);
        let checked =
            trailers.map_err(|error| Problem::malformed(&error)).and_then(|trailers| announced.check(sums, &trailers));
        reply.received(checked.map_err(|problem| reply.fail(problem))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_failure_of_this_machine() {
        let reply = Arc::new(Reply::new(&testing::env().0));
        let wire = stream::iter([Ok(Bytes::from_static(b"a")), Err(StdError::from("connection reset"))]);
        let pieces: Result<Vec<Bytes>, _> = checked(wire, Announced::default(), Arc::clone(&reply)).try_collect().await;
        let problem = reply.not_received(pieces.unwrap_err());
        assert_eq!(problem.code(), &S3ErrorCode::IncompleteBody);
        let machine = Reply::new(&testing::env().0).not_received("the disk is full");
        assert_eq!(machine.code(), &S3ErrorCode::InternalError);
    }
}
