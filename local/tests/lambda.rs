//! Lambda as its callers and its functions see it: over HTTP, with real processes.
//!
//! The function is this test binary itself, run again (see [`function`]) as a client of the Runtime API.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use imgwatch_local::{FUNCTION, Fault, FaultRule, HandlerCommand, LocalCloud, LogFormat, Options};
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use support::{ROLE, this_program, until};

/// The function's process, when another test started it; nothing otherwise.
///
/// An event says what to do: `print` a line, note the attempt in a `file`, `fail` while the file has at most so many
/// lines, start a `child` and note it in a file, `run` a shell's script to its end, start a `bare` child with no variables
/// in a session of its own, `sleep` for milliseconds, `exit` with a status.
#[test]
#[ignore = "it is the process of the other tests' function"]
fn function() {
    let Ok(role) = std::env::var(ROLE) else { return };
    // Ends the line in which the test harness announces this test.
    println!();
    if role == "broken" {
        end_process(3);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(lambda_runtime::run(service_fn(handle))).unwrap();
}

#[expect(clippy::print_stdout, reason = "what a function prints is its log")]
async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let (event, context) = event.into_parts();
    if let Some(text) = event["print"].as_str() {
        println!("{text}");
    }
    if let Some(file) = event["file"].as_str() {
        let line = format!("{} {}\n", context.request_id, std::process::id());
        let mut noted = std::fs::read_to_string(file).unwrap_or_default();
        noted.push_str(&line);
        std::fs::write(file, &noted).unwrap();
        if event["fail"].as_u64().is_some_and(|times| noted.lines().count() as u64 <= times) {
            let error_message = format!("not at attempt {}", noted.lines().count());
            return Err(Diagnostic { error_type: "NotYet".to_owned(), error_message });
        }
    }
    if let Some(file) = event["child"].as_str() {
        let child = tokio::process::Command::new("sleep").arg("600").spawn().unwrap();
        std::fs::write(file, child.id().unwrap().to_string()).unwrap();
    }
    if let Some(script) = event["run"].as_str() {
        let shell = tokio::process::Command::new("sh").args(["-c", script]).status().await.unwrap();
        assert!(shell.success());
    }
    if let Some(file) = event["bare"].as_str() {
        let mut child = tokio::process::Command::new("setsid");
        let child =
            child.args(["sleep", "600"]).env_clear().env("PATH", std::env::var("PATH").unwrap()).spawn().unwrap();
        std::fs::write(file, child.id().unwrap().to_string()).unwrap();
    }
    if let Some(milliseconds) = event["sleep"].as_u64() {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    if let Some(status) = event["exit"].as_i64() {
        end_process(i32::try_from(status).unwrap());
    }
    if let Some(length) = event["length"].as_u64() {
        return Ok(json!("x".repeat(usize::try_from(length).unwrap())));
    }
    Ok(json!({
        "pid": std::process::id(),
        "arn": context.invoked_function_arn,
        "trace": context.xray_trace_id,
        "topic": std::env::var("SNS_TOPIC_ARN").ok(),
        "user_home": std::env::var("HOME").ok(),
        "zone": std::env::var("TZ").ok(),
    }))
}

#[expect(clippy::exit, reason = "the function is to end like this")]
fn end_process(status: i32) -> ! {
    std::process::exit(status)
}

fn options() -> Options {
    Options {
        retry_delays: [Duration::from_millis(20), Duration::from_millis(40)],
        log_format: LogFormat::Text,
        timeout: Duration::from_secs(20),
        ..Options::new(this_program("works"))
    }
}

struct Caller {
    http: Client<HttpConnector, Full<Bytes>>,
    endpoint: String,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn log(&self) -> String {
        let encoded = self.header("x-amz-log-result").unwrap();
        String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).unwrap()).unwrap()
    }

    fn is_cold(&self) -> bool {
        self.log().contains("\tInit Duration: ")
    }
}

impl Caller {
    fn new(cloud: &LocalCloud) -> Self {
        let http = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        Self { http, endpoint: cloud.endpoint().to_owned() }
    }

    async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Result<Answer, hyper_util::client::legacy::Error> {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.endpoint));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.http.request(request.body(Full::new(body)).unwrap()).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.try_call(method, path, &[], body).await.unwrap()
    }

    async fn invoke(&self, event: &Value) -> Answer {
        let path = format!("/2015-03-31/functions/{FUNCTION}/invocations");
        self.try_call(Method::POST, &path, &[("x-amz-log-type", "Tail")], event).await.unwrap()
    }

    /// The request id.
    async fn invoke_event(&self, event: &Value) -> String {
        let path = format!("/2015-03-31/functions/{FUNCTION}/invocations");
        let answer = self.try_call(Method::POST, &path, &[("x-amz-invocation-type", "Event")], event).await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (StatusCode::ACCEPTED, 0));
        answer.header("x-amzn-requestid").unwrap().to_owned()
    }
}

