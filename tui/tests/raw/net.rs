//! What may stand between a program and a server: TLS with an authority of its own, and a proxy.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::raw::{Raw, Request, each, forward, head, listen};

impl Raw {
    /// Serves HTTP over TLS, with the certificate of `tests/certs`.
    pub(crate) fn start_tls(answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Self {
        let certificates = vec![CertificateDer::from_pem_file(certificate("server.pem")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(certificate("server.key")).unwrap();
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = Arc::new(config.with_no_client_auth().with_single_cert(certificates, key).unwrap());
        Self::serve(answer, move |stream| {
            Some(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).ok()?, stream))
        })
    }

    /// A proxy that knows one way only: whatever is asked for, it goes to this port of this machine.
    pub(crate) fn proxy(to: u16) -> Self {
        let (port, seen, listener) = listen();
        let sink = Arc::clone(&seen);
        each(listener, move |mut stream| {
            let Ok(head) = head(&mut stream) else { return };
            let line = head.lines().next().unwrap_or_default().to_owned();
            let mut target = TcpStream::connect(("127.0.0.1", to)).unwrap();
            if line.starts_with("CONNECT ") {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            } else {
                target.write_all(head.as_bytes()).unwrap();
            }
            sink.lock().unwrap().push(line);
            forward(stream, target, |_| {});
        });
        Self { port, seen }
    }

    /// On the loopback interface, where the local cloud's names stand in.
    pub(crate) fn near(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// A file of `tests/certs`.
pub(crate) fn certificate(name: &str) -> String {
    format!("{}/tests/certs/{name}", env!("CARGO_MANIFEST_DIR"))
}
