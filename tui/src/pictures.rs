//! Pictures as the terminal takes them: by its graphics protocol (kitty, iTerm2, sixel), else in half-blocks.
//!
//! Encoding takes a while, so a thread does it; the one picture that is on the screen is kept. Nothing here decides what
//! is shown.

use std::sync::Arc;

use image::imageops::FilterType;
use image::{DynamicImage, RgbaImage};
use ratatui::layout::Size;
use ratatui_image::picker::{Picker, ProtocolType};
use ratatui_image::protocol::Protocol;
use ratatui_image::{FontSize, Resize};
use tokio::sync::mpsc;

use crate::model::preview::Pixels;

/// A picture at a size in cells: what is to be shown.
pub type Wanted = (Arc<Pixels>, Size);

/// What came of encoding a picture.
type Encoded = (Wanted, Option<Protocol>);

/// The encoder, and what it made last.
pub struct Pictures {
    picker: Picker,
    ready: Option<(Wanted, Protocol)>,
    /// What was asked for last; what fails is not tried again.
    asked: Option<Wanted>,
    is_encoding: bool,
    results: mpsc::Sender<Encoded>,
    encoded: mpsc::Receiver<Encoded>,
}

impl Pictures {
    /// Finds out what the terminal can do. Terminals that are known to have graphics are asked for the size of their
    /// cells; no other is, because an answer that comes late, or never, would hold up the keys.
    ///
    /// `IMGWATCH_GRAPHICS` overrules: `kitty`, `iterm2`, `sixel` or `blocks`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let forced = variable("IMGWATCH_GRAPHICS").as_deref().and_then(protocol);
        let has_graphics = forced.is_some_and(|forced| forced != ProtocolType::Halfblocks) || is_known(&variable);
        let mut picker = if has_graphics && forced != Some(ProtocolType::Halfblocks) {
            Picker::from_query_stdio().unwrap_or_else(|_| Picker::halfblocks())
        } else {
            Picker::halfblocks()
        };
        if let Some(forced) = forced {
            picker.set_protocol_type(forced);
        }
        Self::with(picker)
    }

    /// For terminals without graphics.
    pub fn blocks() -> Self {
        Self::with(Picker::halfblocks())
    }

    fn with(picker: Picker) -> Self {
        let (results, encoded) = mpsc::channel(4);
        Self { picker, ready: None, asked: None, is_encoding: false, results, encoded }
    }

    /// The picture, if it is encoded; otherwise it is encoded from now on, and [`Pictures::next`] says when it is.
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub fn get(&mut self, wanted: Option<&Wanted>) -> Option<&Protocol> {
        let wanted = wanted?;
        let is_ready = self.ready.as_ref().is_some_and(|(ready, _)| same(ready, wanted));
        let was_asked = self.asked.as_ref().is_some_and(|asked| same(asked, wanted));
        // One at a time: while a window is being resized, only its last size counts.
        if !is_ready && !was_asked && !self.is_encoding {
            (self.asked, self.is_encoding) = (Some(wanted.clone()), true);
            let (picker, wanted, results) = (self.picker.clone(), wanted.clone(), self.results.clone());
            tokio::task::spawn_blocking(move || {
                let encoded = encode(&picker, &wanted);
                // The program is ending when nobody waits for it.
                let _ = results.blocking_send((wanted, encoded));
            });
        }
        self.ready.as_ref().filter(|_| is_ready).map(|(_, protocol)| protocol)
    }

    /// Waits until a picture is encoded. Cancel safe.
    pub async fn next(&mut self) {
        if let Some((wanted, protocol)) = self.encoded.recv().await {
            self.is_encoding = false;
            if let Some(protocol) = protocol {
                self.ready = Some((wanted, protocol));
            }
        }
    }
}

/// A picture in half-blocks, at once.
pub fn in_blocks(wanted: &Wanted) -> Option<Protocol> {
    encode(&Picker::halfblocks(), wanted)
}

fn encode(picker: &Picker, (pixels, size): &Wanted) -> Option<Protocol> {
    let image = DynamicImage::ImageRgba8(RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba.clone())?);
    let image = match picker.protocol_type() {
        ProtocolType::Halfblocks => in_whole_cells(&image, *size, picker.font_size()),
        _ => image,
    };
    picker.new_protocol(image, *size, Resize::Scale(Some(FilterType::Triangle))).ok()
}

