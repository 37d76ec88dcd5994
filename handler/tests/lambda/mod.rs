//! A small Lambda and SNS for one function process: the Runtime API on one side, Publish on the other.

use std::collections::{HashMap, VecDeque};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use imgwatch_shared::record::LogRecord;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex as AsyncMutex, mpsc};
use tokio::task::JoinHandle;

pub(crate) const TOPIC_ARN: &str = "arn:aws:sns:eu-west-1:123456789012:image-uploads";
pub(crate) const TRACE: &str = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";

/// Nothing here takes this long; a function that hangs fails the test instead of stopping it.
const PATIENCE: Duration = Duration::from_mins(1);

/// What the function posted for an invocation.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Response(Value),
    Error { error_type: String, error_message: String },
}

/// One Publish request as SNS got it.
#[derive(Debug, Clone)]
pub(crate) struct Published {
    pub(crate) form: HashMap<String, String>,
    pub(crate) headers: HeaderMap,
}

/// What SNS answers instead of success.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault(pub(crate) u16, pub(crate) &'static str);

/// Lambda, SNS and the function process between them.
pub(crate) struct World {
    events: mpsc::UnboundedSender<(String, String)>,
    answers: mpsc::UnboundedReceiver<(String, Answer)>,
    sns: Arc<Sns>,
    process: Child,
    stdout: JoinHandle<String>,
    stderr: JoinHandle<String>,
}

#[derive(Default)]
struct Sns {
    published: Mutex<Vec<Published>>,
    faults: Mutex<VecDeque<Fault>>,
}

#[derive(Clone)]
struct Server {
    events: Arc<AsyncMutex<mpsc::UnboundedReceiver<(String, String)>>>,
    answers: mpsc::UnboundedSender<(String, Answer)>,
    sns: Arc<Sns>,
}

impl World {
    /// Starts the program as Lambda would; `change` may alter its environment.
    pub(crate) async fn start(program: &mut Command, change: impl FnOnce(&mut Command)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (events, event_receiver) = mpsc::unbounded_channel();
        let (answer_sender, answers) = mpsc::unbounded_channel();
        let sns = Arc::new(Sns::default());
        let server =
            Server { events: Arc::new(AsyncMutex::new(event_receiver)), answers: answer_sender, sns: sns.clone() };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/", post(publish))
            .with_state(server);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

        program
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "ImageUploadProcessor"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("AWS_ENDPOINT_URL", &format!("http://{address}")),
                ("SNS_TOPIC_ARN", TOPIC_ARN),
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        change(program);
        let mut process = program.spawn().unwrap();
        let (stdout, stderr) = (read(process.stdout.take().unwrap()), read(process.stderr.take().unwrap()));
        Self { events, answers, sns, process, stdout, stderr }
    }

    /// Lets SNS fail the next requests.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.sns.faults.lock().unwrap().extend(faults);
    }

    /// Every Publish request so far.
    pub(crate) fn published(&self) -> Vec<Published> {
        self.sns.published.lock().unwrap().clone()
    }

    /// Invokes the function and waits for its answer.
    pub(crate) async fn invoke(&mut self, request_id: &str, event: &str) -> Answer {
        self.events.send((request_id.to_owned(), event.to_owned())).unwrap();
        let answer = tokio::time::timeout(PATIENCE, self.answers.recv()).await;
        let (answered, answer) = answer.expect("the function answers").unwrap();
        assert_eq!(answered, request_id);
        answer
    }

    /// Ends the process as Lambda does, without a word; what it wrote to standard output and standard error.
    pub(crate) async fn stop(mut self) -> (Vec<LogRecord>, String) {
        assert_eq!(self.process.try_wait().unwrap(), None, "the process is still alive");
        self.process.start_kill().unwrap();
        let (_, out, err) = self.end().await;
        (out.lines().filter_map(LogRecord::parse).collect(), err)
    }

    /// Waits until the process ends; its status, standard output and standard error.
    pub(crate) async fn end(mut self) -> (ExitStatus, String, String) {
        let reading = async { (self.stdout.await.unwrap(), self.stderr.await.unwrap()) };
        let (out, err) = tokio::time::timeout(PATIENCE, reading).await.expect("the process ends");
        (self.process.wait().await.unwrap(), out, err)
    }
}

/// Reads all along, so that a full pipe never stops the process.
fn read(mut pipe: impl AsyncRead + Unpin + Send + 'static) -> JoinHandle<String> {
    tokio::spawn(async move {
        let mut text = String::new();
        pipe.read_to_string(&mut text).await.unwrap();
        text
    })
}

async fn next(State(server): State<Server>) -> Response {
    let Some((request_id, event)) = server.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + PATIENCE;
    let headers = [
        ("lambda-runtime-aws-request-id", request_id),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-trace-id", TRACE.to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:ImageUploadProcessor".to_owned(),
        ),
    ];
    (headers, event).into_response()
}

async fn response(State(server): State<Server>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    let answer = Answer::Response(serde_json::from_slice(&body).unwrap());
    server.answers.send((id, answer)).unwrap();
    StatusCode::ACCEPTED
}

async fn error(State(server): State<Server>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    let error: Value = serde_json::from_slice(&body).unwrap();
    let text = |name: &str| error[name].as_str().unwrap().to_owned();
    let answer = Answer::Error { error_type: text("errorType"), error_message: text("errorMessage") };
    server.answers.send((id, answer)).unwrap();
    StatusCode::ACCEPTED
}

async fn publish(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    let form = form_urlencoded::parse(&body).into_owned().collect();
    let number = {
        let mut published = server.sns.published.lock().unwrap();
        published.push(Published { form, headers });
        published.len()
    };
    let fault = server.sns.faults.lock().unwrap().pop_front();
    let (status, xml) = match fault {
        Some(Fault(status, code)) => (
            StatusCode::from_u16(status).unwrap(),
            format!(
                "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>as the test wished</Message></Error>\
                 <RequestId>request-{number}</RequestId></ErrorResponse>"
            ),
        ),
        None => (
            StatusCode::OK,
            format!(
                "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                 <MessageId>sns-{number}</MessageId></PublishResult>\
                 <ResponseMetadata><RequestId>request-{number}</RequestId></ResponseMetadata></PublishResponse>"
            ),
        ),
    };
    (status, [("content-type", "text/xml")], xml).into_response()
}
