//! Durations as they are typed: `30s`, `5m`, `1h30m`.

use std::time::Duration;

/// A duration with units `ms`, `s`, `m`, `h` or `d`; several add up. Bare numbers are refused: their unit is not known.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let refuse = || format!("invalid duration {text:?}; write a number with a unit, such as 30s, 5m or 1h");
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(refuse)?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(refuse()),
        };
        let number: u64 = number.parse().map_err(|_| refuse())?;
        let part = Duration::from_millis(number.checked_mul(millis).ok_or_else(refuse)?);
        total = total.checked_add(part).filter(|total| *total <= LONGEST).ok_or_else(refuse)?;
        rest = after;
    }
    if text.is_empty() { Err(refuse()) } else { Ok(total) }
}

/// Ten years: longer spans are typing errors, and clocks cannot always reach that far back.
const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// Two durations with a comma between them.
pub(crate) fn parse_pair(text: &str) -> Result<[Duration; 2], String> {
    let (first, second) = text
        .split_once(',')
        .ok_or_else(|| format!("invalid pair of durations {text:?}; write two with a comma, such as 1s,2s"))?;
    Ok([parse(first)?, parse(second)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
        assert_eq!(parse_pair("1m,2m"), Ok([Duration::from_mins(1), Duration::from_mins(2)]));
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for text in ["", "5", "m", "5 m", "-5m", "1.5s", "5m3", "99999999999999999999s", "9999999d", "5µs"] {
            let refused = parse(text).expect_err(text);
            assert!(refused.contains(&format!("{text:?}")), "{refused}");
        }
        assert!(parse_pair("1s").is_err());
    }
}
