//! Who may ask: what a website, a page of another port and another user's program get from each port that is served.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod support;

use std::path::Path;

use imgwatch_local::{BUCKET, FUNCTION, HandlerCommand, LocalCloud, Options, TOPIC};
use support::until;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TOPIC_ARN: &str = "arn:aws:sns:us-east-1:000000000000:image-uploads";

async fn start(handler: &str) -> LocalCloud {
    let args = vec!["-c".into(), handler.into()];
    let handler = HandlerCommand { program: "sh".into(), args, env: Vec::new() };
    LocalCloud::start(Options::new(handler)).await.unwrap()
}

fn address(cloud: &LocalCloud) -> String {
    cloud.endpoint().trim_start_matches("http://").to_owned()
}

/// One request, written as it is sent: its line, more headers, its body. What comes back is the whole answer.
async fn ask(address: &str, line: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut request = format!("{line} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str(&format!("host: {address}\r\n"));
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn is_refused(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 403 ")
}

/// The headers that a browser sends for a page that is not of this port.
const STRANGERS: [&[(&str, &str)]; 7] = [
    &[("origin", "http://evil.example")],
    &[("origin", "null")],
    &[("origin", "http://127.0.0.1:1")],
    &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")],
    &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
    &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "navigate")],
    &[("host", "evil.example")],
];

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing() {
    let cloud = start("exit 1").await;
    let address = address(&cloud);
    let object = format!("PUT /{BUCKET}/cat.png");
    assert!(ask(&address, &object, &[], "a cat").await.starts_with("HTTP/1.1 200 "));
    let publish = format!("Action=Publish&Version=2010-03-31&Message=x&TopicArn={TOPIC_ARN}");
    let subscribe =
        format!("Action=Subscribe&Version=2010-03-31&TopicArn={TOPIC_ARN}&Protocol=email&Endpoint=eve@example.com");
    let rule = r#"{"service":"s3","fault":"cut"}"#;
    for stranger in STRANGERS {
        for (line, body) in [
            ("POST /".to_owned(), publish.as_str()),
            (format!("GET /?{publish}"), ""),
            ("POST /".to_owned(), &subscribe),
            (format!("DELETE /{BUCKET}/cat.png"), ""),
            (format!("GET /{BUCKET}/cat.png"), ""),
            (format!("PUT /{BUCKET}/evil.png"), "evil"),
            (format!("POST /{BUCKET}"), "a form"),
            ("POST /_imgwatch/faults".to_owned(), rule),
            ("GET /_imgwatch/inbox".to_owned(), ""),
            (format!("POST /2015-03-31/functions/{FUNCTION}/invocations"), "{}"),
            (format!("OPTIONS /{BUCKET}/cat.png"), ""),
        ] {
            let mut headers = stranger.to_vec();
            headers.push(("content-type", "application/x-www-form-urlencoded"));
            let answer = ask(&address, &line, &headers, body).await;
            assert!(is_refused(&answer), "{line} {stranger:?}: {answer}");
            assert!(!answer.contains("access-control-allow"), "{answer}");
        }
    }
    // No fault was injected, the object is there, and it is the only one. No message was sent.
    let answer = ask(&address, &format!("GET /{BUCKET}"), &[], "").await;
    assert!(answer.contains("<Key>cat.png</Key>") && !answer.contains("evil"), "{answer}");
    let inbox = ask(&address, "GET /_imgwatch/inbox", &[], "").await;
    assert!(inbox.contains(r#""messages":[]"#), "{inbox}");
    assert_eq!(cloud.stop().await, 0);
}

#[tokio::test]
async fn a_page_of_this_very_port_and_programs_without_one_are_answered() {
    let cloud = start("exit 1").await;
    let address = address(&cloud);
    let own = format!("http://{address}");
    let page = [("origin", own.as_str()), ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let typed = [("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")];
    for headers in [&page as &[_], &typed, &[], &[("user-agent", "aws-cli/2.0")]] {
        let answer = ask(&address, &format!("PUT /{BUCKET}/cat.png"), headers, "a cat").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{headers:?}: {answer}");
    }
    assert_eq!(cloud.stop().await, 0);
}

/// A function that notes where its Runtime API is, and asks for nothing.
async fn runtime_api(directory: &Path) -> (LocalCloud, String) {
    let file = directory.join("api");
    let noted = format!("printf %s \"$AWS_LAMBDA_RUNTIME_API\" >{0}.new; mv {0}.new {0}; sleep 600", file.display());
    let cloud = start(&noted).await;
    let invocation = format!("POST /2015-03-31/functions/{FUNCTION}/invocations");
    let event = [("x-amz-invocation-type", "Event")];
    let answer = ask(&address(&cloud), &invocation, &event, r#"{"the":"event"}"#).await;
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    let api = until("the address of the Runtime API", || std::fs::read_to_string(&file).ok()).await;
    (cloud, api)
}

#[tokio::test]
async fn no_page_takes_an_event_from_the_runtime_api() {
    let directory = tempfile::tempdir().unwrap();
    let (cloud, api) = runtime_api(directory.path()).await;
    for stranger in STRANGERS {
        for line in ["GET /2018-06-01/runtime/invocation/next", "POST /2018-06-01/runtime/init/error"] {
            let answer = ask(&api, line, stranger, "").await;
            assert!(is_refused(&answer), "{stranger:?}: {answer}");
        }
    }
    let answer = ask(&api, "GET /2018-06-01/runtime/invocation/next", &[], "").await;
    assert!(answer.contains(r#"{"the":"event"}"#), "it is still there: {answer}");
    assert_eq!(cloud.stop().await, 0);
}

/// A shell of the user `nobody`, where this test may make one.
#[cfg(target_os = "linux")]
#[expect(clippy::print_stderr, reason = "what is left out is said")]
fn another_user(script: &str) -> Option<tokio::process::Command> {
    let user = std::process::Command::new("id").arg("-u").output().unwrap().stdout;
    if user != b"0\n" || std::process::Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("left out: only root, with setpriv, starts a program of another user");
        return None;
    }
    let mut command = tokio::process::Command::new("setpriv");
    let nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c"];
    command.args(nobody).arg(script).current_dir("/");
    Some(command)
}

/// Sends a request from a shell of another user, and prints what comes back.
#[cfg(target_os = "linux")]
fn request(address: &str, line: &str, then: &str) -> String {
    let (host, port) = address.split_once(':').unwrap();
    format!(
        "exec 3<>/dev/tcp/{host}/{port}; printf '{line} HTTP/1.1\\r\\nhost: {address}\\r\\nconnection: close\\r\\n\\r\\n' \
         >&3; {then}"
    )
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_users_program_is_refused_on_every_port() {
    let directory = tempfile::tempdir().unwrap();
    let (cloud, api) = runtime_api(directory.path()).await;
    let address = address(&cloud);
    let publish = format!("GET /?Action=Publish&Version=2010-03-31&Message=x&TopicArn={TOPIC_ARN}");
    let next = "GET /2018-06-01/runtime/invocation/next".to_owned();
    for (port, line) in [(&address, &publish), (&address, &"GET /_imgwatch/inbox".to_owned()), (&api, &next)] {
        let Some(mut shell) = another_user(&request(port, line, "cat <&3")) else { return };
        let output = shell.output().await.unwrap();
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(is_refused(&answer) && answer.contains("imgwatch local"), "{line}: {answer} {output:?}");
    }
    let answer = ask(&api, "GET /2018-06-01/runtime/invocation/next", &[], "").await;
    assert!(answer.contains(r#"{"the":"event"}"#), "it is still there: {answer}");
    let inbox = ask(&address, "GET /_imgwatch/inbox", &[], "").await;
    assert!(inbox.contains(r#""messages":[]"#), "{inbox}");
    assert_eq!(cloud.stop().await, 0);
}

/// Of a connection that is closed already, the system names root as its user.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_users_program_gains_nothing_by_closing_at_once() {
    let cloud = start("exit 1").await;
    let address = address(&cloud);
    let create = "GET /?Action=CreateTopic&Version=2010-03-31&Name=stranger-$i";
    let (host, port) = address.split_once(':').unwrap();
    let script = format!(
        "for i in $(seq 300); do exec 3<>/dev/tcp/{host}/{port}; printf \
         \"{create} HTTP/1.1\\r\\nhost: {address}\\r\\n\\r\\n\" >&3; exec 3>&-; done"
    );
    let Some(mut shell) = another_user(&script) else { return };
    assert!(shell.status().await.unwrap().success());
    // Connections are taken in turn: those before this one are checked once it is answered, or soon after.
    for _ in 0..50 {
        let list = ask(&address, "GET /?Action=ListTopics&Version=2010-03-31", &[], "").await;
        assert!(list.contains(TOPIC) && !list.contains("stranger-"), "{list}");
    }
    assert_eq!(cloud.stop().await, 0);
}
