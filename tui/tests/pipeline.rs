//! The real binary in real processes: uploads, their way through the local cloud, and every way in which that ends.
#![cfg(all(unix, feature = "local"))]

#[cfg(test)]
mod pipeline {
    mod listings;
    mod probe;
    pub(crate) mod program;
    mod serving;
    mod storm;
    mod trouble;
    mod uploads;
}
