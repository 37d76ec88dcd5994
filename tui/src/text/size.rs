//! Numbers, byte counts and rates as people read them.

use humansize::{BINARY, FormatSizeOptions, format_size};

/// For example `12.4 KiB`; exact bytes below 1 KiB.
pub fn bytes(count: u64) -> String {
    format_size(count, FormatSizeOptions::from(BINARY).decimal_places(1))
}

/// For example `3.2 MiB/s`.
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}

/// A number with separators: `100,000`.
pub fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// For example `131.8 KiB (134,963 bytes)`; below 1 KiB the bytes alone.
pub fn exact(size: u64) -> String {
    let number = count(usize::try_from(size).unwrap_or(usize::MAX));
    match size {
        1 => "1 byte".to_owned(),
        0..1024 => format!("{number} bytes"),
        _ => format!("{} ({number} bytes)", bytes(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_size_says_nothing_twice() {
        assert_eq!([0, 1, 913].map(exact), ["0 bytes", "1 byte", "913 bytes"]);
        assert_eq!(exact(134_963), "131.8 KiB (134,963 bytes)");
    }
}
