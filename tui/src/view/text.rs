//! Small texts that several panels share: offsets, clocks, counts, columns. Formats only.

use imgwatch_shared::arn;
use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use tui_input::Input;

use crate::domain::display::Clock;
use crate::model::display_settings::DisplaySettings;
use crate::model::selection::Selection;
use crate::text::clean::Clean;
pub(super) use crate::text::size::count;
use crate::text::width::{columns, cut, wrap};
use crate::text::{time, width};

/// The text at the right end of exactly `width` columns.
pub(super) fn right(text: &str, width: usize) -> String {
    let text = cut(text, width);
    let pad = width.saturating_sub(columns(&text));
    format!("{}{text}", " ".repeat(pad))
}

/// How many rows there are; of a list that is narrowed, how many of them are shown: `3 of 120`.
pub(super) fn counted(shown: usize, total: usize, is_narrowed: bool) -> String {
    if is_narrowed { format!("{} of {}", count(shown), count(total)) } else { count(total) }
}

/// A time since the beginning: `+34 ms`; clocks that disagree show as `-40 ms`.
pub(super) fn offset(from: Timestamp, to: Timestamp) -> String {
    let millis = time::millis_between(from, to);
    if millis < 0 { short(millis) } else { format!("+{}", short(millis)) }
}

/// A duration in at most ten columns, where its unit allows: `34 ms`, `3 min 15 s`, `12 min`.
pub(super) fn short(millis: i64) -> String {
    let long = time::duration(millis);
    if columns(&long) <= 10 {
        return long;
    }
    long.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// A time in twelve columns: of the day in UTC, as log lines themselves give it, or where the user is, `15:04:05.123`; or
/// how long ago it was, `3m ago`.
pub(super) fn clock(at: Timestamp, display: &DisplaySettings, now: Timestamp) -> String {
    const FORM: &str = "%H:%M:%S.%3f";
    match (display.clock, &display.zone) {
        (Clock::Relative, _) => right(&format!("{} ago", time::age(at, now)), 12),
        (Clock::Local, Some(zone)) => at.to_zoned_datetime(zone.clone()).strftime(FORM).to_string(),
        (Clock::Utc, _) | (Clock::Local, None) => at.strftime(FORM).to_string(),
    }
}

/// A time of the day to the second, with `Z` where it is UTC. Never as an age: it says as of when something holds.
pub(super) fn second(at: Timestamp, display: &DisplaySettings) -> String {
    match &display.zone {
        Some(zone) if display.clock == Clock::Local => {
            at.to_zoned_datetime(zone.clone()).strftime("%H:%M:%S").to_string()
        }
        _ => at.strftime("%H:%M:%SZ").to_string(),
    }
}

/// A date and a time of the day to the minute, with `Z` where it is UTC; nothing where times are shown as ages.
pub(super) fn moment(at: Timestamp, display: &DisplaySettings) -> String {
    dated(at, display, "%Y-%m-%d %H:%M")
}

/// The same to the second.
pub(super) fn exact_moment(at: Timestamp, display: &DisplaySettings) -> String {
    dated(at, display, "%Y-%m-%d %H:%M:%S")
}

fn dated(at: Timestamp, display: &DisplaySettings, form: &str) -> String {
    match (display.clock, &display.zone) {
        (Clock::Relative, _) => String::new(),
        (Clock::Local, Some(zone)) => at.to_zoned_datetime(zone.clone()).strftime(form).to_string(),
        (Clock::Utc, _) | (Clock::Local, None) => format!("{}Z", at.strftime(form)),
    }
}

/// A time that is left, in its largest unit: `47 h`, `12 min`.
pub(super) fn remaining(millis: i64) -> String {
    match millis / 60_000 {
        minutes @ 0..60 => format!("{minutes} min"),
        minutes => format!("{} h", minutes / 60),
    }
}

/// A date and time in UTC.
pub(super) fn date(at: Timestamp) -> String {
    format!("{} UTC", at.strftime("%Y-%m-%d %H:%M:%S.%3f"))
}

/// The telling part of an endpoint: the resource of an ARN, a URL without the scheme that the protocol names already.
pub(super) fn name(endpoint: &str) -> &str {
    if arn::is_arn_like(endpoint) {
        return arn::name(endpoint);
    }
    endpoint.strip_prefix("https://").or(endpoint.strip_prefix("http://")).unwrap_or(endpoint)
}

/// An endpoint in exactly `width` columns: of a long name the start tells more, of an ARN the end.
pub(super) fn endpoint(endpoint: &str, width: usize) -> Span<'static> {
    let name = name(endpoint);
    if arn::is_arn_like(endpoint) { cell_end(name, width, Style::new()) } else { cell(name, width, Style::new()) }
}

