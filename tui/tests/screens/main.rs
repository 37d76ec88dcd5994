//! Every screen as it looks, at several sizes and in every state.
//!
//! The models are built through the same facts and messages' data that the cloud side sends, at a fixed time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod choosing;
mod doctor;
mod empty;
mod finding;
mod found;
mod keys;
mod log_states;
mod matrix;
mod models;
mod picture;
mod portrait;
mod robust;
mod shots;
mod versions;
