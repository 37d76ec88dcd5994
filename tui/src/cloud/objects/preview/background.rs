//! What is behind the transparent parts of a picture: terminals have nothing there, or black. Pure.
//!
//! Squares, as image editors draw them, so that the background does not look like a part of the picture. Their colours
//! are those against which the picture can be seen best.

use image::{Rgba, RgbaImage};

/// Squares along the longer side.
const SQUARES: u32 = 16;
/// The two greys of the squares: for dark pictures, for light ones, and for those that are both.
const SHADES: [[u8; 2]; 3] = [[0xFF, 0xDC], [0x1C, 0x38], [0x70, 0x8C]];
/// Lightness by which two colours have to differ to look different.
const APART: u8 = 64;
/// Pixels that are looked at to decide.
const SAMPLES: u32 = 20_000;

/// Makes every pixel opaque.
pub(super) fn blend(picture: &mut RgbaImage) {
    let shades = shades(picture);
    let side = (picture.width().max(picture.height()) / SQUARES).max(1);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let Rgba([r, g, b, alpha]) = *pixel;
        if alpha < u8::MAX {
            let [even, odd] = shades;
            let behind = if (x / side + y / side).is_multiple_of(2) { even } else { odd };
            let [r, g, b] = [r, g, b].map(|colour| mixed(colour, behind, alpha));
            *pixel = Rgba([r, g, b, u8::MAX]);
        }
    }
}

/// The squares against which the fewest pixels disappear.
fn shades(picture: &RgbaImage) -> [u8; 2] {
    let step = (picture.width().saturating_mul(picture.height()) / SAMPLES).max(1);
    // Not a divisor of the width in most pictures, so that the samples are spread over its columns.
    let step = usize::try_from(step | 1).unwrap_or(usize::MAX);
    let seen: Vec<u8> =
        picture.pixels().step_by(step).filter(|pixel| pixel.0[3] >= 128).map(|pixel| lightness(*pixel)).collect();
    let lost = |shades: &[u8; 2]| {
        let is_lost = |light: &&u8| shades.iter().any(|shade| shade.abs_diff(**light) < APART);
        seen.iter().filter(is_lost).count()
    };
    // Of several as good, the first.
    SHADES.into_iter().min_by_key(lost).unwrap_or(SHADES[0])
}

fn lightness(pixel: Rgba<u8>) -> u8 {
    let Rgba([r, g, b, _]) = pixel;
    let sum = 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b);
    u8::try_from(sum / 1_000).unwrap_or(u8::MAX)
}

fn mixed(colour: u8, behind: u8, alpha: u8) -> u8 {
    let [colour, behind, alpha] = [colour, behind, alpha].map(u32::from);
    u8::try_from((colour * alpha + behind * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
}
