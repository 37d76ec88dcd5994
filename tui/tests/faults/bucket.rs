//! What is really in the bucket, asked without the proxy and without an SDK.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::program::ask::ask;

/// The local cloud, by its port.
#[derive(Clone, Copy)]
pub(super) struct Bucket {
    pub(super) port: u16,
}

impl Bucket {
    /// Status and body of an answer.
    pub(super) fn ask(self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> (u16, Vec<u8>) {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let answer = ask(&endpoint, &format!("{method} {path}"), headers, body);
        let (head, body) = split(&answer);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let body = if is_chunked(&head) { unchunked(body) } else { body.to_vec() };
        (status, body)
    }

    pub(super) fn put(self, path: &str, content: &[u8]) {
        let sum = STANDARD.encode(crc32fast::hash(content).to_be_bytes());
        let (status, body) = self.ask("PUT", path, &[&format!("x-amz-checksum-crc32: {sum}")], content);
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    }

    /// An object's content.
    pub(super) fn get(self, path: &str) -> Option<Vec<u8>> {
        match self.ask("GET", path, &[], b"") {
            (200, content) => Some(content),
            (404, _) => None,
            (status, body) => panic!("{path}: {status} {}", String::from_utf8_lossy(&body)),
        }
    }

    /// The keys of multipart uploads that are neither completed nor removed.
    pub(super) fn incomplete(self, bucket: &str) -> Vec<String> {
        let (status, body) = self.ask("GET", &format!("/{bucket}?uploads"), &[], b"");
        assert_eq!(status, 200);
        let body = String::from_utf8(body).unwrap();
        body.split("<Key>").skip(1).filter_map(|rest| Some(rest.split_once("</Key>")?.0.to_owned())).collect()
    }
}

/// Head and body of a message.
pub(super) fn split(message: &[u8]) -> (String, &[u8]) {
    let end = message.windows(4).position(|window| window == b"\r\n\r\n").map_or(message.len(), |at| at + 4);
    (String::from_utf8_lossy(&message[..end]).into_owned(), &message[end..])
}

pub(super) fn is_chunked(head: &str) -> bool {
    head.to_ascii_lowercase().contains("transfer-encoding: chunked")
}

/// A chunked body as one.
pub(super) fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&body[..end]).trim(), 16).unwrap_or_default();
        let Some(chunk) = body.get(end + 2..end + 2 + size).filter(|chunk| !chunk.is_empty()) else { break };
        whole.extend_from_slice(chunk);
        body = body.get(end + 2 + size + 2..).unwrap_or_default();
    }
    whole
}
