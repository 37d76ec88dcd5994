//! Lambda: functions, their execution environments and the Runtime API.
//!
//! A function is a real process that speaks the Runtime API; nothing here knows what it does with an event.

mod api;
mod destination;
mod environment;
mod failure;
mod function;
mod leftover;
mod level;
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

use bytes::Bytes;
use http::StatusCode;

pub(crate) use api::handle;

use crate::cloud::Cloud;
use crate::wire::ApiError;
use function::Function;

/// All functions.
#[derive(Default)]
pub(crate) struct Lambda {
    functions: Mutex<BTreeMap<String, Arc<Function>>>,
}

impl Lambda {
    /// Whether the function's resource policy lets `principal`, acting for `source_arn`, invoke it.
    pub(crate) fn allows(&self, function_arn: &str, principal: &str, source_arn: &str) -> bool {
        self.find(function_arn).is_some_and(|function| function.policy().allows(principal, source_arn))
    }

    /// By name, ARN or partial ARN, with or without `:$LATEST`; there are no other versions.
    fn find(&self, function: &str) -> Option<Arc<Function>> {
        let (name, qualifier) = name_of(function);
        if qualifier.is_some_and(|qualifier| qualifier != "$LATEST") {
            return None;
        }
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn all(&self) -> Vec<Arc<Function>> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }
}

/// The name and the qualifier in `NAME`, `NAME:QUALIFIER`, `ACCOUNT:function:NAME` or a whole ARN.
fn name_of(function: &str) -> (&str, Option<&str>) {
    let rest = function.rsplit_once(":function:").map_or(function, |(_, rest)| rest);
    let rest = rest.strip_prefix("function:").unwrap_or(rest);
    match rest.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (rest, None),
    }
}

/// Makes a function of the process that the options name; for the seed. Returns its ARN.
pub(crate) fn create_function(cloud: &Arc<Cloud>, name: &str, environment: BTreeMap<String, String>) -> String {
    let function = Arc::new(Function::new(cloud, name, environment));
    let arn = function.arn.clone();
    cloud
        .lambda
        .functions
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(name.to_owned(), Arc::clone(&function));
    let stop = cloud.stop.clone();
    cloud.tasks.spawn(async move {
        stop.cancelled().await;
        function.pool.close().await;
    });
    arn
}

/// Lets S3 invoke a function for one bucket; for the seed.
pub(crate) fn allow_bucket(cloud: &Arc<Cloud>, function: &str, bucket: &str) {
    if let Some(function) = cloud.lambda.find(function) {
        let statement = policy::Statement::for_bucket(&function.arn, bucket, crate::cloud::ACCOUNT);
        function.policy().put(statement);
    }
}

/// Where the events go that a function failed to handle; for the seed.
pub(crate) fn set_failure_queue(cloud: &Arc<Cloud>, function: &str, queue_arn: &str) {
    if let Some(function) = cloud.lambda.find(function) {
        function.update_asynchronous(|settings| settings.on_failure = Some(queue_arn.to_owned()));
    }
}

/// Queues an asynchronous invocation for another service; returns the invocation's request id.
///
/// # Errors
/// The function does not exist, or far too many events wait.
pub(crate) fn invoke_event(
    cloud: &Arc<Cloud>,
    function_arn: &str,
    payload: Bytes,
    trace_header: Option<String>,
) -> Result<String, ApiError> {
    let function = cloud.lambda.find(function_arn).ok_or_else(|| not_found(cloud, function_arn))?;
    queue::put(cloud, &function, payload, trace_header)
}

fn not_found(cloud: &Cloud, function: &str) -> ApiError {
    let (name, qualifier) = name_of(function);
    let mut arn = cloud.arn("lambda", &format!("function:{name}"));
    if let Some(qualifier) = qualifier {
        arn = format!("{arn}:{qualifier}");
    }
    ApiError::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", format!("Function not found: {arn}"))
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn functions_are_named_in_four_ways() {
        assert_eq!(name_of("f"), ("f", None));
        assert_eq!(name_of("f:$LATEST"), ("f", Some("$LATEST")));
        assert_eq!(name_of("000000000000:function:f"), ("f", None));
        assert_eq!(name_of("arn:aws:lambda:us-east-1:000000000000:function:f:1"), ("f", Some("1")));
    }
}