/// The request ids and process ids noted in a file.
fn noted(file: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[tokio::test]
async fn the_first_invocation_starts_a_process_and_the_next_uses_it() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);

    let cold = caller.invoke(&json!({"print": "hello"})).await;
    assert_eq!(cold.status, StatusCode::OK);
    assert_eq!(cold.header("x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(cold.header("x-amz-function-error"), None);
    let id = cold.header("x-amzn-requestid").unwrap();
    let log = cold.log();
    let lines: Vec<&str> = log.lines().collect();
    assert!(lines[0].starts_with("INIT_START Runtime Version: "), "{log}");
    let start = lines.iter().position(|line| line.starts_with("START ")).unwrap();
    assert_eq!(lines[start], format!("START RequestId: {id} Version: $LATEST"));
    assert_eq!(lines[start + 1..start + 3], ["hello".to_owned(), format!("END RequestId: {id}")]);
    assert!(lines[start + 3].starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{log}");
    assert_eq!(lines.len(), start + 4, "{log}");
    assert!(cold.is_cold());
    #[cfg(target_os = "linux")]
    assert!(log.contains("\tMax Memory Used: "), "{log}");

    let warm = caller.invoke(&json!({"print": "again"})).await;
    let log = warm.log();
    assert!(log.starts_with("START ") && log.lines().nth(1) == Some("again") && !warm.is_cold(), "{log}");
    assert_eq!(warm.json()["pid"], cold.json()["pid"]);
    assert_eq!(warm.json()["topic"], "arn:aws:sns:us-east-1:000000000000:image-uploads");
    assert_eq!(warm.json()["arn"], format!("arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}"));
    assert!(warm.json()["trace"].as_str().unwrap().starts_with("Root=1-"));
    assert_eq!(warm.json()["user_home"], Value::Null, "nothing of the user's may reach the function");
    cloud.stop().await;
}

#[tokio::test]
async fn json_platform_lines_enclose_the_functions_own() {
    let cloud = LocalCloud::start(Options { log_format: LogFormat::Json, ..options() }).await.unwrap();
    let answer = Caller::new(&cloud).invoke(&json!({"print": "{\"level\":\"INFO\"}"})).await;
    let log = answer.log();
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap_or("own")).collect();
    assert_eq!(kinds, ["platform.initStart", "platform.start", "own", "platform.report"], "{log}");
    assert_eq!(lines[1]["record"]["requestId"], answer.header("x-amzn-requestid").unwrap());
    assert_eq!(lines[3]["record"]["status"], "success");
    assert!(lines[3]["record"]["metrics"]["initDurationMs"].as_f64().unwrap() > 0.0);
    cloud.stop().await;
}

#[tokio::test]
async fn a_function_error_is_an_answer_and_the_process_lives_on() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("attempts");
    let failed = caller.invoke(&json!({"file": file, "fail": 1})).await;
    assert_eq!((failed.status, failed.header("x-amz-function-error")), (StatusCode::OK, Some("Unhandled")));
    assert_eq!(failed.json()["errorType"], "NotYet");
    let worked = caller.invoke(&json!({"file": file, "fail": 1})).await;
    assert_eq!(worked.header("x-amz-function-error"), None);
    assert!(!worked.is_cold());
    let too_large = caller.invoke(&json!({"length": 6_300_000})).await;
    assert_eq!(too_large.json()["errorType"], "Function.ResponseSizeTooLarge");
    cloud.stop().await;
}

#[tokio::test]
async fn a_failed_event_is_tried_again_under_the_same_request_id() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("attempts");
    let id = Caller::new(&cloud).invoke_event(&json!({"file": file, "fail": 2})).await;
    let attempts = until("three attempts", || Some(noted(&file)).filter(|attempts| attempts.len() >= 3)).await;
    assert_eq!(attempts.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), [id.as_str(); 3]);
    cloud.stop().await;
    assert_eq!(noted(&file).len(), 3, "it worked at the third attempt");
}

#[tokio::test]
async fn an_event_that_always_fails_ends_in_the_failure_queue() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let directory = tempfile::tempdir().unwrap();
    let event = json!({"file": directory.path().join("attempts"), "fail": 99});
    let id = caller.invoke_event(&event).await;
    let target = [("x-amz-target", "AmazonSQS.ReceiveMessage"), ("content-type", "application/x-amz-json-1.0")];
    let queue = format!("{}/000000000000/image-uploads-failed", cloud.endpoint());
    let receive = json!({"QueueUrl": queue, "WaitTimeSeconds": 20});
    let received = caller.try_call(Method::POST, "/", &target, &receive).await.unwrap().json();
    let record: Value = serde_json::from_str(received["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    let function_arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}:$LATEST");
    let expected = json!({
        "version": "1.0",
        "timestamp": record["timestamp"],
        "requestContext": {
            "requestId": id,
            "functionArn": function_arn,
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "NotYet", "errorMessage": "not at attempt 3"},
    });
    assert_eq!(record, expected);
    cloud.stop().await;
}

