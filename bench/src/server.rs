//! The listener: HTTP/1.1 with connections that stay open, as far as a client that lists needs it.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

use crate::keys::Keys;
use crate::listing::{self, Query};

/// How the stub answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// From the end of a request to the beginning of its answer.
    pub latency: Duration,
    /// Requests that are answered in each second; the others get `503 SlowDown`. None for no limit.
    pub rate: Option<u64>,
    /// One request of so many gets `503 SlowDown`.
    pub refused: Option<u64>,
    /// Keys of a page at most; none for S3's own limit.
    pub most: Option<usize>,
    pub start_after: StartAfter,
    /// Whether every continuation token leads to the first page.
    pub ignores_tokens: bool,
}

/// What comes of `start-after`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StartAfter {
    /// The listing starts after that key, whether it exists or not.
    #[default]
    Honoured,
    /// The listing starts at the first key.
    Ignored,
    /// The listing starts after that key if it exists, and is empty otherwise.
    OfKeysThatExist,
    /// The answer is `501 Not Implemented`.
    Refused,
}

/// A stub that listens. Dropping it stops it.
#[derive(Debug)]
pub struct Stub {
    address: SocketAddr,
    counts: Arc<Counts>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Counts {
    asked: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    open: AtomicU64,
    most_at_once: AtomicU64,
    /// The second that is counted, and its requests.
    second: Mutex<Option<(Instant, u64)>>,
}

impl Stub {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(keys: Keys, options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let counts = Arc::<Counts>::default();
        let here = Arc::clone(&counts);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (keys, counts) = (keys.clone(), Arc::clone(&here));
                // A client that breaks off is no failure of the stub.
                tokio::spawn(async move { drop(serve(stream, keys, options, &counts).await) });
            }
        });
        Ok(Self { address, counts, accepting })
    }

    /// The endpoint URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that were answered with a page.
    pub fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::Relaxed)
    }

    /// Requests that were answered with `503 SlowDown`.
    pub fn refused(&self) -> u64 {
        self.counts.refused.load(Ordering::Relaxed)
    }

    /// Requests that were open at the same time at most.
    pub fn most_at_once(&self) -> u64 {
        self.counts.most_at_once.load(Ordering::Relaxed)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(stream: TcpStream, keys: Keys, options: Options, counts: &Counts) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    loop {
        let mut target = String::new();
        if stream.read_line(&mut target).await? == 0 {
            return Ok(());
        }
        let (mut header, mut length) = (String::new(), 0);
        while stream.read_line(&mut header).await? > 2 {
            let named = header.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            length = named.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(length);
            header.clear();
        }
        // The dashboard asks other services, too, whose requests have bodies.
        tokio::io::copy(&mut (&mut stream).take(length), &mut tokio::io::sink()).await?;
        let open = counts.open.fetch_add(1, Ordering::Relaxed) + 1;
        counts.most_at_once.fetch_max(open, Ordering::Relaxed);
        let due = tokio::time::Instant::now() + options.latency;
        let (status, body) = answer(&target, &keys, options, counts);
        // The time that the stub itself takes is part of the latency.
        if !options.latency.is_zero() {
            sleep_until(due).await;
        }
        counts.open.fetch_sub(1, Ordering::Relaxed);
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nx-amz-request-id: STUB\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    }
}

fn answer(request: &str, keys: &Keys, options: Options, counts: &Counts) -> (&'static str, String) {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some((_, parameters)) =
        target.split_once('?').filter(|(_, rest)| method == "GET" && rest.contains("list-type=2"))
    else {
        return ("501 Not Implemented", error("NotImplemented", "the stub only lists"));
    };
    let number = counts.asked.fetch_add(1, Ordering::Relaxed) + 1;
    let is_refused = options.refused.is_some_and(|each| number.is_multiple_of(each));
    if is_refused || options.rate.is_some_and(|rate| counts.is_over(rate)) {
        counts.refused.fetch_add(1, Ordering::Relaxed);
        return ("503 Slow Down", error("SlowDown", "Please reduce your request rate."));
    }
    let mut query = read(parameters);
    query.most = query.most.or(options.most).min(options.most.or(query.most));
    if options.ignores_tokens {
        query.token = None;
    }
    let is_empty = match options.start_after {
        StartAfter::Refused if !query.start_after.is_empty() => {
            return ("501 Not Implemented", error("NotImplemented", "the stub starts after no key"));
        }
        StartAfter::Honoured | StartAfter::Refused => false,
        StartAfter::Ignored => {
            query.start_after.clear();
            false
        }
        StartAfter::OfKeysThatExist => {
            let after = query.start_after.as_str();
            let exists = || keys.from(std::ops::Bound::Included(after), 1).first().is_some_and(|key| key == after);
            !after.is_empty() && query.token.is_none() && !exists()
        }
    };
    if is_empty {
        query.most = Some(0);
    }
    counts.answered.fetch_add(1, Ordering::Relaxed);
    ("200 OK", listing::answer(keys, &query))
}

impl Counts {
    /// Counts a request, and says whether its second has had enough of them.
    fn is_over(&self, rate: u64) -> bool {
        let now = Instant::now();
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, count) = second.filter(|(began, _)| now.duration_since(*began).as_secs() == 0).unwrap_or((now, 0));
        *second = Some((began, count + 1));
        count >= rate
    }
}

fn read(parameters: &str) -> Query {
    let mut query = Query::default();
    for parameter in parameters.split('&') {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
        match name {
            "prefix" => query.prefix = value,
            "delimiter" => query.delimiter = value,
            "start-after" => query.start_after = value,
            "continuation-token" => query.token = listing::key_of(&value),
            "max-keys" => query.most = value.parse().ok(),
            "encoding-type" => query.encoded = value == "url",
            _ => {}
        }
    }
    query
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Shape;

    #[test]
    fn requests_beyond_the_rate_of_a_second_are_refused() {
        let counts = Counts::default();
        assert_eq!((0..5).filter(|_| counts.is_over(3)).count(), 2);
    }

    #[tokio::test]
    async fn a_body_is_not_read_as_the_next_request() {
        let keys = Keys::Computed { shape: Shape::Uuid, count: 1 };
        let stub = Stub::start(keys, Options::default()).await.unwrap();
        let mut stream = TcpStream::connect(stub.address).await.unwrap();
        let requests = "POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyGET /bench?list-type=2 HTTP/1.1\r\n\r\n";
        stream.write_all(requests.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
        assert_eq!(statuses, ["501", "200"], "{answers}");
    }

    #[test]
    fn parameters_are_decoded() {
        let query = read("list-type=2&start-after=a%2Bb%20c&max-keys=7&encoding-type=url&prefix=%C3%BC");
        assert_eq!((query.start_after.as_str(), query.prefix.as_str()), ("a+b c", "ü"));
        assert_eq!((query.most, query.encoded), (Some(7), true));
    }
}
