//! Lambda: functions, their execution environments and the Runtime API.
//!
//! A function is a process that speaks the Runtime API.

mod api;
mod descendants;
mod environment;
mod failure;
mod function;
mod mapping;
mod output;
mod platform;
mod policy;
mod pool;
mod process;
mod queue;
mod runtime;
mod stream;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use imgwatch_shared::arn;
use serde_json::{Value, json};

pub(crate) use api::{handle, operation};

use crate::common::deliver::{Accepted, Deliver, LogSink, Payload, Sender};
use crate::common::env::{ACCOUNT, Env};
use crate::common::queues::QueueReader;
use crate::common::wire::ApiError;
use crate::options::{HandlerCommand, Options};
use function::{Code, Function};
use mapping::Mapping;
use policy::Statement;

pub(crate) struct Lambda {
    env: Arc<Env>,
    deliver: Arc<dyn Deliver>,
    queues: Arc<dyn QueueReader>,
    logs: Arc<dyn LogSink>,
    options: Options,
    functions: Mutex<BTreeMap<String, Arc<Function>>>,
    /// The programs that functions may be created of, by name.
    programs: Mutex<BTreeMap<String, HandlerCommand>>,
    /// By UUID.
    mappings: Mutex<BTreeMap<String, Arc<Mapping>>>,
}

impl Lambda {
    pub(crate) fn new(
        env: Arc<Env>,
        deliver: Arc<dyn Deliver>,
        queues: Arc<dyn QueueReader>,
        logs: Arc<dyn LogSink>,
        options: Options,
    ) -> Self {
        let (functions, programs, mappings) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { env, deliver, queues, logs, options, functions, programs, mappings }
    }

