//! Ages and durations as people read them. The clock is the caller's.

use jiff::Timestamp;

/// Milliseconds from one moment to another; negative when clocks disagree.
pub fn millis_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond() - from.as_millisecond()
}

/// A duration for a stage: `34 ms`, `1.2 s`, `3 min 5 s`.
pub fn duration(millis: i64) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    match millis {
        0..1_000 => format!("{sign}{millis} ms"),
        1_000..60_000 => format!("{sign}{}.{} s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{sign}{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
        _ => format!("{sign}{} h {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
    }
}

/// A moment as RFC 3339 in UTC, to the millisecond: `2026-01-31T09:05:00.250Z`.
pub fn utc(moment: Timestamp) -> String {
    format!("{moment:.3}")
}

/// How long ago: `<1m`, `5m`, `3h`, `9d`. Never finer, since a screen on which nothing happens is drawn once a minute.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = millis_between(then, now).max(0) / 1_000;
    match seconds {
        0..60 => "<1m".to_owned(),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_milliseconds_always() {
        let moment = Timestamp::from_millisecond(1_500).unwrap();
        assert_eq!(utc(moment), "1970-01-01T00:00:01.500Z");
        assert_eq!(utc(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn durations_pick_a_readable_unit() {
        let cases = [(0, "0 ms"), (999, "999 ms"), (1_250, "1.2 s"), (185_000, "3 min 5 s"), (-40, "-40 ms")];
        for (millis, text) in cases {
            assert_eq!(duration(millis), text);
        }
    }
}
