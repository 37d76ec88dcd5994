//! CloudWatch's quota of `FilterLogEvents`, and the part of it that all followers together may take. It asks nothing.
//!
//! The quota is one for an account in a region, whoever asks, and it cannot be raised: half of it is left to others.

use std::time::Duration;

/// On this machine nothing is short but the processor.
const LOOPBACK_GAP: Duration = Duration::from_millis(20);

/// Requests a second that CloudWatch Logs allows in a region.
fn per_second(region: &str) -> u32 {
    match region {
        "us-east-1" => 25,
        "ap-northeast-3" | "ap-southeast-3" | "ca-west-1" | "eu-central-1" | "il-central-1" => 5,
        _ => 10,
    }
}

/// How far apart requests stay, so that they are half of the quota at most.
pub(super) fn gap(region: &str, is_loopback: bool) -> Duration {
    if is_loopback { LOOPBACK_GAP } else { Duration::from_secs(2) / per_second(region) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_half_of_what_the_region_allows() {
        for (region, millis) in
            [("us-east-1", 80), ("eu-central-1", 400), ("il-central-1", 400), ("eu-west-1", 200), ("mars-1", 200)]
        {
            assert_eq!(gap(region, false), Duration::from_millis(millis), "{region}");
        }
        assert_eq!(gap("eu-central-1", true), LOOPBACK_GAP);
    }
}
