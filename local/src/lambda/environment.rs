//! One execution environment: a process, its log stream, and its invocations, one after another.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::Lambda;
use super::failure::Failure;
use super::function::{Function, Settings};
use super::output::Output;
use super::platform::{Platform, Report, ReportStatus};
use super::process::{self, Process};
use super::runtime::{Event, RuntimeApi, Work};
use super::stream::LogStream;
use crate::common::env::Env;

/// Initialisation has ten seconds before it counts against the function's timeout.
const INIT_LIMIT: Duration = Duration::from_secs(10);

#[derive(Debug, Clone)]
pub(super) struct Invocation {
    pub(super) request_id: String,
    pub(super) payload: Bytes,
    /// The value of `X-Amzn-Trace-Id`.
    pub(super) trace: String,
    pub(super) client_context: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// The function's answer, or the JSON of its error.
    pub(super) payload: Bytes,
    /// Lambda's `FunctionError`.
    pub(super) failed: bool,
    /// The end of the invocation's log.
    pub(super) tail: String,
}

pub(super) struct Environment {
    process: Process,
    output: Output,
    runtime: RuntimeApi,
    log: LogStream,
    settings: Arc<Settings>,
    env: Arc<Env>,
    /// Until the first invocation has reported it.
    init: Option<Duration>,
    ready: bool,
}

/// Runs one invocation in a new environment; returns the environment where it can be used again.
pub(super) async fn invoke_cold(
    lambda: &Lambda,
    function: &Function,
    invocation: Invocation,
) -> (Outcome, Option<Environment>) {
    let settings = function.settings();
    let id = lambda.env.hex_id();
    let mut log = function.log_stream(lambda, &settings, &id);
    let platform = Platform { env: &lambda.env, format: settings.log_format };
    let region = &lambda.env.region;
    log.write([platform.init_start(&function.name, region, &log.name.clone(), settings.memory_mb)]);
    let began = Instant::now();
    let request_id = invocation.request_id.clone();
    let failure = match launch(function, &settings, &log.name).await {
        Ok((mut process, runtime)) => {
            let output = Output::of(&mut process.child);
            let env = Arc::clone(&lambda.env);
            let mut environment =
                Environment { process, output, runtime, log, settings, env, init: None, ready: false };
            match environment.initialise().await {
                Ok(()) => {
                    environment.init = Some(began.elapsed());
                    return environment.invoke(function, invocation).await;
                }
                Err(failure) => {
                    environment.end().await;
                    log = environment.log;
                    failure
                }
            }
        }
        Err(error) => {
            let program = function.code.command.program.to_string_lossy();
            Failure::of_platform("Runtime.InvalidEntrypoint", format!("cannot start {program:?}: {error}"))
        }
    };
    let duration = began.elapsed();
    log.write([platform.init_report(duration, failure.status, &failure.error_type)]);
    log.write([platform.start(&request_id, &function.arn)]);
    let report = Report {
        duration,
        init: None,
        memory_mb: function.settings().memory_mb,
        used_mb: None,
        status: failure.status,
        error_type: Some(failure.error_type.clone()),
        own_error: false,
    };
    let failure = failure.with_request_id(&request_id);
    log.write(failure.message.iter().map(|message| platform.fault(message, &failure.error_type)));
    log.write(platform.end(&request_id, &report));
    (Outcome { payload: failure.payload, failed: true, tail: log.take_tail() }, None)
}

async fn launch(function: &Function, settings: &Settings, log_stream: &str) -> std::io::Result<(Process, RuntimeApi)> {
    let runtime = RuntimeApi::open(&function.env).await?;
    Ok((process::start(function, settings, runtime.address, log_stream)?, runtime))
}

impl Environment {
    /// Whether this environment may take another invocation under these settings.
    pub(super) fn is_usable(&mut self, settings: &Arc<Settings>) -> bool {
        self.ready && Arc::ptr_eq(&self.settings, settings) && matches!(self.process.child.try_wait(), Ok(None))
    }

    /// Kills the process and all that it started, and waits until it has ended.
    pub(super) async fn end(&mut self) {
        self.process.kill().await;
        self.log.print(self.output.drain().await);
    }

