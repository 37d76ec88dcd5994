//! From bytes to pixels or lines, within limits. Pure: it fetches nothing.

use std::io::Cursor;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits};

use super::background;
use crate::domain::preview::{Picture, Pixels, Preview};
use crate::text::clean::Clean;
use crate::text::size;

/// Pixels of an image at most: a phone's panorama has fewer, and every one of them takes memory while it is decoded.
const MAX_PIXELS: u64 = 64_000_000;
/// Bytes that decoding may take.
const MAX_ALLOC: u64 = 256 * 1024 * 1024;
/// Pixels that are kept of an image, in each direction: as many as a large terminal has.
const SHOWN: u32 = 1_280;
/// Lines of a text at most.
const LINES: usize = 2_000;

/// What an object is, as its first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentKind {
    Image(ImageFormat),
    Text,
    Other,
}

/// Decides by the content.
pub(super) fn kind(head: &[u8]) -> ContentKind {
    match image::guess_format(head) {
        // Two letters may begin a text as well.
        Ok(ImageFormat::Bmp) if !is_bmp(head) && is_text(head) => ContentKind::Text,
        Ok(format) if name(format).is_some() => ContentKind::Image(format),
        _ if is_text(head) => ContentKind::Text,
        _ => ContentKind::Other,
    }
}

fn name(format: ImageFormat) -> Option<&'static str> {
    match format {
        ImageFormat::Png => Some("PNG"),
        ImageFormat::Jpeg => Some("JPEG"),
        ImageFormat::Gif => Some("GIF"),
        ImageFormat::WebP => Some("WebP"),
        ImageFormat::Bmp => Some("BMP"),
        ImageFormat::Tiff => Some("TIFF"),
        ImageFormat::Ico => Some("ICO"),
        _ => None,
    }
}

/// Whether the second header has one of the sizes that there are.
fn is_bmp(head: &[u8]) -> bool {
    let size = head.get(14..18).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(u32::from_le_bytes);
    size.is_some_and(|size| matches!(size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// UTF-8 without control characters other than those that texts have; the last character may be cut.
fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty() && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'))
}

/// Why an image is not decoded at all, as far as its head says; it is neither fetched further nor unpacked.
pub(super) fn too_many_pixels(head: &[u8], format: ImageFormat) -> Option<String> {
    let (width, height) = ImageReader::with_format(Cursor::new(head), format).into_dimensions().ok()?;
    let pixels = u64::from(width) * u64::from(height);
    let most = MAX_PIXELS / 1_000_000;
    (pixels > MAX_PIXELS).then(|| {
        format!("{width} x {height} pixels are {} million; up to {most} million are decoded", pixels / 1_000_000)
    })
}

/// The picture, the right way up and small enough to keep; of an animation its first frame.
pub(super) fn picture(bytes: &[u8], format: ImageFormat) -> Result<Picture, String> {
    // The head may have been too short to show it.
    if let Some(reason) = too_many_pixels(bytes, format) {
        return Err(reason);
    }
    let named = name(format).unwrap_or("image");
    let failed = |error: ImageError| match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            format!("the {named} file ends before the image does")
        }
        error => {
            let error = error.to_string();
            // The decoder adds a value in Rust's notation.
            let said = error.split(" while decoding ChunkType").next().unwrap_or_default();
            format!("the {named} image cannot be decoded: {said}")
        }
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // The decoder counts what it takes for itself; the image comes on top.
    if decoder.total_bytes() > MAX_ALLOC {
        return Err(format!("the {named} image would take {} of memory", size::bytes(decoder.total_bytes())));
    }
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    let (width, height) = (image.width(), image.height());
    if width > SHOWN || height > SHOWN {
        image = image.thumbnail(SHOWN, SHOWN);
    }
    // Turned when it is small: turning takes a second copy.
    let is_wide = image.width() > image.height();
    image.apply_orientation(orientation);
    let was_turned_sideways = image.width() != image.height() && is_wide != (image.width() > image.height());
    let size = if was_turned_sideways { (height, width) } else { (width, height) };
    let is_transparent = image.color().has_alpha();
    let mut rgba = image.into_rgba8();
    if is_transparent {
        background::blend(&mut rgba);
    }
    let pixels = Pixels { width: rgba.width(), height: rgba.height(), rgba: rgba.into_raw() };
    Ok(Picture {
        format: named,
        size,
        turned: orientation != Orientation::NoTransforms,
        ends_early: format == ImageFormat::Jpeg && !is_whole_jpeg(bytes),
        pixels: Arc::new(pixels),
    })
}

/// Whether the last scan of a JPEG file comes to its end. The decoder itself makes do with what there is.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|window| window == marker);
    // Inside a scan neither marker can stand; a thumbnail has a scan of its own, before the image's.
    last([0xff, 0xd9]) > last([0xff, 0xda])
}

/// The lines of a text. JSON in one line is set out for people.
pub(super) fn text(bytes: &[u8], cut: bool) -> Preview {
    let json = (!cut).then(|| serde_json::from_slice::<serde_json::Value>(bytes).ok()).flatten();
    let pretty = json
        .filter(|json| json.is_object() || json.is_array())
        .and_then(|json| serde_json::to_string_pretty(&json).ok());
    let text = pretty.unwrap_or_else(|| String::from_utf8_lossy(bytes).into_owned());
    let mut lines: Vec<Clean> = text.lines().take(LINES + 1).map(Clean::new).collect();
    let more = cut || lines.len() > LINES;
    lines.truncate(LINES);
    Preview::Text { lines, more }
}

#[cfg(test)]
mod tests;
