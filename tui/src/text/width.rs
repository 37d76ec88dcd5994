//! Columns: cutting foreign text to a width without tearing a character.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// How many columns a text takes: cluster by cluster, since that is how it is drawn. Letters that a font would join, such
/// as lam and alef, are drawn in a cell each.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(cell).sum() }
}

/// The columns of one cluster, as ratatui counts them: half-width sound marks have a column of their own.
fn cell(cluster: &str) -> usize {
    cluster.width() + cluster.chars().filter(|c| matches!(c, '\u{FF9E}' | '\u{FF9F}')).count()
}

/// The start of a text in at most `width` columns; `…` marks a cut.
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = take(text.graphemes(true), width.saturating_sub(1)).concat();
    if width > 0 {
        out.push('…');
    }
    out
}

/// The end of a text in at most `width` columns: the telling part of a long key or ARN.
pub fn cut_start(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut end = take(text.graphemes(true).rev(), width.saturating_sub(1));
    end.reverse();
    let mark = if width > 0 { "…" } else { "" };
    format!("{mark}{}", end.concat())
}

/// The start and the end of a text in at most `width` columns: the start says what it is, the end which one.
pub fn cut_middle(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let start = take(text.graphemes(true), width.saturating_sub(1) / 3).concat();
    let end = cut_start(text, width - columns(&start));
    format!("{start}{end}")
}

/// The text in exactly `width` columns, cut or filled with spaces.
pub fn fit(text: &str, width: usize) -> String {
    let mut out = cut(text, width);
    out.extend(std::iter::repeat_n(' ', width.saturating_sub(columns(&out))));
    out
}

/// Wraps a text into rows of at most `width` columns, at any character; at least one row.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = columns(grapheme);
        if used + wide > width.max(1) && used > 0 {
            rows.push(String::new());
            used = 0;
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(grapheme);
        }
        used += wide;
    }
    rows
}

fn take<'a>(graphemes: impl Iterator<Item = &'a str>, width: usize) -> Vec<&'a str> {
    let mut used = 0;
    graphemes
        .take_while(|grapheme| {
            used += columns(grapheme);
            used <= width
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_mark_what_is_missing() {
        assert_eq!(cut("holiday.png", 8), "holiday…");
        assert_eq!(cut_start("photos/holiday.png", 8), "…day.png");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut_middle("New image: holiday.png", 16), "New i…oliday.png");
        for (text, width, shown) in [("ab", 2, "ab"), ("abc", 2, "…c"), ("abc", 0, "")] {
            assert_eq!(cut_middle(text, width), shown);
        }
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(wrap("abcdef", 4), ["abcd", "ef"]);
    }

    #[test]
    fn columns_are_counted_as_they_are_drawn() {
        use ratatui::buffer::CellWidth as _;
        use ratatui::style::Style;
        use ratatui::text::Span;

        for text in ["لا.png", "ｶﾞﾊﾟ", "क्षत्रिय", "🇩🇪🇫", "❤️👍🏽", "日本", "e\u{301}", "tab.png"]
        {
            let span = Span::raw(text);
            let drawn = span.styled_graphemes(Style::default()).map(|grapheme| grapheme.symbol.cell_width());
            assert_eq!(columns(text), drawn.map(usize::from).sum::<usize>(), "{text}");
        }
    }

    #[test]
    fn a_cut_start_keeps_characters_that_would_join_in_reverse() {
        // A flag and one letter of another: reversed and read again, the wrong two letters make the flag.
        assert_eq!(cut_start("photos/🇩🇪🇫", 4), "…🇩🇪🇫");
    }

    proptest! {
        #[test]
        fn a_cut_start_is_an_end_of_the_text(text in "[a\u{1F1E6}-\u{1F1FF}\u{1100}\u{1161}\u{11a8}\u{301}]*", width in 0usize..20) {
            let cut = cut_start(&text, width);
            prop_assert!(text.ends_with(cut.strip_prefix('…').unwrap_or(&cut)), "{cut:?} of {text:?}");
        }

        #[test]
        fn never_wider_than_asked(text in "\\PC*", width in 0usize..40) {
            prop_assert!(columns(&cut(&text, width)) <= width);
            prop_assert!(columns(&cut_start(&text, width)) <= width);
            prop_assert!(columns(&cut_middle(&text, width)) <= width);
        }
    }
}
