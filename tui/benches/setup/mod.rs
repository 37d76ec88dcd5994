//! How all benchmarks measure: few samples, because one run takes seconds.

use std::time::Duration;

use criterion::Criterion;

/// Criterion with these settings and those of the command line.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args()
}
