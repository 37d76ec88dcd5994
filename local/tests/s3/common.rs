//! A running cloud and a client for it.

use aws_sdk_s3::Client;
use imgwatch_local::LocalCloud;

use crate::support::without_function;

pub(super) struct Fixture {
    pub(super) cloud: LocalCloud,
    pub(super) s3: Client,
}

/// A cloud with the bucket `photos`.
pub(super) async fn start() -> Fixture {
    let cloud = LocalCloud::start(without_function()).await.unwrap();
    let s3 = client!(aws_sdk_s3, cloud.endpoint());
    s3.create_bucket().bucket("photos").send().await.unwrap();
    Fixture { cloud, s3 }
}

/// Status, headers and body of a request that no SDK would make.
pub(super) struct Raw {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Raw {
    /// Asserts the status, and what the body contains.
    #[track_caller]
    pub(super) fn expect(&self, status: u16, parts: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        for part in parts {
            assert!(self.body.contains(part), "{part}: {}", self.body);
        }
    }
}

/// Sends a request as it stands and reads until the server closes.
pub(super) async fn raw(endpoint: &str, request_line: &str, headers: &[(&str, &str)], body: &[u8]) -> Raw {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut request = format!("{request_line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.extend(["host: ", address, "\r\n"]);
    }
    for (name, value) in headers {
        request.extend([*name, ": ", *value, "\r\n"]);
    }
    request.push_str("\r\n");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Raw { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}
