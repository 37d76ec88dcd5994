//! Records what clients send to a server, byte by byte, so that a test can say what was never asked for.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use crate::raw::{Raw, each, listen};

/// What clients have sent through [`recorder`].
#[derive(Clone, Default)]
pub(crate) struct Recording(Arc<Mutex<Vec<u8>>>);

impl Recording {
    /// The requests that change something, of all services.
    pub(crate) fn changes(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let reads = ["list", "get", "describe", "filter", "receive", "start"];
        let is_change = |line: &&str| {
            let line = line.to_ascii_lowercase();
            let query = line.strip_prefix("action=").or(line.split_once("&action=").map(|(_, action)| action));
            let json = line.strip_prefix("x-amz-target: ").and_then(|target| target.rsplit('.').next());
            // A body ends without a line break: the next request's line stands right behind it.
            let is_s3 = line.ends_with(" http/1.1")
                && ["put /", "delete /", "post /images"].iter().any(|method| line.contains(method));
            is_s3 || query.or(json).is_some_and(|name| !reads.iter().any(|read| name.starts_with(read)))
        };
        text.lines().filter(is_change).map(str::to_owned).collect()
    }

    /// Whether clients have sent anything at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

/// Forwards everything to this port of this machine, and keeps what the clients sent.
pub(crate) fn recorder(to: u16) -> (Raw, Recording) {
    let (port, seen, listener) = listen();
    let recording = Recording::default();
    let sink = recording.clone();
    each(listener, move |mut client| {
        let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)) else { return };
        let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let returning = std::thread::spawn(move || {
            let _ = std::io::copy(&mut back, &mut forth);
            let _ = forth.shutdown(std::net::Shutdown::Both);
        });
        let mut bytes = [0; 16 * 1024];
        while let Ok(length @ 1..) = client.read(&mut bytes) {
            sink.0.lock().unwrap().extend_from_slice(&bytes[..length]);
            if server.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = server.shutdown(std::net::Shutdown::Both);
        let _ = returning.join();
    });
    (Raw { port, seen }, recording)
}
