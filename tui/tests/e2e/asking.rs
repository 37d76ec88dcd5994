//! What a subscriber would notice: the first upload to an endpoint that is not the local cloud is asked about, and a queue
//! that refuses the topic is reported when it is subscribed.

use std::io::Write as _;
use std::net::TcpStream;

use imgwatch_local::LocalCloud;
use tokio::runtime::Runtime;

use super::raw::{each, forward, head, http, listen};
use super::slow;
use super::term::Term;
use super::{ENTER, ESC};

/// The local cloud behind a door that hides what only the local cloud has: `imgwatch` takes it for another service.
fn hidden(cloud: &LocalCloud) -> String {
    let (port, _, listener) = listen();
    let address = cloud.endpoint().strip_prefix("http://").unwrap().to_owned();
    each(listener, move |mut stream| {
        let Ok(head) = head(&mut stream) else { return };
        if head.lines().next().is_some_and(|line| line.contains("/_imgwatch/")) {
            let _ = stream.write_all(http("404 Not Found", &[], "").as_bytes());
            return;
        }
        let mut target = TcpStream::connect(&address).unwrap();
        target.write_all(head.as_bytes()).unwrap();
        forward(stream, target, |_| {});
    });
    format!("http://127.0.0.1:{port}")
}

#[test]
fn the_first_upload_says_whom_it_notifies_and_asks() {
    let runtime = Runtime::new().unwrap();
    let cloud = slow::cloud(&runtime);
    let endpoint = hidden(&cloud);
    let args = ["--endpoint-url", &endpoint, "--region", "us-east-1"];
    let mut term = Term::start(120, 40, &args, &[]);
    term.wait_for("2 subscribers");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait_for("Upload 1 file to bucket images?");
    term.wait_for("Each image notifies the 2 subscribers of topic image-uploads: 1");
    term.wait_for("email, 1 sqs.");
    // Enter is no, and leads back.
    term.keys(ENTER);
    term.wait_for("Enter uploads a generated test image");
    term.keys(ENTER);
    term.wait_for("Upload 1 file to bucket images?");
    term.keys("y");
    term.wait_for("✓ published");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait("a second upload, which is not asked about", |screen| {
        screen.contents().matches("✓ published").count() == 2
    });
    term.keys("q");
    assert!(term.end().0.success());
    let mut term = Term::start(120, 40, &[&args[..], &["--confirm-upload", "off"]].concat(), &[]);
    term.wait_for("2 subscribers");
    term.keys("u");
    term.wait_for("generated test image");
    term.keys(ENTER);
    term.wait("an upload without a question", |screen| screen.contents().contains(" 3 · newest"));
    term.keys("q");
    assert!(term.end().0.success());
    runtime.block_on(cloud.stop());
}

#[test]
fn a_queue_whose_policy_keeps_the_topic_out_is_reported_with_the_fix() {
    let runtime = Runtime::new().unwrap();
    let cloud = slow::cloud(&runtime);
    let arns = runtime.block_on(async { [queue(&cloud, "closed").await, queue(&cloud, "shut").await] });
    let mut term = Term::start(120, 40, &["--endpoint-url", cloud.endpoint()], &[]);
    term.wait_for("2 subscribers");
    term.keys("s");
    term.wait_for("┏ Subscribe ━");
    for protocol in ["email-json", "sms", "https", "http", "sqs"] {
        term.keys("\t");
        term.wait_for(&format!("[{protocol}]"));
    }
    term.keys(&arns[0]);
    term.keys(ENTER);
    term.wait_for("the policy does not allow the topic to send");
    term.wait_for("set-queue-attributes");
    // Behind the check is the list, from which the others can be run.
    term.keys(ESC);
    term.wait_for("┏ Doctor ━");
    term.keys(ESC);
    term.wait("the panels", |screen| !screen.contents().contains("┏ Doctor ━"));
    term.wait_for("3 subscribers");
    term.keys("q");
    assert!(term.end().0.success());
    // The command says the same, and the command that it prints helps.
    let program = env!("CARGO_BIN_EXE_imgwatch");
    let subscribe = ["--endpoint-url", cloud.endpoint(), "subscribe", "--protocol", "sqs", &arns[1]];
    let run = || {
        let done = std::process::Command::new(program).args(subscribe).output().unwrap();
        assert!(done.status.success());
        (String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let (stdout, stderr) = run();
    assert!(stderr.contains("the policy does not allow the topic to send"), "{stderr}");
    let command = stdout.lines().find(|line| line.starts_with("aws ")).unwrap_or_else(|| panic!("{stdout}"));
    let attributes = shell_words::split(command).unwrap().pop().unwrap();
    let attributes: serde_json::Value = serde_json::from_str(&attributes).unwrap();
    runtime.block_on(async {
        let sqs = sqs(&cloud);
        let url = sqs.get_queue_url().queue_name("shut").send().await.unwrap();
        let policy = attributes["Policy"].as_str().unwrap();
        let set = sqs.set_queue_attributes().queue_url(url.queue_url().unwrap());
        set.attributes(aws_sdk_sqs::types::QueueAttributeName::Policy, policy).send().await.unwrap();
    });
    let (stdout, stderr) = run();
    assert!(stdout.contains("the policy allows the topic to send"), "{stdout}{stderr}");
    runtime.block_on(cloud.stop());
}

/// A queue without a policy, by its ARN.
async fn queue(cloud: &LocalCloud, name: &str) -> String {
    sqs(cloud).create_queue().queue_name(name).send().await.unwrap();
    format!("arn:aws:sqs:us-east-1:000000000000:{name}")
}

fn sqs(cloud: &LocalCloud) -> aws_sdk_sqs::Client {
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(cloud.endpoint())
        .build();
    aws_sdk_sqs::Client::from_conf(config)
}
