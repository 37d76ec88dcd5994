//! Texts cut so that what was looked for stays in view: a row that a filter finds shows why.

use std::ops::Range;

use crate::model::filter::Filter;
use crate::text::width::{self, columns};

/// The start of a text in at most `width` columns, or, where the match would be cut off, what stands around it.
pub(super) fn cut(text: &str, filter: &Filter, width: usize) -> String {
    shown_or_around(width::cut(text, width), text, filter, width)
}

/// The same of the end of a text.
pub(super) fn cut_start(text: &str, filter: &Filter, width: usize) -> String {
    shown_or_around(width::cut_start(text, width), text, filter, width)
}

fn shown_or_around(shown: String, text: &str, filter: &Filter, width: usize) -> String {
    if filter.find(&shown).is_some() {
        return shown;
    }
    filter.find(text).map_or(shown, |found| around(text, &found, width))
}

/// The start of the first text; where it does not show the match, the place in the first text that has it follows:
/// `GET /cat.png … … "status":404,…`.
pub(super) fn beside<'a>(
    text: &'a str,
    hidden: impl IntoIterator<Item = &'a str>,
    filter: &Filter,
    width: usize,
) -> String {
    let shown = width::cut(text, width);
    if filter.find(&shown).is_some() {
        return shown;
    }
    let mut texts = std::iter::once(text).chain(hidden);
    let Some((from, found)) = texts.find_map(|text| Some((text, filter.find(text)?))) else { return shown };
    let wanted = columns(from.get(found.clone()).unwrap_or_default()) + 2;
    let place = around(from, &found, (width / 2).max(wanted).min(width));
    let room = width.saturating_sub(columns(&place) + 1);
    if room < 2 { place } else { format!("{} {place}", width::cut(text, room)) }
}

/// The start and the end of the first text; where they do not show the match, as [`beside`].
pub(super) fn ends<'a>(text: &'a str, hidden: Option<&'a str>, filter: &Filter, width: usize) -> String {
    let shown = width::cut_middle(text, width);
    let is_found = |text: &str| filter.find(text).is_some();
    if is_found(&shown) || !std::iter::once(text).chain(hidden).any(is_found) {
        return shown;
    }
    beside(text, hidden, filter, width)
}

/// What stands around a place of a text, in at most `width` columns; `…` marks what is left out.
pub(super) fn around(text: &str, found: &Range<usize>, width: usize) -> String {
    let part = |range: Range<usize>| text.get(range).unwrap_or_default();
    let (before, found, after) = (part(0..found.start), part(found.clone()), part(found.end..text.len()));
    let Some(rest) = width.checked_sub(columns(found)) else { return width::cut(found, width) };
    // Of a very long line only what may be shown is measured.
    let start = before.char_indices().rev().nth(rest).map_or(0, |(at, _)| at);
    let end = after.char_indices().nth(rest + 1).map_or(after.len(), |(at, _)| at);
    let (before, after) = (before.get(start..).unwrap_or_default(), after.get(..end).unwrap_or_default());
    // A third of the room leads up to it, or more where little follows.
    let lead = (rest / 3).max(1).max(rest.saturating_sub(columns(after))).min(rest).min(columns(before));
    format!("{}{found}{}", width::cut_start(before, lead), width::cut(after, rest - lead))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_match_that_fits_changes_nothing_and_another_one_is_moved_into_view() {
        let found = Filter::new("CAT");
        assert_eq!(cut("a cat on the roof", &found, 8), "a cat o…");
        assert_eq!(cut("on the roof sits a cat", &found, 10), "…its a cat");
        assert_eq!(cut("on the roof sits a cat in the sun", &found, 10), "… cat in …");
        assert_eq!(cut_start("cats/2026/03/holiday.png", &found, 10), "cats/2026…");
        assert_eq!(cut_start("photos/2026/cat.png", &found, 10), "…6/cat.png");
        assert_eq!(cut_start("photos/2026/dog.png", &found, 10), "…6/dog.png", "nothing is looked for there");
    }

    #[test]
    fn a_match_in_a_hidden_text_follows_the_shown_one() {
        let json = r#"{"path":"/cat.png","status":404,"ms":3}"#;
        let row = beside("request is done", [json], &Filter::new("404"), 40);
        assert_eq!(row, r#"request is done …status":404,"ms":3}"#);
        assert_eq!(beside("404 not found", [json], &Filter::new("404"), 40), "404 not found");
        assert_eq!(beside("request", [json], &Filter::new("nothing"), 40), "request");
        assert_eq!(beside("request is done", [json], &Filter::new("404"), 6), "…404…");
    }

    #[test]
    fn of_a_text_that_is_cut_in_its_middle_the_match_is_shown_too() {
        let (mail, to) = ("New image in images: photos/2026/cat.png", Some("ada@example.com"));
        let shown = |filter, width| ends(mail, to, &Filter::new(filter), width);
        assert_eq!(shown("", 16), "New i…26/cat.png");
        assert_eq!(shown("cat", 16), "New i…26/cat.png");
        assert_eq!(shown("zebra", 16), "New i…26/cat.png");
        for found in ["photos", "ada"] {
            assert!(shown(found, 16).contains(found), "{}", shown(found, 16));
        }
    }

    proptest! {
        #[test]
        fn it_is_never_wider_than_asked_and_shows_the_match(
            before in "[a-c猫ß ]{0,60}", found in "[x-z虎]{1,6}", after in "[a-c猫ß ]{0,60}", room in 0usize..30
        ) {
            let text = format!("{before}{found}{after}");
            let filter = Filter::new(&found);
            let width = columns(&found) + 2 + room;
            for row in [cut(&text, &filter, width), cut_start(&text, &filter, width), beside("short", [text.as_str()], &filter, width), ends(&text, None, &filter, width)] {
                prop_assert!(columns(&row) <= width, "{row:?}");
                prop_assert!(filter.find(&row).is_some(), "{row:?}");
            }
            prop_assert!(columns(&cut(&text, &filter, room)) <= room);
        }
    }
}
