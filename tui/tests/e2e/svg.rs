//! A terminal's screen as an SVG: each cell in its place, in the colours and the weight that it has.
//!
//! It shows what the emulator holds and adds nothing but the ground and its edge. No font comes with it: text is fitted
//! to the grid run by run, and lines and blocks are drawn, so that no reader's font can pull the screen apart.

mod colour;
mod shapes;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use colour::{GROUND, TEXT, hex};
use shapes::Shapes;

/// A cell's width and height. Everything that is drawn falls on whole units; a pixel has two of them.
const CELL: (u32, u32) = (16, 32);
/// The room around the screen.
const PAD: u32 = 24;
/// The size at which the usual monospaced fonts fill a cell's width, and where their letters stand in it.
const FONT: (&str, u32) = ("26.6", 24);
const FAMILY: &str =
    "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono','Noto Sans Mono',monospace";
/// How much of a dim colour is left.
const DIM: &str = ".62";

/// DisplaySettings that a run of cells shares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct DisplaySettings {
    ink: String,
    is_bold: bool,
    is_dim: bool,
    is_underlined: bool,
}

/// Draws a screen. The title is for those who cannot see it.
pub(crate) fn render(screen: &vt100::Screen, title: &str) -> String {
    let (rows, cols) = screen.size();
    let (width, height) = (u32::from(cols.get()) * CELL.0 + 2 * PAD, u32::from(rows.get()) * CELL.1 + 2 * PAD);
    let (mut blocks, mut lines) = (Shapes::default(), Shapes::default());
    let mut texts: BTreeMap<DisplaySettings, String> = BTreeMap::new();
    for row in 0..rows.get() {
        let mut runs: Vec<Run> = Vec::new();
        for col in 0..cols.get() {
            let Some(cell) = screen.cell(row, col).filter(|cell| !cell.is_wide_continuation()) else { continue };
            let (x, y) = (PAD + u32::from(col) * CELL.0, PAD + u32::from(row) * CELL.1);
            let (looks, ground) = looks(cell);
            let drawn = blocks.block(cell, (x, y), &looks.ink, ground.as_deref())
                || lines.line(cell, (x, y), &looks.ink, looks.is_dim);
            if !drawn {
                write(&mut runs, cell, x, looks);
            }
        }
        blocks.end_of_row();
        lines.end_of_row();
        for run in runs {
            let text = run.svg(PAD + u32::from(row) * CELL.1 + FONT.1);
            texts.entry(run.looks).or_default().push_str(&text);
        }
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{}</title>\n\
         <rect x=\"1\" y=\"1\" width=\"{}\" height=\"{}\" rx=\"14\" fill=\"{GROUND}\" stroke=\"{}\" stroke-width=\"2\"/>\n",
        width / 2,
        height / 2,
        escaped(title),
        width - 2,
        height - 2,
        colour::EDGE,
    );
    // Blocks meet without a seam; thin lines would vanish where a page shows the picture smaller.
    let _ = writeln!(svg, "<g shape-rendering=\"crispEdges\">\n{}</g>\n{}", blocks.svg(), lines.svg().trim_end());
    let _ = writeln!(svg, "<g font-family=\"{FAMILY}\" font-size=\"{}\" xml:space=\"preserve\">", FONT.0);
    for (looks, text) in texts {
        let _ = writeln!(svg, "<g{}>\n{text}</g>", looks.svg());
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// A cell's looks, and its ground where it has one of its own.
fn looks(cell: &vt100::Cell) -> (DisplaySettings, Option<String>) {
    let (ink, ground) = (hex(cell.fgcolor()), hex(cell.bgcolor()));
    let (ink, ground) = if cell.inverse() {
        (ground.or_else(|| Some(GROUND.to_owned())), ink.or_else(|| Some(TEXT.to_owned())))
    } else {
        (ink, ground)
    };
    let looks = DisplaySettings {
        ink: ink.unwrap_or_else(|| TEXT.to_owned()),
        is_bold: cell.bold(),
        is_dim: cell.dim(),
        is_underlined: cell.underline(),
    };
    (looks, ground)
}

impl DisplaySettings {
    fn svg(&self) -> String {
        let mut svg = format!(" fill=\"{}\"", self.ink);
        let marks = [
            (self.is_bold, " font-weight=\"700\"".to_owned()),
            (self.is_dim, format!(" fill-opacity=\"{DIM}\"")),
            (self.is_underlined, " text-decoration=\"underline\"".to_owned()),
        ];
        marks.into_iter().filter(|(is, _)| *is).for_each(|(_, mark)| svg.push_str(&mark));
        svg
    }
}

/// Text that is set in one piece.
struct Run {
    text: String,
    x: u32,
    cells: u32,
    looks: DisplaySettings,
}

/// Adds a cell's text: to the last run where it goes on with it.
fn write(runs: &mut Vec<Run>, cell: &vt100::Cell, x: u32, looks: DisplaySettings) {
    let (text, cells) = (cell.contents(), if cell.is_wide() { 2 } else { 1 });
    let is_blank = text.trim().is_empty();
    // Underlined blanks are seen, others are only steps to the next word.
    if is_blank && !looks.is_underlined {
        if let Some(run) = runs.last_mut().filter(|run| run.end() == x && !run.text.ends_with(' ')) {
            run.text.push(' ');
            run.cells += 1;
        }
        return;
    }
    let text = if is_blank { " " } else { text };
    // What a reader's font has to borrow from another one has a width of its own: it stands alone.
    match runs.last_mut().filter(|run| run.end() == x && run.looks == looks && run.text.is_ascii() && text.is_ascii()) {
        Some(run) => {
            run.text.push_str(text);
            run.cells += cells;
        }
        None => runs.push(Run { text: text.to_owned(), x, cells, looks }),
    }
}

impl Run {
    fn end(&self) -> u32 {
        self.x + self.cells * CELL.0
    }

    fn svg(&self, y: u32) -> String {
        let text = if self.looks.is_underlined { self.text.as_str() } else { self.text.trim_end() };
        let cells = self.cells - u32::from(text.len() < self.text.len());
        let fit = if cells > 1 { format!(" textLength=\"{}\"", cells * CELL.0) } else { String::new() };
        format!("<text x=\"{}\" y=\"{y}\"{fit}>{}</text>\n", self.x, escaped(text))
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A screen of ten columns with these bytes on it.
    fn drawn(rows: u16, bytes: &str) -> String {
        let mut parser = vt100::Parser::new(rows.try_into().unwrap(), 10.try_into().unwrap(), 0);
        parser.process(bytes.as_bytes());
        render(parser.screen(), "a <screen>")
    }

    #[test]
    fn text_stands_on_the_grid_in_its_colours_and_weight() {
        let svg = drawn(1, "a & b\x1b[1;31m<x>\x1b[m");
        assert!(svg.contains("<text x=\"24\" y=\"48\" textLength=\"80\">a &amp; b</text>"), "{svg}");
        let red = hex(vt100::Color::Idx(1)).unwrap();
        let bold = format!(
            "<g fill=\"{red}\" font-weight=\"700\">\n<text x=\"104\" y=\"48\" textLength=\"48\">&lt;x&gt;</text>\n</g>"
        );
        assert!(svg.contains(&bold), "{svg}");
        assert!(svg.contains("<title>a &lt;screen&gt;</title>"), "{svg}");
    }

    #[test]
    fn dim_underlined_and_truecolour_are_distinguished() {
        let svg = drawn(1, "\x1b[2;38;2;1;2;3mdim\x1b[m\x1b[4;38;5;196mred\x1b[m");
        assert!(svg.contains(&format!("<g fill=\"#010203\" fill-opacity=\"{DIM}\">")), "{svg}");
        assert!(svg.contains("<g fill=\"#ff0000\" text-decoration=\"underline\">"), "{svg}");
    }

    #[test]
    fn a_wide_character_takes_two_cells_and_stands_alone() {
        let svg = drawn(1, "a猫b");
        for text in ["x=\"24\" y=\"48\">a<", "x=\"40\" y=\"48\" textLength=\"32\">猫<", "x=\"72\" y=\"48\">b<"] {
            assert!(svg.contains(text), "{text} is not in {svg}");
        }
    }

    #[test]
    fn reverse_swaps_ink_and_ground() {
        let svg = drawn(1, "\x1b[7mab\x1b[m");
        assert!(svg.contains(&format!("<path fill=\"{TEXT}\" d=\"M24 24h32v32h-32z\"/>")), "{svg}");
        assert!(svg.contains(&format!("<g fill=\"{GROUND}\">")), "{svg}");
    }

    #[test]
    fn half_blocks_are_drawn_and_equal_neighbours_are_one() {
        // Red above blue, twice in a row and in two rows, then green below.
        let pair = "\x1b[38;2;255;0;0;48;2;0;0;255m▀▀\x1b[m";
        let svg = drawn(2, &format!("{pair}\r\n{pair}\x1b[38;2;0;255;0m▄"));
        assert!(svg.contains("<path fill=\"#ff0000\" d=\"M24 24h32v16h-32zM24 56h32v16h-32z\"/>"), "{svg}");
        assert!(svg.contains("<path fill=\"#0000ff\" d=\"M24 40h32v16h-32zM24 72h32v16h-32z\"/>"), "{svg}");
        assert!(svg.contains("<path fill=\"#00ff00\" d=\"M56 72h16v16h-16z\"/>"), "{svg}");
        assert!(!svg.contains('▀') && !svg.contains('▄'), "{svg}");
    }

    #[test]
    fn lines_join_from_cell_to_cell() {
        let svg = drawn(2, "┌──\r\n│");
        assert!(svg.contains("M31 39h41v2h-41z"), "one line to the right: {svg}");
        assert!(svg.contains("M31 39h2v49h-2z"), "one line down: {svg}");
        assert!(!svg.contains('─') && !svg.contains('│'), "{svg}");
    }

    #[test]
    fn rows_of_one_colour_are_one_block() {
        let svg = drawn(3, "\x1b[44m          \x1b[m\r\n\x1b[44m          \x1b[m\r\nend");
        let blue = hex(vt100::Color::Idx(4)).unwrap();
        assert!(svg.contains(&format!("<path fill=\"{blue}\" d=\"M24 24h160v64h-160z\"/>")), "{svg}");
    }
}
