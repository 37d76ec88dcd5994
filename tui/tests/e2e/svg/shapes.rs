//! Rectangles of a picture: grounds, blocks and lines. Those that touch and look alike become one.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{CELL, DIM};

/// A rectangle, and its looks as SVG has them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
    fill: String,
}

/// What was drawn, row by row.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    done: Vec<Shape>,
    row: Vec<Shape>,
}

impl Shapes {
    /// Draws a cell's ground, and a block on it; whether the cell was a block.
    pub(super) fn block(&mut self, cell: &vt100::Cell, (x, y): (u32, u32), ink: &str, ground: Option<&str>) -> bool {
        let cells = if cell.is_wide() { 2 } else { 1 };
        let half = CELL.1 / 2;
        let (upper, lower) = match cell.contents() {
            "▀" => (Some(ink), ground),
            "▄" => (ground, Some(ink)),
            "█" => (Some(ink), Some(ink)),
            _ => (ground, ground),
        };
        for (fill, y) in [(upper, y), (lower, y + half)] {
            if let Some(fill) = fill {
                self.add(Shape { x, y, width: cells * CELL.0, height: half, fill: format!(" fill=\"{fill}\"") });
            }
        }
        if cell.contents() == "░" {
            let fill = format!(" fill=\"{ink}\" fill-opacity=\".25\"");
            self.add(Shape { x, y, width: CELL.0, height: CELL.1, fill });
        }
        matches!(cell.contents(), "▀" | "▄" | "█" | "░")
    }

    /// Draws a line of a box; whether the cell was one.
    pub(super) fn line(&mut self, cell: &vt100::Cell, (x, y): (u32, u32), ink: &str, is_dim: bool) -> bool {
        let Some(arms) = arms(cell.contents()) else { return false };
        let dim = if is_dim { format!(" fill-opacity=\"{DIM}\"") } else { String::new() };
        let fill = format!(" fill=\"{ink}\"{dim}");
        let thick = arms.into_iter().max().unwrap_or_default();
        // Arms overlap in the middle, so that a corner has no gap.
        let (left, top) = (x + (CELL.0 - thick) / 2, y + (CELL.1 - thick) / 2);
        let (right, bottom) = (left + thick, top + thick);
        let mut across = |from: u32, to: u32| {
            self.add(Shape { x: from, y: top, width: to - from, height: thick, fill: fill.clone() });
        };
        match (arms[3] > 0, arms[1] > 0) {
            (true, true) => across(x, x + CELL.0),
            (true, false) => across(x, right),
            (false, true) => across(left, x + CELL.0),
            (false, false) => {}
        }
        let mut down = |from: u32, to: u32| {
            self.add(Shape { x: left, y: from, width: thick, height: to - from, fill: fill.clone() });
        };
        match (arms[0] > 0, arms[2] > 0) {
            (true, true) => down(y, y + CELL.1),
            (true, false) => down(y, bottom),
            (false, true) => down(top, y + CELL.1),
            (false, false) => {}
        }
        true
    }

    fn add(&mut self, shape: Shape) {
        let goes_on = |last: &&mut Shape| {
            last.fill == shape.fill && (last.y, last.height, last.x + last.width) == (shape.y, shape.height, shape.x)
        };
        match self.row.iter_mut().rev().find(goes_on) {
            Some(last) => last.width += shape.width,
            None => self.row.push(shape),
        }
    }

    /// A row is complete: what goes on from the rows above is added to them.
    pub(super) fn end_of_row(&mut self) {
        let mut row = std::mem::take(&mut self.row);
        row.sort_by_key(|shape| (shape.y, shape.x));
        for shape in row {
            let goes_on = |above: &&mut Shape| {
                above.fill == shape.fill
                    && (above.x, above.width, above.y + above.height) == (shape.x, shape.width, shape.y)
            };
            match self.done.iter_mut().rev().find(goes_on) {
                Some(above) => above.height += shape.height,
                None => self.done.push(shape),
            }
        }
    }

    /// One path for each look.
    pub(super) fn svg(&self) -> String {
        let mut paths: BTreeMap<&str, String> = BTreeMap::new();
        for Shape { x, y, width, height, fill } in &self.done {
            let _ = write!(paths.entry(fill).or_default(), "M{x} {y}h{width}v{height}h-{width}z");
        }
        let mut svg = String::new();
        for (fill, path) in paths {
            let _ = writeln!(svg, "<path{fill} d=\"{path}\"/>");
        }
        svg
    }
}

/// How thick a line goes up, right, down and left from the middle of its cell.
fn arms(symbol: &str) -> Option<[u32; 4]> {
    const LIGHT: u32 = 2;
    const HEAVY: u32 = 4;
    let (thick, arms) = match symbol {
        "─" => (LIGHT, [0, 1, 0, 1]),
        "│" => (LIGHT, [1, 0, 1, 0]),
        "┌" => (LIGHT, [0, 1, 1, 0]),
        "┐" => (LIGHT, [0, 0, 1, 1]),
        "└" => (LIGHT, [1, 1, 0, 0]),
        "┘" => (LIGHT, [1, 0, 0, 1]),
        "├" => (LIGHT, [1, 1, 1, 0]),
        "┤" => (LIGHT, [1, 0, 1, 1]),
        "━" => (HEAVY, [0, 1, 0, 1]),
        "┃" => (HEAVY, [1, 0, 1, 0]),
        "┏" => (HEAVY, [0, 1, 1, 0]),
        "┓" => (HEAVY, [0, 0, 1, 1]),
        "┗" => (HEAVY, [1, 1, 0, 0]),
        "┛" => (HEAVY, [1, 0, 0, 1]),
        _ => return None,
    };
    Some(arms.map(|arm| arm * thick))
}
