//! A campaign of faults: a proxy between the program and the local cloud cuts, delays, truncates, corrupts, stalls and
//! refuses, and after each run what the program claims is compared with the bucket, by checksum.
//!
//! `IMGWATCH_FAULTS` is the number of faults, `IMGWATCH_FAULTS_SEED` the first seed: each fault has the seed after, so that
//! any of them can be run again alone.
#![cfg(all(unix, feature = "local"))]

#[cfg(test)]
#[path = "pipeline/program.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod program;

#[cfg(test)]
#[expect(dead_code, reason = "other tests use the rest")]
mod raw;

#[cfg(test)]
mod faults {
    mod bucket;
    mod campaign;
    mod cases;
    mod claims;
    mod plan;
    mod proxy;
}
