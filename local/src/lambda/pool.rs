//! A function's execution environments: a limited number, of which idle ones are used again.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::Lambda;
use super::environment::{self, Environment, Invocation, Outcome};
use super::function::Function;

/// Invocations beyond the limit wait.
pub(super) struct Pool {
    permits: Semaphore,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    environments: Vec<Environment>,
    closed: bool,
}

impl Pool {
    pub(super) fn new(most: usize) -> Self {
        Self { permits: Semaphore::new(most.max(1)), idle: Mutex::default() }
    }

    /// Runs one invocation; `None` when the cloud stops before it begins.
    pub(super) async fn invoke(&self, lambda: &Lambda, function: &Function, invocation: Invocation) -> Option<Outcome> {
        let _permit = self.permits.acquire().await.ok()?;
        let (outcome, environment) = match self.take_idle(function).await {
            Some(environment) => environment.invoke(function, invocation).await,
            None => environment::invoke_cold(lambda, function, invocation).await,
        };
        if let Some(environment) = environment {
            self.keep(environment).await;
        }
        Some(outcome)
    }

    /// Kills every idle process and waits for its end; the others end by themselves when the cloud stops.
    pub(super) async fn close(&self) {
        self.permits.close();
        let environments = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.closed = true;
            std::mem::take(&mut idle.environments)
        };
        for mut environment in environments {
            environment.end().await;
        }
    }

    /// How many environments wait for an invocation.
    pub(super) fn idle(&self) -> usize {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).environments.len()
    }

    async fn take_idle(&self, function: &Function) -> Option<Environment> {
        let settings = function.settings();
        loop {
            let mut environment = self.idle.lock().unwrap_or_else(PoisonError::into_inner).environments.pop()?;
            if environment.is_usable(&settings) {
                return Some(environment);
            }
            environment.end().await;
        }
    }

    async fn keep(&self, mut environment: Environment) {
        {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if !idle.closed {
                idle.environments.push(environment);
                return;
            }
        }
        environment.end().await;
    }
}