#[tokio::test]
async fn a_time_out_kills_the_process() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    // The start of a process takes as long as the machine is busy: only the sleep is to meet a short time-out.
    caller.invoke(&json!({})).await;
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    assert_eq!(caller.call(Method::PUT, &path, &json!({"Timeout": 1})).await.status, StatusCode::OK);
    let pid = caller.invoke(&json!({})).await.json()["pid"].to_string();
    let late = caller.invoke(&json!({"print": "before", "sleep": 60_000})).await;
    assert_eq!(late.header("x-amz-function-error"), Some("Unhandled"));
    let id = late.header("x-amzn-requestid").unwrap();
    assert_eq!(
        late.json(),
        json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": format!("RequestId: {id} Error: Task timed out after 1.00 seconds"),
        })
    );
    let log = late.log();
    assert!(log.contains(&format!("{id} Task timed out after 1.00 seconds")), "{log}");
    assert!(log.find("before") < log.find("Task timed out"), "{log}");
    assert!(log.trim_end().ends_with("Status: timeout"), "{log}");
    assert!(!is_running(&pid));
    assert!(caller.invoke(&json!({})).await.is_cold());
    cloud.stop().await;
}

/// A process that has ended and whose exit was not read is a zombie, and still listed.
#[cfg(target_os = "linux")]
fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Daemons, which leave the function's process group and session; each notes itself in a file of `directory`.
#[cfg(target_os = "linux")]
fn daemons(directory: &Path) -> String {
    let scripts = [
        ("session", "setsid sh -c 'echo $$ >FILE; exec sleep 600' &"),
        ("twice", "(setsid sh -c '(sh -c \"echo \\$\\$ >FILE; exec sleep 600\") &' &)"),
        ("deaf", "(setsid sh -c 'trap \"\" TERM HUP INT; echo $$ >FILE; while :; do sleep 600; done' &)"),
    ];
    let start = |(name, script): &(&str, &str)| {
        let file = directory.join(name).display().to_string();
        format!("{}\nuntil [ -s {file} ]; do sleep 0.01; done\n", script.replace("FILE", &file))
    };
    scripts.iter().map(start).collect()
}

/// The process ids that are noted in the files of a directory.
#[cfg(target_os = "linux")]
fn started(directory: &Path) -> Vec<String> {
    let read = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(entry.unwrap().path()).unwrap();
    std::fs::read_dir(directory).unwrap().map(read).map(|pid| pid.trim().to_owned()).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn daemons_of_a_function_end_with_its_environment() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let directories = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [late, crashed, stopped] = directories.each_ref().map(tempfile::TempDir::path);

    caller.invoke(&json!({"run": daemons(crashed), "exit": 7})).await;
    assert_eq!(started(crashed).len(), 3);
    assert!(!started(crashed).iter().any(|pid| is_alive(pid)), "after a crash");

    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    caller.call(Method::PUT, &path, &json!({"Timeout": 6})).await;
    let bare = late.join("bare");
    let fine = caller.invoke(&json!({"run": daemons(late), "bare": bare})).await;
    assert_eq!(fine.header("x-amz-function-error"), None);
    let pids = started(late);
    assert!(pids.len() == 4 && pids.iter().all(|pid| is_alive(pid)), "they live as long as their environment");
    let timed_out = caller.invoke(&json!({"sleep": 60_000})).await;
    assert_eq!(timed_out.json()["errorType"], "Sandbox.Timedout");
    assert!(!pids.iter().any(|pid| is_alive(pid)), "after a time-out");

    caller.invoke(&json!({"run": daemons(stopped)})).await;
    let pids = started(stopped);
    assert!(pids.len() == 3 && pids.iter().all(|pid| is_alive(pid)));
    let mut other = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    assert_eq!(cloud.stop().await, 0);
    assert!(!pids.iter().any(|pid| is_alive(pid)), "after the cloud's end");
    assert!(is_alive(&other.id().to_string()), "other processes do not end");
    other.kill().unwrap();
    other.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_a_function_started_ends_with_it() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let directory = tempfile::tempdir().unwrap();
    let files = ["idle", "late", "crashed", "working"].map(|name| directory.path().join(name));
    let pid_in = |index: usize| std::fs::read_to_string(&files[index]).ok().filter(|pid| !pid.is_empty());
    let pid = |index: usize| pid_in(index).unwrap();
    caller.invoke(&json!({"child": files[2], "exit": 7})).await;
    until("the end of the child of a crash", || (!is_alive(&pid(2))).then_some(())).await;
    caller.invoke(&json!({})).await;
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    caller.call(Method::PUT, &path, &json!({"Timeout": 1})).await;
    caller.invoke(&json!({})).await;
    let late = caller.invoke(&json!({"child": files[1], "sleep": 60_000})).await;
    assert_eq!(late.json()["errorType"], "Sandbox.Timedout");
    until("the end of the child of a time-out", || (!is_alive(&pid(1))).then_some(())).await;
    caller.call(Method::PUT, &path, &json!({"Timeout": 60})).await;
    caller.invoke_event(&json!({"child": files[3], "sleep": 60_000})).await;
    until("a working child", || pid_in(3)).await;
    caller.invoke(&json!({"child": files[0]})).await;
    assert!(is_alive(&pid(0)) && is_alive(&pid(3)), "they outlive nothing but their environment");
    assert_eq!(cloud.stop().await, 0);
    for index in [0, 3] {
        until("the end of the children of a stop", || (!is_alive(&pid(index))).then_some(())).await;
    }
}