/// Wraps prose between words; a word that is too long is wrapped anywhere. At least one row.
pub(super) fn words(text: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for word in text.split(' ') {
        let Some(row) = rows.last_mut() else { break };
        if row.is_empty() || columns(row) + 1 + columns(word) <= width {
            if !row.is_empty() {
                row.push(' ');
            }
            row.push_str(word);
        } else {
            rows.push(word.to_owned());
        }
        if rows.last().is_some_and(|row| columns(row) > width) {
            let long = rows.pop().unwrap_or_default();
            rows.extend(wrap(&long, width));
        }
    }
    rows
}

/// Rows of prose in one style.
pub(super) fn prose(text: &str, width: usize, style: Style) -> Vec<Line<'static>> {
    words(text, width).into_iter().map(|row| Line::styled(row, style)).collect()
}

/// A span of exactly `width` columns.
pub(super) fn cell(text: &str, width: usize, style: Style) -> Span<'static> {
    Span::styled(width::fit(text, width), style)
}

/// A span of exactly `width` columns that keeps the end of a long text.
pub(super) fn cell_end(text: &str, columns: usize, style: Style) -> Span<'static> {
    Span::styled(width::fit(&width::cut_start(text, columns), columns), style)
}

/// Columns for the first of two texts that stand side by side in `room` columns: as usual, but neither is cut while the
/// other one leaves columns blank.
pub(super) fn shared(room: usize, usual: usize, first: usize, second: usize) -> usize {
    let usual = usual.min(room);
    if first > usual {
        first.min(room.saturating_sub(second)).max(usual)
    } else if second > room - usual {
        first.max(room.saturating_sub(second)).min(usual)
    } else {
        usual
    }
}

/// The rows of a list that are in view, whatever the model knew of the height.
pub(super) fn window(selection: Selection, len: usize, height: usize) -> std::ops::Range<usize> {
    let mut selection = selection;
    selection.place(selection.cursor, len, height);
    selection.offset..(selection.offset + height).min(len)
}

/// What a text field of `width` columns shows, and the column of its cursor. Typed and pasted text is cleaned as well.
pub(super) fn field(input: &Input, width: usize) -> (String, usize) {
    let before: String = input.value().chars().take(input.cursor()).collect();
    let after: String = input.value().chars().skip(input.cursor()).collect();
    let before = width::cut_start(Clean::new(&before).shown(), width.saturating_sub(1));
    let column = columns(&before);
    let shown = format!("{before}{}", Clean::new(&after).shown());
    (cut(&shown, width), column)
}

/// A filter as it is shown in a title.
pub(super) fn filter(text: &str, width: usize) -> String {
    format!("/{}", cut(Clean::new(text).shown(), width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_breaks_between_words_and_long_words_anywhere() {
        assert_eq!(words("press u to upload", 8), ["press u", "to", "upload"]);
        assert_eq!(words("a abcdefgh", 4), ["a", "abcd", "efgh"]);
    }

    #[test]
    fn counts_have_separators_and_long_durations_lose_their_smaller_unit() {
        assert_eq!((count(999), count(1_000), count(1_234_567)), ("999".into(), "1,000".into(), "1,234,567".into()));
        assert_eq!((short(195_000), short(750_000)), ("3 min 15 s".into(), "12 min".into()));
    }

    #[test]
    fn no_text_is_cut_while_the_one_beside_it_leaves_blanks() {
        let cases = [
            ("both fit", (20, 10, 4, 5), 10),
            ("the first is long, the second short", (20, 10, 14, 4), 14),
            ("the first is very long", (20, 10, 40, 4), 16),
            ("the second is long, the first short", (20, 10, 4, 14), 6),
            ("the second is very long", (20, 10, 4, 40), 4),
            ("both are long", (20, 10, 40, 40), 10),
            ("no room at all", (0, 10, 4, 4), 0),
        ];
        for (what, (room, usual, first, second), expected) in cases {
            assert_eq!(shared(room, usual, first, second), expected, "{what}");
        }
    }

    #[test]
    fn a_field_follows_its_cursor_and_shows_pasted_controls_harmlessly() {
        assert_eq!(field(&Input::new("abcdef".into()), 4), ("…ef".into(), 3));
        assert_eq!(field(&Input::new("a\u{1b}b".into()).with_cursor(1), 8), ("a␛b".into(), 1));
    }
}
