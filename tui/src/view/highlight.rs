//! Marks on a finished panel what its filter, or the log's search, has found.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::theme;
use crate::model::filter::Filter;

/// Marks every place of the area that reads as the filter does, letter case aside.
pub(super) fn mark(buffer: &mut Buffer, area: Rect, filter: &Filter) {
    let wanted: Vec<char> = filter.text().to_lowercase().chars().collect();
    if wanted.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        // Letters of the row with the column of each; a wide letter's second cell is empty.
        let mut letters: Vec<(char, u16)> = Vec::with_capacity(usize::from(area.width));
        for x in area.left()..area.right() {
            if let Some(cell) = buffer.cell((x, y)) {
                letters.extend(cell.symbol().to_lowercase().chars().map(|letter| (letter, x)));
            }
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
