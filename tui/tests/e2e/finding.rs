//! Finding a pipeline, changing to another one, and going on when credentials come to their end.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::ask::ask_ok;
use crate::raw::{Raw, Request, denied, http, listing, stacks};
use crate::term::Term;

/// A home directory of its own, and nothing else.
fn start(home: &Path, args: &[&str], env: &[(&str, &str)]) -> Term {
    let home = home.to_str().unwrap();
    let env: Vec<(&str, &str)> = [("HOME", home)].into_iter().chain(env.iter().copied()).collect();
    Term::start(110, 36, args, &env)
}

#[test]
fn with_nothing_to_go_on_it_says_what_it_looked_for_and_starts_the_local_cloud_by_a_key() {
    let home = tempfile::tempdir().unwrap();
    let mut term = start(home.path(), &[], &[]);
    term.wait_for("No pipeline is known yet");
    let screen = term.contents();
    for word in
        ["no --bucket", "IMGWATCH_BUCKET", "config.toml is not there", "no region is configured", "--stack NAME"]
    {
        assert!(screen.contains(word), "{word:?} is not on the screen:\n{screen}");
    }
    // A key of the panels does nothing while there are none.
    term.keys("ul");
    term.wait_for("LIVE");
    term.keys("u\r");
    term.wait_for("delivered");
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn several_stacks_are_listed_and_a_single_one_is_found_by_looking_again() {
    let has_one = Arc::new(AtomicBool::new(false));
    let one = Arc::clone(&has_one);
    let server = Raw::start(move |request: &Request| {
        let outputs = [
            ("BucketName", "found-bucket"),
            ("FunctionName", "F"),
            ("TopicArn", "arn:aws:sns:us-east-1:1:found-topic"),
        ];
        match request.line.as_str() {
            _ if !request.body.contains("Action=DescribeStacks") && !request.line.contains("list-type=2") => {
                denied(request)
            }
            line if line.starts_with("GET /found-bucket") => listing("found.png"),
            _ if one.load(Ordering::Relaxed) => stacks(&[("images-live", &outputs)], None),
            _ => stacks(&[("images-dev", &outputs), ("images-live", &outputs)], None),
        }
    });
    let home = tempfile::tempdir().unwrap();
    let env = [("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "eu-west-1")];
    let mut term = start(home.path(), &["--endpoint-url", &server.far()], &env);
    term.wait_for("images-dev, images-live; choose one with --stack");
    term.wait_for("stacks in eu-west-1");
    has_one.store(true, Ordering::Relaxed);
    term.keys("r");
    term.wait_for("found.png");
    term.wait_for("found-topic");
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn another_profile_empties_the_panels_and_fills_them_again() {
    let server = Raw::start(|request| match request.line.as_str() {
        line if line.contains("list-type=2") && request.is_signed_with("Credential=KEYA/") => listing("of-a.png"),
        line if line.contains("list-type=2") && request.is_signed_with("/eu-north-1/") => listing("of-b-in-north.png"),
        line if line.contains("list-type=2") => listing("of-b.png"),
        _ => denied(request),
    });
    let home = tempfile::tempdir().unwrap();
    let profile = |name: &str| {
        format!(
            "[profile {name}]\nregion = eu-west-1\naws_access_key_id = KEY{}\naws_secret_access_key = s\n",
            name.to_uppercase()
        )
    };
    let config = home.path().join("aws-config");
    std::fs::write(&config, profile("a") + &profile("b")).unwrap();
    let env = [("AWS_CONFIG_FILE", config.to_str().unwrap())];
    let args =
        ["--endpoint-url", &server.far(), "--bucket", "mine", "--topic", "arn:aws:sns:eu-west-1:1:t", "--profile", "a"];
    let mut term = start(home.path(), &args, &env);
    term.wait_for("of-a.png");
    term.keys("P");
    term.wait_for("profile  b");
    term.keys("\u{1b}[B");
    term.wait_for("to profile b");
    term.keys("\r");
    term.wait_for("of-b.png");
    assert!(!term.contents().contains("of-a.png"), "{}", term.contents());
    term.wait_for("b 0.0.0.0");
    // Another region of the same profile, typed over the one that is written in the file.
    term.keys("P");
    term.wait_for("profile  b");
    term.keys("\u{1b}[B\u{15}eu-north-1");
    term.wait_for("> eu-north-1");
    term.keys("\r");
    term.wait_for("of-b-in-north.png");
    // What was named stays named: nothing else is looked for.
    assert!(server.seen().iter().all(|line| !line.contains("/images")), "{:?}", server.seen());
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn a_profile_that_ignores_endpoints_leads_to_aws_when_it_is_switched_to() {
    let endpoint = Raw::start(|request| match request.line.as_str() {
        line if line.contains("list-type=2") => listing("of-the-endpoint.png"),
        _ => denied(request),
    });
    let proxy = Raw::start(|_| http("407 Proxy Authentication Required", &[], ""));
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("aws-config");
    let keys = "region = eu-west-1\naws_access_key_id = K\naws_secret_access_key = s\n";
    std::fs::write(&config, format!("[profile a]\n{keys}[profile b]\n{keys}ignore_configured_endpoint_urls = true\n"))
        .unwrap();
    let (far, through) = (endpoint.far(), format!("http://127.0.0.1:{}", proxy.port));
    let env =
        [("AWS_CONFIG_FILE", config.to_str().unwrap()), ("AWS_ENDPOINT_URL", &far), ("HTTPS_PROXY", through.as_str())];
    let args = ["--bucket", "mine", "--topic", "arn:aws:sns:eu-west-1:1:t", "--profile", "a"];
    let mut term = start(home.path(), &args, &env);
    term.wait_for("of-the-endpoint.png");
    assert_eq!(proxy.seen(), [""; 0]);
    term.keys("P");
    term.wait_for("profile  b");
    term.keys("\u{1b}[B");
    term.wait_for("to profile b");
    term.keys("\r");
    term.wait("AWS to be asked", |_| {
        proxy.seen().iter().any(|line| line.starts_with("CONNECT ") && line.contains("s3.eu-west-1.amazonaws.com:443"))
    });
    assert!(!term.contents().contains("of-the-endpoint.png"), "{}", term.contents());
    term.keys("q");
    assert!(term.end().0.success());
}

/// `imgwatch local` on a free port; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) endpoint: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// The same with more flags.
    pub(crate) fn with(args: &[&str]) -> Self {
        let program = env!("CARGO_BIN_EXE_imgwatch");
        let mut command = Command::new(program);
        let mut child = command.args(["local", "--port", "0"]).args(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let endpoint = lines.find_map(|line| line.strip_prefix("export AWS_ENDPOINT_URL=").map(str::to_owned));
        Self { child, endpoint: endpoint.unwrap() }
    }

    /// From now on requests signed with this key are refused.
    fn expire(&self, key: &str) {
        for service in ["s3", "sns", "logs", "sts", "lambda"] {
            let rule =
                format!(r#"{{"service":"{service}","times":1000000,"fault":{{"expired":{{"access_key":"{key}"}}}}}}"#);
            ask_ok(&self.endpoint, "POST /_imgwatch/faults", &[], &rule);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn credentials_that_expire_in_mid_run_are_reported_with_what_renews_them_and_after_that_it_goes_on() {
    let server = Server::start();
    let home = tempfile::tempdir().unwrap();
    let keys = home.path().join("keys.json");
    // What the source says is written at once, as a program would print it.
    let write = |key: &str| {
        let fresh = home.path().join("fresh.json");
        let text = format!(r#"{{"Version":1,"AccessKeyId":"{key}","SecretAccessKey":"s","SessionToken":"t"}}"#);
        std::fs::write(&fresh, text).unwrap();
        std::fs::rename(&fresh, &keys).unwrap();
    };
    let config = home.path().join("aws-config");
    std::fs::write(
        &config,
        format!("[profile tool]\nregion = us-east-1\ncredential_process = cat {}\n", keys.display()),
    )
    .unwrap();
    let env = [("AWS_CONFIG_FILE", config.to_str().unwrap())];
    let mut term = start(home.path(), &["--endpoint-url", &server.endpoint, "--profile", "tool"], &env);
    // There are none yet: that is shown, and checked again without any key.
    term.wait_for("no AWS credentials");
    term.wait_for("profile tool runs as its credential_process");
    write("OLD");
    term.wait_for("LIVE");
    term.wait_for("2 confirmed");

    server.expire("OLD");
    term.keys("r");
    for panel in ["2", "3", "4"] {
        // Each panel that fails says so itself.
        term.keys(panel);
        term.keys("z");
        term.wait_for("expired");
        term.wait_for("profile tool runs as its credential_process");
        term.keys("z");
    }
    term.wait_for("Objects, Logs, Subscriptions: ");

    // Without any key.
    write("NEW");
    term.wait_for("LIVE");
    term.keys("u\r");
    term.wait_for("delivered");
    term.keys("q");
    assert!(term.end().0.success());
}
