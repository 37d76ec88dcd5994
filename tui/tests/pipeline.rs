//! The real binary in real processes: uploads, their way through the local cloud, and every way in which that ends.
#![cfg(all(unix, feature = "local"))]

#[cfg(test)]
#[path = "raw/net.rs"]
mod net;
#[cfg(test)]
mod raw;
#[cfg(test)]
#[path = "raw/record.rs"]
mod record;
#[cfg(test)]
mod shell;

#[cfg(test)]
mod pipeline {
    mod blocked;
    mod configured;
    mod cut;
    mod doctor;
    mod downloads;
    mod finding;
    mod joints;
    mod listings;
    mod memory;
    mod named;
    mod network;
    mod policies;
    mod probe;
    pub(crate) mod program;
    mod publications;
    mod read_only;
    mod services;
    mod serving;
    mod several;
    mod shapes;
    mod storm;
    mod trouble;
    mod unknown;
    mod uploads;
    mod wiring;
}
