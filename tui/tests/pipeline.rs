//! The real binary in real processes: uploads, their way through the local cloud, and every way in which that ends.
#![cfg(all(unix, feature = "local"))]

#[cfg(test)]
mod pipeline {
    mod doctor;
    mod listings;
    pub(crate) mod program;
    mod serving;
    mod trouble;
    mod uploads;
}
