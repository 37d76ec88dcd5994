//! A function: its settings and its execution environments.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::policy::Policy;
use super::pool::Pool;
use super::stream::{Level, LogStream};
use super::{Lambda, queue};
use crate::common::budget::Budget;
use crate::common::env::Env;
use crate::options::{HandlerCommand, LogFormat};

/// One function, at its only version `$LATEST`.
pub(super) struct Function {
    pub(super) env: Arc<Env>,
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) code: Code,
    pub(super) pool: Pool,
    /// Cancelled when the function is deleted or the cloud stops: its processes then end.
    pub(super) closed: CancellationToken,
    /// Asynchronous events that are queued or running.
    pub(super) waiting: Arc<Budget>,
    /// Invocations that have been admitted and have not ended.
    running: AtomicUsize,
    reserved: Mutex<Option<usize>>,
    settings: Mutex<Arc<Settings>>,
    policy: Mutex<Policy>,
    asynchronous: Mutex<Asynchronous>,
}

/// What a function is made of; it never changes.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) command: HandlerCommand,
    /// The execution role, which exists in name only.
    pub(super) role: String,
    /// As given: they have no effect on the program.
    pub(super) runtime: String,
    pub(super) handler: String,
}

/// Settings of an execution environment; a change leads to new environments.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) description: String,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) timeout: Duration,
    pub(super) memory_mb: u32,
    pub(super) log_format: LogFormat,
    /// The level of the function's lines, in JSON.
    pub(super) application_level: Level,
    /// The level of Lambda's own lines, in JSON.
    pub(super) system_level: Level,
    /// Where it is not the default one.
    pub(super) log_group: Option<String>,
    pub(super) modified: Timestamp,
    pub(super) revision: String,
}

/// Retries and destinations of asynchronous invocations.
#[derive(Debug, Clone, Default)]
pub(super) struct Asynchronous {
    /// As set; AWS does not show defaults.
    pub(super) retries: Option<usize>,
    /// As set.
    pub(super) max_age: Option<Duration>,
    /// A queue's ARN.
    pub(super) on_failure: Option<String>,
    /// A queue's ARN.
    pub(super) on_success: Option<String>,
    pub(super) modified: Timestamp,
    /// Whether it was ever configured: before that, AWS answers that there is no configuration.
    pub(super) configured: bool,
}

impl Code {
    /// A program as the function of a name, with a role of its own.
    pub(super) fn of(env: &Env, name: &str, command: HandlerCommand) -> Self {
        let role = env.identity_arn(&format!("role/{name}"));
        Self { command, role, runtime: "provided.al2023".to_owned(), handler: "bootstrap".to_owned() }
    }
}

impl Function {
    pub(super) fn new(lambda: &Lambda, name: &str, code: Code, environment: BTreeMap<String, String>) -> Self {
        let (options, env) = (&lambda.options, Arc::clone(&lambda.env));
        let settings = Settings {
            description: String::new(),
            environment,
            timeout: options.timeout,
            memory_mb: options.memory_mb,
            log_format: options.log_format,
            application_level: Level::Info,
            system_level: Level::Info,
            log_group: None,
            modified: env.now(),
            revision: env.id(),
        };
        Self {
            name: name.to_owned(),
            arn: env.arn("lambda", &format!("function:{name}")),
            closed: env.stop.child_token(),
            env,
            code,
            pool: Pool::new(options.max_concurrency),
            waiting: Budget::new(queue::MOST_EVENTS, queue::MOST_BYTES),
            running: AtomicUsize::new(0),
            reserved: Mutex::default(),
            settings: Mutex::new(Arc::new(settings)),
            policy: Mutex::default(),
            asynchronous: Mutex::default(),
        }
    }

    pub(super) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the settings; environments that run finish with the old ones.
    pub(super) fn update(&self, change: impl FnOnce(&mut Settings)) -> Arc<Settings> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Settings::clone(&settings);
        change(&mut changed);
        changed.modified = self.env.now();
        changed.revision = self.env.id();
        *settings = Arc::new(changed);
        Arc::clone(&settings)
    }

    pub(super) fn policy(&self) -> MutexGuard<'_, Policy> {
        self.policy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn asynchronous(&self) -> Asynchronous {
        self.asynchronous.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn update_asynchronous(&self, change: impl FnOnce(&mut Asynchronous)) -> Asynchronous {
        let mut settings = self.asynchronous.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut settings);
        settings.modified = self.env.now();
        settings.configured = true;
        settings.clone()
    }

    /// The group that an environment with these settings logs to.
    pub(super) fn log_group(&self, settings: &Settings) -> String {
        settings.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{}", self.name))
    }

    pub(super) fn log_stream(&self, lambda: &Lambda, settings: &Settings, environment: &str) -> LogStream {
        let is_json = settings.log_format == LogFormat::Json;
        let levels = is_json.then_some((settings.application_level, settings.system_level));
        let (env, logs) = (Arc::clone(&self.env), Arc::clone(&lambda.logs));
        LogStream::new(env, logs, self.log_group(settings), levels, environment)
    }

    pub(super) fn reserved(&self) -> Option<usize> {
        *self.reserved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reserve(&self, most: Option<usize>) {
        *self.reserved.lock().unwrap_or_else(PoisonError::into_inner) = most;
    }

    /// Admits one more invocation under the reserved concurrency, until the admission is dropped.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Admission> {
        let most = self.reserved().unwrap_or(usize::MAX);
        let more = |running: usize| (running < most).then_some(running + 1);
        self.running.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Admission(Arc::clone(self)))
    }
}

/// An invocation that counts against the reserved concurrency.
pub(super) struct Admission(Arc<Function>);

impl Drop for Admission {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}
