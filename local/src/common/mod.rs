//! The bottom of the crate: what services share and know of each other. Nothing here names a service's module.

pub(crate) mod aws_json;
pub(crate) mod budget;
pub(crate) mod deliver;
pub(crate) mod env;
pub(crate) mod query;
pub(crate) mod queues;
pub(crate) mod server;
pub(crate) mod wire;
