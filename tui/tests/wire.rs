//! The cloud side over TCP: the real SDK against the local cloud, in good weather and in bad.

#![cfg(feature = "local")]

#[cfg(test)]
#[path = "raw/ask.rs"]
mod ask;
#[cfg(test)]
mod doctor_cases;
#[cfg(test)]
#[expect(dead_code, reason = "the other tests need more of it")]
mod raw;

#[cfg(test)]
mod shell;

#[cfg(test)]
mod wire {
    pub(crate) mod bench;
    mod connect;
    mod doctor;
    mod downloads;
    mod feeds;
    mod functions;
    mod listing;
    mod live_tail;
    mod objects;
    mod probe;
    mod services;
    mod subscriptions;
    mod uploads;
    mod versions;
    mod wiring;
}
