//! What several test programs need: SDK clients of a local cloud, and functions for it.

#![allow(dead_code, unused_macros, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

use std::time::Duration;

use imgwatch_local::{HandlerCommand, Options};

/// The variable that makes a test program the function's process.
pub(crate) const ROLE: &str = "IMGWATCH_TEST_FUNCTION";

/// The client of one SDK for an endpoint: they differ in their types only.
macro_rules! client {
    ($sdk:ident, $endpoint:expr) => {{
        use $sdk::config::{BehaviorVersion, Credentials, Region};
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version(BehaviorVersion::v2026_01_12())
                .region(Region::new("us-east-1"))
                .credentials_provider(Credentials::new("AKIDANY", "any secret at all", None, None, "test"))
                .endpoint_url($endpoint)
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    }};
}

/// Options with a function that ends at once.
pub(crate) fn without_function() -> Options {
    Options::new(HandlerCommand { program: "true".into(), args: Vec::new(), env: Vec::new() })
}

/// The test `function` of this test program, as a function.
pub(crate) fn this_program(role: &str) -> HandlerCommand {
    HandlerCommand {
        program: std::env::current_exe().unwrap().into(),
        args: ["--exact", "function", "--ignored", "--nocapture"].map(Into::into).to_vec(),
        env: vec![(ROLE.into(), role.into())],
    }
}

/// Waits until something holds; fails after a time that only a defect takes.
pub(crate) async fn until<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    loop {
        if let Some(found) = check() {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
