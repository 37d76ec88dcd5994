//! Every screen as it looks, at several sizes and in every state.
//!
//! The models are built through the same facts and messages' data that the cloud side sends, at a fixed time.

mod models;
mod robust;
mod shots;
