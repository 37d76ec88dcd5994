//! A proxy before the local cloud that makes requests go wrong, as rules say. Plain sockets and threads; each connection
//! carries one request.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use super::bucket::{is_chunked, split, unchunked};
use super::plan::{Fault, Rule, Target};
use crate::raw::{self, header, length};

/// Between pieces of what is slow.
const SLOW: Duration = Duration::from_millis(400);

/// A running proxy. Dropping it closes all of its connections.
pub(super) struct Proxy {
    pub(super) port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: u16,
    rules: Mutex<Rules>,
    fired: Mutex<BTreeMap<&'static str, usize>>,
    is_over: Mutex<bool>,
    over: Condvar,
}

/// Each rule, and how many tries there were so far of each request that it is for.
struct Rules(Vec<(Rule, HashMap<String, usize>)>);

impl Rules {
    fn new(rules: &[Rule]) -> Self {
        Self(rules.iter().map(|rule| (*rule, HashMap::new())).collect())
    }

    /// The fault of the next try of a request, if any.
    fn fault(&mut self, target: Target, request: &str) -> Option<Fault> {
        let mut found = None;
        for (rule, tries) in self.0.iter_mut().filter(|(rule, _)| rule.is_for(target, request)) {
            let seen = tries.entry(request.to_owned()).or_default();
            *seen += 1;
            if found.is_none() && *seen > rule.after && *seen - rule.after <= rule.times {
                found = Some(rule.fault);
            }
        }
        found
    }
}

