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
    /// The process that is the Lambda function.
    pub handler: HandlerCommand,
    /// The function's description; that of imgwatch's template, where the handler is imgwatch's own.
    pub description: String,
    /// Environment variables of the function's configuration, besides the pipeline's own.
    pub variables: Vec<(String, String)>,
    /// An SMTP server for email besides the inbox, for example `smtp://127.0.0.1:1025`.
    pub smtp: Option<String>,
    /// Whether SNS posts to HTTP endpoints beyond this machine. Without it, messages go to loopback addresses only.
    pub allow_outbound: bool,
    /// Waits before the second and the third attempt of an asynchronous invocation. AWS: one and two minutes.
    pub retry_delays: [Duration; 2],
    /// The wait between attempts to post a message to an HTTP endpoint. AWS: 20 seconds.
    pub http_retry_delay: Duration,
    /// The function's timeout, after which the process is killed.
    pub timeout: Duration,
    /// The function's memory size in MB, as REPORT lines show it.
    pub memory_mb: u32,
    /// How the function's platform lines are written.
    pub log_format: LogFormat,
    /// Most execution environments at once.
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

/// A program that speaks the Lambda Runtime API.
#[derive(Debug, Clone)]
pub struct HandlerCommand {
    pub program: OsString,
    pub args: Vec<OsString>,
    /// Further environment variables of the process, which the function's configuration does not show.
    pub env: Vec<(OsString, OsString)>,
}

/// `LoggingConfig.LogFormat` of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `START`, `END` and `REPORT` lines.
    Text,
    /// `platform.start` and `platform.report` objects.
    Json,
}
