//! One request to a server, without an SDK in between.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Sends a request, such as `GET /images`, and returns the whole answer. `headers` are whole lines.
pub(crate) fn ask(endpoint: &str, request: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let address = endpoint.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let first = format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}", body.len());
    let head = [&[first.as_str()], headers].concat().join("\r\n");
    stream.write_all(&[head.as_bytes(), b"\r\n\r\n", body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// The body of the answer to a request that succeeds.
pub(crate) fn ask_ok(endpoint: &str, request: &str, headers: &[&str], body: &str) -> String {
    let answer = String::from_utf8(ask(endpoint, request, headers, body.as_bytes())).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{answer}");
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