impl Proxy {
    /// How long nothing may move while these rules hold: short where that is what they try, and else longer than any test,
    /// so that a busy machine is no fault.
    pub(super) fn idle_timeout(&self) -> &'static str {
        let is_of_time = |fault: Fault| fault.stalls() || matches!(fault, Fault::SlowRequest | Fault::SlowAnswer);
        if self.shared.rules.lock().unwrap().0.iter().any(|(rule, _)| is_of_time(rule.fault)) { "3s" } else { "2m" }
    }

    pub(super) fn start(to: u16, rules: &[Rule]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            to,
            rules: Mutex::new(Rules::new(rules)),
            fired: Mutex::default(),
            is_over: Mutex::default(),
            over: Condvar::new(),
        });
        let all = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if *all.is_over.lock().unwrap() {
                    return;
                }
                let shared = Arc::clone(&all);
                // A client that has gone away is no news here.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { port, shared }
    }

    /// How often each fault has happened.
    pub(super) fn fired(&self) -> BTreeMap<&'static str, usize> {
        self.shared.fired.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        *self.shared.is_over.lock().unwrap() = true;
        self.shared.over.notify_all();
        // The listener sees that it is over when a client connects.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    /// The fault of a request, if any.
    fn fault(&self, head: &str) -> Option<Fault> {
        let fault = self.rules.lock().unwrap().fault(target(head), &request(head))?;
        *self.fired.lock().unwrap().entry(fault.name()).or_default() += 1;
        Some(fault)
    }

    /// Holds a connection until the run is over.
    fn hold(&self) {
        let mut is_over = self.is_over.lock().unwrap();
        while !*is_over {
            is_over = self.over.wait(is_over).unwrap();
        }
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let head = raw::head(&mut stream)?;
        let fault = self.fault(&head);
        if fault == Some(Fault::Refuse) {
            return stream.shutdown(Shutdown::Both);
        }
        if header(&head, "expect").is_some() {
            stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut to_cloud = Vec::from(outgoing(&head));
        if let Some(Fault::CutRequest(place)) = fault {
            let length = length(&head) * place / 1_000;
            let at = to_cloud.len();
            to_cloud.resize(at + length, 0);
            stream.read_exact(&mut to_cloud[at..])?;
            TcpStream::connect(("127.0.0.1", self.to))?.write_all(&to_cloud)?;
            return stream.shutdown(Shutdown::Both);
        }
        let pause = if fault == Some(Fault::SlowRequest) { SLOW } else { Duration::ZERO };
        let mut body = body_of(&mut stream, &head, pause)?;
        match fault {
            Some(Fault::Stall) => {
                self.hold();
                return Ok(());
            }
            Some(Fault::Status(status)) => return stream.write_all(&error(status)),
            Some(Fault::Portal) => return stream.write_all(&portal()),
            Some(Fault::CorruptRequest(place)) => corrupt(&mut body, place),
            _ => {}
        }
        to_cloud.extend(body);
        let mut cloud = TcpStream::connect(("127.0.0.1", self.to))?;
        cloud.write_all(&to_cloud)?;
        let mut answer = Vec::new();
        cloud.read_to_end(&mut answer)?;
        self.answer(&mut stream, fault, head.starts_with("HEAD "), &answer)
    }

    /// Passes an answer on, as well as the fault lets it.
    fn answer(
        &self,
        stream: &mut TcpStream,
        fault: Option<Fault>,
        is_head: bool,
        answer: &[u8],
    ) -> std::io::Result<()> {
        let (head, body) = split(answer);
        let mut body = if is_chunked(&head) { unchunked(body) } else { body.to_vec() };
        let part = |place: usize| body.len() * place / 1_000;
        match fault {
            Some(Fault::DropAnswer) => return stream.shutdown(Shutdown::Both),
            Some(Fault::ReplaceAnswer(status)) => return stream.write_all(&error(status)),
            Some(Fault::Garbage) => return stream.write_all(&portal()),
            Some(Fault::StallAnswer) => {
                self.hold();
                return Ok(());
            }
            Some(Fault::SlowAnswer) => {
                let whole = framed(&head, &body, is_head);
                let piece = whole.len().div_ceil(10).max(1);
                for piece in whole.chunks(piece) {
                    std::thread::sleep(SLOW);
                    stream.write_all(piece)?;
                }
                return Ok(());
            }
            Some(Fault::Delay(millis)) => std::thread::sleep(Duration::from_millis(millis)),
            Some(Fault::CutAnswer(place)) => {
                let whole = framed(&head, &body, is_head);
                stream.write_all(&whole[..whole.len() - (body.len() - part(place))])?;
                return stream.shutdown(Shutdown::Both);
            }
            Some(Fault::StallAnswerAt(place)) => {
                let whole = framed(&head, &body, is_head);
                // Of an answer without a body the head does not come whole.
                let missing = (body.len() - part(place)).max(1);
                stream.write_all(&whole[..whole.len() - missing])?;
                self.hold();
                return Ok(());
            }
            Some(Fault::CorruptAndCut(place)) => {
                corrupt(&mut body, place);
                let whole = framed(&head, &body, is_head);
                stream.write_all(&whole[..whole.len() - body.len() / 2])?;
                return stream.shutdown(Shutdown::Both);
            }
            Some(Fault::Truncate(place)) => body.truncate(part(place)),
            Some(Fault::Corrupt(place)) => corrupt(&mut body, place),
            _ => {}
        }
        stream.write_all(&framed(&head, &body, is_head))
    }
}

/// The body of a request, as it is framed.
fn body_of(stream: &mut TcpStream, head: &str, pause: Duration) -> std::io::Result<Vec<u8>> {
    let mut body = vec![0; length(head)];
    let piece = body.len().div_ceil(10).max(1);
    for piece in body.chunks_mut(piece) {
        std::thread::sleep(pause);
        stream.read_exact(piece)?;
    }
    if is_chunked(head) {
        while !body.ends_with(b"0\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            body.push(byte[0]);
        }
    }
    Ok(body)
}

/// The head of a request for a connection of its own.
fn outgoing(head: &str) -> String {
    let kept = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !line.is_empty() && !["connection", "expect"].iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    let lines: Vec<&str> = head.lines().filter(kept).collect();
    format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n"))
}

/// An answer with its length, on a connection that ends after it.
fn framed(head: &str, body: &[u8], is_head: bool) -> Vec<u8> {
    let kept = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        let own = if is_head { &["connection"][..] } else { &["connection", "content-length", "transfer-encoding"] };
        !line.is_empty() && !own.iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    let mut lines: Vec<String> = head.lines().filter(kept).map(str::to_owned).collect();
    if !is_head && !head.starts_with("HTTP/1.1 204") {
        lines.push(format!("content-length: {}", body.len()));
    }
    let mut whole = format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n")).into_bytes();
    whole.extend_from_slice(body);
    whole
}

