//! What imgwatch knows about pipelines: pure data and rules. No async, no AWS, no terminal, no clock, no screen.

pub mod confirmation;
pub mod delivery;
pub mod diagnosis;
pub mod display;
pub mod endpoint;
pub mod evidence;
pub mod files;
pub mod history;
pub mod ids;
pub mod inbox;
pub mod live_tail;
pub mod log;
pub mod metrics;
pub mod newer;
pub mod objects;
pub mod pace;
pub mod pipeline;
pub mod preview;
pub mod probe;
pub mod problem;
pub mod search;
pub mod silence;
pub mod subscriptions;
pub mod switch;
pub mod timeline;
pub mod transfer;
