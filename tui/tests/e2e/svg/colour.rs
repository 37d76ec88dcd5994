//! A terminal's colours as a picture has them: one dark scheme, which can be read on a light page as on a dark one.

/// What text and ground are where a program asks for no colour, and the edge of the ground.
pub(super) const TEXT: &str = "#e6edf3";
pub(super) const GROUND: &str = "#0d1117";
pub(super) const EDGE: &str = "#3d444d";

/// The sixteen colours that each terminal has in its own way.
const SIXTEEN: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#e3b341", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4", "#6e7681", "#ffa198",
    "#56d364", "#f2cc60", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
];

/// The colour in hexadecimal; none for the terminal's own.
pub(super) fn hex(colour: vt100::Color) -> Option<String> {
    let rgb = |red: u8, green: u8, blue: u8| format!("#{red:02x}{green:02x}{blue:02x}");
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(red, green, blue) => Some(rgb(red, green, blue)),
        vt100::Color::Idx(index) => Some(match index {
            0..16 => SIXTEEN[usize::from(index)].to_owned(),
            // A cube of six steps in each direction, then greys, as xterm has them.
            16..232 => {
                let step = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
                let index = index - 16;
                rgb(step(index / 36), step(index / 6 % 6), step(index % 6))
            }
            232.. => {
                let grey = 8 + 10 * (index - 232);
                rgb(grey, grey, grey)
            }
        }),
    }
}
