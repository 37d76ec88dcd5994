//! The inside of the `imgwatch` program: the dashboard and the headless commands.
//!
//! It is a library so that tests can drive its parts; it promises no API to other crates. ARCHITECTURE.md is the map.

#[doc(hidden)]
pub mod app;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod cloud;
#[doc(hidden)]
pub mod command;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod domain;
#[doc(hidden)]
pub mod effect;
#[doc(hidden)]
pub mod keymap;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod msg;
mod panic_switch;
#[doc(hidden)]
pub mod terminal;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod update;
#[doc(hidden)]
pub mod view;

// The builders of the tests beside this crate name it as they do.
#[cfg(test)]
extern crate self as imgwatch;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
