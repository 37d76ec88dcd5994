//! The options of a local cloud.

use std::ffi::OsString;
use std::time::Duration;

/// How a [`crate::LocalCloud`] starts.
#[derive(Debug, Clone)]
pub struct Options {
    /// TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The region that ARNs and events name.
    pub region: String,
    /// The process that is the pipeline's function.
    pub handler: HandlerCommand,
    /// That function's description: of imgwatch's template, where the handler is imgwatch's own.
    pub description: String,
    /// Environment variables of that function's configuration, besides the pipeline's own.
    pub variables: Vec<(String, String)>,
    /// Further functions, which nothing invokes yet. `CreateFunction` makes more of the same programs.
    pub functions: Vec<NamedHandler>,
    /// How S3's events reach the pipeline's function.
    pub entry: Entry,
    /// Buckets with the same entry, besides the pipeline's own.
    pub buckets: Vec<String>,
    /// An SMTP server for email besides the inbox, for example `smtp://127.0.0.1:1025`.
    pub smtp: Option<String>,
    /// Whether SNS posts to HTTP endpoints beyond this machine. Without it, messages go to loopback addresses only.
    pub allow_outbound: bool,
    /// Waits before the second and the third attempt of an asynchronous invocation. AWS: one and two minutes.
    pub retry_delays: [Duration; 2],
    /// The wait between attempts to post a message to an HTTP endpoint. AWS: 20 seconds.
    pub http_retry_delay: Duration,
    /// The functions' timeout, after which the process is killed.
    pub timeout: Duration,
    /// The functions' memory size in MB, as REPORT lines show it.
    pub memory_mb: u32,
    /// How the functions' platform lines are written.
    pub log_format: LogFormat,
    /// Most execution environments of a function at once.
    pub max_concurrency: usize,
}

impl Options {
    /// Options as on AWS, with retries shortened to one and two seconds, on a free port.
    pub fn new(handler: HandlerCommand) -> Self {
        Self {
            port: 0,
            region: "us-east-1".to_owned(),
            handler,
            description: String::new(),
            variables: Vec::new(),
            functions: Vec::new(),
            entry: Entry::Direct,
            buckets: Vec::new(),
            smtp: None,
            allow_outbound: false,
            retry_delays: [Duration::from_secs(1), Duration::from_secs(2)],
            http_retry_delay: Duration::from_secs(20),
            timeout: Duration::from_secs(10),
            memory_mb: 128,
            log_format: LogFormat::Json,
            max_concurrency: 4,
        }
    }
}

/// How S3's events reach the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// S3 invokes it.
    Direct,
    /// Through a queue, by an event source mapping.
    Queue,
    /// Through a topic that the function is subscribed to.
    Topic,
    /// Through a topic and a queue that is subscribed to it.
    TopicQueue,
    /// Through a rule of the default event bus.
    EventBridge,
}

impl Entry {
    /// The entry with this name on the command line: `direct`, `queue`, `topic`, `topic-queue` or `eventbridge`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "direct" => Self::Direct,
            "queue" => Self::Queue,
            "topic" => Self::Topic,
            "topic-queue" => Self::TopicQueue,
            "eventbridge" => Self::EventBridge,
            _ => return None,
        })
    }
}

/// A program that speaks the Lambda Runtime API.
#[derive(Debug, Clone)]
pub struct HandlerCommand {
    pub program: OsString,
    pub args: Vec<OsString>,
    /// Further environment variables of the process, which the function's configuration does not show.
    pub env: Vec<(OsString, OsString)>,
}

/// A program that is a function of this name.
#[derive(Debug, Clone)]
pub struct NamedHandler {
    pub name: String,
    pub command: HandlerCommand,
    /// Environment variables of the function's configuration.
    pub variables: Vec<(String, String)>,
}

/// `LoggingConfig.LogFormat` of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `START`, `END` and `REPORT` lines.
    Text,
    /// `platform.start` and `platform.report` objects.
    Json,
}
