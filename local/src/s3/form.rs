//! A form in `multipart/form-data`: its fields, and then its file, which is read as it comes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt as _, stream};
use s3s::{S3ErrorCode, StdError};

use super::problem::Problem;
use super::reply::Reply;

/// Most bytes of what comes before the file, as on AWS.
const MOST: usize = 20 * 1024;

pub(super) struct Form<S> {
    wire: S,
    reply: Arc<Reply>,
    /// What was read and not taken yet.
    buffer: BytesMut,
    /// The line break and the boundary before each part.
    mark: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Names in lower case, with values, in the order sent.
    all: Vec<(String, String)>,
    /// Without its path; none where the client named none.
    pub(super) filename: Option<String>,
}

impl Fields {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The object's key, with `${filename}` replaced by the file's name.
    pub(super) fn key(&self) -> Option<String> {
        let key = self.get("key").filter(|key| !key.is_empty())?;
        Some(self.filename.as_ref().map_or_else(|| key.to_owned(), |name| key.replace("${filename}", name)))
    }
}

/// One part's headers.
#[derive(Debug, Default, PartialEq, Eq)]
struct Disposition {
    name: String,
    filename: Option<String>,
}

impl<S: Stream<Item = Result<Bytes, StdError>> + Send + Unpin> Form<S> {
    /// Errors: the content type names no boundary.
    pub(super) fn new(content_type: &str, wire: S, reply: Arc<Reply>) -> Result<Self, Problem> {
        let boundary = content_type.split(';').skip(1).find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
        });
        let boundary = boundary.filter(|boundary| !boundary.is_empty()).ok_or_else(malformed)?;
        // With this line break before it, the first boundary looks like the others.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Ok(Self { wire, reply, buffer, mark: format!("\r\n--{boundary}").into_bytes() })
    }

    /// The fields that come before the file. Those behind it are ignored, as on AWS.
    pub(super) async fn fields(&mut self) -> Result<Fields, Problem> {
        let mut fields = Fields::default();
        let mark = self.mark.clone();
        let mut left = MOST;
        self.up_to(&mark, &mut left).await?;
        loop {
            let line = self.up_to(b"\r\n", &mut left).await?;
            if line.starts_with(b"--") {
                let message = "POST requires exactly one file upload per request.";
                return Err(Problem::new(S3ErrorCode::IncorrectNumberOfFilesInPostRequest, message));
            }
            let headers = self.up_to(b"\r\n\r\n", &mut left).await?;
            let headers = std::str::from_utf8(&headers).map_err(|_| malformed())?;
            let Disposition { name, filename } = headers.lines().find_map(disposition).ok_or_else(malformed)?;
            if name == "file" {
                fields.filename = filename;
                return Ok(fields);
            }
            let value = self.up_to(&mark, &mut left).await?;
            let value = String::from_utf8(value.to_vec()).map_err(|_| malformed())?;
            fields.all.push((name, value));
        }
    }

    /// The file's bytes, of which no more than `most` come; `size` has all of them. At the end, the rest of the body is
    /// read: a client that is still sending would not read the response.
    pub(super) fn file(
        self,
        most: u64,
        size: Arc<AtomicU64>,
    ) -> impl Stream<Item = Result<Bytes, StdError>> + Send + Unpin {
        Box::pin(stream::try_unfold((self, size), move |(mut form, size)| async move {
            while let Some(piece) = form.piece().await? {
                let length = piece.len() as u64;
                if size.fetch_add(length, Ordering::Relaxed) + length <= most {
                    return Ok(Some((piece, (form, size))));
                }
            }
            form.drain().await;
            Ok(None)
        }))
    }

    /// Reads the rest of the body.
    pub(super) async fn drain(mut self) {
        while let Ok(Some(_)) = self.wire.try_next().await {}
    }

    /// The next bytes of the file; `None` at its end.
    async fn piece(&mut self) -> Result<Option<Bytes>, StdError> {
        loop {
            let certain = match find(&self.buffer, &self.mark) {
                Some(0) => return Ok(None),
                Some(at) => at,
                // The boundary may have begun in the last bytes.
                None => self.buffer.len().saturating_sub(self.mark.len()),
            };
            if certain > 0 {
                return Ok(Some(self.buffer.split_to(certain).freeze()));
            }
            self.fill().await.map_err(|problem| self.reply.fail(problem))?;
        }
    }

    /// Takes the bytes before `end`, and `end` itself.
    async fn up_to(&mut self, end: &[u8], left: &mut usize) -> Result<BytesMut, Problem> {
        loop {
            let found = find(&self.buffer, end);
            if found.unwrap_or(self.buffer.len()) > *left {
                let message = "Your POST request fields preceding the upload file were too large.";
                return Err(Problem::new(S3ErrorCode::MaxPostPreDataLengthExceededError, message)
                    .detail("MaxPostPreDataLengthBytes", MOST.to_string()));
            }
            if let Some(at) = found {
                let taken = self.buffer.split_to(at);
                let _ = self.buffer.split_to(end.len());
                *left = left.saturating_sub(at + end.len());
                return Ok(taken);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Problem> {
        match self.wire.try_next().await {
            Ok(Some(bytes)) => {
                self.buffer.extend_from_slice(&bytes);
                Ok(())
            }
            Ok(None) => Err(malformed()),
            Err(_) => Err(Problem::of(S3ErrorCode::IncompleteBody)),
        }
    }
}

fn malformed() -> Problem {
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    Problem::new(S3ErrorCode::MalformedPOSTRequest, message)
}

/// Where `wanted` begins. It begins with a carriage return, which is rare in most files.
fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = from + rest.iter().position(|byte| *byte == b'\r')?;
        if bytes.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Reads a header `Content-Disposition: form-data; name="key"; filename="photo.png"`.
fn disposition(line: &str) -> Option<Disposition> {
    let (header, value) = line.split_once(':')?;
    if !header.trim().eq_ignore_ascii_case("content-disposition") {
        return None;
    }
    let mut found = Disposition::default();
    let mut encoded = None;
    for parameter in parameters(value) {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let value = value.trim();
        let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        // Browsers write a quote as %22; others put a backslash before it.
        let text =
            || quoted.map_or_else(|| value.to_owned(), |quoted| quoted.replace("\\\"", "\"").replace("%22", "\""));
        match name.trim().to_ascii_lowercase().as_str() {
            "name" => found.name = text().to_ascii_lowercase(),
            "filename" => found.filename = Some(text()),
            // The form of RFC 5987, which clients use for names that are not ASCII.
            "filename*" => {
                encoded = value
                    .rsplit('\'')
                    .next()
                    .map(|value| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned());
            }
            _ => {}
        }
    }
    // Only what follows the last slash or backslash is used, as on AWS.
    let base = |name: String| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    found.filename = encoded.or(found.filename).map(base);
    Some(found)
}

/// The parts between semicolons that stand outside of quotes.
fn parameters(value: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut from, mut found) = (false, false, 0, Vec::new());
    for (at, character) in value.char_indices() {
        match character {
            '"' if !escaped => quoted = !quoted,
            ';' if !quoted => {
                found.extend(value.get(from..at));
                from = at + 1;
            }
            _ => {}
        }
        escaped = character == '\\' && !escaped;
    }
    found.extend(value.get(from..));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    /// A form that arrives in pieces of so many bytes: its fields and its file.
    async fn read(body: &str, piece: usize) -> Result<(Fields, Vec<u8>), Problem> {
        let reply = Arc::new(Reply::new(&testing::env().0));
        let pieces = body.as_bytes().chunks(piece).map(|piece| Ok(Bytes::copy_from_slice(piece)));
        let wire = stream::iter(pieces.collect::<Vec<_>>());
        let mut form = Form::new("multipart/form-data; boundary=\"x\"", wire, Arc::clone(&reply))?;
        let fields = form.fields().await?;
        let file: Result<Vec<Bytes>, _> = form.file(u64::MAX, Arc::default()).try_collect().await;
        Ok((fields, file.map_err(|error| reply.not_received(error))?.concat()))
    }

    #[tokio::test]
    async fn fields_and_file_are_the_same_however_they_arrive() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"Key\"\r\n\r\na/${filename}\r\n--x\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"C:\\d\\f;1.png\"\r\n\
                    Content-Type: image/png\r\n\r\n\r\nab\r\n--y\r\n-\r\r\n--x\r\n\
                    Content-Disposition: form-data; name=\"after\"\r\n\r\nignored\r\n--x--\r\n";
        for piece in [1, 2, 7, 1000] {
            let (fields, file) = read(body, piece).await.unwrap();
            assert_eq!(fields.iter().collect::<Vec<_>>(), [("key", "a/${filename}")]);
            assert_eq!(fields.key().as_deref(), Some("a/f;1.png"));
            assert_eq!(String::from_utf8(file).unwrap(), "\r\nab\r\n--y\r\n-\r", "pieces of {piece}");
        }
    }

    #[tokio::test]
    async fn what_is_no_form_is_refused() {
        let file = "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n";
        let long = format!("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{}\r\n{file}", "v".repeat(MOST));
        for (body, code) in [
            ("", S3ErrorCode::MalformedPOSTRequest),
            ("hello", S3ErrorCode::MalformedPOSTRequest),
            ("--x--\r\n", S3ErrorCode::IncorrectNumberOfFilesInPostRequest),
            ("--x\r\nContent-Type: a/b\r\n\r\nv\r\n--x--\r\n", S3ErrorCode::MalformedPOSTRequest),
            (&format!("{file}a file without its end\r\n--"), S3ErrorCode::MalformedPOSTRequest),
            (&long, S3ErrorCode::MaxPostPreDataLengthExceededError),
        ] {
            let problem = read(body, 100).await.unwrap_err();
            assert_eq!(problem.code(), &code, "{body}");
        }
    }

    #[test]
    fn names_of_files_come_in_several_forms() {
        let named = |rest: &str| disposition(&format!("Content-Disposition: form-data; name=\"file\"; {rest}"));
        let filename = |rest| named(rest).unwrap().filename.unwrap();
        assert_eq!(filename("filename=\"a \\\"b\\\".png\""), "a \"b\".png");
        assert_eq!(filename("filename=\"a%22b.png\""), "a\"b.png");
        assert_eq!(filename("filename=plain.png"), "plain.png");
        assert_eq!(filename("filename*=utf-8''two%20words%C3%A9.png"), "two words\u{e9}.png");
        assert_eq!(filename("filename=\"/home/ann/a.png\""), "a.png");
        assert_eq!(disposition("Content-Type: text/plain"), None);
    }
}
