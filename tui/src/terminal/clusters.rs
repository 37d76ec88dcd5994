//! Clusters of characters on whose width terminals disagree: flags, emoji with a skin tone or a variation selector,
//! keycaps, conjuncts of Indic scripts, emoji that are newer than the terminal.
//!
//! The width that is counted with is ratatui's. A terminal that counts another one would print what follows in the wrong
//! columns, and keep a part of the cluster when the row changes. Therefore the columns of such a cluster are blanked
//! before it is printed, the cursor is placed after it, and all columns that it may take anywhere are printed again in
//! every frame, as long as it is there and once after.

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption, CellWidth as _};
use ratatui::layout::{Position, Size};
use unicode_width::UnicodeWidthChar as _;

/// Columns that a cluster may take in some terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    x: u16,
    y: u16,
    columns: u16,
}

/// Where such clusters are on the screen.
#[derive(Debug, Default)]
pub(super) struct Clusters(Vec<Stretch>);

impl Clusters {
    /// Has all columns printed that such a cluster takes, or took in the frame before.
    pub(super) fn settle(&mut self, buffer: &mut Buffer) {
        let found = find(buffer);
        for stretch in self.0.iter().chain(&found) {
            for x in stretch.x..stretch.x.saturating_add(stretch.columns) {
                // What a picture covers stays covered.
                if let Some(cell) = buffer.cell_mut((x, stretch.y))
                    && cell.diff_option == CellDiffOption::None
                {
                    cell.set_diff_option(CellDiffOption::AlwaysUpdate);
                }
            }
        }
        self.0 = found;
    }
}

/// The clusters of a frame. One that could reach beyond the last column, where a terminal begins a new row, loses all but
/// its first character.
fn find(buffer: &mut Buffer) -> Vec<Stretch> {
    let area = buffer.area;
    let mut found = Vec::new();
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        while x < area.right() {
            let Some(cell) = buffer.cell_mut((x, y)) else { break };
            let width = cell.cell_width().max(1);
            if is_disputed(cell.symbol()) {
                if x.saturating_add(reach(cell.symbol())) > area.right() {
                    let first: String = cell.symbol().chars().take(1).collect();
                    let fits = x.saturating_add(reach(&first)) <= area.right();
                    cell.set_symbol(if fits { &first } else { " " });
                }
                found.push(Stretch { x, y, columns: reach(cell.symbol()) });
            }
            x = x.saturating_add(width);
        }
    }
    found
}

/// Whether terminals may disagree on the width of a cell's text.
fn is_disputed(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return false };
    // The second is a picture, in the sequences of its graphics protocol.
    if first.is_ascii() && symbol.len() == 1 || symbol.contains('\u{1b}') {
        return false;
    }
    let is_agreed = match u32::from(first) {
        // From here on: emoji, which are wide since different versions of Unicode, and letters of flags.
        0x1F000..0x20000 => false,
        // Hangul, ideographs, kana: wide everywhere.
        0x1100..0x1160 | 0x2E80..0x1F000 | 0x20000.. => true,
        _ => first.width() == Some(1),
    };
    !is_agreed
        || chars.any(|c| {
            c.width() != Some(0) || matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{20E3}' | '\u{FF9E}' | '\u{FF9F}')
        })
}

/// The most columns that a terminal may give to a cell's text: each character by itself, emoji in full width.
fn reach(symbol: &str) -> u16 {
    let columns = |c: char| match u32::from(c) {
        0x1F000..0x20000 => 2,
        // It makes a narrow character before it wide, or takes a column of its own.
        0xFE00..=0xFE0F | 0xFF9E | 0xFF9F => 1,
        _ => u16::try_from(c.width().unwrap_or(0)).unwrap_or(2),
    };
    symbol.chars().map(columns).fold(0, u16::saturating_add).max(symbol.cell_width())
}

/// Prints such clusters so that nothing depends on their width.
pub(super) struct Printer<W: Write>(CrosstermBackend<W>);

impl<W: Write> Printer<W> {
    pub(super) fn new(writer: W) -> Self {
        Self(CrosstermBackend::new(writer))
    }
}

impl<W: Write> Backend for Printer<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut plain: Vec<(u16, u16, &Cell)> = Vec::new();
        // The row of the last cluster, and the first column after it.
        let mut last = None;
        for (x, y, cell) in content {
            if last.is_some_and(|(row, end)| y == row && x < end) {
                continue;
            }
            if !is_disputed(cell.symbol()) {
                plain.push((x, y, cell));
                continue;
            }
            let end = x.saturating_add(cell.cell_width().max(1));
            let mut blank = cell.clone();
            blank.set_symbol(" ");
            // Each call begins with the cursor's position.
            self.0.draw(plain.drain(..))?;
            self.0.draw((x..end).map(|x| (x, y, &blank)))?;
            self.0.draw(std::iter::once((x, y, cell)))?;
            last = Some((y, end));
        }
        self.0.draw(plain.into_iter())
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.0.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.0.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.0.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.0.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.0)
    }
}

#[cfg(test)]
mod tests;
