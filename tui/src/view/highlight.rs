//! Marks on a finished panel what its filter, or the log's search, has found.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::theme;
use crate::model::filter::Filter;
use crate::text::width::columns;

/// Marks every place of the area that reads as a word of the filter does, letter case aside.
pub(super) fn mark(buffer: &mut Buffer, area: Rect, filter: &Filter) {
    let wanted: Vec<Vec<char>> = filter.wanted().map(|word| word.chars().collect()).collect();
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
        let places = wanted.iter().flat_map(|word| {
            let windows = letters.windows(word.len());
            windows.filter(move |window| window.iter().map(|(letter, _)| letter).eq(word)).flatten()
        });
        for x in places.map(|(_, x)| *x) {
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
    fn every_wanted_word_is_marked_and_no_excluded_one() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, "dog cat fox", Style::new());
        let area = *buffer.area();
        mark(&mut buffer, area, &Filter::new("fox !cat dog"));
        let marked: String =
            (0..12).map(|x| if buffer[(x, 0)].modifier.contains(Modifier::UNDERLINED) { '^' } else { ' ' }).collect();
        assert_eq!(marked, "^^^     ^^^ ");
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
