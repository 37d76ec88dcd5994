//! What the selected object looks like: beside the list where Objects has the whole screen, and in an object's details.
//!
//! ```text
//! ┌ 2 Objects ──────────────────────────────────── 1,204 · newest ┐
//! │ ▸ cat.png    131.8 KiB  <1m │ PNG, 640 x 480 pixels           │
//! │   dog.png      1.1 MiB  <1m │ ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄             │
//! │   notes.txt      913 B   1d │ ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀             │
//! └───────────────────────────────────────────────────────────────┘
//! ```
//!
//! The picture itself is encoded elsewhere; this room says how large it is wanted, and puts it there.

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;
use ratatui_image::Image;
use ratatui_image::protocol::Protocol;

use super::text::{count, prose};
use super::{layout, panel, theme};
use crate::domain::preview::{Picture, Pixels, Preview};
use crate::keymap::action::Panel;
use crate::model::Model;
use crate::model::display_settings::{Depth, DisplaySettings};
use crate::text::clean::Clean;
use crate::text::size;
use crate::text::width::cut;

/// Columns that a list beside a preview keeps, and those that a preview takes at least.
const LIST: u16 = 40;
const LEAST: u16 = 30;

/// The list's part and the preview's part of the Objects panel.
pub(super) fn beside(model: &Model, body: Rect) -> (Rect, Option<Rect>) {
    if !model.zoom || model.focus != Panel::Objects || body.width < LIST + LEAST || model.objects.is_empty() {
        return (body, None);
    }
    // Half for the keys, which are the longer the deeper a bucket is.
    let (list, rest) = layout::left(body, (body.width / 2).max(LIST));
    let (_, preview) = layout::left(rest, 2);
    (list, Some(preview))
}

/// The picture that is to be shown on a screen of this size, and how many cells it has.
pub fn wanted(model: &Model, width: u16, height: u16) -> Option<(Arc<Pixels>, Size)> {
    let Preview::Picture(picture) = model.preview()? else { return None };
    if !has_pictures(model) {
        return None;
    }
    let screen = layout::screen(model, Rect::new(0, 0, width, height), model.zoom)?;
    let area = match super::dialog::picture_area(model, screen.main) {
        Some(area) => area,
        // A dialog would cut a hole into the picture that the terminal does not fill again.
        None if model.dialog.is_some() => return None,
        None => {
            let body = panel::slots(model, Panel::Objects, screen.panel(Panel::Objects)).body;
            below_facts(beside(model, body).1?)
        }
    };
    (area.width > 1 && area.height > 1).then(|| (Arc::clone(&picture.pixels), area.as_size()))
}

/// Draws the preview beside the list.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, encoded: Option<&Protocol>) {
    let lines = lines(model, usize::from(area.width));
    frame.render_widget(Paragraph::new(lines), area);
    draw_picture(frame, below_facts(area), encoded);
}

/// Puts the picture into its place.
pub(super) fn draw_picture(frame: &mut Frame<'_>, area: Rect, encoded: Option<&Protocol>) {
    if let Some(encoded) = encoded {
        frame.render_widget(Image::new(encoded), area);
    }
}

/// What is said of an object's content: of a picture its facts, of a text its lines.
pub(super) fn lines(model: &Model, width: usize) -> Vec<Line<'static>> {
    match model.preview() {
        None => vec![Line::styled("looking…", theme::busy())],
        Some(Preview::Picture(picture)) => {
            let mut lines = vec![Line::styled(cut(&facts(picture), width), theme::dim())];
            if !has_pictures(model) {
                lines.extend(prose(why_none(&model.display), width, theme::dim()));
            }
            lines
        }
        Some(Preview::Nothing(reason)) => prose(&format!("no preview: {}", reason.shown()), width, theme::dim()),
        Some(Preview::Text { lines, more }) => {
            let head = if *more { "beginning of a text" } else { "text" };
            headed(&format!("{head}, {}", counted(lines.len(), "line")), lines, width)
        }
        Some(Preview::Folder { names, folders, files, bytes, hidden, others, more }) => {
            let least = if *more { "at least " } else { "" };
            let of_files = format!("{} of {}", counted(*files, "file"), size::bytes(*bytes));
            let head = match (*folders, *files) {
                (0, 0) => nothing_in(*hidden, *others),
                (0, _) => format!("{least}{of_files}"),
                (folders, 0) => format!("{least}{}", counted(folders, "folder")),
                (folders, _) => format!("{least}{}, and {of_files}", counted(folders, "folder")),
            };
            headed(&head, names, width)
        }
    }
}

/// What is said of a folder that has nothing to upload, but may have other entries.
fn nothing_in(hidden: usize, others: usize) -> String {
    match (hidden, others) {
        (0, 0) => "empty folder".to_owned(),
        (0, _) => "no files or folders".to_owned(),
        (1, _) => "no files or folders except 1 hidden".to_owned(),
        (hidden, _) => format!("no files or folders except {} hidden", count(hidden)),
    }
}

fn headed(head: &str, rows: &[Clean], width: usize) -> Vec<Line<'static>> {
    let head = Line::styled(cut(head, width), theme::dim());
    std::iter::once(head).chain(rows.iter().map(|row| Line::from(cut(row.shown(), width)))).collect()
}

fn counted(number: usize, one: &str) -> String {
    format!("{} {one}{}", count(number), if number == 1 { "" } else { "s" })
}

fn facts(picture: &Picture) -> String {
    let turned = if picture.turned { ", rotated by its EXIF data" } else { "" };
    let cut = if picture.ends_early { "; the file is truncated" } else { "" };
    format!("{}, {} x {} pixels{cut}{turned}", picture.format, picture.size.0, picture.size.1)
}

/// Why a picture's facts are all that is shown of it.
fn why_none(display: &DisplaySettings) -> &'static str {
    match (display.depth, display.ascii) {
        (Depth::None, _) if display.no_color => "pictures need colours: NO_COLOR is set",
        (Depth::Many, true) => "pictures need UTF-8: the terminal is in ASCII mode",
        (Depth::None | Depth::Sixteen, _) | (Depth::Many, false) => {
            "pictures need more colours and UTF-8 characters than this terminal has"
        }
    }
}

/// Half-blocks are colours and nothing else, and sixteen are too few.
fn has_pictures(model: &Model) -> bool {
    model.display.depth == Depth::Many && !model.display.ascii
}

fn below_facts(area: Rect) -> Rect {
    layout::top(area, 2).1
}
