//! Every screen as it looks, at several sizes and in every state.
//!
//! The models are built through the same facts and messages' data that the cloud side sends, at a fixed time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod choosing;
mod dialogs;
mod doctor;
mod empty;
mod finding;
mod found;
mod keys;
mod log_states;
mod models;
mod mouse;
mod panels;
mod picture;
mod portrait;
mod previews;
mod robust;
mod room;
mod screens;
mod several;
mod shot;
mod states;
#[path = "../support/mod.rs"]
mod support;
mod versions;
mod wired;

/// All snapshots.
fn shots() -> Vec<shot::Shot> {
    [panels::shots(), dialogs::shots(), screens::shots(), several::shots()].into_iter().flatten().collect()
}
