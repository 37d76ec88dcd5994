//! Refuses the programs of other users, where the system says which user has the other end of a connection: on Linux.

use tokio::net::TcpStream;

/// Whether the other end of a connection may send requests: it is this user's, or root's, who can do anything anyway.
///
/// Where the system's tables cannot be read, as on macOS, every user of this machine may.
#[cfg_attr(not(target_os = "linux"), expect(clippy::unused_async, reason = "Linux reads files for it"))]
pub(super) async fn may_ask(stream: &TcpStream) -> bool {
    #[cfg(target_os = "linux")]
    {
        // Without an address the connection is closed already.
        let (Ok(theirs), Ok(ours)) = (stream.peer_addr(), stream.local_addr()) else { return false };
        let user = rustix::process::geteuid().as_raw();
        tokio::task::spawn_blocking(move || linux::may_ask(user, theirs, ours)).await.unwrap_or(false)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = stream;
        true
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::{self, ErrorKind};
    use std::net::{IpAddr, SocketAddr};

    /// The kernel writes its table a page at a time, and a row can slip from one page to the one before.
    const LOOKS: usize = 3;

    /// The other end of a connection.
    #[derive(Debug, PartialEq, Eq)]
    enum End {
        /// A program of the user with this number has it.
        Held(u32),
        /// Its program has closed it, so its user is no longer known.
        Closed,
    }

    pub(super) fn may_ask(user: u32, theirs: SocketAddr, ours: SocketAddr) -> bool {
        for _ in 0..LOOKS {
            match find(theirs, ours) {
                Ok(Some(End::Held(owner))) => return owner == user || owner == 0,
                Ok(Some(End::Closed)) => return false,
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(%error, "the system does not say which user has the other end of a connection");
                    return true;
                }
            }
        }
        false
    }

    /// Finds the user of the other end.
    fn find(theirs: SocketAddr, ours: SocketAddr) -> io::Result<Option<End>> {
        let found = in_table(&std::fs::read_to_string("/proc/net/tcp")?, theirs, ours, short);
        if found.is_some() {
            return Ok(found);
        }
        // Java and others speak IPv4 through IPv6 sockets. A machine may have no IPv6 at all.
        match std::fs::read_to_string("/proc/net/tcp6") {
            Ok(table) => Ok(in_table(&table, theirs, ours, mapped)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn in_table(table: &str, theirs: SocketAddr, ours: SocketAddr, write: fn(SocketAddr) -> String) -> Option<End> {
        let ends = format!(" {} {} ", write(theirs), write(ours));
        let row = table.lines().find(|row| row.contains(&ends))?;
        // sl, local_address, rem_address, st, queues, timer, retrnsmt, uid, timeout, inode
        let mut fields = row.split_ascii_whitespace().skip(7);
        let user = fields.next()?.parse().ok()?;
        // A socket that its program has closed has no inode, and its row names root for every user.
        Some(if fields.nth(1)? == "0" { End::Closed } else { End::Held(user) })
    }

    /// As in `/proc/net/tcp`: the address as the number that it is in this machine's memory.
    fn short(end: SocketAddr) -> String {
        format!("{}:{:04X}", word(octets(end)), end.port())
    }

    /// As in `/proc/net/tcp6`: the same address within IPv6.
    fn mapped(end: SocketAddr) -> String {
        let [zero, mark, address] = [[0; 4], [0, 0, 0xFF, 0xFF], octets(end)].map(word);
        format!("{zero}{zero}{mark}{address}:{:04X}", end.port())
    }

    fn word(octets: [u8; 4]) -> String {
        format!("{:08X}", u32::from_ne_bytes(octets))
    }

    fn octets(end: SocketAddr) -> [u8; 4] {
        match end.ip().to_canonical() {
            IpAddr::V4(address) => address.octets(),
            // Nothing here listens on IPv6.
            IpAddr::V6(_) => [0; 4],
        }
    }

    #[cfg(test)]
    mod tests {
        use std::net::{TcpListener, TcpStream};

        use super::*;

        const HEAD: &str =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

        fn ends() -> (SocketAddr, SocketAddr) {
            ("127.0.0.1:50000".parse().unwrap(), "127.0.0.1:4566".parse().unwrap())
        }

        fn row(ends: &str, user: u32, inode: u32) -> String {
            format!(
                "   7: {ends} 01 00000000:00000000 00:00000000 00000000  {user}        0 {inode} 1 0 20 4 30 10 -1\n"
            )
        }

        #[test]
        fn the_row_of_the_other_end_names_its_user() {
            let (theirs, ours) = ends();
            let (there, back) =
                (format!("{} {}", short(theirs), short(ours)), format!("{} {}", short(ours), short(theirs)));
            let table = format!("{HEAD}{}{}", row(&back, 1, 5), row(&there, 1000, 6));
            assert_eq!(in_table(&table, theirs, ours, short), Some(End::Held(1000)));
            assert_eq!(in_table(&format!("{HEAD}{}", row(&back, 1, 5)), theirs, ours, short), None);
            assert_eq!(in_table(&format!("{HEAD}{}", row(&there, 0, 0)), theirs, ours, short), Some(End::Closed));
            let wide = format!("{} {}", mapped(theirs), mapped(ours));
            assert_eq!(in_table(&row(&wide, 33, 7), theirs, ours, mapped), Some(End::Held(33)));
            if cfg!(target_endian = "little") {
                assert_eq!(mapped(ours), "0000000000000000FFFF00000100007F:11D6");
            }
        }

        #[test]
        fn a_real_connection_is_found_as_long_as_it_is_open() {
            let user = rustix::process::geteuid().as_raw();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            let (server, theirs) = listener.accept().unwrap();
            let ours = server.local_addr().unwrap();
            assert_eq!(find(theirs, ours).unwrap(), Some(End::Held(user)));
            assert!(may_ask(user, theirs, ours));
            assert_eq!(may_ask(user + 1, theirs, ours), user == 0, "another user's is refused, root's is not");
            drop(client);
            assert!(!may_ask(user, theirs, ours), "whose it was is no longer known");
        }

        #[test]
        fn a_connection_through_an_ipv6_socket_is_found_too() {
            let user = rustix::process::geteuid().as_raw();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            // A machine without IPv6 has no such sockets.
            let Ok(_client) = TcpStream::connect(format!("[::ffff:127.0.0.1]:{port}")) else { return };
            let (server, theirs) = listener.accept().unwrap();
            assert_eq!(find(theirs, server.local_addr().unwrap()).unwrap(), Some(End::Held(user)));
        }
    }
}
