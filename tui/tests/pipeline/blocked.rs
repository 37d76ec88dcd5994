//! Commands whose output is not read: signals end them all the same.

use std::process::Stdio;

use super::program::{Server, program, signal};
use super::storm;

/// Log lines that are more than a pipe takes.
const LINES: i64 = 5_000;

/// Sends each signal to a command of which a reader has seen the beginning and reads no more.
fn ends(server: &Server, args: &[&str], code: i32) {
    for name in ["INT", "TERM", "HUP", "QUIT"] {
        let mut child = program(&server.with(args)).stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        // Once there is something in the pipe, the rest follows, and does not fit.
        while rustix::io::ioctl_fionread(&stdout).unwrap() == 0 {
            assert!(child.try_wait().unwrap().is_none(), "{args:?} ended by itself");
            std::thread::yield_now();
        }
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{args:?} after {name}");
    }
}

#[test]
fn signals_end_what_prints_to_a_pipe_that_is_not_read() {
    let server = Server::start(&[]);
    storm::write_lines(&server, LINES);
    ends(&server, &["logs", "--follow"], 0);
    ends(&server, &["logs", "--json"], 130);
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("large.png");
    std::fs::write(&file, vec![0; 3_000_000]).unwrap();
    assert_eq!(server.run(&["upload", file.to_str().unwrap()]).code, Some(0));
    ends(&server, &["download", "large.png", "-"], 130);
}
