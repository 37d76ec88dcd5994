//! An emulator as a process of its own: started on a free port, killed when dropped.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::program::{Run, program};

/// Generous: only an emulator that does not start takes as long as this.
const PATIENCE: Duration = Duration::from_mins(2);

/// A running emulator.
pub(crate) struct Emulator {
    child: Child,
    /// All that it writes, its log included.
    folder: TempDir,
    pub(crate) endpoint: String,
}

/// A program of the environment that `IMGWATCH_PEERS` names.
pub(crate) fn tool(name: &str) -> PathBuf {
    let folder = std::env::var_os("IMGWATCH_PEERS").expect("IMGWATCH_PEERS names a Python environment; see .ci/peers");
    let path = PathBuf::from(folder).join("bin").join(name);
    assert!(path.exists(), "{} is missing; .ci/peers installs it", path.display());
    path
}

impl Emulator {
    /// ministack: S3, Lambda with real processes, SNS, SQS, Logs, CloudFormation.
    pub(crate) fn ministack() -> Self {
        Self::start("/_ministack/health", |port| {
            let mut command = Command::new(tool("ministack"));
            // It would listen on every address of the machine.
            command.env("BIND_HOST", "127.0.0.1").env("MINISTACK_HOST", "127.0.0.1").env("GATEWAY_PORT", port);
            command
        })
    }

    /// moto: listings, pages and errors of every service, but no function that runs.
    pub(crate) fn moto() -> Self {
        Self::start("/moto-api/", |port| {
            let mut command = Command::new(tool("moto_server"));
            command.args(["-H", "127.0.0.1", "-p", port]);
            command
        })
    }

    fn start(health: &str, command: impl FnOnce(&str) -> Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut command = command(&port);
        // Nothing of the caller's: neither credentials nor settings.
        let kept: Vec<_> =
            command.get_envs().map(|(name, value)| (name.to_owned(), value.unwrap().to_owned())).collect();
        let child = command
            .env_clear()
            .envs(kept)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A group of its own, so that the processes which it starts for functions end with it.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut emulator = Self { child, folder, endpoint: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while !emulator.answers(health) {
            let ended = emulator.child.try_wait().unwrap();
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "it does not start ({ended:?}):\n{}",
                emulator.log()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        emulator
    }

    /// Whether a GET succeeds.
    fn answers(&self, path: &str) -> bool {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
        let mut answer = String::new();
        let asked = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        asked.is_ok() && answer.split(' ').nth(1) == Some("200")
    }

    /// What it has written to its standard output and standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Runs `imgwatch` against it to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        let Output { status, stdout, stderr } = self.program(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// `imgwatch` against it, not started yet. What it remembers from run to run goes away with the emulator.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let args: Vec<&str> = ["--endpoint-url", &self.endpoint].into_iter().chain(args.iter().copied()).collect();
        let mut command = program(&args);
        command.env("XDG_STATE_HOME", self.folder.path().join("state"));
        command
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It may have ended already, with its group.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.child.id())]).status();
        let _ = self.child.wait();
    }
}
