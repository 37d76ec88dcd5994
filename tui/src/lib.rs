//! The inside of the `imgwatch` program: the dashboard and the headless commands.
//!
//! It is a library so that tests can drive its parts; it promises no API to other crates. ARCHITECTURE.md is the map.

#[doc(hidden)]
pub mod action;
#[doc(hidden)]
pub mod app;
#[doc(hidden)]
pub mod cli;
mod clipboard;
#[doc(hidden)]
pub mod cloud;
#[doc(hidden)]
pub mod command;
#[doc(hidden)]
pub mod config;
mod console;
mod crash;
#[doc(hidden)]
pub mod effect;
mod farewell;
#[doc(hidden)]
pub mod frames;
#[doc(hidden)]
pub mod input;
#[doc(hidden)]
pub mod keymap;
#[doc(hidden)]
pub mod log;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod msg;
mod notify;
mod own;
mod panic_switch;
#[doc(hidden)]
pub mod pictures;
mod signals;
#[doc(hidden)]
pub mod terminal;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod update;
#[doc(hidden)]
pub mod view;
mod xdg;
