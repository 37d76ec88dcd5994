//! Text for people: cleaning, sizes, times, widths. Formats only; decides nothing.

pub mod clean;
pub mod key;
pub mod size;
pub mod time;
pub mod width;