#[tokio::test]
async fn a_crash_starts_a_new_process() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let crashed = caller.invoke(&json!({"print": "last words", "exit": 7})).await;
    assert_eq!(crashed.json()["errorType"], "Runtime.ExitError");
    let message = crashed.json()["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.ends_with("Error: Runtime exited with error: exit status 7"), "{message}");
    let log = crashed.log();
    assert!(log.contains("last words") && log.contains("Status: error\tError Type: Runtime.ExitError"), "{log}");
    let next = caller.invoke(&json!({})).await;
    assert!(next.is_cold() && next.header("x-amz-function-error").is_none());
    cloud.stop().await;
}

#[tokio::test]
async fn a_function_that_does_not_start_says_why() {
    let cases = [
        (
            HandlerCommand { program: "/no/such/program".into(), ..this_program("works") },
            "Runtime.InvalidEntrypoint",
            "/no/such",
        ),
        (this_program("broken"), "Runtime.ExitError", "exit status 3"),
    ];
    for (handler, error_type, reason) in cases {
        let cloud = LocalCloud::start(Options { handler, ..options() }).await.unwrap();
        let answer = Caller::new(&cloud).invoke(&json!({})).await;
        assert_eq!(answer.json()["errorType"], error_type);
        assert!(answer.json()["errorMessage"].as_str().unwrap().contains(reason));
        let log = answer.log();
        assert!(log.contains("INIT_REPORT ") && log.contains(reason), "{log}");
        assert!(log.find("START RequestId") < log.find("REPORT RequestId"), "{log}");
        cloud.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_events_at_once_are_all_handled() {
    let cloud = LocalCloud::start(Options { max_concurrency: 3, ..options() }).await.unwrap();
    let caller = Caller::new(&cloud);
    let directory = tempfile::tempdir().unwrap();
    let file = |number: usize| directory.path().join(number.to_string());
    let events: Vec<Value> = (0..500).map(|number| json!({"file": file(number)})).collect();
    let ids = futures_util::future::join_all(events.iter().map(|event| caller.invoke_event(event))).await;
    until("500 files", || (0..500).all(|number| !noted(&file(number)).is_empty()).then_some(())).await;
    let mut processes = BTreeSet::new();
    for (number, id) in ids.iter().enumerate() {
        let attempts = noted(&file(number));
        assert_eq!(attempts.len(), 1, "event {number}");
        assert_eq!(&attempts[0].0, id);
        processes.insert(attempts[0].1.clone());
    }
    assert!((1..=3).contains(&processes.len()), "{processes:?}");
    cloud.stop().await;
    assert!(!processes.iter().any(|pid| is_running(pid)));
}

#[tokio::test]
async fn stopping_ends_processes_at_work_and_at_rest() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (directory.path().join("1"), directory.path().join("2"));
    for file in [&first, &second] {
        caller.invoke_event(&json!({"file": file, "sleep": 60_000})).await;
    }
    let pid_in = |file| noted(file).first().map(|(_, pid)| pid.clone());
    let pids = [until("the first", || pid_in(&first)).await, until("the second", || pid_in(&second)).await];
    let idle = caller.invoke(&json!({})).await.json()["pid"].to_string();
    assert!(!pids.contains(&idle), "they work at the same time");
    cloud.stop().await;
    for pid in pids.iter().chain([&idle]) {
        assert!(!is_running(pid), "{pid}");
    }
}

/// Where the system shows processes as files; elsewhere nothing is claimed.
fn is_running(pid: &str) -> bool {
    Path::new("/proc").join(pid).exists()
}

#[tokio::test]
async fn the_configuration_can_be_read_and_changed() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    let before = caller.call(Method::GET, &path, &Value::Null).await.json();
    assert_eq!((&before["FunctionName"], &before["State"]), (&json!(FUNCTION), &json!("Active")));
    assert_eq!(before["Timeout"].to_string(), "20", "a whole number, without a point");
    assert_eq!(before["LoggingConfig"]["LogGroup"], format!("/aws/lambda/{FUNCTION}"));

    caller.invoke(&json!({})).await;
    let change = json!({"Timeout": 7, "Environment": {"Variables": {"SNS_TOPIC_ARN": "another"}}});
    let after = caller.call(Method::PUT, &path, &change).await.json();
    assert_eq!((&after["Timeout"], &after["MemorySize"]), (&json!(7), &before["MemorySize"]));
    assert_ne!(after["RevisionId"], before["RevisionId"]);
    let answer = caller.invoke(&json!({})).await;
    assert!(answer.is_cold(), "new settings take a new environment");
    assert_eq!(answer.json()["topic"], "another");

    let refused = caller.call(Method::PUT, &path, &json!({"Layers": ["arn"]})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "what is not implemented is not accepted");
    let all = caller.call(Method::GET, "/2015-03-31/functions/", &Value::Null).await.json();
    assert_eq!(all["Functions"][0]["FunctionName"], FUNCTION);
    cloud.stop().await;
}

