//! The functions of the log: how they are called beside a line, and how old what is shown of each is.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::{layout, panel, theme};
use super::line::WIDE;
use crate::domain::log::Tail;
use crate::domain::wiring::NodeKind;
use crate::model::Model;
use crate::model::logs::Age;
use crate::text::clean::Clean;
use crate::text::time;
use crate::text::width::{columns, cut, fit};

/// Columns of a function's name beside a line: in a wide panel, and in a narrower one.
const COLUMNS: (usize, usize) = (16, 6);

/// How functions are called beside their lines.
pub(super) struct Names {
    /// Bytes that all names begin with.
    shared: usize,
    columns: usize,
}

impl Names {
    /// Where lines have to say whose they are.
    pub(super) fn of(model: &Model, width: usize) -> Option<Self> {
        if !model.logs.are_named() {
            return None;
        }
        let line = [model.wiring.name(NodeKind::Function)];
        let others = model.logs.others().iter().map(|log| log.function.shown());
        let known = model.logs.functions().map(Clean::shown);
        let names: Vec<&str> = line.into_iter().chain(others).chain(known).filter(|name| !name.is_empty()).collect();
        let shared = shared(&names);
        let longest = names.iter().filter_map(|name| name.get(shared..)).map(columns).max().unwrap_or(1);
        Some(Self { shared, columns: longest.clamp(1, if width >= WIDE { COLUMNS.0 } else { COLUMNS.1 }) })
    }

    /// What is told of a name.
    fn short<'a>(&self, function: &'a Clean) -> &'a str {
        let name = function.shown();
        if name.is_empty() { "?" } else { name.get(self.shared..).unwrap_or(name) }
    }

    /// The same in its columns.
    pub(super) fn fitted(&self, function: &Clean) -> String {
        fit(self.short(function), self.columns)
    }
}

/// How many bytes all names begin with, up to a separator: functions of one stack begin with its name.
fn shared(names: &[&str]) -> usize {
    let Some((first, rest)) = names.split_first() else { return 0 };
    let is_shared = |end: &usize| {
        let beginning = first.get(..*end).unwrap_or_default();
        rest.iter().any(|name| name != first)
            && names.iter().all(|name| name.len() > *end && name.starts_with(beginning))
    };
    let ends = first.match_indices(['-', '_']).map(|(at, _)| at + 1);
    ends.take_while(is_shared).last().unwrap_or(0)
}

/// Some functions in a few words.
pub(super) fn listed(functions: &[Clean]) -> String {
    let names: Vec<&str> = functions.iter().map(Clean::shown).collect();
    cut(&names.join(", "), 32)
}

/// How old what is shown is, where that is worth a word.
pub(super) fn age(age: Age) -> Span<'static> {
    match age {
        Age::Old(millis) => Span::styled(format!("read {} ago", old(millis)), theme::warn()),
        Age::Fresh | Age::NotRead => Span::raw(""),
    }
}

/// Whole seconds, then minutes.
fn old(millis: i64) -> String {
    if millis < 60_000 { format!("{} s", millis / 1_000) } else { time::duration(millis) }
}

/// Says on the lower border how old what is shown of each function is; what is wrong comes first.
pub(super) fn draw_ages(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    if !model.logs.are_named() || layout::is_folded(area) || area.height < 3 {
        return;
    }
    let logs = &model.logs;
    let line = (Clean::new(model.wiring.name(NodeKind::Function)), &logs.tail, logs.age(model.now));
    let others = logs.others().iter().map(|log| (log.function.clone(), &log.tail, log.age(model.now)));
    let names = Names::of(model, 0);
    let short = |function: &Clean| names.as_ref().map_or("?", |names| names.short(function)).to_owned();
    let mut parts: Vec<(String, Style)> =
        std::iter::once(line).chain(others).map(|(function, tail, age)| told(&short(&function), tail, age)).collect();
    // Stable: those of a kind stay in the order in which they were found.
    parts.sort_by_key(|(_, style)| (*style != theme::bad(), *style == theme::dim()));
    let room = usize::from(area.width).saturating_sub(6);
    let spans = fitting(parts, room);
    let width = spans.iter().map(Span::width).sum::<usize>();
    let (Ok(columns), Ok(from_right)) = (u16::try_from(width), u16::try_from(width + 2)) else { return };
    let place = Rect {
        x: (area.x + area.width).saturating_sub(from_right),
        y: area.y + area.height - 1,
        width: columns,
        height: 1,
    };
    frame.render_widget(Line::from(spans), place);
}

/// As many as fit, and how many more there are.
fn fitting(parts: Vec<(String, Style)>, room: usize) -> Vec<Span<'static>> {
    let mut spans = vec![Span::raw(" ")];
    let (mut used, count) = (0, parts.len());
    for (index, (text, style)) in parts.into_iter().enumerate() {
        let gap = if index == 0 { "" } else { " · " };
        let left = count - index - 1;
        // The number of those that are left out needs a place, too.
        let reserved = if left > 0 { columns(" · +10") } else { 0 };
        if used + columns(gap) + columns(&text) + reserved > room {
            spans.push(panel::lit(Span::styled(format!("{gap}+{}", left + 1), theme::dim())));
            break;
        }
        used += columns(gap) + columns(&text);
        spans.push(panel::lit(Span::styled(gap, theme::dim())));
        spans.push(panel::lit(Span::styled(text, style)));
    }
    spans.push(Span::raw(" "));
    spans
}

/// A function and how its log stands.
fn told(function: &str, tail: &Tail, age: Age) -> (String, Style) {
    let name = cut(function, 24);
    let since = match age {
        Age::NotRead => String::new(),
        Age::Fresh => " <10 s".to_owned(),
        Age::Old(millis) => format!(" {} ago", old(millis)),
    };
    match tail {
        Tail::Failed(_) => (format!("✗ {name}{since}"), theme::bad()),
        Tail::BackingOff { .. } => (format!("{name} throttled{since}"), theme::warn()),
        Tail::NoInvocationYet => (format!("{name} no invocation yet"), theme::dim()),
        Tail::Connecting => (format!("{name} connecting…"), theme::busy()),
        Tail::Live | Tail::Every { .. } if age.is_old() => (format!("{name}{since}"), theme::warn()),
        Tail::Live | Tail::Every { .. } => (format!("{name}{since}"), theme::dim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_names_begin_with_is_left_out_up_to_a_separator() {
        for (names, expected) in [
            (&["stack-thumbs", "stack-index"][..], 6),
            (&["stack_a-thumbs", "stack_a-text", "stack_a-index"], 8),
            (&["thumbs", "thumbnails"], 0),
            (&["stack-", "stack-index"], 0),
            (&["stack-thumbs"], 0),
            (&["stack-thumbs", "stack-thumbs"], 0),
            (&[], 0),
        ] {
            assert_eq!(shared(names), expected, "{names:?}");
        }
    }

    #[test]
    fn as_many_functions_are_told_of_as_fit() {
        let text = |room| {
            let parts = ["✗ index 40 s", "thumbs <10 s", "resize <10 s"].map(|text| (text.to_owned(), Style::new()));
            fitting(parts.into(), room).iter().map(|span| span.content.as_ref()).collect::<String>()
        };
        assert_eq!(text(60), " ✗ index 40 s · thumbs <10 s · resize <10 s ");
        assert_eq!(text(40), " ✗ index 40 s · thumbs <10 s · +1 ");
        assert_eq!(text(20), " ✗ index 40 s · +2 ");
        assert_eq!(text(5), " +3 ");
    }
}
