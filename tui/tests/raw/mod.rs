//! A server that answers as a test says, and writes down what it was asked: for what the local cloud does not do.
//! Threads and plain sockets, so that nothing of the program under test is in between.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One request.
pub(crate) struct Request {
    /// Method, path and query.
    pub(crate) line: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// The access key and the region that it is signed for.
    pub(crate) fn is_signed_with(&self, part: &str) -> bool {
        self.head.contains(part)
    }
}

pub(crate) type Seen = Arc<Mutex<Vec<String>>>;

/// A running server. It ends with the test's process.
pub(crate) struct Raw {
    pub(crate) port: u16,
    pub(crate) seen: Seen,
}

impl Raw {
    /// Serves plain HTTP.
    pub(crate) fn start(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        Self::serve(answer, Some)
    }

    pub(crate) fn serve<S: Read + Write>(
        answer: impl Fn(&Request) -> String + Send + Sync + 'static,
        wrap: impl Fn(TcpStream) -> Option<S> + Send + Sync + 'static,
    ) -> Self {
        let (port, seen, listener) = listen();
        let (answer, wrap, sink) = (Arc::new(answer), Arc::new(wrap), Arc::clone(&seen));
        each(listener, move |stream| {
            // A client that refuses the certificate closes the connection.
            let Some(mut stream) = wrap(stream) else { return };
            let Some(request) = read(&mut stream) else { return };
            sink.lock().unwrap().push(request.line.clone());
            let _ = stream.write_all(answer(&request).as_bytes());
            let _ = stream.flush();
        });
        Self { port, seen }
    }

    /// The same place by an address that does not say so: `imgwatch` takes it for another machine.
    pub(crate) fn far(&self) -> String {
        format!("http://0.0.0.0:{}", self.port)
    }

    /// What was asked for so far: method, path and query of each request.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

pub(crate) fn listen() -> (u16, Seen, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    (listener.local_addr().unwrap().port(), Seen::default(), listener)
}

pub(crate) fn each(listener: TcpListener, serve: impl Fn(TcpStream) + Send + Sync + 'static) {
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
}

/// Passes on everything between a client and a server until either ends. `sent` sees what the client sends.
#[cfg(feature = "local")]
pub(crate) fn forward(mut client: TcpStream, mut server: TcpStream, mut sent: impl FnMut(&[u8])) {
    let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let returning = std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut forth);
        let _ = forth.shutdown(Shutdown::Both);
    });
    let mut bytes = [0; 16 * 1024];
    while let Ok(length @ 1..) = client.read(&mut bytes) {
        sent(&bytes[..length]);
        if server.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
    let _ = returning.join();
}

/// The head of a request, with the empty line. What follows stays in the stream.
pub(crate) fn head(stream: &mut impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        bytes.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The value of a header.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (own, value) = line.split_once(':')?;
        own.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The length of the body that a head announces.
pub(crate) fn length(head: &str) -> usize {
    header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// One request, with its body.
fn read(stream: &mut impl Read) -> Option<Request> {
    let head = head(stream).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let mut body = vec![0; length(&head)];
    stream.read_exact(&mut body).ok()?;
    Some(Request { line, head, body: String::from_utf8_lossy(&body).into_owned() })
}

/// An answer; `headers` are whole lines.
pub(crate) fn http(status: &str, headers: &[&str], body: &str) -> String {
    let (first, length) = (format!("HTTP/1.1 {status}"), format!("content-length: {}", body.len()));
    let head = [&[first.as_str()], headers, &[length.as_str(), "connection: close"]].concat();
    format!("{}\r\n\r\n{body}", head.join("\r\n"))
}

/// A bucket with one object, as S3 lists it.
pub(crate) fn listing(key: &str) -> String {
    let object = format!(
        "<Contents><Key>{key}</Key><LastModified>2026-03-04T15:04:05.000Z</LastModified><ETag>\"e\"</ETag><Size>7</Size></Contents>"
    );
    let body = format!(
        "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{object}</ListBucketResult>"
    );
    http("200 OK", &["content-type: application/xml"], &body)
}

/// Stacks with these names and outputs, as CloudFormation describes them; `next` names the page after.
pub(crate) fn stacks(all: &[(&str, &[(&str, &str)])], next: Option<&str>) -> String {
    let output = |(key, value): &(&str, &str)| {
        format!("<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>")
    };
    let stack = |(name, outputs): &(&str, &[(&str, &str)])| {
        let outputs: String = outputs.iter().map(output).collect();
        format!(
            "<member><StackName>{name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>\
             <CreationTime>2026-03-04T15:04:05Z</CreationTime><Outputs>{outputs}</Outputs></member>"
        )
    };
    let members: String = all.iter().map(stack).collect();
    let next = next.map(|token| format!("<NextToken>{token}</NextToken>")).unwrap_or_default();
    let body = format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult>\
         <Stacks>{members}</Stacks>{next}</DescribeStacksResult></DescribeStacksResponse>"
    );
    http("200 OK", &["content-type: text/xml"], &body)
}

/// A refusal, in S3's form or in that of the query protocol.
pub(crate) fn denied(request: &Request) -> String {
    let error = "<Code>AccessDenied</Code><Message>User is not authorized</Message>";
    let body = if request.body.contains("Action=") {
        format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>")
    } else {
        format!("<Error>{error}</Error>")
    };
    http("403 Forbidden", &["content-type: text/xml"], &body)
}