/// The picture as large as fits, stretched by half a cell at most: half-blocks know no transparency, and what is left of a
/// cell would be black.
fn in_whole_cells(image: &DynamicImage, size: Size, font: FontSize) -> DynamicImage {
    let [cell_width, cell_height, columns, rows] = [font.width, font.height, size.width, size.height].map(u32::from);
    let (width, height) = (columns * cell_width, rows * cell_height);
    // One side fills the area, and the other one is as long as the picture's proportions ask for.
    let other = |length: u32, side: u32, of: u32, cell: u32| {
        let exact = length * side / of.max(1);
        ((exact + cell / 2) / cell.max(1)).max(1) * cell
    };
    let is_wide = width * image.height() <= height * image.width();
    let (width, height) = if is_wide {
        (width, other(image.height(), width, image.width(), cell_height))
    } else {
        (other(image.width(), height, image.height(), cell_width), height)
    };
    image.resize_exact(width.max(1), height.max(1), FilterType::Triangle)
}

fn same(a: &Wanted, b: &Wanted) -> bool {
    Arc::ptr_eq(&a.0, &b.0) && a.1 == b.1
}

fn protocol(word: &str) -> Option<ProtocolType> {
    match word {
        "kitty" => Some(ProtocolType::Kitty),
        "iterm2" => Some(ProtocolType::Iterm2),
        "sixel" => Some(ProtocolType::Sixel),
        "blocks" => Some(ProtocolType::Halfblocks),
        _ => None,
    }
}

/// Whether the environment names a terminal that is known to have graphics.
fn is_known(variable: &impl Fn(&str) -> Option<String>) -> bool {
    let has = |name: &str, words: &[&str]| {
        variable(name).is_some_and(|value| words.iter().any(|word| value.to_lowercase().contains(word)))
    };
    has("TERM", &["kitty", "ghostty", "foot", "mlterm", "contour", "sixel"])
        || has("TERM_PROGRAM", &["iterm", "wezterm", "ghostty", "rio", "contour", "mintty"])
        || ["KITTY_WINDOW_ID", "WEZTERM_EXECUTABLE", "KONSOLE_VERSION", "ITERM_SESSION_ID", "WT_SESSION"]
            .iter()
            .any(|name| variable(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_that_are_known_are_asked() {
        let known = |set: &'static str, to: &'static str| is_known(&|name: &str| (name == set).then(|| to.to_owned()));
        assert!(known("TERM", "xterm-kitty") && known("TERM_PROGRAM", "WezTerm") && known("KITTY_WINDOW_ID", "1"));
        assert!(!known("TERM", "xterm-256color") && !known("TERM_PROGRAM", "Apple_Terminal"));
    }

    #[test]
    fn a_picture_fills_whole_cells_within_its_area() {
        let font = FontSize { width: 10, height: 20 };
        let filled = |width: u32, height: u32| {
            let image = in_whole_cells(&DynamicImage::new_rgba8(width, height), Size::new(34, 20), font);
            (image.width(), image.height())
        };
        assert_eq!(filled(720, 480), (340, 220), "226 exactly");
        assert_eq!(filled(100, 400), (100, 400));
        assert_eq!(filled(1_000, 1), (340, 20), "a row at least");
        assert_eq!(filled(1, 1_000), (10, 400), "a column at least");
    }

    #[tokio::test]
    async fn a_picture_is_encoded_once_for_each_size() {
        let pixels = Arc::new(Pixels { width: 2, height: 2, rgba: vec![255; 16] });
        let mut pictures = Pictures::blocks();
        let wanted = (Arc::clone(&pixels), Size::new(4, 2));
        assert!(pictures.get(Some(&wanted)).is_none());
        pictures.next().await;
        assert!(pictures.get(Some(&wanted)).is_some());
        assert!(pictures.get(Some(&(pixels, Size::new(8, 4)))).is_none(), "another size is encoded anew");
        assert!(pictures.get(None).is_none());
    }
}