/// What a network answers that wants its users to sign in.
fn portal() -> Vec<u8> {
    let page = b"<html><body>Welcome to the hotel's network</body></html>";
    framed("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n", page, false)
}

fn error(status: u16) -> Vec<u8> {
    let body = "<Error><Code>ServiceUnavailable</Code><Message>a gateway says so</Message></Error>";
    framed(&format!("HTTP/1.1 {status} Error\r\ncontent-type: application/xml\r\n\r\n"), body.as_bytes(), false)
}

fn corrupt(body: &mut [u8], place: usize) {
    let at = body.len() * place / 1_000;
    if let Some(byte) = body.get_mut(at) {
        *byte ^= 0x20;
    }
}

/// A request as it is when it is tried again: without what a server has numbered. Forms are known by their length.
fn request(head: &str) -> String {
    let line = head.lines().next().unwrap_or_default();
    let (path, query) = line.split_once('?').unwrap_or((line, ""));
    let asked: Vec<&str> = query
        .split(['&', ' '])
        .map(|part| if part.starts_with("partNumber=") { part } else { part.split('=').next().unwrap_or_default() })
        .collect();
    let length = if path.starts_with("POST / ") { header(head, "content-length") } else { None };
    format!("{path} {asked:?} {:?} {length:?}", header(head, "x-amz-target"))
}

/// What a request asks for.
fn target(head: &str) -> Target {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let service = header(head, "authorization").and_then(|signed| signed.split('/').nth(3)).unwrap_or_default();
    match service {
        "sns" => return Target::Sns,
        "sts" => return Target::Sts,
        "logs" => return Target::Logs,
        "s3" => {}
        _ => return Target::Any,
    }
    let is_object = path.split('?').next().unwrap_or_default().trim_start_matches('/').contains('/');
    match method {
        _ if !is_object => Target::Any,
        "PUT" if path.contains("partNumber=") => Target::Part,
        "PUT" => Target::Put,
        "POST" if path.contains("uploadId=") => Target::Complete,
        "POST" => Target::Create,
        "DELETE" => Target::Abort,
        "HEAD" => Target::Head,
        _ => Target::Get,
    }
}

/// Requests that a seed lets fail are the same ones in whatever order they come.
#[test]
fn a_seed_replays_in_any_order_of_the_requests() {
    let object = |number: usize| format!("PUT /faults/7-{number}.png HTTP/1.1\r\nAuthorization: a/b/c/s3/d\r\n");
    let part =
        |id: &str| format!("PUT /faults/7-0.png?partNumber=2&uploadId={id} HTTP/1.1\r\nAuthorization: a/b/c/s3/d\r\n");
    let form = |length: usize| format!("POST / HTTP/1.1\r\nAuthorization: a/b/c/sns/d\r\nContent-Length: {length}\r\n");
    assert_eq!(request(&part("first")), request(&part("second")));
    let heads: Vec<String> = (0..4).map(object).chain([part("first"), form(30), form(31)]).collect();
    let distinct: std::collections::BTreeSet<String> = heads.iter().map(|head| request(head)).collect();
    assert_eq!(distinct.len(), heads.len());
    // Of each request in turn three tries, or all tries of a request at once, the last request first.
    let by_turns = (0..3).flat_map(|_| heads.iter()).collect::<Vec<_>>();
    let at_once = heads.iter().rev().flat_map(|head| [head; 3]).collect::<Vec<_>>();
    let mut faults = 0;
    for seed in 1..200 {
        let plan = super::plan::Plan::of(seed);
        let [one, other] = [&by_turns, &at_once].map(|order| {
            let mut rules = Rules::new(&plan.rules);
            let mut of = BTreeMap::<String, Vec<Option<Fault>>>::new();
            for head in order {
                of.entry(request(head)).or_default().push(rules.fault(target(head), &request(head)));
            }
            of
        });
        assert_eq!(one, other, "seed {seed}: {plan:?}");
        faults += one.values().flatten().flatten().count();
    }
    assert!(faults > 200, "{faults}");
}
