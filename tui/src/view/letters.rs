//! Marks the letters that a fuzzy search has found, and keeps them in view.

use ratatui::style::Style;
use ratatui::text::Span;
use unicode_segmentation::UnicodeSegmentation as _;

use super::theme;
use crate::text::width::columns;

/// A text in exactly so many columns, with the letters at some places marked. What is left out at the start or at the end
/// is rather what has none of them.
pub(super) fn marked(text: &str, places: &[usize], width: usize, style: Style) -> Vec<Span<'static>> {
    let letters: Vec<&str> = text.graphemes(true).collect();
    let (first, last) = places.iter().fold((letters.len(), 0), |(first, last), at| (first.min(*at), last.max(*at)));
    let room = |from: usize| width.saturating_sub(usize::from(from > 0));
    let taken =
        |from: usize, to: usize| letters.iter().take(to).skip(from).map(|letter| columns(letter)).sum::<usize>();
    // What follows needs a column as well, if only for the sign that it is left out.
    let shows_last = |from: usize| taken(from, last + 1) + usize::from(last + 1 < letters.len()) <= room(from);
    let fits = taken(0, letters.len()) <= width || places.is_empty();
    let start = if fits { 0 } else { (0..first).find(|from| shows_last(*from)).unwrap_or(first) };

    let mut spans = Vec::new();
    let mut left = width;
    let mut push = |text: String, is_marked: bool, columns: usize| {
        left = left.saturating_sub(columns);
        spans.push(Span::styled(text, if is_marked { style.patch(theme::found()) } else { style }));
        left
    };
    let mut room_left = if start > 0 && width > 0 { push("…".to_owned(), false, 1) } else { width };
    for (at, letter) in letters.iter().enumerate().skip(start) {
        let wide = columns(letter);
        let rest = taken(at, letters.len());
        if rest > room_left && wide + 1 > room_left {
            if room_left > 0 {
                room_left = push("…".to_owned(), false, 1);
            }
            break;
        }
        room_left = push((*letter).to_owned(), places.contains(&at), wide);
    }
    push(" ".repeat(room_left), false, room_left);
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str, places: &[usize], width: usize) -> (String, String) {
        let spans = marked(text, places, width, Style::new());
        let mark = |span: &Span<'_>| {
            let sign = if span.style == theme::found() { "^" } else { " " };
            sign.repeat(columns(&span.content))
        };
        (spans.iter().map(|span| span.content.as_ref()).collect(), spans.iter().map(mark).collect())
    }

    #[test]
    fn letters_that_were_found_are_marked_and_in_view() {
        assert_eq!(shown("cat.png", &[0, 4], 9), ("cat.png  ".into(), "^   ^    ".into()));
        assert_eq!(shown("a long name of a cat", &[2, 3], 8), ("a long …".into(), "  ^^    ".into()));
        assert_eq!(shown("a long name of a cat", &[17, 18, 19], 8), ("…f a cat".into(), "     ^^^".into()));
        assert_eq!(shown("a long name of a cat", &[7, 19], 8), ("…name o…".into(), " ^      ".into()), "not both fit");
    }

    proptest! {
        #[test]
        fn it_has_the_columns_that_were_asked_for(
            text in "[a-f猫 ]{0,40}", places in prop::collection::vec(0usize..40, 0..4), width in 0usize..30
        ) {
            let letters = text.chars().count();
            let places: Vec<usize> = places.into_iter().filter(|at| *at < letters).collect();
            let (row, marks) = shown(&text, &places, width);
            prop_assert_eq!(columns(&row), width, "{:?}", row);
            // One letter is always in view where it has room with the signs of what is left out.
            prop_assert!(places.is_empty() || width < 4 || marks.contains('^'), "{:?} {:?}", row, places);
        }
    }
}
