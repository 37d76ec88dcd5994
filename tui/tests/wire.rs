//! The cloud side over TCP: the real SDK against the local cloud, in good weather and in bad.

#[cfg(test)]
mod doctor_cases;

#[cfg(test)]
mod wire {
    pub(crate) mod bench;
    mod connect;
    mod doctor;
    mod feeds;
    mod objects;
    mod subscriptions;
    mod uploads;
}
