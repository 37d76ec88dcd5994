//! The program as a child process, with nothing of the caller's own environment.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

#[path = "../raw/ask.rs"]
pub(crate) mod ask;

use ask::ask_ok;

const PROGRAM: &str = env!("CARGO_BIN_EXE_imgwatch");

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Each line of standard output as JSON.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    /// The one line of standard output as JSON, after checking the exit code.
    pub(crate) fn only(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        let mut all = self.json();
        assert_eq!(all.len(), 1, "{}", self.stdout);
        all.remove(0)
    }
}

pub(crate) fn program(args: &[&str]) -> Command {
    let own = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .env_clear()
        // The test's own handlers start the function by name.
        .env("PATH", format!("{own}:{}", std::env::var("PATH").unwrap_or_default()))
        .env("HOME", std::env::temp_dir().join("imgwatch-no-home"))
        .stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(args: &[&str]) -> Run {
    let Output { status, stdout, stderr } = program(args).output().unwrap();
    Run { code: status.code(), stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
}

/// A handler from `tests/handlers`.
pub(crate) fn handler(name: &str) -> String {
    format!("{}/tests/handlers/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Sends a signal by its name.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// `imgwatch local` on a free port; killed when dropped.
pub(crate) struct Server {
    child: Child,
    stdout: BufReader<ChildStdout>,
    pub(crate) endpoint: String,
    /// What it printed up to its last export.
    pub(crate) welcome: String,
}

impl Server {
    pub(crate) fn start(args: &[&str]) -> Self {
        let args: Vec<&str> = ["local", "--port", "0"].into_iter().chain(args.iter().copied()).collect();
        let mut child = program(&args).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut welcome = String::new();
        while !welcome.contains("export AWS_DEFAULT_REGION=") {
            assert_ne!(stdout.read_line(&mut welcome).unwrap(), 0, "it ended after {welcome:?}");
        }
        let endpoint = welcome.lines().find_map(|line| line.strip_prefix("export AWS_ENDPOINT_URL=")).unwrap();
        Self { endpoint: endpoint.to_owned(), child, stdout, welcome }
    }

    /// Runs a command against it.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        run(&self.with(args))
    }

    pub(crate) fn with<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        ["--endpoint-url", &self.endpoint].into_iter().chain(args.iter().copied()).collect()
    }

    /// Makes its services go wrong, over the path that it has for that.
    pub(crate) fn inject(&self, rule: &serde_json::Value) {
        self.send("POST", "/_imgwatch/faults", &rule.to_string());
    }

    /// Takes away every rule by which the bucket starts a function.
    pub(crate) fn remove_notifications(&self) {
        self.send("PUT", "/images?notification", "<NotificationConfiguration/>");
    }

    /// Changes the configuration of the pipeline's function.
    pub(crate) fn configure_function(&self, changes: &serde_json::Value) {
        let path = "/2015-03-31/functions/ImageUploadProcessor/configuration";
        self.send("PUT", path, &changes.to_string());
    }

    fn send(&self, method: &str, path: &str, body: &str) {
        ask_ok(&self.endpoint, &format!("{method} {path}"), &[], body);
    }

    /// What a path of its own answers.
    pub(crate) fn get(&self, path: &str) -> String {
        ask_ok(&self.endpoint, &format!("GET {path}"), &[], "")
    }

    /// Stops it by a signal, and returns how it ended and what else it printed.
    pub(crate) fn stop(mut self, name: &str) -> (ExitStatus, String) {
        signal(&self.child, name);
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