#[tokio::test]
async fn variables_that_load_other_code_or_are_lambdas_own_are_refused() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    for (name, code, words) in [
        ("LD_PRELOAD", "InvalidParameterValueException", "without a sandbox"),
        ("PATH", "InvalidParameterValueException", "without a sandbox"),
        ("NODE_OPTIONS", "InvalidParameterValueException", "--handler"),
        ("AWS_ENDPOINT_URL_SNS", "InvalidParameterValueException", "reach another service"),
        ("AWS_LAMBDA_RUNTIME_API", "InvalidParameterValueException", "Reserved keys used in this request"),
        ("LD_PRELOAD=/tmp/x.so:", "ValidationException", "regular expression pattern"),
    ] {
        let variables = json!({"SNS_TOPIC_ARN": "changed", name: "x"});
        let change = json!({"Timeout": 7, "Environment": {"Variables": variables}});
        let refused = caller.call(Method::PUT, &path, &change).await;
        assert_eq!(
            (refused.status, refused.header("x-amzn-errortype")),
            (StatusCode::BAD_REQUEST, Some(code)),
            "{name}"
        );
        let message = refused.json()["Message"].as_str().unwrap().to_owned();
        assert!(message.contains(words) && message.contains(name), "{message}");
    }
    let after = caller.call(Method::GET, &path, &Value::Null).await.json();
    assert_eq!(after["Timeout"].to_string(), "20", "what is refused changes nothing");
    assert!(!after["Environment"].to_string().contains("changed"), "{after}");
    let fine = json!({"Environment": {"Variables": {"TZ": "Europe/Paris"}}});
    assert_eq!(caller.call(Method::PUT, &path, &fine).await.status, StatusCode::OK);
    assert_eq!(caller.invoke(&json!({})).await.json()["zone"], "Europe/Paris", "it counts, as on AWS");
    cloud.stop().await;
}

#[tokio::test]
async fn errors_are_those_of_lambda() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let unknown = caller.call(Method::POST, "/2015-03-31/functions/doesnotexist/invocations", &json!({})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.header("x-amzn-errortype"), Some("ResourceNotFoundException"));
    let message = "Function not found: arn:aws:lambda:us-east-1:000000000000:function:doesnotexist:$LATEST";
    assert_eq!(unknown.json(), json!({"Type": "User", "Message": message}));
    for (method, path, status) in [
        (Method::POST, "/2015-03-31/functions", StatusCode::BAD_REQUEST),
        (Method::GET, "/2015-03-31/functions/doesnotexist/policy", StatusCode::NOT_FOUND),
        (Method::GET, "/2019-09-25/functions/doesnotexist/event-invoke-config", StatusCode::NOT_FOUND),
        (Method::DELETE, "/2015-03-31/functions/doesnotexist", StatusCode::NOT_FOUND),
        (Method::GET, "/2015-03-31/functions/ImageUploadProcessor/aliases", StatusCode::NOT_IMPLEMENTED),
    ] {
        assert_eq!(caller.call(method, path, &json!({})).await.status, status, "{path}");
    }
    let path = format!("/2015-03-31/functions/{FUNCTION}/invocations");
    let body = Full::new(Bytes::from_static(b"not json"));
    let uri = format!("{}{path}", cloud.endpoint());
    let response = caller.http.request(Request::post(uri).body(body).unwrap()).await.unwrap();
    assert_eq!(response.headers()["x-amzn-errortype"], "InvalidRequestContentException");
    let dry = caller.try_call(Method::POST, &path, &[("x-amz-invocation-type", "DryRun")], &json!({})).await.unwrap();
    assert_eq!(dry.status, StatusCode::NO_CONTENT);
    cloud.stop().await;
}

