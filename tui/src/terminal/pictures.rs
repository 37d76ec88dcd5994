//! Pictures as the terminal takes them: by its graphics protocol (kitty, iTerm2, sixel), else in half-blocks.
//!
//! Encoding takes a while, so a thread does it; the one picture that is on the screen is kept. Nothing here decides what
//! is shown.

use std::sync::Arc;

use image::imageops::FilterType;
use image::{DynamicImage, RgbaImage};
use ratatui::layout::Size;
use ratatui_image::picker::cap_parser::{self, QueryStdioOptions};
use ratatui_image::picker::{Picker, ProtocolType};
use ratatui_image::protocol::Protocol;
use ratatui_image::{FontSize, Resize};
use tokio::sync::mpsc;

use crate::domain::preview::Pixels;
use crate::terminal::input::Answer;

/// A picture at a size in cells: what is to be shown.
pub type Wanted = (Arc<Pixels>, Size);

/// What came of encoding a picture.
type Encoded = (Wanted, Option<Protocol>);

/// The encoder, and what it made last.
pub struct Pictures {
    picker: Picker,
    /// What the user has decided on.
    forced: Option<ProtocolType>,
    question: Option<String>,
    /// What the terminal has answered so far.
    answers: Vec<Answer>,
    ready: Option<(Wanted, Protocol)>,
    /// What was asked for last; what fails is not tried again.
    asked: Option<Wanted>,
    is_encoding: bool,
    results: mpsc::Sender<Encoded>,
    encoded: mpsc::Receiver<Encoded>,
}

impl Pictures {
    /// Half-blocks, until more is known. Terminals that are known to have graphics are asked what they can show and for
    /// the size of their cells ([`Pictures::question`]).
    ///
    /// `IMGWATCH_GRAPHICS` overrules: `kitty`, `iterm2`, `sixel` or `blocks`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let forced = variable("IMGWATCH_GRAPHICS").as_deref().and_then(protocol);
        let mut picker = Picker::halfblocks();
        if let Some(forced) = forced {
            picker.set_protocol_type(forced);
        }
        let is_asked = forced.map_or_else(|| is_known(&variable), |forced| forced != ProtocolType::Halfblocks);
        let question = is_asked.then(|| question(picker.tmux_detected(), &variable));
        let (results, encoded) = mpsc::channel(4);
        let (answers, ready, asked) = (Vec::new(), None, None);
        Self { picker, forced, question, answers, ready, asked, is_encoding: false, results, encoded }
    }

    /// What to send to the terminal, if anything.
    pub fn question(&self) -> Option<&str> {
        self.question.as_deref()
    }

    /// The terminal has answered, however late; whether pictures look different from now on.
    pub fn learn(&mut self, answer: Answer) -> bool {
        if self.question.is_none() {
            return false;
        }
        self.answers.push(answer);
        if answer != Answer::Ready {
            return false;
        }
        self.question = None;
        if let Some(picker) = self.picked() {
            self.picker = picker;
            // What is being encoded goes to the old channel.
            (self.results, self.encoded) = mpsc::channel(4);
            (self.ready, self.asked, self.is_encoding) = (None, None, false);
        }
        true
    }

    /// What the answers say; `None` if not even the size of a cell is known.
    fn picked(&self) -> Option<Picker> {
        let cell = self.answers.iter().find_map(|answer| match *answer {
            Answer::Cell { width, height } => Some(FontSize { width, height }),
            _ => None,
        });
        #[expect(deprecated, reason = "the other way reads the terminal itself, and takes keys from who reads it here")]
        let mut picker = Picker::from_fontsize(cell.or_else(cell_of_window)?);
        let shown = [(Answer::Kitty, ProtocolType::Kitty), (Answer::Sixel, ProtocolType::Sixel)];
        let answered =
            shown.into_iter().find(|(answer, _)| self.answers.contains(answer)).map(|(_, protocol)| protocol);
        if let Some(protocol) = self.forced.or(answered) {
            picker.set_protocol_type(protocol);
        }
        Some(picker)
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
                // The program is ending when the receiver is gone.
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

/// What asks a terminal for what it can show, for the size of its cells, and for a last word.
fn question(is_tmux: bool, variable: &impl Fn(&str) -> Option<String>) -> String {
    let is = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    // These say that they can what they cannot.
    let blacklist_protocols = if is("WEZTERM_EXECUTABLE") || is("KONSOLE_VERSION") {
        vec![ProtocolType::Kitty, ProtocolType::Sixel]
    } else {
        Vec::new()
    };
    cap_parser::Parser::query(is_tmux, QueryStdioOptions { blacklist_protocols, ..QueryStdioOptions::default() })
}

/// The size of a cell by that of the window, where the system knows it.
#[cfg(unix)]
fn cell_of_window() -> Option<FontSize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    let (width, height) = (size.ws_xpixel.checked_div(size.ws_col)?, size.ws_ypixel.checked_div(size.ws_row)?);
    (width > 0 && height > 0).then_some(FontSize { width, height })
}

#[cfg(not(unix))]
fn cell_of_window() -> Option<FontSize> {
    None
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
    async fn answers_change_pictures_however_late_they_come() {
        let pixels = Arc::new(Pixels { width: 2, height: 2, rgba: vec![255; 16] });
        let wanted = (pixels, Size::new(4, 2));
        let mut pictures = Pictures::detect(|name| (name == "TERM").then(|| "xterm-kitty".to_owned()));
        assert!(pictures.question().is_some_and(|question| question.ends_with("\u{1b}[5n")));
        assert!(pictures.get(Some(&wanted)).is_none());
        pictures.next().await;
        assert!(matches!(pictures.get(Some(&wanted)), Some(Protocol::Halfblocks(_))));
        for answer in [Answer::Sixel, Answer::Kitty, Answer::Cell { width: 8, height: 16 }] {
            assert!(!pictures.learn(answer));
        }
        assert!(pictures.learn(Answer::Ready), "nothing more will come");
        assert!(pictures.get(Some(&wanted)).is_none());
        pictures.next().await;
        assert!(matches!(pictures.get(Some(&wanted)), Some(Protocol::Kitty(_))));
        assert!(!pictures.learn(Answer::Ready), "nothing was asked");
    }

    #[tokio::test]
    async fn a_picture_is_encoded_once_for_each_size() {
        let pixels = Arc::new(Pixels { width: 2, height: 2, rgba: vec![255; 16] });
        let mut pictures = Pictures::detect(|_| None);
        let wanted = (Arc::clone(&pixels), Size::new(4, 2));
        assert!(pictures.get(Some(&wanted)).is_none());
        pictures.next().await;
        assert!(pictures.get(Some(&wanted)).is_some());
        assert!(pictures.get(Some(&(pixels, Size::new(8, 4)))).is_none(), "another size is encoded again");
        assert!(pictures.get(None).is_none());
    }
}
