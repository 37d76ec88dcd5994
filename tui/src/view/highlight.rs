//! Marks on a finished panel what its filter, or the log's search, has found.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::theme;
use crate::model::filter::Filter;
use crate::text::width::columns;

/// Marks every place of the area that reads as the filter does, letter case aside.
pub(super) fn mark(buffer: &mut Buffer, area: Rect, filter: &Filter) {
    let wanted: Vec<char> = filter.folded().chars().collect();
    if wanted.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        // Letters of the row with the column of each; the cells that a wide letter covers hold none.
        let mut letters: Vec<(char, u16)> = Vec::with_capacity(usize::from(area.width));
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
            letters.extend(symbol.chars().flat_map(char::to_lowercase).map(|letter| (letter, x)));
            x += u16::try_from(columns(symbol)).unwrap_or(1).max(1);
        }
        let columns: Vec<u16> = letters
            .windows(wanted.len())
            .filter(|window| window.iter().map(|(letter, _)| letter).eq(&wanted))
            .flat_map(|window| window.iter().map(|(_, x)| *x))
            .collect();
        for x in columns {
            if let Some(cell) = buffer.cell_mut((x, y)) {
                cell.set_style(theme::found());
                cell.modifier.remove(Modifier::DIM);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn wide_letters_are_marked_as_well() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 14, 1));
        buffer.set_string(0, 0, "写真/東京タワー", Style::new());
        let area = *buffer.area();
        mark(&mut buffer, area, &Filter::new("東京"));
        let is_marked = |x: u16| buffer[(x, 0)].modifier.contains(Modifier::UNDERLINED);
        assert_eq!((0..14).filter(|x| is_marked(*x)).collect::<Vec<_>>(), [5, 7]);
    }

    #[test]
    fn matches_are_marked_wherever_they_stand() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "a Cat, a cat", Style::new());
        buffer.set_string(0, 1, "nothing", Style::new());
        let area = *buffer.area();
        mark(&mut buffer, area, &Filter::new("CAT"));
        let marked: String =
            (0..12).map(|x| if buffer[(x, 0)].modifier.contains(Modifier::UNDERLINED) { '^' } else { ' ' }).collect();
        assert_eq!(marked, "  ^^^    ^^^");
        assert!((0..12).all(|x| !buffer[(x, 1)].modifier.contains(Modifier::UNDERLINED)));
    }
}
