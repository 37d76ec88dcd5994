//! Independent peers: the real program against emulators of AWS by other projects, so that our reading of AWS is not
//! only tested against itself. What an emulator gets wrong stands beside the test that meets it, with its name; nothing
//! here is bent to fit an emulator.
//!
//! The emulators come from a Python environment that `IMGWATCH_PEERS` names. Without one every test here is ignored;
//! `.ci/peers` makes one and runs them.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod account;
mod doctor;
#[path = "../doctor_cases/mod.rs"]
mod doctor_cases;
mod emulator;
mod entries;
mod finding;
mod following;
mod ministack;
mod moto;
mod other_functions;
mod pipeline;
mod probe;
#[expect(dead_code, reason = "written for the tests against the local cloud, which need more of it")]
#[path = "../pipeline/program.rs"]
mod program;
#[path = "../shell/mod.rs"]
mod shell;
mod versions;