#[tokio::test]
async fn the_policy_names_the_bucket_and_takes_permissions() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/policy");
    let policy = |answer: Answer| -> Value { serde_json::from_str(answer.json()["Policy"].as_str().unwrap()).unwrap() };
    let seeded = policy(caller.call(Method::GET, &path, &Value::Null).await);
    let statement = &seeded["Statement"][0];
    assert_eq!(statement["Principal"]["Service"], "s3.amazonaws.com");
    assert_eq!(statement["Condition"]["ArnLike"]["AWS:SourceArn"], "arn:aws:s3:::images");

    let permission = json!({"StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com"});
    assert_eq!(caller.call(Method::POST, &path, &permission).await.status, StatusCode::CREATED);
    assert_eq!(caller.call(Method::POST, &path, &permission).await.status, StatusCode::CONFLICT);
    let remove = format!("{path}/x");
    assert_eq!(caller.call(Method::DELETE, &remove, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(caller.call(Method::DELETE, &remove, &Value::Null).await.status, StatusCode::NOT_FOUND);
    assert_eq!(policy(caller.call(Method::GET, &path, &Value::Null).await), seeded);
    cloud.stop().await;
}

#[tokio::test]
async fn a_permission_that_means_nothing_is_refused() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/policy");
    let right = json!({"StatementId": "x", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
    for (field, value, code) in [
        ("StatementId", "", "ValidationException"),
        ("StatementId", "not a word", "ValidationException"),
        ("Action", "s3:GetObject", "ValidationException"),
        ("Action", "lambda:", "ValidationException"),
        ("SourceAccount", "12", "ValidationException"),
        ("Principal", "somebody", "InvalidParameterValueException"),
        ("Principal", "two words.amazonaws.com", "InvalidParameterValueException"),
    ] {
        let mut permission = right.clone();
        permission[field] = value.into();
        let refused = caller.call(Method::POST, &path, &permission).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{field} {value:?}");
        assert_eq!(refused.header("x-amzn-errortype"), Some(code), "{field} {value:?}");
    }
    for (id, principal) in [("a", "*"), ("b", "123456789012"), ("c", "arn:aws:iam::123456789012:role/r")] {
        let permission = json!({"StatementId": id, "Action": "lambda:*", "Principal": principal});
        assert_eq!(caller.call(Method::POST, &path, &permission).await.status, StatusCode::CREATED, "{principal}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn only_what_was_set_about_asynchronous_invocations_is_shown() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2019-09-25/functions/{FUNCTION}/event-invoke-config");
    let seeded = caller.call(Method::GET, &path, &Value::Null).await.json();
    assert!(seeded["DestinationConfig"]["OnFailure"]["Destination"].is_string(), "{seeded}");
    assert_eq!((seeded.get("MaximumRetryAttempts"), seeded.get("MaximumEventAgeInSeconds")), (None, None));
    let put = caller.call(Method::PUT, &path, &json!({"MaximumRetryAttempts": 0})).await.json();
    assert_eq!((&put["MaximumRetryAttempts"], put.get("MaximumEventAgeInSeconds")), (&json!(0), None));
    for wrong in [json!({"MaximumRetryAttempts": 3}), json!({"MaximumEventAgeInSeconds": 59})] {
        assert_eq!(caller.call(Method::PUT, &path, &wrong).await.status, StatusCode::BAD_REQUEST);
    }
    cloud.stop().await;
}

#[tokio::test]
async fn an_upload_invokes_the_function_only_as_long_as_it_may() {
    for permitted in [true, false] {
        // One environment, and one thread: an event that is queued is handled before the invocation behind it.
        let cloud = LocalCloud::start(Options { max_concurrency: 1, ..options() }).await.unwrap();
        let caller = Caller::new(&cloud);
        if !permitted {
            let path = format!("/2015-03-31/functions/{FUNCTION}/policy/images-may-invoke");
            assert_eq!(caller.call(Method::DELETE, &path, &Value::Null).await.status, StatusCode::NO_CONTENT);
        }
        assert_eq!(caller.call(Method::PUT, "/images/cat.png", &json!("a cat")).await.status, StatusCode::OK);
        let answer = caller.invoke(&json!({})).await;
        assert_eq!(answer.is_cold(), !permitted, "{}", answer.log());
        cloud.stop().await;
    }
}

#[tokio::test]
async fn injected_faults_strike_as_asked() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    let rule = |fault| FaultRule {
        service: "lambda".to_owned(),
        operation: Some("GetFunctionConfiguration".to_owned()),
        times: 1,
        fault,
    };
    let (code, message) = ("TooManyRequestsException".to_owned(), "Rate Exceeded.".to_owned());
    cloud.inject(rule(Fault::Error { status: 429, code, message }));
    let throttled = caller.call(Method::GET, &path, &Value::Null).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(throttled.header("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert_eq!(throttled.json()["Message"], "Rate Exceeded.");

    cloud.inject(rule(Fault::Cut));
    let cut = caller.try_call(Method::GET, &path, &[], &Value::Null).await;
    assert!(cut.is_err(), "there is no answer on a cut connection");

    let posted = json!({"service": "lambda", "fault": {"delay_ms": 150}});
    let answer = caller.call(Method::POST, "/_imgwatch/faults", &posted).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let began = std::time::Instant::now();
    assert_eq!(caller.call(Method::GET, &path, &Value::Null).await.status, StatusCode::OK);
    assert!(began.elapsed() >= Duration::from_millis(150));
    let answer = caller.call(Method::POST, "/_imgwatch/faults", &json!({"service": "s3"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    cloud.stop().await;
}

#[tokio::test]
async fn the_health_page_names_the_pipeline() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let health = Caller::new(&cloud).call(Method::GET, "/_imgwatch/health", &Value::Null).await.json();
    assert_eq!(health["name"], "imgwatch-local");
    let pipeline: BTreeMap<String, String> = serde_json::from_value(health["pipeline"].clone()).unwrap();
    assert_eq!(pipeline["function"], FUNCTION);
    assert_eq!(pipeline["queue_url"], format!("{}/000000000000/image-uploads-audit", cloud.endpoint()));
    cloud.stop().await;
}

#[tokio::test]
async fn stopping_does_not_wait_for_idle_connections() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let _silent = tokio::net::TcpStream::connect(cloud.endpoint().trim_start_matches("http://")).await.unwrap();
    Caller::new(&cloud).call(Method::GET, "/_imgwatch/health", &Value::Null).await;
    assert_eq!(cloud.stop().await, 0);
}

#[tokio::test]
async fn levels_leave_lines_out_and_another_group_takes_the_rest() {
    let cloud = LocalCloud::start(Options { log_format: LogFormat::Json, ..options() }).await.unwrap();
    let caller = Caller::new(&cloud);
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    let config = json!({"LoggingConfig":
        {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "WARN", "LogGroup": "/mine"}});
    let changed = caller.call(Method::PUT, &path, &config).await.json();
    assert_eq!(changed["LoggingConfig"], config["LoggingConfig"]);
    let line = |level: &str| json!({"timestamp": "2026-01-01T00:00:00Z", "level": level}).to_string();
    for (printed, is_logged) in [(line("INFO"), false), (line("ERROR"), true), ("plain".to_owned(), false)] {
        let log = caller.invoke(&json!({"print": printed})).await.log();
        assert_eq!(log.contains(&printed), is_logged, "{log}");
        assert!(!log.contains("platform."), "neither start nor report: {log}");
    }
    let target = [("x-amz-target", "Logs_20140328.DescribeLogGroups"), ("content-type", "application/x-amz-json-1.1")];
    let groups = caller.try_call(Method::POST, "/", &target, &json!({})).await.unwrap().json();
    assert_eq!(groups["logGroups"].as_array().unwrap().len(), 1, "{groups}");
    assert_eq!(groups["logGroups"][0]["logGroupName"], "/mine");
    for wrong in [json!({"ApplicationLogLevel": "LOUD"}), json!({"LogFormat": "Text", "SystemLogLevel": "INFO"})] {
        let refused = caller.call(Method::PUT, &path, &json!({ "LoggingConfig": wrong })).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    cloud.stop().await;
}

#[tokio::test]
async fn a_reserved_concurrency_of_none_lets_nothing_run() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let read = format!("/2019-09-30/functions/{FUNCTION}/concurrency");
    let write = format!("/2017-10-31/functions/{FUNCTION}/concurrency");
    assert_eq!(caller.call(Method::GET, &read, &Value::Null).await.json(), json!({}));
    let none = json!({"ReservedConcurrentExecutions": 0});
    assert_eq!(caller.call(Method::PUT, &write, &none).await.json(), none);
    assert_eq!(caller.call(Method::GET, &read, &Value::Null).await.json(), none);
    let throttled = caller.invoke(&json!({})).await;
    assert_eq!(throttled.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(throttled.header("x-amzn-errortype"), Some("TooManyRequestsException"));

    caller.invoke_event(&json!({"a": 1})).await;
    let target = [("x-amz-target", "AmazonSQS.ReceiveMessage"), ("content-type", "application/x-amz-json-1.0")];
    let queue = format!("{}/000000000000/image-uploads-failed", cloud.endpoint());
    let receive = json!({"QueueUrl": queue, "WaitTimeSeconds": 20});
    let received = caller.try_call(Method::POST, "/", &target, &receive).await.unwrap().json();
    let record: Value = serde_json::from_str(received["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestContext"]["condition"], "ZeroReservedConcurrency");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert!(record.get("responsePayload").is_none(), "{record}");

    assert_eq!(caller.call(Method::DELETE, &write, &Value::Null).await.status, StatusCode::NO_CONTENT);
    assert_eq!(caller.invoke(&json!({})).await.status, StatusCode::OK);
    cloud.stop().await;
}

const FUNCTIONS: &str = "/2015-03-31/functions";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function";

impl Caller {
    /// Asserts that a request is refused.
    async fn refuses(&self, request: (&Method, &str, &Value), status: u16, code: &str, message: &str) {
        let (method, path, body) = request;
        let answer = self.call(method.clone(), path, body).await;
        let found = (answer.status.as_u16(), answer.header("x-amzn-errortype"), answer.json()["Message"].clone());
        assert_eq!(found, (status, Some(code), message.into()), "{path}");
    }

    async fn misses(&self, method: &Method, path: &str, body: &Value, message: &str) {
        self.refuses((method, path, body), 404, "ResourceNotFoundException", message).await;
    }

    async fn finds_invalid(&self, method: &Method, path: &str, body: &Value, message: &str) {
        self.refuses((method, path, body), 400, "InvalidParameterValueException", message).await;
    }
}

/// As recorded in `TestLambdaFunction` and `TestLambdaSizeLimits`.
#[tokio::test]
async fn a_function_that_is_named_wrongly_is_refused_in_awss_words() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let none = Value::Null;
    caller.misses(&Method::GET, &format!("{FUNCTIONS}/f:1"), &none, &format!("Function not found: {ARN}:f:1")).await;
    let elsewhere = format!("{FUNCTIONS}/arn:aws:lambda:eu-west-1:000000000000:function:f");
    let message = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    caller.misses(&Method::GET, &elsewhere, &none, message).await;
    let two = format!("{FUNCTIONS}/{FUNCTION}:1?Qualifier=2");
    let message = "The derived qualifier from the function name does not match the specified qualifier.";
    caller.finds_invalid(&Method::GET, &two, &none, message).await;
    let versions = format!("{FUNCTIONS}?FunctionVersion=invalid");
    let message = "1 validation error detected: Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member \
                   must satisfy enum value set: [ALL]";
    caller.refuses((&Method::GET, &versions, &none), 400, "ValidationException", message).await;
    let large = json!({"Environment": {"Variables": {"LARGE_VAR": "x".repeat(4096)}}});
    let message = format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         exceeded the 4KB limit. String measured: {{\"LARGE_VAR\":\"{}\"}}",
        "x".repeat(4096)
    );
    let configuration = format!("{FUNCTIONS}/{FUNCTION}/configuration");
    caller.finds_invalid(&Method::PUT, &configuration, &large, &message).await;
    cloud.stop().await;
}

/// As recorded in `TestLambdaPermissions`.
#[tokio::test]
async fn a_permission_that_does_not_fit_is_refused_in_awss_words() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let none = Value::Null;
    let policy = |of: &str| format!("{FUNCTIONS}/{of}/policy");
    let permission = json!({"StatementId": "s", "Action": "lambda:*", "Principal": "s3.amazonaws.com"});
    caller.misses(&Method::GET, &policy("f"), &none, "The resource you requested does not exist.").await;
    let latest = format!("{}?Qualifier=$LATEST", policy(FUNCTION));
    let message = "We currently do not support adding policies for $LATEST.";
    caller.finds_invalid(&Method::POST, &latest, &permission, message).await;
    let alias = format!("{}?Qualifier=live", policy(FUNCTION));
    let message = format!("Cannot find alias arn: {ARN}:{FUNCTION}:live");
    caller.misses(&Method::POST, &alias, &permission, &message).await;
    let version = format!("{}?Qualifier=42", policy(FUNCTION));
    let message = format!("Function not found: {ARN}:{FUNCTION}:42");
    caller.misses(&Method::POST, &version, &permission, &message).await;
    let unknown = format!("{}/s", policy("f"));
    caller.misses(&Method::DELETE, &unknown, &none, &format!("No policy found for: {ARN}:f")).await;

    let mut revised = permission;
    revised["RevisionId"] = "old".into();
    let statement = format!("{}/images-may-invoke", policy(FUNCTION));
    let message = "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
                   retrieve the latest Revision Id";
    for (method, path, body) in
        [(&Method::POST, policy(FUNCTION), &revised), (&Method::DELETE, format!("{statement}?RevisionId=old"), &none)]
    {
        caller.refuses((method, &path, body), 412, "PreconditionFailedException", message).await;
    }
    let current = caller.call(Method::GET, &policy(FUNCTION), &none).await.json()["RevisionId"].clone();
    let path = format!("{statement}?RevisionId={}", current.as_str().unwrap());
    assert_eq!(caller.call(Method::DELETE, &path, &none).await.status, StatusCode::NO_CONTENT);
    caller.misses(&Method::DELETE, &statement, &none, "No policy is associated with the given resource.").await;
    cloud.stop().await;
}

/// As recorded in `TestLambdaEventInvokeConfig` and `TestLambdaReservedConcurrency`.
#[tokio::test]
async fn retries_and_concurrency_out_of_bounds_are_refused_in_awss_words() {
    let cloud = LocalCloud::start(options()).await.unwrap();
    let caller = Caller::new(&cloud);
    let config = |of: &str| format!("/2019-09-25/functions/{of}/event-invoke-config");
    let message = format!("The function {ARN}:f:$LATEST doesn't have an EventInvokeConfig");
    caller.misses(&Method::GET, &config("f"), &Value::Null, &message).await;
    let one = json!({"MaximumRetryAttempts": 1});
    caller.misses(&Method::PUT, &config("f"), &one, "The function doesn't exist.").await;
    let message = "You must specify at least one of error handling or destination setting.";
    caller.finds_invalid(&Method::PUT, &config(FUNCTION), &json!({}), message).await;
    let itself = json!({"DestinationConfig": {"OnFailure": {"Destination": format!("{ARN}:{FUNCTION}")}}});
    let message = "You can't specify the function as a destination for itself.";
    caller.finds_invalid(&Method::PUT, &config(FUNCTION), &itself, message).await;

    let concurrency = |of: &str| format!("/2017-10-31/functions/{of}/concurrency");
    let many = json!({"ReservedConcurrentExecutions": 901});
    let message = format!("Function not found: {ARN}:f:$LATEST");
    caller.misses(&Method::PUT, &concurrency("f"), &many, &message).await;
    let message = "This operation is permitted on Lambda functions only. Aliases and versions do not support this \
                   operation. Please specify either a function name or an unqualified function ARN.";
    let latest = concurrency(&format!("{ARN}:{FUNCTION}:$LATEST"));
    caller.finds_invalid(&Method::PUT, &latest, &many, message).await;
    let message = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution \
                   below its minimum value of [100].";
    caller.finds_invalid(&Method::PUT, &concurrency(FUNCTION), &many, message).await;
    let none = json!({"ReservedConcurrentExecutions": 0});
    assert_eq!(caller.call(Method::PUT, &concurrency(FUNCTION), &none).await.status, StatusCode::OK);
    let throttled = caller.invoke(&json!({})).await;
    assert_eq!(throttled.header("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert_eq!(throttled.json()["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    cloud.stop().await;
}
