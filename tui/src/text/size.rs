//! Byte counts and rates as people read them.

use humansize::{BINARY, FormatSizeOptions, format_size};

/// For example `12.4 KiB`; exact bytes below 1 KiB.
pub fn bytes(count: u64) -> String {
    format_size(count, FormatSizeOptions::from(BINARY).decimal_places(1))
}

/// For example `3.2 MiB/s`.
pub fn rate(bytes_per_second: u64) -> String {
    format!("{}/s", bytes(bytes_per_second))
}
