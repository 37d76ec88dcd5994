//! Connections to HTTP endpoints: to this machine only, unless the user allows others.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// The longest that Subscribe waits for a name to be resolved.
const LOOKUP_LIMIT: Duration = Duration::from_secs(5);

/// Connects to the host of a URL. Redirects are not followed.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    /// Whether addresses beyond this machine are connected to.
    pub(super) outbound: bool,
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let outbound = self.outbound;
        Box::pin(async move {
            let addresses = addresses(&uri, outbound).await?;
            TcpStream::connect(addresses.as_slice()).await.map(TokioIo::new)
        })
    }
}

/// Whether a URL's host is on this machine, as far as its name resolves now.
/// Errors: why not, and what to do about it.
pub(super) async fn check(uri: &Uri) -> Result<(), String> {
    let why = match tokio::time::timeout(LOOKUP_LIMIT, addresses(uri, false)).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) if error.kind() == ErrorKind::PermissionDenied => return Err(error.to_string()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} seconds", LOOKUP_LIMIT.as_secs()),
    };
    let host = uri.host().unwrap_or_default();
    Err(format!(
        "{host} cannot be resolved ({why}), so it may be beyond this machine; start the local cloud with \
         --allow-outbound to subscribe it all the same"
    ))
}

/// The addresses of a URL's host. The name is resolved once, and the addresses that are checked are those that are
/// connected to, so a name that resolves to another address later has no effect.
async fn addresses(uri: &Uri, outbound: bool) -> io::Result<Vec<SocketAddr>> {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let all: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    if outbound {
        return Ok(all);
    }
    let near: Vec<SocketAddr> = all.iter().copied().filter(|address| is_near(*address)).collect();
    if near.is_empty() {
        let found: Vec<String> = all.iter().map(|address| address.ip().to_string()).collect();
        let what = format!(
            "{host} is not a loopback address of this machine (it is {}), and no message leaves the machine; start the \
             local cloud with --allow-outbound to send it there",
            found.join(", ")
        );
        return Err(io::Error::new(ErrorKind::PermissionDenied, what));
    }
    Ok(near)
}

/// 127.0.0.0/8 and `::1`, and the former within IPv6. `0.0.0.0` is no address of an endpoint.
fn is_near(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_loopback_addresses_are_near() {
        for url in ["http://127.0.0.1:1/", "http://127.9.9.9/", "http://[::1]/", "http://[::ffff:127.0.0.1]:5/"] {
            check(&url.parse().unwrap()).await.expect(url);
        }
        for url in [
            "http://192.0.2.1/",
            "http://0.0.0.0:1/",
            "http://[::]/",
            "http://169.254.169.254/latest/meta-data",
            "http://[fe80::1]/",
            "http://[::ffff:192.0.2.1]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://127.0.0.1@192.0.2.1/",
            "https://10.0.0.1/",
        ] {
            let error = check(&url.parse().unwrap()).await.expect_err(url);
            assert!(error.contains("--allow-outbound"), "{error}");
            assert!(!addresses(&url.parse().unwrap(), true).await.expect(url).is_empty());
        }
    }

    /// A name is resolved and checked at each connection, not only when it is subscribed.
    #[tokio::test]
    async fn a_connector_goes_where_it_may_and_nowhere_else() {
        let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let call = async |host: &str, outbound: bool| {
            Connector { outbound }.call(format!("http://{host}:{port}/").parse().unwrap()).await
        };
        let refused = call("0.0.0.0", false).await.expect_err("not a loopback address");
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        let accepted = std::future::poll_fn(|context| Poll::Ready(listener.poll_accept(context))).await;
        assert!(accepted.is_pending(), "nothing has connected");
        call("127.0.0.1", false).await.expect("a loopback address");
        call("localhost", false).await.expect("a name of one");
        if cfg!(target_os = "linux") {
            call("0.0.0.0", true).await.expect("this machine, where the system takes it for that");
        }
    }

    /// Some systems read `2130706433` and `0177.1` as addresses, others as unknown names.
    #[tokio::test]
    async fn other_forms_of_an_address_are_judged_by_what_they_resolve_to() {
        for host in ["3221225985", "0xC0000201", "0300.0.2.1", "192.513"] {
            let uri = format!("http://{host}:1/").parse().unwrap();
            check(&uri).await.expect_err(host);
        }
        for host in ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"] {
            let uri: Uri = format!("http://{host}:1/").parse().unwrap();
            if let Ok(found) = addresses(&uri, false).await {
                assert!(found.iter().all(|address| address.ip().to_canonical().is_loopback()), "{found:?}");
            }
        }
    }
}