    /// Waits until the process asks for its first event.
    async fn initialise(&mut self) -> Result<(), Failure> {
        let limit = INIT_LIMIT + self.settings.timeout;
        let deadline = Instant::now() + limit;
        loop {
            tokio::select! {
                biased;
                event = self.runtime.next_event() => match event {
                    Event::Next => {
                        self.ready = true;
                        return Ok(());
                    }
                    Event::InitError { body, kind } => return Err(Failure::of_function(body, kind)),
                    // The Runtime API refuses answers before there is an event.
                    _ => {}
                },
                lines = self.output.lines(), if self.output.is_open() => self.log.print(lines),
                status = self.process.child.wait() => return Err(Failure::exited(status)),
                () = tokio::time::sleep_until(deadline) => return Err(Failure::timed_out(limit)),
                () = self.env.stop.cancelled() => return Err(Failure::stopped()),
            }
        }
    }

    /// Runs one invocation; returns itself where it can run another.
    pub(super) async fn invoke(
        mut self,
        function: &Function,
        invocation: Invocation,
    ) -> (Outcome, Option<Environment>) {
        let platform = Platform { env: &function.env, format: self.settings.log_format };
        let timeout = self.settings.timeout;
        let request_id = invocation.request_id.clone();
        self.log.write([platform.start(&request_id, &function.arn)]);
        let used_before = process::peak_memory_mb(&self.process.child);
        let began = Instant::now();
        let answer = self.work(function, invocation, began + timeout).await;
        let duration = began.elapsed();
        let used_mb = process::peak_memory_mb(&self.process.child).or(used_before);
        if self.ready {
            self.log.print(self.output.drain().await);
        } else {
            self.end().await;
        }
        let failure = answer.as_ref().err();
        let report = Report {
            duration,
            init: self.init.take(),
            memory_mb: self.settings.memory_mb,
            used_mb,
            status: failure.map_or(ReportStatus::Success, |failure| failure.status),
            error_type: failure.map(|failure| failure.error_type.clone()),
            own_error: failure.is_some_and(|failure| failure.message.is_none()),
        };
        let failed = failure.is_some();
        let payload = match answer {
            Ok(payload) => payload,
            Err(failure) => {
                let failure = failure.with_request_id(&request_id);
                match (failure.status, &failure.message) {
                    (ReportStatus::Timeout, _) => {
                        self.log.write(platform.timed_out(&request_id, timeout));
                    }
                    (_, Some(message)) => {
                        self.log.write([platform.fault(message, &failure.error_type)]);
                    }
                    (_, None) => {}
                }
                failure.payload
            }
        };
        self.log.write(platform.end(&request_id, &report));
        let outcome = Outcome { payload, failed, tail: self.log.take_tail() };
        (outcome, self.ready.then_some(self))
    }

    /// Sends the event to the process, and waits for its answer and for its next request for work.
    async fn work(&mut self, function: &Function, invocation: Invocation, deadline: Instant) -> Result<Bytes, Failure> {
        self.ready = false;
        let expected = invocation.request_id.clone();
        let left = deadline.saturating_duration_since(Instant::now());
        let work = Work {
            request_id: invocation.request_id,
            payload: invocation.payload,
            deadline_ms: self
                .env
                .now()
                .as_millisecond()
                .saturating_add(i64::try_from(left.as_millis()).unwrap_or(i64::MAX)),
            function_arn: function.arn.clone(),
            trace: invocation.trace,
            client_context: invocation.client_context,
        };
        if !self.runtime.send_work(work) {
            return Err(Failure::of_platform("Runtime.Unknown", "the process does not take events".to_owned()));
        }
        let mut answer = None;
        loop {
            tokio::select! {
                biased;
                event = self.runtime.next_event() => match event {
                    Event::Next => if let Some(answer) = answer {
                        self.ready = true;
                        return answer;
                    },
                    Event::Response { request_id, body } if request_id == expected => answer = Some(Ok(body)),
                    Event::Error { request_id, body, kind } if request_id == expected => {
                        answer = Some(Err(Failure::of_function(body, kind)));
                    }
                    Event::TooLarge { request_id } if request_id == expected => {
                        answer = Some(Err(Failure::too_large()));
                    }
                    _ => {}
                },
                lines = self.output.lines(), if self.output.is_open() => self.log.print(lines),
                // An answer counts even when the process ends after it.
                status = self.process.child.wait() => return answer.unwrap_or_else(|| Err(Failure::exited(status))),
                () = tokio::time::sleep_until(deadline) => {
                    return answer.unwrap_or_else(|| Err(Failure::timed_out(self.settings.timeout)));
                }
                () = self.env.stop.cancelled() => return Err(Failure::stopped()),
            }
        }
    }
}
