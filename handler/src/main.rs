//! `bootstrap`: what Lambda starts. The function itself is the library.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // The log already has the reason.
    if imgwatch_handler::run().await.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