    /// By name, ARN or partial ARN, with or without `:$LATEST`; there are no other versions.
    fn find(&self, function: &str) -> Option<Arc<Function>> {
        let (name, qualifier) = arn::function(function);
        if qualifier.is_some_and(|qualifier| qualifier != "$LATEST") {
            return None;
        }
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The function, where it exists and its resource policy permits the sender to invoke it.
    fn permitted(&self, function_arn: &str, sender: Sender<'_>) -> Result<Arc<Function>, ApiError> {
        let Sender { principal, source_arn } = sender;
        let function = self.find(function_arn);
        function.filter(|function| function.policy().allows(principal, source_arn)).ok_or_else(|| {
            let message =
                format!("{principal} is not authorized to perform: lambda:InvokeFunction on resource: {function_arn}");
            ApiError::new(StatusCode::FORBIDDEN, "AccessDeniedException", message)
        })
    }

    /// How much waits, and for what.
    pub(crate) fn held(&self) -> Value {
        let functions = self.all();
        let waiting: Vec<_> = functions.iter().map(|function| function.waiting.taken()).collect();
        json!({
            "functions": functions.len(),
            "event_source_mappings": self.mappings.lock().unwrap_or_else(PoisonError::into_inner).len(),
            "idle_environments": functions.iter().map(|function| function.pool.idle()).sum::<usize>(),
            "waiting_events": waiting.iter().map(|taken| taken.items).sum::<usize>(),
            "waiting_bytes": waiting.iter().map(|taken| taken.bytes).sum::<usize>(),
        })
    }

    fn program(&self, name: &str) -> Option<HandlerCommand> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Adds a function, whose processes end when it is removed or the cloud stops; false where its name is in use.
    fn add(&self, function: &Arc<Function>) -> bool {
        let mut functions = self.functions.lock().unwrap_or_else(PoisonError::into_inner);
        if functions.contains_key(&function.name) {
            return false;
        }
        functions.insert(function.name.clone(), Arc::clone(function));
        let function = Arc::clone(function);
        self.env.tasks.spawn(async move {
            function.closed.cancelled().await;
            function.pool.close().await;
        });
        true
    }

    /// Removes a function and ends its processes; false where there is none of that name.
    fn remove(&self, name: &str) -> bool {
        let removed = self.functions.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        removed.inspect(|function| function.closed.cancel()).is_some()
    }

    fn insert(&self, mapping: Arc<Mapping>) {
        self.mappings.lock().unwrap_or_else(PoisonError::into_inner).insert(mapping.uuid.clone(), mapping);
    }

    fn all(&self) -> Vec<Arc<Function>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// Setting up the pipeline that every cloud starts with.
impl Lambda {
    /// Creates the function of a program, of which `CreateFunction` may then make others; returns its ARN.
    pub(crate) fn create_function(
        &self,
        name: &str,
        command: &HandlerCommand,
        environment: BTreeMap<String, String>,
    ) -> String {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.insert(name.to_owned(), command.clone());
        drop(programs);
        let code = Code::of(&self.env, name, command.clone());
        let function = Arc::new(Function::new(self, name, code, environment));
        self.add(&function);
        function.arn.clone()
    }

    /// Gives a function a description.
    pub(crate) fn describe(&self, function: &str, description: &str) {
        if let Some(function) = self.find(function) {
            function.update(|settings| description.clone_into(&mut settings.description));
        }
    }

    /// Permits S3 to invoke a function for one bucket.
    pub(crate) fn allow_bucket(&self, function: &str, bucket: &str) {
        let (id, arn) = (format!("{bucket}-may-invoke"), self.env.bucket_arn(bucket));
        self.permit(function, |function| {
            Statement::of_service(&id, function, "s3.amazonaws.com", &arn).of_account(ACCOUNT)
        });
    }

    /// Permits another service to invoke a function for one resource.
    pub(crate) fn allow(&self, function: &str, service: &str, source_arn: &str) {
        let id = format!("{}-may-invoke", service.trim_end_matches(".amazonaws.com"));
        self.permit(function, |function| Statement::of_service(&id, function, service, source_arn));
    }

    fn permit(&self, function: &str, statement: impl FnOnce(&str) -> Statement) {
        if let Some(function) = self.find(function) {
            function.policy().put(statement(&function.arn), self.env.id());
        }
    }

    /// Invokes a function with the messages of a queue; it reports the failures of a batch.
    pub(crate) fn map_queue(self: &Arc<Self>, function: &str, queue_arn: &str) {
        let settings = mapping::Settings { reports_failures: true, ..mapping::Settings::of(function) };
        self.insert(Mapping::new(self, queue_arn.to_owned(), settings));
    }

    pub(crate) fn set_failure_queue(&self, function: &str, queue_arn: &str) {
        if let Some(function) = self.find(function) {
            function.update_asynchronous(|settings| settings.on_failure = Some(queue_arn.to_owned()));
        }
    }
}

impl Deliver for Arc<Lambda> {
    /// Queues an asynchronous invocation. Fails also where too many events wait for the function.
    fn deliver(&self, function_arn: &str, sender: Sender<'_>, payload: Payload) -> Result<Accepted, ApiError> {
        let function = self.permitted(function_arn, sender)?;
        let request_id = queue::put(self, &function, payload.body.into(), payload.trace_header)?;
        Ok(Accepted { request_id, message_id: None })
    }

    fn check(&self, function_arn: &str, sender: Sender<'_>) -> Result<(), ApiError> {
        self.permitted(function_arn, sender).map(drop)
    }
}

/// The ARN of what a request names, with its qualifier where it has one.
fn arn_of(lambda: &Lambda, function: &str) -> String {
    let (name, qualifier) = arn::function(function);
    let arn = lambda.env.arn("lambda", &format!("function:{name}"));
    qualifier.map_or(arn.clone(), |qualifier| format!("{arn}:{qualifier}"))
}

/// A function's name with its qualifier; AWS names the version `$LATEST` in some errors about a name without one.
fn with_version(function: &str) -> String {
    if arn::function(function).1.is_some() { function.to_owned() } else { format!("{function}:$LATEST") }
}

fn not_found(lambda: &Lambda, function: &str) -> ApiError {
    let arn = arn_of(lambda, function);
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", format!("Function not found: {arn}"))
}
